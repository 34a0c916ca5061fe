package spec

import (
	"slices"
	"strings"
	"testing"

	"mqttlab/mqttcore/packet"
)

// contexts lists every packet type and version in which a field can stand, as
// far as a text can depend on it.
func contexts(f func(packet.Type, packet.Version)) {
	f(0, 0)
	for _, v := range packet.Versions {
		f(0, v)
		for _, t := range packet.Types(v) {
			f(t, v)
		}
	}
}

func TestEveryFieldIsExplained(t *testing.T) {
	for _, f := range packet.Fields() {
		for _, l := range Languages() {
			base, ok := fieldTexts.get(l)[f.Name()]
			if !ok {
				t.Errorf("%s has no text for %s", l, f.Name())
				continue
			}
			if base.What == "" || base.Why == "" || base.Read == "" {
				t.Errorf("%s: %s lacks what, why or read", l, f.Name())
			}
		}
		contexts(func(pt packet.Type, v packet.Version) {
			if _, ok := Field(English, f.Name(), pt, v); !ok {
				t.Errorf("no text for %s in %s %s", f.Name(), pt, v)
			}
		})
	}
}

func TestFieldTextsBelongToFields(t *testing.T) {
	known := map[string]bool{}
	for _, f := range packet.Fields() {
		known[f.Name()] = true
	}
	for _, l := range Languages() {
		for key := range fieldTexts.get(l) {
			name, context, _ := strings.Cut(key, "@")
			if !known[name] {
				t.Errorf("%s explains %s, which is no field", l, name)
			}
			for _, part := range strings.Split(context, "@") {
				_, isType := packet.ParseType(part)
				_, isVersion := packet.ParseVersion(part)
				if part != "" && !isType && !isVersion {
					t.Errorf("%s: %s: %q is neither a packet type nor a version", l, key, part)
				}
			}
		}
	}
}

func TestEveryPacketTypeIsExplained(t *testing.T) {
	for _, l := range Languages() {
		for _, pt := range packet.Types(packet.V5) {
			if p, ok := packetTexts.get(l)[pt.String()]; !ok || p.What == "" || p.Sender == "" || p.Answer == "" || p.Why == "" {
				t.Errorf("%s: %s is not explained", l, pt)
			}
		}
		if n := len(packetTexts.get(l)); n != len(packet.Types(packet.V5)) {
			t.Errorf("%s explains %d packet types", l, n)
		}
	}
}

func TestEveryPropertyIsExplained(t *testing.T) {
	for _, l := range Languages() {
		for _, id := range packet.AllProperties() {
			if p, ok := propertyTexts.get(l)[id.Name()]; !ok || p.What == "" || p.Why == "" || p.Read == "" || p.Mistake == "" {
				t.Errorf("%s: %s is not explained", l, id.Name())
			}
		}
		if n := len(propertyTexts.get(l)); n != len(packet.AllProperties()) {
			t.Errorf("%s explains %d properties", l, n)
		}
	}
}

// A text that is the same in two languages was forgotten by the translator.
func TestNoFieldTextIsShared(t *testing.T) {
	for _, l := range Languages()[1:] {
		check := func(kind, key, a, b string) {
			if a == b && a != "" {
				t.Errorf("%s %s is the same in %s and %s", kind, key, English, l)
			}
		}
		both := func(kind, key string, a, b FieldText) {
			check(kind, key, a.What, b.What)
			check(kind, key, a.Why, b.Why)
			check(kind, key, a.Read, b.Read)
			check(kind, key, a.Mistake, b.Mistake)
			if (a.What == "") != (b.What == "") || (a.Why == "") != (b.Why == "") || (a.Read == "") != (b.Read == "") || (a.Mistake == "") != (b.Mistake == "") {
				t.Errorf("%s %s has not the same parts in %s and %s", kind, key, English, l)
			}
		}
		for key, text := range fieldTexts.get(English) {
			both("field", key, text, fieldTexts.get(l)[key])
		}
		for key, text := range propertyTexts.get(English) {
			both("property", key, text, propertyTexts.get(l)[key])
		}
		for key, a := range packetTexts.get(English) {
			b := packetTexts.get(l)[key]
			check("packet", key, a.What, b.What)
			check("packet", key, a.Sender, b.Sender)
			check("packet", key, a.Answer, b.Answer)
			check("packet", key, a.Why, b.Why)
			check("packet", key, a.Mistake, b.Mistake)
			if (a.Mistake == "") != (b.Mistake == "") {
				t.Errorf("packet %s has a mistake in only one of %s and %s", key, English, l)
			}
		}
	}
}

