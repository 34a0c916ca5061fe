// Package bench joins a broker to the world: its connections, the virtual
// clients that a page drives, the timers, and the capture of all that happens.
//
//	bench.go     the bench; events in, effects out, in one place
//	durable.go   what must be kept before clients hear of it
//	wire.go      one connection: bytes to packets, packets to bytes
//	inbox.go     bytes that have come; outbox.go bytes to go, by try_unix.go or try_other.go
//	listen.go    TCP and TLS; websocket.go MQTT over WebSocket
//	virtual.go   clients that the page drives byte by byte
//	clients.go   who is there
//	replay.go    the broker as it was; what it hears beside the capture; why.go why a client got a message
//	import.go    a capture file in the place of what happens
//	settings.go  another broker in the place of this one
//	upstream.go  a broker elsewhere in the place of the bench's own
//	hand.go      a person in its place
//	line.go      what a wire does that is not plain; wires.go its controls
//	rest.go      time that stands still
//	pilot.go     what a client does by itself; presets.go scenes of clients
//	stats.go     figures of it all
//
// The broker is a pure state machine (mqttcore/broker). All its events pass
// under one lock, in order, many packets at a time; what it wants sent is
// written outside the lock, so that no client waits for another one's socket.
package bench

import (
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/server/capture"
	"mqttlab/server/limits"
	"mqttlab/server/replay"
)

// Config says what a bench is to be. The zero Config is good.
type Config struct {
	Upstream      *Upstream // a broker elsewhere; nil: the bench has its own
	ID            string
	Broker        broker.Config    // Explain and Durable are the bench's own to decide
	Now           func() time.Time // nil: time.Now
	Logger        *slog.Logger     // nil: says nothing
	CaptureEvents int              // 0: limits.CaptureEvents
	CaptureBytes  int              // 0: limits.CaptureBytes
	OutQueueBytes int              // unsent bytes of a connection; 0: limits.OutQueueBytes
	MaxClients    int              // connections and virtual clients together; 0: limits.ClientsPerBench
	MaxPerAddress int              // connections from one address, but for this machine's own; 0: limits.ClientsPerAddress
	AllQueueBytes int              // unsent bytes of all connections; 0: limits.AllQueueBytes
	NoCapture     bool             // for measuring what the capture costs
	Store         Store            // keeps what must outlive the program; nil: nothing does
	Failed        func(error)      // is told that Store has failed, which stops the bench
}

// Bench is one broker, its wires, its capture and its virtual clients. Its
// methods may be called from any goroutine.
type Bench struct {
	id       string
	clock    clock
	logger   *slog.Logger
	log      *capture.Log
	keeper   *keeper // nil: nothing is kept
	began    time.Time
	mute     bool
	queue    int       // bound of each outbox, in bytes
	queues   int       // and of all
	most     int       // clients
	filmed   time.Time // when what is shown was captured, if that was elsewhere
	readOnly bool      // nothing new happens
	each     int       // connections of an address

	running   sync.WaitGroup // readers, writers, listeners
	replaying chan struct{}  // holds one while somebody replays
	upstream  *Upstream      // nil: the broker is the bench's own

	mu          sync.Mutex
	broker      *broker.Broker  // heard by way of replay.go
	hand        bool            // … but a person is the broker
	packetBytes int             // the longest packet that it takes
	journal     *replay.Journal // nil: nothing is captured
	stats       Stats           // but for what is reckoned when it is asked for
	unsent      unsent
	addresses   map[netip.Addr]int      // connections of each
	wires       map[broker.ConnID]*wire // open ones
	clients     map[string]*client
	order       []*client // as they came
	done        int       // packets heard and effects performed, ever
	lastConn    broker.ConnID
	virtuals    int // virtual clients ever made; names the next one
	timer       *time.Timer
	timerAt     time.Time // zero: not set
	recording   bool      // the log's lock is held
	near        *wire     // that sent the latest packet; most explanations name it
	dirty       []*wire   // have something to be written
	slow        []*wire   // have a full outbox
	lines       []*wire   // have a line
	coming      Wire      // settings of the wires of clients that come from outside
	uplinks     []*far    // have something to be written
	upward      unsent    // of all of them
	early       int       // bytes for those that are not connected yet
	behind      bool      // there was more to do for lines than in one stretch
	parted      *wire     // the latest that ended; explanations still name it
	listeners   []net.Listener
	rest        chan struct{} // closed when time goes on; nil: it does
	stopped     bool
}

