package broker

import (
	"time"

	"mqttlab/mqttcore/packet"
)

// publish handles a PUBLISH from a Client (sections 3.3 and 4.3).
func (b *Broker) publish(now time.Time, c *conn, p *packet.Publish, wire []byte) {
	name, ok := p.Topic, true
	if c.version == packet.V5 {
		if name, ok = b.checkPublish5(now, c, p); !ok {
			return
		}
	}
	if p.QoS == 2 {
		held := inFree
		if c.session.held.has(p.PacketID) {
			held = inHeld
		}
		row, _ := inMachine.step(held, inPublish)
		if held == inHeld {
			if b.cfg.Explain {
				e := about(c, keyDuplicate)
				e.Topic, e.PacketID, e.Rules = name, p.PacketID, row.Rules(c.version)
				b.explain(c.version, e, "topic", name, "id", number(int(p.PacketID)))
			}
			b.ack(c, packet.PUBREC, p.PacketID, 0)
			return
		}
		if c.version == packet.V5 && c.session.held.n >= int(b.cfg.ReceiveMaximum) {
			if b.cfg.Explain {
				b.explain(c.version, about(c, keyReceiveMaximum), "limit", number(int(b.cfg.ReceiveMaximum)))
			}
			b.hangUp(now, c, packet.ReceiveMaximumExceeded)
			return
		}
	}
	code := b.acceptFrom(now, c, p, name, wire)
	if code >= packet.UnspecifiedError {
		b.refuseAck(c, []packet.Type{1: packet.PUBACK, 2: packet.PUBREC}[p.QoS], p.PacketID, code, b.latest())
		return
	}
	switch p.QoS {
	case 1:
		b.ack(c, packet.PUBACK, p.PacketID, code)
	case 2:
		c.session.held.add(p.PacketID) // a refused one is over with its PUBREC
		b.saveHeld(c.session, p.PacketID)
		b.ack(c, packet.PUBREC, p.PacketID, code)
	}
}

// acceptFrom takes charge of a Client's message and returns the Reason Code
// of its acknowledgement, which only 5.0 sends.
func (b *Broker) acceptFrom(now time.Time, c *conn, p *packet.Publish, name string, wire []byte) packet.ReasonCode {
	if filter, denied := b.publishDenied(name); denied {
		e := about(c, keyPublishDenied)
		e.Topic, e.PacketID = name, p.PacketID
		b.explainPublishDenied(c.version, e, filter)
		if c.version == packet.V5 && p.QoS > 0 {
			if b.cfg.Explain {
				e.Key = keyDeniedWithCode
				b.explain(c.version, e, "code", hexCode(packet.NotAuthorized))
			}
			return packet.NotAuthorized
		}
		if b.cfg.Explain { // acknowledge and forget [MQTT-3.3.5-2]
			e.Key = keyDeniedSilently
			b.explain(c.version, e)
		}
		return 0
	}
	// A message that nothing will keep needs no memory of its own.
	m := &b.message
	if p.QoS > 0 || p.Retain {
		m = new(message)
	}
	*m = message{
		topic: name, payload: p.Payload, qos: p.QoS, retain: p.Retain,
		conn: c.id, client: c.session.id, version: c.version,
	}
	// The very bytes that came are what goes out again with QoS 0 and RETAIN 0.
	reuse := wire
	if c.version == packet.V5 {
		m.properties = forwarded(p.Properties)
		m.expires = expiry(now, m.properties)
		reuse = nil
	}
	if p.QoS > 0 || p.Retain {
		reuse = nil
	}
	if m.retain && b.cfg.NoRetain { // 3.1.1: the Server has no word for it
		m.retain = false
		if b.cfg.Explain {
			e := about(c, keyRetainIgnored)
			e.Topic = name
			b.explain(c.version, e, "topic", name)
		}
	}
	if n := b.accept(now, m, c.session, reuse); n == 0 && c.version == packet.V5 {
		return packet.NoMatchingSubscribers
	}
	return 0
}

// explainPublishDenied says why e.Topic may not be published to: a filter
// denies it, or none allows it.
func (b *Broker) explainPublishDenied(v packet.Version, e Explanation, filter string) {
	if !b.cfg.Explain {
		return
	}
	e.Key, e.Filter = keyPublishDenied, filter
	if filter == "" {
		e.Key = keyPublishNotAllowed
		b.explain(v, e, "topic", e.Topic)
		return
	}
	b.explain(v, e, "topic", e.Topic, "filter", filter)
}

// accept takes charge of a message: retains it if it asks for that, and hands
// it to every Session with a matching Subscription [MQTT-4.5.0-1]. from is
// the publisher's Session. It returns how many Sessions matched.
func (b *Broker) accept(now time.Time, m *message, from *session, wire []byte) int {
	if m.retain {
		b.retain(now, m)
	} else if b.cfg.Explain && b.retained.Len() > 0 {
		if _, ok := b.retained.Get(m.topic); ok {
			b.explain(m.version, m.explanation(keyRetainedLeft), "topic", m.topic)
		}
	}
	return b.route(now, m, from, wire)
}

// explanation begins an explanation of what becomes of m.
func (m *message) explanation(key string) Explanation {
	return Explanation{Key: key, Conn: m.conn, Client: m.client, Topic: m.topic}
}

// release handles PUBREL: the end of a QoS 2 message from the Client.
func (b *Broker) release(c *conn, id uint16) {
	held := inFree
	if c.session.held.has(id) {
		held = inHeld
	}
	row, _ := inMachine.step(held, inPubrel)
	key := keyReleased
	if held == inFree {
		key = keyPubrelUnknown
	}
	if b.cfg.Explain {
		b.explainAck(c, key, packet.PUBREL, id, held, row)
	}
	if held == inFree {
		b.refuseAck(c, packet.PUBCOMP, id, packet.PacketIdentifierNotFound, b.latest())
		return
	}
	c.session.held.remove(id)
	b.eraseHeld(c.session, id)
	b.ack(c, packet.PUBCOMP, id, 0)
}
