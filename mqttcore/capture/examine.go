package capture

import (
	"errors"

	"mqttlab/mqttcore/packet"
)

// examiner judges whether bytes read as MQTT.
type examiner struct {
	dec   packet.Decoder
	limit int // of a packet's length, in bytes; 0 none
}

// firstBytes are those that a packet can begin with in some version.
var firstBytes = func() (may [256]bool) {
	for b := range may {
		t := packet.Type(b >> 4)
		flags, fixed := t.Flags()
		qos3 := b&0b0110 == 0b0110
		may[b] = t != 0 && (!fixed && !qos3 || fixed && byte(b)&15 == flags)
	}
	return may
}()

// chainEnd says why a chain of packets ends.
type chainEnd uint8

const (
	chainExact  chainEnd = iota // with the bytes
	chainCut                    // within a packet that may be one
	chainBroken                 // at something that is no packet
	chainEnough                 // at the number asked for
)

// chain counts the packets that read well one behind the other from the
// beginning of b, up to most of them, under version v, or under any if v is zero.
func (x *examiner) chain(b []byte, v packet.Version, from packet.Party, most int) (int, chainEnd) {
	if v != 0 {
		return x.chainUnder(b, v, from, most)
	}
	n, end := x.chainUnder(b, packet.V311, from, most)
	if end != chainBroken {
		return n, end
	}
	if n5, end5 := x.chainUnder(b, packet.V5, from, most); n5 > n || end5 != chainBroken {
		return n5, end5
	}
	return n, end
}

func (x *examiner) chainUnder(b []byte, v packet.Version, from packet.Party, most int) (n int, end chainEnd) {
	x.dec.Version = v
	for len(b) > 0 {
		if n == most {
			return n, chainEnough
		}
		if !firstBytes[b[0]] || !packet.Type(b[0]>>4).MaySend(from, x.dec.Version) {
			return n, chainBroken
		}
		size, err := packet.Size(b)
		if err != nil || (x.limit > 0 && size > x.limit) {
			return n, chainBroken
		}
		if size == 0 || size > len(b) {
			if _, err := x.dec.Decode(b); violates(err) {
				return n, chainBroken
			}
			return n, chainCut
		}
		if _, err := x.dec.Decode(b[:size]); err != nil {
			return n, chainBroken
		}
		b = b[size:]
		n++
	}
	return n, chainExact
}

// violates says whether err is more than that the packet is not all there.
func violates(err error) bool {
	var fault *packet.Fault
	return errors.As(err, &fault) && fault.Violation != packet.Incomplete
}

// version returns the version that a CONNECT says it is, zero if it cannot be read.
func (x *examiner) version(connect []byte) packet.Version {
	x.dec.Version = 0
	_, _ = x.dec.Decode(connect)
	return x.dec.Version
}

// evidence says how many packets in a row are asked for, at the beginning of a
// TCP segment and elsewhere. With exact, they must reach to the end of the bytes.
type evidence struct {
	atStart, elsewhere int
	exact              bool
}

// search remembers how far a growing buffer was searched.
type search struct {
	length int   // of the buffer
	open   []int // offsets below length that more bytes can still speak for
}

// ripe says whether a buffer has grown so much that it is worth another search:
// by an eighth, so that the work stays proportional to the bytes.
func (s *search) ripe(length int) bool { return s.length == 0 || length >= s.length+s.length/8 }

// find returns the first offset in b from which packets read well, -1 if
// there is none. It goes on from s, which is for the same evidence.
func (x *examiner) find(b []byte, marks []mark, v packet.Version, from packet.Party, e evidence, s *search) int {
	before := s.open
	s.open = s.open[:0]
	next := 0
	try := func(at int) bool {
		need := e.elsewhere
		for next < len(marks) && marks[next].at < at {
			next++
		}
		if next < len(marks) && marks[next].at == at {
			need = e.atStart
		}
		n, end := x.chain(b[at:], v, from, need+2)
		switch {
		case n >= need+2, n >= need && end != chainBroken && (end == chainExact || !e.exact):
			return true
		case end == chainCut || end == chainExact:
			s.open = append(s.open, at) // never overtakes the reading of before
		}
		return false
	}
	for _, at := range before {
		if try(at) {
			return at
		}
	}
	for at := s.length; at < len(b); at++ {
		if firstBytes[b[at]] && try(at) {
			return at
		}
	}
	s.length = len(b)
	return -1
}

// sender returns the only party that can have sent the packets at the
// beginning of b, zero if both can.
func (x *examiner) sender(b []byte, v packet.Version) packet.Party {
	if v == 0 {
		v = packet.V311
	}
	for len(b) > 0 {
		size, err := packet.Size(b)
		if err != nil || size == 0 || size > len(b) {
			break
		}
		if p := packet.Type(b[0] >> 4).Sender(v); p != 0 {
			return p
		}
		b = b[size:]
	}
	return 0
}
