package capture

import (
	"slices"
	"strconv"
	"time"

	"mqttlab/mqttcore/packet"
)

// mark says which frame brought the bytes of a buffer from at on.
type mark struct {
	at    int
	frame int
	when  time.Time
	wire  int // the frame's length
}

// bigBuffer is the size above which an emptied buffer is given back.
const bigBuffer = 16 << 10

// feed takes the next bytes of a direction, in order.
func (r *Reader) feed(c *conn, side int, b []byte) {
	switch c.state {
	case stateMQTT:
		r.mqtt(c, side, b)
	case stateWebSocket:
		r.webSocket(c, side, b)
	case stateUndecided, stateUpgrade:
		r.keep(&c.halves[side], b)
		r.decide(c, false)
	}
}

// mqtt takes the next bytes of a direction's MQTT stream.
func (r *Reader) mqtt(c *conn, side int, b []byte) {
	if h := &c.halves[side]; !h.inStep {
		r.keep(h, b)
		r.seek(c, side, false)
		return
	}
	r.take(c, side, b)
}

// take cuts the stream into packets where packet.Size says so. Packets that
// lie whole in b are given without copying them.
func (r *Reader) take(c *conn, side int, b []byte) {
	h := &c.halves[side]
	for len(b) > 0 {
		switch {
		case h.skip > 0:
			n := min(h.skip, len(b))
			h.skip -= n
			h.at += int64(n)
			r.stats.Skipped += int64(n)
			b = b[n:]
		case len(h.buf) == 0:
			size, err := packet.Size(b)
			if err != nil {
				r.unreadable(c, side, b)
				return
			}
			if size > 0 && size <= len(b) {
				r.packet(c, side, b[:size:size])
				b = b[size:]
				continue
			}
			h.want = size
			n := min(len(b), r.o.MaxPacket)
			r.put(h, b[:n])
			b = b[n:]
			r.tooLong(c, side)
		case h.want == 0:
			r.put(h, b[:1])
			b = b[1:]
			size, err := packet.Size(h.buf)
			if err != nil {
				r.put(h, b)
				all := h.buf
				r.unreadable(c, side, all)
				r.drop(h)
				return
			}
			h.want = size
			r.whole(c, side)
		default:
			n := min(h.want-len(h.buf), len(b), r.o.MaxPacket-len(h.buf))
			r.put(h, b[:n])
			b = b[n:]
			r.whole(c, side)
		}
	}
}

// whole gives the packet in the buffer if all of it is there.
func (r *Reader) whole(c *conn, side int) {
	h := &c.halves[side]
	if h.want > 0 && h.want == len(h.buf) {
		r.packet(c, side, h.buf)
		r.empty(h)
		return
	}
	r.tooLong(c, side)
}

// tooLong gives up on a packet that is longer than what is kept of one.
func (r *Reader) tooLong(c *conn, side int) {
	h := &c.halves[side]
	if len(h.buf) < r.o.MaxPacket {
		return
	}
	r.note(c, side, TooLong, "size", strconv.Itoa(h.want), "kept", strconv.Itoa(len(h.buf)))
	h.skip = h.want - len(h.buf)
	r.part(c, side, h.buf, h.want)
	r.empty(h)
}

// packet gives one whole Control Packet.
func (r *Reader) packet(c *conn, side int, b []byte) {
	if packet.Type(b[0]>>4) == packet.CONNECT {
		c.version = r.look.version(b)
	}
	r.stats.Packets++
	h := &c.halves[side]
	rec := r.about(c, side, Packet)
	rec.Bytes, rec.Size, rec.Offset = b, len(b), h.at
	h.at += int64(len(b))
	r.emit()
}

// part gives the beginning of a packet of size bytes.
func (r *Reader) part(c *conn, side int, b []byte, size int) {
	h := &c.halves[side]
	rec := r.about(c, side, Part)
	rec.Bytes, rec.Size, rec.Offset = b, size, h.at
	h.at += int64(len(b))
	r.emit()
}

// unreadable gives bytes whose Remaining Length never ends. Behind them the
// stream is out of step.
func (r *Reader) unreadable(c *conn, side int, b []byte) {
	r.note(c, side, LengthUnread)
	r.part(c, side, b, 0)
	c.halves[side].inStep, c.halves[side].begun = false, false
}

// gap tells the stream that n bytes will not come; n is -1 if nobody knows
// how many.
func (r *Reader) gap(c *conn, side int, n int) {
	h := &c.halves[side]
	switch c.state {
	case stateUndecided, stateUpgrade:
		r.drop(h)
		h.begun = false
		return
	case stateWebSocket:
		r.webSocketGap(c, side, n)
		return
	case stateMQTT:
		r.mqttGap(c, side, n)
	}
}

// mqttGap is gap for the MQTT stream itself. If the gap lies within one
// packet, the next one's beginning is known all the same.
func (r *Reader) mqttGap(c *conn, side int, n int) {
	h := &c.halves[side]
	if n > 0 {
		r.stats.LostBytes += int64(n)
	}
	if !h.inStep { // what was kept does not continue
		if len(h.buf) > 0 {
			r.seek(c, side, true)
		}
		if h.inStep {
			r.mqttGap(c, side, n)
			return
		}
		h.at += int64(len(h.buf) + max(n, 0))
		r.stats.Skipped += int64(len(h.buf))
		r.drop(h)
		return
	}
	left := h.skip
	if len(h.buf) > 0 {
		left = max(0, h.want-len(h.buf))
		r.cut(c, side)
	}
	h.at += int64(max(n, 0))
	if h.inStep = n >= 0 && n <= left; h.inStep {
		h.skip = left - n
		return
	}
	h.skip, h.begun = 0, false
}

