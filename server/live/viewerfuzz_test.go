package live_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/limits"
	"mqttlab/server/live"
)

// inMemory is a listener of connections in memory.
type inMemory chan net.Conn

func (l inMemory) Accept() (net.Conn, error) {
	if c, ok := <-l; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (l inMemory) Close() error   { return nil }
func (l inMemory) Addr() net.Addr { return &net.TCPAddr{} }

func (l inMemory) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	l <- there
	return here, nil
}

// FuzzViewer has a page say anything, a message a line, on the stream that it
// watches. A wish to have events again is followed: from there they come without
// a hole, to the last. All else ends the connection, with the reason, and no
// other viewer's.
func FuzzViewer(f *testing.F) {
	f.Add(`{"type":"from","from":5}`)
	f.Add(`{"type":"from","from":0}` + "\n" + `{"type":"from","from":7,"x":[[[]]]}` + "\n" + `{"type":"from","from":18446744073709551615}`)
	f.Add(`{"type":"from","from":-1}`)
	f.Add(`{"type":"from","from":1e3}` + "\n" + `{"FROM":3,"Type":"from"}`)
	f.Add("\x00\xff" + strings.Repeat("[", 3000))
	f.Add(strings.Repeat(" ", limits.ViewerReadBytes+1))
	f.Add(strings.Repeat(`{"type":"from"}`+"\n", 100))
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 64<<10 {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			b := bench.New(bench.Config{})
			h := live.NewHub(b)
			l := make(inMemory)
			server := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				h.Serve(w, r, limits.Owner{}, spec.English, 1)
			})}
			go server.Serve(l)
			client := &http.Client{Transport: &http.Transport{DialContext: l.dial}}
			watch := func() *viewer {
				conn, _, err := websocket.Dial(t.Context(), "ws://localhost/", &websocket.DialOptions{HTTPClient: client})
				if err != nil {
					t.Fatal(err)
				}
				conn.SetReadLimit(4 << 20)
				return &viewer{t, conn, 1}
			}
			says, other := watch(), watch()
			defer func() {
				says.conn.CloseNow()
				other.conn.CloseNow()
				h.Close()
				b.Close()
				close(l)
				server.Close()
				client.CloseIdleConnections()
			}()
			var got []message
			ended := make(chan error, 1)
			go func() {
				for {
					_, data, err := says.conn.Read(t.Context())
					if err != nil {
						ended <- err
						return
					}
					var m message
					if err := json.Unmarshal(data, &m); err != nil {
						t.Errorf("%v: %s", err, data)
					}
					got = append(got, m)
				}
			}()
			next := pings(t, b, 20)
			place := func(n uint64) uint64 {
				if n == 0 || n > next {
					return 1
				}
				return n
			}
			wished, last, fine := map[uint64]bool{1: true}, uint64(1), true
			for line := range strings.SplitSeq(text, "\n") {
				var wish struct {
					Type string
					From uint64
				}
				if len(line) > limits.ViewerReadBytes || json.Unmarshal([]byte(line), &wish) != nil || wish.Type != "from" {
					fine = false
				}
				if says.conn.Write(t.Context(), websocket.MessageText, []byte(line)) != nil || !fine {
					break
				}
				last = place(wish.From)
				wished[last] = true
			}
			synctest.Wait()
			next = pings(t, b, 1)
			time.Sleep(2 * limits.LiveTick)
			synctest.Wait()

			begins, at := uint64(1), uint64(1) // where what came last without a hole begins, and ends
			for i, m := range got {
				if (m.Type == "hello") != (i == 0) || i > 0 && m.Type != "events" {
					t.Fatalf("message %d is %+v", i, m)
				}
				for k, e := range m.Events {
					if e.N != at && k == 0 && wished[e.N] {
						begins, at = e.N, e.N
					}
					if e.N != at {
						t.Fatalf("event %d comes where %d is due, of %v", e.N, at, wished)
					}
					at++
				}
			}
			if fine && (begins > last || at != next) {
				t.Errorf("%d to %d came after the wish for %d, of %d", begins, at, last, next)
			}
			select {
			case err := <-ended:
				if code := websocket.CloseStatus(err); fine || code != websocket.StatusUnsupportedData && code != websocket.StatusMessageTooBig {
					t.Errorf("it ends with %v", err)
				}
			default:
				if !fine {
					t.Error("it goes on")
				}
			}
			if m := other.read(); m.Type != "hello" {
				t.Error("another's first message is", m)
			}
			other.until(next)
		})
	})
}
