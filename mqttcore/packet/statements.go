package packet

import (
	"slices"
	"strconv"
)

// reasonCodeRules has the statement of each packet about its Reason Codes.
var reasonCodeRules = map[Field]string{
	FieldConnackReason:    "MQTT-3.2.2-8",
	FieldPubackReason:     "MQTT-3.4.2-1",
	FieldPubrecReason:     "MQTT-3.5.2-1",
	FieldPubrelReason:     "MQTT-3.6.2-1",
	FieldPubcompReason:    "MQTT-3.7.2-1",
	FieldSubackReason:     "MQTT-3.9.3-2",
	FieldUnsubackReason:   "MQTT-3.11.3-2",
	FieldDisconnectReason: "MQTT-3.14.2-1",
	FieldAuthReason:       "MQTT-3.15.2-1",
}

// answerRules have the statements that an answer has the Packet Identifier of what it answers, which is never 0.
var answerRules = map[Type]struct{ rule311, rule5 string }{
	PUBACK:   {"MQTT-2.3.1-6", "MQTT-2.2.1-5"},
	PUBREC:   {"MQTT-2.3.1-6", "MQTT-2.2.1-5"},
	PUBREL:   {"MQTT-2.3.1-6", "MQTT-2.2.1-5"},
	PUBCOMP:  {"§3.7.2", "MQTT-2.2.1-5"},
	SUBACK:   {"MQTT-2.3.1-7", "MQTT-2.2.1-6"},
	UNSUBACK: {"MQTT-2.3.1-7", "MQTT-2.2.1-6"},
}

// propertySections are the sections of 5.0 about each packet's properties, which have a subsection each, from 2 on in
// this order.
var propertySections = map[Type]struct {
	section string
	ids     []PropertyID
}{
	CONNECT: {"§3.1.2.11", []PropertyID{SessionExpiryInterval, ReceiveMaximum, MaximumPacketSize, TopicAliasMaximum,
		RequestResponseInformation, RequestProblemInformation, UserProperty, AuthenticationMethod, AuthenticationData}},
	inWill: {"§3.1.3.2", []PropertyID{WillDelayInterval, PayloadFormatIndicator, MessageExpiryInterval, ContentType,
		ResponseTopic, CorrelationData, UserProperty}},
	CONNACK: {"§3.2.2.3", []PropertyID{SessionExpiryInterval, ReceiveMaximum, MaximumQoS, RetainAvailable, MaximumPacketSize,
		AssignedClientIdentifier, TopicAliasMaximum, ReasonString, UserProperty, WildcardSubscriptionAvailable,
		SubscriptionIdentifierAvailable, SharedSubscriptionAvailable, ServerKeepAlive, ResponseInformation, ServerReference,
		AuthenticationMethod, AuthenticationData}},
	PUBLISH: {"§3.3.2.3", []PropertyID{PayloadFormatIndicator, MessageExpiryInterval, TopicAlias, ResponseTopic, CorrelationData,
		UserProperty, SubscriptionIdentifier, ContentType}},
	PUBACK:      {"§3.4.2.2", []PropertyID{ReasonString, UserProperty}},
	PUBREC:      {"§3.5.2.2", []PropertyID{ReasonString, UserProperty}},
	PUBREL:      {"§3.6.2.2", []PropertyID{ReasonString, UserProperty}},
	PUBCOMP:     {"§3.7.2.2", []PropertyID{ReasonString, UserProperty}},
	SUBSCRIBE:   {"§3.8.2.1", []PropertyID{SubscriptionIdentifier, UserProperty}},
	SUBACK:      {"§3.9.2.1", []PropertyID{ReasonString, UserProperty}},
	UNSUBSCRIBE: {"§3.10.2.1", []PropertyID{UserProperty}},
	UNSUBACK:    {"§3.11.2.1", []PropertyID{ReasonString, UserProperty}},
	DISCONNECT:  {"§3.14.2.2", []PropertyID{SessionExpiryInterval, ReasonString, UserProperty, ServerReference}},
	AUTH:        {"§3.15.2.2", []PropertyID{AuthenticationMethod, AuthenticationData, ReasonString, UserProperty}},
}

// propertySection returns the section about a property in a packet, "" if the packet cannot carry it. Of a CONNECT
// that is its own property or that of its Will.
func propertySection(t Type, id PropertyID) string {
	s := propertySections[t]
	i := slices.Index(s.ids, id)
	switch {
	case i < 0 && t == CONNECT:
		return propertySection(inWill, id)
	case i < 0:
		return ""
	}
	return s.section + "." + strconv.Itoa(i+2)
}

