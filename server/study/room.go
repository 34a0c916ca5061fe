package study

import (
	"sync"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/lab"
	"mqttlab/server/bench"
	"mqttlab/server/play"
	"mqttlab/server/shelf"
)

// nobody keeps nothing.
type nobody struct{}

func (nobody) Pass(string, lab.Passed) error { return nil }
func (nobody) Try(string, lab.Attempt)       {}
func (nobody) Forget(string) error           { return nil }

// Room holds the sessions of a server, one for a bench at most.
type Room struct {
	Stage *play.Stage // where casts play
	// Caps returns the most that the broker of a bench may be; nil: anything.
	Caps func(*bench.Bench) broker.Config

	mu       sync.Mutex
	sessions map[*bench.Bench]*Session
}

// Start begins a lab on a bench, in place of the one that is there.
func (r *Room) Start(b *bench.Bench, l *shelf.Lab, passed []lab.Passed, keeper Keeper) (*Session, error) {
	r.Leave(b)
	var caps broker.Config
	if r.Caps != nil {
		caps = r.Caps(b)
	}
	s, err := start(b, l, r.Stage, passed, keeper, caps)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	if r.sessions == nil {
		r.sessions = make(map[*bench.Bench]*Session)
	}
	old := r.sessions[b]
	r.sessions[b] = s
	r.mu.Unlock()
	if old != nil { // somebody else began one meanwhile
		old.Stop()
	}
	return s, nil
}

// Of returns the session of a bench, or nil.
func (r *Room) Of(b *bench.Bench) *Session {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sessions[b]
}

// Leave ends the session of a bench, if it has one.
func (r *Room) Leave(b *bench.Bench) {
	r.mu.Lock()
	s := r.sessions[b]
	delete(r.sessions, b)
	r.mu.Unlock()
	if s != nil {
		s.Stop()
	}
}

// Close ends all sessions.
func (r *Room) Close() {
	r.mu.Lock()
	all := r.sessions
	r.sessions = nil
	r.mu.Unlock()
	for _, s := range all {
		s.Stop()
	}
}
