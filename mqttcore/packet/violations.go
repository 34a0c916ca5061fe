package packet

import (
	"fmt"
	"strconv"
)

// Violation is one way for a packet to break the rules.
type Violation uint8

// Every check of the grammar. The table below gives each its rule.
const (
	_                         Violation = iota
	Incomplete                          // the input ends before the packet does: no rule is broken yet
	PastEnd                             // a field reaches beyond the packet's end
	TrailingBytes                       // bytes are left behind the last field
	RemainingLengthTooLong              // a fifth byte of Remaining Length
	RemainingLengthNotMinimal           // Remaining Length in more bytes than needed
	VarintTooLong                       // a fifth byte of a Variable Byte Integer
	VarintNotMinimal                    // a Variable Byte Integer in more bytes than needed
	ReservedType                        // Control Packet type 0, or 15 before 5.0
	ReservedFlags                       // low bits of the first byte other than table 2-2 says
	InvalidUTF8                         // a string that is not well-formed UTF-8
	NulCharacter                        // a string with U+0000
	ProtocolName                        // neither "MQTT" nor, in 3.1, "MQIsdp"
	ProtocolLevel                       // a level that no version has
	ReservedConnectFlag                 // bit 0 of the Connect Flags
	WillQoSWithoutWill                  // Will QoS set, Will Flag clear
	WillRetainWithoutWill               // Will Retain set, Will Flag clear
	WillQoS3                            // both Will QoS bits
	PasswordWithoutUserName             // Password Flag set, User Name Flag clear (before 5.0)
	EmptyClientIDNoClean                // no Client Identifier and Clean Session 0 (3.1.1)
	ClientIDLength31                    // Client Identifier not of 1 to 23 characters (3.1)
	TopicEmpty                          // Topic Name of no characters
	TopicWildcard                       // + or # in a Topic Name
	TopicEmptyNoAlias                   // no Topic Name and no Topic Alias (5.0)
	QoS3                                // both QoS bits of PUBLISH
	DupWithQoS0                         // DUP set with QoS 0
	PacketIDZero                        // Packet Identifier 0
	ReservedAckFlags                    // bits 7 to 1 of the Connect Acknowledge Flags
	SessionPresentOnRefusal             // Session Present with a refusal
	ReturnCodeReserved                  // a CONNACK return code that the version does not define
	NoFilters                           // SUBSCRIBE without a Topic Filter
	NoUnsubscribeFilters                // UNSUBSCRIBE without a Topic Filter
	FilterEmpty                         // Topic Filter of no characters
	FilterHash                          // # not alone or not last
	FilterPlus                          // + not alone in its level
	ShareNameMissing                    // $share/ without a ShareName
	ShareName                           // a wildcard in the ShareName, or no filter behind it
	SubscribeReserved                   // reserved bits of the requested QoS or Subscription Options
	SubscribeQoS3                       // requested QoS 3
	RetainHandling3                     // Retain Handling 3
	NoLocalShared                       // No Local on a Shared Subscription
	SubackReserved                      // a SUBACK return code that the version does not define
	NoReturnCodes                       // a SUBACK or 5.0 UNSUBACK without a code
	ReasonCodeReserved                  // a Reason Code that this packet cannot carry
	PropertyUnknown                     // a property identifier that does not exist
	PropertyNotHere                     // a property that this packet cannot carry
	PropertyTwice                       // a property that may stand only once
	PropertyValue                       // a property value outside its range
	AuthDataNoMethod                    // Authentication Data without Authentication Method
	AuthNoMethod                        // an AUTH without Authentication Method
	PayloadNotUTF8                      // Payload Format Indicator 1 and a payload that is no UTF-8
	violationCount
)

