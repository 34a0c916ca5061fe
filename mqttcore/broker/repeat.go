package broker

import (
	"strings"

	"mqttlab/mqttcore/packet"
)

// Most messages go the way of the one before: the same topic, matched by the
// same filters, to the same Clients. What explains one of them explains the
// next one as well, word for word, so it is not made again.

// facts is all that the explanation of a match or a delivery depends on,
// beside the strings that it holds.
type facts struct {
	key       string
	version   packet.Version
	published packet.QoS
	granted   packet.QoS
	count     int // of Subscriptions
	sessions  int
}

// repeat is an explanation and what it was made from.
type repeat struct {
	facts       facts
	explanation *Explanation
}

// repeats remembers the latest explanations, each in the one place where it
// is looked for. A place more costs little, a wrong guess only time. A Broker
// that lives for one message, as in a rehearsal, needs one place.
type repeats struct {
	first    repeat
	messages *[256]repeat
}

// forget drops what was said of a connection that has ended: it will not be
// said again, and would keep much else in memory.
func (r *repeats) forget(id ConnID) {
	drop := func(place *repeat) {
		if x := place.explanation; x != nil && (x.Conn == id || x.Target == id) {
			*place = repeat{}
		}
	}
	drop(&r.first)
	if r.messages != nil {
		for i := range r.messages {
			drop(&r.messages[i])
		}
	}
}

// repeatedWay is what was said of a message that went to one Session by one
// Subscription, and what that rests on beside what the explanations hold.
type repeatedWay struct {
	matches, delivered *Explanation
	published, granted packet.QoS
	version, to        packet.Version // of publisher and subscriber
}

// explainAgain says of a message what was said of its Client's message before
// it, if both go the same way. That is the case of nearly all, and this is all
// that explaining those costs.
func (b *Broker) explainAgain(m *message, from *session) bool {
	w, t := &from.latest, &b.targets[0]
	x := w.delivered
	if x == nil || t.retain != m.retain || b.explained+2 > b.cfg.MaxExplained ||
		w.published != m.qos || w.granted != t.qos || w.version != m.version || w.to != t.session.version {
		return false
	}
	var target ConnID
	if t.session.conn != nil {
		target = t.session.conn.id
	}
	if x.Conn != m.conn || x.Target != target || x.Topic != m.topic || x.Filter != t.filter || x.TargetClient != t.session.id || x.Client != m.client {
		return false
	}
	b.yield(w.matches)
	b.yield(x)
	return true
}

// repeatedAcks are what was said last of a connection's PUBACK, PUBREC, PUBREL
// and PUBCOMP.
type repeatedAcks [4]repeatedAck

// repeatedAck is what is said of an acknowledgement, whatever its Packet Identifier.
type repeatedAck struct {
	key         string
	state       uint8 // of the exchange before it
	explanation *Explanation
}

// explainAck says what an acknowledgement from c changes. The arguments are the
// same for all of its connection.
func (b *Broker) explainAck(c *conn, key string, kind packet.Type, id uint16, state uint8, row *Row, args ...string) {
	if b.explained >= b.cfg.MaxExplained {
		b.explained++
		return
	}
	if c.acked == nil {
		c.acked = new(repeatedAcks)
	}
	place := &c.acked[kind-packet.PUBACK]
	if place.explanation == nil || place.key != key || place.state != state {
		e := about(c, key)
		e.Rules = row.Rules(c.version)
		*place = repeatedAck{key, state, b.keep(c.version, &e, args)}
	}
	b.yield(place.explanation)
	b.effects[len(b.effects)-1].PacketID = id
}

// again returns the place of an explanation of what becomes of m on its way
// to a target, or without one, and whether what is there says just that.
func (b *Broker) again(m *message, filter string, to *session, f *facts) (place *repeat, same bool) {
	if b.repeats.first.explanation == nil {
		return &b.repeats.first, false
	}
	if b.repeats.messages == nil {
		b.repeats.messages = new([256]repeat)
	}
	var target ConnID
	var client string
	if to != nil {
		client = to.id
		if to.conn != nil {
			target = to.conn.id
		}
	}
	at := uint64(m.conn)*31 + uint64(target)*17 + uint64(len(m.topic))*7 + uint64(len(filter))
	if n := len(m.topic); n > 0 {
		at += uint64(m.topic[n-1]) * 13
	}
	place = &b.repeats.messages[at%uint64(len(b.repeats.messages))]
	x := place.explanation
	return place, x != nil && place.facts == *f && x.Conn == m.conn && x.Target == target && x.Topic == m.topic &&
		x.Filter == filter && x.Client == m.client && x.TargetClient == client
}

// remember yields an explanation and, unless its Client has gone, keeps it for
// the next message like this one. Its topic is a copy: the packet it came in is
// long and need not live as long.
func (b *Broker) remember(place *repeat, f facts, x *Explanation) *Explanation {
	topic := strings.Clone(x.Topic)
	for i, arg := range x.Args {
		if arg == x.Topic {
			x.Args[i] = topic
		}
	}
	x.Topic = topic
	if b.conns[x.Conn] != nil {
		*place = repeat{f, x}
	}
	b.yield(x)
	return x
}

// explainMatches says how many Subscriptions match a message. It returns the
// explanation.
func (b *Broker) explainMatches(m *message, subscriptions int) *Explanation {
	f := facts{key: keyMatches, version: m.version, count: subscriptions, sessions: len(b.targets)}
	if subscriptions == 0 {
		f.key = keyNoMatch
	}
	place, same := b.again(m, "", nil, &f)
	if same {
		b.yield(place.explanation)
		return place.explanation
	}
	e := m.explanation(f.key)
	args := [...]string{"topic", m.topic, "count", number(subscriptions), "sessions", number(len(b.targets))}
	return b.remember(place, f, b.keep(m.version, &e, args[:]))
}

// explainTarget says why a message goes to a Session, and as what. It returns
// the explanation, or nil if there have been too many.
func (b *Broker) explainTarget(m *message, t *target) *Explanation {
	if b.explained >= b.cfg.MaxExplained {
		b.explained++
		return nil
	}
	f := facts{key: keyDelivered, version: t.session.version, published: m.qos, granted: t.qos, count: t.count}
	if t.count > 1 {
		f.key = keyOverlap
	}
	place, same := b.again(m, t.filter, t.session, &f)
	x := place.explanation
	if same {
		b.yield(x)
	} else {
		e := t.explanation(m, f.key)
		args := [...]string{"filter", t.filter, "topic", m.topic, "client", t.session.id, "published", number(int(m.qos)),
			"granted", number(int(t.qos)), "qos", number(int(min(m.qos, t.qos))), "count", number(t.count)}
		x = b.remember(place, f, b.keep(t.session.version, &e, args[:]))
	}
	if m.retain && !t.retain {
		b.explain(t.session.version, t.explanation(m, keyRetainCleared), "client", t.session.id)
	}
	return x
}

// explanation begins an explanation of what becomes of m on its way to t.
func (t *target) explanation(m *message, key string) Explanation {
	e := m.explanation(key)
	e.Filter, e.TargetClient = t.filter, t.session.id
	if t.session.conn != nil {
		e.Target = t.session.conn.id
	}
	return e
}
