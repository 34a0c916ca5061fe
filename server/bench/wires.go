package bench

import (
	"errors"
	"strings"
	"time"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/pipe"
	"mqttlab/server/capture"
)

// What else can be wrong with a request to a client or its wire.
var (
	ErrSilent   = errors.New("the client is silent")
	ErrWireFull = errors.New("as much waits in the wire as may")
)

// Wire is what a client's wire does, and what is under way in it.
type Wire struct {
	Open            bool // there is a connection
	Version         packet.Version
	ToBroker        pipe.Settings
	ToClient        pipe.Settings
	WaitingToBroker []pipe.Waiting
	WaitingToClient []pipe.Waiting
	Partial         int // bytes that the client sent of a packet which is not whole yet
}

// inWords names what settings do.
func inWords(s *pipe.Settings) string {
	var words []string
	add := func(is bool, word string) {
		if is {
			words = append(words, word)
		}
	}
	add(s.Hold, "hold")
	add(s.Delay > 0, "delay")
	add(s.Rate > 0, "rate")
	add(s.Segment > 0, "split")
	add(len(s.Rules) > 0, "rules")
	return strings.Join(words, " ")
}

// Wire returns a client's wire.
func (b *Bench) Wire(id string) (Wire, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.clients[id]
	if c == nil {
		return Wire{}, ErrNoClient
	}
	return c.wireState(), nil
}

func (c *client) wireState() Wire {
	s := Wire{ToBroker: c.up, ToClient: c.down, Version: c.version}
	if w := c.wire; w != nil {
		s.Open = true
		if l := w.line; l != nil {
			s.ToBroker, s.ToClient = l.up.Settings(), l.down.Settings()
			s.WaitingToBroker, s.WaitingToClient = l.up.Waiting(), l.down.Waiting()
			s.Partial = l.said.Pending()
			if s.Version == 0 {
				s.Version = l.speaks.Version
			}
		}
	}
	return s
}

// onClient runs f for a client of any kind.
func (b *Bench) onClient(id string, f func(now time.Time, c *client) error) error {
	b.mu.Lock()
	now := b.now()
	defer b.release(now)
	c := b.clients[id]
	switch {
	case b.stopped:
		return ErrStopped
	case b.readOnly:
		return ErrReadOnly
	case c == nil:
		return ErrNoClient
	}
	return f(now, c)
}

// SetWire changes what a client's wire does; a nil direction stays as it is.
// It holds for later connections of a virtual client, too.
func (b *Bench) SetWire(id string, toBroker, toClient *pipe.Settings) (Wire, error) {
	err := b.onClient(id, func(now time.Time, c *client) error {
		c.remember()
		if toBroker != nil {
			c.up = *toBroker
		}
		if toClient != nil {
			c.down = *toClient
		}
		b.adjust(now, c)
		return nil
	})
	if err != nil {
		return Wire{}, err
	}
	return b.Wire(id)
}

// Coming returns what the wires of clients do that come from outside.
func (b *Bench) Coming() Wire {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.coming
}

// SetComing changes what the wires of clients do that come from now on, from
// their first byte; a nil direction stays as it is.
func (b *Bench) SetComing(toBroker, toClient *pipe.Settings) Wire {
	b.mu.Lock()
	defer b.mu.Unlock()
	if toBroker != nil {
		b.coming.ToBroker = *toBroker
	}
	if toClient != nil {
		b.coming.ToClient = *toClient
	}
	return b.coming
}

// remember takes over how far the rules of the client's wire have counted down.
func (c *client) remember() {
	if c.wire != nil && c.wire.line != nil {
		c.up, c.down = c.wire.line.up.Settings(), c.wire.line.down.Settings()
	}
}

// adjust makes a client's open connection what its settings say.
func (b *Bench) adjust(now time.Time, c *client) {
	if c.wire != nil {
		b.attach(now, c.wire)
		b.pump(now)
		if c.wire != nil {
			b.attach(now, c.wire) // plain again, when nothing is under way any more
		}
	}
	b.changed(now, c)
}

// StepWire does something to a packet that waits in a client's wire, sent by
// one of its sides.
func (b *Bench) StepWire(id string, from packet.Party, step pipe.Step) (Wire, error) {
	err := b.onClient(id, func(now time.Time, c *client) error {
		w := c.wire
		switch {
		case w == nil:
			return ErrNotOpen
		case w.line == nil:
			return pipe.ErrNothing
		}
		p := &w.line.up
		if from == packet.Server {
			p = &w.line.down
		}
		note, way, err := p.Step(now, step)
		if err != nil {
			return err
		}
		told := capture.Wired{Stage: capture.Changed, From: from, Notes: []pipe.Note{note}}
		cause := uint64(0)
		if way != nil {
			told.Bytes, cause = way.Sent, way.Ref
			for _, waits := range p.Waiting() {
				if (note.Did == pipe.Corrupted || note.Did == pipe.Edited) && (waits.ID == step.ID || step.ID == 0) {
					told.Bytes = waits.Bytes
					if waits.Changed {
						told.Sent = way.Sent
					}
					break
				}
			}
			if way.Untouched() { // it was under way when the wire was held: its arrival is now worth telling
				way.Notes = []pipe.Note{note}
			}
		}
		if way == nil || note.Did != pipe.Passed { // what passes is told when it arrives
			b.wired(now, w, cause, told)
		}
		return nil
	})
	if err != nil {
		return Wire{}, err
	}
	return b.Wire(id)
}

// CutWire ends a client's connection for both its sides.
func (b *Bench) CutWire(id string, how pipe.End) (Wire, error) {
	err := b.onClient(id, func(now time.Time, c *client) error {
		if c.wire == nil {
			return ErrNotOpen
		}
		b.cut(now, c.wire, how)
		return nil
	})
	if err != nil {
		return Wire{}, err
	}
	return b.Wire(id)
}

// SetAutopilot says what a virtual client does by itself (see Autopilot), and
// whether it is silent: it then neither reads nor answers, and keeps its
// connection. Nil leaves it as it is.
func (b *Bench) SetAutopilot(id string, ack, ping, silent *bool) (Client, error) {
	return b.drive(id, func(now time.Time, c *client) error {
		c.remember()
		for _, set := range []struct{ to, from *bool }{{&c.pilot.Ack, ack}, {&c.pilot.Ping, ping}, {&c.silent, silent}} {
			if set.from != nil {
				*set.to = *set.from
			}
		}
		b.adjust(now, c)
		return nil
	})
}
