package broker_test

import (
	"maps"
	"slices"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mqttlab/mqttcore/broker"
)

// disk keeps what a Broker wants kept, the way a store does: in order, an
// event's changes as a whole, and some time after the event. What the event
// leads to is held back until then, as Changes asks for.
type disk struct {
	cfg, explaining broker.Config
	kept            map[string][]byte
	waiting         []func() // in order: changes to keep, and what was held back behind them
	dirty           bool     // waiting has changes
}

func newDisk(cfg, explaining broker.Config) *disk {
	return &disk{cfg: cfg, explaining: explaining, kept: map[string][]byte{}}
}

// later does something once all that was changed until now is kept.
func (w *world) later(f func()) {
	if w.durable == nil {
		f()
		return
	}
	w.durable.waiting = append(w.durable.waiting, f)
}

// keep takes the changes of the latest event, whose effects wait for the same
// commit.
func (w *world) keep() {
	d := w.durable
	changes := slices.Clone(w.b.Changes())
	if diff := cmp.Diff(append([]broker.Record{}, changes...), append([]broker.Record{}, w.twin.Changes()...)); diff != "" {
		w.t.Fatalf("changes, with explanations:\n%s", diff)
	}
	switch {
	case d == nil && len(changes) > 0:
		w.t.Fatalf("%d changes that nobody asked for", len(changes))
	case d == nil:
		return
	case len(changes) > 0:
		d.dirty = true
		d.waiting = append(d.waiting, func() {
			for _, c := range changes {
				if c.Value == nil {
					delete(d.kept, c.Key)
				} else {
					d.kept[c.Key] = c.Value
				}
			}
		})
	}
	if !d.dirty {
		w.commit()
	}
}

// commit keeps all changes that wait.
func (w *world) commit() {
	d := w.durable
	if d == nil {
		return
	}
	waiting := d.waiting
	d.waiting, d.dirty = nil, false
	for _, f := range waiting {
		f()
	}
}

// restart stops the Broker without a word. What was not kept is lost.
func (w *world) restart() {
	d := w.durable
	if d == nil {
		return
	}
	if rapid.Bool().Draw(w.t, "kept") {
		w.commit()
		w.sameAgain()
	}
	d.waiting, d.dirty = nil, false
	for _, c := range w.clients {
		c.conn, c.up, c.down, c.late = 0, nil, nil, nil
	}
	var records []broker.Record
	for _, key := range slices.Sorted(maps.Keys(d.kept)) {
		records = append(records, broker.Record{Key: key, Value: d.kept[key]})
	}
	w.b, w.twin = broker.New(d.cfg), broker.New(d.explaining)
	list, err := w.b.Restore(w.now, records)
	if err != nil {
		w.t.Fatal(err)
	}
	twin, err := w.twin.Restore(w.now, records)
	if err != nil {
		w.t.Fatal(err)
	}
	w.effects(list, twin)
	w.commit()
	w.sameAgain()
}

// sameAgain checks that a Broker restored from what is kept knows what the
// running one knows, and nothing else.
func (w *world) sameAgain() {
	var records []broker.Record
	for key, value := range w.durable.kept {
		records = append(records, broker.Record{Key: key, Value: value})
	}
	again := broker.New(w.durable.cfg)
	if _, err := again.Restore(w.now, records); err != nil {
		w.t.Fatal(err)
	}
	if diff := cmp.Diff(lasting(w.b.State()), lasting(again.State())); diff != "" {
		w.t.Fatalf("restored (-running +restored):\n%s", diff)
	}
}

// lasting is the part of a snapshot that outlives the Broker.
func lasting(st broker.State) []broker.SessionState {
	for i := range st.Sessions {
		s := &st.Sessions[i]
		s.Conn, s.State, s.Left = 0, "", nil
		for j := range s.Inflight {
			s.Inflight[j].Again = false
		}
	}
	return st.Sessions
}
