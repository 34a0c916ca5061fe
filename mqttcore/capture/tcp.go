package capture

import (
	"bytes"
	"hash/maphash"
	"slices"
	"strconv"
	"time"

	"mqttlab/mqttcore/packet"
)

// How long a gap stays open. What its receiver has acknowledged can only come
// because the capturing machine mixed up the order; otherwise it can be sent
// again.
const (
	ackedFrames  = 64
	ackedTime    = time.Second
	unackedTime  = time.Minute
	maxWaiting   = 1024    // segments behind a gap
	waitingExtra = 64      // bytes that a waiting segment costs beside its data
	maxJump      = 1 << 24 // a sequence number farther off is without relation
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

// data puts a segment's bytes in order.
func (r *Reader) data(c *conn, side int, seq uint32, b []byte, missing int) {
	h := &c.halves[side]
	if !h.known {
		h.known, h.first, h.next = true, seq, seq
	}
	ahead := int32(seq - h.next)
	switch {
	case ahead > maxJump || ahead < -maxJump:
		r.giveUpAll(c, side)
		r.note(c, side, Jump, "from", strconv.FormatUint(uint64(h.next), 10), "to", strconv.FormatUint(uint64(seq), 10))
		r.gap(c, side, -1)
		h.next = seq
	case ahead > 0:
		r.wait(c, side, waiting{seq, b, missing, r.number, r.when})
		return
	case ahead < 0:
		if len(b)+missing <= 1 && ahead == -1 {
			r.note(c, side, KeepAliveProbe)
			return
		}
		again := min(int(-ahead), len(b)+missing)
		r.resent(c, side, seq, b[:min(again, len(b))])
		if again == len(b)+missing {
			return
		}
		if again > len(b) {
			b, missing = nil, missing-(again-len(b))
		} else {
			b = b[again:]
		}
	}
	r.deliver(c, side, b, missing)
	if len(h.waiting) > 0 {
		r.drain(c, side, false)
		r.gapOver(c, side)
	}
}

// deliver takes bytes whose turn it is.
func (r *Reader) deliver(c *conn, side int, b []byte, missing int) {
	h := &c.halves[side]
	if len(b) > 0 {
		h.sent[h.sentAt&7] = sent{h.next, uint32(len(b)), maphash.Bytes(r.seed, b)}
		h.sentAt++
		h.next += uint32(len(b))
		r.feed(c, side, b)
	}
	if missing > 0 {
		r.note(c, side, CutBySnaplen, "bytes", strconv.Itoa(missing))
		h.next += uint32(missing)
		r.gap(c, side, missing)
	}
}

// wait keeps a segment that came before its turn.
func (r *Reader) wait(c *conn, side int, w waiting) {
	h := &c.halves[side]
	r.stats.OutOfOrder++
	if len(h.waiting) == 0 {
		h.gapFrame, h.gapWhen = r.number, r.when
	}
	i, found := slices.BinarySearchFunc(h.waiting, w.seq, func(a waiting, seq uint32) int { return int(int32(a.seq - seq)) })
	if found && len(h.waiting[i].data) >= len(w.data) {
		r.stats.Resent++
		if same := h.waiting[i].data[:len(w.data)]; bytes.Equal(same, w.data) {
			r.note(c, side, Retransmission, "bytes", strconv.Itoa(len(w.data)))
		} else {
			r.note(c, side, Differs, "bytes", strconv.Itoa(len(w.data)))
		}
		return
	}
	w.data = bytes.Clone(w.data)
	h.waiting = slices.Insert(h.waiting, i, w)
	h.pending += len(w.data) + waitingExtra
	r.hold(len(w.data) + waitingExtra)
	r.gapOver(c, side)
}

// drain delivers what waited for the bytes that have now come, or are given
// up as lost.
func (r *Reader) drain(c *conn, side int, lost bool) {
	h := &c.halves[side]
	for len(h.waiting) > 0 && int32(h.waiting[0].seq-h.next) <= 0 {
		w := h.waiting[0]
		h.waiting = slices.Delete(h.waiting, 0, 1)
		h.pending -= len(w.data) + waitingExtra
		r.hold(-len(w.data) - waitingExtra)
		again := int(h.next - w.seq)
		if again > 0 {
			r.resent(c, side, w.seq, w.data[:min(again, len(w.data))])
			if again >= len(w.data)+w.missing {
				continue
			}
		}
		if lost && w.frame >= r.number {
			r.number, r.when = w.frame, w.when
		} else {
			r.note(c, side, OutOfOrder, "bytes", strconv.Itoa(len(w.data)-min(again, len(w.data))), "frame", strconv.Itoa(w.frame))
		}
		if again > len(w.data) {
			w.missing -= again - len(w.data)
			again = len(w.data)
		}
		r.deliver(c, side, w.data[again:], w.missing)
	}
	if len(h.waiting) == 0 {
		h.waiting = nil
	} else {
		h.gapFrame, h.gapWhen = r.number, r.when
	}
}

// gapOver gives up the gap before the waiting segments once it can no longer
// be expected to be filled.
func (r *Reader) gapOver(c *conn, side int) {
	h := &c.halves[side]
	for len(h.waiting) > 0 {
		age := r.when.Sub(h.gapWhen)
		acked := h.ackKnown && int32(h.acked-h.next) > 0
		if h.pending <= r.o.MaxPending && len(h.waiting) < maxWaiting && age < unackedTime &&
			!(acked && (r.number-h.gapFrame >= ackedFrames || age >= ackedTime)) {
			return
		}
		r.giveUp(c, side)
	}
}

// giveUp goes on behind the gap. What waited is taken as if it came only from
// the frames that brought it.
func (r *Reader) giveUp(c *conn, side int) {
	number, when := r.number, r.when
	h := &c.halves[side]
	r.number, r.when = h.waiting[0].frame, h.waiting[0].when
	lost := h.waiting[0].seq - h.next
	h.next = h.waiting[0].seq
	r.note(c, side, Lost, "bytes", strconv.FormatUint(uint64(lost), 10))
	r.gap(c, side, int(lost))
	r.drain(c, side, true)
	r.number, r.when = number, when
	if len(h.waiting) > 0 {
		h.gapFrame, h.gapWhen = number, when
	}
}

func (r *Reader) giveUpAll(c *conn, side int) {
	for len(c.halves[side].waiting) > 0 {
		r.giveUp(c, side)
	}
}

// resent looks at bytes that came before.
func (r *Reader) resent(c *conn, side int, seq uint32, b []byte) {
	r.stats.Resent++
	if c.id == 0 || len(b) == 0 {
		return
	}
	for _, s := range c.halves[side].sent {
		at := int32(s.seq - seq)
		if s.n == 0 || at < 0 || int(at)+int(s.n) > len(b) {
			continue
		}
		if maphash.Bytes(r.seed, b[at:int(at)+int(s.n)]) != s.sum {
			r.note(c, side, Differs, "bytes", strconv.Itoa(int(s.n)))
			return
		}
	}
	r.note(c, side, Retransmission, "bytes", strconv.Itoa(len(b)))
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
