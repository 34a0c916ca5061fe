// Package classroom joins classes to the rest of the server: it knows who asks,
// which benches they may have, and how much of the machine is theirs.
//
//	room.go       the classes, and their benches
//	who.go        cookies, tokens, and who shows them
//	gate.go       the one door to every bench of a class
//	limit.go      what a student may ask of the machine
//	addresses.go  where students reach it; qr.go for their phones
package classroom

import (
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/lab"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/benches"
	"mqttlab/server/class"
	"mqttlab/server/limits"
	"mqttlab/server/shelf"
	"mqttlab/server/study"
)

// What can be wrong with a request.
var (
	ErrPaused   = errors.New("the teacher has paused the class")
	ErrLookOnly = errors.New("this is a student's bench, at which a teacher only looks")
	ErrFast     = errors.New("too much was asked for in a short time")
	ErrOperator = errors.New("this needs the operator's token")
	ErrTeacher  = errors.New("there is no such class, or this is not its teacher's token")
	ErrStudent  = errors.New("this is for students of a class, and the request shows none")
)

// Config says what a room is to be.
type Config struct {
	Class    class.Config // but for Gone
	Benches  *benches.Registry
	Study    *study.Room
	Shelf    *shelf.Shelf
	Operator string // the token of whoever may make classes
	Logger   *slog.Logger
}

// Room is the classes of a server and their benches.
type Room struct {
	cfg    Config
	School *class.School
	limits meters

	making sync.Mutex // a bench is made and set up
	mu     sync.Mutex
	made   map[string]string // the class of every bench that was ever made
	timer  *time.Timer       // of expiry
	closed bool

	stop    chan struct{} // closed when streams are to end
	running sync.WaitGroup
}

// Open reads the classes that were kept.
func Open(cfg Config) (*Room, error) {
	r := &Room{cfg: cfg, made: make(map[string]string), stop: make(chan struct{})}
	cfg.Class.Gone = r.gone
	var err error
	if r.School, err = class.Open(cfg.Class); err != nil {
		return nil, err
	}
	r.limits.now = cfg.Class.Now
	if r.limits.now == nil {
		r.limits.now = time.Now
	}
	r.expire()
	return r, nil
}

// Stop ends all streams and waits until they have ended.
func (r *Room) Stop() {
	r.mu.Lock()
	if !r.closed {
		r.closed = true
		close(r.stop)
	}
	if r.timer != nil {
		r.timer.Stop()
	}
	r.mu.Unlock()
	r.running.Wait()
}

// Stream counts a stream that goes on until Stop; it calls ended then. ok is
// false when none begins any more.
func (r *Room) Stream() (stop <-chan struct{}, ended func(), ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, nil, false
	}
	r.running.Add(1)
	return r.stop, r.running.Done, true
}

// Close closes the file, after Stop and when nobody works at a lab any more.
// The benches are the registry's to close.
func (r *Room) Close() error {
	r.Stop()
	return r.School.Close()
}

// Labs lists the labs as grades need them.
func (r *Room) Labs() []class.Lab {
	var all []class.Lab
	for _, l := range r.cfg.Shelf.Labs() {
		all = append(all, class.Lab{ID: l.ID, Steps: len(l.Steps)})
	}
	return all
}

// HasLab is whether there is a lab of that id.
func (r *Room) HasLab(id string) bool { return r.cfg.Shelf.Lab(id) != nil }

// LabTitle is a lab's title; "" if there is no such lab.
func (r *Room) LabTitle(id string, l spec.Lang) string {
	if lab := r.cfg.Shelf.Lab(id); lab != nil {
		return lab.Words(l).Title
	}
	return ""
}