// violations gives each check a name for texts and tests, the statement it
// rests on, and the Reason Code for which a 5.0 server closes (section 4.13).
// Topic Filter invalid (0x8F) and Topic Name invalid (0x90) are none of these:
// they are for what is correctly formed and still not accepted.
// Where a version has no numbered statement, the section is named.
var violations = [violationCount]struct {
	slug    string
	rule311 string
	rule5   string
	code    ReasonCode
}{
	Incomplete:                {"incomplete", "", "", MalformedPacket},
	PastEnd:                   {"past-end", "§2.2.3", "§2.1.4", MalformedPacket},
	TrailingBytes:             {"trailing-bytes", "§2.2.3", "§2.1.4", MalformedPacket},
	RemainingLengthTooLong:    {"remaining-length-too-long", "§2.2.3", "§1.5.5", MalformedPacket},
	RemainingLengthNotMinimal: {"remaining-length-not-minimal", "§2.2.3", "MQTT-1.5.5-1", MalformedPacket},
	VarintTooLong:             {"varint-too-long", "§2.2.3", "§1.5.5", MalformedPacket},
	VarintNotMinimal:          {"varint-not-minimal", "§2.2.3", "MQTT-1.5.5-1", MalformedPacket},
	ReservedType:              {"reserved-type", "§2.2.1", "§2.1.2", MalformedPacket},
	ReservedFlags:             {"reserved-flags", "MQTT-2.2.2-2", "MQTT-2.1.3-1", MalformedPacket},
	InvalidUTF8:               {"invalid-utf8", "MQTT-1.5.3-1", "MQTT-1.5.4-1", MalformedPacket},
	NulCharacter:              {"nul-character", "MQTT-1.5.3-2", "MQTT-1.5.4-2", MalformedPacket},
	ProtocolName:              {"protocol-name", "MQTT-3.1.2-1", "MQTT-3.1.2-1", UnsupportedProtocolVersion},
	ProtocolLevel:             {"protocol-level", "MQTT-3.1.2-2", "MQTT-3.1.2-2", UnsupportedProtocolVersion},
	ReservedConnectFlag:       {"reserved-connect-flag", "MQTT-3.1.2-3", "MQTT-3.1.2-3", MalformedPacket},
	WillQoSWithoutWill:        {"will-qos-without-will", "MQTT-3.1.2-13", "MQTT-3.1.2-11", MalformedPacket},
	WillRetainWithoutWill:     {"will-retain-without-will", "MQTT-3.1.2-15", "MQTT-3.1.2-13", MalformedPacket},
	WillQoS3:                  {"will-qos-3", "MQTT-3.1.2-14", "MQTT-3.1.2-12", MalformedPacket},
	PasswordWithoutUserName:   {"password-without-user-name", "MQTT-3.1.2-22", "", MalformedPacket},
	EmptyClientIDNoClean:      {"empty-client-id", "MQTT-3.1.3-7", "", ClientIdentifierNotValid},
	ClientIDLength31:          {"client-id-length", "", "", ClientIdentifierNotValid},
	TopicEmpty:                {"topic-empty", "MQTT-4.7.3-1", "MQTT-4.7.3-1", MalformedPacket},
	TopicWildcard:             {"topic-wildcard", "MQTT-3.3.2-2", "MQTT-3.3.2-2", MalformedPacket},
	TopicEmptyNoAlias:         {"topic-empty-no-alias", "", "§3.3.2.1", ProtocolError},
	QoS3:                      {"qos-3", "MQTT-3.3.1-4", "MQTT-3.3.1-4", MalformedPacket},
	DupWithQoS0:               {"dup-with-qos-0", "MQTT-3.3.1-2", "MQTT-3.3.1-2", MalformedPacket},
	PacketIDZero:              {"packet-id-zero", "MQTT-2.3.1-1", "MQTT-2.2.1-3", ProtocolError},
	ReservedAckFlags:          {"reserved-ack-flags", "§3.2.2.1", "MQTT-3.2.2-1", MalformedPacket},
	SessionPresentOnRefusal:   {"session-present-on-refusal", "MQTT-3.2.2-4", "MQTT-3.2.2-6", ProtocolError},
	ReturnCodeReserved:        {"return-code-reserved", "§3.2.2.3", "", MalformedPacket},
	NoFilters:                 {"no-filters", "MQTT-3.8.3-3", "MQTT-3.8.3-2", ProtocolError},
	NoUnsubscribeFilters:      {"no-unsubscribe-filters", "MQTT-3.10.3-2", "MQTT-3.10.3-2", ProtocolError},
	FilterEmpty:               {"filter-empty", "MQTT-4.7.3-1", "MQTT-4.7.3-1", MalformedPacket},
	FilterHash:                {"filter-hash", "MQTT-4.7.1-2", "MQTT-4.7.1-1", MalformedPacket},
	FilterPlus:                {"filter-plus", "MQTT-4.7.1-3", "MQTT-4.7.1-2", MalformedPacket},
	ShareNameMissing:          {"share-name-missing", "", "MQTT-4.8.2-1", MalformedPacket},
	ShareName:                 {"share-name", "", "MQTT-4.8.2-2", MalformedPacket},
	SubscribeReserved:         {"subscribe-reserved", "MQTT-3.8.3-4", "MQTT-3.8.3-5", MalformedPacket},
	SubscribeQoS3:             {"subscribe-qos-3", "MQTT-3.8.3-4", "§3.8.3.1", MalformedPacket},
	RetainHandling3:           {"retain-handling-3", "", "§3.8.3.1", ProtocolError},
	NoLocalShared:             {"no-local-shared", "", "MQTT-3.8.3-4", ProtocolError},
	SubackReserved:            {"suback-reserved", "MQTT-3.9.3-2", "", MalformedPacket},
	NoReturnCodes:             {"no-return-codes", "MQTT-3.8.4-5", "MQTT-3.8.4-6", MalformedPacket},
	ReasonCodeReserved:        {"reason-code-reserved", "", "§2.4", MalformedPacket},
	PropertyUnknown:           {"property-unknown", "", "§2.2.2.2", MalformedPacket},
	PropertyNotHere:           {"property-not-here", "", "§2.2.2.2", MalformedPacket},
	PropertyTwice:             {"property-twice", "", "§2.2.2.2", ProtocolError},
	PropertyValue:             {"property-value", "", "§2.2.2.2", ProtocolError},
	AuthDataNoMethod:          {"auth-data-no-method", "", "§3.1.2.11.10", ProtocolError},
	AuthNoMethod:              {"auth-no-method", "", "§3.15.2.2.2", ProtocolError},
	PayloadNotUTF8:            {"payload-not-utf8", "", "§3.3.2.3.2", PayloadFormatInvalid},
}

