package packet

// Field is a named part of a packet, down to single bits.
type Field uint8

// The fields of every Control Packet, in the order of the specification.
const (
	_ Field = iota
	FieldHeader
	FieldType
	FieldReservedFlags
	FieldDup
	FieldQoS
	FieldRetain
	FieldRetainReserved
	FieldRemainingLength
	FieldProtocolNameLength
	FieldProtocolName
	FieldProtocolLevel
	FieldConnectFlags
	FieldUserNameFlag
	FieldPasswordFlag
	FieldWillRetain
	FieldWillQoS
	FieldWillFlag
	FieldCleanSession
	FieldConnectReserved
	FieldKeepAlive
	FieldClientIDLength
	FieldClientID
	FieldWillProperties
	FieldWillTopicLength
	FieldWillTopic
	FieldWillMessageLength
	FieldWillMessage
	FieldUserNameLength
	FieldUserName
	FieldPasswordLength
	FieldPassword
	FieldAckFlags
	FieldAckReserved
	FieldSessionPresent
	FieldReturnCode
	FieldConnackReason
	FieldTopicLength
	FieldTopic
	FieldPacketID
	FieldPayload
	FieldPubackReason
	FieldPubrecReason
	FieldPubrelReason
	FieldPubcompReason
	FieldFilterLength
	FieldFilter
	FieldRequestedQoS
	FieldRequestedReserved
	FieldRequestedQoSBits
	FieldSubscriptionOptions
	FieldOptionsReserved
	FieldRetainHandling
	FieldRetainAsPublished
	FieldNoLocal
	FieldOptionsQoS
	FieldGrantedQoS
	FieldSubackReason
	FieldUnsubackReason
	FieldDisconnectReason
	FieldAuthReason
	FieldProperties
	FieldPropertyLength
	FieldProperty
	FieldPropertyID
	FieldPropertyNumber
	FieldPropertyTextLength
	FieldPropertyText
	FieldPropertyDataLength
	FieldPropertyData
	FieldPropertyKeyLength
	FieldPropertyKey
	FieldPropertyValueLength
	FieldPropertyValue
	FieldUnread
	FieldTrailing
	FieldFolded
	fieldCount
)

// Kind says how the bytes of a field are to be read.
type Kind uint8

// The kinds of fields.
const (
	Number Kind = iota // an unsigned number, also of some bits
	Flag               // one bit
	Text               // a UTF-8 Encoded String without its length
	Bytes              // Binary Data or a payload
	Group              // the sum of its children
)

