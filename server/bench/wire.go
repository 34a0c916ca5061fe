package bench

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/server/capture"
	"mqttlab/server/syserr"
)

// wire joins one connection to the broker. A virtual client's wire differs
// from a TCP connection's only in having no socket.
type wire struct {
	id      broker.ConnID
	client  *client
	conn    net.Conn   // nil: virtual
	carrier string     // of conn, if it is more than TCP
	address netip.Addr // that it counts for; none: for no address
	out     *outbox    // nil: virtual
	own     inbox      // of what comes from the client; belongs to the reader

	// Under the bench's lock.
	source  capture.Source
	in      *inbox // of what the broker hears: own, but on a wire that is not plain
	far     *far   // nil: the broker is the bench's own
	line    *line  // nil: the wire lets everything pass, and nobody flies the client
	dec     packet.Decoder
	checked bool // the pending packet's fixed header is known to be well
	behind  bool // whole packets are left for the next stretch
	ended   bool // the broker no longer knows this connection
	dirty   bool // stands in Bench.dirty
	deaf    bool // does not read; nothing more is sent
	why     Reason
	bench   *Bench
}

// Reason says why a connection ended where the broker's explanations do not.
// The zero Reason says nothing.
type Reason struct {
	Code  string
	Bytes int
	Max   int
	Error string // as syserr.Name has it
	Far   string // the address of the upstream broker
}

// The codes of a Reason. The message "close." + Code says it in words.
const (
	ReasonSlow           = "slow"            // the client did not read; Bytes were not sent
	ReasonTooLarge       = "too-large"       // a packet of Bytes was announced, Max are taken
	ReasonCrowded        = "crowded"         // all clients together had more than Max unread, and this one the most, Bytes
	ReasonFull           = "full"            // the bench has Max clients and no room for another
	ReasonAddress        = "address"         // the client's address has Max connections and may have no more
	ReasonNetwork        = "network"         // Error is what the system said
	ReasonTextFrame      = "text-frame"      // a WebSocket client sent text
	ReasonCut            = "cut"             // the wire was cut
	ReasonWireFull       = "wire-full"       // Bytes waited in the wire, Max may
	ReasonUnreachable    = "unreachable"     // no connection to the upstream broker: Error
	ReasonUpstreamClosed = "upstream-closed" // the upstream broker (Error) closed its connection
	ReasonUpstreamLost   = "upstream-lost"   // … lost it: Error
	ReasonUpstreamSlow   = "upstream-slow"   // … did not read what the client sent
	ReasonPilot          = "pilot"           // what arrived was no valid packet, after which a client closes
)

// version is what the connection speaks, 0 before its CONNECT.
func (w *wire) version() packet.Version { return w.dec.Version }

// put queues a packet for the client. It needs the bench's lock.
func (w *wire) put(b []byte) {
	if w.out == nil {
		return // the capture has it, and that is where a virtual client reads
	}
	if !w.out.put(b) {
		w.bench.slow = append(w.bench.slow, w)
		return
	}
	w.mark()
}

func (w *wire) mark() {
	if !w.dirty {
		w.dirty = true
		w.bench.dirty = append(w.bench.dirty, w)
	}
}

// end lets the socket close after what is queued. It needs the bench's lock.
func (w *wire) end(how capture.How) {
	if w.out != nil {
		w.out.finish(how == capture.RST)
		w.mark()
	}
}

// local is the address that the client came to.
func (w *wire) local() string {
	if w.conn == nil {
		return ""
	}
	return w.conn.LocalAddr().String()
}

// open tells the bench and the broker of a new connection. It needs mu.
func (b *Bench) open(now time.Time, w *wire) {
	b.lastConn++
	w.id, w.bench, w.in = b.lastConn, b, &w.own
	b.wires[w.id] = w
	if w.client == nil {
		w.client = b.newTCPClient(w)
	}
	w.client.opened(w)
	w.source = capture.Source{Conn: w.id, Lane: w.client.id}
	b.record(now, &capture.Event{Kind: capture.Open, Conn: w.id, Lane: w.client.id, Detail: capture.Opened{
		Name: w.client.name, Remote: w.client.remote, Local: w.local(), Virtual: w.conn == nil}})
	b.changed(now, w.client)
	b.attach(now, w)
	if b.upstream != nil {
		b.reach(w)
		return
	}
	if b.hand {
		return
	}
	b.apply(now, b.broker.Open(now, w.id), 0, capture.Server)
}

