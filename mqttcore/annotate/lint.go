package annotate

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"mqttlab/mqttcore/packet"
)

// isText says whether b is UTF-8 that a person can read.
func isText(b []byte) bool {
	if plain(view(b)) {
		return true
	}
	if !utf8.Valid(b) {
		return false
	}
	for _, c := range string(b) {
		if !unicode.IsPrint(c) && c != '\n' && c != '\r' && c != '\t' {
			return false
		}
	}
	return true
}

// lint finds what no rule forbids and a learner should know.
func (r *reading) lint() []Finding {
	var list []Finding
	add := func(severity Severity, rule, code string, s packet.Span, args ...string) {
		f := Finding{Severity: severity, Rule: rule, Code: code, Offset: s.Offset, Length: s.Length, Text: r.say("finding."+code, args...)}
		if s.Bits {
			f.Bits = &[2]int{int(s.Hi), int(s.Lo)}
		}
		list = append(list, f)
	}
	t := r.kind()
	header, _ := r.span(packet.FieldType)
	if r.sender != 0 && !t.MaySend(r.sender, r.version) {
		add(Error, tableOfTypes(r.version), "wrong-sender."+r.sender.String(), header, "type", t.String())
	} else if t.Sender(r.version) == packet.Server && r.sender == 0 {
		code := "server-only"
		if t == packet.CONNACK {
			code = "server-only.connack"
		}
		add(Note, tableOfTypes(r.version), code, header, "type", t.String())
	}
	r.lintSender(add)
	if text := r.prefixedString(); text != "" {
		add(Note, "", "string-not-packet", packet.Span{Length: len(r.b)}, "text", quote([]byte(text)))
	}
	for i := range r.trace.Spans {
		if s := &r.trace.Spans[i]; s.Cut || s.Bits && s.Field != packet.FieldRetain {
			continue
		}
		s := r.trace.Spans[i]
		switch s.Field {
		case packet.FieldClientID:
			r.lintClientID(s, add)
		case packet.FieldPassword:
			add(Warning, "", "clear-text", s)
		case packet.FieldTopic, packet.FieldFilter, packet.FieldWillTopic:
			r.lintTopic(s, add)
		case packet.FieldUserName:
			r.lintControl(s, add)
		case packet.FieldReturnCode:
			if s.Value != 0 {
				add(Warning, "", "refused", s)
			}
		case packet.FieldConnackReason, packet.FieldGrantedQoS, packet.FieldSubackReason, packet.FieldUnsubackReason,
			packet.FieldPubackReason, packet.FieldPubrecReason:
			if s.Value >= 0x80 && (s.Field != packet.FieldGrantedQoS || r.version != packet.V31) {
				add(Warning, "", "refused", s)
			}
		case packet.FieldDisconnectReason:
			if s.Value >= 0x80 {
				add(Warning, "", "closed-for-error", s)
			}
		case packet.FieldKeepAlive:
			if s.Value == 0 {
				add(Note, "", "keep-alive-off", s)
			}
		case packet.FieldPayload:
			r.lintPacketID(s, add)
		case packet.FieldRetain:
			if s.Value == 0 || r.sender == packet.Server {
				continue // what a server delivers changes nothing that is kept
			}
			if payload, ok := r.span(packet.FieldPayload); ok && payload.Length == 0 {
				add(Note, r.byVersion("MQTT-3.3.1-10", "MQTT-3.3.1-6"), "retain-clears", s)
			} else {
				add(Note, "MQTT-3.3.1-5", "retain-stored", s)
			}
		}
	}
	return list
}

// lintPacketID finds the Packet Identifier that a PUBLISH with QoS 0 does not
// have: its bytes are then read as Properties or payload.
func (r *reading) lintPacketID(payload packet.Span, add addFinding) {
	b := r.bytes(payload)
	if qos, ok := r.span(packet.FieldQoS); !ok || qos.Value != 0 || r.kind() != packet.PUBLISH || len(b) < 3 {
		return
	}
	at, id, text := packet.Span{Offset: payload.Offset, Length: 2}, b[:2], b[2:]
	if r.version == packet.V5 {
		// 00 07 00: the first byte was read as Property Length 0, and the
		// third would be it.
		length, ok := r.span(packet.FieldPropertyLength)
		if !ok || length.Value != 0 || length.Length != 1 || b[1] != 0 {
			return
		}
		at.Offset--
		id = r.b[at.Offset : at.Offset+2]
	}
	if id[0] != 0 || id[1] == 0 || int(id[1]) == len(text) || !isText(text) { // 00 05 hello: a string with its length
		return
	}
	add(Warning, r.byVersion("MQTT-2.3.1-5", "MQTT-2.2.1-2"), "packet-id-qos-0", at, "bytes", hexBytes(id), "id", decimal(int(id[1])))
}

