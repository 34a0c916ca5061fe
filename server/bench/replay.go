package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/server/capture"
	"mqttlab/server/replay"
)

// What the broker hears passes through these methods, beside broker.Open and
// broker.Receive, which the capture tells of: so that it can be replayed. They
// need mu.

// note takes down what the broker has heard. cause is the event that it
// belongs to, or 0 if it leads to the next one.
func (b *Bench) note(now time.Time, n replay.Note, cause uint64) {
	if b.journal == nil {
		return
	}
	n.At, n.Event = now.Sub(b.began), cause
	if cause == 0 {
		n.Before = true
		_, n.Event = b.log.Held()
	}
	b.journal.Note(n)
}

// ticked is broker.Tick.
func (b *Bench) ticked(now time.Time) []broker.Effect {
	effects := b.broker.Tick(now)
	var cause uint64
	if len(effects) == 0 { // it leads to no event, and belongs to the latest
		_, next := b.log.Held()
		cause = next - 1
	}
	b.note(now, replay.Note{Kind: replay.Tick}, cause)
	return effects
}

// dropped is broker.Drop.
func (b *Bench) dropped(now time.Time, id broker.ConnID, why broker.Cause, cause uint64) []broker.Effect {
	if b.apart() {
		return []broker.Effect{{Kind: broker.EffectClose, Conn: id}}
	}
	b.note(now, replay.Note{Kind: replay.Drop, Conn: id, Cause: why}, cause)
	return b.broker.Drop(now, id, why)
}

// hungUp is broker.Closed. It leads to the event that says so.
func (b *Bench) hungUp(now time.Time, id broker.ConnID, why broker.Cause) []broker.Effect {
	if b.apart() {
		return nil // part tells it
	}
	b.note(now, replay.Note{Kind: replay.Closed, Conn: id, Cause: why}, 0)
	return b.broker.Closed(now, id, why)
}

// faulted is broker.Fault.
func (b *Bench) faulted(now time.Time, id broker.ConnID, f *packet.Fault, cause uint64) []broker.Effect {
	if b.apart() {
		return nil // it has the bytes, and judges them itself
	}
	b.note(now, replay.Note{Kind: replay.Fault, Conn: id, Fault: f}, cause)
	return b.broker.Fault(now, id, f)
}

// checkpoint keeps the broker as it now is for later replays, now and then.
// The log's lock is not held.
func (b *Bench) checkpoint() {
	if b.journal == nil {
		return
	}
	if first, next := b.log.Held(); b.journal.Due(next) {
		b.journal.Keep(b.broker, first, next)
	}
}

// Moment is a bench's broker at one moment.
type Moment struct {
	Event   uint64        // the event after which, or before which, this is how things were
	Oldest  uint64        // the oldest event after which the broker can be shown; 0: also before the first one
	Newest  uint64        // the latest event
	Elapsed time.Duration // since the bench began
	Now     time.Time
	Broker  *broker.Broker // the caller's own
}

// What can be wrong with asking for a moment.
var (
	ErrNoReplay = errors.New("this bench keeps no capture, or too much else, to be shown as it was")
	ErrNotHeld  = errors.New("the bench no longer knows, or does not know yet, how it was then")
)

// Live returns a snapshot of the broker as it is, with bounds, and its moment,
// without a broker.
func (b *Bench) Live(bounds broker.Bounds) (Moment, broker.State) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.moment()
	m.Event, m.Now = m.Newest, b.now()
	m.Elapsed = m.Now.Sub(b.began)
	return m, b.broker.StateWithin(bounds)
}

// moment says what can be shown. It needs mu.
func (b *Bench) moment() Moment {
	first, next := b.log.Held()
	m := Moment{Newest: next - 1, Oldest: next - 1}
	if b.journal != nil {
		if oldest, ok := b.journal.Oldest(first); ok {
			m.Oldest = oldest
		}
	}
	return m
}

// At returns the bench's broker as it was right after an event. One replay of
// a bench runs at a time.
func (b *Bench) At(ctx context.Context, event uint64) (Moment, error) {
	m, plan, done, err := b.plan(ctx, event, (*replay.Journal).Plan)
	if err != nil {
		return m, err
	}
	defer done()
	shown, e, err := plan.Run(ctx, b.log)
	return b.shows(m, event, shown, e, err)
}

// plan finds out how to come to an event. The caller calls done when it is there.
func (b *Bench) plan(ctx context.Context, event uint64, how func(*replay.Journal, uint64, uint64) (replay.Plan, bool)) (m Moment, p replay.Plan, done func(), err error) {
	if b.journal == nil {
		return m, p, nil, ErrNoReplay
	}
	select {
	case b.replaying <- struct{}{}:
		done = func() { <-b.replaying }
	case <-ctx.Done():
		return m, p, nil, ctx.Err()
	}
	b.mu.Lock()
	first, next := b.log.Held()
	b.journal.Ask(b.broker, first, next)
	m = b.moment()
	p, ok := how(b.journal, event, first)
	b.mu.Unlock()
	if !ok || event > m.Newest {
		done()
		return m, p, nil, fmt.Errorf("event %d: %w; the oldest is %d, the newest %d", event, ErrNotHeld, m.Oldest, m.Newest)
	}
	return m, p, done, nil
}

func (b *Bench) shows(m Moment, event uint64, shown *broker.Broker, e capture.Event, err error) (Moment, error) {
	if err != nil {
		return m, fmt.Errorf("event %d: %w", event, err)
	}
	m.Event, m.Broker, m.Elapsed = event, shown, e.At
	m.Now = b.began.Add(e.At)
	return m, nil
}
