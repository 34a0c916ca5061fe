package flow

import (
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/topic"
)

// filters are the Topic Filters that the client has subscribed to on this
// connection. One that was unsubscribed stays: what was on its way may still
// come (section 3.10.4).
type filters struct {
	index    topic.Index[string, *subscription] // by filter; the key is the ShareName
	overflow bool                               // some had no room
}

type subscription struct {
	filter  string // as the client wrote it
	packet  int    // the SUBSCRIBE
	pending bool   // its SUBACK has not come
	granted bool
	ids     []uint32   // the Subscription Identifiers that it has or had, the first maxIDs
	bare    bool       // it has or had none
	more    bool       // it had more than ids holds
	qos     packet.QoS // the highest that was granted: older messages keep theirs
}

// most is the highest QoS at which the Subscription can deliver.
func (s *subscription) most() packet.QoS {
	if s.pending {
		return 2
	}
	return s.qos
}

func (f *filters) add(c *Conn, filter string, ps packet.Properties) {
	id, _ := ps.Number(packet.SubscriptionIdentifier)
	name, plain := split(filter)
	if old, ok := f.index.Get(plain, name); ok {
		old.packet, old.pending = c.seen.Index, true
		old.identify(id)
		return
	}
	text, ok := c.keep(filter)
	if !ok {
		f.overflow = true
		return
	}
	name, plain = split(text)
	s := &subscription{filter: text, packet: c.seen.Index, pending: true}
	s.identify(id)
	f.index.Set(plain, name, s)
}

// grant notes the QoS that the Server granted.
func (f *filters) grant(filter string, qos packet.QoS) {
	name, plain := split(filter)
	if s, ok := f.index.Get(plain, name); ok {
		s.pending, s.granted, s.qos = false, true, max(s.qos, qos)
	}
}

// refuse takes a refused filter away, unless an earlier SUBSCRIBE got it.
func (f *filters) refuse(c *Conn, filter string) {
	name, plain := split(filter)
	s, ok := f.index.Get(plain, name)
	switch {
	case !ok:
	case s.granted:
		s.pending = false
	default:
		f.index.Delete(plain, name)
		c.drop(s.filter)
	}
}

// match returns the Subscription that grants most for a topic, or nil.
func (f *filters) match(name string) (best *subscription) {
	f.index.Match(name, func(_ string, s *subscription) bool {
		if best == nil || s.most() > best.most() {
			best = s
		}
		return true
	})
	return best
}

func split(filter string) (share, plain string) {
	if name, rest, shared := topic.CutShare(filter); shared {
		return name, rest
	}
	return "", filter
}

// delivery joins a PUBLISH of the Server with the Subscription behind it.
func (c *Conn) delivery(p *packet.Publish, name string) {
	if c.from != packet.Server || name == "" {
		return
	}
	name = clone(name)
	s := c.filters.match(name)
	known := c.fresh && !c.filters.overflow
	if known && s != nil {
		c.checkIdentifiers(p, name)
	}
	switch {
	case s != nil:
		c.result.link(Link{To: s.packet, Kind: Matches, Place: field(packet.FieldTopic), Key: "flow.matches",
			Args: []string{"topic", name, "filter", s.filter, "to", number(s.packet)}})
		if known && p.QoS > s.most() {
			c.blame(deliveredAbove, field(packet.FieldQoS), "qos", number(p.QoS), "granted", number(s.most()), "topic", name, "filter", s.filter)
		}
	case known:
		c.blame(noSubscription, field(packet.FieldTopic), "topic", name)
	}
}
