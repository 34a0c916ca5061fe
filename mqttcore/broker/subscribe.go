package broker

import (
	"strings"
	"time"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/topic"
)

// subscription is a Subscription of a Session.
type subscription struct {
	filter            string // as in SUBSCRIBE
	matching          string // what names are matched against: filter without $share
	share             string // ShareName (5.0); "": not shared
	qos               packet.QoS
	noLocal           bool     // 5.0
	retainAsPublished bool     // 5.0
	retainHandling    byte     // 5.0
	ids               []uint32 // the Subscription Identifier, if there is one (5.0)
	recalls           bool     // what is retained is still to be sent
	since             uint64   // Broker.sequence when that was asked for
}

// subscribe handles SUBSCRIBE (section 3.8.4). All filters are dealt with in
// their order [MQTT-3.8.4-4]; SUBACK comes before what is retained. That is
// sent once for each filter, however often the packet has it.
func (b *Broker) subscribe(now time.Time, c *conn, p *packet.Subscribe) {
	suback := packet.Suback{PacketID: p.PacketID, Codes: make([]packet.ReasonCode, len(p.Subscriptions))}
	id, identified := p.Properties.Number(packet.SubscriptionIdentifier)
	var why *Explanation // of the first that is refused
	for i := range p.Subscriptions {
		asked := &p.Subscriptions[i]
		sub, code := b.grant(c, asked, identified)
		suback.Codes[i] = code
		if sub == nil {
			if why == nil {
				why = b.latest()
			}
			continue
		}
		if identified {
			sub.ids = []uint32{id}
		}
		old := c.session.subs[sub.filter]
		awaited := old != nil && old.recalls
		existed := b.addSubscription(c.session, sub)
		if b.cfg.Explain {
			key := keySubscribed
			if existed {
				key = keyResubscribed
			}
			e := about(c, key)
			e.Filter, e.PacketID = sub.filter, p.PacketID
			b.explain(c.version, e, "filter", sub.filter, "qos", number(int(asked.QoS)), "granted", number(int(sub.qos)))
		}
		switch {
		case sub.share != "": // retained messages are not shared (section 4.8.2)
		case sub.retainHandling == 0 || sub.retainHandling == 1 && !existed || awaited:
			b.recallFor(c.session, sub)
		case b.cfg.Explain:
			e := about(c, keyRetainedWithheld)
			e.Filter = sub.filter
			e.Rules = []string{[]string{1: "MQTT-3.3.1-10", 2: "MQTT-3.3.1-11"}[sub.retainHandling]}
			b.explain(c.version, e, "filter", sub.filter, "handling", number(int(sub.retainHandling)))
		}
	}
	b.sendBecause(c, &suback, &suback.Properties, p.PacketID, why)
	b.recall(now, c.session)
}

// subscriptionBytes is about what a Subscription costs beside its filter.
const subscriptionBytes = 400

