// Package capture keeps what happened on a bench as a numbered, bounded log.
//
// Appending is a little constant work and never waits for a reader: nothing is
// decoded or put into words here. An event takes some 24 bytes, its packet and,
// where it is not one that was said before, its explanation; the Events that
// readers see are made for them. When the log is full the oldest events go, a
// segment at a time, and stay counted.
//
//	capture.go   the log: numbers, bounds, readers
//	wired.go     what a wire did with a packet, and what a Packet event then is
//	segment.go   a part of it, and how an event is kept there
package capture

import (
	"math"
	"sort"
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
	Packet                  // bytes at the broker's end of a wire (see Wired): a Control Packet, or what is none
	Explain                 // what the broker decided, and why
	Close                   // the transport connection ended
	Client                  // a client was created, changed or removed
	Wire                    // what a wire did with a packet on its way
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
	Cause   uint64         // Explain, Packet, Wire: the number of the event that led to it, or 0
	Lane    string         // id of the client whose lane this belongs to
	Bytes   []byte         // Packet: as on the wire; never change them
	Detail  any            // Open: Opened; Explain: *broker.Explanation; Close: why; Client: the client as it then was; Wire: *Wired
}

// Opened says who opened a connection.
type Opened struct {
	Name    string
	Remote  string // address of the client, with what carries MQTT where that is more than TCP; "" if it has none
	Local   string // address that it came to
	Virtual bool
}

// Source is who events belong to: a connection and its client's lane. A value
// serves for all its events, which makes them cheap; it must not be copied
// from one log to another.
type Source struct {
	Conn broker.ConnID
	Lane string

	segment uint64 // in which it is known
	index   uint32
}

// A log is kept in segments, which are dropped as a whole: each a small part
// of what may be held.
const (
	mostEvents  = 2048 // of a segment
	leastEvents = 64
	mostBytes   = 4 << 20
	parts       = 16
)

// What a segment that waits to be used again may keep of its memory.
const (
	spareBytes     = 1 << 20
	spareExplained = 8 << 10
)

// Log is the numbered log of one bench. Its methods may be called from any
// goroutine.
type Log struct {
	maxEvents, maxBytes         int
	segmentEvents, segmentBytes int

	mu       sync.Mutex
	segments []*segment
	last     *segment // of segments
	used     uint64   // segments ever begun
	first    uint64   // number of the oldest event that is held
	next     uint64   // number of the next event
	bytes    int      // of all segments but the last
	at       time.Duration
	spare    *segment
	wake     chan struct{} // closed at the end of the next stretch if somebody waits
	began    uint64        // number of the next event when the stretch began
}

// New returns an empty log that keeps at most about that many events and
// bytes (of packets and bookkeeping).
func New(maxEvents, maxBytes int) *Log {
	return &Log{
		maxEvents: maxEvents, maxBytes: maxBytes, first: 1, next: 1,
		segmentEvents: min(max(maxEvents/parts, leastEvents), mostEvents),
		segmentBytes:  min(maxBytes/parts, mostBytes),
	}
}

// MaxBytes is about how many bytes it keeps at most.
func (l *Log) MaxBytes() int { return l.maxBytes }

// Append numbers an event, keeps it and returns its number.
func (l *Log) Append(e Event) uint64 {
	l.Begin(e.At)
	defer l.End()
	return l.Put(&e)
}

// Begin starts a stretch of events, all of which happen at that time; End ends
// it. Readers wait meanwhile, and one lock does for many events. Only Put and
// its kin may be called in between.
func (l *Log) Begin(at time.Duration) {
	l.mu.Lock()
	l.began, l.at = l.next, at
	if l.last != nil {
		l.last.time(at)
	}
}

// End ends a stretch and tells those who wait.
func (l *Log) End() {
	if l.wake != nil && l.next > l.began {
		close(l.wake)
		l.wake = nil
	}
	l.mu.Unlock()
}

// Put is Append within a stretch. The event's own time does not count.
func (l *Log) Put(e *Event) uint64 {
	s := l.room()
	in := entry{source: s.who(e.Conn, e.Lane), cause: l.back(e.Cause), kind: e.Kind, how: e.How, from: e.From, version: e.Version}
	switch x, _ := e.Detail.(*broker.Explanation); {
	case e.Kind == Packet:
		in.start, in.flags = s.place(e.Bytes)
		in.length = uint32(len(e.Bytes))
	case e.Kind == Explain:
		in.start = s.explanation(x)
	default:
		in.start = uint32(len(s.details))
		s.details = append(s.details, e.Detail)
		if x, ok := e.Detail.(*Wired); ok {
			s.lentBytes += len(x.Bytes) + len(x.Sent)
		}
	}
	if e.Broken {
		in.flags |= flagBroken
	}
	return l.add(s, in)
}

