// Package live streams a bench's events to the pages that watch it.
//
// A hub makes one message of what is new, at most twenty times a second, and
// every viewer that is up to date is sent that same message. A viewer has no
// queue: it has a place in the capture. One that reads slowly finds its next
// events there, and when it is too far behind it is told of the gap. Nobody
// who watches can hold up the bench or another viewer.
package live

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"math"
	"strconv"
	"sync"
	"time"

	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/ladder"
	"mqttlab/server/limits"
)

// Hub streams one bench.
type Hub struct {
	bench    *bench.Bench
	instance string

	places limits.Places // of viewers

	mu      sync.Mutex
	closed  bool
	cache   *ladder.Cache // nil: nobody has asked for long
	idle    *time.Timer   // lets go of cache
	streams map[spec.Lang]*stream
	running sync.WaitGroup
	stop    chan struct{}
}

// stream is the hub's newest message in one language.
type stream struct {
	mu      sync.Mutex
	viewers int
	quit    chan struct{} // closed when the last viewer has gone
	latest  message
	wake    chan struct{} // closed when latest changes
}

// message is JSON for the events from up to, not with, to.
type message struct {
	from, to uint64
	json     []byte
}

// NewHub returns a hub that does nothing until somebody watches.
func NewHub(b *bench.Bench) *Hub {
	return &Hub{
		bench:    b,
		instance: rand.Text(),
		streams:  make(map[spec.Lang]*stream),
		stop:     make(chan struct{}),
		places:   limits.Places{Most: limits.ViewersPerBench},
	}
}

// Cache returns the rendered events, for others who show them. It is not to be
// kept: when nobody has watched or asked for a while, it is let go, for it may
// take as much memory as the capture. It is made again of what is held then.
func (h *Hub) Cache() *ladder.Cache {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cache == nil {
		h.cache = ladder.NewCache(h.bench.Log())
	}
	h.rest()
	return h.cache
}

// rest begins to wait for the moment when the cache is let go. It needs mu.
func (h *Hub) rest() {
	switch {
	case h.places.Taken() > 0 || h.closed:
	case h.idle == nil:
		h.idle = time.AfterFunc(limits.LadderIdle, h.letGo)
	default:
		h.idle.Reset(limits.LadderIdle)
	}
}

func (h *Hub) letGo() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.places.Taken() == 0 {
		h.cache = nil
	}
}

// Instance names this run of the bench: a page that meets another one knows
// that numbers have begun anew.
func (h *Hub) Instance() string { return h.instance }

// Close lets all viewers go and waits until they have.
func (h *Hub) Close() {
	h.mu.Lock()
	if !h.closed {
		h.closed = true
		if h.idle != nil {
			h.idle.Stop()
		}
		close(h.stop)
	}
	h.mu.Unlock()
	h.running.Wait()
}

// Viewers is how many watch.
func (h *Hub) Viewers() int { return h.places.Taken() }

// join returns the stream of a language for one more viewer of that owner, or
// nil if there are too many. The viewer calls leave.
func (h *Hub) join(o limits.Owner, l spec.Lang) *stream {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || h.places.Take(o) != nil {
		return nil
	}
	h.running.Add(1)
	s := h.streams[l]
	if s == nil {
		_, next := h.bench.Log().Bounds()
		s = &stream{quit: make(chan struct{}), wake: make(chan struct{}), latest: message{from: next, to: next}}
		h.streams[l] = s
		h.running.Go(func() { h.run(l, s) })
	}
	s.viewers++
	return s
}

func (h *Hub) leave(o limits.Owner, l spec.Lang, s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.places.Give(o)
	h.running.Done()
	if s.viewers--; s.viewers == 0 {
		close(s.quit)
		delete(h.streams, l)
	}
	h.rest()
}

// run makes a message of what is new, once a tick while there is something.
func (h *Hub) run(l spec.Lang, s *stream) {
	next := s.latest.to
	tick := time.NewTimer(0)
	defer tick.Stop()
	for {
		select {
		case <-h.bench.Log().Wait(next):
		case <-s.quit:
			return
		case <-h.stop:
			return
		}
		m := h.compose(l, next, math.MaxUint64)
		next = m.to
		s.mu.Lock()
		s.latest = m
		close(s.wake)
		s.wake = make(chan struct{})
		s.mu.Unlock()
		tick.Reset(limits.LiveTick)
		select {
		case <-tick.C:
		case <-s.quit:
			return
		case <-h.stop:
			return
		}
	}
}

// compose makes the message that carries on from number from, and not beyond
// until: some events, or, if they are gone or too many wait, a gap.
func (h *Hub) compose(l spec.Lang, from, until uint64) message {
	first, next := h.bench.Log().Bounds()
	next = min(next, until)
	from = min(from, next)
	if from < first {
		return gap(from, first)
	}
	if next-from > limits.LiveBehind {
		return gap(from, next-limits.LiveEvents)
	}
	to := min(next, from+limits.LiveEvents)
	if from == to {
		return message{from: from, to: to}
	}
	start, events := h.Cache().Range(l, from, to)
	if start != from || len(events) == 0 {
		return gap(from, max(start, from+1))
	}
	size := 64
	for _, e := range events {
		size += len(e) + 1
	}
	var b bytes.Buffer
	b.Grow(size)
	b.WriteString(`{"type":"events","events":[`)
	for i, e := range events {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(e)
	}
	b.WriteString(`],"next":`)
	b.WriteString(strconv.FormatUint(to, 10))
	b.WriteByte('}')
	return message{from: from, to: to, json: b.Bytes()}
}

func gap(from, to uint64) message {
	return message{from: from, to: to,
		json: []byte(`{"type":"gap","from":` + strconv.FormatUint(from, 10) + `,"to":` + strconv.FormatUint(to, 10) + `}`)}
}

// errQuiet says that nothing has happened for a while.
var errQuiet = errors.New("nothing to send")

// place is where a viewer begins who asks for number n: at the oldest event if
// there is none of that number, nor soon.
func (h *Hub) place(n uint64) uint64 {
	if _, next := h.bench.Log().Bounds(); n == 0 || n > next {
		return 1
	}
	return n
}

// after returns the message for a viewer that has everything before from. It
// waits until there is one, for limits.ViewerPing at most. A number from again
// is returned as an empty message from there.
func (h *Hub) after(ctx context.Context, l spec.Lang, s *stream, from uint64, again <-chan uint64) (message, error) {
	quiet := time.NewTimer(limits.ViewerPing)
	defer quiet.Stop()
	for {
		s.mu.Lock()
		latest, wake := s.latest, s.wake
		s.mu.Unlock()
		if latest.from == from && len(latest.json) > 0 {
			return latest, nil
		}
		if from < latest.to {
			return h.compose(l, from, latest.to), nil // and is then up to date again
		}
		select {
		case <-wake:
		case n := <-again:
			return message{to: h.place(n)}, nil
		case <-quiet.C:
			return message{}, errQuiet
		case <-ctx.Done():
			return message{}, ctx.Err()
		}
	}
}
