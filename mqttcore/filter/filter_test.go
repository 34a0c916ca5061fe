package filter_test

import (
	"encoding/hex"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// packets5 are packets of 5.0 and broken ones, by name.
var packets5 = map[string]string{
	"connect":   "10 2c 00 04 4d 51 54 54 05 02 00 3c 18 11 00 00 0e 10 21 00 14 26 00 03 61 70 70 00 03 6c 61 62 27 00 00 10 00 00 00 07 63 6c 69 65 6e 74 31",
	"connack":   "20 03 00 87 00",
	"publish":   "30 0f 00 03 61 2f 62 07 23 00 05 09 00 01 ff 68 69",
	"subscribe": "82 10 00 01 00 00 03 61 2f 2b 05 00 04 78 2f 79 23 00",
	"reserved":  "10 13 00 04 4d 51 54 54 04 03 00 3c 00 07 63 6c 69 65 6e 74 31",
	"pingreq":   "c0 00",
}

func view(t testing.TB, text string, v packet.Version) filter.View {
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	p := annotate.One(b, annotate.Options{Version: v})
	return filter.View{
		Packet: &p, Number: 7, Time: 1.5, Length: 90, Stream: 2, Name: "A",
		Client: netip.MustParseAddrPort("192.168.1.20:40000"), Server: netip.MustParseAddrPort("192.168.1.1:1883"),
	}
}

// What Wireshark does not have: properties, findings, mqttlab's own fields
// and the extensions. The rest is compared with tshark.
func TestMatch(t *testing.T) {
	for _, test := range []struct {
		packet, filter string
		want           bool
	}{
		{"pingreq", "", true},
		{"connect", "mqtt.property.receive_max == 20", true},
		{"connect", "mqtt.property.receive_max > 20", false},
		{"connect", "mqtt.property.session_expiry_interval == 3600", true},
		{"connect", `mqtt.property.user_property == "app: lab"`, true},
		{"connect", `mqtt.prop_key == "app" && mqtt.prop_value == "lab"`, true},
		{"connect", "count(mqtt.property) == 4", true},
		{"pingreq", "mqtt.len < '\\n'", true},
		{"pingreq", "mqtt.property", false},
		{"connect", "mqtt.property", true},
		{"connect", "count(mqtt.property_id) >= 4", true},
		{"connect", `mqtt.property_id == "Receive Maximum"`, true},
		{"connect", "mqtt.conflag.cleansess == True", true},
		{"connect", "mqtt.properties", true},
		{"connect", `mqtt.ver == "MQTT v5.0"`, true},
		{"connack", `mqtt.connack.reason_code == "not authorized"`, true},
		{"connack", `mqtt.connack.reason_code == 0x87`, true},
		{"connack", `mqtt.conack.val`, false},
		{"publish", "mqtt.property.topic_alias == 5", true},
		{"publish", "mqtt.property.correlation_data == ff", true},
		{"publish", "mqtt.property.correlation_data == 0xff", true},
		{"publish", "mqtt.property.correlation_data[0] & 0x80", false},
		{"publish", "mqtt.msgtype == PUBLISH", true},
		{"publish", "mqtt.msgtype == publish", true},
		{"publish", "mqtt.msgtype in {PUBACK, PUBREC}", false},
		{"publish", "mqtt.msgtype in {1 2 3}", true},
		{"publish", `mqtt.msg == "hi"`, true},
		{"publish", "tcp.port == 1883", true},
		{"publish", "tcp.srcport", false}, // either side may have sent it
		{"publish", "mqttlab.direction", false},
		{"subscribe", "mqttlab.direction == client", true},
		{"subscribe", "tcp.dstport == 1883 && ip.src == 192.168.1.20 && ip.dst == 192.168.0.0/16 && ip && !ipv6", true},
		{"subscribe", `mqtt.topic == "a/+"`, true},
		{"subscribe", `mqtt.topic != "a/+"`, false},
		{"subscribe", `mqtt.topic !== "a/+"`, true},
		{"subscribe", "mqtt.subscription_options_nl == 1", true},
		{"subscribe", "all mqtt.subscription_options_nl == 1", false},
		{"connack", "ip.src == 192.168.1.1", true},
		{"connack", `mqttlab.direction == "server"`, true},
		{"pingreq", "frame.number == 7 && frame.time_relative >= 1.25 && frame.len > 50 && tcp.stream == 2", true},
		{"pingreq", `mqttlab.client == "A"`, true},
		{"pingreq", "mqttlab.finding", false},
		{"pingreq", "mqttlab.severity", false},
		{"pingreq", "mqtt.topic xor mqtt", true},
		{"pingreq", "mqtt.msgtype ^^ mqtt", false},
		{"reserved", `mqttlab.finding contains "MQTT-3.1.2-3"`, true},
		{"reserved", `mqttlab.finding == "reserved-connect-flag"`, true},
		{"reserved", "mqttlab.severity == error", true},
		{"reserved", "mqttlab.severity >= warning", true},
		{"reserved", "not (mqttlab.severity == error or mqtt.msgtype == 3)", false},
		{"publish", "mqtt.msgid > 0 or not mqtt.msgid", true},
		{"publish", "mqtt.len / 2 == 7 and mqtt.len % 2 == 1", true},
		{"publish", "mqtt.len / 0 == 7", false},
		{"publish", "mqtt.topic_len == len(mqtt.topic)", true},
	} {
		v := packet.V5
		if test.packet == "reserved" {
			v = packet.V311
		}
		f, err := filter.Parse(test.filter)
		if err != nil {
			if test.filter != "mqtt.property.correlation_data[0] & 0x80" { // numbers only
				t.Errorf("%s: %v", test.filter, err)
			}
			continue
		}
		if got := f.Match(view(t, packets5[test.packet], v)); got != test.want {
			t.Errorf("%s on %s: %v", test.filter, test.packet, got)
		}
	}
}

func TestMatchWithoutWire(t *testing.T) {
	p := annotate.One([]byte{0xc0, 0}, annotate.Options{})
	for _, expr := range []string{"frame", "frame.number", "tcp", "tcp.port", "ip", "ip.src", "mqttlab.client", "tcp.stream", "frame.len"} {
		f, err := filter.Parse(expr)
		if err != nil {
			t.Fatal(err)
		}
		if f.Match(filter.View{Packet: &p}) {
			t.Errorf("%s is there for a packet from no wire", expr)
		}
	}
}

// Every mistake is answered at its place with a mend, and the mended filter
// is right, perhaps after more mends.
func TestMistakes(t *testing.T) {
	for _, test := range []struct{ expr, at, suggestion, mended string }{
		{`mqtt.topc == "a"`, "mqtt.topc", "mqtt.topic", `mqtt.topic == "a"`},
		{`mqtt.Topic == "a"`, "mqtt.Topic", "mqtt.topic", `mqtt.topic == "a"`},
		{`topic == "a"`, "topic", "mqtt.topic", `mqtt.topic == "a"`},
		{`mqtt.payload`, "mqtt.payload", "mqtt.msg", "mqtt.msg"},
		{`mqtt.receive_max > 5`, "mqtt.receive_max", "mqtt.property.receive_max", "mqtt.property.receive_max > 5"},
		{`mqtt.qos = 1`, "=", "==", "mqtt.qos == 1"},
		{`mqtt.qos <> 1`, "<>", "!=", "mqtt.qos != 1"},
		{`mqtt.qos => 1`, "=>", ">=", "mqtt.qos >= 1"},
		{`mqtt.qos | mqtt.msg`, "|", "||", "mqtt.qos || mqtt.msg"},
		{`mqtt.topic == "a`, `"a`, `"a"`, `mqtt.topic == "a"`},
		{`(mqtt.qos == 1`, "(mqtt.qos == 1", "(mqtt.qos == 1)", "mqtt.qos == 1"},
		{`mqtt.qos == 1)`, ")", "", "mqtt.qos == 1"},
		{`len(mqtt.topic > 3`, ">", "", ""},
		{`frame contains "hello"`, "frame", "mqtt", `mqtt contains "hello"`},
		{`tcp matches "^h"`, "tcp", "mqtt", `mqtt ~ "^h"`},
		{`mx(mqtt.len) > 3`, "mx", "max", "max(mqtt.len) > 3"},
		{`max(3, 4) > 3`, "3", "", ""},
		{`max(mqtt.len, mqtt.topic) > 3`, "mqtt.topic", "", ""},
		{`max(mqtt.topic, "a") > "b"`, `"a"`, "", ""},
		{`abs(mqtt.topic) > 3`, "mqtt.topic", "", ""},
		{`abs(mqtt.len, 3) > 3`, ",", "", ""},
		{`max(mqtt.len`, "(mqtt.len", "(mqtt.len)", ""},
		{`max(mqtt.len)`, "max(mqtt.len)", "max(mqtt.len) > 0", "max(mqtt.len) > 0"},
		{`-mqtt.topic == 3`, "mqtt.topic", "", ""},
		{`--mqtt.len == 3`, "-", "", ""},
		{`{mqtt.len + 1 == 3`, "==", "", ""},
		{`mqtt.len == {3 + 1`, "{3 + 1", "{3 + 1}", "mqtt.len == 3 + 1"},
		{`mqtt.qos == 1 mqtt.retain`, "", "&& ", "mqtt.qos == 1 && mqtt.retain"},
		{`mqtt.retain !mqtt.dupflag`, "", "&& ", "mqtt.retain && !mqtt.dupflag"},
		{`mqtt.qos == 1 AND mqtt.retain`, "AND", "and", "mqtt.qos == 1 && mqtt.retain"},
		{`mqtt.qos EQ 1`, "EQ", "eq", "mqtt.qos == 1"},
		{`mqtt.topic like "a"`, "like", "contains", `mqtt.topic contains "a"`},
		{`mqtt.topic contain "a"`, "contain", "contains", `mqtt.topic contains "a"`},
		{`mqtt.qos == "a"`, `"a"`, "", ""},
		{`mqtt.kalive == "60"`, `"60"`, "60", "mqtt.kalive == 60"},
		{`mqtt.msgtype == PUBLSH`, "PUBLSH", "PUBLISH", "mqtt.msgtype == PUBLISH"},
		{`mqtt.conack.val == "accepted"`, `"accepted"`, `"Connection Accepted"`, `mqtt.conack.val == "Connection Accepted"`},
		{`mqtt.qos == 1;`, ";", "", "mqtt.qos == 1"},
		{`mqtt.topic ==== "x"`, "=", "", `mqtt.topic === "x"`},
		{`mqtt.topic matches a.*`, "a.*", `"a.*"`, `mqtt.topic ~ "a.*"`},
		{`(mqtt.topic matches (a|b)) && mqtt`, "(a|b)", `"(a|b)"`, `mqtt.topic ~ "(a|b)" && mqtt`},
		{`mqtt.topic ~ ^a/$ && mqtt`, "^a/$", `"^a/$"`, `mqtt.topic ~ "^a/$" && mqtt`},
		{`publish && mqtt.qos == 1`, "publish", "mqtt.msgtype == PUBLISH", "mqtt.msgtype == PUBLISH && mqtt.qos == 1"},
		{`mqtt.topic == "a" & mqtt.qos == 1`, "&", "&&", `mqtt.topic == "a" && mqtt.qos == 1`},
		{`mqtt.retain == yes`, "yes", "True", "mqtt.retain == True"},
		{`tcp.flags`, "tcp.flags", "", ""},
		{`mqtt.topic == a/b/c && mqtt`, "a/b/c", `"a/b/c"`, `mqtt.topic == "a/b/c" && mqtt`},
		{`mqtt.topic == sensors`, "sensors", `"sensors"`, `mqtt.topic == "sensors"`},
		{`mqtt.topic == 30:13`, "30:13", `"30:13"`, `mqtt.topic == "30:13"`},
		{`mqtt.msg == hello`, "hello", `"hello"`, `mqtt.msg == "hello"`},
		{`mqtt.topic == “a/b”`, "“a/b”", `"a/b"`, `mqtt.topic == "a/b"`},
		{`（mqtt.qos ＝＝ 1）`, "（", "(", "mqtt.qos == 1"},
		{`5 < mqtt.len`, "5 < mqtt.len", "mqtt.len > 5", "mqtt.len > 5"},
		{`mqtt.msgtype in 3`, "3", "{3}", "mqtt.msgtype in {3}"},
		{`mqtt.msgtype in {3, 4`, "{3, 4", "{3, 4}", "mqtt.msgtype in {3, 4}"},
		{`mqtt.msg[0:2 == 30`, "[0:2 == 30", "[0:2 == 30]", ""},
		{`mqtt.msg[2:0] == 30`, "[2:0]", "", ""},
		{`mqtt.qos[0] == 1`, "[0]", "", "mqtt.qos == 1"},
		{`mqtt.qos matches "1"`, "mqtt.qos", "string(mqtt.qos)", `string(mqtt.qos) ~ "1"`},
		{`mqtt.topic matches "("`, `"("`, "", ""},
		{`mqtt.topic == "a\d"`, `\d`, `\\d`, `mqtt.topic == "a\\d"`},
		{`len(mqtt.topic)`, "len(mqtt.topic)", "len(mqtt.topic) > 0", "len(mqtt.topic) > 0"},
		{`lenght(mqtt.topic) > 1`, "lenght", "", ""},
		{`leng(mqtt.topic) > 1`, "leng", "len", "len(mqtt.topic) > 1"},
		{`mqtt.properties == 1`, "mqtt.properties", "mqtt.properties", ""},
		{`ip.src == 1883`, "1883", "", ""},
		{`mqtt.topic == mqtt.len`, "mqtt.len", "", ""},
		{`mqtt.qos ==`, "", "", ""},
		{`mqtt.qos == 1 &&`, "", "", ""},
		{`mqtt.retain == maybe`, "maybe", "", ""},
		{`mqtt.len == 2 + "a"`, `"a"`, "", ""},
		{`mqtt.msgtype == mqtt.qoss`, "mqtt.qoss", "mqtt.qos", "mqtt.msgtype == mqtt.qos"},
		{`1`, "1", "", ""},
		{`#`, "#", "", ""},
		{`mqtt.msgid == 65536`, "65536", "", ""},
		{`mqtt.msgtype in {1, 256}`, "256", "", ""},
		{`mqtt.msgtype == 0x30`, "0x30", "PUBLISH", "mqtt.msgtype == PUBLISH"},
		{`mqtt.msgtype == 82`, "82", "SUBSCRIBE", "mqtt.msgtype == SUBSCRIBE"},
		{`mqtt.msgtype == 16 && mqtt`, "16", "CONNECT", "mqtt.msgtype == CONNECT && mqtt"},
		{`mqtt.topic matches "a{1000}b{999}c"`, `"a{1000}b{999}c"`, "", ""},
		{`mqtt.topic matches "(?=a)"`, `"(?=a)"`, "", ""},
	} {
		_, err := filter.Parse(test.expr)
		var e *filter.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: no mistake found", test.expr)
			continue
		}
		if at := test.expr[e.Offset : e.Offset+e.Length]; at != test.at || e.Suggestion != test.suggestion {
			t.Errorf("%s: at %q, suggestion %q: %v", test.expr, at, e.Suggestion, e)
		}
		for _, l := range spec.Languages() {
			if text := e.Text(l); strings.ContainsAny(text, "⟦⟧") || strings.Contains(text, "{"+"have}") || !spec.HasMessage(e.Key) {
				t.Errorf("%s: %s text %q", test.expr, l, text)
			}
		}
		if test.mended == "" {
			continue
		}
		expr := test.expr
		for range 5 {
			f, err := filter.Parse(expr)
			if errors.As(err, &e) {
				expr = e.Mended(expr)
				continue
			}
			expr = f.String()
			break
		}
		if expr != test.mended {
			t.Errorf("%s: mended %s", test.expr, expr)
		}
	}
}

