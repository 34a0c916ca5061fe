package capture

import (
	"bytes"
	"errors"
	"slices"

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

// answer is yes, no, or not to be said before more is seen.
type answer uint8

const (
	no answer = iota
	more
	yes
)

// protocolNames are MQTT's, with their lengths, as CONNECT carries them.
var protocolNames = [][]byte{[]byte("\x00\x04MQTT"), []byte("\x00\x06MQIsdp")}

// startsLikeConnect says whether b begins with a CONNECT, right or wrong in
// all but its type and protocol name.
func startsLikeConnect(b []byte) answer {
	if len(b) == 0 {
		return more
	}
	if packet.Type(b[0]>>4) != packet.CONNECT {
		return no
	}
	at := 1
	for at < len(b) && at < 4 && b[at] >= 0x80 {
		at++
	}
	if at++; at > len(b) {
		return more
	}
	for _, name := range protocolNames {
		n := min(len(name), len(b)-at)
		if bytes.Equal(b[at:at+n], name[:n]) {
			if n < len(name) {
				return more
			}
			return yes
		}
	}
	return no
}

// startsLikeTLS says whether b begins with a TLS handshake record.
func startsLikeTLS(b []byte) bool {
	return len(b) >= 3 && b[0] == 0x16 && b[1] == 3 && b[2] <= 4
}

// decide finds out whether an undecided connection carries MQTT; final says
// that no more will come.
func (r *Reader) decide(c *conn, final bool) {
	if c.state == stateUpgrade {
		r.upgrade(c, final)
		return
	}
	server := r.serverByPort(c)
	for side := range c.halves {
		h := &c.halves[side]
		if len(h.buf) == 0 || (c.client >= 0 && int(c.client) != side) {
			continue
		}
		switch connect := startsLikeConnect(h.buf); {
		case connect == yes:
			c.client = int8(side)
			h.begun = true
			if other := &c.halves[1-side]; len(other.buf) == 0 && !other.known {
				other.begun = true
			}
			r.isMQTT(c)
			return
		case connect == more && !final:
			return
		}
		if get := startsLikeGet(h.buf); get != no {
			if get == yes {
				c.client, c.state = int8(side), stateUpgrade
				r.upgrade(c, final)
			}
			return
		}
		if startsLikeTLS(h.buf) {
			r.isTLS(c, side, server)
			return
		}
	}
	if c.client >= 0 && c.halves[c.client].begun {
		r.decideFromStart(c, server, final)
		return
	}
	r.decideMidstream(c, server, final)
}

// decideFromStart decides on a connection whose beginning was seen and is no
// CONNECT: it is MQTT if its port says so.
func (r *Reader) decideFromStart(c *conn, server int, final bool) {
	mine, theirs := &c.halves[c.client], &c.halves[1-c.client]
	byPort := server >= 0 && server != int(c.client)
	switch {
	case byPort && (len(mine.buf) > 0 || final || len(theirs.buf) >= maxUndecided):
		r.isMQTT(c)
	case len(mine.buf) > 0 || final || len(theirs.buf) >= maxUndecided:
		r.ignore(c)
	}
}

// decideMidstream decides on a connection that began before the capture.
func (r *Reader) decideMidstream(c *conn, server int, final bool) {
	if len(c.halves[0].buf)+len(c.halves[1].buf) == 0 {
		if final {
			r.ignore(c)
		}
		return
	}
	need := evidence{atStart: 2, elsewhere: 3}
	if server >= 0 {
		need = evidence{atStart: 1, elsewhere: 2}
		if final {
			need.elsewhere, need.exact = 1, true
		}
	}
	found, both := false, 0
	longest := max(len(c.halves[0].buf), len(c.halves[1].buf))
	for side := range c.halves {
		h := &c.halves[side]
		if len(h.buf) == 0 || !(final || h.search.ripe(len(h.buf))) {
			continue
		}
		if final {
			h.search = search{}
		}
		if r.look.find(h.buf, h.marks, 0, 0, need, &h.search) >= 0 {
			found = true
		}
		if n, end := r.look.chain(h.buf, 0, 0, 8); end != chainBroken {
			both += n
		}
	}
	switch {
	case found, both >= 2, server >= 0 && (final || longest >= maxUndecided):
		r.sides(c, server)
		r.isMQTT(c)
	case final || longest >= maxUnknown:
		r.ignore(c)
	}
}

// serverByPort returns the side whose port says that it is an MQTT server, -1 if none.
func (r *Reader) serverByPort(c *conn) int {
	for side, a := range [2]*address{&c.key.a, &c.key.b} {
		if slices.Contains(r.o.Ports, uint16(a[16])<<8|uint16(a[17])) {
			return side
		}
	}
	return -1
}

// sides finds out who the client is.
func (r *Reader) sides(c *conn, server int) {
	if c.client >= 0 {
		return
	}
	for side := range c.halves {
		h := &c.halves[side]
		at := r.look.find(h.buf, h.marks, 0, 0, evidence{atStart: 1, elsewhere: 1}, &search{})
		if at < 0 {
			continue
		}
		switch r.look.sender(h.buf[at:], 0) {
		case packet.Client:
			c.client = int8(side)
			return
		case packet.Server:
			c.client = int8(1 - side)
			return
		}
	}
	if server >= 0 {
		c.client = int8(1 - server)
		return
	}
	c.client = 0 // the lower port is the server's
	if bytes.Compare(c.key.a[16:], c.key.b[16:]) < 0 {
		c.client = 1
	}
	c.guessed = true
}

// isMQTT opens the connection and gives what was held, in the order of its frames.
func (r *Reader) isMQTT(c *conn) {
	c.state = stateMQTT
	r.open(c)
	version := c.version
	if h := &c.halves[c.client]; version == 0 && startsLikeConnect(h.buf) == yes {
		version = r.look.version(h.buf)
	}
	var all []piece
	for side := range c.halves {
		h := &c.halves[side]
		if len(h.buf) == 0 {
			h.inStep = h.begun
			continue
		}
		at := 0
		if !h.begun {
			at = r.look.find(h.buf, h.marks, version, 0, evidence{atStart: 1, elsewhere: 2}, &search{})
		}
		if at < 0 {
			h.search = search{}
			continue // seek goes on when more comes
		}
		all = append(all, r.inStepFrom(c, side, at)...)
	}
	sortPieces(all)
	for _, p := range all {
		r.replay(c, p)
	}
}

// open announces a connection at the frame that first told of it.
func (r *Reader) open(c *conn) {
	number, when := r.number, r.when
	for side := range c.halves {
		if m := c.halves[side].marks; len(m) > 0 && m[0].frame < r.number {
			r.number, r.when = m[0].frame, m[0].when
		}
	}
	r.announce(c)
	if c.guessed {
		r.note(c, -1, SidesGuessed, "server", c.serverAddr.String())
	}
	r.number, r.when = number, when
}

func (r *Reader) isTLS(c *conn, side, server int) {
	if server >= 0 || r.tlsPort(c) {
		r.sayOnce(TLS, "connection", c.addr(side).String()+" "+c.addr(1-side).String())
	}
	r.ignore(c)
}

// tlsPort says whether one of the ports is that of MQTT over TLS.
func (r *Reader) tlsPort(c *conn) bool {
	const secureMQTT = 8883
	return c.addr(0).Port() == secureMQTT || c.addr(1).Port() == secureMQTT
}

func (r *Reader) ignore(c *conn) {
	r.release(c)
	c.state = stateIgnored
}
