// Package study joins a learner's bench to a lab: it sets the bench up, follows
// what happens on it, and says how far the learner is.
package study

import (
	"errors"
	"sync"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/lab"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/settings"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
	"mqttlab/server/play"
	"mqttlab/server/shelf"
)

// What can be wrong with an answer.
var (
	ErrNothingAsked = errors.New("the step at hand asks no question")
	ErrNoAnswer     = errors.New("this cannot be read as an answer to the question")
	ErrNothingBuilt = errors.New("the step at hand asks for no packet to be handed in")
)

// Keeper is told what a learner has done, and keeps it. It may be called from
// any goroutine, and never while the same session calls it.
type Keeper interface {
	// Pass is told of a passed step. Until it returns nil the learner is not
	// told; what it cannot keep is told again.
	Pass(lab string, p lab.Passed) error
	Try(lab string, a lab.Attempt)
	Forget(lab string) error
}

// Session is a learner at a lab. Its methods may be called from any goroutine.
type Session struct {
	bench  *bench.Bench
	stage  *play.Stage
	lab    *shelf.Lab
	keeper Keeper
	caps   broker.Config // the most that the lab's broker may be
	stop   chan struct{}
	done   sync.WaitGroup

	mu       sync.Mutex
	progress *lab.Progress
	next     uint64            // number of the event to look at next
	names    map[string]string // of clients, by lane
	held     bool              // the clients' wires, until a prediction is made
	rev      uint64            // rises with everything that a report shows
	wake     chan struct{}
}

// start sets a bench up for a lab and follows it until Stop. stage is where the
// lab's cast plays; passed are the steps that were passed before; keeper may be
// nil; caps are the most that its broker may be.
func start(b *bench.Bench, l *shelf.Lab, stage *play.Stage, passed []lab.Passed, keeper Keeper, caps broker.Config) (*Session, error) {
	if keeper == nil {
		keeper = nobody{}
	}
	s := &Session{bench: b, stage: stage, lab: l, keeper: keeper, caps: caps, stop: make(chan struct{}), rev: 1, wake: make(chan struct{})}
	if err := s.prepare(passed); err != nil {
		return nil, err
	}
	s.done.Go(s.follow)
	return s, nil
}

// patience is how long a lab's broker waits for a CONNECT, unless the lab says
// it: a learner who builds a first packet needs more than a program's seconds.
const patience = 30 * time.Minute

// prepare gives the bench the lab's broker and clients and looks from here on:
// what the bench is made to do meanwhile is no learner's work. It needs mu, or
// that nobody else knows the session.
func (s *Session) prepare(passed []lab.Passed) error {
	s.stage.End(s.bench)
	switch {
	case s.lab.Hand:
		if err := s.bench.Hand(); err != nil {
			return err
		}
	default:
		cfg := s.lab.Broker
		if cfg.ConnectTimeout == 0 {
			cfg.ConnectTimeout = patience
		}
		if err := s.bench.Prepare(settings.Within(cfg, s.caps)); err != nil {
			return err
		}
	}
	for _, c := range s.bench.Clients() {
		if c.Kind == "virtual" {
			_ = s.bench.RemoveClient(c.ID) // it may have gone by itself
		}
	}
	for _, name := range s.lab.Clients {
		if _, err := s.bench.AddClient(name); err != nil {
			return err
		}
	}
	_, next := s.bench.Log().Bounds()
	s.progress, s.next, s.names, s.held = s.lab.Resume(passed), next, make(map[string]string), false
	s.hold()
	s.changed()
	if s.lab.Cast != nil {
		_, err := s.stage.Start(s.bench, s.lab.Cast, 1, false)
		return err
	}
	return nil
}

// Stop ends the session. The bench stays as it is, but its cast stops.
func (s *Session) Stop() {
	if s.lab.Cast != nil {
		s.stage.End(s.bench)
	}
	close(s.stop)
	s.done.Wait()
}

// Lab returns the lab.
func (s *Session) Lab() *shelf.Lab { return s.lab }

// changed tells all who wait. It needs mu.
func (s *Session) changed() {
	s.rev++
	close(s.wake)
	s.wake = make(chan struct{})
}

// followed is how many events are looked at in one go.
const followed = 512

// follow feeds the bench's events to the progress.
func (s *Session) follow() {
	for {
		s.mu.Lock()
		next := s.next
		s.mu.Unlock()
		select {
		case <-s.stop:
			return
		case <-s.bench.Log().Wait(next):
		}
		s.catchUp()
	}
}

// catchUp looks at the events that have come.
func (s *Session) catchUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read()
}

