package flow

import (
	"slices"

	"mqttlab/mqttcore/packet"
)

// maxIDs is how many Subscription Identifiers of one filter are remembered.
const maxIDs = 8

// identify notes the Subscription Identifier of a SUBSCRIBE, 0 for none. An
// earlier one stays known: messages that carry it may be on their way.
func (s *subscription) identify(id uint32) {
	switch {
	case slices.Contains(s.ids, id):
	case id == 0:
		s.bare = true
	case len(s.ids) == maxIDs:
		s.more = true
	default:
		s.ids = append(s.ids, id)
	}
}

// checkIdentifiers holds the Subscription Identifiers of a delivery against
// those of the Subscriptions that match [MQTT-3.3.4-3], [MQTT-3.3.4-5].
func (c *Conn) checkIdentifiers(p *packet.Publish, name string) {
	if c.version != packet.V5 || !c.server.subscriptionIDs {
		return
	}
	var ids []uint32
	bare, more := false, false
	c.filters.index.Match(name, func(_ string, s *subscription) bool {
		ids, bare, more = append(ids, s.ids...), bare || s.bare, more || s.more
		return true
	})
	sent := 0
	for i := range p.Properties {
		one := &p.Properties[i]
		if one.ID != packet.SubscriptionIdentifier {
			continue
		}
		if !more && !slices.Contains(ids, one.Number) {
			at := Place{Property: packet.SubscriptionIdentifier, Nth: sent}
			c.blame(subscriptionIDForeign, at, "id", number(one.Number), "topic", name)
		}
		sent++
	}
	if sent == 0 && !bare {
		c.blame(subscriptionIDMissing, field(packet.FieldTopic), "topic", name, "id", number(ids[0]))
	}
}
