package flow

import "mqttlab/mqttcore/packet"

// deduce returns who sent p, or 0 if that stays open: the type may say it,
// else an exchange that p belongs to, else what only one side can have sent.
func (c *Conn) deduce(from packet.Party, p packet.Packet) packet.Party {
	if from != 0 {
		return from
	}
	if s := p.Type().Sender(c.version); s != 0 {
		return s
	}
	switch p := p.(type) {
	case *packet.Publish:
		return c.publisher(p)
	case *packet.Ack:
		_, begun := c.exchangeOf(p)
		if p.Kind == packet.PUBREL {
			return begun
		}
		return other(begun)
	case *packet.Auth:
		switch p.Code {
		case packet.Success:
			return packet.Server // section 3.15.2.1: only it can say so
		case packet.ReAuthenticate:
			return packet.Client
		}
	case *packet.Disconnect:
		if _, ok := p.Properties.Number(packet.SessionExpiryInterval); ok {
			return packet.Client // [MQTT-3.14.2-2]
		}
		if _, ok := p.Properties.Text(packet.ServerReference); ok || p.Code.ServersOnly() {
			return packet.Server
		}
		if p.Code == packet.DisconnectWithWill {
			return packet.Client
		}
	}
	return 0
}

// publisher deduces who sent a PUBLISH.
func (c *Conn) publisher(p *packet.Publish) packet.Party {
	if _, ok := p.Properties.Number(packet.SubscriptionIdentifier); ok {
		return packet.Server // [MQTT-3.3.4-6]
	}
	if p.Dup {
		sum := contentOf(p, p.Topic)
		a, b := c.exchanges[packet.Client][p.PacketID], c.exchanges[packet.Server][p.PacketID]
		isA, isB := a != nil && a.content == sum, b != nil && b.content == sum
		switch {
		case isA && !isB:
			return packet.Client
		case isB && !isA:
			return packet.Server
		}
	}
	// A new Session receives only what it has subscribed to [MQTT-3.3.2-3].
	if c.fresh && !c.gap && !c.mixed && p.Topic != "" && !c.filters.overflow && c.filters.match(p.Topic) == nil {
		return packet.Client
	}
	return 0
}
