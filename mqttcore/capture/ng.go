package capture

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"time"
)

// The block types of pcapng that matter here.
const (
	ngSectionHeader = 0x0a0d0d0a
	ngInterface     = 1
	ngPacket        = 2 // obsolete
	ngSimplePacket  = 3
	ngEnhanced      = 6

	ngByteOrder     = 0x1a2b3c4d
	ngMaxInterfaces = 1 << 12
	ngMaxOptions    = 64 << 10 // of an interface, in bytes
)

// ngSource is an interface description.
type ngSource struct {
	link    uint32
	snaplen int
	units   uint64 // of time stamps in a second
	offset  int64  // seconds to be added
}

type ngFile struct {
	in         *input
	big        bool
	interfaces []ngSource
	rest       int // bytes up to the next block
}

func newNG(in *input) *ngFile { return &ngFile{in: in} }

func (p *ngFile) u16(b []byte) uint16 {
	if p.big {
		return binary.BigEndian.Uint16(b)
	}
	return binary.LittleEndian.Uint16(b)
}

func (p *ngFile) u32(b []byte) uint32 {
	if p.big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

func (p *ngFile) next(f *frame) error {
	for {
		if p.rest > 0 {
			if err := p.in.skip(p.rest); err != nil {
				return err
			}
			p.rest = 0
		}
		b, err := p.in.peek(12)
		if err != nil {
			return err
		}
		kind := p.u32(b)
		if kind == ngSectionHeader {
			switch uint32(ngByteOrder) {
			case binary.LittleEndian.Uint32(b[8:]):
				p.big = false
			case binary.BigEndian.Uint32(b[8:]):
				p.big = true
			default:
				p.in.off += 8
				return p.in.error(Corrupt, "magic", "bytes", fmt.Sprintf("% x", b[8:12]))
			}
			p.interfaces = p.interfaces[:0]
		}
		length := int(p.u32(b[4:]))
		if length < 12 || length%4 != 0 {
			return p.in.error(Corrupt, "block", "type", fmt.Sprint(kind), "bytes", fmt.Sprint(length))
		}
		p.rest = length
		switch kind {
		case ngSectionHeader:
			err = p.section(length)
		case ngInterface:
			err = p.iface(length)
		case ngEnhanced, ngPacket, ngSimplePacket:
			return p.packet(kind, length, f)
		}
		if err != nil {
			return err
		}
	}
}

// body returns the first n bytes of the block that begins here.
func (p *ngFile) body(n, length int) ([]byte, error) {
	if n > length-4 {
		return nil, p.in.error(Corrupt, "block-short", "bytes", fmt.Sprint(length))
	}
	return p.in.need(n)
}

func (p *ngFile) section(length int) error {
	b, err := p.body(24, length)
	if err != nil {
		return err
	}
	if major := p.u16(b[12:]); major != 1 {
		return p.in.error(Corrupt, "version", "format", "pcapng", "version", fmt.Sprintf("%d.%d", major, p.u16(b[14:])))
	}
	return nil
}

func (p *ngFile) iface(length int) error {
	if len(p.interfaces) == ngMaxInterfaces {
		return p.in.error(Corrupt, "interfaces", "most", fmt.Sprint(ngMaxInterfaces))
	}
	b, err := p.body(max(16, min(length-4, ngMaxOptions)), length)
	if err != nil {
		return err
	}
	s := ngSource{link: uint32(p.u16(b[8:])), snaplen: int(p.u32(b[12:])), units: 1_000_000}
	for b = b[16:]; len(b) >= 4; {
		code, n := p.u16(b), int(p.u16(b[2:]))
		if b = b[4:]; code == 0 || n > len(b) {
			break
		}
		switch {
		case code == 9 && n >= 1: // if_tsresol
			s.units = resolution(b[0])
		case code == 14 && n >= 8: // if_tsoffset
			high, low := uint64(p.u32(b)), uint64(p.u32(b[4:]))
			if p.big {
				s.offset = int64(high<<32 | low)
			} else {
				s.offset = int64(low<<32 | high)
			}
		}
		b = b[min(len(b), (n+3)&^3):]
	}
	p.interfaces = append(p.interfaces, s)
	return nil
}

// resolution reads if_tsresol: units in a second, a power of 10 or, with the
// upper bit, of 2. What does not fit 64 bits is taken as microseconds.
func resolution(x byte) uint64 {
	n := int(x & 0x7f)
	if x&0x80 != 0 {
		if n > 63 {
			return 1_000_000
		}
		return 1 << n
	}
	if n > 19 {
		return 1_000_000
	}
	units := uint64(1)
	for range n {
		units *= 10
	}
	return units
}

func (s *ngSource) time(ticks uint64) time.Time {
	sec, frac := ticks/s.units, ticks%s.units
	high, low := bits.Mul64(frac, 1_000_000_000)
	nano, _ := bits.Div64(high, low, s.units)
	return time.Unix(int64(sec)+s.offset, int64(nano)).UTC()
}

// packet gives the frame of an Enhanced, Simple or obsolete Packet Block.
func (p *ngFile) packet(kind uint32, length int, f *frame) error {
	head := 28
	if kind == ngSimplePacket {
		head = 12
	}
	b, err := p.body(head, length)
	if err != nil {
		return err
	}
	var index, have, was int
	var ticks uint64
	if kind == ngSimplePacket {
		was = int(p.u32(b[8:]))
	} else {
		if index = int(p.u32(b[8:])); kind == ngPacket {
			index = int(p.u16(b[8:]))
		}
		ticks = uint64(p.u32(b[12:]))<<32 | uint64(p.u32(b[16:]))
		have, was = int(p.u32(b[20:])), int(p.u32(b[24:]))
	}
	if index >= len(p.interfaces) {
		return p.in.error(Corrupt, "interface", "frame", fmt.Sprint(p.in.read+1), "interface", fmt.Sprint(index), "have", fmt.Sprint(len(p.interfaces)))
	}
	s := &p.interfaces[index]
	if kind == ngSimplePacket {
		if have = min(was, length-16); s.snaplen > 0 {
			have = min(have, s.snaplen)
		}
		f.when = time.Time{}
	} else {
		f.when = s.time(ticks)
	}
	if have > length-head-4 {
		return p.in.error(Corrupt, "claims-in", "frame", fmt.Sprint(p.in.read+1), "have", fmt.Sprint(have), "bytes", fmt.Sprint(length))
	}
	if err := p.in.skip(head); err != nil {
		return err
	}
	p.rest = length - head
	f.link = s.link
	return p.in.data(f, have, was)
}
