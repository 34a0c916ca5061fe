package broker

import (
	"slices"
	"strings"
	"time"

	"mqttlab/mqttcore/packet"
)

// checkPublish5 checks what 5.0 adds to PUBLISH, and returns the Topic Name
// with its Topic Alias resolved. When a rule is broken it closes the
// connection and returns false.
func (b *Broker) checkPublish5(now time.Time, c *conn, p *packet.Publish) (string, bool) {
	fail := func(key string, code packet.ReasonCode, args ...string) (string, bool) {
		if b.cfg.Explain {
			e := about(c, key)
			e.Topic, e.PacketID = p.Topic, p.PacketID
			b.explain(c.version, e, args...)
		}
		b.hangUp(now, c, code)
		return "", false
	}
	switch {
	case p.QoS > *b.cfg.MaxQoS:
		return fail(keyQoSNotSupported, packet.QoSNotSupported, "qos", number(int(p.QoS)), "max", number(int(*b.cfg.MaxQoS)))
	case p.Retain && b.cfg.NoRetain:
		return fail(keyRetainNotSupported, packet.RetainNotSupported)
	}
	if _, ok := p.Properties.Number(packet.SubscriptionIdentifier); ok {
		return fail(keyIdentifierFromClient, packet.ProtocolError)
	}
	alias, ok := p.Properties.Number(packet.TopicAlias)
	if !ok {
		return p.Topic, true
	}
	if alias == 0 || int(alias) > b.cfg.TopicAliasMaximum {
		return fail(keyAliasInvalid, packet.TopicAliasInvalid, "alias", number(int(alias)), "max", number(b.cfg.TopicAliasMaximum))
	}
	if p.Topic != "" {
		if c.aliases == nil {
			c.aliases = make([]string, b.cfg.TopicAliasMaximum+1)
		}
		more := len(p.Topic) - len(c.aliases[alias])
		if b.overfull(c.aliasBytes, more) {
			return fail(keyAliasCrowded, packet.QuotaExceeded, "alias", number(int(alias)), "bytes", number(b.keptBytes))
		}
		c.aliasBytes += more
		b.keptBytes += more
		c.aliases[alias] = strings.Clone(p.Topic) // not with the payload behind it
		if b.cfg.Explain {
			e := about(c, keyAliasSet)
			e.Topic = p.Topic
			b.explain(c.version, e, "alias", number(int(alias)), "topic", p.Topic)
		}
		return p.Topic, true
	}
	if c.aliases == nil || c.aliases[alias] == "" {
		return fail(keyAliasUnknown, packet.ProtocolError, "alias", number(int(alias)))
	}
	name := c.aliases[alias]
	if b.cfg.Explain {
		e := about(c, keyAliasUsed)
		e.Topic = name
		b.explain(c.version, e, "alias", number(int(alias)), "topic", name)
	}
	return name, true
}

// handedOn says whether a property of PUBLISH or of a Will goes on to the
// subscribers as it is.
func handedOn(id packet.PropertyID) bool {
	switch id {
	case packet.PayloadFormatIndicator, packet.MessageExpiryInterval, packet.ContentType,
		packet.ResponseTopic, packet.CorrelationData, packet.UserProperty:
		return true
	}
	return false
}

// forwarded returns the properties that go on to the subscribers, in their
// order [5.0: MQTT-3.3.2-18], in memory of their own.
func forwarded(ps packet.Properties) packet.Properties {
	n := 0
	for i := range ps {
		if handedOn(ps[i].ID) {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(ps), func(p packet.Property) bool { return !handedOn(p.ID) })
}

// expiry returns when a message with these properties expires, zero for never.
func expiry(now time.Time, ps packet.Properties) time.Time {
	if n, ok := ps.Number(packet.MessageExpiryInterval); ok {
		return now.Add(time.Duration(n) * time.Second)
	}
	return time.Time{}
}
