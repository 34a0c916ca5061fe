package scenario

import (
	"errors"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
)

// EventKind says what an Event tells.
type EventKind uint8

// The kinds of Event.
const (
	EventOpen    EventKind = iota + 1 // a client opened a connection
	EventPacket                       // bytes on a connection: a Control Packet, or what is none
	EventExplain                      // what the broker decided, and why
	EventClose                        // a connection ended
	EventAnswer                       // a lab's question was answered
	EventBuild                        // a packet was handed in to a lab
)

// Event is what happened while a scenario was played. Which members are set
// depends on Kind.
type Event struct {
	At      time.Duration // since the scenario began
	Kind    EventKind
	Client  string // id in the scenario; "" for an explanation that is about none
	Conn    broker.ConnID
	From    packet.Party   // of a packet: who sent it; of a close: who ended the connection
	Version packet.Version // of a packet: under which it was read; 0 before CONNECT
	Broken  bool           // of a packet: the bytes are no valid Control Packet
	Bytes   []byte         // of a packet, also one handed in: never changed again
	Text    string         // of an answer
	Abort   bool           // of a close by the client: RST, not FIN
	Cause   int            // of an explanation or a packet of the broker: the index of the event that led to it; -1: time passed
	Why     *broker.Explanation
}

// Result is what a scenario led to.
type Result struct {
	Events  []Event
	Failure *Failure       // nil: all went as the scenario says
	More    bool           // there were more events than MaxEvents, and the rest was not played
	Length  time.Duration  // how long it took in simulated time
	Broker  *broker.Broker // as it then was
}

// MaxEvents is how many events Run lets happen.
const MaxEvents = 200_000

// epoch is when simulated time begins, unless it is said.
var epoch = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)

// Run plays a scenario on a broker of its own, in simulated time: the same
// scenario always gives the same result, and an hour takes no longer than a
// second. The broker is as the scenario says, or else as base. Others may play
// theirs meanwhile on the same broker; all ends with s.
func Run(s *Scenario, base broker.Config, others ...*Scenario) *Result {
	cfg := base
	if s.HasBroker {
		cfg = s.Broker
	}
	if cfg.MaxPacketSize == 0 {
		cfg.MaxPacketSize = MaxSend
	}
	cfg.Explain = true
	return run(broker.New(cfg), int(cfg.MaxPacketSize), append([]*Scenario{s}, others...))
}

// RunHand plays scenarios at the same time where a person is the broker: what
// it says are the steps "reply". It ends with the first of them.
func RunHand(all ...*Scenario) *Result { return run(nil, MaxSend, all) }

func run(b *broker.Broker, most int, all []*Scenario) *Result {
	r := &runner{broker: b, most: most, byClient: make(map[string]*link), byConn: make(map[broker.ConnID]*link), who: []string{""}}
	for _, s := range all {
		r.players = append(r.players, s.Play(1))
	}
	for {
		until, acted := time.Duration(-1), false
		for i, player := range r.players {
			switch action := player.Next(r.now); {
			case i == 0 && (action.Kind == End || len(r.events) > MaxEvents):
				return &Result{Events: r.events, Failure: player.Failure(), More: action.Kind != End, Length: r.now, Broker: r.broker}
			case action.Kind == Act:
				r.do(player, action.Step)
				acted = true
			case action.Kind == Wait && (until < 0 || action.Until < until):
				until = action.Until
			}
		}
		if !acted {
			r.pass(until)
		}
	}
}

// runner plays a scenario.
type runner struct {
	players  []*Player
	broker   *broker.Broker // nil: a person is the broker
	most     int            // bytes of a packet that is taken
	now      time.Duration
	events   []Event
	byClient map[string]*link
	byConn   map[broker.ConnID]*link
	who      []string // clients by connection, also of those that have ended
}

// link is an open connection.
type link struct {
	id      broker.ConnID
	client  string
	dec     packet.Decoder
	pending []byte // what makes no whole packet yet
}

func (r *runner) time() time.Time { return epoch.Add(r.now) }

// pass lets time pass until something is due in the broker, or until.
func (r *runner) pass(until time.Duration) {
	if r.broker == nil {
		r.now = until
		return
	}
	due, ok := r.broker.Next()
	if !ok || due.Sub(epoch) > until {
		r.now = until
		return
	}
	r.now = max(r.now, due.Sub(epoch))
	r.apply(r.broker.Tick(r.time()), -1)
}

