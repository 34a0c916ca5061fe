package capture

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// told returns records as short lines.
func told(records []Record) string {
	var b strings.Builder
	for _, rec := range records {
		fmt.Fprintf(&b, "%d #%d %s", rec.Frame, rec.Conn, rec.Kind)
		if rec.From != 0 {
			fmt.Fprintf(&b, " %s", rec.From)
		}
		switch rec.Kind {
		case Packet:
			fmt.Fprintf(&b, " %s", hex.EncodeToString(rec.Bytes[:min(8, len(rec.Bytes))]))
		case Part:
			fmt.Fprintf(&b, " %d/%d", len(rec.Bytes), rec.Size)
		case Close:
			fmt.Fprintf(&b, " %s", rec.Cause)
		case Note:
			fmt.Fprintf(&b, " %s %s", rec.Code, strings.Join(rec.Args, " "))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestScenarios(t *testing.T) {
	long := publish("lab/a", strings.Repeat("x", 400))
	session := func() *wire { return newWire().open().data(0, connect...).data(1, connack...) }
	cases := []struct {
		name string
		wire *wire
		want string
	}{
		{"whole session on any port", session().data(0, pingreq...).data(1, pingresp...).data(0, goodbye...).close(), `
1 #1 open
4 #1 packet client 100e00044d515454
5 #1 packet server 20020000
6 #1 packet client c000
7 #1 packet server d000
8 #1 packet client e000
10 #1 close client fin
`},
		{"packets split and joined", session().data(0, join(pingreq, long[:1])...).data(0, long[1:3]...).data(0, long[3:]...), `
1 #1 open
4 #1 packet client 100e00044d515454
5 #1 packet server 20020000
6 #1 packet client c000
8 #1 packet client 30970300056c6162
8 #1 close end
`},
		{"reset", session().send(1, flagRST|flagACK, nil), `
1 #1 open
4 #1 packet client 100e00044d515454
5 #1 packet server 20020000
6 #1 close server rst
`},
		{"mid-stream at a boundary", newWire().data(0, pingreq...).data(1, pingresp...).data(0, long...), `
1 #1 open
1 #1 note client picked-up bytes 0
1 #1 packet client c000
2 #1 note server picked-up bytes 0
2 #1 packet server d000
3 #1 packet client 30970300056c6162
3 #1 close end
`},
		{"mid-stream within a packet", newWire().data(0, long[300:]...).data(0, pingreq...).data(0, long...).data(0, long...), `
1 #1 open
2 #1 note client picked-up bytes 110
2 #1 packet client c000
3 #1 packet client 30970300056c6162
4 #1 packet client 30970300056c6162
4 #1 close end
`},
		{"loss within a packet: the next boundary is known", session().data(0, long[:100]...).data(0, long[100:200]...).drop(1).data(0, long[200:]...).data(0, pingreq...), `
1 #1 open
4 #1 packet client 100e00044d515454
5 #1 packet server 20020000
7 #1 note client lost bytes 100
7 #1 note client packet-incomplete size 410 have 100
7 #1 part client 100/410
8 #1 packet client c000
8 #1 close end
`},
		{"loss over a boundary", session().data(0, long[:100]...).data(0, join(long[100:], long[:50])...).drop(1).data(0, long[50:]...).data(0, pingreq...).data(0, pingreq...), `
1 #1 open
4 #1 packet client 100e00044d515454
5 #1 packet server 20020000
7 #1 note client lost bytes 360
7 #1 note client packet-incomplete size 410 have 100
7 #1 part client 100/410
8 #1 note client picked-up bytes 360
8 #1 packet client c000
9 #1 packet client c000
9 #1 close end
`},
		{"retransmission, whole and differing", session().data(0, long...).at(0, 1017, flagACK, long).at(0, 1017, flagACK, slices.Concat(long[:399], []byte("evil bytes?"))), `
1 #1 open
4 #1 packet client 100e00044d515454
5 #1 packet server 20020000
6 #1 packet client 30970300056c6162
7 #1 note client retransmission bytes 410
8 #1 note client resent-differs bytes 410
8 #1 close end
`},
		{"out of order", session().at(0, 1019, flagACK, long).at(0, 1017, flagACK, pingreq), `
1 #1 open
4 #1 packet client 100e00044d515454
5 #1 packet server 20020000
7 #1 packet client c000
7 #1 note client out-of-order bytes 410 frame 6
7 #1 packet client 30970300056c6162
7 #1 close end
`},
		{"keep-alive probes", session().at(0, 1016, flagACK, nil).at(0, 1016, flagACK, []byte{0}).data(0, pingreq...), `
1 #1 open
4 #1 packet client 100e00044d515454
5 #1 packet server 20020000
6 #1 note client tcp-keep-alive 
7 #1 note client tcp-keep-alive 
8 #1 packet client c000
8 #1 close end
`},
		{"a length of five bytes", session().data(0, 0x30, 0xff, 0xff, 0xff, 0xff, 0x01, 7).data(0, pingreq...), `
1 #1 open
4 #1 packet client 100e00044d515454
5 #1 packet server 20020000
6 #1 note client length-unreadable 
6 #1 part client 7/0
7 #1 note client picked-up bytes 0
7 #1 packet client c000
7 #1 close end
`},
		{"ends within a packet", session().data(0, long[:9]...).close(), `
1 #1 open
4 #1 packet client 100e00044d515454
5 #1 packet server 20020000
8 #1 note client packet-incomplete size 410 have 9
8 #1 part client 9/410
8 #1 close client fin
`},
		{"not MQTT", newWire().open().data(0, []byte("SSH-2.0-x\r\n")...).data(1, []byte("SSH-2.0-y\r\n")...).close(), ""},
		{"ports used again", func() *wire {
			w := session()
			w.seq = [2]uint32{500000, 800000}
			return w.open().data(0, connect...).data(1, connack...)
		}(), `
1 #1 open
4 #1 packet client 100e00044d515454
5 #1 packet server 20020000
6 #1 close replaced
6 #2 open
9 #2 packet client 100e00044d515454
10 #2 packet server 20020000
10 #2 close end
`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := told(readAll(t, c.wire.pcap(), Options{}))
			if want := strings.TrimPrefix(c.want, "\n"); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

func TestOnPort1883AllIsMQTT(t *testing.T) {
	w := newWire()
	w.addr[1] = serverAddr
	data := w.open().data(0, 0xc0, 0x00).data(1, []byte("nonsense")...).close().pcap()
	records := readAll(t, data, Options{Ports: []uint16{7777}})
	if got, want := count(records, Packet), 1; got != want {
		t.Errorf("%d packets, want %d\n%s", got, want, told(records))
	}
	if count(readAll(t, data, Options{}), Packet) != 0 {
		t.Error("nonsense is taken for MQTT on any port")
	}
}

func TestSequenceNumbersWrap(t *testing.T) {
	w := newWire()
	w.seq = [2]uint32{0xfffffff0, 0xffffffff}
	records := readAll(t, w.open().data(0, connect...).data(1, connack...).data(0, pingreq...).close().pcap(), Options{})
	if count(records, Packet) != 3 || count(records, Note) != 0 {
		t.Error(told(records))
	}
}

func TestSnaplen(t *testing.T) {
	w := newWire().open().data(0, connect...).data(0, publish("lab/a", strings.Repeat("x", 400))...).data(0, pingreq...)
	for i := range w.frames {
		w.frames[i].ip = w.frames[i].ip[:min(len(w.frames[i].ip), 96)]
	}
	records := readAll(t, w.pcap(), Options{})
	want := `1 #1 open
4 #1 packet client 100e00044d515454
5 #1 note client cut-by-snaplen bytes 354
5 #1 note client packet-incomplete size 410 have 56
5 #1 part client 56/410
6 #1 packet client c000
6 #1 close end
`
	if got := told(records); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestBeginsWithinABigPacket: on MQTT's port the search goes on however long
// the packet is that was cut.
func TestBeginsWithinABigPacket(t *testing.T) {
	w := newWire()
	w.addr[1] = mustPort(w.addr[1], 1883)
	for range 150 {
		w.data(1, []byte(strings.Repeat("x", 1000))...)
	}
	w.data(1, publish("lab/a", "b")...).data(1, pingresp...)
	records := readAll(t, w.pcap(), Options{})
	if count(records, Packet) != 2 || !slices.Contains(notesOf(records), "picked up at the first packet that reads well, after 150000 bytes") {
		t.Error(told(records))
	}
	if records[0].Client != clientAddr {
		t.Errorf("the client is %s", records[0].Client)
	}
}
