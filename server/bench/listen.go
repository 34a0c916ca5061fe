package bench

import (
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"time"

	"mqttlab/server/capture"
	"mqttlab/server/limits"
)

// Listen serves MQTT over what l accepts, until l or the bench is closed.
func (b *Bench) Listen(l net.Listener) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped {
		l.Close()
		return
	}
	b.listeners[l] = true
	b.running.Go(func() { b.accept(l) })
}

func (b *Bench) accept(l net.Listener) {
	pause := time.Duration(0)
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			b.admit(conn)
		case errors.Is(err, net.ErrClosed):
			b.mu.Lock()
			delete(b.listeners, l)
			b.mu.Unlock()
			return
		default: // out of file descriptors, most likely: others may close some
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			b.logger.Warn("cannot accept an MQTT connection", "error", err, "retry_in", pause)
			time.Sleep(pause)
		}
	}
}

// admit begins to serve a connection, if there is room for one more.
func (b *Bench) admit(conn net.Conn) {
	carrier, tcp := carried(conn)
	if tcp != nil {
		tcp.SetNoDelay(true) // a packet is never held back to wait for another
		tcp.SetWriteBuffer(sendBuffer)
	}
	w := &wire{conn: conn, carrier: carrier, out: newOutbox(conn, b.queue)}
	b.mu.Lock()
	if b.stopped {
		b.mu.Unlock()
		conn.Close()
		return
	}
	full := len(b.wires) >= limits.ClientsPerBench
	now := b.now()
	b.open(now, w)
	if full {
		b.broker.Closed(now, w.id, 0)
		w.why = Reason{Code: ReasonFull, Max: limits.ClientsPerBench}
		b.part(now, w, capture.Server)
	}
	b.running.Go(func() { b.read(w) })
	b.release(now)
}

// carried names what carries MQTT over a connection where that is more than
// TCP, and finds the TCP below it.
func carried(conn net.Conn) (name string, tcp *net.TCPConn) {
	var layers []string
	for {
		switch c := conn.(type) {
		case *webSocket:
			layers = append(layers, "WebSocket")
			conn = c.Conn
		case *tls.Conn:
			layers = append(layers, "TLS")
			conn = c.NetConn()
		default:
			tcp, _ = conn.(*net.TCPConn)
			return strings.Join(layers, ", "), tcp
		}
	}
}