// expire removes classes that were kept long enough, now and whenever the next
// has been.
func (r *Room) expire() {
	r.mu.Lock()
	closed := r.closed
	r.mu.Unlock()
	if closed {
		return
	}
	if _, err := r.School.Expire(); err != nil {
		r.cfg.Logger.Error("an old class is not removed", "error", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed && r.cfg.Class.Keep > 0 {
		r.timer = time.AfterFunc(min(r.cfg.Class.Keep, time.Hour), r.expire)
	}
}

// The ids of a class's benches say whose they are. They are no secrets: the
// gate asks who comes.
const (
	ofStudent = "s-"
	ofClass   = "c-"
)

// StudentBench returns the id of a student's bench.
func StudentBench(student string) string { return ofStudent + student }

// ClassBench returns the id of the bench that a class shares.
func ClassBench(class string) string { return ofClass + class }

// IsOfClass is whether this is the id of a bench of a class.
func IsOfClass(bench string) bool {
	return strings.HasPrefix(bench, ofStudent) || strings.HasPrefix(bench, ofClass)
}

// small is the broker of a bench of a class: see limits.ClassCaptureBytes.
var small = broker.Config{
	MaxQueued: 1000, MaxPendingBytes: 128 << 10, MaxAllPendingBytes: 512 << 10,
	MaxSessions: 200, MaxAway: 100, MaxSubscriptions: 1000, MaxFilterBytes: 64 << 10, MaxAllFilterBytes: 256 << 10,
	MaxRetained: 500, MaxRetainedBytes: 512 << 10,
}

// bench returns a bench of a class, made if need be, with the lab that its
// student is at. t is nil for the bench that the class shares.
func (r *Room) bench(c *class.Class, t *class.Student) (*bench.Bench, error) {
	r.making.Lock()
	defer r.making.Unlock()
	id := ClassBench(c.ID())
	if t != nil {
		id = StudentBench(t.ID())
	}
	r.mu.Lock()
	r.made[id] = c.ID()
	r.mu.Unlock()
	b, fresh, err := r.cfg.Benches.Keep(id, small, bench.Config{
		CaptureEvents: limits.ClassCaptureEvents,
		CaptureBytes:  limits.ClassCaptureBytes,
		OutQueueBytes: limits.ClassOutQueueBytes,
		AllQueueBytes: 2 * limits.ClassOutQueueBytes,
		MaxClients:    limits.ClassClients,
	})
	switch {
	case err != nil:
		return nil, err
	case c.State().Ended || t != nil && c.Student(t.ID()) == nil: // meanwhile
		r.drop(id)
		return nil, benches.ErrUnknown
	case !fresh:
		return b, nil
	}
	b.Rest(c.State().Paused)
	if t == nil {
		return b, nil
	}
	if l := r.cfg.Shelf.Lab(c.Progress(t).Lab); l != nil {
		if _, err := r.begin(b, c, t, l); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Pause makes everything on the benches of a class stand still, or go on. The
// gate refuses meanwhile what students ask for.
func (r *Room) Pause(c *class.Class, on bool) error {
	r.making.Lock()
	defer r.making.Unlock()
	if err := c.Pause(on); err != nil {
		return err
	}
	for _, id := range r.benchesOf(c.ID()) {
		if b := r.cfg.Benches.Get(id); b != nil {
			b.Rest(on)
		}
	}
	return nil
}

// benchesOf lists the benches of a class that were made.
func (r *Room) benchesOf(class string) (all []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, of := range r.made {
		if of == class {
			all = append(all, id)
		}
	}
	return all
}

// Begin begins a lab on a student's bench, or goes on with it.
func (r *Room) Begin(c *class.Class, t *class.Student, l *shelf.Lab) (*study.Session, error) {
	if c.State().Paused {
		return nil, ErrPaused
	}
	b, err := r.bench(c, t)
	if err != nil {
		return nil, err
	}
	if s := r.cfg.Study.Of(b); s != nil && s.Lab() == l {
		return s, nil
	}
	return r.begin(b, c, t, l)
}

func (r *Room) begin(b *bench.Bench, c *class.Class, t *class.Student, l *shelf.Lab) (*study.Session, error) {
	kept, err := c.Start(t, l.ID)
	if err != nil {
		return nil, err
	}
	passed := make([]lab.Passed, 0, len(kept))
	for _, p := range kept {
		passed = append(passed, lab.Passed{Step: p.Step, Packets: p.Packets, Bytes: p.Bytes, Attempts: p.Attempts})
	}
	return r.cfg.Study.Start(b, l, passed, keeper{c, t})
}

// Student returns whose bench this is; nil if it is no student's.
func (r *Room) Student(bench string) (*class.Class, *class.Student) {
	id, ok := strings.CutPrefix(bench, ofStudent)
	if !ok {
		return nil, nil
	}
	c := r.School.OfStudent(id)
	if c == nil {
		return nil, nil
	}
	return c, c.Student(id)
}

// gone removes the benches of a student who has left, or of a whole class.
func (r *Room) gone(class, student string) {
	if student != "" {
		r.drop(StudentBench(student))
		r.limits.forget(student)
		return
	}
	for _, id := range r.benchesOf(class) {
		r.drop(id)
		r.limits.forget(strings.TrimPrefix(id, ofStudent))
	}
}

func (r *Room) drop(id string) {
	r.mu.Lock()
	delete(r.made, id)
	r.mu.Unlock()
	r.cfg.Benches.Drop(id)
}

// keeper keeps what a student does at a lab.
type keeper struct {
	class   *class.Class
	student *class.Student
}

func (k keeper) Pass(lab string, p lab.Passed) error {
	return k.class.Pass(k.student, lab, class.Passed{Step: p.Step, Packets: p.Packets, Bytes: p.Bytes, Attempts: p.Attempts})
}

// givenShown is how much of an answer the board shows, in bytes.
const givenShown = 80

func (k keeper) Try(id string, a lab.Attempt) {
	var try class.Attempt
	if a.Given == "" {
		try = class.NewAttempt(a.Want, a.Got, a.At)
	}
	try.Lab, try.Step, try.Check = id, a.Step, a.Check
	try.Given = strings.ToValidUTF8(a.Given[:min(len(a.Given), givenShown)], "")
	k.class.Try(k.student, try)
}

func (k keeper) Forget(lab string) error { return k.class.Forget(k.student, lab) }