// prefixedString returns the string that the bytes are if they are no packet
// but a piece of one: a two-byte length and as many readable bytes.
func (r *reading) prefixedString() string {
	if len(r.b) > 2 && r.b[0] == 0 && int(r.b[1]) == len(r.b)-2 && isText(r.b[2:]) {
		return string(r.b[2:])
	}
	return ""
}

func (r *reading) byVersion(before, v5 string) string {
	if r.version == packet.V5 {
		return v5
	}
	return before
}

// tableOfTypes cites the table that says who sends which packet.
func tableOfTypes(v packet.Version) string {
	if v == packet.V5 {
		return "§2.1.2"
	}
	return "§2.2.1"
}

// lintSender finds the properties and Reason Codes that one side may send and this one not.
func (r *reading) lintSender(add addFinding) {
	if r.version != packet.V5 || r.sender == 0 {
		return
	}
	for _, s := range r.trace.Spans {
		if (s.Field == packet.FieldPubackReason || s.Field == packet.FieldPubrecReason) && s.Value == uint32(packet.NoMatchingSubscribers) && r.sender == packet.Client {
			add(Warning, map[packet.Field]string{packet.FieldPubackReason: "MQTT-3.4.2-1", packet.FieldPubrecReason: "MQTT-3.5.2-1"}[s.Field], "no-subscribers-from-client", s)
		}
		if s.Field != packet.FieldPropertyID {
			continue
		}
		switch id := packet.PropertyID(s.Value); {
		case id == packet.SubscriptionIdentifier && r.kind() == packet.PUBLISH && r.sender == packet.Client:
			add(Error, "MQTT-3.3.4-6", "subscription-id-from-client", s)
		case id == packet.SessionExpiryInterval && r.kind() == packet.DISCONNECT && r.sender == packet.Server:
			add(Error, "MQTT-3.14.2-2", "session-expiry-from-server", s)
		}
	}
}

type addFinding func(severity Severity, rule, code string, s packet.Span, args ...string)

func (r *reading) lintClientID(s packet.Span, add addFinding) {
	id := string(r.bytes(s))
	if r.version != packet.V31 {
		if len(id) > 23 {
			add(Warning, "MQTT-3.1.3-5", "client-id-long", s, "length", decimal(len(id)))
		} else if strings.ContainsFunc(id, func(c rune) bool {
			return !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z')
		}) {
			add(Note, "MQTT-3.1.3-5", "client-id-characters", s)
		}
	}
	r.lintControl(s, add)
}

func (r *reading) lintTopic(s packet.Span, add addFinding) {
	name := r.bytes(s)
	switch {
	case bytes.HasPrefix(name, []byte("/")) && len(name) > 1:
		add(Warning, "§4.7.1.1", "leading-slash", s, "topic", Visible(string(name)), "without", Visible(string(name[1:])))
	case bytes.IndexByte(name, '\\') >= 0:
		add(Warning, "§4.7.1.1", "backslash", s, "topic", Visible(string(name)))
	case bytes.HasPrefix(name, []byte("$")) && s.Field != packet.FieldFilter && r.sender != packet.Server:
		add(Warning, "MQTT-4.7.2-1", "dollar-topic", s, "topic", Visible(string(name)))
	case bytes.HasSuffix(name, []byte("/")):
		add(Note, "§4.7.1.1", "trailing-slash", s, "topic", Visible(string(name)))
	case bytes.IndexByte(name, ' ') >= 0:
		add(Note, "§4.7.3", "space-in-topic", s)
	}
	r.lintControl(s, add)
}

// lintControl warns of characters that strings should not include (section
// 1.5.4; 3.1.1: section 1.5.3): control characters and non-characters.
func (r *reading) lintControl(s packet.Span, add addFinding) {
	b := r.bytes(s)
	if plain(view(b)) {
		return
	}
	for i := 0; i < len(b); {
		c, n := utf8.DecodeRune(b[i:])
		if c != 0 && (c < 0x20 || c >= 0x7f && c <= 0x9f || c&0xfffe == 0xfffe || c >= 0xfdd0 && c <= 0xfdef) {
			place := packet.Span{Offset: s.Offset + i, Length: n}
			add(Warning, r.byVersion("§1.5.3", "§1.5.4"), "control-character", place, "character", fmt.Sprintf("%04X", c))
			return
		}
		i += n
	}
}
