package bench

import (
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
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
	b.listeners = append(b.listeners, l)
	b.running.Go(func() { b.accept(l) })
}

// ListenTLS is Listen for MQTT over TLS. The handshake is the first read of
// a connection, so that a client that is slow at it holds up nobody.
func (b *Bench) ListenTLS(l net.Listener, cfg *tls.Config) {
	b.Listen(secured{tls.NewListener(l, cfg)})
}

// secured is a listener of TLS.
type secured struct{ net.Listener }

// Address returns the first address that the bench listens on, or "".
func (b *Bench) Address() string { return b.address(false) }

// AddressTLS returns the first address at which it speaks TLS, or "".
func (b *Bench) AddressTLS() string { return b.address(true) }

func (b *Bench) address(overTLS bool) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.listeners {
		if _, ok := l.(secured); ok == overTLS {
			return Reachable(l.Addr())
		}
	}
	return ""
}

// Reachable is an address that can be typed: where a listener takes every
// address of this machine, localhost stands for them.
func Reachable(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return a.String()
	}
	return "localhost:" + strconv.Itoa(tcp.Port)
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
			b.listeners = slices.DeleteFunc(b.listeners, func(other net.Listener) bool { return other == l })
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
		tcp.SetWriteBuffer(sendBuffer) // Go has set TCP_NODELAY: a packet is never held back to wait for another
	}
	w := &wire{conn: conn, carrier: carrier, out: newOutbox(conn, b.queue, &b.unsent)}
	b.mu.Lock()
	if b.stopped || b.readOnly {
		b.mu.Unlock()
		conn.Close()
		return
	}
	full := b.enters(w)
	now := b.now()
	b.open(now, w)
	if full.Code != "" {
		b.hungUp(now, w.id, 0)
		w.why = full
		b.part(now, w, capture.Server)
	}
	b.running.Go(func() { b.read(w) })
	b.release(now)
}

// enters counts a connection, and says why there is no room for it if that is
// so. What comes from this machine, as do proxies, counts for no address. It
// needs mu.
func (b *Bench) enters(w *wire) (full Reason) {
	if len(b.wires) >= b.most {
		full = Reason{Code: ReasonFull, Max: b.most}
	}
	if at, err := netip.ParseAddrPort(w.conn.RemoteAddr().String()); err == nil && !at.Addr().Unmap().IsLoopback() {
		w.address = limits.Network(at.Addr())
		if b.addresses[w.address] >= b.each {
			full = Reason{Code: ReasonAddress, Max: b.each}
		}
		b.addresses[w.address]++
	}
	return full
}

// leaves undoes enters. It needs mu.
func (b *Bench) leaves(w *wire) {
	if !w.address.IsValid() {
		return
	}
	if b.addresses[w.address]--; b.addresses[w.address] == 0 {
		delete(b.addresses, w.address)
	}
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
		case interface{ NetConn() net.Conn }: // one that is counted
			conn = c.NetConn()
		default:
			tcp, _ = conn.(*net.TCPConn)
			return strings.Join(layers, ", "), tcp
		}
	}
}
