package capture

import (
	"bytes"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"mqttlab/mqttcore/packet"
)

// bench is what a live bench captured: two clients at once, one of them in a
// page without an address, IPv6, a packet of many segments, all ways to end.
func bench() []Record {
	big := publish("lab/a", strings.Repeat("x", 300_000))
	a := Record{Conn: 1, Client: netip.MustParseAddrPort("127.0.0.1:50001"), Server: netip.MustParseAddrPort("127.0.0.1:21883")}
	b := Record{Conn: 2, Server: a.Server}
	c := Record{Conn: 3, Client: netip.MustParseAddrPort("[::1]:50003"), Server: netip.MustParseAddrPort("[::1]:21883")}
	d := Record{Conn: 4, Client: netip.MustParseAddrPort("127.0.0.1:50004"), Server: a.Server}
	var all []Record
	add := func(rec Record, k Kind, from packet.Party, bytes []byte, cause Cause) {
		rec.Kind, rec.From, rec.Bytes, rec.Cause = k, from, bytes, cause
		rec.Time = began.Add(time.Duration(len(all)) * 7 * time.Millisecond)
		all = append(all, rec)
	}
	for _, rec := range []Record{a, b, c} {
		add(rec, Open, 0, nil, 0)
		add(rec, Packet, packet.Client, connect, 0)
		add(rec, Packet, packet.Server, connack, 0)
	}
	add(a, Packet, packet.Client, big, 0)
	add(b, Packet, packet.Server, big, 0)
	add(d, Packet, packet.Server, publish("lab/b", "its Open was forgotten"), 0)
	add(c, Packet, packet.Server, big, 0)
	add(c, Packet, packet.Client, pingreq, 0)
	add(a, Note, packet.Client, nil, 0)
	add(a, Packet, packet.Client, goodbye, 0)
	add(a, Close, packet.Client, nil, CauseFIN)
	add(b, Close, packet.Server, nil, CauseRST)
	add(d, Packet, packet.Client, pingreq, 0)
	add(d, Packet, packet.Server, pingresp, 0)
	add(c, Part, packet.Client, big[:100], 0)
	add(c, Close, packet.Client, nil, CauseRST)
	add(d, Close, 0, nil, CauseEnd)
	return all
}

func TestWrittenBenchPleasesTshark(t *testing.T) {
	for name, o := range map[string]WriterOptions{
		"own port":   {},
		"port 1883":  {ServerPort: 1883},
		"small":      {ServerPort: 1883, MSS: 100},
		"big frames": {ServerPort: 1883, MSS: 65000, Comment: "a comment"},
	} {
		t.Run(name, func(t *testing.T) {
			records := bench()
			file := rewrite(t, records, o)
			var as []string
			if o.ServerPort == 0 {
				as = []string{"tcp.port==21883,mqtt", "tcp.port==1883,mqtt"}
			}
			args := []string{"-r", file, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE",
				"-Y", "tcp.analysis.flags || tcp.checksum.status == 0 || ip.checksum.status == 0 || _ws.malformed"}
			if checked := tshark(t, args...); checked != "" {
				t.Errorf("tshark complains:\n%s", checked)
			}
			back, r := collect(rewritten(t, records, o), Options{})
			if r.Err() != nil {
				t.Fatal(r.Err())
			}
			if got, want := described(back), dissected(t, file, as...); !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if got, want := count(back, Packet), count(records, Packet); got != want {
				t.Errorf("%d packets, want %d", got, want)
			}
		})
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriterSaysWhatFails(t *testing.T) {
	w, err := NewWriter(fullDisk{}, WriterOptions{})
	for i := 0; err == nil && i < 1000; i++ {
		err = w.Write(&Record{Kind: Open, Conn: i})
	}
	if err == nil {
		t.Error("no error")
	}
	w, _ = NewWriter(&bytes.Buffer{}, WriterOptions{})
	if err := w.Write(&Record{}); err == nil {
		t.Error("a Record of no kind is written")
	}
}
