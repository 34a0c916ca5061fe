package flow

import (
	"bytes"
	"strings"

	"mqttlab/mqttcore/packet"
)

// Change is one difference between a message as it was published and a copy
// of it as it was delivered. Key names two messages: Key+".chip", a few
// characters, and Key+".why".
type Change struct {
	Field string // Wireshark's name of what differs: "mqtt.qos"
	From  string // "" if the original has none
	To    string // "" if the copy has none
	Rule  string // the statement that asks for it, or allows it; "" if none does
	Key   string
	Args  []string // a placeholder's name and its value, alternating
	// Lengths are set for "mqtt.len": what each part adds to the difference.
	Lengths []PartLength
}

// PartLength is by how many bytes a part of the copy is longer (or, negative,
// shorter) than that of the original. Key names a message.
type PartLength struct {
	Key   string
	Bytes int
}

// Message is a PUBLISH as it was on the wire, for Changes.
type Message struct {
	*packet.Publish
	Version packet.Version
	Topic   string // its alias resolved
	Size    int    // in bytes; 0: it was not a PUBLISH, but the Will of a CONNECT
}

// WillMessage returns the message that a CONNECT's Will is.
func WillMessage(p *packet.Connect) Message {
	w := &p.Will
	return Message{Version: packet.Version(p.ProtocolLevel), Topic: w.Topic,
		Publish: &packet.Publish{QoS: w.QoS, Retain: w.Retain, Topic: w.Topic, Payload: w.Payload, Properties: w.Properties}}
}

// Changes lists how a copy differs from its original, in the order of the
// wire. Rules are those of the copy's version, since its receiver is to see
// them kept.
func Changes(original, copy Message) []Change {
	d := diff{from: original, to: copy}
	d.length()
	d.version()
	d.header()
	d.topic()
	d.packetID()
	d.properties()
	d.payload()
	return d.list
}

type diff struct {
	from, to Message
	list     []Change
}

func (d *diff) add(c Change) {
	c.Args = append(c.Args, "from", c.From, "to", c.To)
	d.list = append(d.list, c)
}

// rule chooses by the copy's version.
func (d *diff) rule(v311, v5 string) string {
	if d.to.Version == packet.V5 {
		return v5
	}
	return v311
}

// sizes are the parts of a PUBLISH, in bytes.
type sizes struct{ topic, id, properties, payload int }

func (m *Message) sizes() sizes {
	s := sizes{topic: 2 + len(m.Publish.Topic), payload: len(m.Payload)}
	if m.QoS > 0 {
		s.id = 2
	}
	if m.Version == packet.V5 {
		rest := m.Size - s.topic - s.id - s.payload - 1
		s.properties = rest - len(packet.AppendVarint(nil, m.remaining()))
	}
	return s
}

// remaining is the Remaining Length: what is left of the size without the
// fixed header.
func (m *Message) remaining() int {
	for digits := 1; digits <= 4; digits++ {
		if n := m.Size - 1 - digits; n >= 0 && len(packet.AppendVarint(nil, n)) == digits {
			return n
		}
	}
	return 0
}

func (d *diff) length() {
	if d.from.Size == d.to.Size || d.from.Size == 0 {
		return
	}
	a, b := d.from.sizes(), d.to.sizes()
	header := len(packet.AppendVarint(nil, d.to.remaining())) - len(packet.AppendVarint(nil, d.from.remaining()))
	var parts []PartLength
	for _, p := range []PartLength{{"copy.part.header", header}, {"copy.part.topic", b.topic - a.topic}, {"copy.part.id", b.id - a.id},
		{"copy.part.properties", b.properties - a.properties}, {"copy.part.payload", b.payload - a.payload}} {
		if p.Bytes != 0 {
			parts = append(parts, p)
		}
	}
	d.add(Change{Field: "mqtt.len", From: number(d.from.Size), To: number(d.to.Size), Key: "copy.length", Lengths: parts})
}

func (d *diff) version() {
	if d.from.Version != d.to.Version {
		d.add(Change{Field: "mqtt.ver", From: d.from.Version.String(), To: d.to.Version.String(), Key: "copy.version"})
	}
}

func (d *diff) header() {
	a, b := d.from.Publish, d.to.Publish
	switch {
	case a.Dup && !b.Dup:
		d.add(Change{Field: "mqtt.dupflag", From: "1", To: "0", Rule: "MQTT-3.3.1-3", Key: "copy.dup"})
	case b.Dup && !a.Dup:
		d.add(Change{Field: "mqtt.dupflag", From: "0", To: "1", Rule: "MQTT-3.3.1-1", Key: "copy.dup-again"})
	}
	switch {
	case b.QoS < a.QoS:
		d.add(Change{Field: "mqtt.qos", From: number(a.QoS), To: number(b.QoS), Rule: d.rule("MQTT-3.8.4-6", "MQTT-3.8.4-8"), Key: "copy.qos"})
	case b.QoS > a.QoS:
		d.add(Change{Field: "mqtt.qos", From: number(a.QoS), To: number(b.QoS), Rule: d.rule("MQTT-3.8.4-6", "MQTT-3.8.4-8"), Key: "copy.qos-raised"})
	}
	switch {
	case a.Retain && !b.Retain:
		d.add(Change{Field: "mqtt.retain", From: "1", To: "0", Rule: d.rule("MQTT-3.3.1-9", "MQTT-3.3.1-12"), Key: "copy.retain-cleared"})
	case b.Retain && !a.Retain:
		d.add(Change{Field: "mqtt.retain", From: "0", To: "1", Rule: d.rule("MQTT-3.3.1-8", "MQTT-3.3.1-9"), Key: "copy.retain-set"})
	}
}

