package broker

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// sessionList holds the Sessions whose Clients are away, in the order of leaving.
type sessionList struct {
	first, last *session
	n           int
}

func (l *sessionList) add(s *session) {
	s.before, s.behind = l.last, nil
	if l.last == nil {
		l.first = s
	} else {
		l.last.behind = s
	}
	l.last = s
	l.n++
	s.away = true
}

func (l *sessionList) remove(s *session) {
	if !s.away {
		return
	}
	if s.before == nil {
		l.first = s.behind
	} else {
		s.before.behind = s.behind
	}
	if s.behind == nil {
		l.last = s.before
	} else {
		s.behind.before = s.before
	}
	s.before, s.behind = nil, nil
	l.n--
	s.away = false
}

// dropOldest ends the Sessions whose Clients have been away for longest, as
// long as there are more than Config.MaxAway. Before 5.0 a Session has no end
// of its own, and whoever makes them must not keep others out.
func (b *Broker) dropOldest(now time.Time) {
	for b.away.n > b.cfg.MaxAway {
		b.dropAway(now, b.away.first, b.cfg.MaxAway)
	}
}

func (b *Broker) dropAway(now time.Time, s *session, limit int) {
	if b.cfg.Explain {
		b.explain(s.version, Explanation{Key: keySessionDropped, Client: s.id}, "client", s.id, "limit", number(limit))
	}
	b.endAway(now, s)
}

// sortAway brings the Sessions of an earlier Server into the order in which
// their Clients left.
func (b *Broker) sortAway() {
	b.away = sessionList{}
	all := slices.SortedFunc(maps.Values(b.sessions), func(x, y *session) int {
		return cmp.Or(x.left.Compare(y.left), cmp.Compare(x.id, y.id))
	})
	for _, s := range all {
		b.away.add(s)
	}
}
