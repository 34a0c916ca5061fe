package annotate_test

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/packet"
)

// BenchmarkOne explains one small PUBLISH, and writes it as JSON.
func BenchmarkOne(b *testing.B) {
	wire, err := packet.Append(nil, &packet.Publish{QoS: 1, PacketID: 300, Topic: "plant/hall-1/temperature", Payload: []byte("21.5")}, packet.V311)
	if err != nil {
		b.Fatal(err)
	}
	o := annotate.Options{Version: packet.V311, Sender: packet.Client}
	b.Run("explain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			annotate.One(wire, o)
		}
	})
	b.Run("json", func(b *testing.B) {
		p := annotate.One(wire, o)
		var line []byte
		b.ReportAllocs()
		for b.Loop() {
			line = p.AppendJSON(line[:0])
		}
	})
}

// traffic writes a capture of n packets: PUBLISH at QoS 1 and PUBACK by turns.
func traffic(b *testing.B, n int) []byte {
	b.Helper()
	var file bytes.Buffer
	w, err := capture.NewWriter(&file, capture.WriterOptions{})
	if err != nil {
		b.Fatal(err)
	}
	clock := time.Unix(1_700_000_000, 0).UTC()
	put := func(kind capture.Kind, from packet.Party, p packet.Packet) {
		clock = clock.Add(time.Millisecond)
		rec := capture.Record{
			Kind: kind, Conn: 1, From: from, Time: clock,
			Client: netip.MustParseAddrPort("192.0.2.2:40000"), Server: netip.MustParseAddrPort("192.0.2.1:1883"),
		}
		if p != nil {
			if rec.Bytes, err = packet.Append(nil, p, packet.V311); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Write(&rec); err != nil {
			b.Fatal(err)
		}
	}
	put(capture.Open, 0, nil)
	connect := packet.NewConnect(packet.V311)
	connect.ClientID, connect.CleanSession, connect.KeepAlive = "sensor17", true, 60
	put(capture.Packet, packet.Client, connect)
	put(capture.Packet, packet.Server, &packet.Connack{})
	for i := 2; i < n; i += 2 {
		id := uint16(i%60000 + 1)
		put(capture.Packet, packet.Client, &packet.Publish{
			QoS: 1, PacketID: id, Topic: fmt.Sprintf("plant/hall-%d/line/%d/temperature", i%3, i%7),
			Payload: fmt.Appendf(nil, `{"celsius": %d.%d, "unit": "C"}`, i%40, i%10),
		})
		put(capture.Packet, packet.Server, &packet.Ack{Kind: packet.PUBACK, PacketID: id})
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	return file.Bytes()
}

// BenchmarkAgainstTsharkJSON reads a capture to JSON, as tshark -T json -x
// does, and reports how many times as fast a packet is, on one processor.
// tshark's start-up is taken out by subtracting its time for two packets.
func BenchmarkAgainstTsharkJSON(b *testing.B) {
	const few, many = 2, 20_000
	tshark := func(n int) time.Duration {
		path := filepath.Join(b.TempDir(), "traffic.pcapng")
		if err := os.WriteFile(path, traffic(b, n), 0o644); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		cmd := exec.Command("tshark", "-n", "-r", path, "-T", "json", "-x")
		cmd.Stdout = io.Discard
		if err := cmd.Run(); err != nil {
			b.Fatalf("tshark is needed: %v", err)
		}
		return time.Since(start)
	}
	theirs := float64(tshark(many)-tshark(few)) / (many - few)
	file := traffic(b, many)
	var line []byte
	for b.Loop() {
		packets := 0
		for rec := range capture.NewReader(bytes.NewReader(file), capture.Options{}).Records() {
			if rec.Kind != capture.Packet {
				continue
			}
			packets++
			p := annotate.One(rec.Bytes, annotate.Options{Version: packet.V311, Sender: rec.From})
			line = p.AppendJSON(line[:0])
		}
		if packets != many {
			b.Fatalf("%d packets were read", packets)
		}
	}
	ours := float64(b.Elapsed()) / float64(b.N) / many
	b.ReportMetric(theirs, "tshark-ns/packet")
	b.ReportMetric(ours, "ns/packet")
	b.ReportMetric(theirs/ours, "×tshark-json")
}