// read is catchUp for some events. It needs mu.
func (s *Session) read() {
	first, end := s.bench.Log().Bounds()
	s.next = max(s.next, first)
	end = min(end, s.next+followed)
	for _, e := range s.bench.Log().Range(nil, s.next, end) {
		s.next = e.N + 1
		event := lab.Event{N: e.N, At: e.At, Client: s.names[e.Lane], From: e.From, Version: e.Version, Bytes: e.Bytes}
		switch e.Kind {
		case capture.Client:
			if c, ok := e.Detail.(bench.Client); ok && s.held && c.State == "new" {
				s.setHold(c.ID, true)
			}
			continue
		case capture.Open:
			event.Kind = lab.Opened
			event.Client = e.Detail.(capture.Opened).Name
			s.names[e.Lane] = event.Client
		case capture.Close:
			event.Kind, event.How = lab.Closed, e.How.String()
		case capture.Packet:
		default:
			continue
		}
		s.take(s.progress.Add(event))
	}
	s.next = max(s.next, end)
	s.hold()
}

// hold keeps the broker from hearing anything while a prediction is asked
// for, and lets it hear all that waits once it is made. It needs mu.
func (s *Session) hold() {
	if want := s.progress.Foretelling(); want != s.held {
		s.held = want
		for _, c := range s.bench.Clients() {
			if c.Kind == "virtual" {
				s.setHold(c.ID, want)
			}
		}
	}
}

// setHold changes nothing else of what a wire does. A client that has gone
// meanwhile needs nothing.
func (s *Session) setHold(client string, on bool) {
	if w, err := s.bench.Wire(client); err == nil && w.ToBroker.Hold != on {
		w.ToBroker.Hold = on
		_, _ = s.bench.SetWire(client, &w.ToBroker, nil)
	}
}

// take keeps what a change has brought. It needs mu.
func (s *Session) take(c lab.Change) {
	for _, a := range c.Attempts {
		s.keeper.Try(s.lab.ID, a)
	}
	for _, p := range c.Passed {
		if err := s.keeper.Pass(s.lab.ID, p); err != nil {
			// It is told again when the lab is next resumed from what was kept.
			s.bench.Note("study.not-kept", "error", err.Error())
		}
	}
	if c.Moved {
		s.changed()
	}
}

// Report says how every step stands, in a language, with the number of this
// state.
func (s *Session) Report(l spec.Lang) ([]lab.StepReport, uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readAll()
	return s.progress.Report(l), s.rev
}

// readAll looks at everything that has come by now, so that an answer or a
// report never lags behind the wire. It needs mu.
func (s *Session) readAll() {
	_, end := s.bench.Log().Bounds()
	for s.next < end {
		s.read()
	}
}

// Wait returns a channel that is closed once a report would read otherwise
// than that of number rev.
func (s *Session) Wait(rev uint64) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rev > rev {
		done := make(chan struct{})
		close(done)
		return done
	}
	return s.wake
}

// Answer takes an answer to the question of the step at hand, and says whether
// it is right; nil if only the wire will tell.
func (s *Session) Answer(text string) (right *bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readAll()
	at, open := s.progress.Step()
	if !open || s.lab.Steps[at].Question == nil {
		return nil, ErrNothingAsked
	}
	if s.lab.Steps[at].Question.Kind == lab.Filter {
		if _, err := filter.Parse(text); err != nil {
			return nil, err
		}
	}
	change, ok := s.progress.Answer(text, s.bench.Elapsed())
	if !ok {
		return nil, ErrNoAnswer
	}
	s.take(change)
	s.hold()
	if s.lab.Steps[at].Question.Kind == lab.Predict {
		return nil, nil
	}
	ok = len(change.Attempts) == 0
	return &ok, nil
}

// Build takes a packet that is handed in.
func (s *Session) Build(wire []byte, v packet.Version) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readAll()
	at, open := s.progress.Step()
	if !open || !s.lab.Steps[at].WantsBuilt() {
		return ErrNothingBuilt
	}
	s.take(s.progress.Build(wire, v, s.bench.Elapsed()))
	s.hold()
	return nil
}

// Retry forgets what was done for the step at hand.
func (s *Session) Retry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readAll()
	s.progress.Retry()
	s.hold()
	s.changed()
}

// Reset begins the lab anew, with a fresh broker.
func (s *Session) Reset() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.keeper.Forget(s.lab.ID); err != nil {
		return err
	}
	return s.prepare(nil)
}

// Undo sets the bench up anew and keeps the passed steps: for a learner who
// has got the bench into a state that the step at hand cannot begin from.
func (s *Session) Undo() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readAll()
	return s.prepare(s.progress.Passed())
}

// Passed lists the steps that are passed.
func (s *Session) Passed() []lab.Passed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.progress.Passed()
}
