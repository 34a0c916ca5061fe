package flow

import (
	"hash/maphash"

	"mqttlab/mqttcore/packet"
)

// publish takes a PUBLISH of any QoS.
func (c *Conn) publish(p *packet.Publish) {
	topic := c.resolve(p)
	c.result.Topic = clone(topic)
	c.checkPublish(p)
	if p.QoS == 0 || p.PacketID == 0 {
		c.delivery(p, topic)
		return
	}
	content := contentOf(p, topic)
	e := c.exchanges[c.from][p.PacketID]
	if e == nil && c.from != 0 {
		// Perhaps the first one could not be told to be from this side.
		if u := c.exchanges[0][p.PacketID]; u != nil && p.Dup && u.content == content {
			c.exchanges[c.from][p.PacketID] = u
			delete(c.exchanges[0], p.PacketID)
			e = u
		}
	}
	if e != nil && p.Dup && e.content == content && e.state.message() && !e.foreign {
		c.again(p, e)
		return
	}
	c.judgeNew(p, e, content)
	c.discard(e, c.from)
	c.sequence++
	e = c.anew(c.from, p.PacketID, e)
	*e = exchange{state: awaitsPuback, qos: p.QoS, sends: 1, first: c.seen.Index, last: c.seen.Index, sequence: c.sequence, content: content, lost: c.lost}
	if p.QoS == 2 {
		e.state = awaitsPubrec
	}
	c.part(e, p.PacketID, c.from)
	c.countFlight(e)
	c.delivery(p, topic)
}

// again takes a PUBLISH that was sent before.
func (c *Conn) again(p *packet.Publish, e *exchange) {
	c.result.link(Link{To: e.first, Kind: Duplicate, Place: field(packet.FieldDup), Key: "flow.duplicate", Args: []string{"to", number(e.first)}})
	e.sends++
	e.repeated = true
	c.checkResendOrder(p, e)
	switch {
	case e.state == awaitsPubcomp:
		c.blame(resentAfterPubrel, field(packet.FieldDup), "id", number(p.PacketID), "to", number(e.last))
	case c.version == packet.V5:
		c.blame(resentHere, field(packet.FieldDup), "to", number(e.first))
	}
	switch e.state {
	case ended1:
		e.state = awaitsPuback // its answer may have been lost on the sender
	case ended2, refused:
		e.state = awaitsPubrec
	}
	c.result.Again = true
	c.part(e, p.PacketID, c.from)
}

// judgeNew blames a PUBLISH that begins an exchange under an identifier that
// is taken, or that says it repeats what was never sent.
func (c *Conn) judgeNew(p *packet.Publish, e *exchange, content uint64) {
	id := field(packet.FieldPacketID)
	switch {
	case e != nil && e.state.underWay() && !e.foreign:
		args := []string{"id", number(p.PacketID), "to", number(e.first)}
		switch {
		case !p.Dup && e.state.message() && e.content == content:
			c.blame(resentWithoutDup, field(packet.FieldDup), args...)
		case p.Dup && e.state.message():
			c.blame(dupOfOther, field(packet.FieldDup), args...)
		default:
			c.blame(idInUse, id, args...)
		}
	case p.Dup && e == nil && c.knowsSession(c.from):
		k := dupWithoutFirst1
		if p.QoS == 2 {
			k = dupWithoutFirst2
		}
		c.blame(k, field(packet.FieldDup), "id", number(p.PacketID))
	}
}

// countFlight counts a message against the receiver's Receive Maximum.
func (c *Conn) countFlight(e *exchange) {
	if c.from == 0 {
		return
	}
	e.counted = true
	c.flight[c.from]++
	l := c.limits[other(c.from)]
	if l.known && c.flight[c.from] > l.receiveMaximum {
		c.blame(receiveMaximum, field(packet.FieldPacketID), "count", number(c.flight[c.from]), "max", number(l.receiveMaximum))
	}
}

var seed = maphash.MakeSeed()

// contentOf hashes what a repetition must have in common with the first
// PUBLISH.
func contentOf(p *packet.Publish, topic string) uint64 {
	const odd = 1099511628211 // so that topic and payload cannot change places
	return (maphash.String(seed, topic)^uint64(p.QoS))*odd ^ maphash.Bytes(seed, p.Payload)
}
