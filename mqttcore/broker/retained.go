package broker

import (
	"time"

	"mqttlab/mqttcore/packet"
)

// retained is the message that the Server keeps for a topic (section 3.3.1.3).
type retained struct {
	message *message
	order   uint64 // of being stored
	gone    bool   // removed or replaced
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
		old.gone = true
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
		old.gone = true
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
	r.gone = true
	b.retained.Delete(m.topic)
	b.retainedBytes -= m.size()
	b.eraseRetained(m.topic)
}

// sendRetained sends a retained message for a new Subscription, with RETAIN 1
// [MQTT-3.3.1-8].
func (b *Broker) sendRetained(now time.Time, s *session, sub *subscription, r *retained) {
	m := r.message
	if m.expired(now) {
		return
	}
	if _, denied := b.hearingDenied(m.topic); denied {
		return
	}
	e := Explanation{Client: s.id, Topic: m.topic, Filter: sub.filter}
	if s.conn != nil {
		e.Conn = s.conn.id
	}
	if sub.noLocal && m.client == s.id { // [5.0: MQTT-3.8.3-3]
		if b.cfg.Explain {
			e.Key = keyNoLocal
			b.explain(s.version, e, "filter", sub.filter)
		}
		return
	}
	q := queued{message: m, qos: min(m.qos, sub.qos), retain: true, ids: sub.ids}
	if b.cfg.Explain {
		e.Key, e.Target, e.TargetClient = keyRetainedSent, e.Conn, s.id
		b.explain(s.version, e, "topic", m.topic, "filter", sub.filter, "client", s.id, "qos", number(int(q.qos)))
	}
	b.deliver(now, s, q, nil)
}
