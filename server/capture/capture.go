// Package capture keeps what happened on a bench as a numbered, bounded log.
//
// Appending is constant work and never waits for a reader: nothing is decoded,
// formatted or copied here. Events hold slices of the wire's own chunks, which
// are never overwritten. When the log is full the oldest events go, a segment
// at a time, and stay counted.
package capture

import (
	"sync"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
)

// Kind says what an Event tells.
type Kind uint8

// The kinds of events.
const (
	Open    Kind = iota + 1 // a transport connection exists
	Packet                  // bytes on the wire: a Control Packet, or what is none
	Explain                 // what the broker decided, and why
	Close                   // the transport connection ended
	Client                  // a client was created, changed or removed
)

// How says how a connection ended.
type How uint8

// The ends of a connection.
const (
	NotClosed How = iota
	FIN           // the client closed in good order
	RST           // the client aborted
	Server        // the server closed
	Timeout       // the network, or the peer, was silent for too long
)

// String returns the word of the JSON contract.
func (h How) String() string {
	return [...]string{"", "fin", "rst", "server", "timeout"}[h]
}

// Event is one entry of the log. Which members are set depends on Kind.
type Event struct {
	N       uint64        // number, from 1, without gaps
	At      time.Duration // since the bench began
	Kind    Kind
	How     How            // Close
	From    packet.Party   // Packet: the sender
	Version packet.Version // Packet: under which it was read; 0 before CONNECT
	Broken  bool           // Packet: the bytes are no valid Control Packet
	Conn    broker.ConnID  // 0 for a client that has no connection
	Cause   uint64         // Explain: the number of the event that led to it
	Lane    string         // id of the client whose lane this belongs to
	Bytes   []byte         // Packet: as on the wire; never changes
	Detail  any            // Open: Opened; Explain: *broker.Explanation; Close: string or *broker.Explanation; Client: the client as it then was
}

// Opened says who opened a connection.
type Opened struct {
	Name    string
	Remote  string
	Virtual bool
}

const segmentEvents = 512

// eventCost is what an event takes beside its bytes, so that a million
// empty packets are bounded like a few large ones.
const eventCost = 160

// spareBytes is how much a segment that waits to be used again may keep alive.
const spareBytes = 1 << 20

type segment struct {
	events []Event // grows to segmentEvents and is then complete
	bytes  int
}

// Log is the numbered log of one bench. Its methods may be called from any
// goroutine.
type Log struct {
	maxEvents, maxBytes int

	mu       sync.Mutex
	segments []*segment
	last     *segment // of segments
	first    uint64   // number of the oldest event that is held
	next     uint64   // number of the next event
	bytes    int
	spare    *segment
	wake     chan struct{} // closed at the end of the next stretch if somebody waits
	fresh    bool          // the stretch has brought events
}

// New returns an empty log that keeps at most about that many events and
// bytes (of packets and bookkeeping).
func New(maxEvents, maxBytes int) *Log {
	return &Log{maxEvents: maxEvents, maxBytes: maxBytes, first: 1, next: 1}
}

// Append numbers an event, keeps it and returns its number.
func (l *Log) Append(e Event) uint64 {
	l.Begin()
	defer l.End()
	return l.Put(&e)
}

// Begin starts a stretch of events, which End ends. Readers wait meanwhile,
// and one lock does for many events. Only Put may be called in between.
func (l *Log) Begin() { l.mu.Lock() }

// End ends a stretch and tells those who wait.
func (l *Log) End() {
	if l.wake != nil && l.fresh {
		close(l.wake)
		l.wake = nil
	}
	l.fresh = false
	l.mu.Unlock()
}

// Put is Append within a stretch.
func (l *Log) Put(e *Event) uint64 {
	e.N = l.next
	l.next++
	l.fresh = true
	s := l.last
	if s == nil || len(s.events) == segmentEvents {
		l.trim()
		s = l.segment()
		l.segments = append(l.segments, s)
		l.last = s
	}
	s.events = append(s.events, *e)
	cost := len(e.Bytes) + eventCost
	s.bytes += cost
	l.bytes += cost
	if l.bytes > l.maxBytes {
		l.trim()
	}
	return e.N
}

// segment returns an empty segment: one that was dropped, if there is one.
// The first grows as it needs, since many benches stay small.
func (l *Log) segment() *segment {
	s := l.spare
	l.spare = nil
	switch {
	case s == nil && len(l.segments) == 0:
		s = new(segment)
	case s == nil:
		s = &segment{events: make([]Event, 0, segmentEvents)}
	}
	return s
}

// trim drops whole segments from the front, never the one that is being
// filled.
func (l *Log) trim() {
	for len(l.segments) > 1 && (l.bytes > l.maxBytes || int(l.next-l.first) > l.maxEvents) {
		s := l.segments[0]
		l.segments[0] = nil
		l.segments = l.segments[1:]
		l.first += uint64(len(s.events))
		l.bytes -= s.bytes
		if s.bytes > spareBytes {
			clear(s.events) // else they are overwritten soon enough
		}
		s.events, s.bytes = s.events[:0], 0
		l.spare = s
	}
}

// Bounds returns the number of the oldest event that is held and the number
// of the next one. All before first are dropped: first-1 of them.
func (l *Log) Bounds() (first, next uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.first, l.next
}

// Range appends to dst the held events from number from up to, not with, to.
// The caller sees from their numbers what is no longer held.
func (l *Log) Range(dst []Event, from, to uint64) []Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	from, to = max(from, l.first), min(to, l.next)
	if from >= to {
		return dst
	}
	// Every segment but the last is full, so the place is arithmetic.
	at := int(from - l.first)
	for i := at / segmentEvents; from < to; i++ {
		s := l.segments[i]
		start := at % segmentEvents
		n := min(len(s.events)-start, int(to-from))
		dst = append(dst, s.events[start:start+n]...)
		from += uint64(n)
		at += n
	}
	return dst
}

// Wait returns a channel that is closed when the log holds an event with
// number next or later. It is closed already if that is so now.
func (l *Log) Wait(next uint64) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next > next {
		return closed
	}
	if l.wake == nil {
		l.wake = make(chan struct{})
	}
	return l.wake
}

var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()
