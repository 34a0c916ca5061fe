// Package reading follows the connections of a capture: under which version
// each is read, what its packets say about each other, and what that looks
// like in words. The command line and the page of a capture both read with it.
//
// A [Reading] takes the Records of package capture in their order and returns
// a [Step] for each. Putting a Step into words, [Step.Explain], is left to the
// caller: it takes longest, needs nothing but the Step, and may be done for
// several at once.
package reading

import (
	"errors"
	"slices"
	"time"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Reading is one capture being read. The zero value cannot be used.
type Reading struct {
	version packet.Version
	conns   map[int]*connection
	index   int
	decoder packet.Decoder
}

// New returns a reading of a new capture; v is the version to read its packets
// under, 0 if each connection's is to be found out.
func New(v packet.Version) *Reading {
	return &Reading{version: v, conns: map[int]*connection{}}
}

// Step is what a Record says in the light of those before it.
type Step struct {
	Record capture.Record // its Bytes and Args are the reader's: clone what is to be kept
	Since  time.Duration  // from the file's first frame

	// Of a packet or part.
	Index   int            // counts the file's packets from 0; links name it
	Packet  packet.Packet  // nil if it breaks the grammar; valid until the next Record is taken
	Version packet.Version // under which it was read
	Why     string         // why under that: a message's key, "" if a CONNECT says it itself
	Client  string         // its Client Identifier, or its beginning, where the CONNECT was seen
	Result  flow.Result

	// Of a Close: what is known only now of earlier packets.
	Late []flow.Late
}

// Packets returns how many packets and parts there were.
func (r *Reading) Packets() int { return r.index }

// Take reads the next Record.
func (r *Reading) Take(rec *capture.Record) (s Step) {
	r.TakeInto(&s, rec)
	return s
}

// TakeInto is Take into memory of the caller's, an empty Step.
func (r *Reading) TakeInto(s *Step, rec *capture.Record) {
	s.Record = *rec
	if !rec.Time.IsZero() && !rec.First.IsZero() {
		s.Since = rec.Time.Sub(rec.First)
	}
	c := r.conns[rec.Conn]
	if c == nil && rec.Conn != 0 {
		c = &connection{version: r.version, given: r.version != 0}
		r.conns[rec.Conn] = c
	}
	switch rec.Kind {
	case capture.Packet, capture.Part:
		if len(rec.Bytes) > 0 {
			r.packet(c, rec, s)
		}
	case capture.Note:
		if c != nil && loses(rec.Code) {
			c.lost()
		}
	case capture.Close:
		delete(r.conns, rec.Conn)
		if c.flow != nil {
			s.Late = c.flow.End()
		}
	}
}

func (r *Reading) packet(c *connection, rec *capture.Record, s *Step) {
	var err error
	s.Packet, s.Version, s.Why, err = c.decode(&r.decoder, rec.Bytes)
	if c.flow == nil {
		c.begin(rec)
	}
	s.Index, s.Client = r.index, c.client
	c.last = r.index
	r.index++
	if rec.Kind != capture.Packet {
		return
	}
	seen := flow.Seen{
		Index: s.Index, From: rec.From, Packet: s.Packet, Type: packet.Type(rec.Bytes[0] >> 4), Version: s.Version, Size: len(rec.Bytes),
		At: rec.Time.UnixNano(), Timed: !rec.Time.IsZero(),
	}
	if err != nil {
		seen.Fault = faultOf(err)
	}
	s.Result = c.flow.See(seen)
}

func faultOf(err error) (fault *packet.Fault) {
	errors.As(err, &fault)
	return fault
}

// Sender is who sent the packet, as the wire or the packets before tell.
func (s *Step) Sender() packet.Party {
	if s.Record.From != 0 {
		return s.Record.From
	}
	return s.Result.From
}

// Explain annotates the packet.
func (s *Step) Explain(l spec.Lang) *annotate.Packet {
	p := annotate.Followed(s.Record.Bytes, s.Result, s.options(l))
	return &p
}

// ExplainIn is Explain in the memory of e, which then knows the packet.
func (s *Step) ExplainIn(e *annotate.Explainer, l spec.Lang) {
	e.Read(s.Record.Bytes, s.Result, s.options(l))
}

func (s *Step) options(l spec.Lang) annotate.Options {
	return annotate.Options{
		Version: s.Version, VersionWhy: s.Why, Sender: s.Sender(), Lang: l, Index: s.Index, Offset: int(s.Record.Offset),
	}
}

// View is what a filter sees of the explained packet.
func (s *Step) View(p *annotate.Packet) filter.View {
	rec := &s.Record
	return filter.View{
		Packet: p, Bytes: rec.Bytes, Number: uint64(rec.Frame), Time: s.Since.Seconds(), Length: rec.Wire,
		Stream: rec.Stream, Sender: s.Sender(), Client: rec.Client, Server: rec.Server, Name: s.Client,
	}
}

// Forget drops what was learned of the idler half of the connections and
// returns how many these are. Their later packets are still read; only links
// to earlier ones are lost.
func (r *Reading) Forget() int {
	var ages []int
	for _, c := range r.conns {
		if c.flow != nil {
			ages = append(ages, c.last)
		}
	}
	if len(ages) == 0 {
		return 0
	}
	slices.Sort(ages)
	middle := ages[len(ages)/2]
	n := 0
	for _, c := range r.conns {
		if c.flow != nil && c.last <= middle {
			c.flow, c.gap = nil, true
			n++
		}
	}
	return n
}
