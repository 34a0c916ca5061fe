package broker

import (
	"slices"
	"time"
)

// group is a Shared Subscription: the Sessions that share what matches one
// filter under one ShareName (5.0, section 4.8.2).
type group struct {
	share   string
	members []sharer // in the order of joining
	next    int      // whose turn it is
}

type sharer struct {
	session *session
	sub     *subscription
}

func (b *Broker) joinGroup(s *session, sub *subscription) {
	g, ok := b.shared.Get(sub.matching, sub.share)
	if !ok {
		g = &group{share: sub.share}
		b.shared.Set(sub.matching, sub.share, g)
	}
	for i := range g.members {
		if g.members[i].session == s {
			g.members[i].sub = sub
			return
		}
	}
	g.members = append(g.members, sharer{s, sub})
}

func (b *Broker) leaveGroup(s *session, sub *subscription) {
	g, ok := b.shared.Get(sub.matching, sub.share)
	if !ok {
		return
	}
	i := slices.IndexFunc(g.members, func(m sharer) bool { return m.session == s })
	if i < 0 {
		return
	}
	g.members = slices.Delete(g.members, i, i+1)
	if i < g.next {
		g.next--
	}
	if len(g.members) == 0 {
		b.shared.Delete(sub.matching, sub.share)
	}
}

// aimShared adds, for each Shared Subscription that matches, the member whose
// turn it is (5.0, section 4.8.2). That copy is apart from those of the
// member's own Subscriptions. It returns how many Shared Subscriptions match.
func (b *Broker) aimShared(m *message) int {
	count := 0
	b.shared.Match(m.topic, func(_ string, g *group) bool {
		count++
		member := g.turn()
		sub := member.sub
		b.targets = append(b.targets, target{session: member.session, filter: sub.filter, qos: sub.qos, count: 1, retain: sub.retainAsPublished, ids: sub.ids, shared: sub})
		return true
	})
	return count
}

// turn returns the member to send to: the next one that can be sent to at
// once, else one that is connected, else any.
func (g *group) turn() sharer {
	best, bestIndex := -1, 0
	n := len(g.members)
	for i := range n {
		at := (g.next + i) % n
		fitness := 0
		if c := g.members[at].session.conn; c != nil {
			fitness = 1
			if c.quota > 0 {
				fitness = 2
			}
		}
		if fitness > best {
			best, bestIndex = fitness, at
		}
		if best == 2 {
			break
		}
	}
	g.next = (bestIndex + 1) % n
	return g.members[bestIndex]
}

// redistribute hands what s will never deliver to other members of the
// Shared Subscriptions that it came by: what waited, and what was sent with
// QoS 1 and not acknowledged. A QoS 2 message that was sent stays with its
// Client and ends with it [5.0: MQTT-4.8.2-5]. s has left its groups.
func (b *Broker) redistribute(now time.Time, s *session) {
	pass := func(m *message, retain bool, by *subscription) {
		if by == nil || m.expired(now) {
			return
		}
		g, ok := b.shared.Get(by.matching, by.share)
		if !ok {
			return
		}
		member := g.turn()
		if b.cfg.Explain {
			e := m.explanation(keyRedistributed)
			e.Filter, e.TargetClient = member.sub.filter, member.session.id
			b.explain(member.session.version, e, "topic", m.topic, "filter", member.sub.filter, "client", s.id, "other", member.session.id)
		}
		b.deliver(now, member.session, queued{message: m, qos: min(m.qos, member.sub.qos), retain: retain, ids: member.sub.ids, shared: member.sub}, nil)
	}
	for d := s.out.published.first; d != nil; d = d.next {
		if d.qos == 1 {
			pass(d.message, d.retain, d.shared)
		}
	}
	for i := s.out.queue.head; i < len(s.out.queue.list); i++ {
		q := &s.out.queue.list[i]
		pass(q.message, q.retain, q.shared)
	}
}
