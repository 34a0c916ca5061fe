// Package play plays scenarios on benches, in real time, with the bench's
// virtual clients.
package play

import (
	"context"
	"errors"
	"sync"
	"time"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/scenario"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
)

// What can be wrong with playing a scenario.
var (
	ErrBusy = errors.New("a scenario is being played on this bench already")
	ErrLab  = errors.New("in this scenario a person is the broker, which only a lab can play")
)

// The states of a Status.
const (
	Running = "running"
	Done    = "done"
	Failed  = "failed"
	Stopped = "stopped"
)

// Status is how far a scenario is.
type Status struct {
	State   string            `json:"state"` // "running", "done", "failed" or "stopped"; "" if none was ever played
	Title   string            `json:"title,omitempty"`
	Step    int               `json:"step"`              // steps done
	Steps   int               `json:"steps"`             // … of so many
	Failure string            `json:"failure,omitempty"` // what failed
	Clients map[string]string `json:"clients,omitempty"` // the bench's clients by their ids in the scenario

	failed *scenario.Failure
}

// In returns st in a language.
func (st Status) In(l spec.Lang) Status {
	if st.failed != nil {
		st.Failure = st.failed.Text(l)
	}
	return st
}

// Stage plays scenarios on the benches of a server, one at a time on each.
// The zero Stage is ready.
type Stage struct {
	mu      sync.Mutex
	plays   map[*bench.Bench]*play
	closed  bool
	running sync.WaitGroup
}

// play is a scenario on a bench.
type play struct {
	bench   *bench.Bench
	player  *scenario.Player
	clients map[string]string // ids on the bench by those in the scenario
	lanes   map[string]string // the reverse
	heard   uint64            // number of the next event to be looked at
	cancel  context.CancelFunc
	done    chan struct{} // closed when it has ended

	mu     sync.Mutex
	status Status
}

// Start begins to play a scenario on a bench; see scenario.Play for speed. The
// broker begins anew first, as the scenario says, if fresh.
func (s *Stage) Start(b *bench.Bench, what *scenario.Scenario, speed float64, fresh bool) (Status, error) {
	for i := range what.Steps {
		if what.Steps[i].Do == scenario.Reply {
			return Status{}, ErrLab
		}
	}
	p := &play{bench: b, player: what.Play(speed), clients: make(map[string]string), lanes: make(map[string]string), done: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	s.mu.Lock()
	var refused error
	if old := s.plays[b]; s.closed {
		refused = bench.ErrStopped
	} else if old != nil && old.Status().State == Running {
		refused = ErrBusy
	}
	if refused != nil {
		s.mu.Unlock()
		cancel()
		return Status{}, refused
	}
	if s.plays == nil {
		s.plays = make(map[*bench.Bench]*play)
	}
	p.status = Status{State: Running, Title: annotate.Visible(what.Title), Steps: len(what.Steps)}
	s.plays[b] = p
	s.running.Add(1)
	s.mu.Unlock()
	if err := p.prepare(what, fresh); err != nil {
		p.set(func(st *Status) { st.State, st.Failure = Failed, err.Error() })
		cancel()
		close(p.done)
		s.running.Done()
		return Status{}, err
	}
	go func() {
		defer s.running.Done()
		defer close(p.done)
		defer cancel()
		p.run(ctx)
	}()
	return p.Status(), nil
}

// Status returns how far the latest scenario of a bench is.
func (s *Stage) Status(b *bench.Bench) Status {
	s.mu.Lock()
	p := s.plays[b]
	s.mu.Unlock()
	if p == nil {
		return Status{}
	}
	return p.Status()
}

// Stop ends what is played on a bench.
func (s *Stage) Stop(b *bench.Bench) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.plays[b]; p != nil {
		p.cancel()
	}
}

// End is Stop, and waits until it has ended.
func (s *Stage) End(b *bench.Bench) {
	s.mu.Lock()
	p := s.plays[b]
	s.mu.Unlock()
	if p != nil {
		p.cancel()
		<-p.done
	}
}

// Forget is Stop for a bench that has been removed.
func (s *Stage) Forget(b *bench.Bench) {
	s.Stop(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.plays, b)
}