// How much the packets of one client may lead to, in packets, effects and
// explanations, and how long that may take, before others have their turn. One
// read may bring a hundred thousand packets, or thousands for each of which
// thousands of Subscriptions are looked through.
const (
	longStretch = 64 << 10
	longTime    = 20 * time.Millisecond
	clockEvery  = 4 // packets, which is often enough, and costs little
)

// receive gives the broker the whole packets in w's inbox, those of a socket as
// long as one stretch may be. It needs mu.
func (b *Bench) receive(now time.Time, w *wire) {
	w.behind = false
	began := time.Now()
	for n, end := 1, b.done+longStretch; !w.ended; n++ {
		if (b.done > end || n%clockEvery == 0 && time.Since(began) > longTime) && w.conn != nil && w.line == nil {
			w.behind = true
			return
		}
		b.done++
		data := w.in.pending()
		if len(data) == 0 {
			return
		}
		size, err := packet.Size(data)
		if err != nil || size > b.packetBytes || len(data) < size || size == 0 {
			b.partial(now, w, data, size)
			return
		}
		w.in.take(size)
		w.checked = false
		b.packet(now, w, data[:size:size])
	}
	b.broken(now, w) // behind the last packet that the broker heard
}

// packet gives the broker one packet. It needs mu.
func (b *Bench) packet(now time.Time, w *wire, data []byte) {
	b.near = w
	p, err := w.dec.Decode(data)
	b.stats.In.count(data)
	n := b.recordPacket(now, w, packet.Client, err != nil, w.cause(), data)
	if w.far != nil {
		b.forward(now, w, data, n)
		if c, ok := p.(*packet.Connect); ok && !w.client.connected {
			b.introduce(now, w, c, c.ClientID)
		}
		return
	}
	if err != nil {
		b.fault(now, w, err, n)
		return
	}
	if b.hand { // a person answers
		if c, ok := p.(*packet.Connect); ok && !w.client.connected {
			b.introduce(now, w, c, c.ClientID)
		}
		return
	}
	effects := b.broker.Receive(now, w.id, p, data)
	b.apply(now, effects, n, capture.Server)
	if c, ok := p.(*packet.Connect); ok && !w.client.connected {
		b.introduce(now, w, c, assigned(c.ClientID, w.id, effects))
	}
}

// introduce takes down what a CONNECT says of its client.
func (b *Bench) introduce(now time.Time, w *wire, c *packet.Connect, id string) {
	w.client.connect(id, w.version())
	w.client.keepAlive = c.KeepAlive
	b.changed(now, w.client)
}

// assigned returns the Client Identifier of a CONNECT, or the one that the
// broker has chosen for it.
func assigned(id string, conn broker.ConnID, effects []broker.Effect) string {
	if id == "" {
		for i := range effects {
			if e := &effects[i]; e.Conn == conn && e.Kind == broker.EffectExplain && e.Explanation.Client != "" {
				return e.Explanation.Client
			}
		}
	}
	return id
}

// partial looks at a packet that is not whole. What can never become a packet
// is refused at once rather than when all its announced bytes have come.
func (b *Bench) partial(now time.Time, w *wire, data []byte, size int) {
	if size > b.packetBytes {
		n := b.broken(now, w)
		w.why = Reason{Code: ReasonTooLarge, Bytes: size, Max: b.packetBytes}
		b.apply(now, b.dropped(now, w.id, broker.CauseTooLarge, n), n, capture.Server)
		return
	}
	if w.checked {
		return
	}
	w.checked = size > 0 // until then the fixed header is looked at again with each byte
	if fault := w.dec.Begun(data); fault != nil {
		b.fault(now, w, fault, b.broken(now, w))
	}
}

// broken records everything in w's inbox as bytes that are no packet. It
// needs mu.
func (b *Bench) broken(now time.Time, w *wire) uint64 {
	rest := w.in.pending()
	if len(rest) == 0 {
		return 0
	}
	w.in.take(len(rest))
	b.stats.In.Packets[0]++
	b.stats.In.Bytes += uint64(len(rest))
	n := b.recordPacket(now, w, packet.Client, true, w.cause(), rest[:len(rest):len(rest)])
	if w.far != nil && !w.ended {
		b.forward(now, w, rest[:len(rest):len(rest)], n)
	}
	return n
}