// grant decides on one filter. It returns the Subscription, or nil, and the
// code for SUBACK.
func (b *Broker) grant(c *conn, asked *packet.Subscription, identified bool) (*subscription, packet.ReasonCode) {
	no := func(key string, code packet.ReasonCode, args ...string) (*subscription, packet.ReasonCode) {
		switch c.version {
		case packet.V31: // has no word for no: a QoS is granted, and nothing comes
			code = min(packet.ReasonCode(asked.QoS), packet.ReasonCode(*b.cfg.MaxQoS))
		case packet.V311:
			code = packet.SubackFailure
		}
		if b.cfg.Explain {
			e := about(c, key)
			e.Filter = asked.Filter
			b.explain(c.version, e, append(args, "filter", asked.Filter, "code", hexCode(code))...)
		}
		return nil, code
	}
	// A filter is kept for long, and may be a small part of a large packet.
	filter := strings.Clone(asked.Filter)
	sub := &subscription{filter: filter, matching: filter}
	if c.version == packet.V5 {
		sub.noLocal, sub.retainAsPublished, sub.retainHandling = asked.NoLocal, asked.RetainAsPublished, asked.RetainHandling
		if name, rest, shared := topic.CutShare(filter); shared {
			sub.share, sub.matching = name, rest
		}
	}
	_, exists := c.session.subs[filter]
	switch {
	case b.cfg.NoShared && sub.share != "":
		return no(keyDeniedShared, packet.SharedSubscriptionsNotSupported)
	case b.cfg.NoSubscriptionIDs && identified:
		return no(keyDeniedIdentifier, packet.SubscriptionIdentifiersNotSupported)
	case b.cfg.NoWildcards && strings.ContainsAny(sub.matching, "+#"):
		return no(keyDeniedWildcards, packet.WildcardSubscriptionsNotSupported)
	case !exists && (len(c.session.subs) >= b.cfg.MaxSubscriptions || c.session.filters+len(filter) > b.cfg.MaxFilterBytes):
		return no(keyDeniedFull, packet.QuotaExceeded, "limit", number(len(c.session.subs)))
	case !exists && b.filterBytes+len(filter)+subscriptionBytes > b.cfg.MaxAllFilterBytes:
		return no(keyDeniedAllFull, packet.QuotaExceeded)
	}
	switch by, denied := b.subscribeDenied(sub.matching); {
	case denied && by == "":
		return no(keyDeniedNotAllowed, packet.NotAuthorized)
	case denied:
		return no(keyDeniedFilter, packet.NotAuthorized, "by", by)
	}
	sub.qos = min(asked.QoS, *b.cfg.MaxQoS)
	return sub, packet.ReasonCode(sub.qos)
}

// addSubscription adds a Subscription to a Session, in place of one with the
// same filter [MQTT-3.8.4-3], and says whether there was one.
func (b *Broker) addSubscription(s *session, sub *subscription) bool {
	old, existed := s.subs[sub.filter]
	if s.subs == nil {
		s.subs = make(map[string]*subscription)
	}
	if existed && old.share != sub.share { // a filter that begins with $share is shared in 5.0 only
		b.removeSubscription(s, old)
	}
	if !existed {
		s.filters += len(sub.filter)
		b.filterBytes += len(sub.filter) + subscriptionBytes
	}
	s.subs[sub.filter] = sub
	b.saveSubscription(s, sub)
	if sub.share != "" {
		b.joinGroup(s, sub)
	} else {
		b.subs.Set(sub.matching, s, sub)
	}
	return existed
}

func (b *Broker) removeSubscription(s *session, sub *subscription) {
	if sub.share != "" {
		b.leaveGroup(s, sub)
	} else {
		b.subs.Delete(sub.matching, s)
	}
}

// unsubscribe handles UNSUBSCRIBE (section 3.10.4). It is always answered
// [MQTT-3.10.4-5].
func (b *Broker) unsubscribe(c *conn, p *packet.Unsubscribe) {
	unsuback := packet.Unsuback{PacketID: p.PacketID}
	var why *Explanation // of the first that was none
	for _, filter := range p.Filters {
		sub, ok := c.session.subs[filter]
		key, code := keyUnsubscribed, packet.Success
		if !ok {
			key, code = keyUnsubscribedNothing, packet.NoSubscriptionExisted
		} else {
			delete(c.session.subs, filter)
			c.session.filters -= len(filter)
			b.filterBytes -= len(filter) + subscriptionBytes
			b.removeSubscription(c.session, sub)
			b.eraseSubscription(c.session, sub)
		}
		if b.cfg.Explain {
			e := about(c, key)
			e.Filter, e.PacketID = filter, p.PacketID
			b.explain(c.version, e, "filter", filter)
			if !ok && why == nil {
				why = b.latest()
			}
		}
		unsuback.Codes = append(unsuback.Codes, code)
	}
	b.sendBecause(c, &unsuback, &unsuback.Properties, p.PacketID, why)
}