func TestFieldDependsOnContext(t *testing.T) {
	general, _ := Field(English, "mqtt.topic", 0, 0)
	filter, _ := Field(English, "mqtt.topic", packet.SUBSCRIBE, packet.V311)
	if general.What == filter.What {
		t.Error("a Topic Filter is explained as a Topic Name")
	}
	clean, _ := Field(English, "mqtt.conflag.cleansess", packet.CONNECT, packet.V5)
	if !strings.HasPrefix(clean.What, "Clean Start") {
		t.Errorf("5.0 has no Clean Start: %q", clean.What)
	}
	if base, _ := Field(English, "mqtt.conflag.cleansess", packet.CONNECT, packet.V311); clean.Read != base.Read {
		t.Error("what an override leaves out is not taken from the base")
	}
	property, ok := Field(English, "mqtt.property.receive_maximum", packet.CONNECT, packet.V5)
	if want, _ := PropertyText(English, packet.ReceiveMaximum); !ok || property != want {
		t.Error("a property is not explained as a field")
	}
	if _, ok := Field(English, "mqtt.property.max_qos", packet.CONNACK, packet.V5); !ok {
		t.Error("Wireshark's name of Maximum QoS is not known")
	}
	if _, ok := Field(English, "mqtt.nonsense", 0, 0); ok {
		t.Error("a field that does not exist is explained")
	}
}

func TestEveryCodeIsExplained(t *testing.T) {
	used := map[string]bool{}
	for _, v := range packet.Versions {
		for _, pt := range packet.Types(v) {
			for _, code := range packet.ReasonCodes(pt, v) {
				if ReasonName(v, pt, byte(code)) == "" {
					t.Errorf("%s %s 0x%02X has no name", v, pt, byte(code))
				}
				for _, key := range reasonKeys(v, pt, byte(code)) {
					used[key] = true
				}
				texts := map[string]bool{}
				for _, l := range Languages() {
					text, ok := "", false
					for _, key := range reasonKeys(v, pt, byte(code)) {
						if text, ok = reasonTexts.get(l)[key]; ok {
							break
						}
					}
					if !ok || texts[text] {
						t.Errorf("%s %s 0x%02X has no text of its own in %s", v, pt, byte(code), l)
					}
					texts[text] = true
				}
			}
		}
	}
	for _, l := range Languages() {
		for key := range reasonTexts.get(l) {
			if !used[key] {
				t.Errorf("%s explains code %s, which no packet carries", l, key)
			}
		}
		for key := range reasonTexts.get(English) {
			if _, ok := reasonTexts.get(l)[key]; !ok {
				t.Errorf("%s has no text for code %s", l, key)
			}
		}
	}
	for key := range reasonNames.get() {
		if !used[key] {
			t.Errorf("code %s has a name, but no packet carries it", key)
		}
	}
}

func TestReasonName(t *testing.T) {
	for _, test := range []struct {
		version packet.Version
		packet  packet.Type
		code    byte
		want    string
	}{
		{packet.V5, packet.PUBACK, 0x00, "Success"},
		{packet.V5, packet.SUBACK, 0x00, "Granted QoS 0"},
		{packet.V5, packet.DISCONNECT, 0x00, "Normal disconnection"},
		{packet.V5, packet.PUBACK, 0x8D, "Keep Alive timeout"}, // exists, though not here
		{packet.V5, packet.PUBACK, 0x7F, ""},
		{packet.V311, packet.CONNACK, 5, "Connection Refused, not authorized"},
		{packet.V31, packet.CONNACK, 2, "Connection Refused, identifier rejected"},
		{packet.V311, packet.SUBACK, 0x80, "Failure"},
		{packet.V31, packet.SUBACK, 0x80, ""},
		{packet.V311, packet.CONNACK, 6, ""},
		{0, packet.CONNACK, 0, ""},
	} {
		if got := ReasonName(test.version, test.packet, test.code); got != test.want {
			t.Errorf("ReasonName(%s, %s, 0x%02X) = %q, want %q", test.version, test.packet, test.code, got, test.want)
		}
	}
	if _, ok := ReasonText(English, packet.V5, packet.PUBACK, 0x8D); ok {
		t.Error("a code that PUBACK cannot carry is explained")
	}
}

func TestGlossary(t *testing.T) {
	var keys []string
	for _, term := range Glossary(English) {
		if slices.Contains(keys, term.Key) {
			t.Errorf("%s stands twice", term.Key)
		}
		keys = append(keys, term.Key)
	}
	if len(keys) < 40 {
		t.Errorf("only %d terms", len(keys))
	}
	for _, l := range Languages() {
		terms := Glossary(l)
		if len(terms) != len(keys) {
			t.Errorf("%s has %d terms, English has %d", l, len(terms), len(keys))
			continue
		}
		for i, term := range terms {
			if term.Key != keys[i] {
				t.Errorf("%s: term %d is %s, want %s", l, i, term.Key, keys[i])
			}
			if term.Name == "" || term.Text == "" || l != English && term.Text == Glossary(English)[i].Text {
				t.Errorf("%s: %s is not explained", l, term.Key)
			}
		}
	}
}
