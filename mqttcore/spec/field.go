package spec

import (
	"strings"

	"mqttlab/mqttcore/packet"
)

// FieldText explains a field or a property, in one to three sentences each.
type FieldText struct {
	What    string // what it is
	Why     string // why it exists
	Read    string // how to read its bits or bytes
	Mistake string // the common mistake; may be empty
}

// over returns f with the texts that it lacks taken from base.
func (f FieldText) over(base FieldText) FieldText {
	for _, s := range []struct{ to, from *string }{
		{&f.What, &base.What}, {&f.Why, &base.Why}, {&f.Read, &base.Read}, {&f.Mistake, &base.Mistake},
	} {
		if *s.to == "" {
			*s.to = *s.from
		}
	}
	return f
}

var fieldTexts = newTexts[map[string]FieldText]("fields.yaml")

// Field explains the field of that name, such as "mqtt.kalive", as it is used
// in a packet of type t under version v. A zero type or version asks for the
// general explanation. A name "mqtt.property.receive_maximum" is explained as
// the property.
func Field(l Lang, name string, t packet.Type, v packet.Version) (FieldText, bool) {
	var text FieldText
	found := false
	for _, key := range fieldKeys(name, t, v) {
		if f, ok := look(fieldTexts, l, key); ok {
			text, found = text.over(f), true
		}
	}
	if found {
		return text, true
	}
	if property, ok := strings.CutPrefix(name, "mqtt.property."); ok {
		if property == "max_qos" { // Wireshark's name of it
			property = "maximum_qos"
		}
		if id, ok := packet.ParseProperty(property); ok {
			return PropertyText(l, id)
		}
	}
	return FieldText{}, false
}

// fieldKeys lists the keys of a field, the most specific first.
func fieldKeys(name string, t packet.Type, v packet.Version) []string {
	packetType, version := "@"+t.String(), "@"+v.String()
	return []string{name + packetType + version, name + packetType, name + version, name}
}

// TypeText explains a Control Packet type.
type TypeText struct {
	What    string // what it does
	Sender  string // who sends it, and when
	Answer  string // what answers it, or what it answers
	Why     string // why it exists
	Mistake string // the common mistake; may be empty
}

var packetTexts = newTexts[map[string]TypeText]("packets.yaml")

// PacketText explains a Control Packet type.
func PacketText(l Lang, t packet.Type) (TypeText, bool) {
	return look(packetTexts, l, t.String())
}

var propertyTexts = newTexts[map[string]FieldText]("properties.yaml")

// PropertyText explains a property of 5.0.
func PropertyText(l Lang, id packet.PropertyID) (FieldText, bool) {
	return look(propertyTexts, l, id.Name())
}
