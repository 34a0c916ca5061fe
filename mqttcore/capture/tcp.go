package capture

import (
	"strconv"
	"time"

	"mqttlab/mqttcore/packet"
)

// half is one direction of a connection.
type half struct {
	known    bool // next is set
	begun    bool // seen from its SYN on
	fin      bool
	done     bool // all up to the FIN has come
	ackKnown bool
	inStep   bool   // buf begins at a packet's beginning
	unsided  bool   // of a plain file: nothing says whose bytes they are
	first    uint32 // sequence number of the first byte seen
	next     uint32 // of the next byte in order
	finSeq   uint32
	acked    uint32
	waiting  []waiting // behind a gap, by sequence number
	pending  int       // bytes in waiting
	gapFrame int       // when the gap was met
	gapWhen  time.Time
	sent     [8]sent // what came last, to tell a retransmission from a forgery
	sentAt   uint8

	buf    []byte // of a packet begun, or not yet decided on
	want   int    // size of the packet begun in buf, 0 if not known yet
	skip   int    // bytes of a packet that is not given, still to come
	at     int64  // offset of buf, else of the next byte
	marks  []mark // where the bytes of buf came from; while undecided or out of step
	search search // for a packet in buf, while undecided or out of step
}

type waiting struct {
	seq     uint32
	data    []byte
	missing int
	frame   int
	when    time.Time
	wire    int // the frame's length
}

type sent struct {
	seq, n uint32
	sum    uint64
}

// segment brings a TCP segment to its connection.
func (r *Reader) segment(s *segment) {
	key, side := flowOf(s)
	c := r.table.find(&key)
	if s.flags&(flagSYN|flagACK) == flagSYN && c != nil && c.over(side, s.seq) {
		r.finish(c, CauseReplaced, 0)
		r.table.remove(c)
		c = nil
	}
	if c == nil {
		c = r.connect(key, s)
	}
	c.lastFrame, c.lastWhen = r.number, r.when
	if c.state == stateIgnored || c.state == stateClosed {
		return
	}
	h, other := &c.halves[side], &c.halves[1-side]
	seq := s.seq
	if s.flags&flagSYN != 0 {
		r.syn(c, side, s)
		seq++
	}
	if s.flags&flagACK != 0 && (!other.ackKnown || int32(s.ack-other.acked) > 0) {
		other.acked, other.ackKnown = s.ack, true
		r.gapOver(c, 1-side)
	}
	if s.flags&flagFIN != 0 && !h.fin {
		h.fin, h.finSeq = true, seq+uint32(len(s.data)+s.missing)
	}
	if len(s.data)+s.missing > 0 {
		r.data(c, side, seq, s.data, s.missing)
	} else if h.known && seq == h.next-1 && s.flags&(flagFIN|flagSYN|flagRST) == 0 {
		r.note(c, side, KeepAliveProbe)
	}
	r.finSeen(c, side)
	r.finSeen(c, 1-side)
	if s.flags&flagRST != 0 && c.state != stateClosed {
		cause, by := CauseRST, side
		if c.finBy != 0 {
			cause, by = CauseFIN, int(c.finBy-1)
		}
		r.finish(c, cause, r.party(c, by))
	}
	if r.held > r.o.MaxHeld {
		r.shed(c)
	}
}

// connect makes room for a connection and begins it.
func (r *Reader) connect(key flow, s *segment) *conn {
	for len(r.table.conns) >= r.table.limit {
		r.evict(r.table.oldest, strconv.Itoa(r.table.limit)+" connections")
	}
	r.stats.Streams++
	c := r.spare
	if r.spare = nil; c == nil {
		c = &conn{}
	}
	*c = conn{key: key, stream: r.stats.Streams, transport: TCP, v4: s.v4, client: -1}
	r.table.add(c)
	return c
}

