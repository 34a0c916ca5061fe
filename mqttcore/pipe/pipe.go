package pipe

import (
	"slices"
	"time"

	"mqttlab/mqttcore/packet"
)

// Pipe is one direction of a wire. The zero Pipe lets everything pass. Put,
// Take and Step are to be called with times that do not fall.
type Pipe struct {
	set   Settings // Rules count down
	queue []*item
	bytes int       // of the queue, that have not left
	free  time.Time // when the line takes the next segment
	last  uint64    // id of the latest item
}

// What may wait in a pipe. Beyond it, its sender has to wait or be cut.
const (
	MaxWaiting = 1000
	MaxBytes   = 2 << 20
)

// Passage is a packet's way through a pipe.
type Passage struct {
	Ref   uint64 // for the caller: the number of the event that told of it
	Sent  []byte // as its sender sent it
	Began time.Time
	Notes []Note // what was done to it as it entered
}

// Untouched says whether nobody needs to be told of the passage.
func (p *Passage) Untouched() bool { return len(p.Notes) == 0 }

type item struct {
	id      uint64
	passage *Passage
	bytes   []byte // that will arrive
	left    int    // of them have left
	due     time.Time
	stepped bool // may leave a held pipe
	cut     End  // after its bytes
	end     End  // no packet: its sender ended the connection
}

// Settings returns what the pipe is told to do from now on: rules that are
// done with are gone.
func (p *Pipe) Settings() Settings {
	s := p.set
	s.Rules = slices.Clone(s.Rules)
	return s
}

// Set changes what the pipe does to packets that enter from now on. Those
// under way keep their delay; hold, rate and segments go for them, too.
func (p *Pipe) Set(s Settings) {
	p.set = s
	p.set.Rules = slices.Clone(s.Rules)
}

// Plain says whether the pipe lets everything pass and nothing is under way.
func (p *Pipe) Plain() bool { return len(p.queue) == 0 && p.set.Plain() }

// Empty says whether nothing is under way.
func (p *Pipe) Empty() bool { return len(p.queue) == 0 }

// Full says whether the sender has to wait.
func (p *Pipe) Full() bool { return len(p.queue) >= MaxWaiting || p.bytes >= MaxBytes }

// Put takes a Control Packet, or bytes that are none, which must not change
// any more. The Passage says what is done to it.
func (p *Pipe) Put(now time.Time, b []byte) *Passage {
	way := &Passage{Sent: b, Began: now}
	note := func(n Note) { way.Notes = append(way.Notes, n) }
	it := &item{passage: way, bytes: b, due: now.Add(p.set.Delay)}
	twice := false
	if r, ok := p.rule(b); ok {
		switch r.Do {
		case Drop:
			note(Note{Did: Dropped})
			return way
		case Duplicate:
			twice = true
			note(Note{Did: Duplicated})
		case Corrupt:
			it.bytes = corrupt(b, r.Change, note)
		case Cut:
			it.cut = r.How
			it.bytes = b[:min(r.Bytes, len(b))]
			note(Note{Did: CutInside, N: len(it.bytes), How: r.How})
		}
	}
	if p.set.Delay > 0 {
		note(Note{Did: Delayed, Wait: p.set.Delay})
	}
	if p.set.Rate > 0 {
		note(Note{Did: Throttled, N: p.set.Rate})
	}
	if p.set.Segment > 0 {
		note(Note{Did: Split, N: p.set.Segment})
	}
	if p.set.Hold {
		note(Note{Did: Held})
	}
	p.push(it)
	if twice {
		again := *it
		p.push(&again)
	}
	return way
}

func corrupt(b []byte, c Change, note func(Note)) []byte {
	changed, at, ok := c.applied(b)
	if !ok {
		note(Note{Did: Spared, Offset: c.Offset})
		return b
	}
	note(Note{Did: Corrupted, Offset: at, From: b[at], To: changed[at]})
	return changed
}

func (p *Pipe) push(it *item) {
	p.last++
	it.id = p.last
	p.queue = append(p.queue, it)
	p.bytes += len(it.bytes)
}

