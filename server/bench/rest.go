package bench

import (
	"sync/atomic"
	"time"

	"mqttlab/mqttcore/packet"
)

// clock is a bench's time. It can stand still.
type clock struct {
	wall  func() time.Time
	lost  atomic.Int64 // nanoseconds for which it has stood still before
	still atomic.Pointer[time.Time]
}

func (c *clock) now() time.Time {
	if still := c.still.Load(); still != nil {
		return *still
	}
	return c.wall().Add(-time.Duration(c.lost.Load()))
}

// stop and goOn are called by turns.
func (c *clock) stop() {
	now := c.now()
	c.still.Store(&now)
}

func (c *clock) goOn() {
	c.lost.Store(int64(c.wall().Sub(*c.still.Load())))
	c.still.Store(nil)
}

// restBytes is how much of what a client sends meanwhile is taken in. With
// more it waits at its socket, as it would for any slow network.
const restBytes = 64 << 10

// Rest makes time stand still on the bench, or go on. Meanwhile nothing runs
// out: no Keep Alive, no expiry, no delay. What clients send over sockets waits,
// and so does their leaving; but PINGREQ is answered, so that they stay. What
// virtual clients are told to do they do at once.
func (b *Bench) Rest(on bool) {
	b.mu.Lock()
	now := b.now()
	defer b.release(now)
	if b.stopped || b.readOnly || on == (b.rest != nil) {
		return
	}
	key := "bench.rests"
	if on {
		b.clock.stop()
		b.rest = make(chan struct{})
	} else {
		key = "bench.goes-on"
		b.clock.goOn()
		close(b.rest)
		b.rest = nil
	}
	b.tell(now, key)
	for _, w := range b.wires {
		if w.conn != nil {
			b.adjust(now, w.client)
		}
	}
}

// Resting returns a channel that is closed when time goes on again; nil if it
// does already.
func (b *Bench) Resting() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rest
}

// waits is whether what w's client sends has to wait until time goes on. It
// needs mu.
func (b *Bench) waits(w *wire) bool { return b.rest != nil && w.conn != nil }

// lockAwake is b.mu.Lock when time does not stand still.
func (b *Bench) lockAwake() {
	b.mu.Lock()
	for b.rest != nil {
		rest := b.rest
		b.mu.Unlock()
		<-rest
		b.mu.Lock()
	}
}

var pingreq = []byte{byte(packet.PINGREQ) << 4, 0}

// keepAlive lets the PINGREQs pass that a client has sent, whatever waits before
// them: a client that gets no PINGRESP closes its connection. It needs mu.
func (b *Bench) keepAlive(now time.Time, w *wire) {
	if !w.client.connected {
		return // what comes first must be the CONNECT, which waits
	}
	for range w.line.said.Pull(pingreq) {
		b.post(now, w, pingreq, true)
	}
}