// fields names every field: as Wireshark's display filter does where it has
// the field, in the same manner elsewhere; and as the specification does.
var fields = [fieldCount]struct {
	name  string
	label string
	kind  Kind
}{
	FieldHeader:              {"mqtt.hdrflags", "Fixed header, byte 1", Number},
	FieldType:                {"mqtt.msgtype", "Control Packet type", Number},
	FieldReservedFlags:       {"mqtt.hdr_reserved", "Reserved flags", Number},
	FieldDup:                 {"mqtt.dupflag", "DUP", Flag},
	FieldQoS:                 {"mqtt.qos", "QoS", Number},
	FieldRetain:              {"mqtt.retain", "RETAIN", Flag},
	FieldRetainReserved:      {"mqtt.retain_reserved", "Reserved", Flag}, // 3.1, of packets that have DUP and no RETAIN
	FieldRemainingLength:     {"mqtt.len", "Remaining Length", Number},
	FieldProtocolNameLength:  {"mqtt.proto_len", "Protocol Name length", Number},
	FieldProtocolName:        {"mqtt.protoname", "Protocol Name", Text},
	FieldProtocolLevel:       {"mqtt.ver", "Protocol Level", Number},
	FieldConnectFlags:        {"mqtt.conflags", "Connect Flags", Number},
	FieldUserNameFlag:        {"mqtt.conflag.uname", "User Name Flag", Flag},
	FieldPasswordFlag:        {"mqtt.conflag.passwd", "Password Flag", Flag},
	FieldWillRetain:          {"mqtt.conflag.retain", "Will Retain", Flag},
	FieldWillQoS:             {"mqtt.conflag.qos", "Will QoS", Number},
	FieldWillFlag:            {"mqtt.conflag.willflag", "Will Flag", Flag},
	FieldCleanSession:        {"mqtt.conflag.cleansess", "Clean Session", Flag},
	FieldConnectReserved:     {"mqtt.conflag.reserved", "Reserved", Flag},
	FieldKeepAlive:           {"mqtt.kalive", "Keep Alive", Number},
	FieldClientIDLength:      {"mqtt.clientid_len", "Client Identifier length", Number},
	FieldClientID:            {"mqtt.clientid", "Client Identifier", Text},
	FieldWillProperties:      {"mqtt.will_properties", "Will Properties", Group},
	FieldWillTopicLength:     {"mqtt.willtopic_len", "Will Topic length", Number},
	FieldWillTopic:           {"mqtt.willtopic", "Will Topic", Text},
	FieldWillMessageLength:   {"mqtt.willmsg_len", "Will Message length", Number},
	FieldWillMessage:         {"mqtt.willmsg", "Will Message", Bytes},
	FieldUserNameLength:      {"mqtt.username_len", "User Name length", Number},
	FieldUserName:            {"mqtt.username", "User Name", Text},
	FieldPasswordLength:      {"mqtt.passwd_len", "Password length", Number},
	FieldPassword:            {"mqtt.passwd", "Password", Bytes},
	FieldAckFlags:            {"mqtt.conack.flags", "Connect Acknowledge Flags", Number},
	FieldAckReserved:         {"mqtt.conack.flags.reserved", "Reserved", Number},
	FieldSessionPresent:      {"mqtt.conack.flags.sp", "Session Present", Flag},
	FieldReturnCode:          {"mqtt.conack.val", "Connect Return code", Number},
	FieldConnackReason:       {"mqtt.connack.reason_code", "Connect Reason Code", Number},
	FieldTopicLength:         {"mqtt.topic_len", "Topic Name length", Number},
	FieldTopic:               {"mqtt.topic", "Topic Name", Text},
	FieldPacketID:            {"mqtt.msgid", "Packet Identifier", Number},
	FieldPayload:             {"mqtt.msg", "Payload", Bytes},
	FieldPubackReason:        {"mqtt.puback.reason_code", "PUBACK Reason Code", Number},
	FieldPubrecReason:        {"mqtt.pubrec.reason_code", "PUBREC Reason Code", Number},
	FieldPubrelReason:        {"mqtt.pubrel.reason_code", "PUBREL Reason Code", Number},
	FieldPubcompReason:       {"mqtt.pubcomp.reason_code", "PUBCOMP Reason Code", Number},
	FieldFilterLength:        {"mqtt.topic_len", "Topic Filter length", Number},
	FieldFilter:              {"mqtt.topic", "Topic Filter", Text},
	FieldRequestedQoS:        {"mqtt.sub.qos", "Requested QoS", Number},
	FieldRequestedReserved:   {"mqtt.sub.qos.reserved", "Reserved", Number},
	FieldRequestedQoSBits:    {"mqtt.sub.qos.level", "QoS", Number},
	FieldSubscriptionOptions: {"mqtt.subscription_options", "Subscription Options", Number},
	FieldOptionsReserved:     {"mqtt.subscription_options_reserved", "Reserved", Number},
	FieldRetainHandling:      {"mqtt.subscription_options_retain", "Retain Handling", Number},
	FieldRetainAsPublished:   {"mqtt.subscription_options_rap", "Retain As Published", Flag},
	FieldNoLocal:             {"mqtt.subscription_options_nl", "No Local", Flag},
	FieldOptionsQoS:          {"mqtt.subscription_options_qos", "Maximum QoS", Number},
	FieldGrantedQoS:          {"mqtt.suback.qos", "SUBACK return code", Number},
	FieldSubackReason:        {"mqtt.suback.reason_code", "SUBACK Reason Code", Number},
	FieldUnsubackReason:      {"mqtt.unsuback.reason_code", "UNSUBACK Reason Code", Number},
	FieldDisconnectReason:    {"mqtt.disconnect.reason_code", "Disconnect Reason Code", Number},
	FieldAuthReason:          {"mqtt.auth.reason_code", "Authenticate Reason Code", Number},
	FieldProperties:          {"mqtt.properties", "Properties", Group},
	FieldPropertyLength:      {"mqtt.property_len", "Property Length", Number},
	FieldProperty:            {"mqtt.property", "Property", Group},
	FieldPropertyID:          {"mqtt.property_id", "Property Identifier", Number},
	FieldPropertyNumber:      {"mqtt.prop_number", "Value", Number},
	FieldPropertyTextLength:  {"mqtt.prop_string_len", "Length", Number},
	FieldPropertyText:        {"mqtt.prop_string", "Value", Text},
	FieldPropertyDataLength:  {"mqtt.prop_data_len", "Length", Number},
	FieldPropertyData:        {"mqtt.prop_data", "Value", Bytes},
	FieldPropertyKeyLength:   {"mqtt.prop_key_len", "Name length", Number},
	FieldPropertyKey:         {"mqtt.prop_key", "Name", Text},
	FieldPropertyValueLength: {"mqtt.prop_value_len", "Value length", Number},
	FieldPropertyValue:       {"mqtt.prop_value", "Value", Text},
	FieldUnread:              {"mqttlab.unread", "Not readable", Bytes},
	FieldTrailing:            {"mqttlab.trailing", "Left over", Bytes},
	FieldFolded:              {"mqttlab.folded", "More fields", Bytes}, // never from the decoder: package annotate folds what is too much
}

// Fields lists every field.
func Fields() []Field {
	list := make([]Field, 0, fieldCount-1)
	for f := FieldHeader; f < fieldCount; f++ {
		list = append(list, f)
	}
	return list
}

// Name returns the field's display-filter name, such as "mqtt.kalive".
func (f Field) Name() string { return fields[f].name }

// Label returns the specification's name of the field under version v.
func (f Field) Label(v Version) string {
	if v == V5 {
		switch f {
		case FieldProtocolLevel:
			return "Protocol Version"
		case FieldCleanSession:
			return "Clean Start"
		case FieldWillMessageLength:
			return "Will Payload length"
		case FieldWillMessage:
			return "Will Payload"
		}
	}
	return fields[f].label
}

// Kind says how the field's bytes are to be read.
func (f Field) Kind() Kind { return fields[f].kind }
