package broker

import (
	"strings"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/topic"
)

// latest returns the explanation that was yielded last, if nothing has been
// done since: it is that of what is done next.
func (b *Broker) latest() *Explanation {
	n := len(b.effects)
	if n == 0 || b.effects[n-1].Kind != EffectExplain {
		return nil
	}
	x := b.effects[n-1].Said()
	if x.Key == keyDeniedWithCode && n > 1 && b.effects[n-2].Kind == EffectExplain { // what comes before it says why
		why := *b.effects[n-2].Explanation
		why.Rules = x.Rules
		return &why
	}
	return x
}

// sendBecause sends a packet of 5.0 that says no, with x, if there is one, as
// its Reason String, and the statements behind it as a User Property "rule". ps
// are the packet's properties. What a Client does not want [MQTT-3.1.2-29], or
// what would make the packet too long for it, is left out: first the User
// Property, then the Reason String [MQTT-3.2.2-19, MQTT-3.2.2-20 and their like].
func (b *Broker) sendBecause(c *conn, p packet.Packet, ps *packet.Properties, id uint16, x *Explanation) {
	wire := b.encode(p, c.version, 64)
	if x == nil || b.cfg.Reason == nil || !b.cfg.ReasonStrings || c.version != packet.V5 || c.noProblemInfo && !alwaysMayTell(p.Type()) {
		b.sendWire(c, p.Type(), id, wire)
		return
	}
	bare := *ps
	add := func(property packet.Property) {
		before := *ps
		*ps = append(before[:len(before):len(before)], property)
		if longer := b.encode(p, c.version, 256); longer != nil && (c.maxPacket == 0 || len(longer) <= int(c.maxPacket)) {
			wire = longer
			return
		}
		*ps = before
	}
	if text := b.cfg.Reason(x); text != "" {
		add(packet.Property{ID: packet.ReasonString, Text: text})
	}
	if len(x.Rules) > 0 && len(*ps) > len(bare) {
		add(packet.Property{ID: packet.UserProperty, Key: "rule", Text: strings.Join(x.Rules, " ")})
	}
	b.sendWire(c, p.Type(), id, wire)
}

// alwaysMayTell says whether a packet may have a Reason String although Request
// Problem Information was 0 [MQTT-3.1.2-29].
func alwaysMayTell(t packet.Type) bool { return t == packet.CONNACK || t == packet.DISCONNECT }

// refuseAck answers with an acknowledgement that says no.
func (b *Broker) refuseAck(c *conn, t packet.Type, id uint16, code packet.ReasonCode, x *Explanation) {
	ack := packet.Ack{Kind: t, PacketID: id, Code: code}
	b.sendBecause(c, &ack, &ack.Properties, id, x)
}

// responseInformation returns a topic of the Client's own, to make Response
// Topics of (5.0, section 3.2.2.3.15), or "" if its identifier makes none.
func responseInformation(id string) string {
	if name := "response/" + id; topic.CheckName(name).Problem == topic.OK && len(name) < 1<<16 {
		return name
	}
	return ""
}