func TestString(t *testing.T) {
	for expr, want := range map[string]string{
		"mqtt.qos==1 and not mqtt.retain or mqtt.dupflag eq 0": "mqtt.qos == 1 && !mqtt.retain || mqtt.dupflag == 0",
		"(mqtt.qos==1 or mqtt.retain) and ((mqtt.dupflag))":    "(mqtt.qos == 1 || mqtt.retain) && mqtt.dupflag",
		"not(mqtt.qos ne 1)":                               "!(mqtt.qos != 1)",
		"not not mqtt":                                     "!!mqtt",
		"!(mqtt.hdrflags & 2)":                             "!(mqtt.hdrflags & 2)",
		`any mqtt.topic in {"a" "b".."c"}`:                 `any mqtt.topic in {"a", "b".."c"}`,
		"mqtt.msg[0:2,-1]==30:31:32 xor mqtt.len==0x10+-1": "mqtt.msg[0:2,-1] == 30:31:32 ^^ mqtt.len == 0x10 + -1",
		`upper(mqtt.topic)[:2] matches r"\d"`:              `upper(mqtt.topic)[:2] ~ r"\d"`,
		"mqtt.msgid not in {1,2}":                          "mqtt.msgid not in {1, 2}",
		"":                                                 "",
	} {
		f, err := filter.Parse(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
		} else if f.String() != want {
			t.Errorf("%s: %s", expr, f)
		}
	}
}

