package reading_test

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"
	"time"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/reading"
	"mqttlab/mqttcore/spec"
)

var (
	client = netip.MustParseAddrPort("192.0.2.1:40000")
	server = netip.MustParseAddrPort("192.0.2.2:1883")
	begin  = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
)

// written makes a pcapng of one connection, a second between packets.
func written(t *testing.T, packets ...packet.Packet) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := capture.NewWriter(&file, capture.WriterOptions{ServerPort: 1883})
	if err != nil {
		t.Fatal(err)
	}
	rec := capture.Record{Kind: capture.Open, Conn: 1, Client: client, Server: server, Time: begin}
	put := func() {
		if err := w.Write(&rec); err != nil {
			t.Fatal(err)
		}
	}
	put()
	for i, p := range packets {
		b, err := packet.Append(nil, p, packet.V5)
		if err != nil {
			t.Fatal(err)
		}
		rec.Kind, rec.Bytes, rec.Time = capture.Packet, b, begin.Add(time.Duration(i+1)*time.Second)
		rec.From = packet.Client
		if p.Type().Sender(packet.V5) == packet.Server || p.Type() == packet.PUBACK {
			rec.From = packet.Server
		}
		put()
	}
	rec.Kind, rec.Bytes, rec.Cause = capture.Close, nil, capture.CauseFIN
	put()
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestReading(t *testing.T) {
	alias := packet.Properties{{ID: packet.TopicAlias, Number: 3}}
	file := written(t,
		&packet.Connect{ProtocolName: "MQTT", ProtocolLevel: 5, CleanSession: true, ClientID: "pump-7"},
		&packet.Connack{Properties: packet.Properties{{ID: packet.TopicAliasMaximum, Number: 5}}},
		&packet.Publish{QoS: 1, PacketID: 7, Topic: "sensors/a", Properties: alias},
		&packet.Ack{Kind: packet.PUBACK, PacketID: 7},
		&packet.Publish{QoS: 1, PacketID: 8, Properties: alias},
	)
	r := reading.New(0)
	var all strings.Builder
	records := capture.NewReader(bytes.NewReader(file), capture.Options{})
	for rec := range records.Records() {
		s := r.Take(rec)
		if text := reading.Text(rec, spec.English); text != "" {
			all.WriteString(text + "\n")
		}
		if rec.Kind == capture.Packet {
			p := s.Explain(spec.English)
			all.WriteString(p.Summary + "\n")
			for _, l := range p.Links {
				all.WriteString("  " + l.Text + "\n")
			}
			if v := s.View(p); v.Name != "pump-7" || v.Length == 0 || v.Stream != 0 || v.Time < float64(s.Index) {
				t.Errorf("packet %d: %+v", s.Index, v)
			}
		}
		for _, late := range s.Late {
			all.WriteString(late.Finding.Code + "\n")
			if late.Index != 4 {
				t.Errorf("packet %d is said to have no answer", late.Index)
			}
		}
	}
	if err := records.Err(); err != nil || r.Packets() != 5 {
		t.Fatal(r.Packets(), err)
	}
	for _, want := range []string{
		"connection 1 over TCP", "answers the CONNECT of packet 0", "answers the PUBLISH of packet 2",
		"alias 3 = sensors/a, set in packet 2", "no-answer", "connection 1: closed by the",
	} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("lacks %q:\n%s", want, all.String())
		}
	}
}

// TestForget: what is forgotten is still read, and blamed for nothing.
func TestForget(t *testing.T) {
	file := written(t,
		&packet.Connect{ProtocolName: "MQTT", ProtocolLevel: 5, CleanSession: true, ClientID: "a"}, &packet.Connack{},
		&packet.Publish{QoS: 1, PacketID: 7, Topic: "x"}, &packet.Ack{Kind: packet.PUBACK, PacketID: 7})
	r := reading.New(0)
	for rec := range capture.NewReader(bytes.NewReader(file), capture.Options{}).Records() {
		s := r.Take(rec)
		if rec.Kind == capture.Packet && s.Index == 2 && r.Forget() != 1 {
			t.Error("nothing was forgotten")
		}
		if len(s.Result.Findings)+len(s.Late) > 0 || s.Index == 3 && len(s.Result.Links) > 0 {
			t.Errorf("packet %d: %+v %+v", s.Index, s.Result, s.Late)
		}
		if rec.Kind == capture.Packet && s.Version != packet.V5 {
			t.Errorf("packet %d is read as %s", s.Index, s.Version)
		}
	}
}

// TestText: every note, opening and closing has its words in each language.
func TestText(t *testing.T) {
	for _, l := range spec.Languages() {
		for _, code := range capture.Codes() {
			if !spec.HasMessage("capture.note." + string(code)) {
				t.Errorf("no message for the note %s", code)
			}
		}
		for _, transport := range []capture.Transport{capture.TCP, capture.WebSocket} {
			for cause := capture.CauseFIN; cause <= capture.CauseEnd; cause++ {
				for _, from := range []packet.Party{0, packet.Client, packet.Server} {
					for _, kind := range []capture.Kind{capture.Open, capture.Close} {
						rec := capture.Record{Kind: kind, Transport: transport, Cause: cause, From: from, Conn: 4}
						if text := reading.Text(&rec, l); !strings.Contains(text, "4") || strings.ContainsAny(text, "⟦{") {
							t.Errorf("%s: %s", l, text)
						}
					}
				}
			}
		}
	}
	note := capture.Record{Kind: capture.Note, Code: capture.Lost, Args: []string{"bytes", "12"}}
	if a, b := reading.Text(&note, spec.English), reading.Text(&note, spec.Chinese); a == b || !strings.Contains(a, "12") || !strings.Contains(b, "12") {
		t.Error(a, b)
	}
}

// withoutFrames drops the first n frames of a pcapng.
func withoutFrames(file []byte, n int) []byte {
	var out []byte
	for len(file) > 0 {
		kind, size := binary.LittleEndian.Uint32(file), binary.LittleEndian.Uint32(file[4:])
		if kind == 6 && n > 0 { // an Enhanced Packet Block
			n--
		} else {
			out = append(out, file[:size]...)
		}
		file = file[size:]
	}
	return out
}

// TestFirstPacket: a client that does not begin with CONNECT breaks a rule, if the connection is seen from its SYN on;
// of one that was captured later nobody knows.
func TestFirstPacket(t *testing.T) {
	whole := written(t, &packet.Ping{Kind: packet.PINGREQ}, &packet.Ping{Kind: packet.PINGRESP})
	for name, c := range map[string]struct {
		file []byte
		want annotate.Severity
	}{
		"from its SYN on": {whole, annotate.Error},
		"later":           {withoutFrames(whole, 3), ""},
	} {
		r := reading.New(0)
		var got annotate.Severity
		for rec := range capture.NewReader(bytes.NewReader(c.file), capture.Options{}).Records() {
			s := r.Take(rec)
			if rec.Kind != capture.Packet {
				continue
			}
			for _, f := range s.Explain(spec.English).Findings {
				if f.Rule == "MQTT-3.1.0-1" {
					got = f.Severity
				}
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
