package flow

import (
	"strings"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/topic"
)

// request is a SUBSCRIBE or UNSUBSCRIBE that waits for its answer.
type request struct {
	count   int      // of its filters
	filters []string // the first of them, as many as there was room for
	qos     []packet.QoS
	full    bool
}

func (c *Conn) subscribe(p *packet.Subscribe) {
	r := &request{count: len(p.Subscriptions)}
	for i := range p.Subscriptions {
		s := &p.Subscriptions[i]
		if c.keepFilter(r, s.Filter); !r.full {
			r.qos = append(r.qos, s.QoS)
		}
		c.checkFilter(s.Filter, i)
		c.filters.add(c, s.Filter, p.Properties)
		c.asksAbove = c.asksAbove || s.QoS > c.server.maximumQoS
	}
	if has(p.Properties, packet.SubscriptionIdentifier) && !c.server.subscriptionIDs {
		c.blame(subscriptionIDUnavailable, property(packet.SubscriptionIdentifier))
	}
	c.begin(p.PacketID, awaitsSuback, r)
}

func (c *Conn) unsubscribe(p *packet.Unsubscribe) {
	r := &request{count: len(p.Filters)}
	for _, f := range p.Filters {
		c.keepFilter(r, f)
	}
	c.begin(p.PacketID, awaitsUnsuback, r)
}

// keepFilter keeps the first filters of a request, as far as there is room.
func (c *Conn) keepFilter(r *request, filter string) {
	if r.full {
		return
	}
	text, ok := c.keep(filter)
	if !ok {
		r.full = true
		return
	}
	r.filters = append(r.filters, text)
}

func (c *Conn) forget(r *request) {
	for _, f := range r.filters {
		c.drop(f)
	}
	r.filters, r.qos = nil, nil
}

// discard lets go of an exchange in whose place another begins.
func (c *Conn) discard(e *exchange, begun packet.Party) {
	if e == nil {
		return
	}
	if e.counted {
		c.flight[begun]--
	}
	if e.request != nil {
		c.forget(e.request)
	}
}

// begin opens the exchange of a request. Messages and requests of a client
// share one set of Packet Identifiers (section 2.2.1; 3.1.1: section 2.3.1).
func (c *Conn) begin(id uint16, s state, r *request) {
	mine := c.exchanges[packet.Client]
	e := mine[id]
	if e != nil && e.state.underWay() && !e.foreign {
		c.blame(idInUse, field(packet.FieldPacketID), "id", number(id), "to", number(e.first))
	}
	c.discard(e, packet.Client)
	e = c.anew(packet.Client, id, e)
	*e = exchange{state: s, first: c.seen.Index, last: c.seen.Index, request: r}
	c.part(e, id, packet.Client)
}

// end closes the exchange of a request and returns it, or nil if there is none.
func (c *Conn) end(id uint16, s state, t packet.Type) *request {
	e := c.exchanges[packet.Client][id]
	if e == nil || e.state != s {
		c.blame(answerUnknown, field(packet.FieldPacketID), "type", c.seen.Type.String(), "request", t.String(), "id", number(id))
		return nil
	}
	e.state = endedRequest
	c.part(e, id, packet.Client)
	c.result.answers(e.first, t)
	r := e.request
	e.request = nil
	return r
}

func (c *Conn) suback(p *packet.Suback) {
	to := c.firstOf(p.PacketID)
	r := c.end(p.PacketID, awaitsSuback, packet.SUBSCRIBE)
	if r == nil {
		return
	}
	defer c.forget(r)
	at := packet.FieldGrantedQoS
	if c.version == packet.V5 {
		at = packet.FieldSubackReason
	}
	if len(p.Codes) != r.count {
		c.blame(subackCount, nth(at, min(len(p.Codes), r.count)), "codes", number(len(p.Codes)), "filters", number(r.count), "to", number(to))
	}
	c.checkCodeOrder(p.Codes, r, at, to)
	for i, code := range p.Codes[:min(len(p.Codes), len(r.filters))] {
		args := []string{"filter", r.filters[i], "asked", number(r.qos[i]), "to", number(to), "granted", number(code)}
		key := "flow.granted"
		switch {
		case code >= 0x80:
			key = "flow.not-granted"
			c.filters.refuse(c, r.filters[i])
		case packet.QoS(code) != r.qos[i]:
			key = "flow.granted-other"
		}
		if code <= 2 {
			c.filters.grant(r.filters[i], packet.QoS(code))
			if packet.QoS(code) > r.qos[i] {
				c.blame(grantedAbove, nth(at, i), args...)
			}
		}
		c.result.link(Link{To: to, Kind: Grants, Place: nth(at, i), Key: key, Args: args})
	}
}

func (c *Conn) unsuback(p *packet.Unsuback) {
	to := c.firstOf(p.PacketID)
	r := c.end(p.PacketID, awaitsUnsuback, packet.UNSUBSCRIBE)
	if r == nil {
		return
	}
	defer c.forget(r)
	if c.version != packet.V5 {
		return
	}
	at := packet.FieldUnsubackReason
	if len(p.Codes) != r.count {
		c.blame(unsubackCount, nth(at, min(len(p.Codes), r.count)), "codes", number(len(p.Codes)), "filters", number(r.count), "to", number(to))
	}
	for i, code := range p.Codes[:min(len(p.Codes), len(r.filters))] {
		key := "flow.unsubscribed"
		switch {
		case code >= 0x80:
			key = "flow.not-unsubscribed"
		case code == packet.NoSubscriptionExisted:
			key = "flow.was-not-subscribed"
		}
		c.result.link(Link{To: to, Kind: Grants, Place: nth(at, i), Key: key, Args: []string{"filter", r.filters[i], "to", number(to)}})
	}
}

// firstOf returns the index of the packet that the client last sent under id.
func (c *Conn) firstOf(id uint16) int {
	if e := c.exchanges[packet.Client][id]; e != nil {
		return e.first
	}
	return 0
}

// checkFilter holds a Topic Filter against what the Server's CONNACK offers.
func (c *Conn) checkFilter(filter string, i int) {
	name, rest, shared := topic.CutShare(filter)
	if !shared {
		rest = filter
	}
	if shared && name != "" && !c.server.sharing {
		c.blame(sharedUnavailable, nth(packet.FieldFilter, i), "filter", clone(filter))
	}
	if !c.server.wildcard && strings.ContainsAny(rest, "+#") {
		c.blame(wildcardUnavailable, nth(packet.FieldFilter, i), "filter", clone(filter))
	}
}

// maxPings is how many unanswered PINGREQs are remembered.
const maxPings = 1024

func (c *Conn) ping(p *packet.Ping) {
	switch {
	case p.Kind == packet.PINGREQ:
		if len(c.pings) == maxPings {
			c.pings = c.pings[1:]
		}
		c.pings = append(c.pings, c.seen.Index)
	case len(c.pings) == 0:
		c.blame(pingrespUnasked, Place{})
	default:
		c.result.answers(c.pings[0], packet.PINGREQ)
		c.pings = c.pings[1:]
	}
}
