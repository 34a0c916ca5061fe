package main

import (
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"

	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
)

// followed is what is known of one connection of a capture.
type followed struct {
	version packet.Version // 0 until a CONNECT says it or -version gives it
	given   bool           // by -version
	faults  [6]int         // packets that do not read well, by version, until then
	flow    follower       // nil before the first packet
	gap     bool           // bytes are missing before the first packet
	last    int            // index of its last packet
	client  string         // the Client Identifier, or its beginning
}

// follower is a flow.Conn, or a flow.Input where the file does not tell
// connections apart.
type follower interface {
	See(flow.Seen) flow.Result
	Gap()
	End() []flow.Late
}

// guesses are the versions that a connection without CONNECT may have, the
// likeliest first.
var guesses = []packet.Version{packet.V311, packet.V5, packet.V31}

// reads decodes a packet of the connection under its version, and says why it
// is that one, as a message key.
func (f *followed) reads(b []byte) (p packet.Packet, v packet.Version, why string, err error) {
	if b[0]>>4 == byte(packet.CONNECT) && !f.given {
		d := packet.Decoder{}
		if p, err = d.Decode(b); d.Version != 0 {
			f.version = d.Version
		}
		f.meet(p)
		return p, d.Version, "", err
	}
	why = "version.before"
	if f.given {
		why = "version.given"
	}
	if v = f.version; v == 0 {
		for _, g := range guesses {
			d := packet.Decoder{Version: g}
			if _, err := d.Decode(b); err != nil {
				f.faults[g]++
			}
			if v == 0 || f.faults[g] < f.faults[v] {
				v = g
			}
		}
		why = "version.most"
	}
	d := packet.Decoder{Version: v}
	p, err = d.Decode(b)
	f.meet(p)
	return p, v, why, err
}

// clientBytes is how much of a Client Identifier is remembered, in bytes.
const clientBytes = 256

// meet learns what the client calls itself.
func (f *followed) meet(p packet.Packet) {
	if c, ok := p.(*packet.Connect); ok {
		f.client = strings.Clone(c.ClientID[:min(len(c.ClientID), clientBytes)])
	}
}

// begin starts to follow the connection at its first packet. Only one that
// begins with CONNECT and lacks nothing is known to be whole.
func (f *followed) begin(rec *capture.Record) {
	o := flow.Options{Version: f.version}
	if rec.Transport == capture.File {
		f.flow = flow.NewInput(o)
		return
	}
	o.Whole = !f.gap && rec.From == packet.Client && rec.Bytes[0]>>4 == byte(packet.CONNECT)
	f.flow = flow.New(o)
	if f.gap {
		f.flow.Gap()
	}
}

// lost says that bytes of the connection are missing.
func (f *followed) lost() {
	if f.flow == nil {
		f.gap = true
		return
	}
	f.flow.Gap()
}

// liveBytes is how much memory the connections of a capture may take, all
// together; what package capture holds counts as well.
const liveBytes = 28 << 20

// forget drops what was learned of the idler half of the connections if all
// of it takes too much memory, and returns how many it dropped. Their later
// packets are still read; only links to earlier ones are lost.
func forget(conns map[int]*followed) int {
	if live() < liveBytes {
		return 0
	}
	runtime.GC()
	if live() < liveBytes {
		return 0
	}
	var ages []int
	for _, f := range conns {
		if f.flow != nil {
			ages = append(ages, f.last)
		}
	}
	if len(ages) == 0 {
		return 0
	}
	slices.Sort(ages)
	middle := ages[len(ages)/2]
	n := 0
	for _, f := range conns {
		if f.flow != nil && f.last <= middle {
			f.flow, f.gap = nil, true
			n++
		}
	}
	return n
}

// live returns the size of all objects on the heap, garbage included.
func live() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
