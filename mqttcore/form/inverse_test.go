package form_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"mqttlab/mqttcore/form"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOverride(t *testing.T) {
	const publish = `"type":"PUBLISH","topic":"test/a","payload":"hell","qos":1,"packet_id":7`
	tests := []struct{ form, hex string }{
		{`{` + publish + `,"override":{"mqtt.len":5}}`, "3205 0006 746573742f61 0007 68656c6c"},
		{`{` + publish + `,"override":{"mqtt.len.bytes":4}}`, "328e808000 0006 746573742f61 0007 68656c6c"},
		{`{` + publish + `,"override":{"mqtt.topic_len":65535,"mqtt.msgid":0}}`, "320e ffff 746573742f61 0000 68656c6c"},
		{`{` + publish + `,"override":{"mqtt.msgtype":0,"mqtt.qos":3}}`, "060e 0006 746573742f61 0007 68656c6c"},
		{`{"type":"SUBSCRIBE","packet_id":1,"subscriptions":[{"filter":"a"},{"filter":"b"}],"override":{"mqtt.topic_len~2":9,"mqtt.sub.qos.reserved~2":63}}`,
			"820a 0001 0001 61 00 0009 62 fc"},
		{`{"type":"CONNECT","client_id":"c","override":{"mqtt.conflag.reserved":1,"mqtt.ver":9,"mqtt.hdr_reserved":15}}`, "1f0d 0004 4d515454 09 01 0000 0001 63"},
		{`{"type":"CONNECT","version":"5.0","client_id":"c","override":{"mqtt.property_len.bytes":2}}`, "100f 0004 4d515454 05 00 0000 8000 0001 63"},
		{`{"type":"PINGREQ","override":{"mqtt.hdr_reserved":0}}`, "c000"},
	}
	for _, test := range tests {
		b, _, err := form.Encode([]byte(test.form))
		if err != nil {
			t.Errorf("%s: %v", test.form, err)
			continue
		}
		if got, want := hex.EncodeToString(b), strings.ReplaceAll(test.hex, " ", ""); got != want {
			t.Errorf("%s\n got %s\nwant %s", test.form, got, want)
		}
	}
	for _, test := range []struct{ override, key, text string }{
		{`{"mqtt.nonsense":1}`, "override.mqtt.nonsense", "no such field"},
		{`{"mqtt.topic":1}`, "override.mqtt.topic", "no such field"},
		{`{"mqtt.qos":4}`, "override.mqtt.qos", "0 to 3"},
		{`{"mqtt.len":268435456}`, "override.mqtt.len", "268435455"},
		{`{"mqtt.len.bytes":5}`, "override.mqtt.len.bytes", "1 to 4"},
		{`{"mqtt.len":128,"mqtt.len.bytes":1}`, "override.mqtt.len.bytes", "takes more"},
		{`{"mqtt.msgid.bytes":2}`, "override.mqtt.msgid.bytes", "no such field"},
		{`{"mqtt.msgid":-1}`, "override", "0 to 4294967295"},
	} {
		_, _, err := form.Encode([]byte(`{` + publish + `,"override":` + test.override + `}`))
		e, ok := err.(*form.Error)
		if !ok || e.Key != test.key || !strings.Contains(e.Text(spec.English), test.text) {
			t.Errorf("%s: got %#v, want key %q and text with %q", test.override, err, test.key, test.text)
		}
	}
}

