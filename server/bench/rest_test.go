package bench_test

import (
	"encoding/hex"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mqttlab/server/bench"
	"mqttlab/server/limits"
)

// oneConn is a listener that accepts one connection.
type oneConn struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}
func (l *oneConn) Close() error   { close(l.done); return nil }
func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1883} }

// piped joins a client to a bench without the system's sockets, so that its
// time can be a test's.
func piped(t *testing.T, b *bench.Bench) net.Conn {
	t.Helper()
	l := &oneConn{make(chan net.Conn, 1), make(chan struct{})}
	here, there := net.Pipe()
	l.conns <- there
	b.Listen(l)
	t.Cleanup(func() { here.Close() })
	return here
}

// says reads what is there to be read, as hex.
func says(t *testing.T, c net.Conn) string {
	t.Helper()
	var all []byte
	buf := make([]byte, 4096)
	for {
		c.SetReadDeadline(time.Now().Add(time.Millisecond))
		n, err := c.Read(buf)
		all = append(all, buf[:n]...)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return hex.EncodeToString(all)
		case err != nil:
			return hex.EncodeToString(all) + " " + err.Error()
		}
	}
}

func write(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := c.Write(unhex(t, text)); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

// While time stands still nothing runs out, what clients send waits, whole
// packets and parts of them, and whoever pings stays. Then all goes on.
func TestRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bench.New(bench.Config{})
		defer b.Close()
		c := piped(t, b)
		write(t, c, connect2s+subTest)
		if got := says(t, c); got != "200200009003000102" {
			t.Fatal("before:", got)
		}
		b.Rest(true)
		b.Rest(true)
		at := b.Elapsed()
		message := strings.ReplaceAll(publish0, " ", "")
		write(t, c, message+pingreq+message+message[:8])
		if got := says(t, c); got != "d000" {
			t.Errorf("while time stands still the client is sent %q", got)
		}
		time.Sleep(time.Hour)
		write(t, c, message[8:]+pingreq+pingreq+message[:6])
		if got := says(t, c); got != "d000d000" {
			t.Errorf("an hour later: %q", got)
		}
		if b.Elapsed() != at {
			t.Errorf("%v have passed", b.Elapsed()-at)
		}
		b.Rest(false)
		synctest.Wait()
		write(t, c, message[6:])
		if got := says(t, c); got != strings.Repeat(message, 4) {
			t.Errorf("then: %q", got)
		}
		time.Sleep(2 * time.Second)
		if got := says(t, c); got != "" {
			t.Errorf("Keep Alive has run out early: %q", got)
		}
		time.Sleep(2*time.Second + limits.LingerTimeout)
		if got := says(t, c); got != " "+io.EOF.Error() {
			t.Errorf("Keep Alive does not run out: %q", got)
		}
		numbered(t, b)
		holds(t, transcript(b), "t1 > CONNECT", ". bench.rests", "t1 > PINGREQ", "t1 > PINGREQ", ". bench.goes-on", "t1 > PUBLISH", "close t1 timeout")
	})
}

// A client that leaves meanwhile is heard to leave afterwards, behind what it
// sent before.
func TestLeavingWhileTimeStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bench.New(bench.Config{})
		defer b.Close()
		c := piped(t, b)
		write(t, c, willA)
		says(t, c)
		b.Rest(true)
		write(t, c, publish0)
		c.Close()
		time.Sleep(time.Minute)
		synctest.Wait()
		if text := transcript(b); strings.Contains(text, "PUBLISH") || strings.Contains(text, "close") {
			t.Errorf("the broker has heard of it already:\n%s", text)
		}
		b.Rest(false)
		synctest.Wait()
		holds(t, transcript(b), ". bench.rests", ". bench.goes-on", "t1 > PUBLISH", "close t1 fin")
		numbered(t, b)
	})
}

// A client that connects meanwhile waits from its first packet on. One that
// sends without end waits at its socket, and loses nothing.
func TestFloodWhileTimeStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bench.New(bench.Config{})
		defer b.Close()
		b.Rest(true)
		c := piped(t, b)
		const n = 50_000
		sent := make(chan error, 1)
		go func() {
			_, err := c.Write(unhex(t, connectA+pingreq+strings.Repeat(publish0, n)))
			sent <- err
		}()
		synctest.Wait()
		if text := transcript(b); strings.Contains(text, ">") {
			t.Errorf("the broker hears something:\n%.500s", text)
		}
		select {
		case <-sent:
			t.Error("all of it is taken in")
		default:
		}
		b.Rest(false)
		got := make(chan string)
		go func() { got <- says(t, c) }()
		if err := <-sent; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if s := <-got; s != "20020000d000" {
			t.Errorf("then: %q", s)
		}
		if heard := strings.Count(transcript(b), "t1 > PUBLISH"); heard != n {
			t.Errorf("the broker hears %d of %d", heard, n)
		}
	})
}

// A bench that is closed while time stands still leaves nothing behind.
func TestCloseWhileTimeStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bench.New(bench.Config{})
		c := piped(t, b)
		write(t, c, connectA)
		says(t, c)
		b.Rest(true)
		rest := b.Resting()
		write(t, c, publish0)
		b.Close()
		<-rest
		b.Rest(false)
		if got := says(t, c); got != " EOF" && got != " "+io.ErrClosedPipe.Error() {
			t.Errorf("the client is sent %q", got)
		}
	})
}