// cut gives the packet begun in the buffer as a Part.
func (r *Reader) cut(c *conn, side int) {
	h := &c.halves[side]
	r.note(c, side, Incomplete, "size", strconv.Itoa(h.want), "have", strconv.Itoa(len(h.buf)))
	r.part(c, side, h.buf, h.want)
	r.empty(h)
}

// endStream gives what is left of a direction when its connection ends.
func (r *Reader) endStream(c *conn, side int) {
	h := &c.halves[side]
	if len(h.buf) > 0 && !h.inStep {
		r.seek(c, side, true)
	}
	switch {
	case len(h.buf) == 0:
	case h.inStep:
		r.cut(c, side)
	default:
		r.note(c, side, NotPickedUp, "bytes", strconv.Itoa(len(h.buf)))
		r.stats.Skipped += int64(len(h.buf))
	}
}

// seek looks for a packet's beginning in what is kept of a direction that is
// out of step, and goes on from there.
func (r *Reader) seek(c *conn, side int, final bool) {
	h := &c.halves[side]
	if !final && !h.search.ripe(len(h.buf)) {
		return
	}
	strict := evidence{atStart: 1, elsewhere: 2}
	if final {
		h.search = search{}
		strict = evidence{atStart: 1, elsewhere: 1, exact: true}
	}
	at := r.look.find(h.buf, h.marks, c.version, r.party(c, side), strict, &h.search)
	if at >= 0 {
		r.pickUp(c, side, at)
		return
	}
	if len(h.buf) >= maxUndecided { // forget the older half
		n := len(h.buf) / 2
		r.stats.Skipped += int64(n)
		h.passed(n)
	}
}

// passed drops the first n bytes of a marked buffer.
func (h *half) passed(n int) {
	h.at += int64(n)
	h.skip += n // so many were passed over, for the note
	h.buf = h.buf[:copy(h.buf, h.buf[n:])]
	h.search = search{}
	keep := 0
	for i := range h.marks {
		h.marks[i].at -= n
		if h.marks[i].at <= 0 {
			keep = i
		}
	}
	h.marks = h.marks[:copy(h.marks, h.marks[keep:])]
	if len(h.marks) > 0 {
		h.marks[0].at = max(0, h.marks[0].at)
	}
}

// pickUp goes on in step from offset at of what is kept.
func (r *Reader) pickUp(c *conn, side int, at int) {
	for _, p := range r.inStepFrom(c, side, at) {
		r.replay(c, p)
	}
}

// inStepFrom passes over the first at bytes of what is kept and returns the rest.
func (r *Reader) inStepFrom(c *conn, side int, at int) []piece {
	h := &c.halves[side]
	r.stats.Skipped += int64(at)
	h.passed(at)
	ps := r.pieces(c, side)
	if len(ps) > 0 && (h.skip > 0 || !h.begun) {
		ps[0].pickedUp, ps[0].skipped = true, h.skip
	}
	h.skip = 0
	h.inStep, h.begun = true, true
	return ps
}

// piece is what one frame brought of a buffer.
type piece struct {
	side     int
	frame    int
	when     time.Time
	wire     int
	data     []byte
	pickedUp bool // the stream is in step again from here on
	skipped  int  // bytes before it that no packet was found in
	framed   bool // the data is WebSocket frames
}

// pieces empties a marked buffer.
func (r *Reader) pieces(c *conn, side int) []piece {
	h := &c.halves[side]
	var ps []piece
	for i, m := range h.marks {
		end := len(h.buf)
		if i+1 < len(h.marks) {
			end = h.marks[i+1].at
		}
		if m.at < end {
			ps = append(ps, piece{side: side, frame: m.frame, when: m.when, wire: m.wire, data: h.buf[m.at:end]})
		}
	}
	r.drop(h)
	return ps
}

func sortPieces(ps []piece) {
	slices.SortStableFunc(ps, func(a, b piece) int { return a.frame - b.frame })
}

// replay takes a piece as if its frame were being read now.
func (r *Reader) replay(c *conn, p piece) {
	number, when, wire := r.number, r.when, r.wire
	r.number, r.when, r.wire = p.frame, p.when, p.wire
	if p.pickedUp {
		r.note(c, p.side, PickedUp, "bytes", strconv.Itoa(p.skipped))
	}
	if p.framed {
		r.webSocket(c, p.side, p.data)
	} else {
		r.mqtt(c, p.side, p.data)
	}
	r.number, r.when, r.wire = number, when, wire
}

// put appends to a buffer and counts what it takes.
func (r *Reader) put(h *half, b []byte) {
	before := cap(h.buf)
	h.buf = append(h.buf, b...)
	if after := cap(h.buf); after != before {
		r.hold(after - before)
	}
}

// keep is put with a mark.
func (r *Reader) keep(h *half, b []byte) {
	if n := len(h.marks); n == 0 || h.marks[n-1].frame != r.number {
		before := cap(h.marks)
		h.marks = append(h.marks, mark{len(h.buf), r.number, r.when, r.wire})
		r.hold((cap(h.marks) - before) * markSize)
	}
	r.put(h, b)
}

const markSize = 40

// empty makes a buffer ready for the next packet.
func (r *Reader) empty(h *half) {
	h.want = 0
	if cap(h.buf) > bigBuffer {
		r.drop(h)
		return
	}
	h.buf = h.buf[:0]
}

// drop gives a buffer back.
func (r *Reader) drop(h *half) {
	r.hold(-cap(h.buf) - cap(h.marks)*markSize)
	h.buf, h.marks, h.want, h.search = nil, nil, 0, search{}
}
