package ladder

import (
	"sync"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
	"mqttlab/server/capture"
)

// Index knows which events of a log belong together: which delivery is a copy
// of which PUBLISH, which acknowledgement ends which exchange. It reads the
// log in order, once, when somebody asks; nobody who does not look pays for it.
//
// It holds a small record for each event that the log holds, and of messages
// not many more.
type Index struct {
	log *capture.Log

	mu      sync.Mutex
	story   *flow.Story
	next    uint64 // number of the event to read next
	pages   map[uint64]*[pageEvents]record
	oldest  uint64                  // of the pages
	results map[uint64]flow.Result  // of those packets of which flow has findings
	granted map[delivery]packet.QoS // said by an explanation, before the delivery
	clocks  map[broker.ConnID]clockOf
	parted  map[broker.ConnID]bool // clients that have said DISCONNECT
	grid    Grid
}

// record is what is kept of an event.
type record struct {
	group, original, first uint64

	// Of the packet that begins an exchange: how it stands now.
	last uint64
	now  packet.Type
	cut  bool // the connection has ended meanwhile

	id        uint16
	awaits    packet.Type // after this packet
	by        packet.Party
	qos       packet.QoS
	again     bool
	parted    bool // of a close: the client had said DISCONNECT
	keepAlive uint16
}

// delivery names a copy before it is sent: the cause and the receiver.
type delivery struct {
	cause uint64
	to    broker.ConnID
}

// Grid counts deliveries by the QoS of the PUBLISH and that of the
// subscription.
type Grid [3][3]Cell

// Cell is one field of the Grid.
type Cell struct {
	Count          int
	Original, Copy uint64 // the latest
}

// State is how an exchange stands now.
type State struct {
	Last   uint64 `json:"last"`             // number of its latest packet
	Awaits string `json:"awaits,omitempty"` // "" when it is complete
	Cut    bool   `json:"cut,omitempty"`    // its connection ended, and no later one has gone on with it
}

// NewIndex returns an index of a log.
func NewIndex(log *capture.Log) *Index {
	return &Index{log: log, next: 1, story: flow.NewStory(), pages: make(map[uint64]*[pageEvents]record),
		results: make(map[uint64]flow.Result), granted: make(map[delivery]packet.QoS),
		clocks: make(map[broker.ConnID]clockOf), parted: make(map[broker.ConnID]bool)}
}

// maxResults is how many packets' findings of flow are kept.
const maxResults = 20_000

// catchUp reads the log up to, not with, a number. It needs mu.
func (ix *Index) catchUp(to uint64) {
	var events []capture.Event
	for ix.next < to {
		events = ix.log.Range(events[:0], ix.next, min(to, ix.next+4*pageEvents))
		if len(events) == 0 {
			low, next := ix.log.Bounds()
			if ix.next >= low || low >= next {
				return
			}
			ix.next = low
			ix.lost()
			continue
		}
		if events[0].N > ix.next {
			ix.lost()
		}
		for i := range events {
			ix.read(&events[i])
		}
		ix.next = events[len(events)-1].N + 1
		ix.forget()
	}
}

// lost begins anew after events that were dropped before they were read. It
// needs mu.
func (ix *Index) lost() {
	ix.story = flow.NewStory()
	clear(ix.clocks)
	clear(ix.parted)
	clear(ix.granted)
}

// forget drops what the log has dropped.
func (ix *Index) forget() {
	low, _ := ix.log.Bounds()
	for ; (ix.oldest+1)*pageEvents <= low; ix.oldest++ {
		delete(ix.pages, ix.oldest)
	}
	ix.story.Forget(int(low))
	if len(ix.results) > maxResults {
		clear(ix.results)
	}
	if len(ix.granted) > maxResults {
		clear(ix.granted)
	}
}

func (ix *Index) at(n uint64) *record {
	p := ix.pages[n/pageEvents]
	if p == nil {
		if n/pageEvents < ix.oldest {
			return new(record) // gone; nobody will ask again
		}
		p = new([pageEvents]record)
		ix.pages[n/pageEvents] = p
	}
	return &p[n%pageEvents]
}

func (ix *Index) read(e *capture.Event) {
	switch e.Kind {
	case capture.Open:
		ix.story.Opened(uint64(e.Conn))
	case capture.Close:
		delete(ix.clocks, e.Conn)
		ix.at(e.N).parted = ix.parted[e.Conn]
		delete(ix.parted, e.Conn)
		for _, first := range ix.story.Closed(uint64(e.Conn)) {
			ix.at(uint64(first)).cut = true
		}
	case capture.Explain, capture.Wire:
		r := ix.at(e.N)
		r.group = e.Cause
		if e.Cause > 0 {
			if g := ix.at(e.Cause).group; g > 0 {
				r.group = g
			}
		}
		ix.explained(e)
	case capture.Packet:
		ix.packet(e)
	}
}

// explained remembers with which QoS a subscription gets a message.
func (ix *Index) explained(e *capture.Event) {
	x, ok := e.Detail.(*broker.Explanation)
	if !ok || x.Target == 0 {
		return
	}
	for i := 0; i+1 < len(x.Args); i += 2 {
		if x.Args[i] == "granted" && len(x.Args[i+1]) == 1 {
			ix.granted[delivery{e.Cause, x.Target}] = packet.QoS(x.Args[i+1][0] - '0')
		}
	}
}

