package bench

import (
	"maps"

	"mqttlab/mqttcore/packet"
)

// Stats is what a bench has done and what it holds, in figures. Counters only
// rise while the bench lives.
type Stats struct {
	In, Out Traffic // from clients, to clients; virtual ones too

	Connections int               // open
	Opened      uint64            // ever
	Ended       map[string]uint64 // connections that the bench itself ended, by the Code of the Reason

	Events   uint64 // ever captured
	Dropped  uint64 // of them, no longer held
	Captured int    // bytes of memory of those that are held
	Unsent   int    // bytes in all queues to clients
	Sessions int
	Retained int // messages
}

// Traffic is what went one way.
type Traffic struct {
	Packets [16]uint64 // by Control Packet type; 0: what has no such type
	Bytes   uint64
}

// count counts a packet.
func (t *Traffic) count(b []byte) {
	t.Packets[b[0]>>4]++
	t.Bytes += uint64(len(b))
}

// Total is the number of packets of all types.
func (t *Traffic) Total() (n uint64) {
	for _, k := range t.Packets {
		n += k
	}
	return n
}

// Of is the number of packets of a type.
func (t *Traffic) Of(kind packet.Type) uint64 { return t.Packets[kind&15] }

// Stats returns the figures as they are now. It takes a moment's lock, and no
// more however much the bench holds.
func (b *Bench) Stats() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.stats
	s.Ended = maps.Clone(b.stats.Ended)
	s.Connections, s.Opened = len(b.wires), uint64(b.lastConn)
	first, next := b.log.Bounds()
	s.Events, s.Dropped = next-1, first-1
	s.Captured = b.log.Bytes()
	s.Unsent = b.unsent.bytes() + b.upward.bytes() + b.early
	s.Sessions, s.Retained = b.broker.Held()
	return s
}
