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
// is looked for. A place more costs little, a wrong guess only time.
type repeats [256]repeat

// again returns the place of an explanation, and whether what is there says
// just what e and f would.
func (b *Broker) again(e *Explanation, f facts) (place *repeat, same bool) {
	if b.repeats == nil {
		b.repeats = new(repeats)
	}
	at := uint64(e.Conn)*31 + uint64(e.Target)*17 + uint64(len(e.Topic))*7 + uint64(len(e.Filter))
	if n := len(e.Topic); n > 0 {
		at += uint64(e.Topic[n-1]) * 13
	}
	place = &b.repeats[at%uint64(len(b.repeats))]
	x := place.explanation
	return place, x != nil && place.facts == f && x.Conn == e.Conn && x.Target == e.Target && x.Topic == e.Topic &&
		x.Filter == e.Filter && x.Client == e.Client && x.TargetClient == e.TargetClient
}

// remember keeps an explanation for the next message like this one. Its topic
// is a copy: the packet it came in is long and need not live as long.
func (b *Broker) remember(place *repeat, f facts, x *Explanation) {
	topic := strings.Clone(x.Topic)
	for i, arg := range x.Args {
		if arg == x.Topic {
			x.Args[i] = topic
		}
	}
	x.Topic = topic
	*place = repeat{f, x}
	b.yield(x)
}

// explainMatches says how many Subscriptions match a message.
func (b *Broker) explainMatches(m *message, subscriptions int) {
	e := m.explanation(keyMatches)
	if subscriptions == 0 {
		e.Key = keyNoMatch
	}
	f := facts{key: e.Key, version: m.version, count: subscriptions, sessions: len(b.targets)}
	place, same := b.again(&e, f)
	if same {
		b.yield(place.explanation)
		return
	}
	args := [...]string{"topic", m.topic, "count", number(subscriptions), "sessions", number(len(b.targets))}
	b.remember(place, f, b.keep(m.version, &e, args[:]))
}

// explainTarget says why a message goes to a Session, and as what.
func (b *Broker) explainTarget(m *message, t *target) {
	e := m.explanation(keyDelivered)
	e.Filter, e.TargetClient = t.filter, t.session.id
	if t.session.conn != nil {
		e.Target = t.session.conn.id
	}
	if t.count > 1 {
		e.Key = keyOverlap
	}
	f := facts{key: e.Key, version: t.session.version, published: m.qos, granted: t.qos, count: t.count}
	if place, same := b.again(&e, f); same {
		b.yield(place.explanation)
	} else {
		args := [...]string{"filter", t.filter, "topic", m.topic, "client", t.session.id, "published", number(int(m.qos)),
			"granted", number(int(t.qos)), "qos", number(int(min(m.qos, t.qos))), "count", number(t.count)}
		b.remember(place, f, b.keep(t.session.version, &e, args[:]))
	}
	if m.retain && !t.retain {
		e.Key = keyRetainCleared
		b.explain(t.session.version, e, "client", t.session.id)
	}
}
