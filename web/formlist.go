package web

import (
	"sync"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
)

var packetID = Control{
	Kind: KindNumber, Key: "packet_id", Label: "Packet Identifier", Fields: "mqtt.msgid",
	Group: annotate.GroupID, Value: "1", Max: "65535",
}

func ackForm(t packet.Type, field string) Form {
	return Form{Type: t.String(), Controls: []Control{packetID, in(only5, code(t, packet.V5, "code", field)), props(t, "properties")}}
}

// Forms lists the packets that the builder builds, in the order in which one
// meets them. The catalogue's names are read when they are asked for first.
var Forms = sync.OnceValue(allForms)

func allForms() []Form {
	return []Form{
		{
			Type: "CONNECT",
			Controls: []Control{
				{Kind: KindFixed, Label: "Protocol Name", Fields: "mqtt.protoname mqtt.proto_len", Group: annotate.GroupProtocol, Value: "MQIsdp", Versions: "3.1"},
				{Kind: KindFixed, Label: "Protocol Name", Fields: "mqtt.protoname mqtt.proto_len", Group: annotate.GroupProtocol, Value: "MQTT", Versions: "3.1.1 5.0"},
				{Kind: KindFixed, Label: "Protocol Level", Fields: "mqtt.ver", Group: annotate.GroupProtocol, Value: "3", Versions: "3.1"},
				{Kind: KindFixed, Label: "Protocol Level", Fields: "mqtt.ver", Group: annotate.GroupProtocol, Value: "4", Versions: "3.1.1"},
				{Kind: KindFixed, Label: "Protocol Version", Fields: "mqtt.ver", Group: annotate.GroupProtocol, Value: "5", Versions: only5},
				{
					Kind: KindFlags, Label: "Connect Flags", Fields: "mqtt.conflags", Group: annotate.GroupFlags,
					Parts: []Control{
						{Kind: KindUse, Key: "use.username", Label: "User Name", Fields: "mqtt.conflag.uname"},
						{Kind: KindUse, Key: "use.password", Label: "Password", Fields: "mqtt.conflag.passwd"},
						{Kind: KindCheck, Key: "will.retain", Label: "Will Retain", Fields: "mqtt.conflag.retain", Need: "use.will"},
						{Kind: KindQoS, Key: "will.qos", Label: "Will QoS", Fields: "mqtt.conflag.qos", Value: "0", Need: "use.will"},
						{Kind: KindUse, Key: "use.will", Label: "Will Flag", Fields: "mqtt.conflag.willflag"},
						{Kind: KindCheck, Key: "clean_session", Label: "Clean Session", Fields: "mqtt.conflag.cleansess", Value: "on", Versions: before5},
						{Kind: KindCheck, Key: "clean_start", Label: "Clean Start", Fields: "mqtt.conflag.cleansess", Value: "on", Versions: only5},
						{Kind: KindCheck, Key: "reserved", Label: "Reserved", Fields: "mqtt.conflag.reserved", Hint: "must-be-0"},
					},
				},
				{Kind: KindNumber, Key: "keep_alive", Label: "Keep Alive", Fields: "mqtt.kalive", Group: annotate.GroupTime, Value: "60", Max: "65535", Hint: "seconds"},
				props(packet.CONNECT, "properties"),
				{Kind: KindText, Key: "client_id", Label: "Client Identifier", Fields: "mqtt.clientid mqtt.clientid_len", Group: annotate.GroupClient, Value: "labA"},
				with(props(0, "will.properties"), "use.will"),
				{Kind: KindText, Key: "will.topic", Label: "Will Topic", Fields: "mqtt.willtopic mqtt.willtopic_len", Group: annotate.GroupWill, Value: "test/gone", Need: "use.will"},
				{Kind: KindPayload, Key: "will.payload", Label: "Will Message", Fields: "mqtt.willmsg mqtt.willmsg_len", Group: annotate.GroupWill, Value: "labA is gone", Need: "use.will"},
				{Kind: KindText, Key: "username", Label: "User Name", Fields: "mqtt.username mqtt.username_len", Group: annotate.GroupSecret, Value: "admin", Need: "use.username"},
				{Kind: KindText, Key: "password", Label: "Password", Fields: "mqtt.passwd mqtt.passwd_len", Group: annotate.GroupSecret, Value: "password", Need: "use.password", Hex: true},
				{Kind: KindOther, Key: "protocol_name", Label: "Protocol Name", Fields: "mqtt.protoname mqtt.proto_len", Group: annotate.GroupProtocol, Hint: "another-name"},
			},
		},
		{
			Type: "PUBLISH",
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
				props(packet.PUBLISH, "properties"),
				{Kind: KindPayload, Key: "payload", Label: "Payload", Fields: "mqtt.msg", Group: annotate.GroupPayload, Value: "hello"},
			},
		},
		{
			Type: "SUBSCRIBE",
			Controls: []Control{
				packetID,
				props(packet.SUBSCRIBE, "properties"),
				{
					Kind: KindList, Key: "subscriptions", Label: "Topic Filters", More: "one-more-filter", Fields: "mqtt.topic", Group: annotate.GroupTopic,
					Parts: []Control{
						{Kind: KindText, Key: "filter", Label: "Topic Filter", Fields: "mqtt.topic mqtt.topic_len", Group: annotate.GroupTopic, Value: "test/#"},
						{Kind: KindQoS, Key: "qos", Label: "QoS", Fields: "mqtt.sub.qos mqtt.sub.qos.level mqtt.sub.qos.reserved mqtt.subscription_options mqtt.subscription_options_qos", Group: annotate.GroupFlags, Value: "1"},
						{Kind: KindCheck, Key: "no_local", Label: "No Local", Fields: "mqtt.subscription_options_nl", Group: annotate.GroupFlags, Versions: only5},
						{Kind: KindCheck, Key: "retain_as_published", Label: "Retain As Published", Fields: "mqtt.subscription_options_rap", Group: annotate.GroupFlags, Versions: only5},
						{Kind: KindNumber, Key: "retain_handling", Label: "Retain Handling", Fields: "mqtt.subscription_options_retain", Group: annotate.GroupFlags, Value: "0", Max: "3", Versions: only5},
					},
				},
			},
		},
		{
			Type: "UNSUBSCRIBE",
			Controls: []Control{
				packetID,
				props(packet.UNSUBSCRIBE, "properties"),
				{
					Kind: KindList, Key: "filters", Label: "Topic Filters", More: "one-more-filter", Fields: "mqtt.topic", Group: annotate.GroupTopic, Scalars: true,
					Parts: []Control{
						{Kind: KindText, Key: "filter", Label: "Topic Filter", Fields: "mqtt.topic mqtt.topic_len", Group: annotate.GroupTopic, Value: "test/#"},
					},
				},
			},
		},
		ackForm(packet.PUBACK, "mqtt.puback.reason_code"),
		ackForm(packet.PUBREC, "mqtt.pubrec.reason_code"),
		ackForm(packet.PUBREL, "mqtt.pubrel.reason_code"),
		ackForm(packet.PUBCOMP, "mqtt.pubcomp.reason_code"),
		{Type: "PINGREQ"},
		{
			Type: "DISCONNECT",
			Controls: []Control{
				in(only5, code(packet.DISCONNECT, packet.V5, "code", "mqtt.disconnect.reason_code")),
				props(packet.DISCONNECT, "properties"),
			},
		},
		{
			Type: "AUTH", Versions: only5,
			Controls: []Control{
				code(packet.AUTH, packet.V5, "code", "mqtt.auth.reason_code"),
				props(packet.AUTH, "properties"),
			},
		},
		{
			Type: "CONNACK",
			Controls: []Control{
				{Kind: KindCheck, Key: "session_present", Label: "Session Present", Fields: "mqtt.conack.flags.sp mqtt.conack.flags", Group: annotate.GroupFlags},
				in(before5, code(packet.CONNACK, packet.V311, "code", "mqtt.conack.val")),
				in(only5, code(packet.CONNACK, packet.V5, "code", "mqtt.connack.reason_code")),
				props(packet.CONNACK, "properties"),
			},
		},
		{
			Type: "SUBACK",
			Controls: []Control{
				packetID,
				props(packet.SUBACK, "properties"),
				{
					Kind: KindList, Key: "codes", Label: "Return codes", Group: annotate.GroupCode, Scalars: true, More: "one-more-code",
					Parts: []Control{
						in(before5, code(packet.SUBACK, packet.V311, "code", "mqtt.suback.qos")),
						in(only5, code(packet.SUBACK, packet.V5, "code", "mqtt.suback.reason_code")),
					},
				},
			},
		},
		{
			Type: "UNSUBACK",
			Controls: []Control{
				packetID,
				props(packet.UNSUBACK, "properties"),
				{
					Kind: KindList, Key: "codes", Label: "Reason Codes", Group: annotate.GroupCode, Scalars: true, Versions: only5, More: "one-more-code",
					Parts: []Control{code(packet.UNSUBACK, packet.V5, "code", "mqtt.unsuback.reason_code")},
				},
			},
		},
		{Type: "PINGRESP"},
	}
}

// FirstForm is the packet that a new bench shows: what Forms[0] says to begin with.
var FirstForm = []byte(`{"type":"CONNECT","version":"3.1.1","clean_session":true,"keep_alive":60,"client_id":"labA"}`)
