package packet

import "strings"

// PropertyID identifies a property of 5.0 (table 2-4).
type PropertyID uint8

// The 27 properties of 5.0.
const (
	PayloadFormatIndicator          PropertyID = 0x01
	MessageExpiryInterval           PropertyID = 0x02
	ContentType                     PropertyID = 0x03
	ResponseTopic                   PropertyID = 0x08
	CorrelationData                 PropertyID = 0x09
	SubscriptionIdentifier          PropertyID = 0x0B
	SessionExpiryInterval           PropertyID = 0x11
	AssignedClientIdentifier        PropertyID = 0x12
	ServerKeepAlive                 PropertyID = 0x13
	AuthenticationMethod            PropertyID = 0x15
	AuthenticationData              PropertyID = 0x16
	RequestProblemInformation       PropertyID = 0x17
	WillDelayInterval               PropertyID = 0x18
	RequestResponseInformation      PropertyID = 0x19
	ResponseInformation             PropertyID = 0x1A
	ServerReference                 PropertyID = 0x1C
	ReasonString                    PropertyID = 0x1F
	ReceiveMaximum                  PropertyID = 0x21
	TopicAliasMaximum               PropertyID = 0x22
	TopicAlias                      PropertyID = 0x23
	MaximumQoS                      PropertyID = 0x24
	RetainAvailable                 PropertyID = 0x25
	UserProperty                    PropertyID = 0x26
	MaximumPacketSize               PropertyID = 0x27
	WildcardSubscriptionAvailable   PropertyID = 0x28
	SubscriptionIdentifierAvailable PropertyID = 0x29
	SharedSubscriptionAvailable     PropertyID = 0x2A
)

// PropertyKind is the data type of a property's value (section 2.2.2.2).
type PropertyKind uint8

// The data types of properties. The zero kind: no such property.
const (
	_ PropertyKind = iota
	ByteProperty
	TwoByteProperty
	FourByteProperty
	VarintProperty
	TextProperty
	DataProperty
	PairProperty
)

// inWill stands for the Will Properties among the packet types.
const inWill Type = 0

func types(ts ...Type) (set uint16) {
	for _, t := range ts {
		set |= 1 << t
	}
	return set
}

var anyPacket = types(inWill, CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, DISCONNECT, AUTH)

// properties is table 2-4 and the rules for each value: the data type, the
// packets that may carry the property, whether it may stand more than once,
// and the least and greatest value of a number.
var properties = [...]struct {
	name     string // as in the JSON form, and behind "mqtt.property." as field name
	label    string
	kind     PropertyKind
	in       uint16
	repeats  uint16 // packets that may carry it more than once
	min, max uint32
}{
	PayloadFormatIndicator:          {"payload_format_indicator", "Payload Format Indicator", ByteProperty, types(PUBLISH, inWill), 0, 0, 1},
	MessageExpiryInterval:           {"message_expiry_interval", "Message Expiry Interval", FourByteProperty, types(PUBLISH, inWill), 0, 0, 1<<32 - 1},
	ContentType:                     {"content_type", "Content Type", TextProperty, types(PUBLISH, inWill), 0, 0, 0},
	ResponseTopic:                   {"response_topic", "Response Topic", TextProperty, types(PUBLISH, inWill), 0, 0, 0},
	CorrelationData:                 {"correlation_data", "Correlation Data", DataProperty, types(PUBLISH, inWill), 0, 0, 0},
	SubscriptionIdentifier:          {"subscription_identifier", "Subscription Identifier", VarintProperty, types(PUBLISH, SUBSCRIBE), types(PUBLISH), 1, MaxRemainingLength},
	SessionExpiryInterval:           {"session_expiry_interval", "Session Expiry Interval", FourByteProperty, types(CONNECT, CONNACK, DISCONNECT), 0, 0, 1<<32 - 1},
	AssignedClientIdentifier:        {"assigned_client_identifier", "Assigned Client Identifier", TextProperty, types(CONNACK), 0, 0, 0},
	ServerKeepAlive:                 {"server_keep_alive", "Server Keep Alive", TwoByteProperty, types(CONNACK), 0, 0, 1<<16 - 1},
	AuthenticationMethod:            {"authentication_method", "Authentication Method", TextProperty, types(CONNECT, CONNACK, AUTH), 0, 0, 0},
	AuthenticationData:              {"authentication_data", "Authentication Data", DataProperty, types(CONNECT, CONNACK, AUTH), 0, 0, 0},
	RequestProblemInformation:       {"request_problem_information", "Request Problem Information", ByteProperty, types(CONNECT), 0, 0, 1},
	WillDelayInterval:               {"will_delay_interval", "Will Delay Interval", FourByteProperty, types(inWill), 0, 0, 1<<32 - 1},
	RequestResponseInformation:      {"request_response_information", "Request Response Information", ByteProperty, types(CONNECT), 0, 0, 1},
	ResponseInformation:             {"response_information", "Response Information", TextProperty, types(CONNACK), 0, 0, 0},
	ServerReference:                 {"server_reference", "Server Reference", TextProperty, types(CONNACK, DISCONNECT), 0, 0, 0},
	ReasonString:                    {"reason_string", "Reason String", TextProperty, types(CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, DISCONNECT, AUTH), 0, 0, 0},
	ReceiveMaximum:                  {"receive_maximum", "Receive Maximum", TwoByteProperty, types(CONNECT, CONNACK), 0, 1, 1<<16 - 1},
	TopicAliasMaximum:               {"topic_alias_maximum", "Topic Alias Maximum", TwoByteProperty, types(CONNECT, CONNACK), 0, 0, 1<<16 - 1},
	TopicAlias:                      {"topic_alias", "Topic Alias", TwoByteProperty, types(PUBLISH), 0, 1, 1<<16 - 1},
	MaximumQoS:                      {"maximum_qos", "Maximum QoS", ByteProperty, types(CONNACK), 0, 0, 1},
	RetainAvailable:                 {"retain_available", "Retain Available", ByteProperty, types(CONNACK), 0, 0, 1},
	UserProperty:                    {"user_property", "User Property", PairProperty, anyPacket, anyPacket, 0, 0},
	MaximumPacketSize:               {"maximum_packet_size", "Maximum Packet Size", FourByteProperty, types(CONNECT, CONNACK), 0, 1, 1<<32 - 1},
	WildcardSubscriptionAvailable:   {"wildcard_subscription_available", "Wildcard Subscription Available", ByteProperty, types(CONNACK), 0, 0, 1},
	SubscriptionIdentifierAvailable: {"subscription_identifier_available", "Subscription Identifiers Available", ByteProperty, types(CONNACK), 0, 0, 1},
	SharedSubscriptionAvailable:     {"shared_subscription_available", "Shared Subscription Available", ByteProperty, types(CONNACK), 0, 0, 1},
}

