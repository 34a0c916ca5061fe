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

// Run replays to right after the event, or with before to right before the
// broker heard it, and returns the event too; one with number 0 if there is
// none. The broker is the caller's own, and explains nothing.
func (p Plan) Run(ctx context.Context, log *capture.Log, before bool) (*broker.Broker, capture.Event, error) {
	r := runner{began: p.began, broker: p.from.broker.Clone(), notes: p.notes}
	r.broker.SetExplain(false)
	var events []capture.Event
	var last capture.Event
	for n := p.from.event + 1; n <= p.to; {
		if err := ctx.Err(); err != nil {
			return nil, last, err
		}
		events = log.Range(events[:0], n, min(n+piece, p.to+1))
		if len(events) == 0 || events[0].N != n {
			return nil, last, ErrForgotten
		}
		for i := range events {
			e := &events[i]
			if last = *e; before && e.N == p.to {
				r.upTo(e.N, true)
				return r.broker, last, nil
			}
			r.upTo(e.N, true)
			r.hear(e)
			r.upTo(e.N, false)
		}
		n += uint64(len(events))
	}
	r.upTo(p.to, false) // what was noted behind the checkpoint itself
	if last.N < p.to {
		if events = log.Range(events[:0], p.to, p.to+1); len(events) == 1 {
			last = events[0]
		}
	}
	return r.broker, last, nil
}

// runner replays.
type runner struct {
	began   time.Time
	broker  *broker.Broker
	notes   []Note // still to be heard
	decoder packet.Decoder
}

// upTo tells the broker what was noted up to an event: with before, up to what
// led to it, else up to what belongs to it.
func (r *runner) upTo(event uint64, before bool) {
	for len(r.notes) > 0 {
		n := &r.notes[0]
		if n.Event > event || n.Event == event && before && !n.Before {
			return
		}
		now := r.began.Add(n.At)
		switch n.Kind {
		case Tick:
			r.broker.Tick(now)
		case Closed:
			r.broker.Closed(now, n.Conn, n.Cause)
		case Drop:
			r.broker.Drop(now, n.Conn, n.Cause)
		case Fault:
			r.broker.Fault(now, n.Conn, n.Fault)
		}
		r.notes = r.notes[1:]
	}
}

// hear tells the broker of an event, if it heard of it.
func (r *runner) hear(e *capture.Event) {
	now := r.began.Add(e.At)
	switch {
	case e.Kind == capture.Open:
		r.broker.Open(now, e.Conn)
	case e.Kind == capture.Packet && e.From == packet.Client && !e.Broken:
		r.decoder.Version = e.Version
		if p, err := r.decoder.Decode(e.Bytes); err == nil { // it was, then
			r.broker.Receive(now, e.Conn, p, e.Bytes)
		}
	}
}
