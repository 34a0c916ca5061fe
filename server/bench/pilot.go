package bench

import (
	"strings"
	"time"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/pipe"
	"mqttlab/server/capture"
)

// Autopilot says what a virtual client does by itself. The zero Autopilot:
// nothing.
type Autopilot struct {
	Ack  bool // answer PUBLISH, PUBREC and PUBREL as a client must
	Ping bool // send PINGREQ in time for the Keep Alive
}

// String returns "ack", "ping", "ack ping" or "".
func (a Autopilot) String() string {
	var words []string
	if a.Ack {
		words = append(words, "ack")
	}
	if a.Ping {
		words = append(words, "ping")
	}
	return strings.Join(words, " ")
}

// pilot is what a client that does something by itself knows of its connection.
type pilot struct {
	hears     packet.Decoder
	keepAlive time.Duration // as it goes on the wire; 0: off
	accepted  bool          // a CONNACK has said so
	spoke     time.Time     // when the client last sent something
}

func newPilot(now time.Time, c *client) *pilot {
	p := &pilot{spoke: now, accepted: c.connected}
	p.keep(c.keepAlive)
	return p
}

func (p *pilot) keep(seconds uint16) { p.keepAlive = time.Duration(seconds) * time.Second }

// pingAt is the part of the Keep Alive, in quarters, after which PINGREQ is
// sent: time is left for it to travel [MQTT-3.1.2-23].
const pingAt = 3

// next returns when the client of a pilot, which may be nil, has to send PINGREQ.
func (p *pilot) next(c *client) (time.Time, bool) {
	if p == nil || !c.pilot.Ping || c.silent || !p.accepted || p.keepAlive == 0 {
		return time.Time{}, false
	}
	return p.spoke.Add(p.keepAlive * pingAt / 4), true
}

// fly lets clients send PINGREQ whose time it is. It needs mu.
func (b *Bench) fly(now time.Time) {
	for _, w := range b.lines {
		if at, ok := w.line.pilot.next(w.client); ok && !w.ended && !w.line.leaving && !now.Before(at) {
			b.speak(now, w, &packet.Ping{Kind: packet.PINGREQ})
		}
	}
}

// attend lets a client read what has arrived, and answer it. It reports
// whether there was something to read. It needs mu.
func (b *Bench) attend(now time.Time, w *wire) bool {
	l, c := w.line, w.client
	if c.silent {
		if l.heard.Pending() > pipe.MaxBytes { // what it does not read fills its buffers
			l.full = true
			return true
		}
		return false
	}
	data, whole := l.heard.Next(l.speaks.Version)
	if data == nil {
		return false
	}
	l.pilot.hears.Version = l.speaks.Version
	p, err := l.pilot.hears.Decode(data)
	if !whole || err != nil {
		if c.pilot.Ack && !l.leaving {
			if l.speaks.Version == packet.V5 {
				b.speak(now, w, &packet.Disconnect{Code: packet.MalformedPacket})
			}
			b.depart(now, w, capture.FIN, Reason{Code: ReasonPilot})
		}
		return true
	}
	if c, ok := p.(*packet.Connack); ok {
		l.pilot.accepted = c.Code == packet.Success
		if seconds, ok := c.Properties.Number(packet.ServerKeepAlive); ok { // [5.0: MQTT-3.1.2-21]
			l.pilot.keep(uint16(seconds))
		}
	}
	if answer := answerTo(p); answer != nil && c.pilot.Ack && !l.leaving {
		b.speak(now, w, answer)
	}
	return true
}

// answerTo returns what a client must answer to a packet of the server, or
// nil: PUBACK [MQTT-4.3.2-2], PUBREC and PUBCOMP [MQTT-4.3.3-2], PUBREL
// [MQTT-4.3.3-1].
func answerTo(p packet.Packet) packet.Packet {
	switch p := p.(type) {
	case *packet.Publish:
		switch p.QoS {
		case 1:
			return &packet.Ack{Kind: packet.PUBACK, PacketID: p.PacketID}
		case 2:
			return &packet.Ack{Kind: packet.PUBREC, PacketID: p.PacketID}
		}
	case *packet.Ack:
		switch {
		case p.Kind == packet.PUBREC && p.Code < 0x80: // 5.0: the exchange ends with an error code
			return &packet.Ack{Kind: packet.PUBREL, PacketID: p.PacketID}
		case p.Kind == packet.PUBREL:
			return &packet.Ack{Kind: packet.PUBCOMP, PacketID: p.PacketID}
		}
	}
	return nil
}

// speak sends a packet from a virtual client, by the way of those sent by hand.
func (b *Bench) speak(now time.Time, w *wire, p packet.Packet) {
	data, err := packet.Append(nil, p, w.line.speaks.Version)
	if err != nil {
		return // too long: nothing that is sent here can be
	}
	w.own.add(data)
	b.arrive(now, w)
}
