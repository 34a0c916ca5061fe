package web

import "mqttlab/mqttcore/annotate"

// Form is the builder's form of one packet type: its controls in wire order.
// To add a type or a property: add its row to [Forms]; the page, the JSON that
// is sent (package form) and the links to the bytes all follow from it.
type Form struct {
	Type     string
	About    string // in a few words, for the list of types
	Controls []Control
}

// Kind is what a control looks like and how its value is written as JSON.
type Kind string

// The kinds of controls.
const (
	KindText    Kind = "text"    // a string in one line
	KindPayload Kind = "payload" // a string in more lines, or hex: the key then ends in _hex
	KindNumber  Kind = "number"
	KindCheck   Kind = "check" // true or false
	KindQoS     Kind = "qos"   // 0 to 3: 3 is there to be refused
	KindUse     Kind = "use"   // whether other controls are there; not sent itself
	KindFixed   Kind = "fixed" // shown and not sent: what the version says
	KindFlags   Kind = "flags" // controls that are the bits of one byte
	KindList    Kind = "list"  // rows of controls
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
	Scalars bool      // a list's rows are plain values, not objects
	Parts   []Control // of flags, of a list's row
}

var packetID = Control{
	Kind: KindNumber, Key: "packet_id", Label: "Packet Identifier", Fields: "mqtt.msgid",
	Group: annotate.GroupID, Value: "1", Max: "65535",
}

func ackForm(t, about string) Form {
	return Form{Type: t, About: about, Controls: []Control{packetID}}
}

// Forms lists the packets that the builder builds, in the order in which one
// meets them.
var Forms = []Form{
	{
		Type: "CONNECT", About: "open the conversation",
		Controls: []Control{
			{Kind: KindFixed, Label: "Protocol Name", Fields: "mqtt.protoname mqtt.proto_len", Group: annotate.GroupProtocol, Value: "MQTT"},
			{Kind: KindFixed, Label: "Protocol Level", Fields: "mqtt.ver", Group: annotate.GroupProtocol, Value: "4"},
			{
				Kind: KindFlags, Label: "Connect Flags", Fields: "mqtt.conflags", Group: annotate.GroupFlags,
				Parts: []Control{
					{Kind: KindUse, Key: "use.username", Label: "User Name", Fields: "mqtt.conflag.uname"},
					{Kind: KindUse, Key: "use.password", Label: "Password", Fields: "mqtt.conflag.passwd"},
					{Kind: KindCheck, Key: "will.retain", Label: "Will Retain", Fields: "mqtt.conflag.retain", Need: "use.will"},
					{Kind: KindQoS, Key: "will.qos", Label: "Will QoS", Fields: "mqtt.conflag.qos", Value: "0", Need: "use.will"},
					{Kind: KindUse, Key: "use.will", Label: "Will", Fields: "mqtt.conflag.willflag"},
					{Kind: KindCheck, Key: "clean_session", Label: "Clean Session", Fields: "mqtt.conflag.cleansess", Value: "on"},
					{Kind: KindCheck, Key: "reserved", Label: "Reserved", Fields: "mqtt.conflag.reserved", Hint: "must be 0"},
				},
			},
			{Kind: KindNumber, Key: "keep_alive", Label: "Keep Alive", Fields: "mqtt.kalive", Group: annotate.GroupTime, Value: "60", Max: "65535", Hint: "seconds; 0: off"},
			{Kind: KindText, Key: "client_id", Label: "Client Identifier", Fields: "mqtt.clientid mqtt.clientid_len", Group: annotate.GroupClient, Value: "labA"},
			{Kind: KindText, Key: "will.topic", Label: "Will Topic", Fields: "mqtt.willtopic mqtt.willtopic_len", Group: annotate.GroupWill, Value: "test/gone", Need: "use.will"},
			{Kind: KindPayload, Key: "will.payload", Label: "Will Message", Fields: "mqtt.willmsg mqtt.willmsg_len", Group: annotate.GroupWill, Value: "labA is gone", Need: "use.will"},
			{Kind: KindText, Key: "username", Label: "User Name", Fields: "mqtt.username mqtt.username_len", Group: annotate.GroupSecret, Value: "admin", Need: "use.username"},
			{Kind: KindText, Key: "password", Label: "Password", Fields: "mqtt.passwd mqtt.passwd_len", Group: annotate.GroupSecret, Value: "password", Need: "use.password"},
		},
	},
	{
		Type: "PUBLISH", About: "send a message",
		Controls: []Control{
			{
				Kind: KindFlags, Label: "Flags of the first byte", Fields: "mqtt.hdrflags", Group: annotate.GroupHeader,
				Parts: []Control{
					{Kind: KindCheck, Key: "dup", Label: "DUP", Fields: "mqtt.dupflag"},
					{Kind: KindQoS, Key: "qos", Label: "QoS", Fields: "mqtt.qos", Value: "1"},
					{Kind: KindCheck, Key: "retain", Label: "RETAIN", Fields: "mqtt.retain"},
				},
			},
			{Kind: KindText, Key: "topic", Label: "Topic Name", Fields: "mqtt.topic mqtt.topic_len", Group: annotate.GroupTopic, Value: "test/a"},
			with(packetID, "qos"),
			{Kind: KindPayload, Key: "payload", Label: "Payload", Fields: "mqtt.msg", Group: annotate.GroupPayload, Value: "hello"},
		},
	},
	{
		Type: "SUBSCRIBE", About: "ask for messages",
		Controls: []Control{
			packetID,
			{
				Kind: KindList, Key: "subscriptions", Label: "Topic Filters", Fields: "mqtt.topic", Group: annotate.GroupTopic,
				Parts: []Control{
					{Kind: KindText, Key: "filter", Label: "Topic Filter", Fields: "mqtt.topic mqtt.topic_len", Group: annotate.GroupTopic, Value: "test/#"},
					{Kind: KindQoS, Key: "qos", Label: "QoS", Fields: "mqtt.sub.qos mqtt.sub.qos.level mqtt.sub.qos.reserved", Group: annotate.GroupFlags, Value: "1"},
				},
			},
		},
	},
	{
		Type: "UNSUBSCRIBE", About: "no longer ask for them",
		Controls: []Control{
			packetID,
			{
				Kind: KindList, Key: "filters", Label: "Topic Filters", Fields: "mqtt.topic", Group: annotate.GroupTopic, Scalars: true,
				Parts: []Control{
					{Kind: KindText, Key: "filter", Label: "Topic Filter", Fields: "mqtt.topic mqtt.topic_len", Group: annotate.GroupTopic, Value: "test/#"},
				},
			},
		},
	},
	ackForm("PUBACK", "QoS 1: it has arrived"),
	ackForm("PUBREC", "QoS 2: it has arrived"),
	ackForm("PUBREL", "QoS 2: you may forget it"),
	ackForm("PUBCOMP", "QoS 2: done"),
	{Type: "PINGREQ", About: "I am still here"},
	{Type: "DISCONNECT", About: "goodbye, no will"},
}

// with returns c as a control that is there only when need is on.
func with(c Control, need string) Control {
	c.Need = need
	return c
}

// FirstForm is the packet that a new bench shows: what Forms[0] says to begin with.
var FirstForm = []byte(`{"type":"CONNECT","version":"3.1.1","clean_session":true,"keep_alive":60,"client_id":"labA"}`)
