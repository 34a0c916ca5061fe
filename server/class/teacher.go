package class

import (
	"errors"
	"strings"
	"sync"
	"time"
)

// ErrLink is what somebody gets who follows a link that has been used, is too
// old, or never was.
var ErrLink = errors.New("this link to a class has been used or is too old")

const (
	// LinkLives is how long a link waits to be opened.
	LinkLives   = 24 * time.Hour
	mostLinks   = 500 // that wait, of all classes
	mostBrowser = 20  // of a teacher; the oldest is forgotten
)

// IsTeacher is whether this token is the class's own or that of one of its
// teacher's browsers.
func (c *Class) IsTeacher(token Token) bool {
	if token == "" {
		return false
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	found := c.token.is(string(token))
	for _, t := range c.teachers {
		found = t.is(string(token)) || found
	}
	return found
}

// links are what a teacher may open once, in a browser, to be let in. They end
// with the program.
type links struct {
	mu      sync.Mutex
	waiting map[hash]link
}

type link struct {
	class *Class
	until time.Time
}

// Link returns a secret with which one browser may become the teacher's.
func (c *Class) Link() (string, error) {
	l := &c.school.links
	l.mu.Lock()
	defer l.mu.Unlock()
	now := c.school.cfg.Now()
	for h, one := range l.waiting {
		if !one.until.After(now) {
			delete(l.waiting, h)
		}
	}
	if len(l.waiting) >= mostLinks {
		return "", ErrFull
	}
	if l.waiting == nil {
		l.waiting = make(map[hash]link)
	}
	secret := c.school.cfg.Prefix + string(newToken())
	l.waiting[hashOf(secret)] = link{c, now.Add(LinkLives)}
	return secret, nil
}

// Enter gives the browser that opens a link a token of its own. The link is
// then used up.
func (s *School) Enter(secret, address string) (*Class, Token, error) {
	if !s.guesses.may(address) {
		return nil, "", ErrGuesses
	}
	s.links.mu.Lock()
	h := hashOf(strings.TrimSpace(secret))
	one, ok := s.links.waiting[h]
	delete(s.links.waiting, h)
	s.links.mu.Unlock()
	if !ok || !one.until.After(s.cfg.Now()) || s.Class(one.class.id) != one.class {
		s.guesses.wrong(address)
		return nil, "", ErrLink
	}
	token, err := one.class.admitTeacher()
	return one.class, token, err
}

func (c *Class) admitTeacher() (Token, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	token := newToken()
	h := hashOf(string(token))
	if err := c.school.store.putTeacher(c.id, h, c.school.now()); err != nil {
		return "", err
	}
	c.teachers = append(c.teachers, h)
	if len(c.teachers) > mostBrowser {
		old := c.teachers[0]
		c.teachers = c.teachers[1:]
		return token, c.school.store.deleteTeacher(old)
	}
	return token, nil
}

// Named returns the newest class of that name, or nil.
func (s *School) Named(name string) (newest *Class) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, c := range s.classes {
		if c.State().Name == name && (newest == nil || c.created > newest.created) {
			newest = c
		}
	}
	return newest
}
