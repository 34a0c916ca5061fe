package broker

import (
	"cmp"
	"slices"
	"time"

	"mqttlab/mqttcore/packet"
)

// retained is the message that the Server keeps for a topic (section 3.3.1.3).
type retained struct {
	message *message
	order   uint64 // of being stored
	timer   timer
}

// retain stores, replaces or removes the retained message of a topic.
func (b *Broker) retain(now time.Time, m *message) {
	say := func(key string) {
		if b.cfg.Explain {
			b.explain(m.version, m.explanation(key), "topic", m.topic, "bytes", number(len(m.payload)), "qos", number(int(m.qos)), "count", number(b.retained.Len()))
		}
	}
	if len(m.payload) == 0 { // [MQTT-3.3.1-10]
		old, ok := b.retained.Delete(m.topic)
		if !ok {
			say(keyRetainedNothing)
			return
		}
		b.unschedule(&old.timer)
		b.retainedBytes -= old.message.size()
		b.eraseRetained(m.topic)
		say(keyRetainedCleared)
		return
	}
	m.keep()
	old, ok := b.retained.Get(m.topic)
	switch {
	case b.retained.Len() >= b.cfg.MaxRetained && !ok, b.retainedBytes+m.size() > b.cfg.MaxRetainedBytes:
		say(keyRetainedFull)
		return
	case ok:
		b.unschedule(&old.timer)
		b.retainedBytes -= old.message.size()
		say(keyRetainedReplaced)
	default:
		say(keyRetainedStored)
	}
	b.retainedBytes += m.size()
	b.sequence++
	r := &retained{message: m, order: b.sequence}
	b.retained.Set(m.topic, r)
	b.saveRetained(r)
	if !m.expires.IsZero() {
		r.timer = timer{kind: timerRetained, retained: r}
		b.schedule(&r.timer, m.expires)
	}
}

func (b *Broker) expireRetained(r *retained) {
	m := r.message
	if b.cfg.Explain {
		b.explain(packet.V5, m.explanation(keyRetainedExpired), "topic", m.topic)
	}
	b.retained.Delete(m.topic)
	b.retainedBytes -= m.size()
	b.eraseRetained(m.topic)
}

// sendRetained sends what is retained for a new Subscription, in the order in
// which it was stored [MQTT-3.3.1-6], with RETAIN 1 [MQTT-3.3.1-8].
func (b *Broker) sendRetained(now time.Time, c *conn, sub *subscription) {
	b.stored = b.retained.AppendMatches(b.stored[:0], sub.matching)
	slices.SortFunc(b.stored, func(x, y *retained) int { return cmp.Compare(x.order, y.order) })
	for i, r := range b.stored {
		b.stored[i] = nil
		m := r.message
		if m.expired(now) {
			continue
		}
		if _, denied := b.hearingDenied(m.topic); denied {
			continue
		}
		if sub.noLocal && m.client == c.session.id { // [5.0: MQTT-3.8.3-3]
			if b.cfg.Explain {
				e := about(c, keyNoLocal)
				e.Topic, e.Filter = m.topic, sub.filter
				b.explain(c.version, e, "filter", sub.filter)
			}
			continue
		}
		q := queued{message: m, qos: min(m.qos, sub.qos), retain: true, ids: sub.ids}
		if b.cfg.Explain {
			e := about(c, keyRetainedSent)
			e.Topic, e.Filter, e.Target, e.TargetClient = m.topic, sub.filter, c.id, c.session.id
			b.explain(c.version, e, "topic", m.topic, "filter", sub.filter, "client", c.session.id, "qos", number(int(q.qos)))
		}
		b.deliver(now, c.session, q, nil)
	}
}
