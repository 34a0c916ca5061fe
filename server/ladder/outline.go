package ladder

import (
	"mqttlab/mqttcore/packet"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
)

// Outline is what a page needs to lay out rows that it does not show yet: the
// kind of each event, one letter each, and who came, went and is called what.
type Outline struct {
	First  uint64  `json:"first"` // number of the oldest event held
	From   uint64  `json:"from"`  // number of the event that the first letter stands for
	Next   uint64  `json:"next"`  // number to go on from
	End    uint64  `json:"end"`   // number of the next event of the bench
	Kinds  string  `json:"kinds"` // o open, p packet, e explanation, c close, x client, m any other
	Lanes  []Lane  `json:"lanes"`
	Clocks []Clock `json:"clocks"` // of the connections that are open, as they stand at End
}

// Lane is something that happened to a client's lane.
type Lane struct {
	N    uint64 `json:"n"`
	What string `json:"what"` // "open", "close" or "name"
	Lane string `json:"lane"`
	Name string `json:"name,omitempty"`
}

// Clock is a connection's Keep Alive. Times are seconds since the bench began.
type Clock struct {
	Lane      string  `json:"lane"`
	KeepAlive uint16  `json:"keep_alive"` // in seconds
	Heard     float64 `json:"heard"`      // when the client was heard last
}

var letters = map[capture.Kind]byte{capture.Open: 'o', capture.Packet: 'p', capture.Explain: 'e', capture.Close: 'c', capture.Client: 'x'}

// outlineEvents bounds one Outline.
const outlineEvents = 50_000

// Outline returns the outline from a number on.
func (ix *Index) Outline(from uint64) Outline {
	first, end := ix.log.Bounds()
	from = min(max(from, first), end)
	out := Outline{First: first, From: from, Next: from, End: end, Lanes: []Lane{}, Clocks: []Clock{}}
	kinds := make([]byte, 0, min(end-from, outlineEvents))
	s := scan{out: &out, open: make(map[string]bool), names: make(map[string]string)}
	var events []capture.Event
	for out.Next < end && len(kinds) < outlineEvents {
		events = ix.log.Range(events[:0], out.Next, min(end, out.Next+4*pageEvents))
		if len(events) == 0 || events[0].N != out.Next { // dropped meanwhile
			if len(kinds) > 0 {
				break
			}
			return ix.Outline(out.Next + 1)
		}
		for i := range events {
			kinds = append(kinds, s.see(&events[i]))
		}
		out.Next = events[len(events)-1].N + 1
	}
	out.Kinds = string(kinds)
	return out
}

type scan struct {
	out   *Outline
	open  map[string]bool // lanes that were seen: are they open
	names map[string]string
}

func (s *scan) see(e *capture.Event) byte {
	add := func(what, name string) {
		s.out.Lanes = append(s.out.Lanes, Lane{N: e.N, What: what, Lane: e.Lane, Name: name})
	}
	switch e.Kind {
	case capture.Open:
		name := e.Detail.(capture.Opened).Name
		s.open[e.Lane], s.names[e.Lane] = true, name
		add("open", name)
	case capture.Close:
		if s.open[e.Lane] || !s.seen(e.Lane) {
			add("close", "")
		}
		s.open[e.Lane] = false
	case capture.Client:
		if c, ok := e.Detail.(bench.Client); ok && s.names[e.Lane] != c.Name {
			s.names[e.Lane] = c.Name
			add("name", c.Name)
		}
	case capture.Packet:
		if !s.seen(e.Lane) {
			s.open[e.Lane] = true
			add("open", "")
		}
	}
	if letter, ok := letters[e.Kind]; ok {
		return letter
	}
	return 'm'
}

func (s *scan) seen(lane string) bool {
	_, ok := s.open[lane]
	return ok
}

// clockOf follows what sets the clock of a connection.
type clockOf struct {
	lane      string
	keepAlive uint16
	heard     float64
}

// clock takes a packet into account. It needs mu.
func (ix *Index) clock(e *capture.Event, keepAlive uint16) {
	c := ix.clocks[e.Conn]
	if e.From == packet.Client {
		c.heard = Seconds(e.At)
	}
	if keepAlive > 0 {
		c.keepAlive = keepAlive
	}
	c.lane = e.Lane
	ix.clocks[e.Conn] = c
}

// Clocks lists the connections that have a Keep Alive now.
func (ix *Index) Clocks() []Clock {
	_, next := ix.log.Bounds()
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.catchUp(next)
	list := []Clock{}
	for _, c := range ix.clocks {
		if c.keepAlive > 0 {
			list = append(list, Clock{Lane: c.lane, KeepAlive: c.keepAlive, Heard: c.heard})
		}
	}
	return list
}
