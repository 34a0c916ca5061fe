package reading

import (
	"strings"

	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
)

// connection is what is known of one connection of a capture.
type connection struct {
	version packet.Version // 0 until a CONNECT says it or the caller gives it
	given   bool           // by the caller
	faults  [6]int         // packets that do not read well, by version, until then
	flow    follower       // nil before the first packet
	gap     bool           // bytes are missing before the first packet
	last    int            // index of its last packet
	client  string         // the Client Identifier, or its beginning
}

// follower is a flow.Conn, or a flow.Input where the file does not tell
// connections apart.
type follower interface {
	See(flow.Seen) flow.Result
	Gap()
	End() []flow.Late
}

// guesses are the versions that a connection without CONNECT may have, the
// likeliest first.
var guesses = []packet.Version{packet.V311, packet.V5, packet.V31}

// decode decodes a packet of the connection under its version, and says why it
// is that one, as a message key. The packet lives in d.
func (c *connection) decode(d *packet.Decoder, b []byte) (p packet.Packet, v packet.Version, why string, err error) {
	if b[0]>>4 == byte(packet.CONNECT) && !c.given {
		d.Version = 0
		if p, err = d.Decode(b); d.Version != 0 {
			c.version = d.Version
		}
		c.meet(p)
		return p, d.Version, "", err
	}
	why = "version.before"
	if c.given {
		why = "version.given"
	}
	if v = c.version; v == 0 {
		for _, g := range guesses {
			d.Version = g
			if _, err := d.Decode(b); err != nil {
				c.faults[g]++
			}
			if v == 0 || c.faults[g] < c.faults[v] {
				v = g
			}
		}
		why = "version.most"
	}
	d.Version = v
	p, err = d.Decode(b)
	c.meet(p)
	return p, v, why, err
}

// clientBytes is how much of a Client Identifier is remembered, in bytes.
const clientBytes = 256

// meet learns what the client calls itself.
func (c *connection) meet(p packet.Packet) {
	if connect, ok := p.(*packet.Connect); ok {
		c.client = strings.Clone(connect.ClientID[:min(len(connect.ClientID), clientBytes)])
	}
}

// begin starts to follow the connection at its first packet. It is known to be
// whole if it was seen from its SYN on (else there is a note, and so a gap) and
// the client's first packet comes first, which should be CONNECT.
func (c *connection) begin(rec *capture.Record) {
	o := flow.Options{Version: c.version}
	if rec.Transport == capture.File {
		c.flow = flow.NewInput(o)
		return
	}
	o.Whole = !c.gap && rec.From == packet.Client
	c.flow = flow.New(o)
	if c.gap {
		c.flow.Gap()
	}
}

// lost says that bytes of the connection are missing.
func (c *connection) lost() {
	if c.flow == nil {
		c.gap = true
		return
	}
	c.flow.Gap()
}

// loses says whether bytes of a connection are missing after a note.
func loses(code capture.Code) bool {
	switch code {
	case capture.PickedUp, capture.NotPickedUp, capture.SidesGuessed, capture.Lost, capture.CutBySnaplen, capture.Jump,
		capture.LengthUnread, capture.TooLong, capture.Incomplete, capture.Evicted, capture.WSCompressed:
		return true
	}
	return false
}