// Known says whether the identifier is one of the 27 properties.
func (id PropertyID) Known() bool { return id.Kind() != 0 }

// Kind returns the data type of the property's value.
func (id PropertyID) Kind() PropertyKind {
	if int(id) >= len(properties) {
		return 0
	}
	return properties[id].kind
}

// Name returns the property's name in the JSON form, such as "receive_maximum".
func (id PropertyID) Name() string {
	if !id.Known() {
		return ""
	}
	return properties[id].name
}

// FilterName returns what stands behind "mqtt.property." in the property's
// display-filter name: its name with "maximum" cut to "max", as in Wireshark's
// mqtt.property.max_qos.
func (id PropertyID) FilterName() string {
	return strings.ReplaceAll(id.Name(), "maximum", "max")
}

// String returns the specification's name of the property.
func (id PropertyID) String() string {
	if !id.Known() {
		return "Unknown property"
	}
	return properties[id].label
}

// In says whether a packet of type t may carry the property. Type 0 stands
// for the Will Properties.
func (id PropertyID) In(t Type) bool {
	return id.Known() && properties[id].in&(1<<t) != 0
}

// Properties lists the 27 properties in rising order.
func AllProperties() []PropertyID {
	var ids []PropertyID
	for id := range properties {
		if PropertyID(id).Known() {
			ids = append(ids, PropertyID(id))
		}
	}
	return ids
}

// ParseProperty finds a property by its JSON name.
func ParseProperty(name string) (PropertyID, bool) {
	for id := range properties {
		if name != "" && properties[id].name == name {
			return PropertyID(id), true
		}
	}
	return 0, false
}

// Property is one property with its value, in the member that its kind uses.
type Property struct {
	ID     PropertyID
	Number uint32 // ByteProperty to VarintProperty
	Text   string // TextProperty, and the value of a PairProperty
	Key    string // the name of a PairProperty
	Data   []byte // DataProperty
}

// Properties are the properties of a packet in wire order.
type Properties []Property

// Number returns the value of the first property with this id.
func (ps Properties) Number(id PropertyID) (uint32, bool) {
	for i := range ps {
		if ps[i].ID == id {
			return ps[i].Number, true
		}
	}
	return 0, false
}

// Text returns the value of the first property with this id.
func (ps Properties) Text(id PropertyID) (string, bool) {
	for i := range ps {
		if ps[i].ID == id {
			return ps[i].Text, true
		}
	}
	return "", false
}

