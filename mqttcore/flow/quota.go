package flow

import "mqttlab/mqttcore/packet"

// held is a packet that asked for an answer while the other side could send
// no further message, its send quota being used up (section 4.9).
type held struct {
	is       bool
	index    int
	at       int64
	released bool // an acknowledgement gave quota before the answer came
}

// watchQuota: Receive Maximum holds back PUBLISH with QoS 1 and 2 and nothing
// else [MQTT-3.3.4-8], [MQTT-3.3.4-10]. An answer that was due for more than
// a second, and comes only once the quota is back, has been held back with
// them. flight is what was under way before the packet in hand.
func (c *Conn) watchQuota(flight [3]int) {
	if !c.seen.Timed || c.from == 0 || c.version != packet.V5 {
		return
	}
	by := other(c.from)
	mine, theirs := &c.held[c.from], &c.held[by]
	if mine.is && c.answersPacket(mine.index) {
		if mine.released {
			c.blame(heldByQuota, Place{}, "to", number(mine.index), "max", number(c.limits[by].receiveMaximum))
		}
		*mine = held{}
	}
	if theirs.is && !theirs.released && c.flight[by] < flight[by] {
		theirs.released = true
		if c.seen.At-theirs.at <= second {
			*theirs = held{} // too short a time to tell
		}
	}
	l := c.limits[c.from]
	if !theirs.is && l.known && c.flight[by] >= l.receiveMaximum && wantsAnswer(c.seen.Packet) {
		*theirs = held{is: true, index: c.seen.Index, at: c.seen.At}
	}
}

func (c *Conn) answersPacket(index int) bool {
	for _, l := range c.result.Links {
		if l.Kind == Answers && l.To == index {
			return true
		}
	}
	return false
}

// wantsAnswer says whether the other side answers p at once.
func wantsAnswer(p packet.Packet) bool {
	switch p := p.(type) {
	case *packet.Publish:
		return p.QoS > 0
	case *packet.Ack:
		return p.Kind == packet.PUBREL
	case *packet.Subscribe, *packet.Unsubscribe:
		return true
	case *packet.Ping:
		return p.Kind == packet.PINGREQ
	}
	return false
}
