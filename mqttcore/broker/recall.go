package broker

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A Subscription is sent what is retained piece by piece, so that one
// SUBSCRIBE with many filters, which may each match everything, costs the
// other Clients no more than any other packet: a piece with SUBSCRIBE, and the
// next ones whenever the caller ticks, which Next says is due at once. A piece
// of one Session follows one of another.
const (
	recallPiece = 1024 // messages of one event, or work that takes as long
	recallQueue = 1000 // messages waiting for the Session from which on nothing retained is added
	recallList  = 4096 // matches looked up ahead
	recallWork  = 16   // steps of looking up that take as long as a message
)

// recall is what a Session is still to be sent of what is retained.
type recall struct {
	subs  []*subscription // whose turn has not come
	sub   *subscription   // whose turn it is, or nil
	list  []*retained     // its next matches
	after uint64          // the order of the last one looked up
	more  bool            // there are matches after that
	waits bool            // until fewer messages wait for the Client
	timer timer
}

// recallFor lets a new Subscription have what is retained. Of several with the
// same filter the last one counts.
func (b *Broker) recallFor(s *session, sub *subscription) {
	if b.retained.Len() == 0 {
		return
	}
	sub.recalls, sub.since = true, b.sequence
	r := s.recall
	if r == nil {
		r = &recall{}
		r.timer = timer{kind: timerRecall, session: s}
		s.recall = r
	}
	if len(r.subs) > 2*len(s.subs)+64 {
		r.subs = slices.DeleteFunc(r.subs, func(sub *subscription) bool { return !s.awaits(sub) })
	}
	r.subs = append(r.subs, sub)
}

// awaits says whether a Subscription is still there and has not had its turn.
func (s *session) awaits(sub *subscription) bool { return sub.recalls && s.subs[sub.filter] == sub }

// recall sends the next piece of what is retained, in the order in which it
// was stored [MQTT-3.3.1-6].
func (b *Broker) recall(now time.Time, s *session) {
	r := s.recall
	if r == nil || r.waits {
		return
	}
	for left := recallPiece; left > 0; {
		sub := r.sub
		switch {
		case sub == nil && len(r.subs) == 0:
			b.endRecall(s)
			return
		case sub == nil:
			left--
			if sub = r.subs[0]; s.awaits(sub) {
				r.sub, r.after, r.more = sub, 0, true
			}
			r.subs[0] = nil
			r.subs = r.subs[1:]
		case !s.awaits(sub), s.conn == nil && sub.qos == 0, len(r.list) == 0 && !r.more:
			sub.recalls = false
			r.sub, r.list = nil, nil
		case len(r.list) == 0:
			left -= b.lookUp(r) / recallWork
		default:
			x := r.list[0]
			if !x.gone && min(x.message.qos, sub.qos) > 0 && b.crowded(s, x.message) {
				r.waits = true // for pump
				b.unschedule(&r.timer)
				return
			}
			r.list = r.list[1:]
			left--
			if !x.gone { // else what replaced it has gone the way of all messages
				b.sendRetained(now, s, sub, x)
			}
		}
	}
	b.schedule(&r.timer, now)
}

// crowded says whether so much waits for the Client that m had better wait
// where it is.
func (b *Broker) crowded(s *session, m *message) bool {
	return s.out.queue.len() >= min(recallQueue, b.cfg.MaxQueued) ||
		s.out.bytes > 0 && (s.out.bytes+m.cost() > b.cfg.MaxPendingBytes || b.pendingBytes+m.cost() > b.cfg.MaxAllPendingBytes)
}

// uncrowd lets a recall go on that waited.
func (b *Broker) uncrowd(now time.Time, s *session) {
	r := s.recall
	if r == nil || !r.waits || s.out.queue.len() > min(recallQueue, b.cfg.MaxQueued)/2 || s.out.bytes > b.cfg.MaxPendingBytes/2 {
		return
	}
	r.waits = false
	b.schedule(&r.timer, now)
}

func (b *Broker) endRecall(s *session) {
	if s.recall != nil {
		b.unschedule(&s.recall.timer)
		s.recall = nil
	}
}

// lookUp finds the next matches of r.sub and returns how many steps it took.
func (b *Broker) lookUp(r *recall) int {
	r.more = false
	if !strings.ContainsAny(r.sub.matching, "+#") {
		if x, ok := b.retained.Get(r.sub.matching); ok && x.order <= r.sub.since {
			r.list = append(r.list, x)
		}
		return 1
	}
	steps := b.retained.Steps()
	b.stored = b.retained.AppendMatches(b.stored[:0], r.sub.matching)
	found := slices.DeleteFunc(b.stored, func(x *retained) bool {
		return x.order <= r.after || x.order > r.sub.since // later ones have gone the way of all messages
	})
	slices.SortFunc(found, func(x, y *retained) int { return cmp.Compare(x.order, y.order) })
	if n := max(recallList, len(found)/16); len(found) > n {
		found, r.more = found[:n], true
	}
	if len(found) > 0 {
		r.after = found[len(found)-1].order
		r.list = slices.Clone(found)
	}
	clear(b.stored)
	if cap(b.stored) > recallList {
		b.stored = nil
	}
	return b.retained.Steps() - steps
}
