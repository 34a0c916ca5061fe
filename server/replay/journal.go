package replay

import (
	"slices"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
)

// The bounds of a Journal.
const (
	cloneEvery  = 128     // events to each thing in the broker, from one checkpoint to the next
	fullThings  = 1500    // cloned while all events in the capture are replaced by new ones, at most
	asked       = 4       // times as many while somebody asks now and then
	checkEvents = 16_384  // events from one checkpoint to the next, if not more
	leastEvents = 16      // the same, where large packets leave the capture few events
	keepThings  = 20_000  // in all checkpoints
	askThings   = 200_000 // in a checkpoint that is made because somebody asks
	keepNotes   = 50_000
)

// Kind says what the broker heard.
type Kind uint8

// What is noted.
const (
	Tick   Kind = iota + 1
	Closed      // Conn, Cause
	Drop        // Conn, Cause
	Fault       // Conn, Fault
)

// Note is something that the broker heard and that the capture does not tell.
type Note struct {
	Kind   Kind
	Cause  broker.Cause
	Before bool // the broker heard it before Event was recorded, which it led to
	Conn   broker.ConnID
	Event  uint64        // the number of the event it belongs to
	At     time.Duration // since the bench began
	Fault  *packet.Fault
}

// Journal is what a bench must know beside its capture to be replayed. It
// belongs to the bench's lock, but for what Plan returns.
type Journal struct {
	began       time.Time
	checkpoints []checkpoint // in their order
	notes       []Note       // since the first checkpoint, in their order
	gone        uint64       // notes before those
	due         uint64       // the event from which on another checkpoint is wanted
	asked       uint64       // the event at which somebody asked last; 0: nobody has
}

// checkpoint is the broker as it was after an event. It is not changed.
type checkpoint struct {
	event  uint64 // its number; 0: before the first one
	noted  uint64 // how many notes the broker had heard
	things int
	begins bool // another broker was there before
	broker *broker.Broker
}

// New returns a Journal of a bench that begins now with this broker.
func New(began time.Time, b *broker.Broker) *Journal {
	j := &Journal{began: began}
	j.Begin(b, 1)
	return j
}

// Begin tells that from now on the bench has this broker, as it is. next is
// the number of the next event.
func (j *Journal) Begin(b *broker.Broker, next uint64) {
	if b.Size() > keepThings {
		j.checkpoints = nil
		j.forget()
	} else {
		j.check(b, next-1, true)
	}
	j.due = next + leastEvents
}

// Note takes down what the broker has heard.
func (j *Journal) Note(n Note) {
	if len(j.checkpoints) == 0 {
		return // nothing that it could follow
	}
	if len(j.notes) >= keepNotes {
		j.checkpoints = nil
		j.forget()
		j.due = n.Event
		return
	}
	j.notes = append(j.notes, n)
}

// Due says whether Keep has something to do.
func (j *Journal) Due(next uint64) bool { return next >= j.due }

// Keep makes a checkpoint, if that is not too dear, between two events. first
// is the number of the oldest event in the capture, next that of the next one.
func (j *Journal) Keep(b *broker.Broker, first, next uint64) {
	j.drop(first)
	things, held := b.Size(), int(next-first)
	dear := things
	if j.asked > 0 && j.asked >= first {
		dear /= asked
	}
	step := max(checkEvents, cloneEvery*dear)
	if first > 1 { // the capture is full: with small packets or with large ones, it takes about as long to fill
		step = max(min(checkEvents, held/4), held*dear/fullThings)
	}
	step = max(step, leastEvents)
	n := len(j.checkpoints)
	switch {
	case things > keepThings, first > 1 && step > held: // it would not live to be used
		j.due = next + leastEvents
		return
	case n > 0 && next < j.checkpoints[n-1].event+uint64(step):
		j.due = next + leastEvents // more or less may be held then
		return
	}
	j.check(b, next-1, false)
	j.due = next + leastEvents
}

// Ask is told that somebody wants to see the past: if there is nothing to
// begin from, then from now on.
func (j *Journal) Ask(b *broker.Broker, first, next uint64) {
	j.drop(first)
	j.asked = max(next-1, 1)
	if len(j.checkpoints) == 0 && b.Size() <= askThings {
		j.check(b, next-1, false)
	}
}

func (j *Journal) check(b *broker.Broker, event uint64, begins bool) {
	if n := len(j.checkpoints); n > 0 && j.checkpoints[n-1].event == event {
		if !begins {
			return
		}
		j.checkpoints = j.checkpoints[:n-1]
	}
	j.checkpoints = append(j.checkpoints, checkpoint{event, j.gone + uint64(len(j.notes)), b.Size(), begins, b.Clone()})
	j.thin()
}

// thin takes out checkpoints until they hold few enough things: each time the
// one between the two that are nearest to each other.
func (j *Journal) thin() {
	for {
		things := 0
		for _, c := range j.checkpoints {
			things += c.things + 8 // an empty broker is something, too
		}
		at := 0
		for i := 1; i < len(j.checkpoints)-1; i++ {
			if !j.checkpoints[i].begins && (at == 0 || j.checkpoints[i+1].event-j.checkpoints[i-1].event < j.checkpoints[at+1].event-j.checkpoints[at-1].event) {
				at = i
			}
		}
		if things <= keepThings || at == 0 {
			return
		}
		j.checkpoints = slices.Delete(j.checkpoints, at, at+1)
	}
}

// drop forgets the checkpoints that the capture does not reach back to.
func (j *Journal) drop(first uint64) {
	n := 0
	for n < len(j.checkpoints) && j.checkpoints[n].event+1 < first {
		n++
	}
	if n > 0 {
		j.checkpoints = slices.Delete(j.checkpoints, 0, n)
		j.forget()
	}
}

// forget drops the notes that no checkpoint needs.
func (j *Journal) forget() {
	n := len(j.notes)
	if len(j.checkpoints) > 0 {
		n = int(j.checkpoints[0].noted - j.gone)
	}
	j.gone += uint64(n)
	j.notes = slices.Clone(j.notes[n:]) // a Plan may still read the old ones
}

// Oldest returns the number of the oldest event after which the broker can be
// shown, 0 for before the first one, and false if there is none.
func (j *Journal) Oldest(first uint64) (uint64, bool) {
	for _, c := range j.checkpoints {
		if c.event+1 >= first {
			return c.event, true
		}
	}
	return 0, false
}

// Plan returns how to come to the broker as it was right after an event, or
// false if that is no longer known. first is the number of the oldest event in
// the capture.
func (j *Journal) Plan(event, first uint64) (Plan, bool) {
	for i := len(j.checkpoints) - 1; i >= 0; i-- {
		if c := j.checkpoints[i]; c.event <= event && c.event+1 >= first {
			return Plan{began: j.began, from: c, notes: j.notes[c.noted-j.gone:], to: event}, true
		}
	}
	return Plan{}, false
}

// PlanBefore returns how to come to the broker as it was right before it heard
// what led to an event: a packet, or what is noted for the event.
func (j *Journal) PlanBefore(event, first uint64) (Plan, bool) {
	if event == 0 {
		return Plan{}, false
	}
	p, ok := j.Plan(event-1, first)
	p.to = event
	return p, ok
}

// Led returns the number of the first event that the latest note up to an event led to.
func (j *Journal) Led(event uint64) (uint64, bool) {
	for i := len(j.notes) - 1; i >= 0; i-- {
		if n := &j.notes[i]; n.Before && n.Event <= event {
			return n.Event, true
		}
	}
	return 0, false
}
