package bench

import (
	"slices"
	"sync"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/server/capture"
)

// Store keeps what must outlive the program.
type Store interface {
	// Commit keeps the changes, all or none, and returns when that is done.
	Commit(changes []broker.Record) error
}

// keeper holds back what the broker wants done until what it has changed is
// kept: whatever a client sees, an acknowledgement above all, is still true
// after a crash. The broker does not wait. What it does during one commit goes
// with the next, however many packets that is, and all effects stay in order.
// A reader waits for its commit before it reads on, which bounds what is held.
//
// Without a store there is no keeper, and one comparison is all that it costs.
type keeper struct {
	store  Store
	failed func(error)
	ended  sync.WaitGroup
	wake   chan struct{}
	quit   chan struct{}

	// Under the bench's lock.
	now, next *round // being committed, and gathering; nil: nothing there
	broken    bool   // the store has failed: nothing is done any more
}

// round is what goes with one commit.
type round struct {
	changes []broker.Record
	held    []held
	done    chan struct{} // closed when it is kept and what was held is done
	wires   []*wire       // were written to then
}

// held is what an event led to.
type held struct {
	effects []broker.Effect
	cause   uint64
	how     capture.How
}

func newKeeper(store Store, failed func(error)) *keeper {
	return &keeper{store: store, failed: failed, wake: make(chan struct{}, 1), quit: make(chan struct{})}
}

// Restore makes a new bench, without clients, what an earlier one was whose
// store holds these records. After an error the bench is of no use.
func (b *Bench) Restore(records []broker.Record) error {
	b.mu.Lock()
	now := b.now()
	effects, err := b.broker.Restore(now, records)
	if err != nil {
		b.mu.Unlock()
		return err
	}
	if b.journal != nil {
		_, next := b.log.Held()
		b.journal.Begin(b.broker, next)
	}
	b.apply(now, effects, 0, capture.Server)
	b.release(now)
	return nil
}

// hold takes the effects of the latest event, to be done when its changes are
// kept, and returns false if they need not wait: the event changed nothing,
// and nothing that was done before it waits. It needs mu.
func (b *Bench) hold(effects []broker.Effect, cause uint64, how capture.How) bool {
	k := b.keeper
	changes := b.broker.Changes()
	switch {
	case k.broken:
		return true
	case len(changes) == 0 && k.last() == nil:
		return false
	}
	if k.next == nil {
		k.next = &round{done: make(chan struct{})}
	}
	k.next.changes = append(k.next.changes, changes...)
	k.next.held = append(k.next.held, held{slices.Clone(effects), cause, how})
	for i := range effects {
		if effects[i].Kind != broker.EffectClose {
			continue
		}
		if w := b.wires[effects[i].Conn]; w != nil {
			w.ended = true // the broker hears no more of it
		}
	}
	if k.now == nil {
		select {
		case k.wake <- struct{}{}:
		default:
		}
	}
	return true
}

// last returns the round that the latest event waits for, or nil.
func (k *keeper) last() *round {
	if k.next != nil {
		return k.next
	}
	return k.now
}

// settle is release for a reader: it waits until what was held is done, and
// returns the wires that were written to.
func (b *Bench) settle(now time.Time) []*wire {
	var r *round
	if b.keeper != nil {
		r = b.keeper.last()
	}
	wires := b.release(now)
	if r != nil {
		<-r.done
		wires = r.wires
	}
	return wires
}

// keep commits, round after round, until stop.
func (b *Bench) keep() {
	k := b.keeper
	for {
		for b.round() {
		}
		select {
		case <-k.wake:
		case <-k.quit:
			for b.round() {
			}
			return
		}
	}
}

// round commits what has gathered and then does what was held. It returns
// false if there was nothing.
func (b *Bench) round() bool {
	k := b.keeper
	b.mu.Lock()
	r := k.next
	if r == nil || k.broken {
		b.mu.Unlock()
		return false
	}
	k.now, k.next = r, nil
	b.mu.Unlock()
	err := k.store.Commit(r.changes)
	b.mu.Lock()
	k.now = nil
	if err != nil {
		b.giveUp(r, err)
		return false
	}
	now := b.now()
	for _, h := range r.held {
		b.perform(now, h.effects, h.cause, h.how)
	}
	r.held, r.changes = nil, nil
	r.wires = b.release(now)
	close(r.done)
	return true
}

// giveUp stops the bench: what the broker has changed is not kept, so nobody
// may hear of it. Connections are cut, and it is said why. It needs mu, which
// it unlocks.
func (b *Bench) giveUp(r *round, err error) {
	k := b.keeper
	k.broken = true
	b.stopped = true
	for _, l := range b.listeners {
		l.Close()
	}
	for _, w := range b.wires {
		if w.out != nil {
			w.out.finish(true)
			w.conn.Close()
		}
	}
	close(r.done)
	if k.next != nil {
		close(k.next.done)
		k.next = nil
	}
	b.mu.Unlock()
	b.logger.Error("what must be kept cannot be: the bench stops", "bench", b.id, "error", err)
	if k.failed != nil {
		k.failed(err)
	}
}

// stop ends keep when nobody has anything to say any more.
func (k *keeper) stop() {
	if k != nil {
		close(k.quit)
		k.ended.Wait()
	}
}
