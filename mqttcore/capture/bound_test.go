package capture

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mqttlab/mqttcore/packet"
)

// many is a capture of n clients that each connect and begin a packet.
func many(n int, begun []byte) *wire {
	w := newWire()
	for i := range n {
		w.addr[0] = netip.AddrPortFrom(clientAddr.Addr(), uint16(40000+i))
		w.seq = [2]uint32{1000, 9000}
		w.open().data(0, connect...).data(0, begun...)
	}
	return w
}

func TestTooManyConnections(t *testing.T) {
	records := readAll(t, many(10, pingreq).pcap(), Options{MaxConns: 4})
	evicted := 0
	for _, rec := range records {
		if rec.Kind == Close && rec.Cause == CauseEvicted {
			evicted++
		}
	}
	if evicted != 6 || count(records, Note) != 6 || count(records, Packet) != 20 {
		t.Error(told(records))
	}
}

func TestTooManyBytesHeld(t *testing.T) {
	o := Options{MaxPacket: 8 << 10, MaxPending: 8 << 10}.withDefaults()
	o.MaxHeld = 1 // as low as goes
	limit := o.withDefaults().MaxHeld
	records, r := collect(many(200, publish("lab/a", strings.Repeat("x", 8000))[:7000]).pcap(), o)
	if r.Err() != nil || r.Stats().MostHeld > limit+20_000 {
		t.Errorf("%v, %d held at most, limit %d", r.Err(), r.Stats().MostHeld, limit)
	}
	parts, evicted := 0, 0
	for _, rec := range records {
		if rec.Kind == Part {
			parts++
		}
		if rec.Kind == Close && rec.Cause == CauseEvicted {
			evicted++
		}
	}
	if parts != 200 || evicted == 0 {
		t.Errorf("%d parts of 200, %d evicted", parts, evicted)
	}
}

func TestPacketTooLong(t *testing.T) {
	w := newWire().open().data(0, connect...)
	for b := publish("lab/a", strings.Repeat("x", 5000)); len(b) > 0; b = b[min(len(b), 700):] {
		w.data(0, b[:min(len(b), 700)]...)
	}
	got := told(readAll(t, w.data(0, pingreq...).pcap(), Options{MaxPacket: 1000}))
	want := `1 #1 open
4 #1 packet client 100e00044d515454
6 #1 note client packet-too-long size 5010 kept 1000
6 #1 part client 1000/5010
13 #1 packet client c000
13 #1 close end
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestGapIsGivenUp: a gap that is never filled does not hold the stream for ever.
func TestGapIsGivenUp(t *testing.T) {
	w := newWire().open().data(0, connect...).data(0, publish("lab/a", "lost")...).drop(1)
	for range 100 {
		w.data(0, publish("lab/a", strings.Repeat("x", 1000))...)
	}
	r := NewReader(bytes.NewReader(w.pcap()), Options{MaxPending: 20_000})
	r.o.MaxHeld = 1 << 30
	packets := 0
	for rec := range r.Records() {
		if rec.Kind == Packet {
			packets++
		}
	}
	if packets != 101 || r.Stats().MostHeld > 60_000 {
		t.Errorf("%d packets, %d held at most", packets, r.Stats().MostHeld)
	}
}

func TestNotesEnd(t *testing.T) {
	w := newWire().open().data(0, connect...)
	for range 50 {
		w.at(0, 1001, flagACK, connect)
	}
	records := readAll(t, w.pcap(), Options{MaxNotes: 10})
	notes := notesOf(records)
	if len(notes) != 11 || !strings.Contains(notes[10], "more than 10 notes") {
		t.Errorf("%q", notes)
	}
}

func FuzzRead(f *testing.F) {
	for _, w := range []*wire{simple(), many(3, pingreq), newWire().data(0, pingreq...).data(1, pingresp...)} {
		f.Add(w.pcap())
	}
	f.Add(zipped(f, simple().pcap()))
	f.Add(join(connect, pingreq, publish("a", "b")))
	for _, name := range []string{"mosquitto-mqttv5.pcapng", "websocket.pcapng"} {
		data, err := os.ReadFile(filepath.Join(captures(f), name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { lawful(t, data) })
}

// FuzzSegments lets the fuzzer play the network between two sides: each
// segment is a side and its flags, a distance from where the side stood, a
// length, and so many bytes.
func FuzzSegments(f *testing.F) {
	play := func(parts ...[]byte) (script []byte) {
		for i, p := range parts {
			script = append(script, byte(i&1)|flagACK<<1, 0, byte(len(p)))
			script = append(script, p...)
		}
		return script
	}
	f.Add(play(connect, connack, pingreq, pingresp), true)
	f.Add(play(pingreq, pingresp, publish("lab/a", "b"), publish("lab/a", "c")), false)
	f.Add(play([]byte("GET / HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n"),
		[]byte("HTTP/1.1 101 x\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"), join([]byte("\x82\x90\x00\x00\x00\x00"), connect), join([]byte("\x82\x04"), connack)), true)
	f.Fuzz(func(t *testing.T, script []byte, handshake bool) {
		w := newWire()
		if handshake {
			w.open()
		}
		for len(script) >= 3 && len(w.frames) < 300 {
			side, flags, off, n := int(script[0]&1), script[0]>>1&0x17, int8(script[1]), int(script[2])
			script = script[3:]
			n = min(n, len(script))
			if off == 0 {
				w.send(side, flags, script[:n])
			} else {
				w.at(side, w.seq[side]+uint32(int32(off)*int32(off)*int32(off)/16), flags, script[:n])
			}
			script = script[n:]
		}
		lawful(t, w.pcap())
	})
}

// lawful reads data and checks what must hold for any file.
func lawful(t *testing.T, data []byte) {
	o := Options{MaxPacket: 4096, MaxPending: 4096, MaxConns: 16, MaxNotes: 20, MaxUnzipped: 1 << 20}
	r := NewReader(bytes.NewReader(data), o)
	open := map[int]bool{}
	for rec := range r.Records() {
		switch rec.Kind {
		case Open:
			open[rec.Conn] = true
		case Close:
			if !open[rec.Conn] {
				t.Fatalf("connection %d closes without an Open", rec.Conn)
			}
			delete(open, rec.Conn)
		case Packet:
			if size, err := packet.Size(rec.Bytes); err != nil || size != len(rec.Bytes) || size != rec.Size {
				t.Fatalf("a packet of %d bytes says %d, %v", len(rec.Bytes), size, err)
			}
		case Part:
			if len(rec.Bytes) == 0 || (rec.Size > 0 && len(rec.Bytes) >= rec.Size) {
				t.Fatalf("a part of %d bytes of %d", len(rec.Bytes), rec.Size)
			}
		case Note:
			if text := said(rec); text == "" || strings.ContainsAny(text, "{}") {
				t.Fatalf("note %s %q says %q", rec.Code, rec.Args, text)
			}
		}
		if rec.Kind != Note && !open[rec.Conn] && rec.Kind != Close {
			t.Fatalf("%s on connection %d, which is not open", rec.Kind, rec.Conn)
		}
		if rec.Frame > r.Stats().Frames {
			t.Fatalf("frame %d of %d", rec.Frame, r.Stats().Frames)
		}
	}
	if len(open) > 0 {
		t.Fatalf("never closed: %v", open)
	}
	s := r.Stats()
	if s.Held != 0 || s.MostHeld > r.o.MaxHeld+128<<10 {
		t.Fatalf("held %d at the end, %d at most", s.Held, s.MostHeld)
	}
}
