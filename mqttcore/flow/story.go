package flow

import (
	"maps"

	"mqttlab/mqttcore/packet"
)

// Story follows all connections of a server together: a message from its
// publisher to the last acknowledgement of its last copy, and an exchange that
// goes on in a later connection of its Session.
//
// Its memory is bounded: by that of a Conn for each open connection, and by
// the bounds below for what is remembered of messages and Sessions. What it
// has forgotten it does not name.
type Story struct {
	conns    map[uint64]*thread
	clients  map[string]*thread        // the latest connection of each Client Identifier
	left     map[string]map[owner]open // exchanges that a closed connection left open
	messages [2]map[uint64]int         // messages by content: the newer and the older generation
	newer    int                       // number of the first message of the newer generation
	retained map[uint64]int            // by topic: the PUBLISH that was to be retained
}

const (
	messagesKept = 50_000 // of a generation
	sessionsKept = 10_000
)

// thread is one connection of a Story.
type thread struct {
	conn    *Conn
	client  string
	open    map[owner]open
	resumed map[owner]open // of earlier connections of the Session
}

// owner names an exchange within a Session.
type owner struct {
	by packet.Party
	id uint16
}

type open struct {
	first, group int
	here         int // its first packet on this connection; -1: none
}

// Told is what all connections say about a packet.
type Told struct {
	Result
	// Group is the number of the packet with which it all began: the
	// publisher's PUBLISH, or the request that this one answers, or itself.
	Group int
	// Original is the PUBLISH of which this one is a copy, or the CONNECT whose
	// Will it is; 0: this is no copy, or it is not known of what.
	Original int
	// First is the packet that began the exchange, perhaps in an earlier
	// connection of the Session; 0: none.
	First int
	// KeepAlive is what the connection agreed on, in seconds; only of CONNACK.
	KeepAlive uint16
}

// NewStory returns a Story before the first packet. Numbers of packets begin
// at 1.
func NewStory() *Story {
	s := &Story{conns: map[uint64]*thread{}, clients: map[string]*thread{}, left: map[string]map[owner]open{}, retained: map[uint64]int{}}
	for i := range s.messages {
		s.messages[i] = map[uint64]int{}
	}
	return s
}

func (s *Story) thread(conn uint64, whole bool) *thread {
	t := s.conns[conn]
	if t == nil {
		t = &thread{conn: New(Options{Whole: whole}), open: map[owner]open{}}
		s.conns[conn] = t
	}
	return t
}

// Opened tells of a new connection, of which no packet is missed from now on.
func (s *Story) Opened(conn uint64) { s.thread(conn, true) }

// Closed tells of a connection's end. It returns the first packets of the
// exchanges that it leaves open.
func (s *Story) Closed(conn uint64) []int {
	t := s.conns[conn]
	if t == nil {
		return nil
	}
	delete(s.conns, conn)
	var cut []int
	for _, o := range t.open {
		cut = append(cut, o.first)
	}
	if t.client == "" || s.clients[t.client] != t {
		return cut // another connection has taken over what was open
	}
	delete(s.clients, t.client)
	for k, o := range t.resumed {
		if _, ok := t.open[k]; !ok {
			t.open[k] = o
		}
	}
	if len(t.open) > 0 {
		if len(s.left) >= sessionsKept {
			clear(s.left)
		}
		s.left[t.client] = t.open
	}
	return cut
}

// See takes the next packet of a connection. cause is the number of the packet
// that made the server send this one; 0: none.
func (s *Story) See(conn uint64, cause int, seen Seen) Told {
	t := s.thread(conn, false)
	told := Told{Result: t.conn.See(seen), Group: seen.Index}
	switch p := seen.Packet.(type) {
	case *packet.Connect:
		s.connect(t, p, seen.Index)
	case *packet.Connack:
		told.KeepAlive = t.conn.clock.keepAlive
	case *packet.Publish:
		s.publish(&told, p, seen, cause)
	}
	for _, l := range told.Links {
		if l.Kind == Answers || l.Kind == Duplicate {
			told.Group = l.To
		}
	}
	if x := &told.Exchange; x.ID != 0 {
		t.follow(&told, x, seen.Packet)
	} else if told.Group == seen.Index && cause > 0 && told.Original == 0 {
		told.Group = cause
	}
	return told
}

