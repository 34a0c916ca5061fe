package class

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"slices"

	"mqttlab/server/limits"
)

// Student is somebody in a class. Its members are guarded by the class's lock.
type Student struct {
	id       string
	nickname string
	personal hash
	token    hash
	joined   int64
	from     limits.Owner // kept nowhere

	lab      string // the one at hand
	since    int64  // when the step at hand began
	passed   map[string][]Passed
	attempts []Attempt // the latest, of the step at hand first
	tries    int       // all wrong ones at the step at hand
	pages    int       // that are open now
	rev      uint64
}

func newStudent() *Student { return &Student{passed: make(map[string][]Passed)} }

// ID returns the student's name in addresses.
func (t *Student) ID() string { return t.id }

// Nickname is what the student is called.
func (t *Student) Nickname() string { return t.nickname }

// Key is what a student's programs show instead of the token, from which it is
// made: it changes when the student comes back from another device.
func (c *Class) Key(t *Student) string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return t.key()
}

// IsKey is whether this is a student's key.
func (c *Class) IsKey(t *Student, key string) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return subtle.ConstantTimeCompare([]byte(key), []byte(t.key())) == 1
}

func (t *Student) key() string {
	h := hashOf("key for MQTT\n" + string(t.token[:]))
	return base64.RawURLEncoding.EncodeToString(h[:16])
}

// Passed is a step that a student has passed, and what it took.
type Passed struct {
	Step     string `json:"step"`
	At       int64  `json:"at"`
	Packets  int    `json:"packets"`
	Bytes    int    `json:"bytes"`
	Attempts int    `json:"attempts"`
}

// Attempt is a try that was not right.
type Attempt struct {
	Lab   string `json:"lab"`
	Step  string `json:"step"`
	Check int    `json:"check"`           // index; -1: the step's question
	Given string `json:"given,omitempty"` // the answer; "" if bytes were asked
	Want  string `json:"want,omitempty"`  // hex of the first byte that differs, and of what should stand there
	Got   string `json:"got,omitempty"`
	Byte  int    `json:"byte,omitempty"` // number of that byte, from 1
	At    int64  `json:"at"`
}

// attemptsKept is how many attempts of a student the board can show.
const attemptsKept = 20

// NewAttempt describes a try at exact bytes that first differs at offset at.
func NewAttempt(want, got []byte, at int) Attempt {
	one := func(b []byte) string {
		if at < len(b) {
			return hex.EncodeToString(b[at : at+1])
		}
		return ""
	}
	return Attempt{Byte: at + 1, Want: one(want), Got: one(got)}
}

// Start makes a lab the one at hand and returns the steps of it that the
// student has passed.
func (c *Class) Start(t *Student, lab string) ([]Passed, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.lab != lab {
		before := t.lab
		t.lab = lab
		if err := c.school.store.putStudent(c.id, t); err != nil {
			t.lab = before
			return nil, err
		}
		t.since, t.attempts, t.tries = c.school.now(), nil, 0
		c.touch(t)
	}
	return slices.Clone(t.passed[lab]), nil
}

// Pass notes a step as passed. Once it returns nil the step is kept.
func (c *Class) Pass(t *Student, lab string, p Passed) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.ContainsFunc(t.passed[lab], func(o Passed) bool { return o.Step == p.Step }) {
		return nil
	}
	if p.At == 0 {
		p.At = c.school.now()
	}
	if err := c.school.store.putPassed(t.id, lab, len(t.passed[lab]), p); err != nil {
		return err
	}
	t.passed[lab] = append(t.passed[lab], p)
	t.since, t.attempts, t.tries = p.At, nil, 0
	c.touch(t)
	return nil
}

// Forget takes back what a student has passed of a lab, to begin it anew.
func (c *Class) Forget(t *Student, lab string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.school.store.forgetLab(t.id, lab); err != nil {
		return err
	}
	delete(t.passed, lab)
	t.since, t.attempts, t.tries = c.school.now(), nil, 0
	c.touch(t)
	return nil
}

// Try notes a try that was not right.
func (c *Class) Try(t *Student, a Attempt) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a.At = c.school.now()
	t.tries++
	t.attempts = append(t.attempts, a)
	if len(t.attempts) > attemptsKept {
		t.attempts = slices.Delete(t.attempts, 0, len(t.attempts)-attemptsKept)
	}
	c.touch(t)
}

// Here notes that one more, or one less, of a student's pages is open.
func (c *Class) Here(t *Student, more int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := t.pages > 0
	t.pages = max(0, t.pages+more)
	if (t.pages > 0) != before {
		c.touch(t)
	}
}

// Progress is how far a student is in each lab, and which one is at hand.
type Progress struct {
	Lab    string         `json:"lab"`    // "": none yet
	Passed map[string]int `json:"passed"` // how many steps, by lab
}

// Progress returns how far a student is.
func (c *Class) Progress(t *Student) Progress {
	c.mu.RLock()
	defer c.mu.RUnlock()
	r := t.row()
	return Progress{Lab: r.Lab, Passed: r.Passed}
}
