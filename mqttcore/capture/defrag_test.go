package capture

import (
	"encoding/binary"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mqttlab/mqttcore/packet"
)

// fragments cuts an IP packet into fragments of size bytes of data, a multiple of eight.
func fragments(ip []byte, id uint32, size int) [][]byte {
	v4 := ip[0]>>4 == 4
	head := 20
	if !v4 {
		head = 40
	}
	var out [][]byte
	for at := 0; at < len(ip)-head; at += size {
		data := ip[head+at : min(head+at+size, len(ip))]
		more := uint16(0)
		if head+at+size < len(ip) {
			more = 1
		}
		b := slices.Clone(ip[:head])
		if v4 {
			binary.BigEndian.PutUint16(b[2:], uint16(head+len(data)))
			binary.BigEndian.PutUint16(b[4:], uint16(id))
			binary.BigEndian.PutUint16(b[6:], more<<13|uint16(at/8))
			binary.BigEndian.PutUint16(b[10:], 0)
			binary.BigEndian.PutUint16(b[10:], fold(sum(0, b)))
		} else {
			binary.BigEndian.PutUint16(b[4:], uint16(8+len(data)))
			b = append(b, b[6], 0)
			b[6] = protoFragment
			b = binary.BigEndian.AppendUint16(b, uint16(at)|more)
			b = binary.BigEndian.AppendUint32(b, id)
		}
		out = append(out, append(b, data...))
	}
	return out
}

// fragmented cuts each frame of a capture into fragments of size bytes and lets change say in which order they come,
// which are missing and which come twice.
func (w *wire) fragmented(size int, change func([][]byte) [][]byte) *wire {
	var frames []wireFrame
	for i, f := range w.frames {
		parts := [][]byte{f.ip}
		if len(f.ip) > 64 {
			parts = fragments(f.ip, uint32(w.addr[0].Port())+uint32(i), size)
		}
		for k, p := range change(parts) {
			frames = append(frames, wireFrame{f.when.Add(time.Duration(k) * time.Microsecond), p})
		}
	}
	w.frames = frames
	return w
}

func inOrder(parts [][]byte) [][]byte { return parts }

// longTalk is a connection on MQTT's port with packets long enough to be cut.
func longTalk(v6 bool, port uint16) *wire {
	w := newWire()
	w.addr[0], w.addr[1] = mustPort(w.addr[0], port), mustPort(w.addr[1], 1883)
	if v6 {
		for side, addr := range []string{"2001:db8::1", "2001:db8::2"} {
			w.addr[side] = netip.AddrPortFrom(netip.MustParseAddr(addr), w.addr[side].Port())
		}
	}
	return w.open().data(0, connect...).data(1, connack...).
		data(0, publish("lab/long", strings.Repeat("x", 1200))...).data(1, publish("lab/back", strings.Repeat("y", 90))...).
		data(0, join(pingreq, publish("lab/a", strings.Repeat("z", 700)), pingreq)...).data(1, pingresp...).data(0, goodbye...).close()
}