func (ix *Index) packet(e *capture.Event) {
	d := packet.Decoder{Version: e.Version}
	seen := flow.Seen{Index: int(e.N), From: e.From, Version: e.Version, Size: len(e.Bytes), At: int64(e.At), Timed: true}
	if len(e.Bytes) > 0 {
		seen.Type = packet.Type(e.Bytes[0] >> 4)
	}
	if !e.Broken {
		if p, err := d.Decode(e.Bytes); err == nil {
			seen.Packet = p
		}
	}
	cause := int(e.Cause)
	if e.From == packet.Client {
		cause = 0 // no packet, but what a wire told of the same one
	}
	told := ix.story.See(uint64(e.Conn), cause, seen)
	r := ix.at(e.N)
	*r = record{group: uint64(told.Group), original: uint64(told.Original), first: uint64(told.First),
		id: told.Exchange.ID, awaits: told.Exchange.Awaits, by: told.Exchange.By, qos: told.Exchange.QoS,
		again: told.Again, keepAlive: told.KeepAlive}
	if r.group != e.N && r.group > 0 {
		if g := ix.at(r.group).group; g > 0 {
			r.group = g
		}
	}
	if r.first > 0 {
		f := ix.at(r.first)
		f.last, f.now, f.cut = e.N, r.awaits, false
	}
	ix.clock(e, told.KeepAlive)
	if seen.Type == packet.DISCONNECT && e.From == packet.Client && seen.Packet != nil {
		ix.parted[e.Conn] = true
	}
	if len(told.Findings) > 0 {
		ix.results[e.N] = flow.Result{Findings: told.Findings, Links: told.Links}
	}
	if p, ok := seen.Packet.(*packet.Publish); ok && e.From == packet.Server {
		ix.count(e, p, r)
	}
}

// count puts a delivery into the grid.
func (ix *Index) count(e *capture.Event, p *packet.Publish, r *record) {
	k := delivery{e.Cause, e.Conn}
	granted, ok := ix.granted[k]
	if !ok || p.Dup || r.original == 0 || granted > 2 {
		return
	}
	delete(ix.granted, k)
	published := ix.at(r.original).qos
	if published > 2 {
		return
	}
	c := &ix.grid[published][granted]
	c.Count++
	c.Original, c.Copy = r.original, e.N
}

// look returns what is known of an event; ok is false if it is not held.
func (ix *Index) look(n uint64) (r record, ok bool) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.catchUp(n + 1)
	p := ix.pages[n/pageEvents]
	if p == nil || n >= ix.next {
		return record{}, false
	}
	return p[n%pageEvents], true
}

// result returns what flow found of a packet.
func (ix *Index) result(n uint64) flow.Result {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	return ix.results[n]
}

// States returns how the exchanges stand now that begin among the events from
// up to, not with, to, by the number of their first packet.
func (ix *Index) States(from, to uint64) map[uint64]State {
	_, next := ix.log.Bounds()
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.catchUp(next)
	states := make(map[uint64]State)
	for n := from; n < min(to, ix.next); n++ {
		if p := ix.pages[n/pageEvents]; p != nil {
			if r := &p[n%pageEvents]; r.first == n {
				states[n] = r.state()
			}
		}
	}
	return states
}

func (r *record) state() State {
	s := State{Last: r.last, Cut: r.cut && r.now != 0}
	if r.now != 0 {
		s.Awaits = r.now.String()
	}
	return s
}

// Grid returns the grid as it stands now.
func (ix *Index) Grid() Grid {
	_, next := ix.log.Bounds()
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.catchUp(next)
	return ix.grid
}

// Member is a packet of a group.
type Member struct {
	N, Original, First uint64
	ID                 uint16
	By                 packet.Party
	QoS                packet.QoS
	Awaits             packet.Type // after this packet
	Again              bool
}

// maxMembers is how many packets of a group are listed.
const maxMembers = 300

// Group lists the packets that belong together with a packet, in their order,
// and the exchange that it is part of.
func (ix *Index) Group(n uint64) (list []Member, more int) {
	_, next := ix.log.Bounds()
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.catchUp(next)
	r := ix.at(n)
	if r.group == 0 {
		return nil, 0
	}
	low, _ := ix.log.Bounds()
	for i := max(low, r.group); i < ix.next; i++ {
		p := ix.pages[i/pageEvents]
		if p == nil {
			i = (i/pageEvents+1)*pageEvents - 1
			continue
		}
		m := &p[i%pageEvents]
		if m.group != r.group || m.by == 0 && m.original == 0 && i != r.group && m.first == 0 {
			continue
		}
		if len(list) >= maxMembers {
			more++
			continue
		}
		list = append(list, Member{N: i, Original: m.original, First: m.first, ID: m.id, By: m.by, QoS: m.qos, Awaits: m.awaits, Again: m.again})
	}
	return list, more
}

// ExchangeState returns how the exchange stands that a packet began.
func (ix *Index) ExchangeState(first uint64) State {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	return ix.at(first).state()
}