// Close ends all that is played and waits until it has.
func (s *Stage) Close() {
	s.mu.Lock()
	s.closed = true
	for _, p := range s.plays {
		p.cancel()
	}
	s.mu.Unlock()
	s.running.Wait()
}

// Status returns how far it is.
func (p *play) Status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status
}

func (p *play) set(f func(*Status)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(&p.status)
}

// prepare makes the clients, or takes those of the same name that have no
// connection.
func (p *play) prepare(what *scenario.Scenario, fresh bool) error {
	if fresh && what.HasBroker {
		if err := p.bench.Reconfigure(what.Broker); err != nil {
			return err
		}
	}
	idle := make(map[string]string) // ids by name
	for _, c := range p.bench.Clients() {
		if c.Kind == "virtual" && c.State != "open" {
			idle[c.Name] = c.ID
		}
	}
	for _, c := range what.Clients {
		name := annotate.Visible(c.Name)
		if len(name) > scenario.MaxName {
			name = c.ID
		}
		id, ok := idle[name]
		if delete(idle, name); !ok {
			made, err := p.bench.AddClient(name)
			if err != nil {
				return err
			}
			id = made.ID
		}
		p.clients[c.ID], p.lanes[id] = id, c.ID
	}
	p.set(func(st *Status) { st.Clients = p.clients }) // which does not change any more
	p.bench.Note("replay.began", "title", p.status.Title)
	_, p.heard = p.bench.Log().Bounds()
	return nil
}

func (p *play) run(ctx context.Context) {
	began := p.bench.Elapsed()
	wait := time.NewTimer(0)
	defer wait.Stop()
	for {
		if ctx.Err() != nil {
			p.end(Stopped, "", "replay.stopped")
			return
		}
		if rest := p.bench.Resting(); rest != nil {
			select {
			case <-rest:
			case <-ctx.Done():
			}
			continue
		}
		p.listen()
		action := p.player.Next(p.bench.Elapsed() - began)
		done, _ := p.player.Steps()
		p.set(func(st *Status) { st.Step = done })
		switch action.Kind {
		case scenario.End:
			if f := p.player.Failure(); f != nil {
				p.set(func(st *Status) { st.failed = f })
				p.end(Failed, f.Error(), "replay."+string(f.Code), f.Args()...)
			} else {
				p.end(Done, "", "replay.done")
			}
			return
		case scenario.Act:
			if err := p.do(action.Step); err != nil {
				p.end(Failed, err.Error(), "replay.failed", "error", err.Error())
				return
			}
		case scenario.Wait:
			wait.Reset(action.Until - (p.bench.Elapsed() - began))
			select {
			case <-wait.C:
			case <-p.bench.Log().Wait(p.heard):
			case <-ctx.Done():
			}
		}
	}
}

// end says how it ended.
func (p *play) end(state, failure, key string, args ...string) {
	for i := 1; i < len(args); i += 2 {
		args[i] = annotate.Visible(args[i])
	}
	p.bench.Note(key, args...)
	p.set(func(st *Status) { st.State, st.Failure = state, failure })
}

// listen tells the player what its clients were sent, and whose connections
// were closed.
func (p *play) listen() {
	const piece = 512
	for {
		events := p.bench.Log().Range(nil, p.heard, p.heard+piece)
		if len(events) == 0 {
			return
		}
		for i := range events {
			e := &events[i]
			client, ours := p.lanes[e.Lane]
			switch {
			case !ours:
			case e.Kind == capture.Packet && e.From == packet.Server:
				p.player.Heard(client, e.Bytes)
			case e.Kind == capture.Close:
				p.player.Ended(client)
			}
		}
		p.heard = events[len(events)-1].N + 1
	}
}

func (p *play) do(step *scenario.Step) error {
	id := p.clients[step.Client]
	var err error
	switch step.Do {
	case scenario.Open:
		_, err = p.bench.OpenClient(id)
	case scenario.Send:
		err = p.bench.Send(id, step.Bytes)
	case scenario.Close:
		_, err = p.bench.CloseClient(id)
	case scenario.Abort:
		_, err = p.bench.AbortClient(id)
	}
	if errors.Is(err, bench.ErrNotOpen) && step.Do != scenario.Send {
		err = nil // it was closed just now
	}
	return err
}
