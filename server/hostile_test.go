package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mqttlab/server"
	"mqttlab/server/limits"
)

// No path leads out of what is embedded, and no capture or lab is read from
// the disk because a request names it.
func TestNoWayOut(t *testing.T) {
	_, address := started(t, server.Config{})
	for _, path := range []string{"/static/../../../../etc/passwd", "/static/..%2f..%2f..%2fetc%2fpasswd", "/static/%2e%2e/%2e%2e/etc/passwd", "/static//etc/passwd",
		"/static/..%5c..%5cserver.go", "/labs/..%2f..%2fetc%2fpasswd", "/help/..%2fen%2fpages", "/help/..%2f..%2f..%2fetc%2fpasswd", "/reference/..%2f..", "/static/css/%00"} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n", path) // no client that cleans the path
		text, _ := io.ReadAll(conn)
		conn.Close()
		if status := strings.SplitN(string(text), " ", 3)[1]; status != "404" && status != "400" || strings.Contains(string(text), "root:") {
			t.Errorf("%s: %.100s", path, text)
		}
	}
}

// A client that sends its headers drop by drop is let go, and keeps nobody.
func TestSlowHeaders(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a real time-out")
	}
	_, address := started(t, server.Config{})
	began := time.Now()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() {
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n")
		for {
			if _, err := fmt.Fprint(conn, "X: y\r\n"); err != nil {
				return
			}
			time.Sleep(200 * time.Millisecond)
		}
	}()
	if status, _ := get(t, address+"/healthz"); status != 200 {
		t.Error("others are not answered meanwhile:", status)
	}
	conn.SetReadDeadline(began.Add(limits.ReadHeaderTimeout + 10*time.Second))
	if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
		t.Fatal("the connection is still open after", time.Since(began))
	}
	if took := time.Since(began); took < limits.ReadHeaderTimeout/2 {
		t.Errorf("closed after %v already, for another reason", took)
	}
}

// Nothing that a request says makes the server connect to anybody.
func TestNoUpstreamFromOutside(t *testing.T) {
	target, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	came := make(chan struct{}, 1)
	go func() {
		if conn, err := target.Accept(); err == nil {
			conn.Close()
			came <- struct{}{}
		}
	}()
	_, address := started(t, server.Config{Benches: 5})
	there := "tcp://" + target.Addr().String()
	for _, body := range []string{`{"upstream":"` + there + `"}`, `{"broker":{"upstream":"` + there + `"}}`, `{"broker":{"bridge":"` + there + `"}}`} {
		if text := post(t, address+"/api/benches", body); !strings.Contains(text, "urn:mqttlab:problem:") {
			t.Errorf("%s is not refused: %s", body, text)
		}
	}
	get(t, address+"/decode?url="+url.QueryEscape("http://"+target.Addr().String()))
	post(t, address+"/api/benches/import?url="+url.QueryEscape("http://"+target.Addr().String()), ``)
	target.Close()
	select {
	case <-came:
		t.Error("the server connected")
	default:
	}
}

// inMemory is a listener of connections without sockets, so that their time can
// be a test's.
type inMemory chan net.Conn

func (l inMemory) Accept() (net.Conn, error) {
	if c, ok := <-l; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (l inMemory) Close() error   { return nil }
func (l inMemory) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080} }

func (l inMemory) dial() net.Conn {
	here, there := net.Pipe()
	l <- there
	return here
}

// Whoever sends a request's body drop by drop, or does not read the answer, is
// let go; so is a connection over which nothing more comes.
func TestSlowBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := make(inMemory)
		s, err := server.Open(server.Config{HTTP: l})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		defer func() {
			close(l)
			stop()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}()
		for name, test := range map[string]struct {
			request string
			drip    string
			reads   bool
			within  time.Duration
		}{
			"a slow body":                {"POST /api/decode HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n", "{", true, limits.RequestTimeout + 5*time.Second},
			"a slow chunk":               {"POST /ui/decode HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n", "{", true, limits.RequestTimeout + 5*time.Second},
			"an answer that is not read": {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "", false, limits.RequestTimeout + 5*time.Second},
			"nothing more":               {"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "", true, limits.IdleTimeout + time.Second},
			"a file, slowly":             {"POST /ui/file?name=x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n", "c", true, limits.UploadTimeout + 5*time.Second},
		} {
			conn := l.dial()
			began := time.Now()
			if test.reads {
				go io.Copy(io.Discard, conn)
			}
			if _, err := io.WriteString(conn, test.request); err != nil {
				t.Error(name, err)
			}
			for err := error(nil); !errors.Is(err, io.ErrClosedPipe); {
				wait := time.Second
				if test.drip == "" {
					wait = test.within
				}
				time.Sleep(wait)
				conn.SetWriteDeadline(time.Now().Add(time.Millisecond))
				if _, err = io.WriteString(conn, test.drip+" "); time.Since(began) > test.within+time.Second {
					t.Errorf("%s: still open after %v", name, time.Since(began))
					break
				}
			}
			conn.Close()
		}
	})
}
