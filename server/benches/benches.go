// Package benches holds the benches of a server by id, makes new ones when
// somebody asks, and removes those that nobody uses.
//
// Who knows the id of a bench may use it, and remove it: ids cannot be
// guessed, and that there is no bench of some id is all that a guess learns.
package benches

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/settings"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/limits"
)

// What can be wrong with asking for a bench.
var (
	ErrOff     = errors.New("this server makes no new benches")
	ErrMany    = errors.New("the server has as many benches as it may have")
	ErrShare   = errors.New("the places that are free are for others")
	ErrRate    = errors.New("too many new benches for one address or student in a short time")
	ErrNoPort  = errors.New("there is no free address for MQTT over TCP")
	ErrFixed   = errors.New("this bench belongs to the server and stays")
	ErrUnknown = errors.New("there is no bench of that name")
)

// bound is one of them with its figures.
type bound struct {
	error
	key  string
	args []string
}

func (b *bound) Unwrap() error { return b.error }

func (b *bound) Error() string { return b.error.Error() + ": " + b.Text(spec.English) }

// Text says the figures.
func (b *bound) Text(l spec.Lang) string { return spec.Message(l, "bound."+b.key, b.args...) }

// Config says what New benches may be.
type Config struct {
	Max     int              // benches that may be asked for; 0: none
	Rate    int              // of them, from one address in a minute; 0: limits.NewBenchesPerMinute
	Idle    time.Duration    // a bench that nobody has used for so long is removed; 0: limits.BenchIdle
	Host    string           // where their TCP listeners listen
	Ports   Ports            // of their TCP listeners; none: benches have none
	Now     func() time.Time // nil: time.Now
	Logger  *slog.Logger     // nil: says nothing
	Removed func(*bench.Bench)
}

// Registry holds the benches of a server by id.
type Registry struct {
	cfg Config

	mu      sync.Mutex
	benches map[string]*entry
	asked   limits.Places // for entries that are asked for
	imports limits.Places // for those of them that are captures
	kept    int           // entries that others look after
	rate    map[limits.Owner]*allowance
	timer   *time.Timer // sweeps while there is something to
	closed  bool
	hit     map[string]uint64 // how often a bound was come upon, by the name that Limits gives it
	ending  sync.WaitGroup    // benches that are being closed
}

type entry struct {
	bench *bench.Bench
	base  broker.Config // the caps of what its broker may be
	owner limits.Owner  // who asked for it
	fixed bool          // stays
	kept  bool          // made by Keep
	read  bool          // a capture, to be looked at
	used  time.Time     // last
	holds int           // who is at it now
}

// New returns a Registry without benches.
func New(cfg Config) *Registry {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Rate == 0 {
		cfg.Rate = limits.NewBenchesPerMinute
	}
	if cfg.Idle == 0 {
		cfg.Idle = limits.BenchIdle
	}
	if cfg.Removed == nil {
		cfg.Removed = func(*bench.Bench) {}
	}
	r := &Registry{cfg: cfg, benches: make(map[string]*entry), rate: make(map[limits.Owner]*allowance)}
	r.asked.Most, r.imports.Most = cfg.Max, limits.Imports
	return r
}

// small is the broker of a bench that somebody asks for, where nothing else is
// said: its caps are such that all benches together stay within a machine.
var small = broker.Config{
	MaxQueued: 10_000, MaxPendingBytes: 8 << 20, MaxAllPendingBytes: 16 << 20,
	MaxSessions: 2000, MaxAway: 1000, MaxSubscriptions: 5000, MaxFilterBytes: 1 << 20, MaxAllFilterBytes: 16 << 20,
	MaxRetained: 10_000, MaxRetainedBytes: 8 << 20,
}

// Base returns the configuration of a broker where nothing else is said, with
// the caps of what may be asked for.
func (r *Registry) Base() broker.Config { return small }