func (d *diff) topic() {
	a, hasA := d.from.Properties.Number(packet.TopicAlias)
	b, hasB := d.to.Properties.Number(packet.TopicAlias)
	field := packet.TopicAlias.FilterName()
	switch {
	case hasA && d.from.Publish.Topic == "" && d.to.Publish.Topic != "":
		d.add(Change{Field: field, From: number(a), Rule: "MQTT-3.3.2-7", Key: "copy.alias-resolved", Args: []string{"topic", clone(d.to.Publish.Topic)}})
	case hasA && !hasB:
		d.add(Change{Field: field, From: number(a), Rule: "MQTT-3.3.2-7", Key: "copy.alias-gone"})
	}
	switch {
	case hasB && d.to.Publish.Topic == "":
		d.add(Change{Field: field, To: number(b), Rule: "MQTT-3.3.2-11", Key: "copy.alias-used", Args: []string{"topic", clone(d.to.Topic)}})
	case hasB:
		d.add(Change{Field: field, To: number(b), Rule: "MQTT-3.3.2-11", Key: "copy.alias-set", Args: []string{"topic", clone(d.to.Topic)}})
	}
}

func (d *diff) packetID() {
	a, b := d.from.Publish, d.to.Publish
	switch {
	case d.from.Size == 0:
	case a.QoS > 0 && b.QoS == 0:
		d.add(Change{Field: "mqtt.msgid", From: number(a.PacketID), Rule: d.rule("MQTT-2.3.1-5", "MQTT-2.2.1-2"), Key: "copy.id-gone"})
	case b.QoS > 0 && a.QoS == 0:
		d.add(Change{Field: "mqtt.msgid", To: number(b.PacketID), Rule: d.rule("MQTT-2.3.1-4", "MQTT-2.2.1-4"), Key: "copy.id-new"})
	case b.QoS > 0 && a.PacketID != b.PacketID:
		d.add(Change{Field: "mqtt.msgid", From: number(a.PacketID), To: number(b.PacketID), Rule: d.rule("MQTT-2.3.1-4", "MQTT-2.2.1-4"), Key: "copy.id"})
	}
}

// kept are the properties that the server hands on unchanged, by statement.
var kept = map[packet.PropertyID]string{
	packet.PayloadFormatIndicator: "MQTT-3.3.2-4", packet.ResponseTopic: "MQTT-3.3.2-15", packet.CorrelationData: "MQTT-3.3.2-16",
	packet.UserProperty: "MQTT-3.3.2-17", packet.ContentType: "MQTT-3.3.2-20", packet.MessageExpiryInterval: "MQTT-3.3.2-6",
}

func (d *diff) properties() {
	a, b := d.from.Properties, d.to.Properties
	if d.to.Version != packet.V5 {
		if n := len(a); n > 0 {
			d.add(Change{Field: "mqtt.properties", From: number(n), Key: "copy.properties-gone"})
		}
		return
	}
	var ids []string
	for i := range b {
		if b[i].ID == packet.SubscriptionIdentifier {
			ids = append(ids, number(b[i].Number))
		}
	}
	if len(ids) > 0 {
		rule := "MQTT-3.3.4-3"
		if len(ids) > 1 {
			rule = "MQTT-3.3.4-4"
		}
		d.add(Change{Field: packet.SubscriptionIdentifier.FilterName(), To: strings.Join(ids, ", "), Rule: rule, Key: "copy.subscription-id"})
	}
	x, hasX := a.Number(packet.MessageExpiryInterval)
	y, hasY := b.Number(packet.MessageExpiryInterval)
	if hasX && hasY && x != y {
		d.add(Change{Field: packet.MessageExpiryInterval.FilterName(), From: number(x), To: number(y), Rule: "MQTT-3.3.2-6", Key: "copy.expiry",
			Args: []string{"seconds", number(int64(x) - int64(y))}})
	}
	for id := range packet.PropertyID(0x2B) {
		if rule, ok := kept[id]; ok && !(id == packet.MessageExpiryInterval && hasX && hasY) && !sameValues(a, b, id) {
			d.add(Change{Field: id.FilterName(), From: valuesOf(a, id), To: valuesOf(b, id), Rule: rule, Key: "copy.property", Args: []string{"name", id.String()}})
		}
	}
}

// sameValues says whether both have the same values of a property, in order.
func sameValues(a, b packet.Properties, id packet.PropertyID) bool {
	next := func(ps packet.Properties, from int) int {
		for from < len(ps) && ps[from].ID != id {
			from++
		}
		return from
	}
	i, j := next(a, 0), next(b, 0)
	for i < len(a) && j < len(b) {
		x, y := &a[i], &b[j]
		if x.Number != y.Number || x.Text != y.Text || x.Key != y.Key || !bytes.Equal(x.Data, y.Data) {
			return false
		}
		i, j = next(a, i+1), next(b, j+1)
	}
	return i >= len(a) && j >= len(b)
}

// valuesOf writes how often a property stands, or "" if it does not.
func valuesOf(ps packet.Properties, id packet.PropertyID) string {
	n := 0
	for i := range ps {
		if ps[i].ID == id {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return number(n) + " ×"
}

func (d *diff) payload() {
	if !bytes.Equal(d.from.Payload, d.to.Payload) {
		d.add(Change{Field: "mqtt.msg", From: number(len(d.from.Payload)), To: number(len(d.to.Payload)), Key: "copy.payload"})
	}
}