// TestFragments: captures such as fragroute makes, compared with tshark.
func TestFragments(t *testing.T) {
	backwards := func(parts [][]byte) [][]byte {
		slices.Reverse(parts)
		return parts
	}
	var all []wireFrame
	for i, c := range []struct {
		name   string
		size   int
		change func([][]byte) [][]byte
		codes  []Code
	}{
		{"in order", 512, inOrder, []Code{Fragment}},
		{"within the TCP header", 8, inOrder, []Code{Fragment}},
		{"backwards", 64, backwards, []Code{Fragment}},
		{"all twice", 256, func(parts [][]byte) [][]byte {
			if len(parts) == 1 {
				return parts
			}
			return slices.Concat(parts, parts)
		}, []Code{Fragment}},
		{"the first last, and again", 128, func(parts [][]byte) [][]byte {
			if len(parts) == 1 {
				return parts
			}
			return append(slices.Clone(parts[1:]), parts[0], parts[0])
		}, []Code{Fragment}},
		{"one lost", 512, func(parts [][]byte) [][]byte {
			if len(parts) < 3 {
				return parts
			}
			return append(slices.Clone(parts[:1]), parts[2:]...)
		}, []Code{Fragment, FragmentLost, Lost, PickedUp}},
	} {
		for _, v6 := range []bool{false, true} {
			name := c.name
			if v6 {
				name += ", IPv6"
			}
			t.Run(name, func(t *testing.T) {
				w := longTalk(v6, uint16(40000+100*i)).fragmented(c.size, c.change)
				all = append(all, w.frames...)
				records := readAll(t, w.pcap(), Options{})
				var codes []Code
				for _, rec := range records {
					if rec.Kind == Note && !slices.Contains(codes, rec.Code) {
						codes = append(codes, rec.Code)
					}
				}
				slices.Sort(codes)
				slices.Sort(c.codes)
				if !slices.Equal(codes, c.codes) {
					t.Errorf("notes %v, want %v", codes, c.codes)
				}
			})
		}
	}
	data := (&wire{frames: all}).pcap()
	file := filepath.Join(t.TempDir(), "fragments.pcap")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := described(readAll(t, data, Options{})), dissected(t, file); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant, as tshark says\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestFragmentsInTunnels: a datagram is put together before it is looked into.
func TestFragmentsInTunnels(t *testing.T) {
	for name, head := range map[string]string{
		"ip in ip": "\x04",
		"gre":      "\x2f\x00\x00\x08\x00",
		"vxlan":    "\x11\x30\x00\x12\xb5\x00\x00\x00\x00\x08\x00\x00\x00\x00\x00\x07\x00" + strings.Repeat("\x02", 12) + "\x08\x00",
	} {
		w := longTalk(false, 40000)
		for i, f := range w.frames {
			outer := []byte("\x45\x00\x00\x00\x00\x00\x00\x00\x40" + head[:1] + "\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02" + head[1:])
			outer = append(outer, f.ip...)
			binary.BigEndian.PutUint16(outer[2:], uint16(len(outer)))
			w.frames[i].ip = outer
		}
		records := readAll(t, w.fragmented(256, inOrder).pcap(), Options{})
		if n := count(records, Packet); n != 9 {
			t.Errorf("%s: %d packets, want 9: %q", name, n, notesOf(records))
		}
	}
}

// TestFragmentsOverlap: what came first counts, and it is said that there is something else.
func TestFragmentsOverlap(t *testing.T) {
	w := longTalk(false, 40000).fragmented(64, func(parts [][]byte) [][]byte {
		if len(parts) < 4 {
			return parts
		}
		forged := slices.Clone(parts[2])
		forged[len(forged)-1] ^= 1
		return append(append(slices.Clone(parts[:3]), forged), parts[3:]...)
	})
	records := readAll(t, w.pcap(), Options{})
	var payload string
	for _, rec := range records {
		if rec.Kind == Packet && rec.Bytes[0] == 0x30 && payload == "" {
			p, err := new(packet.Decoder).Decode(rec.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			payload = string(p.(*packet.Publish).Payload)
		}
	}
	if payload != strings.Repeat("x", 1200) {
		t.Errorf("payload %q", payload)
	}
	if !slices.ContainsFunc(records, func(r Record) bool { return r.Code == FragmentDiffers }) {
		t.Errorf("notes %q", notesOf(records))
	}
}

// TestFragmentsAreBounded: fragments that never become whole take a bounded amount of memory, and whole ones beside
// them are read.
func TestFragmentsAreBounded(t *testing.T) {
	w := longTalk(false, 40000)
	long := w.frames[5].ip
	for i := range 3000 {
		part := fragments(append(slices.Clone(long), make([]byte, 8000)...), uint32(1000+i), 8000)[i%2]
		w.frames = append(w.frames, wireFrame{began, part})
	}
	w.frames = append(w.frames, longTalk(false, 40000).fragmented(64, inOrder).frames...)
	r := NewReader(strings.NewReader(string(w.pcap())), Options{})
	most, packets := 0, 0
	for rec := range r.Records() {
		most = max(most, r.Stats().Held)
		if rec.Kind == Packet {
			packets++
		}
	}
	if err := r.Err(); err != nil || most > maxFragmentBytes+r.o.MaxHeld || packets != 18 || r.Stats().Held != 0 || r.Stats().FragmentsLost != 3000 {
		t.Errorf("%v, %d bytes held at most, %d packets, %+v", err, most, packets, r.Stats())
	}
}

// TestFragmentsOfLongAgo: an identification that is used again begins a new datagram.
func TestFragmentsOfLongAgo(t *testing.T) {
	w := longTalk(false, 40000)
	other := slices.Clone(w.frames[5].ip)
	for i := range other[40:] {
		other[40+i] = 'o'
	}
	old := wireFrame{began.Add(-5 * time.Minute), fragments(other, 40005, 64)[3]}
	w.fragmented(64, inOrder)
	w.frames = append([]wireFrame{old}, w.frames...)
	records := readAll(t, w.pcap(), Options{})
	if n := count(records, Packet); n != 9 {
		t.Errorf("%d packets, want 9: %q", n, notesOf(records))
	}
}
