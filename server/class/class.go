package class

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"mqttlab/server/limits"
)

// Class is a teacher's students, who joined with its code.
type Class struct {
	school  *School
	id      string
	code    string
	token   hash // for programs; the teacher's browsers have their own
	created int64

	mu       sync.RWMutex
	name     string
	locked   bool   // takes nobody new
	paused   bool   // nobody can do anything for now
	teachers []hash // tokens of the teacher's browsers, the oldest first
	students map[string]*Student
	order    []*Student // as they joined
	pushes   []Push
	rev      uint64        // rises with everything that a board or a student's page shows
	came     uint64        // rev when somebody came or went
	wake     chan struct{} // closed when rev rises
	told     uint64        // rev when there was news for students
	news     chan struct{} // closed when told rises
	ended    bool          // the class was deleted
}

// newClass returns a class whose rev begins with the time: a page that was open
// before the program began anew asks what is newer than what it has seen then.
func newClass(s *School) *Class {
	rev := uint64(s.cfg.Now().UnixMicro())
	return &Class{school: s, students: make(map[string]*Student), rev: rev, came: rev, told: rev, wake: make(chan struct{}), news: make(chan struct{})}
}

// ID returns the class's name in addresses of the teacher.
func (c *Class) ID() string { return c.id }

// Code returns what students type to join.
func (c *Class) Code() string { return c.code }

// State is what everybody in a class may know of it.
type State struct {
	Name   string `json:"name"`
	Locked bool   `json:"locked"`
	Paused bool   `json:"paused"`
	Ended  bool   `json:"ended"`
}

// State returns the class's state.
func (c *Class) State() State {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.state()
}

func (c *Class) state() State { return State{c.name, c.locked, c.paused, c.ended} }

// changed tells all who wait. It needs mu.
func (c *Class) changed() {
	c.rev++
	close(c.wake)
	c.wake = make(chan struct{})
}

// touch is changed for one student. It needs mu.
func (c *Class) touch(t *Student) {
	c.changed()
	t.rev = c.rev
}

// Wait returns a channel that is closed once anything is newer than rev, and
// the newest rev.
func (c *Class) Wait(rev uint64) (<-chan struct{}, uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.rev > rev || c.ended {
		done := make(chan struct{})
		close(done)
		return done, c.rev
	}
	return c.wake, c.rev
}

// tell is changed for what students are told, too. It needs mu.
func (c *Class) tell() {
	c.changed()
	c.told = c.rev
	close(c.news)
	c.news = make(chan struct{})
}

// WaitNews returns a channel that is closed once there is news for students
// that is newer than rev. Who passes what is none.
func (c *Class) WaitNews(rev uint64) <-chan struct{} {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.told > rev || c.ended {
		done := make(chan struct{})
		close(done)
		return done
	}
	return c.news
}

func (c *Class) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	c.tell()
}

// admit adds a student. It needs mu, or that nobody else knows the class.
func (c *Class) admit(t *Student) {
	t.rev = c.rev
	c.students[t.id] = t
	c.order = append(c.order, t)
	c.school.students[t.id] = c
}

// Joined is what a new student gets, once: the secrets are kept nowhere.
type Joined struct {
	Student  *Student
	Token    Token  // for the browser
	Personal string // code to come back with from another device
}

// Join admits a student under a nickname, if there is a place for somebody who
// comes from there.
func (c *Class) Join(nickname string, from limits.Owner) (Joined, error) {
	nickname = strings.Join(strings.Fields(nickname), " ")
	if n := utf8.RuneCountInString(nickname); n == 0 || n > maxNickname || !utf8.ValidString(nickname) || strings.ContainsFunc(nickname, hidden) {
		return Joined{}, ErrNickname
	}
	c.school.mu.Lock() // before mu, as everywhere
	defer c.school.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ended:
		return Joined{}, ErrClass
	case c.locked:
		return Joined{}, ErrLocked
	case len(c.order) >= MaxStudents:
		return Joined{}, ErrFull
	case !from.MayTake(c.cameFrom(from)/atOneAddress, MaxStudents-len(c.order)):
		return Joined{}, ErrCrowd
	case slices.ContainsFunc(c.order, func(t *Student) bool { return looks(t.nickname) == looks(nickname) }):
		return Joined{}, ErrTaken
	}
	t := newStudent()
	personal, token := code(personalLetters), newToken()
	t.id, t.nickname, t.joined, t.from = newID(), nickname, c.school.now(), from
	t.since = t.joined
	t.personal, t.token = hashOf(personal), hashOf(string(token))
	if err := c.school.store.putStudent(c.id, t); err != nil {
		return Joined{}, err
	}
	c.admit(t)
	c.touch(t)
	c.came = c.rev
	return Joined{t, token, personal}, nil
}

