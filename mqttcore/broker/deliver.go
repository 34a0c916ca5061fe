package broker

import (
	"time"

	"mqttlab/mqttcore/packet"
)

// deliver sends a message to a Session, or lets it wait there. t is what
// other deliveries of the same message can share, or nil.
func (b *Broker) deliver(now time.Time, s *session, q queued, t *templates) {
	c := s.conn
	cost := q.cost()
	switch {
	case q.qos == 0 && c == nil:
		if b.cfg.Explain {
			b.explain(s.version, q.explanation(s, keyDroppedAway), "client", s.id, "topic", q.message.topic)
		}
	case q.qos == 0:
		b.transmit(now, c, q, 0, false, t)
	case s.out.queue.len() >= b.cfg.MaxQueued || s.out.bytes+cost > b.cfg.MaxPendingBytes:
		if b.cfg.Explain {
			b.explain(s.version, q.explanation(s, keyDroppedFull), "client", s.id, "topic", q.message.topic, "queued", number(s.out.queue.len()), "inflight", number(s.out.ids.n), "bytes", number(s.out.bytes))
		}
	case b.pendingBytes+cost > b.cfg.MaxAllPendingBytes && (c == nil || s.out.bytes+cost > alwaysPending):
		if b.cfg.Explain {
			b.explain(s.version, q.explanation(s, keyDroppedAllFull), "client", s.id, "topic", q.message.topic, "bytes", number(b.pendingBytes))
		}
	case c != nil && s.out.queue.len() == 0 && s.out.resume == nil && b.mayBegin(c):
		b.begin(now, c, q, t)
	default:
		b.enqueue(s, q)
	}
}

// alwaysPending is how many bytes may be under way to a connected Client
// although others have taken up what there is.
const alwaysPending = 16 << 10

// pends counts the bytes of a message that waits or is unacknowledged.
func (b *Broker) pends(s *session, bytes int) {
	s.out.bytes += bytes
	b.pendingBytes += bytes
}

// mayBegin says whether another message may be under way to the Client.
func (b *Broker) mayBegin(c *conn) bool {
	return c.quota > 0 && c.session.out.ids.n < b.cfg.MaxInflight
}

// enqueue lets a message wait for the Client [MQTT-3.1.2-5], or for an
// earlier one's acknowledgement.
func (b *Broker) enqueue(s *session, q queued) {
	q.message.keep()
	if b.cfg.Explain {
		key := keyQueuedAway
		if s.conn != nil {
			key = keyQueuedWindow
		}
		b.explain(s.version, q.explanation(s, key), "client", s.id, "topic", q.message.topic, "queued", number(s.out.queue.len()+1), "inflight", number(s.out.ids.n))
	}
	b.saveQueued(s, &q)
	s.out.queue.push(q)
	b.pends(s, q.cost())
}

// begin sends a message under a new Packet Identifier [MQTT-2.3.1-4].
func (b *Broker) begin(now time.Time, c *conn, q queued, t *templates) {
	out := &c.session.out
	event := outSend1
	if q.qos == 2 {
		event = outSend2
	}
	row, _ := outMachine.step(outFree, event)
	d := b.spare
	if d == nil {
		d = new(delivery)
	} else {
		b.spare = d.next
		b.spares--
	}
	*d = delivery{id: out.ids.take(), state: row.To, qos: q.qos, retain: q.retain, message: q.message, ids: q.ids, shared: q.shared, conn: c.id}
	if out.byID == nil {
		out.byID = make(map[uint16]*delivery)
	}
	out.byID[d.id] = d
	b.lend(d)
	out.published.add(d)
	b.pends(c.session, d.cost())
	c.quota--
	b.saveBegun(c.session, &q, d)
	if !b.transmit(now, c, q, d.id, false, t) {
		b.finish(c.session, d)
		c.quota++
	}
}

// maxLent is how many unacknowledged deliveries may be of messages that still
// lie in the bytes that they came in. Most are acknowledged at once and need
// no copy; when there are so many, the next ones get theirs.
const maxLent = 512

func (b *Broker) lend(d *delivery) {
	switch {
	case d.message.own:
	case b.lent >= maxLent:
		d.message.keep()
	default:
		d.lent = true
		b.lent++
	}
}

// returned says that d needs those bytes no more.
func (b *Broker) returned(d *delivery) {
	if d.lent {
		d.lent = false
		b.lent--
	}
}

// finish frees a Packet Identifier.
func (b *Broker) finish(s *session, d *delivery) {
	b.eraseDelivery(s, d)
	if s.out.resume == d {
		s.out.resume = d.next
	}
	if d.state == outAwaitPubcomp {
		s.out.released.remove(d)
	} else {
		s.out.published.remove(d)
		b.pends(s, -d.cost())
		b.returned(d)
	}
	delete(s.out.byID, d.id)
	s.out.ids.remove(d.id)
	*d = delivery{}
	if b.spares < maxSpares {
		d.next = b.spare
		b.spare = d
		b.spares++
	}
}

// resume sends what the Client has not acknowledged on earlier connections
// [MQTT-4.4.0-1], and then what has waited: first PUBREL, in the order of
// PUBREC, then PUBLISH, in the order of the first sending [MQTT-4.6.0-1].
func (b *Broker) resume(now time.Time, c *conn) {
	s := c.session
	for d := s.out.released.first; d != nil; d = d.next {
		if b.cfg.Explain {
			row, _ := outMachine.step(d.state, outResume)
			e := about(c, keyPubrelAgain)
			e.PacketID, e.Rules = d.id, row.Rules(c.version)
			b.explain(c.version, e, "client", s.id, "id", number(int(d.id)))
		}
		b.ack(c, packet.PUBREL, d.id, 0)
	}
	b.pump(now, c)
	b.uncrowd(now, s)
}

