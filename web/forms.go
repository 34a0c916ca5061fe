package web

import (
	"fmt"
	"strconv"
	"strings"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Option is something that can be chosen.
type Option struct {
	Value string
	Code  string // of a code: 0x87
	Label string
	Kind  string // of a property: number, text, pair, data
	Max   string // of a property that is a number
	Field string // of a property
}

// Form is the builder's form of one packet type: its controls in wire order.
// To add a type or a property: add its row to [Forms]; the page, the JSON that
// is sent (package form) and the links to the bytes all follow from it.
type Form struct {
	Type     string
	Versions string // that have the type; "": all
	Controls []Control
}

// Kind is what a control looks like and how its value is written as JSON.
type Kind string

// The kinds of controls.
const (
	KindText    Kind = "text"    // a string in one line
	KindOther   Kind = "other"   // a string that is sent only if it is not empty
	KindPayload Kind = "payload" // a string in more lines, or hex: the key then ends in _hex
	KindNumber  Kind = "number"
	KindCheck   Kind = "check" // true or false
	KindQoS     Kind = "qos"   // 0 to 3: 3 is there to be refused
	KindUse     Kind = "use"   // whether other controls are there; not sent itself
	KindFixed   Kind = "fixed" // shown and not sent: what the version says
	KindFlags   Kind = "flags" // controls that are the bits of one byte
	KindList    Kind = "list"  // rows of controls
	KindCode    Kind = "code"  // a return or Reason Code
	KindProps   Kind = "props" // rows of 5.0's properties, added one by one
)

// Control is one control of a form.
type Control struct {
	Kind    Kind
	Key     string // of the JSON: "will.topic"
	Label   string
	Fields  string // the names of the fields that it writes, the main one first
	Group   annotate.Group
	Value   string // to begin with
	Need    string // key of the control that must be on for this one to be there
	Max     string // of a number
	Hint    string
	Hex     bool      // of a text: it can be given as hex
	Scalars bool      // a list's rows are plain values, not objects
	Parts   []Control // of flags, of a list's row
	// Versions are those that have the control, "3.1 3.1.1"; "": all.
	Versions string
	Options  []Option // of a code, of properties
	More     string   // what a list's button adds: a message's key
}

// about says in a few words what the packet is for.
func (f Form) about(l spec.Lang) string { return say(l, "about."+strings.ToLower(f.Type)) }

// ownLabels are the messages of labels that are no field's name.
var ownLabels = map[string]string{
	"Reason Code": "label.reason-code", "Reason Codes": "label.reason-codes",
	"Return code": "label.return-code", "Return codes": "label.return-codes",
	"Topic Filters": "label.topic-filters", "Flags of the first byte": "label.header-flags",
}

// label is the control's name in a language.
func (c Control) label(l spec.Lang) string {
	if key, ok := ownLabels[c.Label]; ok {
		return say(l, key)
	}
	return spec.Label(l, c.Label)
}

// hint is the control's hint in a language.
func (c Control) hint(l spec.Lang) string {
	if c.Hint == "" {
		return ""
	}
	return say(l, "build."+c.Hint)
}

// placeholder stands in an empty control that may stay so.
func (c Control) placeholder() string {
	if c.Kind == KindOther {
		return "MQTT"
	}
	return ""
}

const (
	before5 = "3.1 3.1.1"
	only5   = "5.0"
)

// with returns c as a control that is there only when need is on.
func with(c Control, need string) Control {
	c.Need = need
	return c
}

// in returns c as a control of these versions only.
func in(versions string, c Control) Control {
	c.Versions = versions
	return c
}

// code lists the codes that a packet may carry.
func code(t packet.Type, v packet.Version, key, field string) Control {
	c := Control{Kind: KindCode, Key: key, Label: "Reason Code", Fields: field, Group: annotate.GroupCode, Value: "0"}
	if v != packet.V5 {
		c.Label = "Return code"
	}
	for _, x := range packet.ReasonCodes(t, v) {
		c.Options = append(c.Options, Option{Value: strconv.Itoa(int(x)), Code: fmt.Sprintf("0x%02X", byte(x)), Label: spec.ReasonName(v, t, byte(x))})
	}
	return c
}

// props are the properties that a packet may carry; of the Will with t = 0.
func props(t packet.Type, key string) Control {
	c := Control{Kind: KindProps, Key: key, Label: "Properties", Fields: "mqtt.properties mqtt.property_len", Group: annotate.GroupProperty, Versions: only5}
	if t == 0 {
		c.Label, c.Fields = "Will Properties", "mqtt.will_properties"
	}
	for _, id := range packet.AllProperties() {
		if !id.In(t) {
			continue
		}
		o := Option{Value: id.Name(), Label: id.String(), Field: "mqtt.property." + id.FilterName(), Kind: "number"}
		switch id.Kind() {
		case packet.ByteProperty:
			o.Max = "255"
		case packet.TwoByteProperty:
			o.Max = "65535"
		case packet.FourByteProperty:
			o.Max = "4294967295"
		case packet.VarintProperty:
			o.Max = strconv.Itoa(packet.MaxRemainingLength)
		case packet.TextProperty:
			o.Kind = "text"
		case packet.PairProperty:
			o.Kind = "pair"
		case packet.DataProperty:
			o.Kind = "data"
		}
		c.Options = append(c.Options, o)
	}
	return c
}