func TestOf(t *testing.T) {
	tests := []struct {
		hex     string
		version packet.Version
		form    string // a part of it
		exact   bool
	}{
		{"1026 0004 4D515454 04 C2 003C 0009 313233343536373839 0005 61646D696E 0008 70617373776F7264", 0, `"client_id":"123456789","username":"admin","password":"password"`, true},
		{"1017 0004 4d515454 04 2c 0000 0001 63 0003 6c7774 0003 627965", 0, `"will":{"topic":"lwt","payload":"bye","qos":1,"retain":true}`, true},
		{"1f0f 0004 4d515454 04 02 000a 0003 636964", 0, `"override":{"mqtt.hdr_reserved":15}`, true},
		{"100c 0004 4d515454 04 03 0000 0000", 0, `"reserved":true`, true},
		{"100c 0004 4d515454 04 1a 0000 0000", 0, `"override":{"mqtt.conflag.qos":3}`, true},
		{"100c 0004 4d515454 09 02 0000 0000", 0, `"override":{"mqtt.ver":9}`, true},
		{"1011 0006 4d5149736470 04 02 000a 0003 636964", 0, `"protocol_name":"MQIsdp"`, true},
		{"c08000", packet.V311, `"override":{"mqtt.len.bytes":2}`, true},
		{"3607 0001 74 0001 00ff", packet.V311, `"payload_hex":"00ff","qos":3`[:19], true},
		{"820a 0001 0001 61 00 0001 62 fe", packet.V311, `"mqtt.sub.qos.reserved~2":63`, true},
		{"e001 04", packet.V5, `"code":4`, true},
		{"f00a 18 08 15000178 16000101", packet.V5, `"hex":"01"`, true},
		{"3013 0004 74657374 6865", packet.V311, `"override":{"mqtt.len":19}`, true},           // cut short
		{"3003 0004 61", packet.V311, `"type":"PUBLISH"`, false},                               // a string past the end
		{"c001 00", packet.V311, `"type":"PINGREQ"`, false},                                    // bytes left over
		{"4004 0001 00 00", packet.V5, `"packet_id":1`, false},                                 // longer than need be
		{"30ffffffff7f", packet.V311, `"type":"PUBLISH"`, false},                               // no length can be read
		{"3004 0002 c080", packet.V311, `"topic":"` + "\uFFFD", false},                         // no UTF-8
		{"100f 0004 4d515454 05 00 0000 8000 0001 63", 0, `"mqtt.property_len.bytes":2`, true}, // not minimal
		{"00 02 ca fe", packet.V311, ``, false},
		{"f0 00", packet.V311, ``, false},
		{"", packet.V311, ``, false},
	}
	for _, test := range tests {
		b := unhex(t, test.hex)
		r := form.Of(b, test.version)
		if r.Exact != test.exact || !strings.Contains(string(r.Form), test.form) || (test.form == "") != (r.Form == nil) {
			t.Errorf("%s: exact %t, form %s; want %t, %s", test.hex, r.Exact, r.Form, test.exact, test.form)
		}
		if r.Exact {
			checkWrites(t, r, b)
		}
	}
}

// checkWrites wants an exact form to write just the bytes it was read from.
func checkWrites(t interface{ Fatalf(string, ...any) }, r form.Reading, b []byte) {
	out, v, err := form.Encode(r.Form)
	if err != nil || v != r.Version || string(out) != string(b) {
		t.Fatalf("%x became %s, which writes %x (%v, %v)", b, r.Form, out, v, err)
	}
}

// drawText draws text, of a few characters of every length in UTF-8.
var drawText = rapid.StringN(0, 12, -1)

func drawProperties(t *rapid.T) []map[string]any {
	var list []map[string]any
	for _, id := range rapid.SliceOfN(rapid.SampledFrom(packet.AllProperties()), 0, 4).Draw(t, "properties") {
		p := map[string]any{"name": id.Name()}
		switch id.Kind() {
		case packet.ByteProperty:
			p["value"] = rapid.IntRange(0, 255).Draw(t, "value")
		case packet.TwoByteProperty:
			p["value"] = rapid.IntRange(0, 65535).Draw(t, "value")
		case packet.FourByteProperty:
			p["value"] = rapid.Uint32().Draw(t, "value")
		case packet.VarintProperty:
			p["value"] = rapid.IntRange(0, packet.MaxRemainingLength).Draw(t, "value")
		case packet.TextProperty:
			p["value"] = drawText.Draw(t, "value")
		case packet.PairProperty:
			p["key"], p["value"] = drawText.Draw(t, "key"), drawText.Draw(t, "value")
		case packet.DataProperty:
			p["hex"] = hex.EncodeToString(rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "hex"))
		}
		list = append(list, p)
	}
	return list
}