// New returns a bench without clients.
func New(cfg Config) *Bench {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.CaptureEvents == 0 {
		cfg.CaptureEvents = limits.CaptureEvents
	}
	if cfg.CaptureBytes == 0 {
		cfg.CaptureBytes = limits.CaptureBytes
	}
	if cfg.OutQueueBytes == 0 {
		cfg.OutQueueBytes = limits.OutQueueBytes
	}
	if cfg.MaxClients == 0 {
		cfg.MaxClients = limits.ClientsPerBench
	}
	if cfg.MaxPerAddress == 0 {
		cfg.MaxPerAddress = limits.ClientsPerAddress
	}
	if cfg.AllQueueBytes == 0 {
		cfg.AllQueueBytes = limits.AllQueueBytes
	}
	b := &Bench{
		id:      cfg.ID,
		clock:   clock{wall: cfg.Now},
		logger:  cfg.Logger,
		log:     capture.New(cfg.CaptureEvents, cfg.CaptureBytes),
		began:   cfg.Now(),
		mute:    cfg.NoCapture,
		queue:   cfg.OutQueueBytes,
		queues:  cfg.AllQueueBytes,
		each:    cfg.MaxPerAddress,
		most:    cfg.MaxClients,
		broker:  broker.New(complete(cfg.Broker, !cfg.NoCapture, cfg.Store != nil)),
		wires:   make(map[broker.ConnID]*wire),
		clients: make(map[string]*client),

		addresses: make(map[netip.Addr]int),
		stats:     Stats{Ended: make(map[string]uint64)},
	}
	b.replaying = make(chan struct{}, 1)
	b.upstream = cfg.Upstream
	if !b.mute && b.upstream == nil {
		b.journal = replay.New(b.began, b.broker)
	}
	b.packetBytes = int(b.broker.Config().MaxPacketSize)
	if cfg.Store != nil {
		b.keeper = newKeeper(cfg.Store, cfg.Failed)
		b.keeper.ended.Go(b.keep)
	}
	return b
}

// ID returns the bench's name in addresses.
func (b *Bench) ID() string { return b.id }

// Began returns when the bench began: its events count from there.
func (b *Bench) Began() time.Time {
	if b.readOnly {
		return b.filmed
	}
	return b.began
}

// ReadOnly says whether the bench only shows a capture.
func (b *Bench) ReadOnly() bool { return b.readOnly }

// Log returns the bench's capture.
func (b *Bench) Log() *capture.Log { return b.log }

// now returns the bench's time.
func (b *Bench) now() time.Time { return b.clock.now() }

// Elapsed returns the time since the bench began, on the scale of its events.
func (b *Bench) Elapsed() time.Duration { return b.now().Sub(b.began) }

// State returns a snapshot of the broker.
func (b *Bench) State() broker.State {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.broker.State()
}

// record appends an event to the capture, whose lock is then held until
// release. It needs mu.
func (b *Bench) record(now time.Time, e *capture.Event) uint64 {
	if b.mute {
		return 0
	}
	b.records(now)
	return b.log.Put(e)
}

// recordPacket is record for bytes on a wire. cause is the number of the event
// that led to them, or 0.
func (b *Bench) recordPacket(now time.Time, w *wire, from packet.Party, broken bool, cause uint64, data []byte) uint64 {
	if b.mute {
		return 0
	}
	b.records(now)
	return b.log.PutPacket(&w.source, from, w.version(), broken, cause, data)
}

// records begins a stretch of events, which is one moment.
func (b *Bench) records(now time.Time) {
	if !b.recording {
		b.recording = true
		b.log.Begin(now.Sub(b.began))
	}
}

// apply does what the broker asks for, or has it wait until what the latest
// event changed is kept. cause is the event that led to it. It needs mu; the
// caller calls release.
func (b *Bench) apply(now time.Time, effects []broker.Effect, cause uint64, how capture.How) {
	if b.keeper == nil || !b.hold(effects, cause, how) {
		b.perform(now, effects, cause, how)
	}
}

// perform does what the broker asks for. It needs mu.
func (b *Bench) perform(now time.Time, effects []broker.Effect, cause uint64, how capture.How) {
	b.done += len(effects)
	for i := range effects {
		e := &effects[i]
		if e.Kind == broker.EffectExplain {
			if !b.mute {
				b.records(now)
				b.log.PutExplanation(b.source(e.Conn), cause, e.Explanation, e.PacketID)
			}
			continue
		}
		w := b.wires[e.Conn]
		if w == nil {
			continue
		}
		switch e.Kind {
		case broker.EffectSend:
			if w.deaf || len(e.Wire) == 0 {
				continue
			}
			b.stats.Out.count(e.Wire)
			n := b.recordPacket(now, w, packet.Server, false, cause, e.Wire)
			if w.line != nil {
				b.dispatch(now, w, e.Wire, n)
				continue
			}
			w.put(e.Wire)
		case broker.EffectClose:
			b.part(now, w, how)
		}
	}
}

// source returns whose events these are: those of a connection that is or was.
func (b *Bench) source(id broker.ConnID) *capture.Source {
	if b.near != nil && b.near.id == id {
		return &b.near.source
	}
	if w := b.wires[id]; w != nil {
		return &w.source
	}
	if b.parted != nil && b.parted.id == id {
		return &b.parted.source
	}
	return &capture.Source{Conn: id}
}

