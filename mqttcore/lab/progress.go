package lab

import (
	"strconv"
	"strings"
	"time"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/packet"
)

// Event is something that happened on the learner's bench.
type Event struct {
	N       uint64        // its number there, rising
	At      time.Duration // since the bench began
	Kind    EventKind
	Client  string         // name of the client on whose connection it is
	From    packet.Party   // Packet: the sender
	Version packet.Version // Packet: under which it was read; 0: not known
	Bytes   []byte         // Packet
	How     string         // Closed: "fin", "rst", "server" or "timeout"
	Answer  string         // Answered
}

// Progress is how far a learner has come in a lab. It keeps a bounded memory
// however many events it is fed.
type Progress struct {
	lab      *Lab
	steps    []stepState
	at       int    // index of the step at hand; len(steps): all are passed
	last     uint64 // number of the latest event
	packets  int    // that the clients have sent since the step began
	bytes    int
	attempts int
}

type stepState struct {
	checks   []checkState
	answered bool     // rightly
	forecast []byte   // Predict: what the learner has said
	missed   *Attempt // Predict: the latest that was not what came
	passed   Passed
}

// Passed says what a step took.
type Passed struct {
	Step     string        `json:"step"`
	At       time.Duration `json:"at"`       // of the event that decided it, since the bench began
	Packets  int           `json:"packets"`  // sent by clients while the step was at hand
	Bytes    int           `json:"bytes"`    // of them
	Attempts int           `json:"attempts"` // wrong ones, before
}

// Attempt is a try that was not right, where exact bytes or an answer were
// asked for.
type Attempt struct {
	Step  string
	Check int    // index of the check; -1: the question
	Event uint64 // number of the event; 0: nothing was sent
	Given string // the answer; "" if bytes were asked
	Want  []byte
	Got   []byte
	At    int // offset of the first byte that differs
}

// Change is what an event or an answer has led to.
type Change struct {
	Passed   []Passed  // steps, in order
	Attempts []Attempt // wrong ones
	Moved    bool      // anything that a report shows has changed
}

// Begin returns a progress with nothing done.
func (l *Lab) Begin() *Progress {
	p := &Progress{lab: l, steps: make([]stepState, len(l.Steps))}
	for i := range p.steps {
		p.restart(i)
	}
	return p
}

// Resume returns a progress of which the first steps are passed, as kept by
// somebody. What a bench showed before is gone.
func (l *Lab) Resume(passed []Passed) *Progress {
	p := l.Begin()
	for _, done := range passed {
		if p.at < len(p.steps) && l.Steps[p.at].ID == done.Step {
			p.steps[p.at].passed = done
			p.at++
		}
	}
	return p
}

// restart forgets what counts for a step.
func (p *Progress) restart(i int) {
	step := &p.lab.Steps[i]
	state := stepState{checks: make([]checkState, len(step.Checks))}
	for c := range state.checks {
		state.checks[c].init(&step.Checks[c])
	}
	p.steps[i] = state
}

// Retry forgets what was done for the step at hand, so that a "never" that was
// broken can be kept. Passed steps stay passed.
func (p *Progress) Retry() {
	if p.at < len(p.steps) {
		p.restart(p.at)
	}
}

// Passed lists the steps that are passed.
func (p *Progress) Passed() []Passed {
	all := make([]Passed, p.at)
	for i := range all {
		all[i] = p.steps[i].passed
	}
	return all
}

// Step returns the index of the step at hand, and whether there is one.
func (p *Progress) Step() (int, bool) { return p.at, p.at < len(p.steps) }

// Foretelling is whether the step at hand asks for a prediction that has not
// been made: until then the event should not come.
func (p *Progress) Foretelling() bool {
	if p.at == len(p.steps) {
		return false
	}
	q, state := p.lab.Steps[p.at].Question, &p.steps[p.at]
	return q != nil && q.Kind == Predict && state.forecast == nil && !state.answered
}

// Add takes the bench's next event.
func (p *Progress) Add(e Event) Change {
	var change Change
	p.last = e.N
	if e.Kind == Packet && e.From == packet.Client {
		p.packets++
		p.bytes += len(e.Bytes)
	}
	s := seen{Event: e}
	for i := p.at; i < len(p.steps); i++ {
		step := &p.lab.Steps[i]
		for c := range step.Checks {
			check := &step.Checks[c]
			if check.Kind == Built || check.SinceStep && i != p.at {
				continue
			}
			moved, attempt := p.steps[i].checks[c].add(check, &s)
			if i != p.at {
				continue
			}
			change.Moved = change.Moved || moved
			if attempt {
				p.wrong(&change, c, e.N, check.Match.Bytes, e.Bytes)
			}
		}
	}
	p.reveal(&change, &s)
	p.advance(&change, e.At)
	return change
}

// reveal compares an event with what the learner has said it would be.
func (p *Progress) reveal(change *Change, s *seen) {
	if p.at == len(p.steps) {
		return
	}
	q, state := p.lab.Steps[p.at].Question, &p.steps[p.at]
	if q == nil || q.Kind != Predict || state.forecast == nil || !q.About.matches(s) {
		return
	}
	change.Moved = true
	if state.answered = string(state.forecast) == string(s.Bytes); !state.answered {
		p.wrong(change, -1, s.N, s.Bytes, state.forecast)
		if missed := change.Attempts[len(change.Attempts)-1]; len(s.Bytes) <= maxNear {
			state.missed = &missed
		}
	}
	state.forecast = nil
}

