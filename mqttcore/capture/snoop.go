package capture

import (
	"errors"
	"io"

	"github.com/gopacket/gopacket/pcapgo"
)

// snoopFile is Solaris' format (RFC 1761), read by gopacket.
type snoopFile struct {
	in   *input
	r    *pcapgo.SnoopReader
	link uint32
}

func newSnoop(in *input) (*snoopFile, error) {
	s := &snoopFile{in: in}
	var err error
	if s.r, err = pcapgo.NewSnoopReader(s); err != nil {
		return nil, s.fault(err)
	}
	link, err := s.r.LinkType()
	if err != nil {
		return nil, s.fault(err)
	}
	s.link = uint32(*link)
	return s, nil
}

// Read lets the place in the file be counted.
func (s *snoopFile) Read(p []byte) (int, error) {
	n, err := s.in.br.Read(p)
	s.in.off += int64(n)
	return n, err
}

func (s *snoopFile) next(f *frame) error {
	data, info, err := s.r.ZeroCopyReadPacketData()
	if err != nil {
		return s.fault(err)
	}
	s.in.read++
	f.number, f.data, f.missing = s.in.read, data, info.Length-info.CaptureLength
	f.when, f.link = info.Timestamp, s.link
	return nil
}

func (s *snoopFile) fault(err error) error {
	var known *Error
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &known) {
		return s.in.failed(err, false, 24, 0)
	}
	return s.in.error(Corrupt, err.Error())
}
