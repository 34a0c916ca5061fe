package flow

import "mqttlab/mqttcore/packet"

// limits are what one side says that it takes.
type limits struct {
	known          bool
	receiveMaximum int
	aliasMaximum   int
	packetSize     int // 0: any
}

var noLimits = limits{receiveMaximum: 65535}

// limitsOf reads the limits in a CONNECT or CONNACK. Before 5.0 they are
// known, too: there are none.
func limitsOf(ps packet.Properties) limits {
	l := noLimits
	l.known = true
	if n, ok := ps.Number(packet.ReceiveMaximum); ok {
		l.receiveMaximum = int(n)
	}
	n, _ := ps.Number(packet.TopicAliasMaximum)
	l.aliasMaximum = int(n)
	n, _ = ps.Number(packet.MaximumPacketSize)
	l.packetSize = int(n)
	return l
}

// features are what the Server's CONNACK says that it can do.
type features struct {
	maximumQoS                                 packet.QoS
	retain, wildcard, subscriptionIDs, sharing bool
}

var allFeatures = features{maximumQoS: 2, retain: true, wildcard: true, subscriptionIDs: true, sharing: true}

// learn takes in what a CONNACK says about the Server.
func (c *Conn) learn(p *packet.Connack) {
	c.limits[packet.Server] = limitsOf(p.Properties)
	for _, one := range p.Properties {
		on := one.Number != 0
		switch one.ID {
		case packet.MaximumQoS:
			c.server.maximumQoS = packet.QoS(one.Number)
		case packet.RetainAvailable:
			c.server.retain = on
		case packet.WildcardSubscriptionAvailable:
			c.server.wildcard = on
		case packet.SubscriptionIdentifierAvailable:
			c.server.subscriptionIDs = on
		case packet.SharedSubscriptionAvailable:
			c.server.sharing = on
		case packet.ServerKeepAlive:
			c.clock.keepAlive = uint16(one.Number) // [MQTT-3.1.2-21]
		}
	}
}

// checkPublish holds a PUBLISH against what its receiver said.
func (c *Conn) checkPublish(p *packet.Publish) {
	if c.from != packet.Client {
		return
	}
	if p.QoS > c.server.maximumQoS {
		c.wentAbove = true
		c.blame(qosAboveMaximum, field(packet.FieldQoS), "qos", number(p.QoS), "max", number(c.server.maximumQoS))
	}
	if p.Retain && !c.server.retain {
		c.blame(retainUnavailable, field(packet.FieldRetain))
	}
}

// refusesQoS: a Server that takes only some QoS says so in CONNACK
// [MQTT-3.2.2-9], and takes Subscriptions of any QoS all the same
// [MQTT-3.2.2-10].
func (c *Conn) refusesQoS(code packet.ReasonCode) {
	at := field(packet.FieldDisconnectReason)
	switch {
	case code != packet.QoSNotSupported || c.from != packet.Server || !c.limits[packet.Server].known:
	case c.server.maximumQoS == 2:
		c.blame(qosUndeclared, at)
	case c.asksAbove && !c.wentAbove:
		c.blame(subscribeRefused, at, "max", number(c.server.maximumQoS))
	}
}

// problemInformation holds the reasons that a Server gives against Request
// Problem Information 0 [MQTT-3.1.2-29].
func (c *Conn) problemInformation(ps packet.Properties) {
	if c.from != packet.Server || !c.opening.known || c.opening.problem {
		return
	}
	for _, id := range [...]packet.PropertyID{packet.ReasonString, packet.UserProperty} {
		if has(ps, id) {
			c.blame(problemUnasked, property(id), "property", id.String(), "type", c.seen.Type.String())
		}
	}
}

// explanations are the statements that bid a sender leave out Reason String
// and User Properties rather than exceed Maximum Packet Size.
var explanations = [...]struct{ reason, user string }{
	packet.CONNACK:    {"MQTT-3.2.2-19", "MQTT-3.2.2-20"},
	packet.PUBACK:     {"MQTT-3.4.2-2", "MQTT-3.4.2-3"},
	packet.PUBREC:     {"MQTT-3.5.2-2", "MQTT-3.5.2-3"},
	packet.PUBREL:     {"MQTT-3.6.2-2", "MQTT-3.6.2-3"},
	packet.PUBCOMP:    {"MQTT-3.7.2-2", "MQTT-3.7.2-3"},
	packet.SUBACK:     {"MQTT-3.9.2-1", "MQTT-3.9.2-2"},
	packet.UNSUBACK:   {"MQTT-3.11.2-1", "MQTT-3.11.2-2"},
	packet.DISCONNECT: {"MQTT-3.14.2-3", "MQTT-3.14.2-4"},
	packet.AUTH:       {"MQTT-3.15.2-2", "MQTT-3.15.2-3"},
}

// checkSize holds a packet against the receiver's Maximum Packet Size.
func (c *Conn) checkSize(p packet.Packet) {
	most := c.limits[other(c.from)].packetSize
	if c.from == 0 || most == 0 || c.version != packet.V5 {
		return
	}
	size := c.seen.Size
	if size == 0 {
		b, _ := packet.Append(nil, p, c.version)
		size = len(b)
	}
	if size <= most {
		return
	}
	c.blame(packetTooLarge, field(packet.FieldRemainingLength), "size", number(size), "max", number(most))
	row := explanations[min(int(c.seen.Type), len(explanations)-1)]
	ps := propertiesOf(p)
	explain := func(id packet.PropertyID, rule string) {
		if rule == "" || !has(ps, id) {
			return
		}
		n := len(c.result.Findings)
		c.blame(propertyTooLarge, property(id), "property", id.String(), "max", number(most))
		for i := n; i < len(c.result.Findings); i++ {
			c.result.Findings[i].Rule = rule
		}
	}
	explain(packet.ReasonString, row.reason)
	explain(packet.UserProperty, row.user)
}

func propertiesOf(p packet.Packet) packet.Properties {
	switch p := p.(type) {
	case *packet.Connack:
		return p.Properties
	case *packet.Ack:
		return p.Properties
	case *packet.Suback:
		return p.Properties
	case *packet.Unsuback:
		return p.Properties
	case *packet.Disconnect:
		return p.Properties
	case *packet.Auth:
		return p.Properties
	}
	return nil
}

func has(ps packet.Properties, id packet.PropertyID) bool {
	for i := range ps {
		if ps[i].ID == id {
			return true
		}
	}
	return false
}