// drawForm draws a form of any type and version.
func drawForm(t *rapid.T) map[string]any {
	v := rapid.SampledFrom(packet.Versions).Draw(t, "version")
	f := map[string]any{"type": rapid.SampledFrom(packet.Types(v)).Draw(t, "type").String(), "version": v.String()}
	id := func() { f["packet_id"] = rapid.IntRange(0, 65535).Draw(t, "packet_id") }
	if v == packet.V5 && f["type"] != "PINGREQ" && f["type"] != "PINGRESP" {
		f["properties"] = drawProperties(t)
	}
	switch f["type"] {
	case "CONNECT":
		f["client_id"] = drawText.Draw(t, "client_id")
		f["clean_session"] = rapid.Bool().Draw(t, "clean")
		f["keep_alive"] = rapid.IntRange(0, 65535).Draw(t, "keep_alive")
		f["reserved"] = rapid.Bool().Draw(t, "reserved")
		if rapid.Bool().Draw(t, "has will") {
			f["will"] = map[string]any{"topic": drawText.Draw(t, "will topic"), "payload_hex": hex.EncodeToString(rapid.SliceOf(rapid.Byte()).Draw(t, "will payload")),
				"qos": rapid.IntRange(0, 3).Draw(t, "will qos"), "retain": rapid.Bool().Draw(t, "will retain")}
		}
		if v != packet.V31 && rapid.Bool().Draw(t, "has user name") { // in 3.1 an empty rest is one without
			f["username"] = drawText.Draw(t, "username")
		}
		if v != packet.V31 && rapid.Bool().Draw(t, "has password") {
			f["password_hex"] = hex.EncodeToString(rapid.SliceOfN(rapid.Byte(), 1, 9).Draw(t, "password"))
		}
	case "CONNACK":
		f["session_present"], f["code"] = rapid.Bool().Draw(t, "present"), rapid.IntRange(0, 255).Draw(t, "code")
	case "PUBLISH":
		f["topic"], f["payload"] = drawText.Draw(t, "topic"), drawText.Draw(t, "payload")
		f["dup"], f["retain"], f["qos"] = rapid.Bool().Draw(t, "dup"), rapid.Bool().Draw(t, "retain"), rapid.IntRange(0, 3).Draw(t, "qos")
		id()
	case "SUBSCRIBE":
		id()
		list := []map[string]any{}
		for range rapid.IntRange(0, 3).Draw(t, "filters") {
			s := map[string]any{"filter": drawText.Draw(t, "filter"), "qos": rapid.IntRange(0, 3).Draw(t, "qos")}
			if v == packet.V5 {
				s["no_local"], s["retain_as_published"] = rapid.Bool().Draw(t, "nl"), rapid.Bool().Draw(t, "rap")
				s["retain_handling"] = rapid.IntRange(0, 3).Draw(t, "rh")
			}
			list = append(list, s)
		}
		f["subscriptions"] = list
	case "UNSUBSCRIBE":
		id()
		f["filters"] = rapid.SliceOfN(drawText, 0, 3).Draw(t, "filters")
	case "SUBACK", "UNSUBACK":
		id()
		if v == packet.V5 || f["type"] == "SUBACK" {
			f["codes"] = rapid.SliceOfN(rapid.IntRange(0, 255), 0, 3).Draw(t, "codes")
		}
	case "PUBACK", "PUBREC", "PUBREL", "PUBCOMP":
		id()
		if v == packet.V5 {
			f["code"] = rapid.IntRange(0, 255).Draw(t, "code")
		}
	case "DISCONNECT", "AUTH":
		if v == packet.V5 {
			f["code"] = rapid.IntRange(0, 255).Draw(t, "code")
		}
	}
	return f
}

