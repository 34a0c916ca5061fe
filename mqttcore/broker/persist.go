package broker

import (
	"maps"
	"slices"
)

// Changes returns what the latest event changed of what must outlive the
// Server, in order; it is valid until the next event. There is something only
// with Config.Durable.
//
// Nothing that the event yielded may reach a Client before these changes are
// kept: a Client takes PUBACK, PUBREC, PUBCOMP and SUBACK for a promise
// [MQTT-4.3.2-2, MQTT-4.3.3-2], and a Packet Identifier that it has seen must
// not come to mean another message (section 4.4). Later changes must not be
// kept before earlier ones.
func (b *Broker) Changes() []Record { return b.changes }

func (b *Broker) save(key string, value []byte) {
	b.changes = append(b.changes, Record{key, value})
}

func (b *Broker) erase(key string) { b.changes = append(b.changes, Record{key, nil}) }

// saveSession keeps what a Session is, without what belongs to it. Of one that
// ends with its connection only a Will outlives the Server, which then
// publishes it (3.1.1, section 3.1.2.5).
func (b *Broker) saveSession(s *session) {
	switch {
	case !b.cfg.Durable:
	case s.kept || s.will != nil:
		s.stored = true
		b.save(key(recordSession, s.id), sessionValue(s))
	case s.stored:
		s.stored = false
		b.erase(key(recordSession, s.id))
	}
}

// eraseSession removes a Session with all that belongs to it.
func (b *Broker) eraseSession(s *session) {
	if s.stored {
		s.stored = false
		b.erase(key(recordSession, s.id))
	}
	if !s.kept {
		return
	}
	for _, filter := range slices.Sorted(maps.Keys(s.subs)) {
		b.erase(subscriptionKey(s, filter))
	}
	for _, id := range s.held.list(maxPacketID) {
		b.erase(heldKey(s, id))
	}
	for _, list := range []*deliveries{&s.out.released, &s.out.published} {
		for d := list.first; d != nil; d = d.next {
			b.eraseDelivery(s, d)
		}
	}
	for i := s.out.queue.head; i < len(s.out.queue.list); i++ {
		b.erase(messageKey(s, s.out.queue.list[i].order))
	}
	s.kept = false
}

// saveQueued keeps a message that waits.
func (b *Broker) saveQueued(s *session, q *queued) {
	if s.kept {
		b.sequence++
		q.order = b.sequence
		b.save(messageKey(s, q.order), messageValue(q, 0))
	}
}

// saveBegun keeps under which Packet Identifier a message is sent: with the
// message, or, of one that has waited, beside it.
func (b *Broker) saveBegun(s *session, q *queued, d *delivery) {
	switch {
	case !s.kept:
	case q.order == 0:
		b.sequence++
		d.order = b.sequence
		b.save(messageKey(s, d.order), messageValue(q, d.id))
	default:
		d.order, d.moved = q.order, true
		b.save(deliveryKey(s, d.order), deliveryValue(d, 0))
	}
}

// saveReleased keeps that the message has arrived and only its PUBCOMP is awaited.
func (b *Broker) saveReleased(s *session, d *delivery) {
	if s.kept {
		b.sequence++
		d.moved = true
		b.erase(messageKey(s, d.order))
		b.save(deliveryKey(s, d.order), deliveryValue(d, b.sequence))
	}
}

func (b *Broker) eraseDelivery(s *session, d *delivery) {
	if !s.kept {
		return
	}
	if d.state != outAwaitPubcomp {
		b.erase(messageKey(s, d.order))
	}
	if d.moved {
		b.erase(deliveryKey(s, d.order))
	}
}

func (b *Broker) eraseQueued(s *session, q *queued) {
	if s.kept {
		b.erase(messageKey(s, q.order))
	}
}

func (b *Broker) saveSubscription(s *session, sub *subscription) {
	if s.kept {
		b.save(subscriptionKey(s, sub.filter), subscriptionValue(sub))
	}
}

func (b *Broker) eraseSubscription(s *session, sub *subscription) {
	if s.kept {
		b.erase(subscriptionKey(s, sub.filter))
	}
}

func (b *Broker) saveHeld(s *session, id uint16) {
	if s.kept {
		b.save(heldKey(s, id), []byte{1})
	}
}

func (b *Broker) eraseHeld(s *session, id uint16) {
	if s.kept {
		b.erase(heldKey(s, id))
	}
}

func (b *Broker) saveRetained(r *retained) {
	if b.cfg.Durable {
		b.save(key(recordRetained, r.message.topic), retainedValue(r))
	}
}

func (b *Broker) eraseRetained(topic string) {
	if b.cfg.Durable {
		b.erase(key(recordRetained, topic))
	}
}
