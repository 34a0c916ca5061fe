package bench_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"mqttlab/server/bench"
	"mqttlab/server/limits"
)

// webSockets returns a bench that serves MQTT over WebSocket, and its address.
func webSockets(t *testing.T, cfg bench.Config) (*bench.Bench, string) {
	t.Helper()
	b := bench.New(cfg)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.ServeWebSocket(w, r, []string{"https://welcome.example"})
	}))
	t.Cleanup(s.Close)
	t.Cleanup(b.Close)
	return b, "ws" + strings.TrimPrefix(s.URL, "http")
}

// wsPeer is the other end of a WebSocket.
type wsPeer struct {
	*websocket.Conn
	t   testing.TB
	ctx context.Context
}

func dialWS(t testing.TB, address string, subprotocols ...string) wsPeer {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	c, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{Subprotocols: subprotocols})
	if err != nil {
		t.Fatal(err)
	}
	c.SetReadLimit(-1)
	t.Cleanup(func() { c.CloseNow() })
	return wsPeer{c, t, ctx}
}

func (p wsPeer) send(kind websocket.MessageType, b []byte) {
	p.t.Helper()
	if err := p.Write(p.ctx, kind, b); err != nil {
		p.t.Fatal(err)
	}
}

// expect reads messages until their bytes are these.
func (p wsPeer) expect(hex string) {
	p.t.Helper()
	var got []byte
	for want := unhex(p.t, hex); !bytes.Equal(got, want); {
		kind, b, err := p.Read(p.ctx)
		if err != nil || kind != websocket.MessageBinary {
			p.t.Fatalf("%v frame, %v, after % x", kind, err, got)
		}
		if got = append(got, b...); len(got) > len(want) {
			p.t.Fatalf("got % x, want % x", got, want)
		}
	}
}

// closed checks that the server closes with this code, having said no more.
func (p wsPeer) closed(code websocket.StatusCode) {
	p.t.Helper()
	_, b, err := p.Read(p.ctx)
	if err == nil || websocket.CloseStatus(err) != code {
		p.t.Fatalf("got % x and %v, want close %d", b, err, code)
	}
}

// Packets come in frames of any cut [MQTT-6.0.0-2].
func TestWebSocket(t *testing.T) {
	for _, subprotocol := range bench.Subprotocols {
		for _, size := range []int{1, 3, 1000} {
			t.Run(fmt.Sprint(subprotocol, "/", size), func(t *testing.T) {
				b, address := webSockets(t, bench.Config{})
				p := dialWS(t, address, subprotocol)
				if p.Subprotocol() != subprotocol { // [MQTT-6.0.0-4]
					t.Errorf("the subprotocol is %q", p.Subprotocol())
				}
				for all := unhex(t, connectA+subTest+publish0+pingreq); len(all) > 0; {
					n := min(size, len(all))
					p.send(websocket.MessageBinary, all[:n])
					all = all[n:]
				}
				p.send(websocket.MessageBinary, nil)
				p.expect("20020000 9003000102" + publish0 + "d000")
				if remote := b.Clients()[0].Remote; !strings.HasSuffix(remote, " (WebSocket)") {
					t.Errorf("the client is shown as %q", remote)
				}
				if err := p.Close(websocket.StatusNormalClosure, ""); err != nil {
					t.Error(err)
				}
				eventually(t, "the connection ends", func() bool { return b.Clients()[0].How == "fin" })
				numbered(t, b)
				holds(t, transcript(b), "open t1", "t1 > CONNECT A", "t1 < CONNACK", "t1 > SUBSCRIBE", "t1 < SUBACK",
					"t1 > PUBLISH", "t1 < PUBLISH", "t1 > PINGREQ", "t1 < PINGRESP", "close t1 fin")
			})
		}
	}
}

// However a client leaves, nothing stays behind.
func TestWebSocketEnds(t *testing.T) {
	tests := map[string]struct {
		leave func(p wsPeer)
		how   string
	}{
		"DISCONNECT": {func(p wsPeer) {
			p.send(websocket.MessageBinary, unhex(t, disconnect))
			p.closed(websocket.StatusNormalClosure)
		}, "server"},
		"1001":         {func(p wsPeer) { p.Close(websocket.StatusGoingAway, "") }, "fin"},
		"no code":      {func(p wsPeer) { p.Close(websocket.StatusNoStatusRcvd, "") }, "fin"},
		"no handshake": {func(p wsPeer) { p.CloseNow() }, "fin"},
		"malformed": {func(p wsPeer) {
			p.send(websocket.MessageBinary, []byte{0xf1, 0})
			p.closed(websocket.StatusNormalClosure)
		}, "server"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b, address := webSockets(t, bench.Config{})
			p := dialWS(t, address, "mqtt")
			p.send(websocket.MessageBinary, unhex(t, connectA))
			p.expect("20020000")
			test.leave(p)
			eventually(t, "the connection ends", func() bool { return b.Clients()[0].State == "closed" })
			if how := b.Clients()[0].How; how != test.how {
				t.Errorf("ended with %s", how)
			}
		})
	}
}

