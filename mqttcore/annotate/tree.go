package annotate

import (
	"encoding/hex"
	"unicode/utf8"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// fields turns the trace's flat list of spans into the tree. All its fields
// lie in one array, siblings side by side.
func (r *reading) fields() []Field {
	slab := r.slab
	if n := len(r.trace.Spans); n <= cap(slab) {
		slab = slab[:n]
		clear(slab)
	} else {
		slab = make([]Field, n)
		if r.keeps {
			r.slab = slab
		}
	}
	list, _ := r.children(0, 0, &slab)
	return list
}

// children renders the spans from i on that have this depth, each with its
// own children, and returns the index behind them. The fields come from slab.
func (r *reading) children(i int, depth uint8, slab *[]Field) ([]Field, int) {
	siblings := 0
	for j := i; j < len(r.trace.Spans) && r.trace.Spans[j].Depth >= depth; j++ {
		if r.trace.Spans[j].Depth == depth {
			siblings++
		}
	}
	list := (*slab)[:siblings:siblings]
	*slab = (*slab)[siblings:]
	for n := range list {
		f := &list[n]
		r.field(i, f)
		if i++; i < len(r.trace.Spans) && r.trace.Spans[i].Depth > depth {
			f.Fields, i = r.children(i, depth+1, slab)
		}
	}
	return list, i
}

// bitRanges has [high, low] for every range of bits, so that none is made
// for each field.
var bitRanges = func() (ranges [8][8][2]int) {
	for hi := range ranges {
		for lo := range ranges[hi] {
			ranges[hi][lo] = [2]int{hi, lo}
		}
	}
	return ranges
}()

// field fills f, which is empty, with what the i-th span is shown as.
func (r *reading) field(i int, f *Field) {
	known, _ := r.remember(i)
	if known == nil {
		r.fillField(i, f)
		return
	}
	*f = known.field
	f.Offset, f.shown = r.trace.Spans[i].Offset, known
}

// fillField is field for what was not shown before.
func (r *reading) fillField(i int, f *Field) {
	s := &r.trace.Spans[i]
	f.Name = s.Field.Name()
	f.fillPlace(s)
	f.Label = r.label(s.Field)
	if s.Field == packet.FieldProperty && i+1 < len(r.trace.Spans) {
		if id := packet.PropertyID(r.trace.Spans[i+1].Value); id.Known() {
			f.Name = "mqtt.property." + id.FilterName()
			f.Label = spec.Label(r.lang, id.String())
			f.Value = r.propertyValue(i)
		}
	}
	if f.Value == nil {
		switch number, text, kind := r.value(s); kind {
		case packet.Number:
			f.Value = number
		case packet.Text, packet.Bytes:
			f.Value = text
		}
	}
	f.Text = r.meaning(i)
	f.Math = r.math(i)
}

// fillPlace fills what a span says by itself.
func (f *Field) fillPlace(s *packet.Span) {
	f.Offset, f.Length, f.Cut, f.Group = s.Offset, s.Length, s.Cut, groupOf(s.Field)
	if s.Bits {
		f.Bits = &bitRanges[s.Hi][s.Lo]
	}
}

// value returns the value of a span that is no sum of others, and of which
// kind it is: Number, Text, Bytes, whose text is their hex, or Group if there
// is none.
func (r *reading) value(s *packet.Span) (number int, text string, kind packet.Kind) {
	switch s.Field.Kind() {
	case packet.Number, packet.Flag:
		if !s.Cut {
			return int(s.Value), "", packet.Number
		}
	case packet.Text:
		return 0, textOrHex(r.bytes(*s)), packet.Text
	case packet.Bytes:
		if s.Field == packet.FieldPassword { // binary by the rules, text to Wireshark and to people
			return 0, textOrHex(r.bytes(*s)), packet.Text
		}
		if r.hexed != "" {
			return 0, r.hexed[2*s.Offset : 2*(s.Offset+s.Length)], packet.Bytes
		}
		return 0, r.hex(r.bytes(*s)), packet.Bytes
	}
	return 0, "", packet.Group
}

// propertyValue returns the value of the property whose group is the i-th
// span: a number, a string, hex, or "name: value".
func (r *reading) propertyValue(i int) any {
	var key string
	for _, s := range r.trace.Spans[i+1:] {
		if s.Depth <= r.trace.Spans[i].Depth || s.Cut {
			return nil
		}
		switch s.Field {
		case packet.FieldPropertyNumber:
			return int(s.Value)
		case packet.FieldPropertyText:
			return textOrHex(r.bytes(s))
		case packet.FieldPropertyData:
			return hex.EncodeToString(r.bytes(s))
		case packet.FieldPropertyKey:
			key = textOrHex(r.bytes(s))
		case packet.FieldPropertyValue:
			return key + ": " + textOrHex(r.bytes(s))
		}
	}
	return nil
}

// textOrHex returns b as a string if it is UTF-8, else its hex.
func textOrHex(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return hex.EncodeToString(b)
}

// groupOf sorts the fields by what they have to do with.
func groupOf(f packet.Field) Group {
	switch f {
	case packet.FieldHeader, packet.FieldType, packet.FieldReservedFlags, packet.FieldDup, packet.FieldQoS, packet.FieldRetain, packet.FieldRetainReserved:
		return GroupHeader
	case packet.FieldRemainingLength:
		return GroupLength
	case packet.FieldProtocolNameLength, packet.FieldProtocolName, packet.FieldProtocolLevel:
		return GroupProtocol
	case packet.FieldConnectFlags, packet.FieldUserNameFlag, packet.FieldPasswordFlag, packet.FieldWillRetain,
		packet.FieldWillQoS, packet.FieldWillFlag, packet.FieldCleanSession, packet.FieldConnectReserved,
		packet.FieldAckFlags, packet.FieldAckReserved, packet.FieldSessionPresent,
		packet.FieldRequestedQoS, packet.FieldRequestedReserved, packet.FieldRequestedQoSBits,
		packet.FieldSubscriptionOptions, packet.FieldOptionsReserved, packet.FieldRetainHandling,
		packet.FieldRetainAsPublished, packet.FieldNoLocal, packet.FieldOptionsQoS:
		return GroupFlags
	case packet.FieldKeepAlive:
		return GroupTime
	case packet.FieldPacketID:
		return GroupID
	case packet.FieldClientIDLength, packet.FieldClientID:
		return GroupClient
	case packet.FieldTopicLength, packet.FieldTopic, packet.FieldFilterLength, packet.FieldFilter:
		return GroupTopic
	case packet.FieldWillProperties, packet.FieldWillTopicLength, packet.FieldWillTopic, packet.FieldWillMessageLength, packet.FieldWillMessage:
		return GroupWill
	case packet.FieldUserNameLength, packet.FieldUserName, packet.FieldPasswordLength, packet.FieldPassword:
		return GroupSecret
	case packet.FieldPayload:
		return GroupPayload
	case packet.FieldUnread, packet.FieldTrailing, packet.FieldFolded:
		return GroupUnread
	case packet.FieldReturnCode, packet.FieldConnackReason, packet.FieldPubackReason, packet.FieldPubrecReason,
		packet.FieldPubrelReason, packet.FieldPubcompReason, packet.FieldGrantedQoS, packet.FieldSubackReason,
		packet.FieldUnsubackReason, packet.FieldDisconnectReason, packet.FieldAuthReason:
		return GroupCode
	}
	return GroupProperty
}
