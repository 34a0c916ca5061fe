package broker

import (
	"time"

	"mqttlab/mqttcore/packet"
)

// alwaysKept is how many bytes a Client may have kept, beside messages and
// Subscriptions, although others have taken up what there is.
const alwaysKept = 1 << 10

// overfull says whether n bytes more are too many to be kept for a Client that
// has so many: of its Client Identifier, its Will, the topics of its aliases.
func (b *Broker) overfull(has, n int) bool {
	return has+n > alwaysKept && b.keptBytes+n > b.cfg.MaxAllPendingBytes
}

// toKeep is how many bytes an accepted CONNECT has kept.
func toKeep(p *packet.Connect, id string, old *session) int {
	n := len(id)
	if old != nil {
		n = 0
	}
	if p.HasWill {
		m := message{topic: p.Will.Topic, payload: p.Will.Payload, properties: p.Will.Properties}
		n += m.cost()
	}
	return n
}

// makeRoom ends Sessions whose Clients are away and have much kept, those that
// left first before others, until n bytes more are not too many. It returns
// false if they still are. The Session of the Client that asks stays.
func (b *Broker) makeRoom(now time.Time, n int, asks *session) bool {
	for s := b.away.first; s != nil && b.overfull(0, n); {
		next := s.behind
		if s != asks && s.keptBytes() > alwaysKept {
			if b.cfg.Explain {
				b.explain(s.version, Explanation{Key: keySessionCrowded, Client: s.id}, "client", s.id, "bytes", number(b.keptBytes))
			}
			b.endAway(now, s)
			next = b.away.first // its Will may have ended others
		}
		s = next
	}
	return !b.overfull(0, n)
}

// keptBytes is what a Session has kept beside messages and Subscriptions.
func (s *session) keptBytes() int {
	n := len(s.id)
	if s.will != nil {
		n += s.will.message.cost()
	}
	return n
}

// setWill gives a Session its Will; nil: none.
func (b *Broker) setWill(s *session, w *will) {
	b.keptBytes -= s.keptBytes()
	s.will = w
	b.keptBytes += s.keptBytes()
}

// takeWill takes the Will from a Session and returns it, nil if it has none.
func (b *Broker) takeWill(s *session) *will {
	w := s.will
	b.setWill(s, nil)
	return w
}