// Offers says whether new benches can be asked for, and with a TCP address.
func (r *Registry) Offers() (benches, tcp bool) { return r.cfg.Max > 0, r.cfg.Ports.any() }

// Add puts a bench into the registry that stays as long as the server.
func (r *Registry) Add(b *bench.Bench) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.benches[b.ID()] = &entry{bench: b, base: settings.Caps(b.BrokerConfig()), fixed: true}
}

// BaseOf is Base for a bench that there is.
func (r *Registry) BaseOf(b *bench.Bench) broker.Config {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.benches[b.ID()]; e != nil {
		return e.base
	}
	return small
}

// Get returns the bench of that id, or nil, and notes that it is used.
func (r *Registry) Get(id string) *bench.Bench {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.benches[id]
	if e == nil {
		return nil
	}
	e.used = r.cfg.Now()
	return e.bench
}

// Has says whether a bench is still there.
func (r *Registry) Has(b *bench.Bench) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.benches[b.ID()]
	return e != nil && e.bench == b
}

// Hold keeps a bench from being removed for idleness until release is called.
func (r *Registry) Hold(b *bench.Bench) (release func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.benches[b.ID()]
	if e == nil {
		return func() {}
	}
	e.holds++
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		e.holds--
		e.used = r.cfg.Now()
	}
}

// Request is what somebody asks for.
type Request struct {
	From   limits.Owner // who asks
	Broker broker.Config
	TCP    bool // with a TCP listener of its own
}

// Ask makes a bench for somebody, within the bounds.
func (r *Registry) Ask(q Request) (*bench.Bench, error) {
	return r.add(q.From, false, func(cfg bench.Config) (*bench.Bench, error) {
		cfg.Broker = q.Broker
		b := bench.New(cfg)
		if q.TCP {
			l, err := r.cfg.Ports.listen(r.cfg.Host)
			if err != nil {
				b.Close()
				return nil, err
			}
			b.Listen(l)
		}
		return b, nil
	})
}

// Import makes a bench that shows a capture, within the bounds. fill makes it
// from its Config.
func (r *Registry) Import(from limits.Owner, fill func(bench.Config) (*bench.Bench, error)) (*bench.Bench, error) {
	return r.add(from, true, fill)
}

func (r *Registry) add(from limits.Owner, read bool, fill func(bench.Config) (*bench.Bench, error)) (_ *bench.Bench, err error) {
	defer func() { r.refused(err) }() // without the lock
	e := &entry{base: small, owner: from, read: read}
	if err := r.reserve(e); err != nil {
		return nil, err
	}
	b, err := fill(bench.Config{
		ID:            newID(),
		Logger:        r.cfg.Logger,
		CaptureEvents: limits.BenchCaptureEvents,
		CaptureBytes:  limits.BenchCaptureBytes,
		OutQueueBytes: limits.BenchOutQueueBytes,
		MaxClients:    limits.BenchClients,
	})
	r.mu.Lock()
	if err == nil && r.closed {
		err = bench.ErrStopped
		defer b.Close()
	}
	defer r.mu.Unlock()
	if err != nil {
		r.release(e)
		return nil, err
	}
	e.bench, e.used = b, r.cfg.Now()
	r.benches[b.ID()] = e
	r.sweepLater()
	return b, nil
}

// reserve takes a place for a bench that is about to be made.
func (r *Registry) reserve(e *entry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return bench.ErrStopped
	case r.cfg.Max == 0:
		return ErrOff
	}
	if err := r.asked.Take(e.owner); err != nil {
		return noPlace(err, "benches")
	}
	if e.read {
		if err := r.imports.Take(e.owner); err != nil {
			r.asked.Give(e.owner)
			return noPlace(err, "captures")
		}
	}
	if !r.allow(e.owner) {
		r.release(e)
		return ErrRate
	}
	return nil
}

