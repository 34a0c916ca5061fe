package web

import (
	"encoding/hex"
	"strings"
	"testing"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
)

func payloadOf(t *testing.T, content string) *payload {
	t.Helper()
	b, err := packet.Append(nil, &packet.Publish{Topic: "t", Payload: []byte(content)}, packet.V311)
	if err != nil {
		t.Fatal(err)
	}
	pv := newPacketView(annotate.One(b, annotate.Options{Version: packet.V311}), View{})
	for _, n := range pv.All {
		if p := pv.payload(n); p != nil {
			return p
		}
	}
	return nil
}

func TestPayload(t *testing.T) {
	p := payloadOf(t, `{"t":21.5,"u":["a\n"]}`)
	if want := "{\n  \"t\": 21.5,\n  \"u\": [\n    \"a\\n\"\n  ]\n}"; p.JSON != want {
		t.Errorf("JSON %q, want %q", p.JSON, want)
	}
	if p := payloadOf(t, "21.5"); p.JSON != "" || p.Text != "21.5" {
		t.Errorf("a number in text: JSON %q, text %q", p.JSON, p.Text)
	}
	if p := payloadOf(t, "a\xff\u202e"); p.Text != "" || p.Hex != "61 ff e2 80 ae" {
		t.Errorf("no UTF-8: text %q, hex %q", p.Text, p.Hex)
	}
	if p := payloadOf(t, strings.Repeat("x", 600)); p.More != 600-payloadHex || p.Numbers != nil {
		t.Errorf("long: %d more, numbers %v", p.More, p.Numbers)
	}
	for in, deep := range map[string]bool{
		strings.Repeat("[", 4000) + strings.Repeat("]", 4000):      true, // 8 kB that would be 32 MB with their indents
		strings.Repeat(`{"a":[`, 16) + strings.Repeat("]}", 16):    false,
		strings.Repeat(`{"a":[`, 17) + strings.Repeat("]}", 17):    true,
		`{"\"[[\\": "` + strings.Repeat("[{", 100) + `", "b": []}`: false,
	} {
		if p := payloadOf(t, in); (p.JSON == "") != deep || p.Text != in {
			t.Errorf("%.20s…: %d characters of JSON", in, len(p.JSON))
		}
	}
	if p := payloadOf(t, ""); p != nil {
		t.Errorf("empty: %v", p)
	}
}

func TestNumberReadings(t *testing.T) {
	for in, want := range map[string]string{
		"ff":               "uint8=255 int8=-1",
		"0102":             "uint16 big-endian=258 uint16 little-endian=513",
		"41ac0000":         "uint32 big-endian=1101791232 float32 big-endian=21.5 uint32 little-endian=44097 float32 little-endian=6.1793e-41",
		"fffffe":           "uint24 big-endian=16777214 int24 big-endian=-2 uint24 little-endian=16711679 int24 little-endian=-65537",
		"0000000000003540": "float64 little-endian=21",
	} {
		b, _ := hex.DecodeString(in)
		var got []string
		for _, n := range numberReadings(b) {
			got = append(got, n.Name+"="+n.Value)
		}
		if s := strings.Join(got, " "); !strings.HasSuffix(s, want) {
			t.Errorf("%s: %s, want %s", in, s, want)
		}
	}
}