func (b *Bench) fault(now time.Time, w *wire, err error, cause uint64) {
	var fault *packet.Fault
	errors.As(err, &fault)
	b.apply(now, b.faulted(now, w.id, fault, cause), cause, capture.Server)
}

// gone tells the broker that the other side has ended the connection. It
// needs mu.
func (b *Bench) gone(now time.Time, w *wire, how capture.How, why Reason) {
	if w.ended {
		return
	}
	b.broken(now, w) // a packet that will never be whole
	w.why = why
	effects := b.hungUp(now, w.id, causeOf(how))
	b.apply(now, effects, b.part(now, w, how), capture.Server)
}

func causeOf(how capture.How) broker.Cause {
	switch how {
	case capture.FIN:
		return broker.CauseFIN
	case capture.RST:
		return broker.CauseRST
	case capture.Timeout:
		return broker.CauseTimeout
	}
	return broker.CauseUnknown
}

// read serves a TCP connection until it ends.
func (b *Bench) read(w *wire) {
	defer w.conn.Close()
	eased := false // somebody reads more slowly than this client sends
	for {
		room := w.own.room()
		if eased {
			room = room[:min(len(room), easeRead)]
		}
		n, err := w.conn.Read(room)
		w.own.filled(n)
		if n > 0 {
			eased = b.takeIn(w, n >= easeFlood)
		}
		if errors.Is(err, errTextFrame) {
			b.refuseText(w)
			continue // to read the other side's close frame
		}
		if err != nil {
			b.lockAwake()
			if w.line == nil {
				w.out.ends()
			}
			now := b.now()
			how, why := ending(err)
			b.depart(now, w, how, why)
			b.release(now)
			return
		}
	}
}

// takeIn takes in what has come from a client, in as many stretches as it
// takes, and reports whether the client, who floods, had to wait for others.
func (b *Bench) takeIn(w *wire, floods bool) (eased bool) {
	for more := true; more; {
		b.mu.Lock()
		if w.ended {
			b.mu.Unlock()
			w.own.take(len(w.own.pending())) // closed by the server: the rest only keeps the socket from a reset
			return eased
		}
		now := b.now()
		full := b.arrive(now, w)
		more = w.behind
		uplink := w.uplink()
		wires := b.settle(now)
		eased = floods && ease(w, wires) || eased
		if full != nil {
			<-full // the wire holds as much as it may: the client waits
		}
		for uplink != nil && uplink.ease(time.Now().Add(easeTime), false) { // so it does for a broker elsewhere
		}
	}
	return eased
}

// refuseText closes a connection over which a text frame came [MQTT-6.0.0-1].
func (b *Bench) refuseText(w *wire) {
	b.mu.Lock()
	now := b.now()
	if !w.ended {
		n := b.broken(now, w)
		w.why = Reason{Code: ReasonTextFrame}
		b.apply(now, b.dropped(now, w.id, broker.CauseTextFrame, n), n, capture.Server)
	}
	b.release(now)
}

// ease waits a moment for those who have much to read yet of what from sent.
func ease(from *wire, wires []*wire) (eased bool) {
	var long []*wire
	others := false // keep up
	for _, w := range wires {
		switch {
		case w.out.long():
			long = append(long, w)
		case w != from:
			others = true
		}
	}
	deadline := time.Now().Add(easeTime)
	for _, w := range long {
		if w.out.ease(deadline, others) {
			eased = true
		}
	}
	return eased
}

// ending tells FIN, RST and silence apart.
func ending(err error) (capture.How, Reason) {
	switch {
	case errors.Is(err, io.EOF):
		return capture.FIN, Reason{}
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return capture.RST, Reason{}
	case errors.Is(err, syscall.ETIMEDOUT), errors.Is(err, os.ErrDeadlineExceeded):
		return capture.Timeout, Reason{Code: ReasonNetwork, Error: syserr.Name(err)}
	}
	return capture.RST, Reason{Code: ReasonNetwork, Error: syserr.Name(err)}
}