// noPlace says why there is no place among those of a kind.
func noPlace(err error, kind string) error {
	var refused *limits.Refused
	if errors.As(err, &refused) && refused.Free > 0 {
		return &bound{ErrShare, "share", []string{"n", strconv.Itoa(refused.Held), "free", strconv.Itoa(refused.Free)}}
	}
	return &bound{ErrMany, kind, []string{"n", strconv.Itoa(refused.Most)}}
}

// release gives a place back. It needs mu.
func (r *Registry) release(e *entry) {
	if e.kept {
		r.kept--
		return
	}
	r.asked.Give(e.owner)
	if e.read {
		r.imports.Give(e.owner)
	}
}

// Remove forgets a bench and lets it close.
func (r *Registry) Remove(id string) error {
	r.mu.Lock()
	e := r.benches[id]
	switch {
	case e == nil:
		r.mu.Unlock()
		return ErrUnknown
	case e.fixed || e.kept:
		r.mu.Unlock()
		return ErrFixed
	}
	r.forget(id, e)
	r.mu.Unlock()
	go r.end(e)
	return nil
}

// Keep returns the bench of an id that the caller has chosen. It makes it if it
// is not there, or not any more: it goes when nobody uses it, as others do, but
// nobody who uses it can remove it, and it counts against no bound here. caps
// are those of its broker; fresh says that it was made just now.
func (r *Registry) Keep(id string, caps broker.Config, cfg bench.Config) (b *bench.Bench, fresh bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.benches[id]; e != nil {
		e.used = r.cfg.Now()
		return e.bench, false, nil
	}
	if r.closed {
		return nil, false, bench.ErrStopped
	}
	cfg.ID, cfg.Logger, cfg.Broker = id, r.cfg.Logger, caps
	b = bench.New(cfg)
	r.benches[id] = &entry{bench: b, base: caps, kept: true, used: r.cfg.Now()}
	r.kept++
	r.sweepLater()
	return b, true, nil
}

// Drop forgets a bench that Keep has made and lets it close.
func (r *Registry) Drop(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.benches[id]; e != nil && e.kept {
		r.forget(id, e)
		go r.end(e)
	}
}

// forget takes a bench off the registry. It needs mu; the caller calls end.
func (r *Registry) forget(id string, e *entry) {
	delete(r.benches, id)
	r.release(e)
	r.ending.Add(1)
}

func (r *Registry) end(e *entry) {
	defer r.ending.Done()
	r.cfg.Removed(e.bench)
	e.bench.Close()
}

// sweepLater sets the timer of sweep. It needs mu.
func (r *Registry) sweepLater() {
	wait := max(r.cfg.Idle/4, time.Second)
	switch {
	case r.closed || r.asked.Taken()+r.kept == 0:
	case r.timer == nil:
		r.timer = time.AfterFunc(wait, r.sweep)
	default:
		r.timer.Reset(wait)
	}
}

// sweep removes the benches that nobody uses.
func (r *Registry) sweep() {
	r.mu.Lock()
	now := r.cfg.Now()
	var idle []*entry
	for id, e := range r.benches {
		if e.fixed || e.holds > 0 {
			continue
		}
		if e.bench.Sockets() > 0 {
			e.used = now
			continue
		}
		if now.Sub(e.used) >= r.cfg.Idle {
			idle = append(idle, e)
			r.forget(id, e)
		}
	}
	r.refill(now)
	r.sweepLater()
	r.mu.Unlock()
	for _, e := range idle {
		r.cfg.Logger.Info("a bench that nobody uses is removed", "idle", r.cfg.Idle)
		r.end(e)
	}
}

// Close closes all benches, at the same time.
func (r *Registry) Close() {
	r.mu.Lock()
	r.closed = true
	if r.timer != nil {
		r.timer.Stop()
	}
	var all sync.WaitGroup
	for _, e := range r.benches {
		all.Go(e.bench.Close)
	}
	r.mu.Unlock()
	all.Wait()
	r.ending.Wait()
}

// newID returns an id of 130 random bits, in 26 letters and digits.
func newID() string { return strings.ToLower(rand.Text()) }
