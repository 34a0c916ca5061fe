package live_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/limits"
	"mqttlab/server/live"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// message is any message of the stream.
type message struct {
	Type    string
	From    uint64
	To      uint64
	First   uint64
	Next    uint64
	Clients []bench.Client
	Events  []struct {
		N    uint64
		Kind string
		Type string
	}
}

// started returns a bench whose stream is served, and the stream's address.
func started(t testing.TB, cfg bench.Config) (*bench.Bench, string) {
	b := bench.New(cfg)
	h := live.NewHub(b)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, _ := strconv.ParseUint(r.URL.Query().Get("from"), 10, 64)
		h.Serve(w, r, limits.From(r.RemoteAddr), spec.English, from)
	}))
	t.Cleanup(func() {
		h.Close()
		server.Close()
		b.Close()
	})
	return b, "ws" + strings.TrimPrefix(server.URL, "http")
}

type viewer struct {
	t    testing.TB
	conn *websocket.Conn
	next uint64 // number that the next event must have
}

func watch(t testing.TB, address string, from uint64) *viewer {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), address+"/?from="+strconv.FormatUint(from, 10), nil)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(4 << 20)
	t.Cleanup(func() { conn.CloseNow() })
	v := &viewer{t, conn, from}
	if m := v.read(); m.Type != "hello" {
		t.Fatal("the first message is", m)
	}
	return v
}

func (v *viewer) read() message {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), 10*time.Second)
	defer cancel()
	_, data, err := v.conn.Read(ctx)
	if err != nil {
		v.t.Fatal(err)
	}
	var m message
	if err := json.Unmarshal(data, &m); err != nil {
		v.t.Fatal(err, string(data))
	}
	return m
}

// until reads to the event before number n, checks that nothing is missing
// but what a gap names, and returns how many events came and how many gaps.
func (v *viewer) until(n uint64) (events, gaps int) {
	v.t.Helper()
	for v.next < n {
		switch m := v.read(); m.Type {
		case "events":
			for _, e := range m.Events {
				if e.N != v.next {
					v.t.Fatalf("event %d comes where %d is due", e.N, v.next)
				}
				v.next++
				events++
			}
			if m.Next != v.next {
				v.t.Fatalf("next is %d after event %d", m.Next, v.next-1)
			}
		case "gap":
			if m.From != v.next || m.To <= m.From {
				v.t.Fatalf("gap from %d to %d where %d is due", m.From, m.To, v.next)
			}
			v.next = m.To
			gaps++
		default:
			v.t.Fatal("unexpected", m)
		}
	}
	return events, gaps
}

// pings makes events: n PINGREQ of a virtual client, each answered.
func pings(t testing.TB, b *bench.Bench, n int) (next uint64) {
	t.Helper()
	if len(b.Clients()) == 0 {
		b.AddClient("")
		b.OpenClient("v1")
		b.Send("v1", []byte("\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01A"))
	}
	if err := b.Send("v1", []byte(strings.Repeat("\xc0\x00", n))); err != nil {
		t.Fatal(err)
	}
	_, next = b.Log().Bounds()
	return next
}

func TestStream(t *testing.T) {
	b, address := started(t, bench.Config{})
	early := watch(t, address, 1)
	next := pings(t, b, 10)
	if _, gaps := early.until(next); gaps > 0 {
		t.Error("a gap in a short stream")
	}
	// Who comes later gets the same from the capture, and then what is new.
	late, again := watch(t, address, 1), watch(t, address, next-3)
	next = pings(t, b, 10)
	early.until(next)
	if events, _ := late.until(next); events != int(next-1) {
		t.Errorf("%d events, want %d", events, next-1)
	}
	again.until(next)

	again.conn.Write(t.Context(), websocket.MessageText, []byte(`{"type":"from","from":5}`))
	again.next = 5
	again.until(next)
}

// What the capture has dropped is a gap.
func TestDropped(t *testing.T) {
	b, address := started(t, bench.Config{CaptureEvents: 1000})
	next := pings(t, b, 2000)
	v := watch(t, address, 1)
	if events, gaps := v.until(next); gaps != 1 || events < 400 {
		t.Errorf("%d events and %d gaps", events, gaps)
	}
}

// A bench at full speed is not slowed; its viewers are told what they miss.
func TestFlood(t *testing.T) {
	b, address := started(t, bench.Config{})
	v := watch(t, address, 1)
	next := pings(t, b, 50_000)
	if events, gaps := v.until(next); gaps == 0 || events == 0 {
		t.Errorf("%d events and %d gaps", events, gaps)
	}
}

// A viewer that does not read holds up nobody.
func TestSlowViewer(t *testing.T) {
	b, address := started(t, bench.Config{})
	watch(t, address, 1) // and never reads again
	v := watch(t, address, 1)
	for range 20 {
		v.until(pings(t, b, 200))
	}
}

func TestManyViewers(t *testing.T) {
	b, address := started(t, bench.Config{})
	var ready, all sync.WaitGroup
	next := make(chan struct{})
	var last uint64
	for range 50 {
		ready.Add(1)
		all.Go(func() {
			v := watch(t, address, 1)
			ready.Done()
			<-next
			v.until(last)
		})
	}
	ready.Wait()
	last = pings(t, b, 100)
	close(next)
	all.Wait()
}

// However many watch from one address, there are places for others.
func TestShareOfViewers(t *testing.T) {
	b := bench.New(bench.Config{})
	defer b.Close()
	h := live.NewHub(b)
	defer h.Close()
	var all []func()
	watch := func(o limits.Owner) (n int) {
		for leave := h.WatchAs(o, spec.English); leave != nil; n++ {
			all = append(all, leave)
			leave = h.WatchAs(o, spec.English)
		}
		return n
	}
	if n := watch(limits.From("192.0.2.1:7")); n != limits.ViewersPerBench/2 {
		t.Errorf("%d watch from one address", n)
	}
	if n := watch(limits.Student("x")); n != limits.ViewersPerBench/4 {
		t.Errorf("%d then of one student", n)
	}
	for _, leave := range all {
		leave()
	}
	if n := h.Viewers(); n != 0 {
		t.Errorf("%d watch when all have gone", n)
	}
}

func TestRefusals(t *testing.T) {
	b, address := started(t, bench.Config{})
	_, answer, err := websocket.Dial(t.Context(), address, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"http://evil.example"}}})
	if err == nil || answer.StatusCode != http.StatusForbidden {
		t.Error("another origin may watch:", err)
	}
	for _, say := range []string{"hello", `{"type":"to"}`, `{"type":"from","from":-1}`, strings.Repeat(" ", limits.ViewerReadBytes+1)} {
		v := watch(t, address, 1)
		v.conn.Write(t.Context(), websocket.MessageText, []byte(say))
		for {
			if _, _, err := v.conn.Read(t.Context()); err != nil {
				break
			}
		}
	}
	watch(t, address, 1).until(pings(t, b, 1))
}
