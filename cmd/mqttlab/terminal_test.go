package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/packet"
)

// obeyed is what a terminal, or whoever lays text out, obeys instead of showing:
// an escape sequence, one of a single character (C1), a bell, a return to the
// start of the line, marks that turn the direction, line ends in disguise.
const obeyed = "a\x1b[2J\x1b]0;title\x07\u009b31m\r\u202eb\u2066\u2028\u200f\x7f"

// Nothing that clients, files and file names say acts on the terminal, whichever
// command shows it.
func TestTerminalIsNotObeyed(t *testing.T) {
	t.Chdir(t.TempDir())
	user := packet.Property{ID: packet.UserProperty, Key: obeyed, Text: obeyed}
	connect := packet.NewConnect(packet.V5)
	connect.CleanSession, connect.ClientID, connect.HasUserName, connect.UserName, connect.Properties = true, obeyed, true, obeyed, packet.Properties{user}
	connect.HasWill, connect.Will = true, packet.Will{Topic: obeyed, Payload: []byte(obeyed)}
	var all []byte
	for _, p := range []packet.Packet{connect, &packet.Publish{Topic: obeyed, Payload: []byte(obeyed), Properties: packet.Properties{user, {ID: packet.ContentType, Text: obeyed}}},
		&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: obeyed}}}, &packet.Disconnect{Code: 0x81, Properties: packet.Properties{{ID: packet.ReasonString, Text: obeyed}}}} {
		var err error
		if all, err = packet.Append(all, p, packet.V5); err != nil {
			t.Fatal(err)
		}
	}
	file := func(name, text string) string {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return name
	}
	file("bytes", string(all))
	file("dump\x1b[31m", "# "+obeyed+"\n"+hex.EncodeToString(all))
	file("text", "mosquitto "+obeyed+" "+hex.EncodeToString(all)+" zz "+obeyed)
	file("capture.pcapng", notedCapture(t, all))
	file("scenario", `{"mqttlab": "scenario/1", "title": `+quoted(obeyed)+`, "clients": [{"id": "A", "name": `+quoted(obeyed)+`}], "steps": [{"client": "A", "do": "open"},
		{"client": "A", "do": "send", "hex": "`+hex.EncodeToString(all)+`", "note": `+quoted(obeyed)+`}]}`)
	file("form", `{"type": "PUBLISH", "topic": `+quoted(obeyed)+`, "payload": `+quoted(obeyed)+`}`)
	file("wrong", `{"mqttlab": "scenario/1", "clients": [{"id": "A"}], "steps": [{"client": `+quoted(obeyed)+`, "do": `+quoted(obeyed)+`}]}`)
	if err := os.MkdirAll("lab", 0o777); err != nil {
		t.Fatal(err)
	}
	file(filepath.Join("lab", "en.md"), "---\ntitle: "+obeyed+"\nversion: "+obeyed+"\n---\n## A {#a}\n```"+obeyed+"\n```\n```check\n- saw: mqtt."+obeyed+"\n```\n")
	file(filepath.Join("lab", "solution.json"), `{"x`+"\x1b"+`[2J": 1}`)

	shown := 0
	for _, args := range [][]string{
		{"decode", "bytes"}, {"decode", "-v", "bytes"}, {"decode", "dump\x1b[31m", "bytes"}, {"decode", "-v", "text"}, {"decode", "capture.pcapng"}, {"decode", "-v", "capture.pcapng"},
		{"decode", "-json", "bytes"}, {"decode", "-json", "text"}, {"decode", "-json", "capture.pcapng"}, {"encode", "-json", "form"},
		{"decode", "-Y", "mqtt.\x1b[31m", "bytes"}, {"decode", "-Y", "mqtt.topic == \"\x1b", "bytes"}, {"decode", "no\x1bsuch"}, {"decode", "-\x1b"},
		{"encode", "no\x1bsuch"}, {"encode", "wrong"}, {"rules", "\x1b[31m"}, {"\x1b[31m"}, {"-\x1b[31m"}, {"-http", "\x1b[31m"},
		{"replay", "scenario"}, {"replay", "wrong"}, {"replay", "no\x1bsuch"}, {"lab", "check", "lab"}, {"lab", "run", "lab"}, {"lab", "check", "no\x1bsuch"}, {"lab", "\x1b"}, {"completion", "\x1b"}, {"health", "-http", "\x1b"},
	} {
		var out, err bytes.Buffer
		run(context.Background(), args, streams{in: strings.NewReader(""), out: &out, err: &err})
		text := out.String() + err.String()
		if strings.Contains(text, `\x1b`) || strings.Contains(text, `\u001b`) {
			shown++
		}
		if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("%q: a terminal obeys %q", args, text[max(0, i-40):min(len(text), i+20)])
		}
	}
	if shown < 22 {
		t.Errorf("only %d commands show at all what they were given", shown)
	}
}

func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		b.WriteString(`\u` + hex.EncodeToString([]byte{byte(r >> 8), byte(r)}))
	}
	return b.String() + `"`
}

// notedCapture is a capture file whose blocks say such things themselves.
func notedCapture(t *testing.T, data []byte) string {
	t.Helper()
	var b bytes.Buffer
	w, err := capture.NewWriter(&b, capture.WriterOptions{Application: obeyed, Comment: obeyed})
	if err != nil {
		t.Fatal(err)
	}
	rec := capture.Record{Kind: capture.Packet, Conn: 1, Time: time.Unix(1, 0), Client: netip.MustParseAddrPort("192.0.2.1:40000"), Server: netip.MustParseAddrPort("192.0.2.2:1883"),
		From: packet.Client, Bytes: data, Comments: []string{obeyed}}
	for _, kind := range []capture.Kind{capture.Open, capture.Packet, capture.Close} {
		rec.Kind = kind
		if err := w.Write(&rec); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
