package capture

import (
	"encoding/binary"
	"fmt"
	"time"
)

// snoopFile is Solaris' format (RFC 1761). gopacket reads it too, but only
// frames of up to 4096 bytes.
type snoopFile struct {
	in   *input
	link uint32
	rest int // bytes up to the next record
}

// snoopLinks are the link types by snoop's numbers.
var snoopLinks = map[uint32]uint32{0: linkEthernet, 4: linkEthernet, 5: linkCHDLC, 8: linkFDDI}

func newSnoop(in *input) (*snoopFile, error) {
	b, err := in.need(16)
	if err != nil {
		return nil, err
	}
	if version := binary.BigEndian.Uint32(b[8:]); version != 2 {
		in.off += 8
		return nil, in.error(Corrupt, "version", "format", "snoop", "version", fmt.Sprint(version))
	}
	link, ok := snoopLinks[binary.BigEndian.Uint32(b[12:])]
	if !ok {
		in.off += 12
		return nil, in.error(UnknownFormat, "snoop-link", "type", fmt.Sprint(binary.BigEndian.Uint32(b[12:])))
	}
	return &snoopFile{in: in, link: link}, in.skip(16)
}

func (s *snoopFile) next(f *frame) error {
	if s.rest > 0 {
		if err := s.in.skip(s.rest); err != nil {
			return err
		}
		s.rest = 0
	}
	const head = 24
	b, err := s.in.peek(head)
	if err != nil {
		return err
	}
	was, have, record := int(binary.BigEndian.Uint32(b)), int(binary.BigEndian.Uint32(b[4:])), int(binary.BigEndian.Uint32(b[8:]))
	if have > maxFrameClaim || record < head+have || record > head+have+maxFrameClaim {
		return s.in.error(Corrupt, "claims-record", "frame", fmt.Sprint(s.in.read+1), "have", fmt.Sprint(have), "bytes", fmt.Sprint(record))
	}
	f.when = time.Unix(int64(binary.BigEndian.Uint32(b[16:])), int64(binary.BigEndian.Uint32(b[20:]))*1000).UTC()
	f.link = s.link
	if err := s.in.skip(head); err != nil {
		return err
	}
	if err := s.in.data(f, have, was); err != nil {
		return err
	}
	s.rest = record - head
	return nil
}
