package broker

import (
	"strings"
	"time"

	"mqttlab/mqttcore/packet"
)

// templates holds the bytes of one message for those it goes to: they differ
// only by version, QoS, RETAIN and Packet Identifier.
type templates struct {
	original []byte         // the PUBLISH as it came, QoS 0 and RETAIN 0, or nil
	version  packet.Version // of original
	wires    [3][3][2][]byte
}

// transmit sends a PUBLISH. It returns false if the Client cannot take a
// packet of that size.
func (b *Broker) transmit(now time.Time, c *conn, q queued, id uint16, dup bool, t *templates) bool {
	wire := b.publishWire(now, c, q, id, dup, t)
	if c.maxPacket > 0 && len(wire) > int(c.maxPacket) { // [5.0: MQTT-3.1.2-24]
		if b.cfg.Explain {
			b.explain(c.version, q.explanation(c.session, keyTooLarge), "client", c.session.id, "topic", q.message.topic, "bytes", number(len(wire)), "max", number(int(c.maxPacket)))
		}
		if b.newAlias {
			delete(c.aliasOf, q.message.topic) // the Client will not have heard of it
			c.aliasBytes -= len(q.message.topic)
			b.keptBytes -= len(q.message.topic)
		}
		return false
	}
	b.sendWire(c, packet.PUBLISH, id, wire)
	return true
}

// publishWire returns the bytes of a PUBLISH to c.
func (b *Broker) publishWire(now time.Time, c *conn, q queued, id uint16, dup bool, t *templates) []byte {
	b.newAlias = false
	if t == nil || dup || len(q.ids) > 0 || c.aliasMax > 0 {
		return b.encodePublish(now, c, q, id, dup)
	}
	if t.original != nil && q.qos == 0 && !q.retain && (c.version == packet.V5) == (t.version == packet.V5) {
		return t.original
	}
	retain := 0
	if q.retain {
		retain = 1
	}
	template := &t.wires[c.version-packet.V31][q.qos][retain]
	if *template == nil {
		*template = b.encodePublish(now, c, q, id, dup)
		return *template
	}
	if q.qos == 0 {
		return *template
	}
	wire := b.copyWire(*template)
	at := 1
	for wire[at]&0x80 != 0 {
		at++
	}
	at += 1 + 2 + len(q.message.topic)
	wire[at], wire[at+1] = byte(id>>8), byte(id)
	return wire
}

func (b *Broker) encodePublish(now time.Time, c *conn, q queued, id uint16, dup bool) []byte {
	m := q.message
	p := &b.outPublish
	*p = packet.Publish{
		Dup: dup, QoS: q.qos, Retain: q.retain, PacketID: id,
		Topic: m.topic, Payload: m.payload, Properties: p.Properties[:0],
	}
	size := 5 + 2 + len(m.topic) + 2 + len(m.payload)
	if c.version == packet.V5 {
		b.outProperties(now, c, q)
		for i := range p.Properties {
			pr := &p.Properties[i]
			size += 8 + len(pr.Key) + len(pr.Text) + len(pr.Data)
		}
		size += 4
	}
	return b.encode(p, c.version, size)
}

// outProperties gives b.outPublish the properties for c: those of the
// message, what is left of its Message Expiry Interval [5.0: MQTT-3.3.2-6],
// the Subscription Identifiers [5.0: MQTT-3.3.4-3] and a Topic Alias.
func (b *Broker) outProperties(now time.Time, c *conn, q queued) {
	p := &b.outPublish
	p.Properties = append(p.Properties, q.message.properties...)
	if expires := q.message.expires; !expires.IsZero() {
		left := (expires.Sub(now) + time.Second - 1) / time.Second
		for i := range p.Properties {
			if p.Properties[i].ID == packet.MessageExpiryInterval {
				p.Properties[i].Number = uint32(max(left, 0))
			}
		}
	}
	for _, id := range q.ids {
		p.Properties = append(p.Properties, packet.Property{ID: packet.SubscriptionIdentifier, Number: id})
	}
	if c.aliasMax == 0 {
		return
	}
	alias, known := c.aliasOf[p.Topic]
	switch {
	case known:
		p.Topic = ""
	case len(c.aliasOf) < c.aliasMax && !b.overfull(c.aliasBytes, len(p.Topic)):
		if c.aliasOf == nil {
			c.aliasOf = make(map[string]uint16)
		}
		alias = uint16(len(c.aliasOf) + 1)
		c.aliasOf[strings.Clone(p.Topic)] = alias
		c.aliasBytes += len(p.Topic)
		b.keptBytes += len(p.Topic)
		b.newAlias = true
	default:
		return
	}
	p.Properties = append(p.Properties, packet.Property{ID: packet.TopicAlias, Number: uint32(alias)})
}
