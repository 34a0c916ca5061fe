package annotate

import (
	"fmt"
	"strconv"
	"strings"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// meaning says what the value of the i-th span means for this packet. What
// the field means in general is in spec.Field.
func (r *reading) meaning(i int) string {
	s := r.trace.Spans[i]
	if s.Cut {
		return r.say("field.cut")
	}
	if s.Value == 0 && (s.Field == packet.FieldWillQoS || s.Field == packet.FieldWillRetain) && r.number(packet.FieldWillFlag) == 0 {
		return r.say("field.will.none")
	}
	if key := flagMeanings[s.Field]; key != "" {
		return r.say(key+"."+decimal(int(s.Value)), "rule", r.byVersion("MQTT-3.3.1-9", "MQTT-3.3.1-12"))
	}
	switch s.Field {
	case packet.FieldHeader:
		return r.say("field.header", "bits", fmt.Sprintf("%04b %04b", s.Value>>4, s.Value&15))
	case packet.FieldType:
		return r.typeMeaning(packet.Type(s.Value))
	case packet.FieldReservedFlags:
		if r.version == packet.V31 {
			return r.say("field.reserved_flags.unused", "bits", fmt.Sprintf("%04b", s.Value))
		}
		if want, _ := r.kind().Flags(); byte(s.Value) == want {
			return r.say("field.reserved_flags.right", "bits", fmt.Sprintf("%04b", s.Value))
		}
	case packet.FieldQoS, packet.FieldWillQoS, packet.FieldRequestedQoSBits, packet.FieldOptionsQoS:
		return r.say("field.qos." + decimal(int(s.Value)))
	case packet.FieldRequestedQoS:
		return r.say("field.qos." + decimal(int(s.Value&3)))
	case packet.FieldProtocolLevel:
		return r.levelMeaning(byte(s.Value))
	case packet.FieldConnectFlags:
		return r.connectFlagsMeaning()
	case packet.FieldKeepAlive:
		if s.Value == 0 {
			return r.say("field.keep_alive.off")
		}
		return r.say("field.keep_alive", "seconds", decimal(int(s.Value)), "grace", strconv.FormatFloat(1.5*float64(s.Value), 'f', -1, 64))
	case packet.FieldClientID:
		if s.Length == 0 {
			return r.say("field.client_id.empty")
		}
	case packet.FieldTopic:
		return r.topicMeaning(r.text(packet.FieldTopic))
	case packet.FieldRetainHandling:
		return r.say("field.retain_handling." + decimal(int(s.Value)))
	}
	switch {
	case groupOf(s.Field) == GroupCode:
		return r.codeMeaning(byte(s.Value))
	case s.Field == packet.FieldPropertyID:
		return spec.Label(r.lang, packet.PropertyID(s.Value).String())
	case s.Field == packet.FieldPropertyNumber && i > 0:
		return r.propertyMeaning(packet.PropertyID(r.trace.Spans[i-1].Value), s.Value)
	case s.Field.Kind() == packet.Text && s.Length > 0:
		return r.quote(r.bytes(s))
	case s.Field.Kind() == packet.Bytes:
		return r.bytesMeaning(s)
	case strings.HasSuffix(s.Field.Name(), "_len") && s.Field != packet.FieldPropertyLength:
		return r.say("field.length", "bytes", r.count(int(s.Value)))
	}
	return ""
}

// flagMeanings has the message key of each flag; ".0" and ".1" go behind it.
var flagMeanings = [256]string{
	packet.FieldDup:               "field.dup",
	packet.FieldRetain:            "field.retain",
	packet.FieldUserNameFlag:      "field.user_name_flag",
	packet.FieldPasswordFlag:      "field.password_flag",
	packet.FieldWillRetain:        "field.will_retain",
	packet.FieldWillFlag:          "field.will_flag",
	packet.FieldCleanSession:      "field.clean_session",
	packet.FieldConnectReserved:   "field.reserved_bit",
	packet.FieldSessionPresent:    "field.session_present",
	packet.FieldRetainAsPublished: "field.retain_as_published",
	packet.FieldNoLocal:           "field.no_local",
}

func (r *reading) typeMeaning(t packet.Type) string {
	switch {
	case t == 0 || (t == packet.AUTH && r.version != packet.V5):
		return r.say("field.type.reserved")
	case t.Sender(r.version) == packet.Client:
		return r.say("field.type.client", "type", t.String())
	case t.Sender(r.version) == packet.Server:
		return r.say("field.type.server", "type", t.String())
	}
	return r.say("field.type.both", "type", t.String())
}

func (r *reading) levelMeaning(level byte) string {
	if v := packet.Version(level); v >= packet.V31 && v <= packet.V5 {
		return r.say("field.level", "version", v.String())
	}
	return r.say("field.level.unknown")
}

// connectFlagsMeaning names the flags that are set, from the highest bit down.
func (r *reading) connectFlagsMeaning() string {
	var names []string
	for _, s := range r.trace.Spans {
		if !s.Bits || s.Value == 0 || groupOf(s.Field) != GroupFlags {
			continue
		}
		name := r.label(s.Field)
		if s.Field == packet.FieldWillQoS {
			name += " " + decimal(int(s.Value))
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return r.say("field.flags.none")
	}
	return strings.Join(names, r.say("math.and"))
}

// topicMeaning shows which filters a Topic Name is matched by, and that its
// first level alone is not one of them.
func (r *reading) topicMeaning(name string) string {
	said := quote([]byte(name))
	slashes := strings.Count(name, "/")
	if slashes < 1 || slashes > 7 || len(name) > 100 || strings.ContainsAny(name, "+#") || name[0] == '$' {
		return said
	}
	first, last := strings.IndexByte(name, '/'), strings.LastIndexByte(name, '/')
	upTo := name[:last]
	and := r.say("math.and")
	matching := name[:first] + "/#" + and + upTo + "/+"
	if slashes == 1 {
		matching += and + "+" + name[last:]
	}
	return said + r.say("math.then") + r.say("field.topic.matching", "matching", matching, "not", upTo)
}

func (r *reading) codeMeaning(code byte) string {
	name := spec.ReasonLabel(r.lang, r.version, r.kind(), code)
	if text, ok := spec.ReasonText(r.lang, r.version, r.kind(), code); ok {
		return r.say("field.code", "name", name, "text", text)
	}
	return name
}

func (r *reading) propertyMeaning(id packet.PropertyID, x uint32) string {
	switch id {
	case packet.SessionExpiryInterval:
		if x == 1<<32-1 {
			return r.say("field.never")
		}
		fallthrough
	case packet.MessageExpiryInterval, packet.WillDelayInterval, packet.ServerKeepAlive:
		return r.say("field.seconds", "seconds", strconv.FormatUint(uint64(x), 10))
	case packet.MaximumPacketSize:
		return r.count(int(x))
	}
	return ""
}

func (r *reading) bytesMeaning(s packet.Span) string {
	b := r.bytes(s)
	switch s.Field {
	case packet.FieldUnread:
		return r.say("field.unread", "bytes", r.count(len(b)))
	case packet.FieldFolded:
		return r.say("field.folded", "bytes", r.count(len(b)))
	case packet.FieldTrailing:
		return r.say("field.trailing", "bytes", r.count(len(b)))
	}
	if len(b) == 0 {
		return r.say("field.empty")
	}
	if isText(b) {
		return r.quote(b)
	}
	return r.say("field.binary", "bytes", r.count(len(b)))
}

// plainPayload returns a payload that meaning quotes as it is.
func (r *reading) plainPayload(s *packet.Span) (text string, ok bool) {
	if s.Field != packet.FieldPayload || s.Cut || s.Length == 0 || s.Length > most {
		return "", false
	}
	text = view(r.bytes(*s))
	return text, plain(text)
}

func quote(b []byte) string { return string(appendQuote(nil, b)) }

// quote is quote for a string of the packet's.
func (r *reading) quote(b []byte) string { return r.hold(appendQuote(r.held, b)) }

func appendQuote(dst, b []byte) []byte {
	return append(appendVisible(append(dst, "“"...), b), "”"...)
}