// A related statement says of one packet type or field what the rule of a
// violation says of all.
type related struct {
	violation      Violation
	packet         Type  // 0: any
	field          Field // 0: any
	rule311, rule5 string
}

var relatedRules = []related{
	{ReservedFlags, 0, 0, "MQTT-2.2.2-1", ""},
	{ReservedFlags, PUBREL, 0, "MQTT-3.6.1-1", "MQTT-3.6.1-1"},
	{ReservedFlags, SUBSCRIBE, 0, "MQTT-3.8.1-1", "MQTT-3.8.1-1"},
	{ReservedFlags, UNSUBSCRIBE, 0, "MQTT-3.10.1-1", "MQTT-3.10.1-1"},
	{ReservedFlags, DISCONNECT, 0, "MQTT-3.14.1-1", "MQTT-3.14.1-1"},
	{ReservedFlags, AUTH, 0, "", "MQTT-3.15.1-1"},
	{DupWithQoS0, 0, 0, "MQTT-4.3.1-1", "MQTT-4.3.1-1"},

	{InvalidUTF8, 0, FieldClientID, "MQTT-3.1.3-4", "MQTT-3.1.3-4"},
	{InvalidUTF8, 0, FieldWillTopic, "MQTT-3.1.3-10", "MQTT-3.1.3-11"},
	{InvalidUTF8, 0, FieldUserName, "MQTT-3.1.3-11", "MQTT-3.1.3-12"},
	{InvalidUTF8, 0, FieldTopic, "MQTT-3.3.2-1", "MQTT-3.3.2-1"},
	{InvalidUTF8, SUBSCRIBE, FieldFilter, "MQTT-3.8.3-1", "MQTT-3.8.3-1"},
	{InvalidUTF8, UNSUBSCRIBE, FieldFilter, "MQTT-3.10.3-1", "MQTT-3.10.3-1"},
	{InvalidUTF8, 0, FieldPropertyKey, "", "MQTT-1.5.7-1"},
	{InvalidUTF8, 0, FieldPropertyValue, "", "MQTT-1.5.7-1"},
	{NulCharacter, 0, FieldTopic, "MQTT-4.7.3-2", "MQTT-4.7.3-2"},
	{NulCharacter, 0, FieldWillTopic, "MQTT-4.7.3-2", "MQTT-4.7.3-2"},
	{NulCharacter, 0, FieldFilter, "MQTT-4.7.3-2", "MQTT-4.7.3-2"},
	{TopicWildcard, 0, 0, "MQTT-4.7.1-1", "MQTT-4.7.0-1"},

	// What the Connect Flags promise must be there, and nothing else.
	{PastEnd, CONNECT, FieldClientIDLength, "MQTT-3.1.3-3", "MQTT-3.1.3-3"},
	{PastEnd, CONNECT, FieldWillTopicLength, "MQTT-3.1.2-9", "MQTT-3.1.2-9"},
	{PastEnd, CONNECT, FieldWillMessageLength, "MQTT-3.1.2-9", "MQTT-3.1.2-9"},
	{PastEnd, CONNECT, FieldUserNameLength, "MQTT-3.1.2-19", "MQTT-3.1.2-17"},
	{PastEnd, CONNECT, FieldPasswordLength, "MQTT-3.1.2-21", "MQTT-3.1.2-19"},
	{TrailingBytes, CONNECT, 0, "MQTT-3.1.3-1", "MQTT-3.1.3-1"},
	{PastEnd, 0, FieldPropertyLength, "", "MQTT-2.2.2-1"},

	{ReturnCodeReserved, CONNACK, 0, "MQTT-3.2.2-6", ""},
	{ReasonCodeReserved, SUBACK, 0, "", "MQTT-3.8.4-7"},
}

// Related returns the statements about this packet type or field that the
// fault breaks as well as its Rule.
func (f *Fault) Related() []string {
	var rules []string
	for i := range relatedRules {
		r := &relatedRules[i]
		if r.violation != f.Violation || r.packet != 0 && r.packet != f.Type || r.field != 0 && r.field != f.Field {
			continue
		}
		rule := r.rule311
		if f.Version == V5 {
			rule = r.rule5
		}
		if rule != "" && rule != f.Rule() {
			rules = append(rules, rule)
		}
	}
	return rules
}