// follow keeps what is open under a Packet Identifier, over the connections
// of its Session.
func (t *thread) follow(told *Told, x *Exchange, p packet.Packet) {
	k := owner{x.By, x.ID}
	o, known := t.open[k]
	publish, begins := p.(*packet.Publish)
	switch {
	case known && x.First == o.here:
	case x.First < 0 || begins && publish.Dup:
		if before, ok := t.resumed[k]; ok {
			o = before
			delete(t.resumed, k)
			told.Again = told.Again || begins
			break
		}
		fallthrough
	default:
		o = open{first: max(x.First, 0), group: told.Group}
	}
	if o.first == 0 { // nobody knows how it began
		o.first = told.Group
	}
	told.First, told.Group = o.first, o.group
	o.here = x.First
	if x.Awaits == 0 {
		delete(t.open, k)
		return
	}
	t.open[k] = o
}

// connect joins a connection to the earlier ones of its Client Identifier.
func (s *Story) connect(t *thread, p *packet.Connect, n int) {
	if p.HasWill {
		s.remember(messageOf(p.Will.Topic, p.Will.Payload), n)
	}
	if p.ClientID == "" || t.client != "" {
		return
	}
	t.client = clone(p.ClientID[:min(len(p.ClientID), 256)])
	if !p.CleanSession {
		t.resumed = s.left[t.client]
		if before := s.clients[t.client]; before != nil { // it is taken over
			t.resumed = maps.Clone(before.resumed)
			if t.resumed == nil {
				t.resumed = map[owner]open{}
			}
			maps.Copy(t.resumed, before.open)
		}
	}
	delete(s.left, t.client)
	s.clients[t.client] = t
}

func (s *Story) publish(told *Told, p *packet.Publish, seen Seen, cause int) {
	content := messageOf(told.Topic, p.Payload)
	if told.From == packet.Client {
		if told.Again {
			return
		}
		s.remember(content, seen.Index)
		if p.Retain {
			if len(s.retained) >= messagesKept {
				clear(s.retained)
			}
			s.retained[messageOf(told.Topic, nil)] = seen.Index
		}
		return
	}
	n := s.messages[0][content]
	if n == 0 {
		n = s.messages[1][content]
	}
	if p.Retain {
		if r := s.retained[messageOf(told.Topic, nil)]; r > 0 && n > 0 {
			n = r
		}
	}
	told.Original = n
	if n > 0 {
		told.Group = n
	}
}

// remember keeps the number of a message's PUBLISH.
func (s *Story) remember(content uint64, n int) {
	if len(s.messages[0]) >= messagesKept {
		s.age()
	}
	if len(s.messages[0]) == 0 {
		s.newer = n
	}
	s.messages[0][content] = n
}

// age makes the newer generation of messages the older one.
func (s *Story) age() { s.messages[0], s.messages[1] = map[uint64]int{}, s.messages[0] }

// Forget says that nobody looks at packets with a number below n any more. Of
// their messages no more are remembered than have come since.
func (s *Story) Forget(n int) {
	if len(s.messages[0]) > 0 && n >= s.newer { // all of the older generation are below it
		s.age()
	}
}

// hashed is how much of a payload tells messages apart.
const hashed = 4 << 10

// messageOf hashes a message.
func messageOf(topic string, payload []byte) uint64 {
	p := packet.Publish{Payload: payload[:min(len(payload), hashed)]}
	return contentOf(&p, topic) ^ uint64(len(payload))<<40
}