// PutPacket is Put for bytes on the wire. cause is the number of the event
// that led to it, or 0.
func (l *Log) PutPacket(who *Source, from packet.Party, v packet.Version, broken bool, cause uint64, b []byte) uint64 {
	s := l.room()
	start, flags := s.place(b)
	if broken {
		flags |= flagBroken
	}
	return l.add(s, entry{start: start, length: uint32(len(b)), cause: l.back(cause), source: s.tag(who),
		kind: Packet, from: from, version: v, flags: flags})
}

// PutExplanation is Put for an explanation, which is kept as [broker.Explanation.For] id.
func (l *Log) PutExplanation(who *Source, cause uint64, x *broker.Explanation, id uint16) uint64 {
	s := l.room()
	return l.add(s, entry{start: s.explanation(x), length: uint32(id), cause: l.back(cause), source: s.tag(who), kind: Explain})
}

func (l *Log) add(s *segment, e entry) uint64 {
	s.entries = append(s.entries, e)
	l.next++
	return l.next - 1
}

// back returns how many events ago the one of that number was.
func (l *Log) back(cause uint64) uint32 {
	if n := l.next - cause; cause > 0 && n <= math.MaxUint32 {
		return uint32(n)
	}
	return 0
}

// room returns the segment for the next event.
func (l *Log) room() *segment {
	s := l.last
	if s == nil || len(s.entries) >= l.segmentEvents || len(s.data)+s.lentBytes > l.segmentBytes {
		s = l.segment()
	}
	return s
}

// segment begins another segment: one that was dropped, if there is one. The
// first grows as it needs, since many benches stay small.
func (l *Log) segment() *segment {
	if l.last != nil {
		l.bytes += l.last.cost()
	}
	l.trim()
	s := l.spare
	l.spare = nil
	switch {
	case s == nil && l.last == nil:
		s = new(segment)
	case s == nil:
		s = &segment{entries: make([]entry, 0, l.segmentEvents)}
	}
	l.used++
	s.id, s.first = l.used, l.next
	s.time(l.at)
	l.segments = append(l.segments, s)
	l.last = s
	return s
}

// trim drops whole segments from the front until another one fits.
func (l *Log) trim() {
	for len(l.segments) > 1 && (l.bytes > l.maxBytes-l.segmentBytes || int(l.next-l.first) > l.maxEvents-l.segmentEvents) {
		s := l.segments[0]
		l.segments[0] = nil
		l.segments = l.segments[1:]
		l.first += uint64(len(s.entries))
		l.bytes -= s.cost()
		if !s.seen {
			s.reset()
			l.spare = s
		}
	}
}

// Bounds returns the number of the oldest event that is held and the number
// of the next one. All before first are dropped: first-1 of them.
func (l *Log) Bounds() (first, next uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.first, l.next
}

// Held is Bounds for whoever appends, who may ask in the middle of a stretch.
func (l *Log) Held() (first, next uint64) { return l.first, l.next }

// Bytes is about how much memory the held events take.
func (l *Log) Bytes() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil {
		return 0
	}
	return l.bytes + l.last.cost()
}

// Range appends to dst the held events from number from up to, not with, to.
// The caller sees from their numbers what is no longer held. However many
// events that are, they hold up the bench for a moment only.
func (l *Log) Range(dst []Event, from, to uint64) []Event {
	for _, v := range l.views(from, to) {
		dst = v.events(dst, from, to)
	}
	return dst
}

// views returns the segments with the events from number from up to to.
func (l *Log) views(from, to uint64) []view {
	l.mu.Lock()
	defer l.mu.Unlock()
	from, to = max(from, l.first), min(to, l.next)
	if from >= to {
		return nil
	}
	i := sort.Search(len(l.segments), func(i int) bool { return l.segments[i].first > from }) - 1
	var views []view
	for ; i < len(l.segments) && l.segments[i].first < to; i++ {
		views = append(views, l.segments[i].view())
	}
	return views
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