// Build takes a packet that the learner hands in.
func (p *Progress) Build(wire []byte, v packet.Version, at time.Duration) Change {
	var change Change
	if p.at == len(p.steps) {
		return change
	}
	s := seen{Event: Event{Kind: Packet, From: packet.Client, Version: v, Bytes: wire}}
	step := &p.lab.Steps[p.at]
	for c := range step.Checks {
		if check := &step.Checks[c]; check.Kind == Built {
			state := &p.steps[p.at].checks[c]
			moved, attempt := state.add(check, &s)
			change.Moved = change.Moved || moved
			if attempt || !state.met(check) {
				p.wrong(&change, c, 0, check.Match.Bytes, wire)
			}
		}
	}
	p.advance(&change, at)
	return change
}

// Answer takes an answer to the question of the step at hand: the number of
// an option from 1, a number, a text, a filter, or bytes in hex. A prediction is judged
// when the event comes. ok is false if it cannot be read as what is asked.
func (p *Progress) Answer(text string, at time.Duration) (change Change, ok bool) {
	if p.at == len(p.steps) || p.lab.Steps[p.at].Question == nil {
		return change, false
	}
	q, state := p.lab.Steps[p.at].Question, &p.steps[p.at]
	text = strings.TrimSpace(text)
	change.Moved = true
	switch q.Kind {
	case Bytes, Predict:
		given, err := unhex(text)
		if err != nil || len(given) == 0 {
			return Change{}, false
		}
		if q.Kind == Predict {
			state.forecast, state.missed = given, nil
			return change, true
		}
		if state.answered = string(given) == string(q.Bytes); !state.answered {
			p.wrong(&change, -1, 0, q.Bytes, given)
		}
	case Filter:
		f, err := filter.Parse(text)
		if err != nil || text == "" {
			return Change{}, false
		}
		if state.answered = alike(f, q.Filter); !state.answered {
			p.misanswered(&change, text)
		}
	default:
		if q.Kind != Text {
			number, err := strconv.ParseInt(text, 0, 64)
			if err != nil {
				return Change{}, false
			}
			text = strconv.FormatInt(number, 10)
		}
		state.answered = false
		for _, right := range q.Right {
			state.answered = state.answered || strings.EqualFold(strings.TrimSpace(right), text)
		}
		if !state.answered {
			p.misanswered(&change, text)
		}
	}
	p.advance(&change, at)
	return change, true
}

// misanswered notes an answer in words that was not right.
func (p *Progress) misanswered(change *Change, text string) {
	p.attempts++
	change.Attempts = append(change.Attempts, Attempt{Step: p.lab.Steps[p.at].ID, Check: -1, Given: text})
}

// wrong notes a try that was not right.
func (p *Progress) wrong(change *Change, check int, event uint64, want, got []byte) {
	p.attempts++
	change.Moved = true
	change.Attempts = append(change.Attempts, Attempt{
		Step: p.lab.Steps[p.at].ID, Check: check, Event: event, Want: want, Got: got, At: Differ(want, got)})
}

// advance goes on while the step at hand is passed.
func (p *Progress) advance(change *Change, at time.Duration) {
	for p.at < len(p.steps) && p.done() {
		passed := Passed{Step: p.lab.Steps[p.at].ID, At: at, Packets: p.packets, Bytes: p.bytes, Attempts: p.attempts}
		p.steps[p.at].passed = passed
		p.packets, p.bytes, p.attempts = 0, 0, 0
		p.at++
		change.Passed = append(change.Passed, passed)
		change.Moved = true
	}
}

func (p *Progress) done() bool {
	step, state := &p.lab.Steps[p.at], &p.steps[p.at]
	for c := range step.Checks {
		if !state.checks[c].met(&step.Checks[c]) {
			return false
		}
	}
	return step.Question == nil || state.answered
}

// seen is an event that several matches look at; it is explained once.
type seen struct {
	Event
	explained *annotate.Packet
}

func (s *seen) view() filter.View {
	if s.explained == nil {
		p := annotate.One(s.Bytes, annotate.Options{Version: s.Version, Sender: s.From})
		s.explained = &p
	}
	return filter.View{Packet: s.explained, Bytes: s.Bytes, Number: s.N, Time: s.At.Seconds(), Length: len(s.Bytes), Sender: s.From, Name: s.Client}
}

// concerns is whether a match speaks of an event of this kind, client and
// direction.
func (m *Match) concerns(s *seen) bool {
	return m.Kind == s.Kind && (m.By == "" || m.By == s.Client) && (m.From == 0 || m.From == s.From) && (s.Kind != Packet || len(s.Bytes) > 0)
}

func (m *Match) matches(s *seen) bool {
	switch {
	case !m.concerns(s), m.How != "" && m.How != s.How:
		return false
	case m.Bytes != nil:
		return string(m.Bytes) == string(s.Bytes)
	case m.Filter != nil:
		return m.Filter.Match(s.view())
	}
	return true
}

// Differ returns the offset of the first byte in which two differ, and the
// length of both if they are the same.
func Differ(want, got []byte) int {
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			return i
		}
	}
	return min(len(want), len(got))
}
