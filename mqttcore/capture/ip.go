package capture

import "encoding/binary"

// IP protocol numbers.
const (
	protoHopByHop = 0
	protoIPv4     = 4
	protoTCP      = 6
	protoUDP      = 17
	protoIPv6     = 41
	protoRouting  = 43
	protoFragment = 44
	protoGRE      = 47
	protoAH       = 51
	protoOptions  = 60
)

// TCP's flags.
const (
	flagFIN = 1 << iota
	flagSYN
	flagRST
	flagPSH
	flagACK
)

// address is an IPv6 address, or an IPv4 one mapped into it, and a port.
type address [18]byte

// segment is a TCP segment.
type segment struct {
	from, to address
	v4       bool
	flags    uint8
	seq, ack uint32
	data     []byte
	missing  int // bytes of data that are not in the file
}

type ipResult uint8

const (
	notTCP ipResult = iota
	isTCP
	isFragment
	isSensor // MQTT-SN
)

// read fills s, or part if it is a fragment, from an IP packet that may be followed
// by padding. missing is how many of the frame's bytes the file has not got.
func (s *segment) read(b []byte, missing int, part *fragment) ipResult {
	for range 4 { // tunnels within tunnels
		if len(b) < 20 {
			return notTCP
		}
		var proto uint8
		var total, head int
		fragment := false
		switch b[0] >> 4 {
		case 4:
			head, total = int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
			if head < 20 || len(b) < head {
				return notTCP
			}
			proto = b[9]
			fragment = binary.BigEndian.Uint16(b[6:])&0x3fff != 0
			s.v4 = true
			s.from, s.to = address{10: 0xff, 11: 0xff}, address{10: 0xff, 11: 0xff}
			copy(s.from[12:16], b[12:16])
			copy(s.to[12:16], b[16:20])
		case 6:
			if len(b) < 40 {
				return notTCP
			}
			head, proto = 40, b[6]
			if total = int(binary.BigEndian.Uint16(b[4:])); total > 0 {
				total += 40
			}
			s.v4 = false
			copy(s.from[:16], b[8:24])
			copy(s.to[:16], b[24:40])
			if proto, head, fragment = extensions(proto, head, b); head == 0 {
				return notTCP
			}
		default:
			return notTCP
		}
		if total == 0 { // segmentation offload
			total = len(b) + missing
		}
		if total < head {
			return notTCP
		}
		if total <= len(b) {
			b, missing = b[:total], 0
		} else {
			missing = total - len(b)
		}
		switch {
		case fragment:
			s.part(part, b, head, missing)
			return isFragment
		case proto == protoTCP:
			return s.tcp(b[head:], missing)
		case proto == protoUDP && isSensorNetwork(b[head:]):
			return isSensor
		}
		b = behind(proto, b[head:])
	}
	return notTCP
}

// behind returns the IP packet in a tunnel's packet, nil if there is none.
func behind(proto uint8, b []byte) []byte {
	switch proto {
	case protoIPv4, protoIPv6:
		return b
	case protoGRE:
		return behindGRE(b)
	case protoUDP:
		return behindUDP(b)
	}
	return nil
}

// part fills f from a fragment of an IP packet with the addresses of s; head is where its data begins, or IPv6's
// fragment header.
func (s *segment) part(f *fragment, b []byte, head, missing int) {
	*f = fragment{v4: s.v4, missing: missing}
	copy(f.key.from[:], s.from[:16])
	copy(f.key.to[:], s.to[:16])
	if s.v4 {
		flags := binary.BigEndian.Uint16(b[6:])
		f.key.id, f.key.proto, f.proto = uint32(binary.BigEndian.Uint16(b[4:])), b[9], b[9]
		f.at, f.more = int(flags&0x1fff)*8, flags&0x2000 != 0
	} else {
		flags := binary.BigEndian.Uint16(b[head+2:])
		f.proto, f.key.id = b[head], binary.BigEndian.Uint32(b[head+4:])
		f.at, f.more = int(flags&^7), flags&1 != 0
		head += 8
	}
	f.data = b[head:]
}

// assembled fills s from a datagram that was put together of fragments.
func (s *segment) assembled(d *datagram, part *fragment) ipResult {
	s.v4 = d.v4
	copy(s.from[:16], d.key.from[:])
	copy(s.to[:16], d.key.to[:])
	proto, b := d.proto, d.buf
	if !d.v4 {
		rest, head, fragment := extensions(proto, 0, b)
		if fragment || head > len(b) {
			return notTCP
		}
		proto, b = rest, b[head:]
	}
	if proto == protoTCP {
		return s.tcp(b, 0)
	}
	return s.read(behind(proto, b), 0, part)
}

// extensions goes through IPv6's extension headers.
func extensions(proto uint8, head int, b []byte) (uint8, int, bool) {
	for {
		switch proto {
		case protoHopByHop, protoRouting, protoOptions, protoAH:
			if len(b) < head+8 {
				return 0, 0, false
			}
			n := (int(b[head+1]) + 1) * 8
			if proto == protoAH {
				n = (int(b[head+1]) + 2) * 4
			}
			proto, head = b[head], head+n
		case protoFragment:
			if len(b) < head+8 {
				return 0, 0, false
			}
			if binary.BigEndian.Uint16(b[head+2:])&^6 != 0 { // not an atomic fragment
				return protoFragment, head, true
			}
			proto, head = b[head], head+8
		default:
			if head > len(b) {
				return 0, 0, false
			}
			return proto, head, false
		}
	}
}

func (s *segment) tcp(b []byte, missing int) ipResult {
	if len(b) < 20 {
		return notTCP
	}
	head := int(b[12]>>4) * 4
	if head < 20 || head > len(b)+missing {
		return notTCP
	}
	copy(s.from[16:], b[:2])
	copy(s.to[16:], b[2:4])
	s.seq, s.ack = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	s.flags = b[13]
	if head > len(b) {
		s.data, s.missing = nil, missing-(head-len(b))
	} else {
		s.data, s.missing = b[head:], missing
	}
	return isTCP
}
