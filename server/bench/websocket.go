package bench

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/coder/websocket"

	"mqttlab/server/limits"
)

// Subprotocols are the names under which MQTT is asked for over WebSocket:
// "mqtt" [MQTT-6.0.0-3], and "mqttv3.1" by the clients of that version.
var Subprotocols = []string{"mqtt", "mqttv3.1"}

// OffersMQTT says whether a request for a WebSocket names a subprotocol of
// MQTT, as a client must [MQTT-6.0.0-3].
func OffersMQTT(r *http.Request) bool {
	for _, line := range r.Header.Values("Sec-WebSocket-Protocol") {
		for name := range strings.SplitSeq(line, ",") {
			if slices.Contains(Subprotocols, strings.ToLower(strings.TrimSpace(name))) {
				return true
			}
		}
	}
	return false
}

// Welcome says whether a request for a WebSocket may come from where it says
// it comes from. A browser names the page's origin, and lets any page ask:
// without this, whatever site its user visits could talk to a broker on the
// user's machine. Welcome are pages of the address that is asked, and of
// origins such as "http://localhost:5173", or all for "*". Clients that are no
// browser name no origin.
func Welcome(r *http.Request, origins []string) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	if u, err := url.Parse(origin); err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host) {
		return true
	}
	return slices.ContainsFunc(origins, func(o string) bool { return o == "*" || strings.EqualFold(o, origin) })
}

// ServeWebSocket upgrades a request that is [Welcome] to a WebSocket and serves
// MQTT over it. It returns when the connection is on its way.
func (b *Bench) ServeWebSocket(w http.ResponseWriter, r *http.Request, origins []string) {
	taken := &taker{ResponseWriter: w}
	if !Welcome(r, origins) {
		http.Error(w, "a page of another origin", http.StatusForbidden)
		return
	}
	ws, err := websocket.Accept(taken, r, &websocket.AcceptOptions{Subprotocols: Subprotocols, InsecureSkipVerify: true}) // which answers with what is wrong
	if err != nil {
		return
	}
	ws.SetReadLimit(limits.FrameBytes)
	b.admit(&webSocket{Conn: taken.conn, ws: ws, code: websocket.StatusNormalClosure})
}

// taker remembers the connection that a request was made on. Its deadlines
// are those of the WebSocket: package websocket knows contexts only, which
// would have to be made anew for each.
type taker struct {
	http.ResponseWriter
	conn net.Conn
}

// Hijack is how package websocket gets at the connection.
func (t *taker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(t.ResponseWriter).Hijack()
	t.conn = conn
	return conn, buffered, err
}

// webSocket is the bytes in a WebSocket's binary messages as one stream. Where
// a message begins and ends means nothing to MQTT [MQTT-6.0.0-2].
type webSocket struct {
	net.Conn // below the WebSocket: addresses and deadlines
	ws       *websocket.Conn
	message  io.Reader // the one that is being read
	code     websocket.StatusCode
}

// errTextFrame is the read error after which a connection must be closed
// [MQTT-6.0.0-1]. What is read after it is thrown away.
var errTextFrame = errors.New("text frame")

func (s *webSocket) Read(b []byte) (int, error) {
	for {
		if s.message == nil {
			kind, message, err := s.ws.Reader(context.Background())
			if err != nil {
				if websocket.CloseStatus(err) != -1 {
					err = io.EOF // closed in good order, whatever the code
				}
				return 0, err
			}
			s.message = message
			if kind != websocket.MessageBinary && s.code != websocket.StatusUnsupportedData {
				s.code = websocket.StatusUnsupportedData
				return 0, errTextFrame
			}
		}
		n, err := s.message.Read(b)
		switch {
		case errors.Is(err, io.EOF):
			s.message, err = nil, nil
		case err != nil:
			n = 0 // of a frame that broke off: package websocket has not taken the mask from it
		}
		if s.code == websocket.StatusUnsupportedData {
			n = 0
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

func (s *webSocket) Write(b []byte) (int, error) {
	if err := s.ws.Write(context.Background(), websocket.MessageBinary, b); err != nil {
		return 0, err
	}
	return len(b), nil
}

// CloseWrite says by a close frame that nothing more comes, and waits for the
// other side's.
func (s *webSocket) CloseWrite() error { return s.ws.Close(s.code, "") }

func (s *webSocket) Close() error { return s.ws.CloseNow() }