// properties reads Property Length and the properties (section 2.2.2) of a
// packet of type t, appending to ps.
func (c *cursor) properties(group Field, t Type, ps Properties) Properties {
	g := c.open(group)
	ps = c.propertyList(t, ps)
	c.close(g)
	return ps
}

func (c *cursor) propertyList(t Type, ps Properties) Properties {
	at := c.off
	length := c.varint(FieldPropertyLength)
	if c.done {
		return ps
	}
	if length > c.left() && !c.cut {
		c.short(FieldUnread, length, at, c.off-at)
		return ps
	}
	// Inside, it is Property Length that ends the bytes, unless the input does.
	whole, cut := c.b, c.cut
	if length <= c.left() {
		c.b = c.b[:c.off+length]
		c.quick = min(c.quick, len(c.b))
		c.cut = false
	}
	var seen uint64
	for c.more() {
		one := c.open(FieldProperty)
		ps = append(ps, Property{})
		seen = c.property(&ps[len(ps)-1], t, seen)
		c.close(one)
	}
	if c.done && c.trace != nil && !c.cut {
		// Their length says where the packet goes on, whatever was wrong inside.
		c.off = len(c.b)
		c.done = false
	}
	if c.quick > 0 {
		c.quick = len(whole)
	}
	c.b, c.cut = whole, cut
	return ps
}

// property reads one property into p, which is empty. It takes and returns the
// set of the properties seen so far.
func (c *cursor) property(p *Property, t Type, seen uint64) uint64 {
	at := c.off
	id := PropertyID(c.u8(FieldPropertyID))
	if c.done {
		return seen
	}
	if !id.Known() {
		c.report(Fault{Violation: PropertyUnknown, Field: FieldPropertyID, Offset: at, Length: 1, Hi: -1, Lo: -1, Want: int(id)})
		c.abandon()
		return seen
	}
	row := &properties[id]
	p.ID = id
	start := c.off
	switch row.kind {
	case ByteProperty:
		p.Number = uint32(c.u8(FieldPropertyNumber))
	case TwoByteProperty:
		p.Number = uint32(c.u16(FieldPropertyNumber))
	case FourByteProperty:
		p.Number = c.u32(FieldPropertyNumber)
	case VarintProperty:
		p.Number = uint32(c.varint(FieldPropertyNumber))
	case TextProperty:
		p.Text = c.text(FieldPropertyTextLength, FieldPropertyText)
	case DataProperty:
		p.Data = c.binary(FieldPropertyDataLength, FieldPropertyData)
	case PairProperty:
		p.Key = c.text(FieldPropertyKeyLength, FieldPropertyKey)
		p.Text = c.text(FieldPropertyValueLength, FieldPropertyValue)
	}
	if c.done {
		return seen
	}
	if row.in&(1<<t) == 0 {
		c.blame(PropertyNotHere, p, at)
	}
	if seen&(1<<id) != 0 && row.repeats&(1<<t) == 0 {
		c.blame(PropertyTwice, p, at)
	}
	if p.Number-row.min > row.max-row.min {
		c.blame(PropertyValue, p, start)
	}
	if id == ResponseTopic {
		c.topicName(p.Text, FieldPropertyText)
	}
	return seen | 1<<id
}

// blame notes a fault of property p, from the byte at from to the one just read.
//
//go:noinline
func (c *cursor) blame(v Violation, p *Property, from int) {
	c.report(Fault{Violation: v, Field: FieldProperty, Offset: from, Length: c.off - from, Hi: -1, Lo: -1, Have: int(p.ID), Want: int(p.Number)})
}

func appendProperties(dst []byte, ps Properties) []byte {
	at := len(dst)
	dst = append(dst, 0)
	for i := range ps {
		p := &ps[i]
		dst = append(dst, byte(p.ID))
		switch p.ID.Kind() {
		case ByteProperty:
			dst = append(dst, byte(p.Number))
		case TwoByteProperty:
			dst = appendUint16(dst, uint16(p.Number))
		case FourByteProperty:
			dst = append(dst, byte(p.Number>>24), byte(p.Number>>16), byte(p.Number>>8), byte(p.Number))
		case VarintProperty:
			dst = AppendVarint(dst, int(p.Number))
		case TextProperty:
			dst = appendText(dst, p.Text)
		case DataProperty:
			dst = appendBinary(dst, p.Data)
		case PairProperty:
			dst = appendText(appendText(dst, p.Key), p.Text)
		}
	}
	return insertVarint(dst, at, len(dst)-at-1)
}
