package packet

import "errors"

// ErrTooLong reports a packet that no Remaining Length, or a string that no
// two-byte length, can express.
var ErrTooLong = errors.New("longer than its length field can say: a string has at most 65,535 bytes, a packet 268,435,455")

// Packet is a Control Packet: one of the pointer types of this package.
type Packet interface {
	// Type returns the Control Packet type.
	Type() Type
	// appendBody appends everything behind the fixed header.
	appendBody(dst []byte, v Version) []byte
	// flags returns the low four bits of the first byte.
	flags() byte
}

// Append appends p to dst as version v writes it. It writes what the fields
// say and does not judge it. Its only error is ErrTooLong; dst is then
// returned as it was.
func Append(dst []byte, p Packet, v Version) ([]byte, error) {
	start := len(dst)
	dst = append(dst, byte(p.Type())<<4|p.flags()&0x0f, 0)
	dst = p.appendBody(dst, v)
	length := len(dst) - start - 2
	if length > MaxRemainingLength || tooLong(p) {
		return dst[:start], ErrTooLong
	}
	return insertVarint(dst, start+1, length), nil
}

// insertVarint puts the number x at dst[at], where one byte was kept free for
// it, and moves what follows if it takes more.
func insertVarint(dst []byte, at, x int) []byte {
	n := varintSize(min(x, MaxRemainingLength))
	if n > 1 {
		end := len(dst)
		dst = append(dst, 0, 0, 0)[:end+n-1]
		copy(dst[at+n:], dst[at+1:end])
	}
	AppendVarint(dst[:at], min(x, MaxRemainingLength))
	return dst
}

func appendUint16(dst []byte, x uint16) []byte {
	return append(dst, byte(x>>8), byte(x))
}

func appendText(dst []byte, s string) []byte {
	return append(appendUint16(dst, uint16(len(s))), s...)
}

func appendBinary(dst []byte, b []byte) []byte {
	return append(appendUint16(dst, uint16(len(b))), b...)
}

const maxString = 1<<16 - 1

// tooLong says whether a string of p exceeds its length prefix.
func tooLong(p Packet) bool {
	long := false
	check := func(n int) { long = long || n > maxString }
	checkAll := func(ps Properties) {
		for i := range ps {
			check(len(ps[i].Text))
			check(len(ps[i].Key))
			check(len(ps[i].Data))
		}
	}
	switch p := p.(type) {
	case *Connect:
		check(len(p.ProtocolName))
		check(len(p.ClientID))
		check(len(p.Will.Topic))
		check(len(p.Will.Payload))
		check(len(p.UserName))
		check(len(p.Password))
		checkAll(p.Properties)
		checkAll(p.Will.Properties)
	case *Connack:
		checkAll(p.Properties)
	case *Publish:
		check(len(p.Topic))
		checkAll(p.Properties)
	case *Ack:
		checkAll(p.Properties)
	case *Subscribe:
		for i := range p.Subscriptions {
			check(len(p.Subscriptions[i].Filter))
		}
		checkAll(p.Properties)
	case *Unsubscribe:
		for _, f := range p.Filters {
			check(len(f))
		}
		checkAll(p.Properties)
	case *Suback:
		checkAll(p.Properties)
	case *Disconnect:
		checkAll(p.Properties)
	case *Auth:
		checkAll(p.Properties)
	}
	return long
}
