package main

import (
	"bytes"
	"context"
	"io"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/packet"
)

// heldBytes is the most that decode may take from the system.
const heldBytes = 64 << 20

// loads are the captures that are decoded.
var loads = map[string]struct {
	size int // in bytes
	add  func(*largeWriter)
}{
	"publish":     {300 << 20, (*largeWriter).publish},
	"connections": {80 << 20, (*largeWriter).connections},
	"unanswered":  {80 << 20, (*largeWriter).unanswered},
}

// TestLargeCapture decodes a capture that is made as it is read, and looks
// at the memory that the process has taken from the system meanwhile.
func TestLargeCapture(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 300 MB")
	}
	for name := range loads {
		t.Run(name, func(t *testing.T) {
			if most := decodeLarge(t, name); most > heldBytes {
				t.Errorf("%d MB taken", most>>20)
			}
		})
	}
}

// BenchmarkLargeCapture reports the most memory that any of the captures takes.
func BenchmarkLargeCapture(b *testing.B) {
	most := uint64(0)
	for b.Loop() {
		for name := range loads {
			most = max(most, decodeLarge(b, name))
		}
	}
	b.ReportMetric(float64(most)/(1<<20), "MiB")
}

// decodeLarge decodes one of the loads, and returns the most memory that the
// process has had meanwhile.
func decodeLarge(tb testing.TB, name string) uint64 {
	load := loads[name]
	r, w := io.Pipe()
	go func() { w.CloseWithError(large(w, load.size, load.add)) }()
	lines := &watch{}
	runtime.GC()
	var said bytes.Buffer
	began := time.Now()
	status := run(context.Background(), []string{"decode"}, streams{in: r, out: lines, err: &said})
	lines.look()
	tb.Logf("%d MB in %v, %d lines, %d MB taken at most", load.size>>20, time.Since(began).Round(time.Millisecond), lines.lines, lines.most>>20)
	if status == exitUnusable || said.Len() > 0 || !strings.HasPrefix(lines.last, "pcapng: ") {
		tb.Errorf("status %d, %q, ends with %q", status, &said, lines.last)
	}
	return lines.most
}

// large writes a capture of so many bytes of MQTT.
func large(out io.Writer, size int, load func(*largeWriter)) error {
	w, err := capture.NewWriter(out, capture.WriterOptions{})
	if err != nil {
		return err
	}
	l := &largeWriter{w: w, when: testBegan}
	for l.err == nil && l.bytes < size {
		load(l)
	}
	if l.err != nil {
		return l.err
	}
	return w.Flush()
}

type largeWriter struct {
	w     *capture.Writer
	when  time.Time
	n     int
	conns int
	bytes int
	err   error
	buf   []byte
}

func (l *largeWriter) write(kind capture.Kind, conn int, from packet.Party, b []byte) {
	rec := capture.Record{
		Kind: kind, Conn: conn, From: from, Time: l.when, Bytes: b, Cause: capture.CauseFIN, Server: testServer,
		Client: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(conn >> 16), byte(conn >> 8), byte(conn)}), 40000),
	}
	if err := l.w.Write(&rec); err != nil {
		l.err = err
	}
	l.bytes += len(b) + 60
}

func (l *largeWriter) send(conn int, from packet.Party, p packet.Packet) {
	l.when = l.when.Add(time.Millisecond)
	if l.buf, l.err = packet.Append(l.buf[:0], p, packet.V311); l.err == nil {
		l.write(capture.Packet, conn, from, l.buf)
	}
}

func (l *largeWriter) open() int {
	l.conns++
	l.write(capture.Open, l.conns, 0, nil)
	l.send(l.conns, packet.Client, &packet.Connect{ProtocolName: "MQTT", ProtocolLevel: 4, CleanSession: true, ClientID: "a"})
	l.send(l.conns, packet.Server, &packet.Connack{})
	return l.conns
}

// publish is a few connections with large messages of QoS 1.
func (l *largeWriter) publish() {
	if l.conns < 10 {
		l.open()
	}
	l.n++
	conn, id := 1+l.n%l.conns, uint16(1+l.n%60000)
	l.send(conn, packet.Client, &packet.Publish{QoS: 1, PacketID: id, Topic: "house/kitchen/temperature", Payload: make([]byte, 4000)})
	l.send(conn, packet.Server, &packet.Ack{Kind: packet.PUBACK, PacketID: id})
}

// connections is more connections than can be remembered, each with a
// subscription to a long filter.
func (l *largeWriter) connections() {
	l.send(l.open(), packet.Client, &packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: strings.Repeat("long/", 1000)}}})
}

// unanswered is messages whose answers never come.
func (l *largeWriter) unanswered() {
	if l.n++; l.n%20_000 == 1 {
		l.open()
	}
	l.send(l.conns, packet.Client, &packet.Publish{QoS: 1, PacketID: uint16(1 + l.n%20_000), Topic: "house/kitchen/temperature", Payload: make([]byte, 1000)})
}

// watch counts lines and looks at the process's memory from time to time.
type watch struct {
	lines int
	last  string
	most  uint64
	since int
}

func (w *watch) Write(p []byte) (int, error) {
	w.lines += bytes.Count(p, []byte("\n"))
	if end := bytes.TrimRight(p, "\n"); len(end) > 0 {
		w.last = string(end[bytes.LastIndexByte(end, '\n')+1:])
	}
	if w.since += len(p); w.since > 1<<20 {
		w.since = 0
		w.look()
	}
	return len(p), nil
}

func (w *watch) look() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	w.most = max(w.most, m.Sys-m.HeapReleased)
}