// over says whether a SYN of side begins another connection between the same ends.
func (c *conn) over(side int, seq uint32) bool {
	h := &c.halves[side]
	switch {
	case c.state == stateClosed:
		return true
	case !h.known:
		return c.state == stateIgnored
	case h.begun:
		return int32(h.next-seq) < 1 || int32(h.next-seq) > maxJump
	}
	late := int32(h.next - (seq + 1)) // the SYN can have been captured behind the first data
	return c.id != 0 || late < 0 || late > maxUndecided
}

func (r *Reader) syn(c *conn, side int, s *segment) {
	h := &c.halves[side]
	if c.state == stateUndecided {
		if s.flags&flagACK == 0 {
			c.client = int8(side)
			c.synFrame, c.synWhen = r.number, r.when
		} else if c.client < 0 {
			c.client = int8(1 - side)
			c.synFrame, c.synWhen = r.number, r.when
		}
	}
	switch {
	case !h.known:
		h.known, h.begun, h.first, h.next = true, true, s.seq+1, s.seq+1
	case h.first == s.seq+1:
		h.begun = true
	}
}

// finSeen closes a direction whose bytes up to the FIN have all come.
func (r *Reader) finSeen(c *conn, side int) {
	h := &c.halves[side]
	if !h.fin || h.done || c.state == stateClosed {
		return
	}
	if h.known && h.next != h.finSeq {
		return
	}
	h.done = true
	if c.finBy == 0 {
		c.finBy = int8(side + 1)
	}
	if c.halves[1-side].done {
		r.finish(c, CauseFIN, r.party(c, int(c.finBy-1)))
	}
}

// finish ends a connection: what was held is given, and its Close.
func (r *Reader) finish(c *conn, cause Cause, from packet.Party) {
	if c.state == stateClosed {
		return
	}
	for side := range c.halves {
		r.giveUpAll(c, side)
	}
	if c.state == stateUndecided || c.state == stateUpgrade {
		r.decide(c, true)
	}
	if c.id != 0 {
		for side := range c.halves {
			if n := c.halves[side].tail(); n > 0 {
				r.note(c, side, Lost, "bytes", strconv.Itoa(n))
				r.gap(c, side, n)
			}
			r.endStream(c, side)
		}
		if from == 0 && c.finBy != 0 {
			from = r.party(c, int(c.finBy-1))
		}
		rec := r.about(c, -1, Close)
		rec.Cause, rec.From = cause, from
		r.emit()
	}
	r.release(c)
	c.state = stateClosed
}

// tail returns how many bytes are missing at the end of a direction, as far as
// its FIN or the other side's acknowledgements tell.
func (h *half) tail() int {
	n := int32(0)
	switch {
	case !h.known:
	case h.fin:
		n = int32(h.finSeq - h.next)
	case h.ackKnown:
		if n = int32(h.acked - h.next); n == 1 { // more likely a FIN that is missing
			n = 0
		}
	}
	if n < 0 || n > maxJump {
		return 0
	}
	return int(n)
}

// evict forgets a connection to make room.
func (r *Reader) evict(c *conn, limit string) {
	if c.state != stateClosed && c.state != stateIgnored {
		r.note(c, -1, Evicted, "limit", limit)
		r.finish(c, CauseEvicted, 0)
	}
	r.table.remove(c)
	r.spare = c
}

// shed makes room in the buffers by forgetting the connections idle longest.
func (r *Reader) shed(current *conn) {
	for r.held > r.o.MaxHeld && r.table.oldest != current && r.table.oldest != nil {
		r.evict(r.table.oldest, strconv.Itoa(r.o.MaxHeld)+" bytes held")
	}
}

// hold counts n more bytes as held.
func (r *Reader) hold(n int) {
	r.held += n
	r.stats.MostHeld = max(r.stats.MostHeld, r.held)
}

func (r *Reader) release(c *conn) {
	for side := range c.halves {
		h := &c.halves[side]
		r.hold(-h.pending)
		h.waiting, h.pending = nil, 0
		r.drop(h)
	}
	c.ws = nil
}
