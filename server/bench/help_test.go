package bench_test

import (
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
	"mqttlab/server/ladder"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Packets of 3.1.1.
const (
	connectA   = "100d 0004 4d515454 04 02 0000 0001 41"                 // client id A, clean, no keep alive
	connectB   = "100d 0004 4d515454 04 02 0000 0001 42"                 // client id B
	connect2s  = "100d 0004 4d515454 04 02 0002 0001 41"                 // keep alive 2 s
	connectTwo = "100d 0004 4d515454 04 00 0000 0001 41"                 // client id A, session kept
	subTest    = "820b 0001 0006 746573742f23 02"                        // test/# QoS 2
	publish0   = "300d 0006 746573742f61 68656c6c6f"                     // test/a hello
	publish2   = "340f 0006 746573742f61 0001 68656c6c6f"                // the same, QoS 2, id 1
	pubrel1    = "6202 0001"                                             //
	pingreq    = "c000"                                                  //
	disconnect = "e000"                                                  //
	willA      = "1013 0004 4d515454 04 06 0000 0001 41 0001 77 0001 78" // will w: x
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// transcript tells a bench's events, one a line, in a form to compare:
//
//	open v1
//	v1 > CONNECT A, …
//	. connect.accepted
//	v1 < CONNACK …
//	v1 ~ sent client PUBACK [held]
//	close v1 fin
func transcript(b *bench.Bench) string {
	var s strings.Builder
	for _, e := range b.Log().Range(nil, 1, 1<<62) {
		switch e.Kind {
		case capture.Open:
			fmt.Fprintf(&s, "open %s\n", e.Lane)
		case capture.Packet:
			r := ladder.Render(spec.English, &e)
			arrow := map[string]string{"client": ">", "server": "<"}[r.From]
			if e.Broken {
				fmt.Fprintf(&s, "%s %s broken, %d bytes\n", e.Lane, arrow, len(e.Bytes))
			} else {
				fmt.Fprintf(&s, "%s %s %s\n", e.Lane, arrow, r.Summary)
			}
		case capture.Explain:
			x := e.Detail.(*broker.Explanation)
			fmt.Fprintf(&s, ". %s %s\n", x.Key, strings.Join(x.Rules, " "))
		case capture.Wire:
			r := ladder.Render(spec.English, &e)
			var did []string
			for _, n := range r.Notes {
				did = append(did, n.Did)
			}
			fmt.Fprintln(&s, strings.TrimSpace(fmt.Sprintf("%s ~ %s %s %s [%s]", e.Lane, r.Stage, r.From, r.Type, strings.Join(did, " "))))
		case capture.Close:
			fmt.Fprintln(&s, strings.TrimSpace(fmt.Sprint("close ", e.Lane, " ", e.How, " ", e.Detail.(bench.Reason).Code)))
		}
	}
	return s.String()
}

// holds checks that lines stand in a text in this order, each at the start of
// a line, with others between them.
func holds(t *testing.T, text string, lines ...string) {
	t.Helper()
	rest := "\n" + text
	for _, line := range lines {
		i := strings.Index(rest, "\n"+line)
		if i < 0 {
			t.Fatalf("%q is not there, or not in its place, in\n%s", line, text[:min(len(text), 5000)])
		}
		rest = rest[i+1:]
	}
}

// numbered checks what every log promises: numbers without gaps, times that
// do not fall, causes that lie before.
func numbered(t *testing.T, b *bench.Bench) {
	t.Helper()
	first, next := b.Log().Bounds()
	events := b.Log().Range(nil, 0, 1<<62)
	if len(events) != int(next-first) {
		t.Fatalf("%d events are held; numbers %d to %d", len(events), first, next)
	}
	for i, e := range events {
		if e.N != first+uint64(i) {
			t.Fatalf("event %d has number %d", first+uint64(i), e.N)
		}
		if i > 0 && e.At < events[i-1].At {
			t.Fatalf("event %d is before the one before it", e.N)
		}
		if e.Cause >= e.N {
			t.Fatalf("event %d is caused by %d", e.N, e.Cause)
		}
	}
}

// started returns a bench that listens, and its address.
func started(t testing.TB, cfg bench.Config) (*bench.Bench, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := bench.New(cfg)
	b.Listen(l)
	t.Cleanup(b.Close)
	return b, l.Addr().String()
}

// peer is the other end of a TCP connection.
type peer struct {
	*net.TCPConn
	t testing.TB
}

func dial(t testing.TB, address string) peer {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(10 * time.Second))
	return peer{c.(*net.TCPConn), t}
}

func (p peer) send(hex string) {
	p.t.Helper()
	if _, err := p.Write(unhex(p.t, hex)); err != nil {
		p.t.Fatal(err)
	}
}

// expect reads exactly these bytes.
func (p peer) expect(hex string) {
	p.t.Helper()
	want := unhex(p.t, hex)
	got := make([]byte, len(want))
	if n, err := io.ReadFull(p, got); err != nil || string(got) != string(want) {
		p.t.Fatalf("got % x and %v, want % x", got[:n], err, want)
	}
}

// closed checks that the server ends the connection, in good order, having
// said nothing more.
func (p peer) closed() {
	p.t.Helper()
	rest, err := io.ReadAll(p)
	if err != nil || len(rest) > 0 {
		p.t.Fatalf("got % x and %v, want the end", rest, err)
	}
}

// eventually waits for something that another goroutine does.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatal("in vain: ", what)
		}
		time.Sleep(time.Millisecond)
	}
}
