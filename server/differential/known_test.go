package differential

import (
	"slices"
	"strconv"
	"strings"

	"mqttlab/mqttcore/packet"
)

// difference is one way in which tshark and we differ and may. It is tried on
// what is left when all that is equal has been taken away, so one that is no
// longer needed goes unused, and the test says so.
type difference struct {
	theirs string // tshark's field; "": it has none here
	ours   string // our field; "": we have none here
	// when narrows it down; the field of an absent side is zero.
	when func(p *pair, theirs, ours field) bool
	why  string
}

// pair is the readings of one packet, with what is left of them to explain.
type pair struct {
	dissection
	theirs, ours []field
}

// bytes returns the packet's bytes under a field, in hex.
func (p *pair) bytes(f field) string { return p.hex[2*f.offset : 2*(f.offset+f.length)] }

// kind returns the packet's type.
func (p *pair) kind() packet.Type {
	first, _ := strconv.ParseUint(p.hex[:2], 16, 8)
	return packet.Type(first >> 4)
}

const (
	whyLength = "a Property Length of more than one byte: tshark takes its bytes for a big-endian number, not for a Variable Byte Integer"
	whyData   = "Correlation Data and Authentication Data are Binary Data; tshark shows them as a string, which ends at the first zero byte and has U+FFFD for what is no UTF-8"
	whyGroup  = "tshark names three properties, and there the name is the value's; ours are the names of all 27, and of the whole property, its identifier included"
	whyValue  = "where tshark names the property, its value has no second name; ours always has"
	whyAlias  = "tshark puts in the topic that the Topic Alias stands for, as a field without bytes; ours is what the bytes say, and the alias a link to the packet that set it"
)

// mended are the differences that newer tsharks do not have: 4.4, as in Debian
// 13, reads a Property Length as we do; 4.0, as in Debian 12, does not.
var mended = map[string]bool{whyLength: true}

var known = []difference{
	{"mqtt.property_len", "mqtt.property_len", func(p *pair, theirs, ours field) bool {
		wrong, _ := strconv.ParseUint(p.bytes(ours), 16, 32)
		return samePlace(theirs, ours) && ours.length > 1 && theirs.value == strconv.FormatUint(wrong, 10)
	}, whyLength},

	{"mqtt.prop_string_len", "mqtt.prop_data_len", func(_ *pair, theirs, ours field) bool {
		return samePlace(theirs, ours) && theirs.value == ours.value
	}, whyData},
	{"mqtt.prop_string", "mqtt.prop_data", func(p *pair, theirs, ours field) bool {
		return samePlace(theirs, ours) && theirs.value == cString(p.bytes(ours)) && ours.value == p.bytes(ours)
	}, whyData},

	{"mqtt.property.content_type", "mqtt.property.content_type", behindIdentifier, whyGroup},
	{"", "mqtt.prop_string_len", within("mqtt.property.content_type"), whyValue},
	{"", "mqtt.prop_string", within("mqtt.property.content_type"), whyValue},
	{"mqtt.property.topic_alias", "mqtt.property.topic_alias", behindIdentifier, whyGroup},
	{"", "mqtt.prop_number", within("mqtt.property.topic_alias"), whyValue},
	{"mqtt.property.max_qos", "mqtt.property.max_qos", behindIdentifier, whyGroup},
	{"", "mqtt.prop_number", within("mqtt.property.max_qos"), whyValue},

	{"mqtt.topic", "mqtt.topic", func(p *pair, theirs, ours field) bool {
		return theirs.length == 0 && ours.length == 0 && ours.value == "" && p.value("mqtt.property.topic_alias") != "" && theirs.value == p.alias
	}, whyAlias},

	{"mqtt.conack.flags.reserved", "mqtt.conack.flags.reserved", func(p *pair, theirs, ours field) bool {
		return samePlace(theirs, ours) && theirs.value == truth(ours.value)
	}, "tshark has these bits as one truth value; ours is their number"},

	{"mqtt.illegal_topic_length", "mqtt.topic", func(p *pair, theirs, ours field) bool {
		return p.kind() == packet.PUBLISH && theirs.length == 0 && ours.length == 0
	}, "an empty topic: tshark has an expert's note in its place; we have the empty field, and a finding"},
	{"mqtt.unknown_topic_alias", "", func(p *pair, _, _ field) bool {
		return p.value("mqtt.property.topic_alias") != "" && p.alias == ""
	}, "an expert's note without bytes; ours is a finding"},
	{"mqtt.prop_unknown", "", func(p *pair, theirs, _ field) bool {
		return theirs.length == 0 && slices.ContainsFunc(p.fields, func(f field) bool {
			return f.name == "mqtt.property_id" && f.offset+f.length == theirs.offset
		})
	}, "a remark behind an unknown Property Identifier, without bytes of its own; ours is a finding at the identifier"},
	{"mqtt.unknown_version", "", func(p *pair, _, _ field) bool { return p.version == 0 },
		"an expert's note without bytes; ours is version_why, which tells how the version was chosen"},
}

// unseen are the names that no packet of the captures makes tshark show.
var unseen = map[string]string{
	"mqtt.msg_text":       "only with a preference that is off unless set: payloads as text",
	"mqtt.willmsg_text":   "only with a preference that is off unless set: payloads as text",
	"mqtt.msg_decoded_as": "only with a preference that is empty unless set: what payloads of a topic are",
}

func samePlace(a, b field) bool {
	return a.offset == b.offset && a.length == b.length && a.mask == b.mask
}

// behindIdentifier says that tshark's field is ours but for the Property
// Identifier, and has the same value.
func behindIdentifier(_ *pair, theirs, ours field) bool {
	ours.offset++
	ours.length--
	return samePlace(theirs, ours) && theirs.value == ours.value
}

// within is about the value, or the length of the value, inside the group.
func within(group string) func(*pair, field, field) bool {
	return func(p *pair, _, ours field) bool {
		want := p.value(group)
		if strings.HasSuffix(ours.name, "_len") {
			want = strconv.Itoa(len(want))
		}
		return ours.inside == group && ours.value == want
	}
}

// truth returns a number as Wireshark's booleans show it.
func truth(number string) string {
	if number == "0" {
		return "0"
	}
	return "1"
}

// cString returns what is left of bytes, given in hex, that are taken for a
// string of C in UTF-8.
func cString(digits string) string {
	var s strings.Builder
	for i := 0; i < len(digits); i += 2 {
		b, _ := strconv.ParseUint(digits[i:i+2], 16, 8)
		if b == 0 {
			break
		}
		s.WriteByte(byte(b))
	}
	return strings.ToValidUTF8(s.String(), "\uFFFD")
}

// apply takes away what the difference explains and returns how often it did.
func (k difference) apply(p *pair) int {
	n := 0
	explained := func(theirs, ours field) bool {
		if theirs.name != k.theirs || ours.name != k.ours || !k.when(p, theirs, ours) {
			return false
		}
		n++
		return true
	}
	switch {
	case k.theirs == "":
		p.ours = slices.DeleteFunc(p.ours, func(f field) bool { return explained(field{}, f) })
	case k.ours == "":
		p.theirs = slices.DeleteFunc(p.theirs, func(f field) bool { return explained(f, field{}) })
	default:
		p.theirs = slices.DeleteFunc(p.theirs, func(theirs field) bool {
			i := slices.IndexFunc(p.ours, func(ours field) bool { return explained(theirs, ours) })
			if i >= 0 {
				p.ours = slices.Delete(p.ours, i, i+1)
			}
			return i >= 0
		})
	}
	return n
}
