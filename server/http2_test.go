package server_test

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mqttlab/server"
	"mqttlab/server/limits"
)

// Frames and flags of HTTP/2 (RFC 9113).
const (
	h2Data, h2Headers, h2Reset, h2Settings, h2Ping, h2GoAway, h2Continuation = 0, 1, 3, 4, 6, 7, 9

	endStream, endHeaders = 1, 4
)

// h2 is a client that keeps to no rule of HTTP/2 by itself.
type h2 struct {
	t    *testing.T
	conn *tls.Conn

	mu       sync.Mutex
	statuses map[uint32]string // the first header of each answer, or "reset"
	ended    bool              // the server has closed, or has said that it will
}

func (l inMemory) h2(t *testing.T, settings ...byte) *h2 {
	t.Helper()
	conn := tls.Client(l.dial(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err := conn.Handshake(); err != nil || conn.ConnectionState().NegotiatedProtocol != "h2" {
		t.Fatal("no HTTP/2:", err)
	}
	c := &h2{t: t, conn: conn, statuses: make(map[uint32]string)}
	go c.read()
	io.WriteString(conn, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	c.frame(h2Settings, 0, 0, settings)
	return c
}

func (c *h2) frame(kind, flags byte, stream uint32, payload []byte) error {
	head := []byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, flags, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(head[5:], stream)
	_, err := c.conn.Write(append(head, payload...))
	return err
}

// literal is a header without compression.
func literal(name, value string) []byte {
	length := func(n int) []byte {
		if n < 127 {
			return []byte{byte(n)}
		}
		out := []byte{127}
		for n -= 127; n >= 128; n >>= 7 {
			out = append(out, byte(n)|0x80)
		}
		return append(out, byte(n))
	}
	out := append([]byte{0}, length(len(name))...)
	out = append(append(out, name...), length(len(value))...)
	return append(out, value...)
}

func request(method, path string, headers ...string) []byte {
	all := append([]string{":method", method, ":scheme", "https", ":authority", "localhost", ":path", path}, headers...)
	var out []byte
	for i := 0; i < len(all); i += 2 {
		out = append(out, literal(all[i], all[i+1])...)
	}
	return out
}

func (c *h2) get(stream uint32, path string) error {
	return c.frame(h2Headers, endHeaders|endStream, stream, request("GET", path))
}

// read takes in what the server says.
func (c *h2) read() {
	end := func() {
		c.mu.Lock()
		c.ended = true
		c.mu.Unlock()
	}
	defer end()
	for {
		head := make([]byte, 9)
		if _, err := io.ReadFull(c.conn, head); err != nil {
			return
		}
		payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
		if _, err := io.ReadFull(c.conn, payload); err != nil {
			return
		}
		stream := binary.BigEndian.Uint32(head[5:])
		c.mu.Lock()
		switch head[3] {
		case h2Headers:
			c.statuses[stream] = "other"
			if payload[0] == 0x88 { // of the static table
				c.statuses[stream] = "200"
			}
		case h2Reset:
			c.statuses[stream] += "reset"
		case h2GoAway:
			c.ended = true
		}
		c.mu.Unlock()
	}
}

func (c *h2) answer(stream uint32) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.statuses[stream]
}

func (c *h2) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

// Over HTTP/2 nobody gets more than over HTTP/1: streams that are reset at
// once, or of which the answer is not read, headers without end, floods of what
// must be answered, and bodies that never end cost their own connection.
func TestHTTP2Floods(t *testing.T) {
	cert, key := certificate(t, time.Now().Add(100*365*24*time.Hour))
	for name, attack := range map[string]func(t *testing.T, l inMemory){
		"rapid reset": func(t *testing.T, l inMemory) {
			c := l.h2(t)
			for stream := uint32(1); stream < 100_000 && !c.over(); stream += 2 {
				if c.get(stream, "/healthz") != nil || c.frame(h2Reset, 0, stream, []byte{0, 0, 0, 8}) != nil {
					break
				}
			}
			synctest.Wait()
		},
		"answers that are not read": func(t *testing.T, l inMemory) {
			c := l.h2(t, 0, 4, 0, 0, 0, 0) // SETTINGS_INITIAL_WINDOW_SIZE 0
			for n := range uint32(1000) {
				c.get(2*n+1, "/help/api")
			}
			time.Sleep(limits.RequestTimeout + 5*time.Second)
			synctest.Wait()
			for n := range uint32(1000) {
				if got := c.answer(2*n + 1); !strings.HasSuffix(got, "reset") && !c.over() {
					t.Errorf("stream %d is still open: %q", 2*n+1, got)
					break
				}
			}
		},
		"headers without end": func(t *testing.T, l inMemory) {
			c := l.h2(t)
			c.frame(h2Headers, endStream, 1, request("GET", "/"))
			sent := 0
			for ; sent < 64<<20 && !c.over(); sent += 16 << 10 {
				if c.frame(h2Continuation, 0, 1, []byte(strings.Repeat(string(literal("x", "y")), 4<<10))) != nil {
					break
				}
			}
			if sent > 1<<20 {
				t.Errorf("%d bytes of headers are taken", sent)
			}
		},
		"long headers": func(t *testing.T, l inMemory) {
			c := l.h2(t)
			c.frame(h2Headers, endHeaders|endStream, 1, request("GET", "/", "x", strings.Repeat("y", 2*limits.HeaderBytes)))
			synctest.Wait()
			if got := c.answer(1); got != "other" && !c.over() { // 431
				t.Errorf("answered %q", got)
			}
		},
		"pings and settings": func(t *testing.T, l inMemory) {
			c := l.h2(t)
			for n := 0; n < 100_000 && !c.over(); n++ {
				if c.frame(h2Ping, 0, 0, make([]byte, 8)) != nil || c.frame(h2Settings, 0, 0, nil) != nil {
					break
				}
			}
		},
		"a body without end": func(t *testing.T, l inMemory) {
			c := l.h2(t)
			c.frame(h2Headers, endHeaders, 1, request("POST", "/api/decode", "content-type", "application/json"))
			for range 30 {
				c.frame(h2Data, 0, 1, []byte("{"))
				time.Sleep(time.Second)
			}
			synctest.Wait()
			if got := c.answer(1); got == "" && !c.over() {
				t.Error("it is waited for")
			}
		},
		"nothing": func(t *testing.T, l inMemory) {
			c := l.h2(t)
			time.Sleep(limits.IdleTimeout + 5*time.Second)
			synctest.Wait()
			if !c.over() {
				t.Error("it is still open")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := server.LoadTLS(cert, key, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				l := make(inMemory)
				s, err := server.Open(server.Config{HTTP: l, TLS: cfg})
				if err != nil {
					t.Fatal(err)
				}
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() { done <- s.Run(ctx) }()
				attack(t, l)
				other := l.h2(t)
				other.get(1, "/healthz")
				synctest.Wait()
				if got := other.answer(1); got != "200" {
					t.Errorf("another is answered %q meanwhile", got)
				}
				close(l)
				stop()
				<-done // it may have to cut off who does not go
			})
		})
	}
}
