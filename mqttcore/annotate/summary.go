package annotate

import (
	"strconv"
	"strings"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Summary returns one line that says what a packet is about, in the
// specification's terms, such as "PUBLISH test/a, QoS 2, id 1, 5 bytes".
// It reads the packet under version v (0: 3.1.1).
func Summary(b []byte, v packet.Version) string {
	return read(b, v, Options{}).summary()
}

func (r *reading) summary() string {
	t := r.kind()
	if len(r.b) == 0 {
		return ""
	}
	about := make([]string, 0, 8)
	add := func(s ...string) { about = append(about, strings.Join(s, "")) }
	id := func() {
		if s, ok := r.span(packet.FieldPacketID); ok && !s.Cut {
			add("id ", decimal(int(s.Value)))
		}
	}
	switch t {
	case packet.CONNECT:
		r.connectSummary(add)
	case packet.CONNACK:
		if _, ok := r.span(packet.FieldReturnCode); ok {
			add(spec.ReasonName(r.version, t, byte(r.number(packet.FieldReturnCode))))
		} else if _, ok := r.span(packet.FieldConnackReason); ok {
			add(spec.ReasonName(r.version, t, byte(r.number(packet.FieldConnackReason))))
		}
		if r.number(packet.FieldSessionPresent) == 1 {
			add("session present")
		}
	case packet.PUBLISH:
		r.publishSummary(add, id)
	case packet.SUBSCRIBE, packet.UNSUBSCRIBE:
		r.filterSummary(add)
		id()
	default:
		id()
		r.codeSummary(add)
	}
	if !r.whole() {
		add("cut short")
	} else if r.fault != nil && t != 0 {
		add("malformed")
	}
	if len(about) == 0 {
		return t.String()
	}
	return t.String() + " " + strings.Join(about, ", ")
}

func (r *reading) connectSummary(add func(...string)) {
	if s, ok := r.span(packet.FieldClientID); ok {
		if s.Length == 0 {
			add("without Client Identifier")
		} else {
			add(Visible(r.text(packet.FieldClientID)))
		}
	}
	if s, ok := r.span(packet.FieldCleanSession); ok {
		word := "session"
		if r.version == packet.V5 {
			word = "start"
		}
		if s.Value == 1 {
			add("clean ", word)
		} else {
			add("no clean ", word)
		}
	}
	if _, ok := r.span(packet.FieldWillTopic); ok {
		add("will ", Visible(r.text(packet.FieldWillTopic)))
	}
	if s, ok := r.span(packet.FieldKeepAlive); ok && !s.Cut {
		add("keep alive ", decimal(int(s.Value)), " s")
	}
}

func (r *reading) publishSummary(add func(...string), id func()) {
	if s, ok := r.span(packet.FieldTopic); ok && s.Length > 0 {
		add(Visible(r.text(packet.FieldTopic)))
	} else if r.topic != "" {
		add(Visible(r.topic), " (by alias)")
	}
	if r.number(packet.FieldRetain) == 1 {
		add("retain")
	}
	add("QoS ", decimal(r.number(packet.FieldQoS)))
	if r.number(packet.FieldDup) == 1 {
		add("DUP")
	}
	id()
	if s, ok := r.span(packet.FieldPayload); ok {
		add(bytesInEnglish(s.Length))
	}
}

func (r *reading) filterSummary(add func(...string)) {
	n := 0
	for i, s := range r.trace.Spans {
		if s.Field != packet.FieldFilter {
			continue
		}
		if n++; n > 3 {
			continue
		}
		text := Visible(string(r.bytes(s)))
		if r.kind() == packet.SUBSCRIBE && i+1 < len(r.trace.Spans) {
			text += " QoS " + decimal(int(r.trace.Spans[i+1].Value&3))
		}
		add(text)
	}
	if n > 3 {
		add("and ", decimal(n-3), " more")
	}
}

func (r *reading) codeSummary(add func(...string)) {
	n := 0
	for _, s := range r.trace.Spans {
		if groupOf(s.Field) != GroupCode || s.Cut {
			continue
		}
		if n++; n <= 4 {
			add(spec.ReasonName(r.version, r.kind(), byte(s.Value)))
		}
	}
	if n > 4 {
		add("and ", decimal(n-4), " more")
	}
}

// bytesInEnglish counts bytes; summaries are in the specification's terms.
func bytesInEnglish(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return decimal(n) + " bytes"
}

// Visible returns s so that a person sees every character of it and nothing
// in it acts: control characters, line breaks, invisible and bidirectional
// marks and bytes that are no UTF-8 become escapes, and a text of more than
// 60 characters is cut.
func Visible(s string) string {
	const most = 60
	if plain(s[:min(len(s), most)]) { // every other topic: nothing to escape
		if len(s) <= most {
			return s
		}
		return s[:most] + "…"
	}
	cut := ""
	if runes := []rune(s[:min(len(s), 4*most+4)]); len(runes) > most {
		s, cut = s[:len(string(runes[:most]))], "…"
	}
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`) + cut
}

// plain says whether s is printable ASCII without a backslash.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == '\\' {
			return false
		}
	}
	return true
}