// pump sends as much of what waits as the Client may be sent.
func (b *Broker) pump(now time.Time, c *conn) {
	out := &c.session.out
	for c.quota > 0 {
		if d := out.resume; d != nil {
			out.resume = d.next
			c.quota--
			d.conn = c.id
			q := queued{message: d.message, qos: d.qos, retain: d.retain, ids: d.ids, shared: d.shared}
			if b.cfg.Explain {
				row, _ := outMachine.step(d.state, outResume)
				e := about(c, keyPublishAgain)
				e.Topic, e.PacketID, e.Rules = d.message.topic, d.id, row.Rules(c.version)
				b.explain(c.version, e, "client", c.session.id, "topic", d.message.topic, "id", number(int(d.id)))
			}
			if !b.transmit(now, c, q, d.id, true, nil) {
				b.finish(c.session, d)
				c.quota++
			}
			continue
		}
		if out.queue.len() == 0 || !b.mayBegin(c) {
			return
		}
		q := out.queue.pop()
		b.pends(c.session, -q.cost())
		if q.message.expired(now) {
			b.eraseQueued(c.session, &q)
			if b.cfg.Explain {
				e := about(c, keyExpired)
				e.Topic = q.message.topic
				b.explain(c.version, e, "client", c.session.id, "topic", e.Topic)
			}
			continue
		}
		if b.cfg.Explain {
			e := about(c, keyUnqueued)
			e.Topic = q.message.topic
			b.explain(c.version, e, "client", c.session.id, "topic", e.Topic, "queued", number(out.queue.len()))
		}
		b.begin(now, c, q, nil)
	}
}

// acknowledged handles PUBACK, PUBREC, PUBREL and PUBCOMP.
func (b *Broker) acknowledged(now time.Time, c *conn, p *packet.Ack) {
	if p.Kind == packet.PUBREL {
		b.release(c, p.PacketID)
		return
	}
	s := c.session
	d := s.out.byID[p.PacketID]
	if d == nil {
		b.unknownAck(c, p)
		return
	}
	event := ackEvents[p.Kind]
	if p.Kind == packet.PUBREC && p.Code >= packet.UnspecifiedError && d.state == outAwaitPubrec {
		event = outPubrecError
	}
	row, ok := outMachine.step(d.state, event)
	if !ok {
		if b.cfg.Explain {
			e := about(c, keyWrongAck)
			e.PacketID = d.id
			b.explain(c.version, e, "type", p.Kind.String(), "id", number(int(d.id)), "awaited", awaited[d.state].String(), "qos", number(int(d.qos)))
		}
		b.hangUp(now, c, packet.ProtocolError)
		return
	}
	if b.cfg.Explain {
		key := keyAcked
		if row.To == outAwaitPubcomp {
			key = keyPubrec
		}
		b.explainAck(c, key, p.Kind, d.id, d.state, row, "client", s.id, "type", p.Kind.String())
	}
	if row.To == outFree {
		if d.conn == c.id { // else its PUBLISH took nothing from this connection's quota [5.0: MQTT-3.3.4-9]
			c.quota++
		}
		b.finish(s, d)
		b.pump(now, c)
		if s.recall != nil {
			b.uncrowd(now, s)
		}
		return
	}
	if d.state == outAwaitPubrec {
		if s.out.resume == d {
			s.out.resume = d.next
		}
		s.out.published.remove(d)
		b.pends(s, -d.cost())
		b.returned(d)
		d.state, d.message, d.ids = row.To, nil, nil // never sent again [MQTT-4.3.3-1]
		s.out.released.add(d)
		b.saveReleased(s, d)
	}
	b.ack(c, packet.PUBREL, d.id, 0)
}

// ackEvents gives the event of outMachine for each acknowledgement.
var ackEvents = [...]uint8{packet.PUBACK: outPuback, packet.PUBREC: outPubrec, packet.PUBCOMP: outPubcomp}

// awaited is the acknowledgement for which a message waits in each state of outMachine.
var awaited = [...]packet.Type{outAwaitPuback: packet.PUBACK, outAwaitPubrec: packet.PUBREC, outAwaitPubcomp: packet.PUBCOMP}

// unknownAck handles an acknowledgement of nothing that is under way. PUBREC
// is answered, so that the Client can come to an end (5.0: with Reason Code 0x92).
func (b *Broker) unknownAck(c *conn, p *packet.Ack) {
	if b.cfg.Explain {
		e := about(c, keyUnknownAck)
		e.PacketID = p.PacketID
		b.explain(c.version, e, "type", p.Kind.String(), "id", number(int(p.PacketID)))
	}
	if p.Kind == packet.PUBREC && p.Code < packet.UnspecifiedError {
		b.refuseAck(c, packet.PUBREL, p.PacketID, packet.PacketIdentifierNotFound, b.latest())
	}
}

// explanation begins an explanation of what becomes of q on its way to s.
func (q *queued) explanation(s *session, key string) Explanation {
	e := q.message.explanation(key)
	e.TargetClient = s.id
	if s.conn != nil {
		e.Target = s.conn.id
	}
	return e
}
