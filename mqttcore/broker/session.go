package broker

import (
	"maps"
	"slices"
	"time"

	"mqttlab/mqttcore/packet"
)

// never is the Session Expiry Interval of a Session that does not end by
// itself: Clean Session 0 before 5.0.
const never = 1<<32 - 1

// session is the Session state that the Server keeps (section 4.1).
type session struct {
	id      string
	state   uint8 // of sessionMachine
	conn    *conn // nil while the Client is away
	version packet.Version
	clean   bool   // Clean Session (5.0: Clean Start) of the last CONNECT
	expiry  uint32 // seconds after the connection's end; 0: it ends with it
	subs    map[string]*subscription
	filters int   // bytes of their filters
	held    idSet // Packet Identifiers of QoS 2 messages from the Client, until PUBREL
	out     outbound
	recall  *recall // nil: nothing retained is still to be sent
	will    *will
	kept    bool      // its Records are kept: it may outlive the Server
	stored  bool      // there is a Record of it, if only for its Will
	away    bool      // in Broker.away, between before and behind
	left    time.Time // when the connection ended; zero: there is one

	expiryTimer timer
	willTimer   timer

	before, behind *session

	forgets []string // filters that are still to be removed from the index

	latest repeatedWay // what was said of the Client's latest message

	dead bool   // it has ended
	mark uint64 // the routing that saw this Session last
	slot int    // its place in that routing's targets
}

func (b *Broker) boundExpiry(seconds uint32) uint32 {
	if limit := b.cfg.MaxSessionExpiry; limit > 0 {
		return min(seconds, limit)
	}
	return seconds
}

// newSession begins a Session.
func (b *Broker) newSession(id string) *session {
	s := &session{id: id}
	s.expiryTimer = timer{kind: timerExpiry, session: s}
	s.willTimer = timer{kind: timerWill, session: s}
	b.sessions[id] = s
	b.keptBytes += s.keptBytes()
	return s
}

// endSession discards a Session. Its Will must have been dealt with.
func (b *Broker) endSession(now time.Time, s *session) {
	b.unschedule(&s.expiryTimer)
	b.unschedule(&s.willTimer)
	b.endRecall(s)
	b.away.remove(s)
	b.pends(s, -s.out.bytes)
	b.eraseSession(s)
	filters := slices.Sorted(maps.Keys(s.subs)) // in the same order each time
	many := len(filters) > forgetPiece
	for _, filter := range filters {
		if sub := s.subs[filter]; sub.share != "" || !many {
			b.removeSubscription(s, sub)
		}
	}
	delete(b.sessions, s.id)
	b.keptBytes -= s.keptBytes()
	for d := s.out.published.first; d != nil; d = d.next {
		b.returned(d)
	}
	s.dead, s.forgets = true, filters
	if many {
		b.dying++
		s.willTimer = timer{kind: timerForget, session: s}
		b.schedule(&s.willTimer, now)
	} else {
		b.filterBytes -= s.filters + len(s.subs)*subscriptionBytes
		s.subs, s.forgets = nil, nil
	}
	b.redistribute(now, s)
}

// forgetPiece is how many Subscriptions of a Session that has ended are
// removed in one event. They match nothing meanwhile.
const forgetPiece = 2048

// forgetSubscriptions removes the next Subscriptions of a Session that has ended.
func (b *Broker) forgetSubscriptions(now time.Time, s *session) {
	n := min(forgetPiece, len(s.forgets))
	for _, filter := range s.forgets[:n] {
		if sub := s.subs[filter]; sub.share == "" { // the others went at once: groups hand on to who is left
			b.removeSubscription(s, sub)
		}
		b.filterBytes -= len(filter) + subscriptionBytes
	}
	if s.forgets = s.forgets[n:]; len(s.forgets) == 0 {
		b.dying--
		s.subs, s.forgets = nil, nil
		return
	}
	b.schedule(&s.willTimer, now)
}

// ended handles the end of a network connection, whoever ended it. A Will
// that is still there is published, or waits for its delay.
func (b *Broker) ended(now time.Time, c *conn) {
	b.forget(c)
	s := c.session
	if s == nil {
		return
	}
	s.conn, s.latest = nil, repeatedWay{}
	s.out.resume = s.out.published.first
	if s.expiry == 0 {
		s.state = sessionMachine.next(s.state, sessionClosedEnd)
		w := b.takeWill(s)
		if b.cfg.Explain {
			e := about(c, keySessionEnded)
			b.explain(c.version, e, "subscriptions", number(len(s.subs)))
		}
		b.endSession(now, s)
		if w != nil {
			w.state = willMachine.next(w.state, willLost)
			b.publishWill(now, s, w)
		}
		return
	}
	s.state = sessionMachine.next(s.state, sessionClosed)
	s.left = now
	for d := s.out.published.first; d != nil; d = d.next {
		d.message.keep()
		b.returned(d)
	}
	b.away.add(s)
	defer b.dropOldest(now)
	defer b.saveSession(s)
	if b.cfg.Explain {
		b.explain(c.version, about(c, keySessionKept), "subscriptions", number(len(s.subs)), "inflight", number(s.out.published.n+s.out.released.n), "queued", number(s.out.queue.len()))
	}
	if s.expiry != never {
		b.schedule(&s.expiryTimer, now.Add(time.Duration(s.expiry)*time.Second))
	}
	if w := s.will; w != nil {
		if w.delay > 0 {
			w.state = willMachine.next(w.state, willLostDelay)
			if b.cfg.Explain {
				b.explain(c.version, about(c, keyWillDelayed), "seconds", number(int(min(w.delay, s.expiry))))
			}
			if w.delay < s.expiry { // else it is published when the Session ends
				b.schedule(&s.willTimer, now.Add(time.Duration(w.delay)*time.Second))
			}
			return
		}
		w.state = willMachine.next(w.state, willLost)
		b.setWill(s, nil)
		b.publishWill(now, s, w)
	}
}

// expireSession ends a Session whose Client has been away too long [5.0: MQTT-4.1.0-2].
func (b *Broker) expireSession(now time.Time, s *session) {
	if b.cfg.Explain {
		b.explain(s.version, Explanation{Key: keySessionExpired, Client: s.id}, "seconds", number(int(s.expiry)))
	}
	b.endAway(now, s)
}

// endAway ends a Session whose Client is away.
func (b *Broker) endAway(now time.Time, s *session) {
	w := b.takeWill(s)
	s.state = sessionMachine.next(s.state, sessionExpired)
	b.endSession(now, s)
	if w != nil {
		w.state = willMachine.next(w.state, willDelayEnds)
		b.publishWill(now, s, w)
	}
}
