package capture

import (
	"bytes"
	"slices"

	"mqttlab/mqttcore/packet"
)

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
	case final || (server < 0 && longest >= maxUnknown):
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