func (r *runner) do(player *Player, step *Step) {
	l := r.byClient[step.Client]
	switch step.Do {
	case Answer:
		r.put(Event{Kind: EventAnswer, Text: step.Text})
	case Build:
		var dec packet.Decoder
		_, _ = dec.Decode(step.Bytes) // a CONNECT says its version
		r.put(Event{Kind: EventBuild, Version: dec.Version, Bytes: step.Bytes})
	case Reply:
		if l == nil || r.byConn[l.id] != l {
			player.unheard()
			return
		}
		r.put(Event{Kind: EventPacket, Client: l.client, Conn: l.id, From: packet.Server, Version: l.dec.Version, Cause: -1, Bytes: step.Bytes})
		r.heard(l.client, step.Bytes)
	case Open:
		l = &link{id: broker.ConnID(len(r.who)), client: step.Client}
		r.who = append(r.who, step.Client)
		r.byClient[step.Client], r.byConn[l.id] = l, l
		n := r.put(Event{Kind: EventOpen, Client: l.client, Conn: l.id})
		r.tell(n, func(now time.Time) []broker.Effect { return r.broker.Open(now, l.id) })
	case Send:
		l.pending = append(l.pending[:len(l.pending):len(l.pending)], step.Bytes...)
		r.receive(l)
	case Close, Abort:
		cause := broker.CauseFIN
		if step.Do == Abort {
			cause = broker.CauseRST
		}
		r.broken(l)
		n := r.part(l, Event{From: packet.Client, Abort: step.Do == Abort})
		r.tell(n, func(now time.Time) []broker.Effect { return r.broker.Closed(now, l.id, cause) })
	}
}

// tell has the broker hear of an event, if there is one, and does what it wants.
func (r *runner) tell(event int, f func(now time.Time) []broker.Effect) {
	if r.broker != nil {
		r.apply(f(r.time()), event)
	}
}

// heard tells everybody what a client was sent.
func (r *runner) heard(client string, b []byte) {
	for _, player := range r.players {
		player.Heard(client, b)
	}
}

// receive gives the broker the whole packets that have come.
func (r *runner) receive(l *link) {
	for r.byConn[l.id] == l && len(l.pending) > 0 {
		size, err := packet.Size(l.pending)
		switch {
		case err == nil && size > r.most:
			n := r.broken(l)
			r.tell(n, func(now time.Time) []broker.Effect { return r.broker.Drop(now, l.id, broker.CauseTooLarge) })
		case err == nil && size > 0 && size <= len(l.pending):
			data := l.pending[:size:size]
			l.pending = l.pending[size:]
			r.packet(l, data)
		default:
			// What can never become a packet is refused at once: its fixed
			// header says so.
			var fault *packet.Fault
			if _, err := l.dec.Decode(l.pending[:headerLength(l.pending)]); errors.As(err, &fault) && fault.Violation != packet.Incomplete {
				n := r.broken(l)
				r.tell(n, func(now time.Time) []broker.Effect { return r.broker.Fault(now, l.id, fault) })
			}
			return
		}
	}
	if r.byConn[l.id] != l {
		r.broken(l) // behind the last packet that the broker heard
	}
}

// headerLength returns how many bytes are of the fixed header, 1 to 5.
func headerLength(b []byte) int {
	n := 1
	for n < min(len(b), 5) && (n == 1 || b[n-1] >= 0x80) {
		n++
	}
	return n
}

func (r *runner) packet(l *link, data []byte) {
	p, err := l.dec.Decode(data)
	n := r.put(Event{Kind: EventPacket, Client: l.client, Conn: l.id, From: packet.Client, Version: l.dec.Version, Broken: err != nil, Bytes: data})
	if err != nil {
		var fault *packet.Fault
		errors.As(err, &fault)
		r.tell(n, func(now time.Time) []broker.Effect { return r.broker.Fault(now, l.id, fault) })
		return
	}
	r.tell(n, func(now time.Time) []broker.Effect { return r.broker.Receive(now, l.id, p, data) })
}

// broken records what is pending as bytes that are no packet.
func (r *runner) broken(l *link) int {
	if len(l.pending) == 0 {
		return len(r.events) - 1
	}
	data := l.pending
	l.pending = nil
	return r.put(Event{Kind: EventPacket, Client: l.client, Conn: l.id, From: packet.Client, Version: l.dec.Version, Broken: true, Bytes: data})
}

// part ends a connection.
func (r *runner) part(l *link, e Event) int {
	delete(r.byConn, l.id)
	e.Kind, e.Client, e.Conn = EventClose, l.client, l.id
	return r.put(e)
}

func (r *runner) put(e Event) int {
	e.At = r.now
	r.events = append(r.events, e)
	return len(r.events) - 1
}

func (r *runner) apply(effects []broker.Effect, cause int) {
	for i := range effects {
		e := &effects[i]
		l := r.byConn[e.Conn]
		switch {
		case e.Kind == broker.EffectExplain:
			r.put(Event{Kind: EventExplain, Client: r.who[e.Conn], Conn: e.Conn, Cause: cause, Why: e.Explanation})
		case l == nil:
		case e.Kind == broker.EffectSend && len(e.Wire) > 0:
			r.put(Event{Kind: EventPacket, Client: l.client, Conn: l.id, From: packet.Server, Version: l.dec.Version, Cause: cause, Bytes: e.Wire})
			r.heard(l.client, e.Wire)
		case e.Kind == broker.EffectClose:
			r.part(l, Event{From: packet.Server, Cause: cause})
			for _, player := range r.players {
				player.Ended(l.client)
			}
		}
	}
}
