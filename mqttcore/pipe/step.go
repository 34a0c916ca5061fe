package pipe

import (
	"errors"
	"slices"
	"time"
)

// What can be wrong with a Step.
var (
	ErrNothing  = errors.New("nothing waits on this side of the wire")
	ErrGone     = errors.New("this packet does not wait any more")
	ErrNotFirst = errors.New("another packet waits before this one, and TCP keeps the order")
	ErrNoByte   = errors.New("the packet has no such byte")
	ErrAnEnd    = errors.New("this is the end of the connection, which can only be passed or dropped")
	ErrBegun    = errors.New("the first bytes of this packet have arrived already")
	ErrTooMany  = errors.New("as many packets wait as may")
)

// Step is something done by hand to a packet that waits.
type Step struct {
	Do     Deed   // Pass, Drop, Duplicate, Corrupt or Edit
	ID     uint64 // of the packet; 0: the next
	Change        // Corrupt
	Bytes  []byte // Edit
}

// Step does it. It returns what to tell of it, and the packet's passage, nil
// for the end of the connection.
func (p *Pipe) Step(now time.Time, s Step) (Note, *Passage, error) {
	if len(p.queue) == 0 {
		return Note{}, nil, ErrNothing
	}
	i := 0
	if s.ID != 0 {
		i = slices.IndexFunc(p.queue, func(it *item) bool { return it.id == s.ID })
	}
	if i < 0 {
		return Note{}, nil, ErrGone
	}
	it := p.queue[i]
	switch {
	case s.Do == Pass && i > 0 && !p.queue[i-1].stepped:
		return Note{}, nil, ErrNotFirst
	case it.end != 0 && s.Do != Pass && s.Do != Drop:
		return Note{}, nil, ErrAnEnd
	case it.left > 0 && s.Do != Pass && s.Do != Duplicate:
		return Note{}, nil, ErrBegun
	}
	switch s.Do {
	case Drop:
		p.queue = slices.Delete(p.queue, i, i+1)
		p.bytes -= len(it.bytes)
		return Note{Did: Dropped}, it.passage, nil
	case Duplicate:
		if p.Full() {
			return Note{}, nil, ErrTooMany
		}
		p.last++
		again := &item{id: p.last, passage: it.passage, bytes: it.bytes, due: it.due, cut: it.cut}
		it.cut = 0
		p.queue = slices.Insert(p.queue, i+1, again)
		p.bytes += len(again.bytes)
		return Note{Did: Duplicated}, it.passage, nil
	case Corrupt:
		changed, at, ok := s.applied(it.bytes)
		if !ok {
			return Note{}, nil, ErrNoByte
		}
		n := Note{Did: Corrupted, Offset: at, From: it.bytes[at], To: changed[at]}
		it.bytes = changed
		return n, it.passage, nil
	case Edit:
		p.bytes += len(s.Bytes) - len(it.bytes)
		it.bytes = slices.Clone(s.Bytes)
		return Note{Did: Edited}, it.passage, nil
	default:
		it.stepped = true
		if now.Before(it.due) {
			it.due = now
		}
		return Note{Did: Passed}, it.passage, nil
	}
}
