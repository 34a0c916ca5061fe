package broker

import (
	"slices"
	"time"

	"mqttlab/mqttcore/packet"
)

// target is a Session that a message goes to, with what its matching
// Subscriptions add up to.
type target struct {
	session *session
	filter  string        // the first that matched
	qos     packet.QoS    // the highest granted [MQTT-3.3.5-1]
	count   int           // of the Subscriptions
	retain  bool          // Retain As Published of one of them (5.0)
	ids     []uint32      // Subscription Identifiers of all of them (5.0)
	shared  *subscription // the Shared Subscription that this copy goes by, or nil
}

// route hands a message to every Session with a matching Subscription, one
// copy each, and returns how many there were. from is the publisher's Session,
// wire the message as it may go out with QoS 0, or nil.
func (b *Broker) route(now time.Time, m *message, from *session, wire []byte) int {
	if filter, denied := b.hearingDenied(m.topic); denied {
		if b.cfg.Explain {
			e := m.explanation(keyHearingDenied)
			e.Filter = filter
			b.explain(m.version, e, "topic", m.topic, "filter", filter)
		}
		return 0
	}
	b.sequence++
	b.targets = b.targets[:0]
	subscriptions := 0
	b.subs.Match(m.topic, func(s *session, sub *subscription) bool {
		if b.dying > 0 && s.dead {
			return true
		}
		if sub.noLocal && s == from {
			if b.cfg.Explain {
				e := m.explanation(keyNoLocal)
				e.Filter = sub.filter
				b.explain(m.version, e, "filter", sub.filter)
			}
			return true
		}
		subscriptions++
		b.aim(s, sub)
		return true
	})
	if b.shared.Len() > 0 {
		subscriptions += b.aimShared(m)
	}
	explain := b.cfg.Explain
	plain := subscriptions == 1 && len(b.targets) == 1 && b.targets[0].shared == nil && from != nil
	var matches *Explanation
	switch {
	case !explain:
	case plain && b.explainAgain(m, from):
		explain = false
	default:
		if matches = b.explainMatches(m, subscriptions); subscriptions == 0 {
			b.explainNear(m)
		}
	}
	t := templates{original: wire, version: m.version}
	for i := range b.targets {
		to := &b.targets[i]
		if explain {
			x := b.explainTarget(m, to)
			if plain {
				from.latest = repeatedWay{matches, x, m.qos, to.qos, m.version, to.session.version}
			}
		}
		b.deliver(now, to.session, queued{message: m, qos: min(m.qos, to.qos), retain: m.retain && to.retain, ids: to.ids, shared: to.shared}, &t)
		*to = target{} // keep no Session alive from here
	}
	return len(b.targets)
}

// aim adds a Subscription to the targets of the routing under way.
func (b *Broker) aim(s *session, sub *subscription) {
	if s.mark != b.sequence {
		s.mark, s.slot = b.sequence, len(b.targets)
		b.targets = append(b.targets, target{session: s, filter: sub.filter, qos: sub.qos, count: 1, retain: sub.retainAsPublished, ids: slices.Clip(sub.ids)})
		return
	}
	t := &b.targets[s.slot]
	t.count++
	t.qos = max(t.qos, sub.qos)
	t.retain = t.retain || sub.retainAsPublished
	t.ids = append(t.ids, sub.ids...)
}
