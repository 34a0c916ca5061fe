package filter

import (
	"slices"
	"strings"
	"sync"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Type is the type of a field's values.
type Type string

// The types. Booleans and times are compared as numbers.
const (
	None    Type = "none" // the field exists or not; it has no value
	Number  Type = "number"
	Boolean Type = "boolean"
	Seconds Type = "seconds"
	Text    Type = "text"
	Bytes   Type = "bytes"
	Address Type = "address"
)

// numeric says whether values of the type are kept as numbers.
func (t Type) numeric() bool { return t == Number || t == Boolean || t == Seconds }

// octets says whether values of the type are kept as bytes.
func (t Type) octets() bool { return t == Text || t == Bytes }

// Value is a value of a field that has a name.
type Value struct {
	Name   string
	Number int
}

// FieldInfo describes a field that filters may name.
type FieldInfo struct {
	Name      string
	Label     string // in English, the specification's term
	Type      Type
	Wireshark bool    // Wireshark 4.0 knows the field, too
	Max       int     // the greatest number that Wireshark's type of the field holds; 0: no bound
	Values    []Value // the names of its values, if they have names

	source  source
	id      packet.PropertyID // with fromProperty
	also    string            // another field of packets that is this one to Wireshark
	general bool              // not that of a property which has a field of its own in Wireshark
	aliases []Value           // Wireshark's names of values
}

// Describe returns the label in a language.
func (f *FieldInfo) Describe(l spec.Lang) string {
	if key := "filter.field." + f.Name; spec.HasMessage(key) {
		return spec.Message(l, key)
	}
	return spec.Label(l, f.Label)
}

// source says where the values of a field come from.
type source uint8

const (
	fromTree       source = iota // fields of this name
	fromProperty                 // the value below the property's field
	fromProperties               // the fields of all properties, each under its own name
	fromPacket
	fromFrame
	fromFrameNumber
	fromFrameTime
	fromFrameLength
	fromStream
	fromPorts
	fromSourcePort
	fromTargetPort
	fromAddresses
	fromSourceAddress
	fromTargetAddress
	fromFindings
	fromSeverities
	fromDirection
	fromClient
)

// outside lists the fields that are not fields of packets.
var outside = []FieldInfo{
	{Name: "mqtt", Type: Bytes, source: fromPacket, Wireshark: true},
	{Name: "frame", Type: None, source: fromFrame, Wireshark: true},
	{Name: "frame.number", Type: Number, Max: 1<<32 - 1, source: fromFrameNumber, Wireshark: true},
	{Name: "frame.time_relative", Type: Seconds, source: fromFrameTime, Wireshark: true},
	{Name: "frame.len", Type: Number, Max: 1<<32 - 1, source: fromFrameLength, Wireshark: true},
	{Name: "tcp", Type: None, source: fromPorts, Wireshark: true},
	{Name: "tcp.stream", Type: Number, Max: 1<<32 - 1, source: fromStream, Wireshark: true},
	{Name: "tcp.port", Type: Number, Max: 65535, source: fromPorts, Wireshark: true},
	{Name: "tcp.srcport", Type: Number, Max: 65535, source: fromSourcePort, Wireshark: true},
	{Name: "tcp.dstport", Type: Number, Max: 65535, source: fromTargetPort, Wireshark: true},
	{Name: "ip", Type: None, source: fromAddresses, Wireshark: true},
	{Name: "ip.addr", Type: Address, source: fromAddresses, Wireshark: true},
	{Name: "ip.src", Type: Address, source: fromSourceAddress, Wireshark: true},
	{Name: "ip.dst", Type: Address, source: fromTargetAddress, Wireshark: true},
	{Name: "ipv6", Type: None, source: fromAddresses, Wireshark: true},
	{Name: "ipv6.addr", Type: Address, source: fromAddresses, Wireshark: true},
	{Name: "ipv6.src", Type: Address, source: fromSourceAddress, Wireshark: true},
	{Name: "ipv6.dst", Type: Address, source: fromTargetAddress, Wireshark: true},
	{Name: "mqttlab.finding", Type: Text, source: fromFindings},
	{Name: "mqttlab.severity", Type: Number, source: fromSeverities, Values: []Value{{"note", 1}, {"warning", 2}, {"error", 3}}},
	{Name: "mqttlab.direction", Type: Number, source: fromDirection, Values: []Value{{"client", 1}, {"server", 2}}},
	{Name: "mqttlab.client", Type: Text, source: fromClient},
}

// ownFields are the names of packets' fields that Wireshark 4.0 does not
// have, beside most mqtt.property.* and all mqttlab.*.
var ownFields = []string{
	"mqtt.property", "mqtt.prop_data", "mqtt.prop_data_len", "mqtt.sub.qos.reserved", "mqtt.sub.qos.level",
}

// wiresharkAlso has the fields of text under whose names Wireshark shows
// Binary Data, too.
var wiresharkAlso = map[packet.Field]string{
	packet.FieldPropertyText:       packet.FieldPropertyData.Name(),
	packet.FieldPropertyTextLength: packet.FieldPropertyDataLength.Name(),
}

// wiresharkProperties are those mqtt.property.* that Wireshark 4.0 has.
var wiresharkProperties = []packet.PropertyID{packet.ContentType, packet.MaximumQoS, packet.TopicAlias}

// ownProperties are their names.
var ownProperties = func() (names []string) {
	for _, id := range wiresharkProperties {
		names = append(names, propertyField+id.FilterName())
	}
	return names
}()

const propertyField = "mqtt.property."

// registry holds every field: in the order of lists, and by name.
var registry = sync.OnceValue(func() (all struct {
	list   []*FieldInfo
	byName map[string]*FieldInfo
	names  []string
}) {
	all.byName = make(map[string]*FieldInfo)
	add := func(f FieldInfo) {
		if all.byName[f.Name] == nil { // Topic Name and Topic Filter share theirs
			all.list = append(all.list, &f)
			all.byName[f.Name] = &f
			all.names = append(all.names, f.Name)
		}
	}
	for _, f := range outside {
		if !strings.HasPrefix(f.Name, "mqttlab.") {
			f.Label = spec.Message(spec.English, "filter.field."+f.Name)
			add(f)
		}
	}
	for _, f := range packet.Fields() {
		name := f.Name()
		values, aliases := valueNames(f)
		from := fromTree
		if f == packet.FieldProperty {
			from = fromProperties
		}
		add(FieldInfo{
			Name: name, Label: f.Label(packet.V311), Type: typeOf(f), Max: maxOf(f), Values: values, aliases: aliases, source: from,
			also: wiresharkAlso[f], general: f == packet.FieldPropertyNumber || wiresharkAlso[f] != "",
			Wireshark: !slices.Contains(ownFields, name) && !strings.HasPrefix(name, "mqttlab."),
		})
	}
	for _, id := range packet.AllProperties() {
		add(FieldInfo{
			Name: propertyField + id.FilterName(), Label: id.String(), Type: propertyType(id), Max: propertyMax(id), source: fromProperty, id: id,
			Wireshark: slices.Contains(wiresharkProperties, id),
		})
	}
	for _, f := range outside {
		f.Label = spec.Message(spec.English, "filter.field."+f.Name)
		add(f)
	}
	return all
})

// Fields lists every field that filters may name.
func Fields() []FieldInfo {
	all := registry().list
	list := make([]FieldInfo, len(all))
	for i, f := range all {
		list[i] = *f
	}
	return list
}

func typeOf(f packet.Field) Type {
	switch f.Kind() {
	case packet.Number:
		return Number
	case packet.Flag:
		return Boolean
	case packet.Text:
		return Text
	case packet.Bytes:
		if f == packet.FieldPassword { // binary by the rules, text to Wireshark and to people
			return Text
		}
		return Bytes
	}
	return None
}

// maxOf returns the bound of a number.
func maxOf(f packet.Field) int {
	if f.Kind() != packet.Number {
		return 0
	}
	switch f {
	case packet.FieldRemainingLength, packet.FieldPropertyLength:
		return 0 // 64 bits to Wireshark
	case packet.FieldPropertyNumber, packet.FieldPropertyTextLength, packet.FieldPropertyKeyLength, packet.FieldPropertyValueLength:
		return 1<<32 - 1
	case packet.FieldPacketID, packet.FieldKeepAlive, packet.FieldProtocolNameLength, packet.FieldClientIDLength,
		packet.FieldWillTopicLength, packet.FieldWillMessageLength, packet.FieldUserNameLength, packet.FieldPasswordLength,
		packet.FieldTopicLength, packet.FieldFilterLength, packet.FieldPropertyDataLength:
		return 1<<16 - 1
	}
	return 1<<8 - 1
}

func propertyMax(id packet.PropertyID) int {
	switch id.Kind() {
	case packet.ByteProperty:
		return 1<<8 - 1
	case packet.TwoByteProperty:
		return 1<<16 - 1
	case packet.FourByteProperty, packet.VarintProperty:
		return 1<<32 - 1
	}
	return 0
}

func propertyType(id packet.PropertyID) Type {
	switch id.Kind() {
	case packet.TextProperty, packet.PairProperty:
		return Text
	case packet.DataProperty:
		return Bytes
	}
	return Number
}

// qosNames are Wireshark's names of the levels.
var qosNames = []Value{
	{"At most once delivery (Fire and Forget)", 0}, {"At least once delivery (Acknowledged deliver)", 1},
	{"Exactly once delivery (Assured Delivery)", 2}, {"Reserved", 3},
}

// typeNames are Wireshark's names of the Control Packet types.
var typeNames = []Value{
	{"Connect Command", 1}, {"Connect Ack", 2}, {"Publish Message", 3}, {"Publish Ack", 4}, {"Publish Received", 5},
	{"Publish Release", 6}, {"Publish Complete", 7}, {"Subscribe Request", 8}, {"Subscribe Ack", 9},
	{"Unsubscribe Request", 10}, {"Unsubscribe Ack", 11}, {"Ping Request", 12}, {"Ping Response", 13},
	{"Disconnect Req", 14}, {"Authentication Exchange", 15},
}

// valueNames returns the names of a field's values: those to offer, and
// Wireshark's.
func valueNames(f packet.Field) (own, wireshark []Value) {
	codes := func(t packet.Type, v packet.Version) (list []Value) {
		for _, c := range packet.ReasonCodes(t, v) {
			list = append(list, Value{spec.ReasonName(v, t, byte(c)), int(c)})
		}
		return list
	}
	switch f {
	case packet.FieldType:
		for _, t := range packet.Types(packet.V5) {
			own = append(own, Value{t.String(), int(t)})
		}
		return own, typeNames
	case packet.FieldQoS, packet.FieldWillQoS, packet.FieldRequestedQoS, packet.FieldOptionsQoS:
		return nil, qosNames
	case packet.FieldProtocolLevel:
		return []Value{{"MQTT v3.1", 3}, {"MQTT v3.1.1", 4}, {"MQTT v5.0", 5}}, nil
	case packet.FieldPropertyID:
		for _, id := range packet.AllProperties() {
			own = append(own, Value{id.String(), int(id)})
		}
		return own, nil
	case packet.FieldReturnCode:
		return codes(packet.CONNACK, packet.V311), nil
	case packet.FieldGrantedQoS:
		return codes(packet.SUBACK, packet.V311), nil
	case packet.FieldConnackReason:
		return codes(packet.CONNACK, packet.V5), nil
	case packet.FieldPubackReason:
		return codes(packet.PUBACK, packet.V5), nil
	case packet.FieldPubrecReason:
		return codes(packet.PUBREC, packet.V5), nil
	case packet.FieldPubrelReason:
		return codes(packet.PUBREL, packet.V5), nil
	case packet.FieldPubcompReason:
		return codes(packet.PUBCOMP, packet.V5), nil
	case packet.FieldSubackReason:
		return codes(packet.SUBACK, packet.V5), nil
	case packet.FieldUnsubackReason:
		return codes(packet.UNSUBACK, packet.V5), nil
	case packet.FieldDisconnectReason:
		return codes(packet.DISCONNECT, packet.V5), nil
	case packet.FieldAuthReason:
		return codes(packet.AUTH, packet.V5), nil
	}
	return nil, nil
}

// number finds the value with a name.
func (f *FieldInfo) number(name string) (int, bool) {
	for _, list := range [][]Value{f.Values, f.aliases} {
		for _, v := range list {
			if strings.EqualFold(v.Name, name) {
				return v.Number, true
			}
		}
	}
	return 0, false
}

// meant are names that people try, with the field that they mean.
var meant = map[string]string{
	"mqtt.type": "mqtt.msgtype", "mqtt.packettype": "mqtt.msgtype", "mqtt.packet_type": "mqtt.msgtype",
	"mqtt.payload": "mqtt.msg", "mqtt.message": "mqtt.msg", "mqtt.msg_text": "mqtt.msg", "mqtt.data": "mqtt.msg",
	"mqtt.packetid": "mqtt.msgid", "mqtt.packet_id": "mqtt.msgid", "mqtt.mid": "mqtt.msgid", "mqtt.id": "mqtt.msgid",
	"mqtt.flags": "mqtt.hdrflags", "mqtt.dup": "mqtt.dupflag",
	"mqtt.keepalive": "mqtt.kalive", "mqtt.keep_alive": "mqtt.kalive", "mqtt.version": "mqtt.ver", "mqtt.level": "mqtt.ver",
	"mqtt.password": "mqtt.passwd", "mqtt.user": "mqtt.username", "mqtt.client_id": "mqtt.clientid", "mqtt.client": "mqtt.clientid",
	"mqtt.length": "mqtt.len", "mqtt.remaining_length": "mqtt.len", "mqtt.filter": "mqtt.topic",
	"mqtt.cleansession": "mqtt.conflag.cleansess", "mqtt.clean_session": "mqtt.conflag.cleansess", "mqtt.cleanstart": "mqtt.conflag.cleansess",
	"mqtt.will": "mqtt.conflag.willflag", "mqtt.conack.reason_code": "mqtt.connack.reason_code", "mqtt.return_code": "mqtt.conack.val",
	"mqtt.willtext": "mqtt.willmsg", "mqtt.will_topic": "mqtt.willtopic", "mqtt.willmsg_text": "mqtt.willmsg",
	"frame.time": "frame.time_relative", "direction": "mqttlab.direction", "topic": "mqtt.topic", "qos": "mqtt.qos",
}

// nearestField returns the field that was probably meant, or "".
func nearestField(word string) string {
	all := registry()
	lower := strings.ToLower(word)
	if all.byName[lower] != nil {
		return lower
	}
	if name := meant[lower]; name != "" {
		return name
	}
	if all.byName["mqtt."+lower] != nil {
		return "mqtt." + lower
	}
	if name := nearest(word, all.names); name != "" {
		return name
	}
	// The last part alone, such as mqtt.receive_max for mqtt.property.receive_max.
	if strings.Contains(lower, ".") && !strings.HasPrefix(lower, "mqtt") {
		return ""
	}
	last := lower[strings.LastIndexByte(lower, '.')+1:]
	for _, name := range all.names {
		if len(last) > 2 && strings.HasSuffix(name, "."+last) {
			return name
		}
	}
	return ""
}
