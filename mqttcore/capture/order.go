package capture

import (
	"bytes"
	"hash/maphash"
	"slices"
	"strconv"
	"time"
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
		r.wait(c, side, waiting{seq, b, missing, r.number, r.when, r.wire})
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
			r.number, r.when, r.wire = w.frame, w.when, w.wire
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
	number, when, wire := r.number, r.when, r.wire
	h := &c.halves[side]
	r.number, r.when, r.wire = h.waiting[0].frame, h.waiting[0].when, h.waiting[0].wire
	lost := h.waiting[0].seq - h.next
	h.next = h.waiting[0].seq
	r.note(c, side, Lost, "bytes", strconv.FormatUint(uint64(lost), 10))
	r.gap(c, side, int(lost))
	r.drain(c, side, true)
	r.number, r.when, r.wire = number, when, wire
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
