package replay

import (
	"context"
	"errors"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/server/capture"
)

// ErrForgotten says that the capture has forgotten events in the middle of a replay.
var ErrForgotten = errors.New("the capture no longer holds the events that lead there")

// piece is how many events are read from the capture at a time.
const piece = 1024

// Plan is a way from a checkpoint to an event. It may be used outside the bench's lock.
type Plan struct {
	began time.Time
	from  checkpoint
	notes []Note
	to    uint64
}

// Run replays to right after the event, which it returns as well: one with
// number 0 if there is none. The broker is the caller's own, and explains nothing.
func (p Plan) Run(ctx context.Context, log *capture.Log) (*broker.Broker, capture.Event, error) {
	r := p.runner()
	last, err := r.run(ctx, log, p.from.event+1, p.to)
	if err == nil && last.N < p.to {
		if events := log.Range(nil, p.to, p.to+1); len(events) == 1 {
			last = events[0]
		}
	}
	return r.broker, last, err
}

// RunBefore replays to right before the broker hears what the plan is for.
// hear tells a broker of that.
func (p Plan) RunBefore(ctx context.Context, log *capture.Log) (b *broker.Broker, e capture.Event, hear func(*broker.Broker) []broker.Effect, err error) {
	r := p.runner()
	if _, err := r.run(ctx, log, p.from.event+1, p.to-1); err != nil {
		return nil, e, nil, err
	}
	events := log.Range(nil, p.to, p.to+1)
	if len(events) == 0 {
		return nil, e, nil, ErrForgotten
	}
	e = events[0]
	if heard(&e) {
		r.upTo(e.N, true)
		return r.broker, e, func(b *broker.Broker) []broker.Effect { r.broker = b; return r.hear(&e) }, nil
	}
	notes := r.notes
	return r.broker, e, func(b *broker.Broker) []broker.Effect {
		r.broker, r.notes = b, notes
		return r.upTo(e.N, false)
	}, nil
}

func (p Plan) runner() *runner {
	r := &runner{began: p.began, broker: p.from.broker.Clone(), notes: p.notes}
	r.broker.SetExplain(false)
	return r
}

// runner replays.
type runner struct {
	began   time.Time
	broker  *broker.Broker
	notes   []Note // still to be heard
	decoder packet.Decoder
}

// run tells the broker of the events from one to another.
func (r *runner) run(ctx context.Context, log *capture.Log, from, to uint64) (last capture.Event, err error) {
	var events []capture.Event
	for n := from; n <= to; {
		if err := ctx.Err(); err != nil {
			return last, err
		}
		events = log.Range(events[:0], n, min(n+piece, to+1))
		if len(events) == 0 || events[0].N != n {
			return last, ErrForgotten
		}
		for i := range events {
			e := &events[i]
			r.upTo(e.N, true)
			r.hear(e)
			r.upTo(e.N, false)
		}
		last = events[len(events)-1]
		n += uint64(len(events))
	}
	r.upTo(to, false) // also what was noted behind the checkpoint itself
	return last, nil
}

// upTo tells the broker what was noted up to an event: with before, up to what
// led to it, else up to what belongs to it.
func (r *runner) upTo(event uint64, before bool) (effects []broker.Effect) {
	for len(r.notes) > 0 {
		n := &r.notes[0]
		if n.Event > event || n.Event == event && before && !n.Before {
			break
		}
		now := r.began.Add(n.At)
		var of []broker.Effect // valid until the next event
		switch n.Kind {
		case Tick:
			of = r.broker.Tick(now)
		case Closed:
			of = r.broker.Closed(now, n.Conn, n.Cause)
		case Drop:
			of = r.broker.Drop(now, n.Conn, n.Cause)
		case Fault:
			of = r.broker.Fault(now, n.Conn, n.Fault)
		}
		effects = append(effects, of...)
		r.notes = r.notes[1:]
	}
	return effects
}

// heard says whether the broker heard of an event, which the capture tells.
func heard(e *capture.Event) bool {
	return e.Kind == capture.Open || e.Kind == capture.Packet && e.From == packet.Client && !e.Broken
}

// hear tells the broker of an event, if it heard of it.
func (r *runner) hear(e *capture.Event) []broker.Effect {
	now := r.began.Add(e.At)
	switch {
	case !heard(e):
	case e.Kind == capture.Open:
		return r.broker.Open(now, e.Conn)
	default:
		r.decoder.Version = e.Version
		if p, err := r.decoder.Decode(e.Bytes); err == nil { // it was, then
			return r.broker.Receive(now, e.Conn, p, e.Bytes)
		}
	}
	return nil
}
