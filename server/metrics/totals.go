package metrics

import (
	"maps"
	"slices"
	"sync"

	"mqttlab/mqttcore/packet"
	"mqttlab/server/bench"
)

// Totals adds up the figures of benches. A counter must not fall when a bench
// goes, so what the benches did that have gone is kept.
type Totals struct {
	mu   sync.Mutex
	gone bench.Stats
	last map[*bench.Bench]bench.Stats // of those that are there, when last looked at
}

// Gone is told of a bench that has been removed.
func (t *Totals) Gone(b *bench.Bench) {
	t.mu.Lock()
	defer t.mu.Unlock()
	add(&t.gone, b.Stats())
	delete(t.last, b)
}

// Of returns the figures of all benches that there are and were. list returns
// those that there are. Connections, Captured, Unsent, Sessions and Retained are of
// these alone.
func (t *Totals) Of(list func() []*bench.Bench) bench.Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == nil {
		t.last = make(map[*bench.Bench]bench.Stats)
	}
	all := t.gone
	all.Ended = maps.Clone(t.gone.Ended)
	there := list() // under the lock: Gone comes after a bench has left the list
	for _, b := range there {
		s := b.Stats()
		t.last[b] = s
		add(&all, s)
		all.Connections += s.Connections
		all.Captured += s.Captured
		all.Unsent += s.Unsent
		all.Sessions += s.Sessions
		all.Retained += s.Retained
	}
	for b, s := range t.last {
		if !slices.Contains(there, b) {
			add(&all, s) // it goes at this moment
		}
	}
	return all
}

// add adds the counters of s.
func add(to *bench.Stats, s bench.Stats) {
	for i := range s.In.Packets {
		to.In.Packets[i] += s.In.Packets[i]
		to.Out.Packets[i] += s.Out.Packets[i]
	}
	to.In.Bytes += s.In.Bytes
	to.Out.Bytes += s.Out.Bytes
	to.Opened += s.Opened
	to.Events += s.Events
	to.Dropped += s.Dropped
	if to.Ended == nil {
		to.Ended = make(map[string]uint64)
	}
	for why, n := range s.Ended {
		to.Ended[why] += n
	}
}

// WriteBenches writes the figures of benches.
func WriteBenches(w *Writer, s bench.Stats) {
	ways := []struct {
		name string
		of   *bench.Traffic
	}{{"in", &s.In}, {"out", &s.Out}}
	w.Family("mqttlab_packets_total", Counter, "Control Packets from clients (in) and to them (out), by type; virtual clients count, too.")
	for _, way := range ways {
		for t := packet.Type(1); t <= packet.AUTH; t++ {
			w.Sample(float64(way.of.Of(t)), "direction", way.name, "type", t.String())
		}
		w.Sample(float64(way.of.Packets[0]), "direction", way.name, "type", "none")
	}
	w.Family("mqttlab_packet_bytes_total", Counter, "Bytes of these packets.")
	for _, way := range ways {
		w.Sample(float64(way.of.Bytes), "direction", way.name)
	}
	w.Single("mqttlab_connections", Gauge, "MQTT connections that are open, and virtual clients.", float64(s.Connections))
	w.Single("mqttlab_connections_opened_total", Counter, "MQTT connections ever opened.", float64(s.Opened))
	w.Family("mqttlab_connections_ended_total", Counter, "Connections that a bench itself ended, by the reason; those that came upon a limit among them.")
	for _, why := range slices.Sorted(maps.Keys(s.Ended)) {
		w.Sample(float64(s.Ended[why]), "reason", why)
	}
	w.Single("mqttlab_events_total", Counter, "Events ever captured.", float64(s.Events))
	w.Single("mqttlab_events_dropped_total", Counter, "Captured events no longer held, for want of room.", float64(s.Dropped))
	w.Single("mqttlab_capture_bytes", Gauge, "Memory of the events that are held, in bytes.", float64(s.Captured))
	w.Single("mqttlab_unsent_bytes", Gauge, "Bytes that wait to be sent, to clients or to a broker elsewhere.", float64(s.Unsent))
	w.Single("mqttlab_sessions", Gauge, "Sessions that brokers hold.", float64(s.Sessions))
	w.Single("mqttlab_retained_messages", Gauge, "Retained messages that brokers hold.", float64(s.Retained))
}
