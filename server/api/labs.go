package api

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"mqttlab/mqttcore/lab"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/shelf"
	"mqttlab/server/study"
)

// Labs is what the calls about labs need. With a nil Shelf there are none.
type Labs struct {
	Shelf *shelf.Shelf
	Room  *study.Room
	// Begin begins a lab on a bench, for whoever it belongs to.
	Begin func(*bench.Bench, *shelf.Lab) (*study.Session, error)
}

// LabEntry is a lab in the list of labs.
type LabEntry struct {
	ID      string `json:"id"`
	Order   int    `json:"order"`
	Minutes int    `json:"minutes"`
	Steps   int    `json:"steps"`
	Title   string `json:"title"`
	Summary string `json:"summary"`
}

// LabState is how far a learner is.
type LabState struct {
	Lab   string    `json:"lab"`
	Rev   uint64    `json:"rev"` // rises with every change
	Done  bool      `json:"done"`
	Steps []LabStep `json:"steps"`
}

// LabStep is a step of it.
type LabStep struct {
	ID       string      `json:"id"`
	Title    string      `json:"title"`
	Now      bool        `json:"now"`
	Passed   *lab.Passed `json:"passed,omitempty"`
	Checks   []LabCheck  `json:"checks"`
	Answered bool        `json:"answered,omitempty"` // its question
	Missed   *LabCheck   `json:"missed,omitempty"`   // a wrong prediction, and what came instead
}

// LabCheck is one condition of a step.
type LabCheck struct {
	State string `json:"state"` // "open", "met" or "failed"
	Text  string `json:"text"`
	Note  string `json:"note,omitempty"`  // what came nearest, and what differs
	Event uint64 `json:"event,omitempty"` // number of the event that Note is about
}

func (a *API) labRoutes(r chi.Router) {
	r.Method("GET", "/labs", a.handle(a.labs))
	r.Method("GET", "/benches/{id}/lab", a.onBench(a.lab))
	r.Method("PUT", "/benches/{id}/lab", a.onBench(a.beginLab))
	r.Method("DELETE", "/benches/{id}/lab", a.onBench(a.leaveLab))
	r.Method("POST", "/benches/{id}/lab/answer", a.onSession(a.answerLab))
	r.Method("POST", "/benches/{id}/lab/build", a.onSession(a.buildLab))
	r.Method("POST", "/benches/{id}/lab/retry", a.onSession(a.retryLab))
	r.Method("POST", "/benches/{id}/lab/undo", a.onSession(a.undoLab))
	r.Method("POST", "/benches/{id}/lab/reset", a.onSession(a.resetLab))
}

var (
	errNoLab     = Say(http.StatusNotFound, "no-lab", "")
	errNoSession = Say(http.StatusNotFound, "no-session", "")
)

// labs lists the labs.
func (a *API) labs(w http.ResponseWriter, r *http.Request) error {
	l := Lang(r)
	all := []LabEntry{}
	for _, one := range a.Labs.Shelf.Labs() {
		words := one.Words(l)
		all = append(all, LabEntry{one.ID, one.Order, one.Minutes, len(one.Steps), words.Title, words.Summary})
	}
	return reply(w, http.StatusOK, struct {
		Labs []LabEntry `json:"labs"`
	}{all})
}

// onSession finds the lab that is worked on on a bench.
func (a *API) onSession(h func(w http.ResponseWriter, r *http.Request, s *study.Session) error) http.Handler {
	return a.onBench(func(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
		s := a.Labs.Room.Of(b)
		if s == nil {
			return errNoSession
		}
		return h(w, r, s)
	})
}

// beginLab begins a lab on a bench, which gets the lab's broker and clients:
//
//	{"lab": "first-connect"}
func (a *API) beginLab(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	var in struct {
		Lab string `json:"lab"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	one := a.Labs.Shelf.Lab(in.Lab)
	if one == nil {
		return errNoLab
	}
	s, err := a.Labs.Begin(b, one)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, labState(s, Lang(r)))
}

// lab says which lab is worked on on the bench, and how far it has come.
func (a *API) lab(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	s := a.Labs.Room.Of(b)
	if s == nil {
		return errNoSession
	}
	return reply(w, http.StatusOK, labState(s, Lang(r)))
}

// leaveLab ends the work on a lab. The bench stays.
func (a *API) leaveLab(w http.ResponseWriter, _ *http.Request, b *bench.Bench) error {
	a.Labs.Room.Leave(b)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func labState(s *study.Session, l spec.Lang) LabState {
	reports, rev := s.Report(l)
	words := s.Lab().Words(l)
	out := LabState{Lab: s.Lab().ID, Rev: rev, Done: true, Steps: []LabStep{}}
	for i, r := range reports {
		step := LabStep{ID: r.ID, Title: words.Steps[i].Title, Now: r.Now, Passed: r.Passed, Answered: r.Answered, Checks: []LabCheck{}}
		for _, c := range r.Checks {
			step.Checks = append(step.Checks, LabCheck{string(c.State), c.Text, c.Note, c.Event})
		}
		if m := r.Missed; m != nil {
			step.Missed = &LabCheck{string(m.State), m.Text, m.Note, m.Event}
		}
		out.Steps = append(out.Steps, step)
		out.Done = out.Done && r.Passed != nil
	}
	return out
}

// answerLab answers the question of the step at hand:
//
//	{"answer": "2"}
//
// A choice is answered by its number, another question by a number or bytes in
// hex, as it asks. What comes back says whether that was right, or nothing where
// only the wire will tell.
func (a *API) answerLab(w http.ResponseWriter, r *http.Request, s *study.Session) error {
	var in struct {
		Answer string `json:"answer"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	right, err := s.Answer(in.Answer)
	if err != nil {
		return filterProblem(err, in.Answer, Lang(r))
	}
	return reply(w, http.StatusOK, struct {
		Right *bool `json:"right"`
	}{right})
}

// buildLab hands in a packet without sending it:
//
//	{"hex": "10 0f 00 04 4d 51 54 54 04 02 00 3c 00 03 61 64 61", "version": "3.1.1"}
func (a *API) buildLab(w http.ResponseWriter, r *http.Request, s *study.Session) error {
	var in struct {
		Hex     string `json:"hex"`
		Version string `json:"version"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	wire, err := parseHex("hex", in.Hex)
	if err != nil {
		return err
	}
	v, ok := ParseVersion(in.Version)
	if !ok {
		return noVersion(in.Version)
	}
	if v == 0 {
		v = packet.V311
	}
	if err := s.Build(wire, v); err != nil {
		return err
	}
	return reply(w, http.StatusOK, labState(s, Lang(r)))
}

// retryLab forgets what was done for the step at hand.
func (a *API) retryLab(w http.ResponseWriter, r *http.Request, s *study.Session) error {
	return a.turn(w, r, s, func() error { s.Retry(); return nil })
}

// undoLab sets the bench up anew and keeps the steps that are passed.
func (a *API) undoLab(w http.ResponseWriter, r *http.Request, s *study.Session) error {
	return a.turn(w, r, s, s.Undo)
}

// resetLab begins the lab anew, with a fresh broker.
func (a *API) resetLab(w http.ResponseWriter, r *http.Request, s *study.Session) error {
	return a.turn(w, r, s, s.Reset)
}

// turn does something with a session that takes no arguments.
func (a *API) turn(w http.ResponseWriter, r *http.Request, s *study.Session, do func() error) error {
	if err := decode(w, r, &struct{}{}); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return reply(w, http.StatusOK, labState(s, Lang(r)))
}
