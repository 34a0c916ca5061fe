package bench

import (
	"errors"
	"fmt"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/server/capture"
	"mqttlab/server/limits"
)

// What can be wrong with being the broker.
var (
	ErrHand    = errors.New("on this bench a person is the broker, and nobody can look into a person")
	ErrNotHand = errors.New("this bench has a broker, which answers by itself")
)

// apart says whether the bench's own broker is out of the game. It needs mu.
func (b *Bench) apart() bool { return b.upstream != nil || b.hand }

// Hand puts a person in the place of the broker, until Reconfigure makes
// another one: what clients send is captured and answered by nobody but Reply
// and HangUp. All connections are closed first.
func (b *Bench) Hand() error {
	b.mu.Lock()
	now := b.now()
	defer b.release(now)
	if err := b.renew(now, broker.Config{}, false); err != nil {
		return err
	}
	b.tell(now, "bench.hand")
	b.hand = true
	return nil
}

// Apart says why nobody can look into the bench's broker; nil if it is there.
func (b *Bench) Apart() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.upstream != nil:
		return ErrUpstream
	case b.hand:
		return ErrHand
	}
	return nil
}

// Reply sends bytes, whatever they are, to a client in the name of the broker.
func (b *Bench) Reply(id string, data []byte) error {
	if len(data) > limits.SendBytes {
		return fmt.Errorf("%d bytes: %w, the limit is %d", len(data), ErrTooLong, limits.SendBytes)
	}
	return b.answer(id, func(w *wire) {
		if len(data) == 0 {
			return
		}
		dec := packet.Decoder{Version: w.version()}
		_, fault := dec.Decode(data)
		b.toClient(b.now(), w, data, fault != nil)
	})
}

// HangUp closes a client's connection in the name of the broker.
func (b *Bench) HangUp(id string) error {
	return b.answer(id, func(w *wire) { b.part(b.now(), w, capture.Server) })
}

func (b *Bench) answer(id string, f func(w *wire)) error {
	b.mu.Lock()
	now := b.now()
	defer b.release(now)
	c := b.clients[id]
	switch {
	case b.stopped:
		return ErrStopped
	case !b.hand:
		return ErrNotHand
	case c == nil:
		return ErrNoClient
	case c.wire == nil || c.wire.leaving():
		return ErrNotOpen
	}
	f(c.wire)
	return nil
}