// part ends a connection that the broker no longer knows and returns the
// number of the event that says so. It needs mu.
func (b *Bench) part(now time.Time, w *wire, how capture.How) uint64 {
	w.ended = true
	delete(b.wires, w.id)
	b.leaves(w)
	if w.why.Code != "" {
		b.stats.Ended[w.why.Code]++
	}
	b.parted = w
	if b.near == w {
		b.near = nil
	}
	n := b.record(now, &capture.Event{Kind: capture.Close, Conn: w.id, Lane: w.client.id, How: how, Detail: w.why})
	w.client.closed(how)
	b.changed(now, w.client)
	b.leaveFar(w, how)
	if w.line != nil {
		b.sever(now, w, how)
	} else {
		w.end(how)
	}
	b.forgetOld(now)
	return n
}

// release ends a stretch of events: it drops those who do not read, sets the
// timer, unlocks mu and lets everything queued be written. It returns the
// wires that were written to.
func (b *Bench) release(now time.Time) []*wire {
	for b.pump(now); len(b.slow) > 0; b.pump(now) {
		w := b.slow[len(b.slow)-1]
		b.slow = b.slow[:len(b.slow)-1]
		if !w.ended {
			b.dismiss(now, w, Reason{Code: ReasonSlow})
		}
	}
	for b.unsent.bytes() > b.queues {
		w := b.slowest()
		if w == nil {
			break
		}
		b.dismiss(now, w, Reason{Code: ReasonCrowded, Max: b.queues})
	}
	for b.upward.bytes()+b.early > b.queues {
		w := b.longest()
		if w == nil {
			break
		}
		b.unheard(now, w, 0)
	}
	b.arm(now)
	dirty := b.dirty
	b.dirty = nil
	for _, w := range dirty {
		w.dirty = false
	}
	uplinks := b.uplinks
	b.uplinks = nil
	for _, f := range uplinks {
		f.dirty = false
	}
	if b.recording {
		b.recording = false
		b.log.End()
		b.checkpoint()
	}
	b.mu.Unlock()
	for _, w := range dirty {
		w.out.flush(b.running.Go)
	}
	for _, f := range uplinks {
		f.out.flush(b.running.Go)
	}
	return dirty
}

// dismiss ends the connection of a client that does not read what it is sent,
// and drops what it has not read. It needs mu.
func (b *Bench) dismiss(now time.Time, w *wire, why Reason) {
	w.deaf = true
	why.Bytes = w.out.finish(true)
	w.why = why
	b.apply(now, b.dropped(now, w.id, broker.CauseSlow, 0), 0, capture.Server)
}

// slowest returns the open connection that has the most yet to be sent, or nil
// if there is none. It needs mu.
func (b *Bench) slowest() *wire {
	return b.fullest(func(w *wire) int {
		if w.out == nil || w.deaf {
			return 0
		}
		return w.out.length()
	})
}

// fullest returns the wire that has the most waiting, or nil if none has
// anything. It needs mu.
func (b *Bench) fullest(waiting func(*wire) int) (fullest *wire) {
	most := 0
	for _, w := range b.wires {
		if n := waiting(w); n > most {
			fullest, most = w, n
		}
	}
	return fullest
}

// arm sets the timer for the broker's next deadline. It needs mu.
func (b *Bench) arm(now time.Time) {
	next, ok := b.broker.Next()
	next, ok = b.sooner(next, ok)
	if !ok || b.stopped || (!b.timerAt.IsZero() && !next.Before(b.timerAt)) {
		return // a timer that comes too early finds nothing to do
	}
	if b.rest != nil && next.After(now) {
		return // it does not come any nearer
	}
	b.timerAt = next
	wait := max(next.Sub(now), 0)
	if b.timer == nil {
		b.timer = time.AfterFunc(wait, b.tick)
	} else {
		b.timer.Reset(wait)
	}
}

func (b *Bench) tick() {
	b.mu.Lock()
	b.timerAt = time.Time{}
	if b.stopped {
		b.mu.Unlock()
		return
	}
	now := b.now()
	b.apply(now, b.ticked(now), 0, capture.Timeout)
	b.fly(now)
	b.release(now)
}

// Close stops the listeners and ends every connection, with a word to those
// clients whose version has one, and waits until all is quiet.
func (b *Bench) Close() {
	b.mu.Lock()
	b.stopped = true
	for _, l := range b.listeners {
		l.Close()
	}
	b.endLines()
	now := b.now()
	for id := range b.wires {
		b.apply(now, b.dropped(now, id, broker.CauseShutdown, 0), 0, capture.Server)
	}
	if b.timer != nil {
		b.timer.Stop()
	}
	if b.rest != nil {
		close(b.rest)
		b.rest = nil
	}
	b.release(now)
	b.running.Wait()
	b.keeper.stop()
}