// rule finds the rule for a packet and counts it.
func (p *Pipe) rule(b []byte) (Rule, bool) {
	for i := range p.set.Rules {
		r := &p.set.Rules[i]
		if r.Type != 0 && (len(b) == 0 || packet.Type(b[0]>>4) != r.Type) {
			continue
		}
		if r.Skip > 0 {
			r.Skip--
			continue
		}
		done := *r
		if r.Times > 0 {
			if r.Times--; r.Times == 0 {
				p.set.Rules = slices.Delete(p.set.Rules, i, i+1)
			}
		}
		return done, true
	}
	return Rule{}, false
}

// End says that the sender has ended the connection, which the other side
// hears behind all that was sent before.
func (p *Pipe) End(now time.Time, how End) {
	p.push(&item{end: how, due: now.Add(p.set.Delay)})
}

// Delivery is a segment that leaves the pipe, the end of the connection, or
// both: a cut behind its bytes.
type Delivery struct {
	Passage *Passage // nil for an End
	Bytes   []byte   // the segment
	Packet  []byte   // of the last segment: all bytes that have arrived
	Last    bool     // the packet's last segment
	Cut     End      // the wire cuts the connection behind Bytes
	End     End      // the sender had ended it
}

// A throttled pipe delivers ten times a second. Segments are a moment apart,
// so that they are not put together again behind the pipe; but splitting alone
// does not hold up a packet for longer than splitTime.
const (
	turnsPerSecond = 10
	segmentGap     = time.Millisecond
	splitTime      = 2 * time.Second
)

// Next returns when Take will have something, and whether it ever will.
func (p *Pipe) Next() (time.Time, bool) {
	if len(p.queue) == 0 {
		return time.Time{}, false
	}
	it := p.queue[0]
	if p.set.Hold && !it.stepped && it.left == 0 {
		return time.Time{}, false
	}
	if it.end == 0 && p.free.After(it.due) {
		return p.free, true
	}
	return it.due, true
}

// Take returns what leaves the pipe now, one segment at a time.
func (p *Pipe) Take(now time.Time) (d Delivery, ok bool) {
	at, ok := p.Next()
	if !ok || now.Before(at) {
		return Delivery{}, false
	}
	it := p.queue[0]
	if it.end != 0 {
		p.shift()
		return Delivery{End: it.end, Last: true}, true
	}
	n := len(it.bytes) - it.left
	if p.set.Segment > 0 {
		n = min(n, p.set.Segment)
	}
	if p.set.Rate > 0 {
		n = min(n, max(1, p.set.Rate/turnsPerSecond))
		p.free = now.Add(time.Duration(n) * time.Second / time.Duration(p.set.Rate))
	}
	if p.set.Segment > 0 {
		segments := len(it.bytes)/p.set.Segment + 1
		if gap := now.Add(min(segmentGap, splitTime/time.Duration(segments))); gap.After(p.free) {
			p.free = gap
		}
	}
	d = Delivery{Passage: it.passage, Bytes: it.bytes[it.left : it.left+n : it.left+n]}
	it.left += n
	p.bytes -= n
	if it.left == len(it.bytes) {
		d.Last, d.Packet, d.Cut = true, it.bytes, it.cut
		p.shift()
	}
	return d, true
}

func (p *Pipe) shift() {
	p.queue[0] = nil
	p.queue = p.queue[1:]
	if len(p.queue) == 0 {
		p.queue = nil
	}
}

// Clear forgets all that is under way and returns how many packets that was.
func (p *Pipe) Clear() (lost int) {
	for _, it := range p.queue {
		if it.end == 0 {
			lost++
		}
	}
	p.queue, p.bytes, p.free = nil, 0, time.Time{}
	return lost
}

// Waiting is a packet, or the end of the connection, that is under way.
type Waiting struct {
	ID      uint64
	Bytes   []byte // that will arrive
	Sent    []byte // as the sender sent them; nil for an End
	Changed bool   // Bytes are not what was sent
	Cut     End    // behind Bytes
	End     End
	Left    int // bytes that have left already
}

// Waiting lists what is under way, the next to leave first.
func (p *Pipe) Waiting() []Waiting {
	list := make([]Waiting, len(p.queue))
	for i, it := range p.queue {
		list[i] = Waiting{ID: it.id, Bytes: it.bytes, Cut: it.cut, End: it.end, Left: it.left}
		if it.passage != nil {
			list[i].Sent, list[i].Changed = it.passage.Sent, !slices.Equal(it.bytes, it.passage.Sent)
		}
	}
	return list
}
