package capture

import (
	"encoding/binary"
	"net/netip"
)

// appendSegment appends an IP packet with a TCP segment. A SYN carries the
// maximum segment size as its option.
func appendSegment(b []byte, from, to netip.AddrPort, seq, ack uint32, flags uint8, mss int, data []byte) []byte {
	const tcpHead, synHead, window = 20, 24, 65535
	head := tcpHead
	if flags&flagSYN != 0 {
		head = synHead
	}
	length := head + len(data)
	at := len(b)
	if from.Addr().Is4() {
		b = append(b, 0x45, 0)
		b = binary.BigEndian.AppendUint16(b, uint16(20+length))
		b = append(b, 0, 0, 0x40, 0, 64, protoTCP, 0, 0) // don't fragment, 64 hops
		source, target := from.Addr().As4(), to.Addr().As4()
		b = append(append(b, source[:]...), target[:]...)
		binary.BigEndian.PutUint16(b[at+10:], fold(sum(0, b[at:])))
	} else {
		b = append(b, 0x60, 0, 0, 0)
		b = binary.BigEndian.AppendUint16(b, uint16(length))
		b = append(b, protoTCP, 64)
		source, target := from.Addr().As16(), to.Addr().As16()
		b = append(append(b, source[:]...), target[:]...)
	}
	tcp := len(b)
	b = binary.BigEndian.AppendUint16(b, from.Port())
	b = binary.BigEndian.AppendUint16(b, to.Port())
	b = binary.BigEndian.AppendUint32(b, seq)
	b = binary.BigEndian.AppendUint32(b, ack)
	b = append(b, uint8(head/4<<4), flags)
	b = binary.BigEndian.AppendUint16(b, window)
	b = append(b, 0, 0, 0, 0) // checksum, urgent pointer
	if head == synHead {
		b = append(b, 2, 4)
		b = binary.BigEndian.AppendUint16(b, uint16(mss))
	}
	b = append(b, data...)

	pseudo := uint32(protoTCP) + uint32(length)
	pseudo = sum(pseudo, from.Addr().AsSlice())
	pseudo = sum(pseudo, to.Addr().AsSlice())
	binary.BigEndian.PutUint16(b[tcp+16:], fold(sum(pseudo, b[tcp:])))
	return b
}

// sum adds b to a checksum that is not folded yet (RFC 1071).
func sum(s uint32, b []byte) uint32 {
	for len(b) >= 2 {
		s += uint32(b[0])<<8 | uint32(b[1])
		b = b[2:]
	}
	if len(b) == 1 {
		s += uint32(b[0]) << 8
	}
	return s
}

func fold(s uint32) uint16 {
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return ^uint16(s)
}