func TestBounds(t *testing.T) {
	for _, expr := range []string{
		strings.Repeat("(", 4000) + "mqtt", strings.Repeat("!", 4000) + "mqtt", strings.Repeat("lower(", 1000) + "mqtt.topic",
		"mqtt.len == 1" + strings.Repeat("+1", 2000), strings.Repeat("mqtt||", 4000),
	} {
		if _, err := filter.Parse(expr); err == nil {
			t.Errorf("%.20s… is taken", expr)
		}
	}
	// Each of a hundred thousand topics with each.
	b := packet.AppendVarint([]byte{0x82}, 2+100_000*4)
	b = append(b, 0, 1)
	for range 100_000 {
		b = append(b, 0, 1, 'a', 0)
	}
	p := annotate.One(b, annotate.Options{Version: packet.V311})
	f, _ := filter.Parse("mqtt.topic_len < mqtt.topic_len || mqtt.topic_len + mqtt.topic_len == 3")
	if f.Match(filter.View{Packet: &p, Bytes: b}) {
		t.Error("1 < 1")
	}
}

func FuzzParse(f *testing.F) {
	for _, line := range lines(f, "tshark.txt") {
		f.Add(line)
	}
	p := annotate.One([]byte{0x30, 6, 0, 3, 'a', '/', 'b', 'x'}, annotate.Options{Version: packet.V311})
	f.Fuzz(func(t *testing.T, expr string) {
		filter.Complete(expr, len(expr)/2)
		parsed, err := filter.Parse(expr)
		if err != nil {
			e := err.(*filter.Error)
			if e.Offset < 0 || e.Length < 0 || e.Offset+e.Length > len(expr) || !spec.HasMessage(e.Key) {
				t.Fatalf("%q: %+v", expr, e)
			}
			return
		}
		want := parsed.Match(filter.View{Packet: &p})
		again, err := filter.Parse(parsed.String())
		if err != nil {
			if len(parsed.String()) > filter.MaxLength {
				return
			}
			t.Fatalf("%q prints as %q: %v", expr, parsed, err)
		}
		if again.String() != parsed.String() || again.Match(filter.View{Packet: &p}) != want {
			t.Fatalf("%q prints as %q and that as %q", expr, parsed, again)
		}
	})
}
