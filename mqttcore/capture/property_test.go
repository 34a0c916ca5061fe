package capture

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mqttlab/mqttcore/packet"
)

// conversation draws what the two sides say: whole packets, the client's first
// a CONNECT.
func conversation(t *rapid.T) [2][][]byte {
	var said [2][][]byte
	said[0] = append(said[0], connect)
	said[1] = append(said[1], connack)
	for i := range rapid.IntRange(0, 30).Draw(t, "packets") {
		side := rapid.IntRange(0, 1).Draw(t, "side")
		size := rapid.SampledFrom([]int{0, 1, 10, 114, 300, 3000}).Draw(t, "size")
		p := publish(fmt.Sprintf("lab/%d", i), strings.Repeat("x", size))
		if size == 0 {
			p = [][]byte{pingreq, pingresp}[side]
		}
		said[side] = append(said[side], p)
	}
	return said
}

// shuffled draws a capture of the conversation in random segments, with
// segments out of order, sent twice, and, if asked for, lost.
func shuffled(t *rapid.T, said [2][][]byte, lose bool) []byte {
	w := newWire()
	w.seq = [2]uint32{rapid.Uint32().Draw(t, "isn0"), rapid.SampledFrom([]uint32{0, 0xffffff00, 0xfffffffe}).Draw(t, "isn1")}
	w.open()
	head := len(w.frames)
	left := [2][]byte{join(said[0]...), join(said[1]...)}
	for len(left[0])+len(left[1]) > 0 {
		side := rapid.IntRange(0, 1).Draw(t, "who")
		if len(left[side]) == 0 {
			side = 1 - side
		}
		n := min(len(left[side]), rapid.SampledFrom([]int{1, 2, 3, 7, 50, 500, 1460}).Draw(t, "segment"))
		w.data(side, left[side][:n]...)
		left[side] = left[side][n:]
	}
	frames := slices.Clone(w.frames[:head])
	rest := slices.Clone(w.frames[head:])
	for range rapid.IntRange(0, 10).Draw(t, "mishaps") {
		if len(rest) < 2 {
			break
		}
		i := rapid.IntRange(0, len(rest)-1).Draw(t, "where")
		j := min(len(rest)-1, i+rapid.IntRange(1, 6).Draw(t, "distance"))
		switch rapid.IntRange(0, 2).Draw(t, "mishap") {
		case 0:
			rest[i], rest[j] = rest[j], rest[i]
		case 1:
			rest = slices.Insert(rest, j, rest[i])
		case 2:
			if lose {
				rest = slices.Delete(rest, i, i+1)
			}
		}
	}
	w.frames = append(frames, rest...)
	for i := range w.frames {
		w.frames[i].when = began.Add(time.Duration(i) * time.Millisecond)
	}
	w.close()
	return w.pcap()
}

func bySide(records []Record) (said [2][][]byte) {
	for _, rec := range records {
		if rec.Kind == Packet {
			side := int(rec.From - packet.Client)
			said[side] = append(said[side], rec.Bytes)
		}
	}
	return said
}

// TestAnyOrder: whatever the network does to the segments short of losing
// them, the packets are those that were sent.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		said := conversation(t)
		records, r := collect(shuffled(t, said, false), Options{})
		if r.Err() != nil || r.Stats().Held != 0 {
			t.Fatalf("%v, %d held", r.Err(), r.Stats().Held)
		}
		got := bySide(records)
		for side := range said {
			if !slices.EqualFunc(got[side], said[side], bytes.Equal) {
				t.Fatalf("side %d: %d packets, want %d\n%s", side, len(got[side]), len(said[side]), told(records))
			}
		}
		if last := records[len(records)-1]; last.Kind != Close || last.Cause != CauseFIN {
			t.Fatalf("ends with %s %s", last.Kind, last.Cause)
		}
	})
}

// TestLoss: every packet given was sent, in that order, and the loss is said.
func TestLoss(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		said := conversation(t)
		records, r := collect(shuffled(t, said, true), Options{})
		if r.Err() != nil || r.Stats().Held != 0 {
			t.Fatalf("%v, %d held", r.Err(), r.Stats().Held)
		}
		got := bySide(records)
		whole := true
		for side := range said {
			rest := said[side]
			for _, p := range got[side] {
				i := slices.IndexFunc(rest, func(q []byte) bool { return bytes.Equal(p, q) })
				if i < 0 {
					t.Fatalf("side %d: % x was never sent, or not after the one before\n%s", side, p[:min(20, len(p))], told(records))
				}
				rest = rest[i+1:]
			}
			whole = whole && len(got[side]) == len(said[side])
		}
		if !whole && len(notesOf(records)) == 0 && len(records) > 0 {
			t.Fatalf("packets are missing and nothing is said\n%s", told(records))
		}
	})
}

// TestWriteReadWrite: what a Writer wrote reads as the same records.
func TestWriteReadWrite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var records []Record
		when := began
		v6 := rapid.Bool().Draw(t, "v6")
		server := serverAddr
		for conn := 1; conn <= rapid.IntRange(1, 3).Draw(t, "conns"); conn++ {
			client := netip.AddrPortFrom(clientAddr.Addr(), uint16(40000+conn))
			if v6 {
				client = netip.AddrPortFrom(netip.MustParseAddr("2001:db8::1"), client.Port())
				server = netip.MustParseAddrPort("[2001:db8::2]:9999")
			}
			add := func(rec Record) {
				when = when.Add(time.Duration(rapid.IntRange(0, 1e9).Draw(t, "ns")))
				rec.Time, rec.Conn, rec.Client, rec.Server = when, conn, client, server
				records = append(records, rec)
			}
			add(Record{Kind: Open})
			said := conversation(t)
			add(Record{Kind: Packet, From: packet.Client, Bytes: said[0][0]})
			for side, packets := range said {
				for _, p := range packets[1-side:] {
					add(Record{Kind: Packet, From: packet.Client + packet.Party(side), Bytes: p})
				}
			}
			add(Record{Kind: Close, From: packet.Party(rapid.IntRange(1, 2).Draw(t, "by")), Cause: Cause(rapid.IntRange(1, 2).Draw(t, "cause"))})
		}
		var b bytes.Buffer
		w, err := NewWriter(&b, WriterOptions{MSS: rapid.SampledFrom([]int{1, 100, 1460}).Draw(t, "mss")})
		if err != nil {
			t.Fatal(err)
		}
		for i := range records {
			if err := w.Write(&records[i]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		got, r := collect(b.Bytes(), Options{})
		if r.Err() != nil {
			t.Fatal(r.Err())
		}
		if len(got) != len(records) {
			t.Fatalf("%d records, want %d\n%s", len(got), len(records), told(got))
		}
		for i := range got {
			g, w := got[i], records[i]
			if g.Kind != w.Kind || g.Conn != w.Conn || g.From != w.From || !bytes.Equal(g.Bytes, w.Bytes) || g.Cause != w.Cause || !g.Time.Equal(w.Time) || g.Client != w.Client || g.Server != w.Server {
				t.Fatalf("record %d:\n got %+v\nwant %+v", i, g, w)
			}
		}
	})
}