// TestOfIsTheInverse: whatever a form writes, the form read from it writes it
// again, whether the rules allow it or not.
func TestOfIsTheInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data, err := json.Marshal(drawForm(t))
		if err != nil {
			t.Fatal(err)
		}
		b, v, err := form.Encode(data)
		if err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		r := form.Of(b, v)
		if !r.Exact {
			t.Fatalf("%s wrote %x, which reads as %s, not exactly", data, b, r.Form)
		}
		checkWrites(t, r, b)
	})
}

// TestOfBytesThatAreSet: a field of fixed size that an override sets comes back
// from the bytes, too, or the form says that it is not exact.
func TestOfBytesThatAreSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data, err := json.Marshal(drawForm(t))
		if err != nil {
			t.Fatal(err)
		}
		b, v, err := form.Encode(data)
		if err != nil {
			t.Fatal(err)
		}
		at := rapid.SampledFrom(form.Settables(b, v)).Draw(t, "field")
		value := rapid.Uint32Range(0, at.Max).Draw(t, "value")
		out, err := (form.Override{at.Key: value}).Apply(b, v)
		if err != nil {
			t.Fatal(err)
		}
		if r := form.Of(out, v); r.Exact {
			checkWrites(t, r, out)
		}
	})
}

func FuzzOf(f *testing.F) {
	f.Add([]byte("\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00"), byte(4))
	f.Add([]byte("\x82\x0a\x00\x01\x00\x01a\x00\x00\x01b\xfe"), byte(4))
	f.Add([]byte("\x40\xd1\xd1\xd1\xd1\xd1"), byte(4))
	f.Add([]byte("\xc0\xff\xff\xff\xff\x01"), byte(5))
	f.Add([]byte("\xf0\x0a\x18\x08\x15\x00\x01x\x16\x00\x01\x01"), byte(5))
	f.Fuzz(func(t *testing.T, b []byte, v byte) {
		r := form.Of(b, packet.Version(3+v%3))
		if r.Form != nil {
			if _, _, err := form.Encode(r.Form); err != nil {
				t.Fatalf("%x reads as %s, which cannot be written: %v", b, r.Form, err)
			}
		}
		if r.Exact {
			checkWrites(t, r, b)
		}
	})
}

// FuzzEncode reads forms: what cannot be read is said in words and, where a key
// is at fault, with its name; what can gives the same bytes each time, and
// without an override those of a packet that is read again as it was written.
func FuzzEncode(f *testing.F) {
	for _, text := range []string{
		`{"type": "CONNECT", "version": "5.0", "client_id": "a", "clean_session": true, "keep_alive": 60, "properties": [{"id": 17, "value": 10}]}`,
		`{"type": "publish", "topic": "a/b", "payload_hex": "00ff", "qos": 1, "packet_id": 7}`,
		`{"type": "SUBSCRIBE", "packet_id": 1, "subscriptions": [{"filter": "a/#", "qos": 2}], "override": {"mqtt.len": 268435455, "mqtt.len.bytes": 4}}`,
		`{"type": "PINGREQ"} {}`, `{"type": 7}`, `{"type": "AUTH", "version": "5.0", "reason_code": 24}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, v, err := form.Encode([]byte(text))
		if err != nil {
			var said *form.Error
			if !errors.As(err, &said) || said.Text(spec.English) == "" || !utf8.ValidString(said.Error()) {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		again, _, err := form.Encode([]byte(text))
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%q is %x, and then %x, %v", text, b, again, err)
		}
		r := form.Of(b, v)
		if r.Exact {
			checkWrites(t, r, b)
		}
		d := packet.Decoder{Version: v}
		if p, err := d.Decode(b); err == nil && !bytes.Contains([]byte(text), []byte("verride")) {
			if back, err := packet.Append(nil, p, v); err != nil || !bytes.Equal(back, b) {
				t.Fatalf("%q is %x, and read and written again %x, %v", text, b, back, err)
			}
		}
	})
}
