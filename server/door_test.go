package server_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"

	"mqttlab/server"
	"mqttlab/server/limits"
)

// stranger is a connection that seems to come from another machine.
type stranger struct {
	net.Conn
	address net.Addr
}

func (s stranger) RemoteAddr() net.Addr { return s.address }

func (l inMemory) dialFrom(address string) net.Conn {
	here, there := net.Pipe()
	l <- stranger{there, &net.TCPAddr{IP: net.ParseIP(address), Port: 5}}
	return here
}

// However many connections one address holds, whether it sends anything on
// them or watches, others are answered; and when one goes there is room again.
func TestConnectionsOfOneAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := make(inMemory)
		s, err := server.Open(server.Config{HTTP: l})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		answered := func(conn net.Conn) bool {
			if _, err := io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
				return false
			}
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			return err == nil && answer.StatusCode == http.StatusOK
		}
		var held []net.Conn
		for range limits.HTTPPerAddress {
			held = append(held, l.dialFrom("192.0.2.1"))
		}
		if !answered(held[0]) || !answered(held[len(held)-1]) {
			t.Error("those that may be are not answered")
		}
		if answered(l.dialFrom("192.0.2.1")) || answered(l.dialFrom("::ffff:192.0.2.1")) {
			t.Error("one too many is answered")
		}
		for _, address := range []string{"192.0.2.2", "2001:db8::1", "127.0.0.1"} {
			conn := l.dialFrom(address)
			if !answered(conn) {
				t.Errorf("%s is not answered", address)
			}
			conn.Close()
		}
		held[0].Close()
		synctest.Wait()
		again := l.dialFrom("192.0.2.1")
		if !answered(again) {
			t.Error("there is no room again")
		}
		for _, conn := range append(held, again) {
			conn.Close()
		}
		close(l)
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
