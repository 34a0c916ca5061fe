package capture

import (
	"encoding/binary"
	"fmt"
	"time"
)

// pcapFlavour is one of the dialects that share the pcap file layout.
type pcapFlavour struct {
	order  binary.ByteOrder
	nano   bool
	fileUp int // bytes behind the file header that others do not have
	recUp  int // bytes behind each record header that others do not have
}

// pcapMagics are the magic numbers as the writing machine meant them. Some
// dialects took another's number: alike lists what else may stand behind each
// record header.
var pcapMagics = map[uint32]struct {
	pcapFlavour
	alike []int
}{
	0xa1b2c3d4: {pcapFlavour{}, []int{8, 4}},              // libpcap; Red Hat 6.1; Nokia
	0xa1b23c4d: {pcapFlavour{nano: true}, nil},            // libpcap with nanoseconds
	0xa1b2cd34: {pcapFlavour{recUp: 8}, []int{12}},        // Kuznetzov's patch: interface, protocol, packet type; SuSE 6.3
	0xa1e2cb12: {pcapFlavour{recUp: 8}, nil},              // another state of that patch
	0x1c0001ac: {pcapFlavour{nano: true, fileUp: 4}, nil}, // IXIA, hardware
	0x1c0001ab: {pcapFlavour{nano: true, fileUp: 4}, nil}, // IXIA, software
}

func pcapFlavourOf(prefix []byte) (pcapFlavour, bool) {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		if magic, ok := pcapMagics[order.Uint32(prefix)]; ok {
			flavour := magic.pcapFlavour
			flavour.order = order
			return flavour, true
		}
	}
	return pcapFlavour{}, false
}

// dialect finds out what stands behind each record header: the first of the
// possibilities under which the first records follow one another.
func (p *pcapFile) dialect(b []byte) {
	magic := pcapMagics[p.flavour.order.Uint32(b)]
	usual := p.flavour.recUp
	for _, up := range append([]int{usual}, magic.alike...) {
		if p.flavour.recUp = up; p.follow(b[24+p.flavour.fileUp:]) {
			return
		}
	}
	p.flavour.recUp = usual
}

// follow says whether the records in b, which may be cut off, look as they should.
func (p *pcapFile) follow(b []byte) bool {
	limit := uint32(1_000_000)
	if p.flavour.nano {
		limit = 1_000_000_000
	}
	for len(b) >= 16+p.flavour.recUp {
		have, was := int(p.u32(b[8:])), int(p.u32(b[12:]))
		if p.swapped || (p.maybe && have > was) {
			have, was = was, have
		}
		if p.u32(b[4:]) >= limit || have > was || have > maxFrame {
			return false
		}
		b = b[min(len(b), 16+p.flavour.recUp+have):]
	}
	return true
}

type pcapFile struct {
	in      *input
	flavour pcapFlavour
	big     bool
	swapped bool // original length before captured length: versions before 2.3
	maybe   bool // 2.3: either
	link    uint32
	rest    int // bytes of the frame given last that are still to be passed over
}

func newPcap(in *input) (*pcapFile, error) {
	b, err := in.need(24)
	if err != nil {
		return nil, err
	}
	flavour, ok := pcapFlavourOf(b)
	if !ok {
		return nil, in.error(UnknownFormat, "pcap-magic", "bytes", fmt.Sprintf("% x", b[:4]))
	}
	p := &pcapFile{in: in, flavour: flavour, big: flavour.order == binary.BigEndian}
	major, minor := flavour.order.Uint16(b[4:]), flavour.order.Uint16(b[6:])
	switch {
	case major == 2 && minor < 3, major == 543: // 543: Digital UNIX's tcpdump
		p.swapped = true
	case major == 2 && minor == 3:
		p.maybe = true
	case major != 2:
		in.off += 4
		return nil, in.error(Corrupt, "version", "format", "pcap", "version", fmt.Sprintf("%d.%d", major, minor))
	}
	p.link = flavour.order.Uint32(b[20:]) & 0x0fffffff // the upper bits tell the FCS length
	if b, _ = in.peek(24 + flavour.fileUp + 16); len(b) > 24+flavour.fileUp {
		b, _ = in.br.Peek(min(in.br.Buffered(), DetectBytes)) // no more: a live capture may have no more yet
		p.dialect(b)
	}
	return p, in.skip(24 + flavour.fileUp)
}

func (p *pcapFile) u32(b []byte) uint32 {
	if p.big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

func (p *pcapFile) next(f *frame) error {
	if p.rest > 0 {
		if err := p.in.skip(p.rest); err != nil {
			return err
		}
		p.rest = 0
	}
	head := 16 + p.flavour.recUp
	b, err := p.in.peek(head)
	if err != nil {
		return err
	}
	sec, frac := p.u32(b), p.u32(b[4:])
	have, was := int(p.u32(b[8:])), int(p.u32(b[12:]))
	if p.swapped || (p.maybe && have > was) {
		have, was = was, have
	}
	if have > maxFrameClaim {
		return p.in.error(Corrupt, "claims", "frame", fmt.Sprint(p.in.read+1), "have", fmt.Sprint(have))
	}
	if !p.flavour.nano {
		frac *= 1000
	}
	if err := p.in.skip(head); err != nil {
		return err
	}
	f.when = time.Unix(int64(sec), int64(frac)).UTC()
	f.link = p.link
	if err := p.in.data(f, have, was); err != nil {
		return err
	}
	p.rest = have
	return nil
}

// data fills f with the next have bytes without passing over them.
func (in *input) data(f *frame, have, was int) error {
	b, err := in.need(min(have, maxFrame))
	if err != nil {
		return err
	}
	in.read++
	f.number, f.data, f.missing = in.read, b, max(was, have)-len(b)
	return nil
}
