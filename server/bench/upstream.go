package bench

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/server/capture"
	"mqttlab/server/limits"
	"mqttlab/server/syserr"
)

// ErrUpstream says that a bench has no broker of its own to be asked about.
var ErrUpstream = errors.New("this bench stands in front of a broker elsewhere, and sees only what passes on its wires")

// Upstream is a broker elsewhere, in front of which a bench stands. Each wire
// has a connection of its own to it.
type Upstream struct {
	Address string      // host:port
	TLS     *tls.Config // nil: TCP without TLS
}

// String returns the upstream's address as the operator writes it.
func (u *Upstream) String() string {
	switch {
	case u == nil:
		return ""
	case u.TLS != nil:
		return "tls://" + u.Address
	}
	return "tcp://" + u.Address
}

func (u *Upstream) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, limits.UpstreamTimeout)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", u.Address)
	if err != nil || u.TLS == nil {
		return conn, err
	}
	secured := tls.Client(conn, u.TLS)
	if err := secured.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return secured, nil
}

// far is a wire's connection to the upstream broker. It is under the bench's
// lock, but for the inbox, which belongs to its reader.
type far struct {
	cancel context.CancelFunc // of the dialling
	conn   net.Conn           // nil: not yet connected
	out    *outbox            // from then on
	early  [][]byte           // what the client has sent before
	bytes  int                // of early
	ended  capture.How        // the client has gone
	dirty  bool               // stands in Bench.uplinks

	in  inbox
	dec packet.Decoder
}

// Upstream returns the address of the broker elsewhere, such as
// "tcp://localhost:1884", or "" if the bench has its own.
func (b *Bench) Upstream() string { return b.upstream.String() }

// reach begins to connect a wire to the upstream broker. It needs mu.
func (b *Bench) reach(w *wire) {
	ctx, cancel := context.WithCancel(context.Background())
	w.far = &far{cancel: cancel}
	b.running.Go(func() {
		defer cancel()
		conn, err := b.upstream.dial(ctx)
		if b.reached(w, conn, err) {
			defer conn.Close()
			b.readFar(w)
		}
	})
}

// reached takes the connection that was dialled, and reports whether it is to
// be read.
func (b *Bench) reached(w *wire, conn net.Conn, err error) bool {
	b.mu.Lock()
	now := b.now()
	defer b.release(now)
	f := w.far
	early := f.early
	b.early -= f.bytes
	f.early, f.bytes = nil, 0
	if err != nil {
		if !w.ended {
			w.why = Reason{Code: ReasonUnreachable, Far: b.upstream.String(), Error: syserr.Name(err)}
			b.part(now, w, capture.Server)
		}
		return false
	}
	if f.ended == capture.RST || f.ended != capture.NotClosed && len(early) == 0 {
		conn.Close()
		return false
	}
	if _, tcp := carried(conn); tcp != nil {
		tcp.SetNoDelay(true)
	}
	f.conn, f.out = conn, newOutbox(conn, b.queue, &b.upward)
	for _, data := range early {
		f.out.put(data)
	}
	if f.ended != capture.NotClosed {
		f.out.finish(false)
	}
	b.send(f)
	return true
}

// send lets what is queued for the upstream broker be written at the end of
// the stretch. It needs mu.
func (b *Bench) send(f *far) {
	if !f.dirty && f.out != nil {
		f.dirty = true
		b.uplinks = append(b.uplinks, f)
	}
}

// forward sends bytes of a client, told by event n, to the upstream broker. It
// needs mu.
func (b *Bench) forward(now time.Time, w *wire, data []byte, n uint64) {
	f := w.far
	fits := true
	if f.out != nil {
		fits = f.out.put(data)
		b.send(f)
	} else {
		f.early = append(f.early, data)
		f.bytes += len(data)
		b.early += len(data)
		fits = f.bytes <= limits.EarlyBytes
	}
	if !fits {
		b.unheard(now, w, n)
	}
}

// waiting returns how many bytes of the client the broker elsewhere has yet to take.
func (f *far) waiting() int {
	if f.out == nil {
		return f.bytes
	}
	return f.out.length()
}