// Text is no MQTT [MQTT-6.0.0-1].
func TestWebSocketText(t *testing.T) {
	b, address := webSockets(t, bench.Config{})
	p := dialWS(t, address, "mqtt")
	p.send(websocket.MessageBinary, unhex(t, connectA))
	p.expect("20020000")
	p.send(websocket.MessageText, unhex(t, pingreq)[:1])
	p.closed(websocket.StatusUnsupportedData)
	holds(t, transcript(b), "t1 < CONNACK", ". connection.dropped", "close t1 server text-frame")

	p = dialWS(t, address, "mqtt")
	p.send(websocket.MessageText, []byte("hello"))
	p.closed(websocket.StatusUnsupportedData)
	holds(t, transcript(b), "open t2", "close t2 server text-frame")
}

func TestWebSocketOrigin(t *testing.T) {
	b, address := webSockets(t, bench.Config{})
	for origin, fine := range map[string]bool{
		"https://elsewhere.example":                      false,
		"http://localhost:1":                             false,
		"null":                                           false,
		"https://welcome.example":                        true,
		"http://welcome.example":                         false,
		"https://welcome.example:1":                      false,
		"http://" + strings.TrimPrefix(address, "ws://"): true,
	} {
		c, answer, err := websocket.Dial(t.Context(), address, &websocket.DialOptions{
			Subprotocols: []string{"mqtt"}, HTTPHeader: http.Header{"Origin": {origin}}})
		if err == nil {
			c.CloseNow()
		} else if answer == nil || answer.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %v", origin, err)
		}
		if (err == nil) != fine {
			t.Errorf("%s: %v", origin, err)
		}
	}
	eventually(t, "only two came through", func() bool { return len(b.Clients()) == 2 })
}

// publish64K is a PUBLISH to test/a with 64 KiB of payload.
func publish64K(t testing.TB) []byte {
	body := append(unhex(t, "0006 746573742f61"), make([]byte, 64<<10)...)
	return append([]byte{0x30, byte(len(body)) | 0x80, byte(len(body)>>7) | 0x80, byte(len(body) >> 14)}, body...)
}

// A client that stops reading costs its own queue and nobody's time.
func TestWebSocketSlow(t *testing.T) {
	b, address := webSockets(t, bench.Config{OutQueueBytes: 1 << 20, CaptureBytes: 1 << 20})
	slow := dialWS(t, address, "mqtt")
	slow.send(websocket.MessageBinary, unhex(t, connectA+subTest))
	slow.expect("20020000 9003000102")
	fast := dialWS(t, address, "mqtt")
	fast.send(websocket.MessageBinary, unhex(t, connectB))
	fast.expect("20020000")
	message := publish64K(t)
	for range (24 << 20) / len(message) {
		fast.send(websocket.MessageBinary, message)
	}
	fast.send(websocket.MessageBinary, unhex(t, pingreq))
	fast.expect("d000")
	eventually(t, "the slow client is closed", func() bool { return b.Clients()[0].State == "closed" })
}

// A message longer than limits.FrameBytes ends its connection before it is there.
func TestWebSocketLongMessage(t *testing.T) {
	b, address := webSockets(t, bench.Config{CaptureBytes: 1 << 20})
	p := dialWS(t, address, "mqtt")
	p.send(websocket.MessageBinary, unhex(t, connectA))
	p.expect("20020000")
	go p.Write(p.ctx, websocket.MessageBinary, bytes.Repeat(publish64K(t), limits.FrameBytes/(64<<10)))
	for {
		_, _, err := p.Read(p.ctx)
		if err != nil {
			if p.ctx.Err() != nil {
				t.Error("only the test's patience has ended it")
			}
			break
		}
	}
	eventually(t, "the connection ends", func() bool { return b.Clients()[0].State == "closed" })
}

func TestWebSocketClose(t *testing.T) {
	b, address := webSockets(t, bench.Config{})
	p := dialWS(t, address, "mqtt")
	p.send(websocket.MessageBinary, unhex(t, connectA))
	p.expect("20020000")
	silent := dialWS(t, address, "mqtt") // does not answer the close frame
	began := time.Now()
	done := make(chan bool)
	go func() { p.closed(websocket.StatusNormalClosure); close(done) }()
	b.Close()
	<-done
	if took := time.Since(began); took > limits.LingerTimeout+time.Second {
		t.Errorf("took %s", took)
	}
	silent.CloseNow()
}