// String returns the check's slug, such as "reserved-flags".
func (v Violation) String() string { return violations[v].slug }

// Rule returns the statement that the check rests on under version ver, such
// as "MQTT-3.1.2-3"; a section such as "§2.2.3" where no statement has a
// number; "" if no rule is broken. Version 3.1 numbered nothing: for it the
// 3.1.1 statement is cited that says the same.
func (v Violation) Rule(ver Version) string {
	switch {
	case ver == V5:
		return violations[v].rule5
	case ver == V31 && v == ClientIDLength31: // 3.1.1 has given this one up
		return "MQTT 3.1 §3.1"
	case ver == V31 && v == SubackReserved: // where 0x80 was no code yet
		return "MQTT 3.1 §3.9"
	}
	return violations[v].rule311
}

// Code returns the Reason Code with which a 5.0 server answers (section 4.13).
func (v Violation) Code() ReasonCode { return violations[v].code }

// Violations lists every check.
func Violations() []Violation {
	list := make([]Violation, 0, violationCount-1)
	for v := Incomplete; v < violationCount; v++ {
		list = append(list, v)
	}
	return list
}

// Fault is a broken rule and its place in the packet.
type Fault struct {
	Violation Violation
	Type      Type    // of the packet
	Version   Version // under which the packet was read; 0 if that was not known
	Field     Field   // the field at fault
	Offset    int     // from the packet's first byte
	Length    int     // in bytes; 0 where something is missing
	Hi, Lo    int8    // the bits of the byte at Offset, or -1
	Have      int     // PastEnd and Incomplete: the bytes that are there;
	Want      int     // … and those that should be. Elsewhere the faulty value.
}

// Rule returns the statement that is broken, as Violation.Rule does.
func (f *Fault) Rule() string {
	switch f.Violation {
	case ReasonCodeReserved:
		return reasonCodeRules[f.Field]
	case TopicWildcard:
		switch {
		case f.Field == FieldPropertyText: // the Response Topic
			return "MQTT-3.3.2-14"
		case f.Field == FieldWillTopic && f.Version == V5: // MQTT-3.3.2-2 is about PUBLISH
			return "MQTT-4.7.0-1"
		case f.Field == FieldWillTopic:
			return "MQTT-4.7.1-1"
		}
	case PacketIDZero:
		if rules, ok := answerRules[f.Type]; ok && f.Version == V5 {
			return rules.rule5
		} else if ok {
			return rules.rule311
		}
	case NoReturnCodes:
		if f.Type == UNSUBACK {
			return "MQTT-3.11.3-1"
		}
	case PropertyTwice, PropertyValue:
		if id := PropertyID(f.Have); f.Violation == PropertyValue && id == TopicAlias {
			return "MQTT-3.3.2-8"
		} else if section := propertySection(f.Type, id); section != "" {
			return section
		}
	case PayloadNotUTF8:
		if f.Field == FieldWillMessage {
			return propertySection(CONNECT, PayloadFormatIndicator)
		}
	case AuthDataNoMethod:
		return propertySection(f.Type, AuthenticationData)
	}
	return f.Violation.Rule(f.Version)
}

// Error says what is wrong in one line for a log; package annotate says it
// for people.
func (f *Fault) Error() string {
	at := strconv.Itoa(f.Offset)
	if rule := f.Rule(); rule != "" {
		return fmt.Sprintf("%s at byte %s [%s]", f.Violation, at, rule)
	}
	return fmt.Sprintf("%s at byte %s", f.Violation, at)
}
