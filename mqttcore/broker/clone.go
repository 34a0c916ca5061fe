package broker

import (
	"maps"
	"slices"
)

// Clone returns a Broker of its own that is in the same state: the same events
// have the same effects on both. It only reads b. What is never changed, such
// as the payload of a message that is kept, they share.
func (b *Broker) Clone() *Broker {
	k := copier{
		conns:    make(map[*conn]*conn, len(b.conns)),
		sessions: make(map[*session]*session, len(b.sessions)),
		subs:     make(map[*subscription]*subscription),
		retained: make(map[*retained]*retained, b.retained.Len()),
		messages: make(map[*message]*message),
	}
	c := &Broker{
		cfg:           b.cfg,
		conns:         make(map[ConnID]*conn, len(b.conns)),
		sessions:      make(map[string]*session, len(b.sessions)),
		retainedBytes: b.retainedBytes,
		pendingBytes:  b.pendingBytes,
		filterBytes:   b.filterBytes,
		keptBytes:     b.keptBytes,
		dying:         b.dying,
		sequence:      b.sequence,
		assigned:      b.assigned,
		lent:          b.lent,
	}
	for id, x := range b.conns {
		c.conns[id] = k.conn(x)
	}
	for id, x := range b.sessions {
		c.sessions[id] = k.session(x)
	}
	c.subs.Copy(&b.subs, func(s *session, sub *subscription) (*session, *subscription) {
		return k.session(s), k.subscription(sub)
	})
	c.shared.Copy(&b.shared, func(share string, g *group) (string, *group) {
		members := make([]sharer, len(g.members))
		for i, m := range g.members {
			members[i] = sharer{k.session(m.session), k.subscription(m.sub)}
		}
		return share, &group{share: g.share, members: members, next: g.next}
	})
	c.retained.Copy(&b.retained, k.stored)
	for s := b.away.first; s != nil; s = s.behind {
		c.away.add(k.session(s))
	}
	c.timers = make(timerQueue, len(b.timers))
	for i, t := range b.timers {
		c.timers[i] = k.timer(t)
	}
	return c
}

// Size is about how many things the Broker keeps, as a measure of what Clone
// and State cost: connections, Sessions, Subscriptions and messages.
func (b *Broker) Size() int {
	return len(b.conns) + len(b.sessions) + b.retained.Len() +
		b.filterBytes/subscriptionBytes + b.pendingBytes/(&message{}).cost()
}

// copier knows the copy of all that is pointed to from more than one place.
type copier struct {
	conns    map[*conn]*conn
	sessions map[*session]*session
	subs     map[*subscription]*subscription
	retained map[*retained]*retained
	messages map[*message]*message // those that had to be copied
}

func (k *copier) conn(x *conn) *conn {
	if x == nil {
		return nil
	}
	c := k.conns[x]
	if c == nil {
		c = new(conn)
		k.conns[x] = c
		*c = *x
		c.timer.conn, c.acked = c, nil
		c.session = k.session(x.session)
		c.aliases, c.aliasOf = slices.Clone(x.aliases), maps.Clone(x.aliasOf)
	}
	return c
}

func (k *copier) session(x *session) *session {
	if x == nil {
		return nil
	}
	s := k.sessions[x]
	if s != nil {
		return s
	}
	s = new(session)
	k.sessions[x] = s
	*s = *x
	s.before, s.behind, s.away = nil, nil, false // Clone adds it to the list
	s.expiryTimer.session, s.willTimer.session = s, s
	s.conn = k.conn(x.conn)
	if x.subs != nil {
		s.subs = make(map[string]*subscription, len(x.subs))
		for filter, sub := range x.subs {
			s.subs[filter] = k.subscription(sub)
		}
	}
	s.held = x.held.clone()
	s.forgets = slices.Clone(x.forgets)
	k.outbound(&s.out, &x.out)
	if w := x.will; w != nil {
		m := *w.message // it is told its expiry when it is published
		s.will = &will{message: &m, state: w.state, delay: w.delay}
	}
	if r := x.recall; r != nil {
		s.recall = &recall{subs: make([]*subscription, len(r.subs)), sub: k.subscription(r.sub),
			list: make([]*retained, len(r.list)), after: r.after, more: r.more, waits: r.waits, timer: r.timer}
		s.recall.timer.session = s
		for i, sub := range r.subs {
			s.recall.subs[i] = k.subscription(sub)
		}
		for i, m := range r.list {
			s.recall.list[i] = k.stored(m)
		}
	}
	return s
}

func (k *copier) outbound(to, from *outbound) {
	*to = outbound{ids: from.ids.clone(), bytes: from.bytes}
	if from.byID != nil {
		to.byID = make(map[uint16]*delivery, len(from.byID))
	}
	add := func(list *deliveries, d *delivery) {
		for ; d != nil; d = d.next {
			c := new(delivery)
			*c = *d
			c.message, c.shared = k.message(d.message), k.subscription(d.shared)
			list.add(c)
			to.byID[c.id] = c
			if d == from.resume {
				to.resume = c
			}
		}
	}
	add(&to.published, from.published.first)
	add(&to.released, from.released.first)
	to.queue.list = slices.Clone(from.queue.list[from.queue.head:])
	for i := range to.queue.list {
		q := &to.queue.list[i]
		q.message, q.shared = k.message(q.message), k.subscription(q.shared)
	}
}

func (k *copier) subscription(x *subscription) *subscription {
	if x == nil {
		return nil
	}
	sub := k.subs[x]
	if sub == nil {
		sub = new(subscription)
		*sub = *x
		k.subs[x] = sub
	}
	return sub
}

func (k *copier) stored(x *retained) *retained {
	r := k.retained[x]
	if r == nil {
		r = new(retained)
		*r = *x
		r.message, r.timer.retained = k.message(x.message), r
		k.retained[x] = r
	}
	return r
}

// message returns a message that says the same and has memory of its own: one
// that has it already does not change any more.
func (k *copier) message(x *message) *message {
	if x == nil || x.own {
		return x
	}
	m := k.messages[x]
	if m == nil {
		m = new(message)
		*m = *x
		m.properties = slices.Clone(x.properties)
		m.keep()
		k.messages[x] = m
	}
	return m
}

// timer returns the copy of a timer that waits; it lies within what it belongs to.
func (k *copier) timer(x *timer) *timer {
	switch x.kind {
	case timerConn:
		return &k.conn(x.conn).timer
	case timerExpiry:
		return &k.session(x.session).expiryTimer
	case timerRetained:
		return &k.stored(x.retained).timer
	case timerRecall:
		return &k.session(x.session).recall.timer
	}
	return &k.session(x.session).willTimer // timerWill, timerForget
}

func (s *idSet) clone() idSet {
	c := *s
	if s.pages != nil {
		c.pages = new([16]*idPage)
		for i, p := range s.pages {
			if p != nil {
				page := *p
				c.pages[i] = &page
			}
		}
	}
	return c
}
