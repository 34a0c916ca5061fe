package bench

import (
	"errors"
	"fmt"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/server/capture"
	"mqttlab/server/limits"
)

// What can be wrong with a request to a client.
var (
	ErrNoClient    = errors.New("the bench has no such client")
	ErrNotVirtual  = errors.New("this client is a TCP connection; only virtual clients can be driven")
	ErrOpenAlready = errors.New("the connection is open already")
	ErrNotOpen     = errors.New("the client has no open connection")
	ErrFull        = errors.New("the bench has as many clients as it may have")
	ErrStopped     = errors.New("the bench has been closed")
	ErrTooLong     = errors.New("too long")
)

// AddClient makes a virtual client, which has no connection yet. A client
// without a name is called A, B, C … by turns.
func (b *Bench) AddClient(name string) (Client, error) {
	if len(name) > limits.NameBytes {
		return Client{}, fmt.Errorf("a name of %d bytes: %w, the limit is %d", len(name), ErrTooLong, limits.NameBytes)
	}
	b.mu.Lock()
	now := b.now()
	defer b.release(now)
	if b.stopped {
		return Client{}, ErrStopped
	}
	if b.readOnly {
		return Client{}, ErrReadOnly
	}
	virtual := 0
	for _, c := range b.order {
		if c.virtual {
			virtual++
		}
	}
	if virtual >= limits.VirtualPerBench {
		return Client{}, ErrFull
	}
	b.virtuals++
	if name == "" {
		name = letters(b.virtuals)
	}
	c := &client{id: fmt.Sprintf("v%d", b.virtuals), name: name, virtual: true, state: "new"}
	b.add(c)
	b.changed(now, c)
	return c.snapshot(), nil
}

// letters counts A … Z, AA, AB …
func letters(n int) string {
	s := ""
	for ; n > 0; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return s
}

// drive runs f for a virtual client and returns what the client then is.
func (b *Bench) drive(id string, f func(now time.Time, c *client) error) (Client, error) {
	b.mu.Lock()
	now := b.now()
	defer b.release(now)
	if b.stopped {
		return Client{}, ErrStopped
	}
	c := b.clients[id]
	switch {
	case c == nil:
		return Client{}, ErrNoClient
	case !c.virtual:
		return Client{}, ErrNotVirtual
	}
	err := f(now, c)
	return c.snapshot(), err
}

// OpenClient opens a connection of a virtual client.
func (b *Bench) OpenClient(id string) (Client, error) {
	return b.drive(id, func(now time.Time, c *client) error {
		if c.wire != nil {
			return ErrOpenAlready
		}
		if len(b.wires) >= b.most {
			return ErrFull
		}
		b.open(now, &wire{client: c})
		return nil
	})
}

// Send sends bytes, whatever they are, from a virtual client. They take the
// way of bytes from a socket: the same decoder, capture and faults.
func (b *Bench) Send(id string, data []byte) error {
	if len(data) > limits.SendBytes {
		return fmt.Errorf("%d bytes: %w, the limit is %d", len(data), ErrTooLong, limits.SendBytes)
	}
	_, err := b.drive(id, func(now time.Time, c *client) error {
		switch {
		case c.wire == nil || c.wire.leaving():
			return ErrNotOpen
		case c.silent:
			return ErrSilent
		case c.wire.full():
			return ErrWireFull
		}
		c.wire.own.add(data)
		b.arrive(now, c.wire)
		return nil
	})
	return err
}

// CloseClient closes a virtual client's connection as close(2) does: FIN.
func (b *Bench) CloseClient(id string) (Client, error) { return b.leave(id, capture.FIN) }

// AbortClient ends a virtual client's connection without a word: RST.
func (b *Bench) AbortClient(id string) (Client, error) { return b.leave(id, capture.RST) }

func (b *Bench) leave(id string, how capture.How) (Client, error) {
	return b.drive(id, func(now time.Time, c *client) error {
		if c.wire == nil || c.wire.leaving() {
			return ErrNotOpen
		}
		b.depart(now, c.wire, how, Reason{})
		return nil
	})
}

// RemoveClient forgets a virtual client, or a TCP client that has gone. An
// open connection of a virtual client is aborted; one of TCP is closed by
// the server.
func (b *Bench) RemoveClient(id string) error {
	b.mu.Lock()
	now := b.now()
	defer b.release(now)
	if b.readOnly {
		return ErrReadOnly
	}
	c := b.clients[id]
	if c == nil {
		return ErrNoClient
	}
	if c.wire != nil {
		if c.virtual {
			b.gone(now, c.wire, capture.RST, Reason{})
		} else {
			b.apply(now, b.dropped(now, c.wire.id, broker.CauseAdmin, 0), 0, capture.Server)
		}
	}
	b.remove(now, c)
	return nil
}