// atOneAddress makes a student count for so much less than an own address: all
// of a school may have one, so one address can have seven eighths of the places.
const atOneAddress = 7

// cameFrom is how many joined from there since the program began. It needs mu.
func (c *Class) cameFrom(from limits.Owner) (n int) {
	for _, t := range c.order {
		if t.from == from {
			n++
		}
	}
	return n
}

// Return lets a student in who shows the personal code. Other devices of the
// student are let go: the token is a new one.
func (c *Class) Return(typed, address string) (Joined, error) {
	if !c.school.guesses.may(address) {
		return Joined{}, ErrGuesses
	}
	personal := Normal(typed)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.order {
		if !t.personal.is(personal) {
			continue
		}
		token := newToken()
		old := t.token
		t.token = hashOf(string(token))
		if err := c.school.store.putStudent(c.id, t); err != nil {
			t.token = old
			return Joined{}, err
		}
		return Joined{t, token, personal}, nil
	}
	c.school.guesses.wrong(address)
	return Joined{}, ErrPersonal
}

// Lock says whether the class takes nobody new.
func (c *Class) Lock(locked bool) error { return c.set(&c.locked, locked) }

// Pause says whether nobody in the class can do anything for now.
func (c *Class) Pause(paused bool) error { return c.set(&c.paused, paused) }

func (c *Class) set(what *bool, to bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if *what == to {
		return nil
	}
	*what = to
	if err := c.school.store.putClass(c); err != nil {
		*what = !to
		return err
	}
	c.tell()
	return nil
}

// Remove sends a student away, with everything of theirs.
func (c *Class) Remove(id string) error {
	c.school.mu.Lock()
	c.mu.Lock()
	t := c.students[id]
	if t == nil {
		c.mu.Unlock()
		c.school.mu.Unlock()
		return ErrStudent
	}
	err := c.school.store.deleteStudent(id)
	if err == nil {
		delete(c.students, id)
		delete(c.school.students, id)
		c.order = slices.DeleteFunc(c.order, func(o *Student) bool { return o == t })
		c.tell()
		c.came = c.rev
	}
	c.mu.Unlock()
	c.school.mu.Unlock()
	if err == nil {
		c.school.cfg.Gone(c.id, id)
	}
	return err
}

// Student returns a student by id, or nil.
func (c *Class) Student(id string) *Student {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.students[id]
}

// authentic returns the student of that id, if the token is theirs, or nil.
func (c *Class) authentic(id string, token Token) *Student {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if t := c.students[id]; t != nil && t.token.is(string(token)) {
		return t
	}
	return nil
}

// Students returns all students as they joined.
func (c *Class) Students() []*Student {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Clone(c.order)
}

// Push is something that the teacher shows everybody.
type Push struct {
	N       uint64 `json:"n"`
	Kind    string `json:"kind"`              // "packet", "lab" or "text"
	Hex     string `json:"hex,omitempty"`     // packet
	Version string `json:"version,omitempty"` // packet
	Lab     string `json:"lab,omitempty"`     // lab: its id
	Text    string `json:"text,omitempty"`    // text; lab, on a student's page: its title
}

// pushesKept is how many pushes a page that comes late still finds.
const pushesKept = 20

// Push shows something to everybody.
func (c *Class) Push(p Push) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tell()
	p.N = c.rev
	c.pushes = append(c.pushes, p)
	if len(c.pushes) > pushesKept {
		c.pushes = slices.Delete(c.pushes, 0, len(c.pushes)-pushesKept)
	}
	return p.N
}

// News is what a student's page learns of the class.
type News struct {
	Rev    uint64 `json:"rev"`
	State  State  `json:"state"`
	Pushes []Push `json:"pushes"`
	Gone   bool   `json:"gone"` // the student was removed
}

// News returns what is newer than rev, for a student.
func (c *Class) News(student string, rev uint64) News {
	c.mu.RLock()
	defer c.mu.RUnlock()
	news := News{Rev: c.told, State: c.state(), Pushes: []Push{}, Gone: c.students[student] == nil}
	for _, p := range c.pushes {
		if p.N > rev {
			news.Pushes = append(news.Pushes, p)
		}
	}
	return news
}