// unheard ends a wire to a broker elsewhere that does not read, and drops what
// it has not read. It needs mu.
func (b *Bench) unheard(now time.Time, w *wire, cause uint64) {
	f := w.far
	w.why = Reason{Code: ReasonUpstreamSlow, Bytes: f.waiting()}
	if f.out != nil {
		f.out.finish(true)
	}
	b.early -= f.bytes
	f.early, f.bytes = nil, 0
	b.apply(now, b.dropped(now, w.id, broker.CauseSlow, cause), cause, capture.Server)
}

// longest returns the open wire of which the most waits for the broker
// elsewhere, or nil if nothing does. It needs mu.
func (b *Bench) longest() *wire {
	return b.fullest(func(w *wire) int {
		if w.far == nil || w.ended {
			return 0
		}
		return w.far.waiting()
	})
}

// leaveFar ends a wire's connection to the upstream broker as the client's ended.
// It needs mu.
func (b *Bench) leaveFar(w *wire, how capture.How) {
	f := w.far
	if f == nil || f.ended != capture.NotClosed {
		return
	}
	f.ended = how
	switch {
	case how == capture.RST && f.conn != nil:
		f.out.flush(b.running.Go) // what was sent before still passes
		reset(f.conn)
	case f.conn == nil && (how == capture.RST || b.stopped || len(f.early) == 0):
		f.cancel()
	case f.out != nil:
		f.out.finish(false)
		b.send(f)
	}
}

// readFar reads what the upstream broker says until it ends.
func (b *Bench) readFar(w *wire) {
	f := w.far
	for {
		room := f.in.room()
		n, err := f.conn.Read(room[:min(len(room), easeRead)]) // which may be thousands of packets, all in one stretch
		f.in.filled(n)
		b.mu.Lock()
		now := b.now()
		if w.ended {
			f.in.take(len(f.in.pending()))
		} else {
			b.fromFar(now, w)
		}
		if err != nil && !w.ended {
			if rest := f.in.pending(); len(rest) > 0 { // a packet that will never be whole
				f.in.take(len(rest))
				b.toClient(now, w, rest[:len(rest):len(rest)], true)
			}
			w.why = Reason{Code: ReasonUpstreamClosed, Far: b.upstream.String()}
			if !errors.Is(err, io.EOF) {
				w.why = Reason{Code: ReasonUpstreamLost, Far: b.upstream.String(), Error: syserr.Name(err)}
			}
			b.part(now, w, capture.Server)
		}
		wires := b.release(now)
		if err != nil {
			return
		}
		for ease(w, wires) { // the client reads more slowly than the broker sends: so the broker waits
		}
	}
}

// fromFar takes the whole packets that the upstream broker has sent. It needs mu.
func (b *Bench) fromFar(now time.Time, w *wire) {
	f := w.far
	for !w.ended {
		data := f.in.pending()
		if len(data) == 0 {
			return
		}
		size, err := packet.Size(data)
		switch {
		case size > b.packetBytes:
			w.why = Reason{Code: ReasonTooLarge, Bytes: size, Max: b.packetBytes}
			b.apply(now, b.dropped(now, w.id, broker.CauseTooLarge, 0), 0, capture.Server)
			return
		case err != nil:
			size = len(data) // nobody can tell where a packet begins from here on
		case size == 0 || size > len(data):
			return
		}
		f.in.take(size)
		f.dec.Version = w.version()
		_, fault := f.dec.Decode(data[:size])
		b.toClient(now, w, data[:size:size], fault != nil)
	}
}

// toClient sends bytes of the upstream broker on to the client. It needs mu.
func (b *Bench) toClient(now time.Time, w *wire, data []byte, broken bool) {
	b.stats.Out.count(data)
	n := b.recordPacket(now, w, packet.Server, broken, 0, data)
	if w.line != nil {
		b.dispatch(now, w, data, n)
		return
	}
	w.put(data)
}

// uplink returns the queue to the upstream broker, for which a client that sends
// more than the broker takes has to wait; nil: none. It needs mu.
func (w *wire) uplink() *outbox {
	if w.far == nil {
		return nil
	}
	return w.far.out
}
