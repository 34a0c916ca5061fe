package capture

import (
	"sort"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
)

// entry is an event as it is kept: fixed in size and without pointers, so that
// a log of many thousands costs the garbage collector nothing.
type entry struct {
	start   uint32 // of the bytes in segment.data, or the index in segment.lent, .explained or .details
	length  uint32 // of the bytes; of an explanation, the Packet Identifier it is about
	cause   uint32 // how many events before this one; 0: none, or so long ago that it is dropped
	source  uint32 // index in segment.sources
	kind    Kind
	how     How
	from    packet.Party
	version packet.Version
	flags   uint8
}

// The flags of an entry.
const (
	flagBroken = 1 << iota
	flagLent   // the bytes are in segment.lent
)

// source is who an event belongs to.
type source struct {
	conn broker.ConnID
	lane string
}

// moment is the time of the events from index on.
type moment struct {
	index int
	at    time.Duration
}

// segment is a part of the log. It only grows, so that a reader who knows its
// lengths at one moment may read without a lock; it is used again only if no
// reader has ever seen it.
type segment struct {
	id    uint64 // of this use of it, from 1
	first uint64 // number of its first event
	seen  bool   // a reader has it

	entries   []entry
	moments   []moment
	sources   []source
	data      []byte   // of packets, copied: they do not keep long chunks of the wire alive
	lent      [][]byte // packets so long that a copy would cost; these are the wire's own
	lentBytes int
	explained []*broker.Explanation
	details   []any

	latest *byte // of the packet kept last, whose bytes are often sent on as they are
	start  uint32
	length int

	known [64]known // explanations that are here already; the same one comes with every message of a flow
}

type known struct {
	explanation *broker.Explanation
	index       uint32
}

// What is kept takes, beside the bytes.
const (
	entryCost       = 32
	explanationCost = 300
	detailCost      = 200
)

// lendFrom is how long a packet is that is not copied.
const lendFrom = 64 << 10

func (s *segment) cost() int {
	return len(s.data) + s.lentBytes + len(s.entries)*entryCost + len(s.sources)*entryCost +
		len(s.explained)*explanationCost + len(s.details)*detailCost
}

// place keeps a packet's bytes.
func (s *segment) place(b []byte) (start uint32, flags uint8) {
	if len(b) == 0 {
		return 0, 0
	}
	if s.latest == &b[0] && s.length == len(b) {
		return s.start, 0
	}
	if len(b) >= lendFrom {
		s.lent = append(s.lent, b)
		s.lentBytes += len(b)
		return uint32(len(s.lent) - 1), flagLent
	}
	s.latest, s.length, s.start = &b[0], len(b), uint32(len(s.data))
	s.data = append(s.data, b...)
	return s.start, 0
}

// explanation keeps an explanation.
func (s *segment) explanation(x *broker.Explanation) uint32 {
	k := &s.known[(uint64(x.Conn)*31+uint64(x.Target)*17+uint64(len(x.Key)))%uint64(len(s.known))]
	if k.explanation != x {
		k.explanation, k.index = x, uint32(len(s.explained))
		s.explained = append(s.explained, x)
	}
	return k.index
}

// tag returns the index of a source.
func (s *segment) tag(from *Source) uint32 {
	if from.segment != s.id {
		from.segment, from.index = s.id, s.who(from.Conn, from.Lane)
	}
	return from.index
}

func (s *segment) who(conn broker.ConnID, lane string) uint32 {
	n := len(s.sources)
	if n > 0 && s.sources[n-1] == (source{conn, lane}) {
		return uint32(n - 1)
	}
	s.sources = append(s.sources, source{conn, lane})
	return uint32(n)
}

// time says when the events to come happen.
func (s *segment) time(at time.Duration) {
	if n := len(s.moments); n > 0 {
		last := &s.moments[n-1]
		if last.at == at {
			return
		}
		if last.index == len(s.entries) { // nothing happened then
			last.at = at
			return
		}
	}
	s.moments = append(s.moments, moment{len(s.entries), at})
}

// reset makes room for other events, and keeps memory that is worth it.
func (s *segment) reset() {
	clear(s.lent)
	clear(s.explained)
	clear(s.details)
	clear(s.sources)
	clear(s.known[:])
	if cap(s.data) > spareBytes {
		s.data = nil
	}
	if cap(s.explained) > spareExplained {
		s.explained = nil
	}
	*s = segment{entries: s.entries[:0], moments: s.moments[:0], sources: s.sources[:0], data: s.data[:0],
		lent: s.lent[:0], explained: s.explained[:0], details: s.details[:0]}
}

// view is a segment as it is at one moment: what a reader may look at.
type view struct {
	first     uint64
	entries   []entry
	moments   []moment
	sources   []source
	data      []byte
	lent      [][]byte
	explained []*broker.Explanation
	details   []any
}

// view returns the segment for a reader. It needs the log's lock.
func (s *segment) view() view {
	s.seen = true
	v := view{s.first, s.entries, s.moments, s.sources, s.data, s.lent, s.explained, s.details}
	if n := len(v.moments); n > 0 && v.moments[n-1].index == len(v.entries) {
		v.moments = v.moments[:n-1] // it may change yet
	}
	return v
}

// events appends the events from number from up to, not with, to.
func (v *view) events(dst []Event, from, to uint64) []Event {
	from = max(from, v.first)
	to = min(to, v.first+uint64(len(v.entries)))
	if from >= to {
		return dst
	}
	i := int(from - v.first)
	now := sort.Search(len(v.moments), func(k int) bool { return v.moments[k].index > i }) - 1
	for ; from < to; from, i = from+1, i+1 {
		for now+1 < len(v.moments) && v.moments[now+1].index <= i {
			now++
		}
		e := v.event(i)
		e.At = v.moments[now].at
		dst = append(dst, e)
	}
	return dst
}

func (v *view) event(i int) Event {
	e := &v.entries[i]
	who := &v.sources[e.source]
	out := Event{N: v.first + uint64(i), Kind: e.kind, How: e.how, From: e.from, Version: e.version,
		Broken: e.flags&flagBroken != 0, Conn: who.conn, Lane: who.lane}
	if e.cause > 0 {
		out.Cause = out.N - uint64(e.cause)
	}
	switch e.kind {
	case Packet:
		if e.flags&flagLent != 0 {
			out.Bytes = v.lent[e.start]
		} else {
			end := e.start + e.length
			out.Bytes = v.data[e.start:end:end]
		}
	case Explain:
		out.Detail = v.explained[e.start].For(uint16(e.length))
	default:
		out.Detail = v.details[e.start]
	}
	return out
}
