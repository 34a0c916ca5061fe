package class

import (
	"errors"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// What can be wrong with a request.
var (
	ErrCode     = errors.New("no class has this code")
	ErrPersonal = errors.New("nobody in this class has this personal code")
	ErrGuesses  = errors.New("too many wrong codes came from this address, or from all together")
	ErrNickname = errors.New("this cannot be a nickname")
	ErrTaken    = errors.New("somebody in the class has this nickname")
	ErrLocked   = errors.New("the class takes nobody new")
	ErrFull     = errors.New("the class is full")
	ErrCrowd    = errors.New("so many have joined from this address that the places that are left are for others")
	ErrStudent  = errors.New("the class has no such student")
	ErrClass    = errors.New("there is no such class")
)

// The bounds of a school.
const (
	MaxClasses  = 200
	MaxStudents = 400 // of a class
	maxName     = 60  // characters of a class's name
	maxNickname = 24  // characters
)

// Config says what a school is to be.
type Config struct {
	Dir  string           // for what outlives the program; Memory for none
	Now  func() time.Time // nil: time.Now
	Keep time.Duration    // how long a class is kept after it was made; 0: for ever
	// Prefix begins the codes, ids and links of all classes, so that a proxy
	// before several servers can tell whose a class is.
	Prefix string
	// Gone is called, without any lock, when a student has left for good, or
	// with "" when the whole class has.
	Gone func(class, student string)
}

// School is all classes of a server. Its methods, and those of what it
// returns, may be called from any goroutine.
type School struct {
	cfg     Config
	store   *store
	guesses guesses
	links   links

	mu       sync.RWMutex
	classes  map[string]*Class // by id
	codes    map[string]*Class // by join code
	students map[string]*Class // by the id of a student of theirs
}

// Open reads the classes that a directory holds.
func Open(cfg Config) (*School, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Gone == nil {
		cfg.Gone = func(string, string) {}
	}
	s := &School{cfg: cfg, classes: make(map[string]*Class), codes: make(map[string]*Class), students: make(map[string]*Class)}
	s.guesses = guesses{now: cfg.Now, address: make(map[string]*bucket)}
	var err error
	if s.store, err = openStore(cfg.Dir, s); err != nil {
		return nil, err
	}
	return s, nil
}

// Close closes the file. The classes are not to be used afterwards.
func (s *School) Close() error { return s.store.close() }

func (s *School) now() int64 { return s.cfg.Now().UnixMilli() }

// New makes a class and returns it with its teacher's token, which is kept
// nowhere: who loses it has lost the class's powers.
func (s *School) New(name string) (*Class, Token, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		name = s.cfg.Now().Format("2006-01-02 15:04")
	}
	if utf8.RuneCountInString(name) > maxName || strings.ContainsFunc(name, hidden) || !utf8.ValidString(name) {
		return nil, "", ErrNickname
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.classes) >= MaxClasses {
		return nil, "", ErrFull
	}
	c := newClass(s)
	c.id, c.name, c.created = s.cfg.Prefix+newID(), name, s.now()
	for c.code == "" || s.codes[c.code] != nil {
		c.code = s.cfg.Prefix + code(joinLetters)
	}
	token := newToken()
	c.token = hashOf(string(token))
	if err := s.store.putClass(c); err != nil {
		return nil, "", err
	}
	s.classes[c.id], s.codes[c.code] = c, c
	return c, token, nil
}

// Class returns a class by its id, or nil.
func (s *School) Class(id string) *Class {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.classes[id]
}

// Classes returns how many classes there are.
func (s *School) Classes() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.classes)
}

// ByCode returns the class of a join code, as somebody typed it. address
// bounds who guesses.
func (s *School) ByCode(typed, address string) (*Class, error) {
	if !s.guesses.may(address) {
		return nil, ErrGuesses
	}
	s.mu.RLock()
	c := s.codes[Normal(typed)]
	s.mu.RUnlock()
	if c == nil {
		s.guesses.wrong(address)
		return nil, ErrCode
	}
	return c, nil
}

// ByStudent returns the class of a student and the student, who shows id and
// token; nil if they are not those of anybody.
func (s *School) ByStudent(id string, token Token) (*Class, *Student) {
	s.mu.RLock()
	c := s.students[id]
	s.mu.RUnlock()
	if c == nil {
		return nil, nil
	}
	t := c.authentic(id, token)
	if t == nil {
		return nil, nil
	}
	return c, t
}

// OfStudent returns the class of the student of that id, or nil.
func (s *School) OfStudent(id string) *Class {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.students[id]
}

// Delete removes a class and everything of it.
func (s *School) Delete(c *Class) error {
	s.mu.Lock()
	if s.classes[c.id] != c {
		s.mu.Unlock()
		return ErrClass
	}
	if err := s.store.deleteClass(c.id); err != nil {
		s.mu.Unlock()
		return err
	}
	delete(s.classes, c.id)
	delete(s.codes, c.code)
	for _, t := range c.Students() {
		delete(s.students, t.id)
	}
	s.mu.Unlock()
	c.end()
	s.cfg.Gone(c.id, "")
	return nil
}

// Expire removes the classes that have been kept long enough and returns when
// to ask again; the zero Time if nothing will ever expire.
func (s *School) Expire() (next time.Time, err error) {
	if s.cfg.Keep <= 0 {
		return next, nil
	}
	s.mu.RLock()
	var old []*Class
	now := s.cfg.Now()
	for _, c := range s.classes {
		end := time.UnixMilli(c.created).Add(s.cfg.Keep)
		if !end.After(now) {
			old = append(old, c)
		} else if next.IsZero() || end.Before(next) {
			next = end
		}
	}
	s.mu.RUnlock()
	for _, c := range old {
		err = errors.Join(err, s.Delete(c))
	}
	return next, err
}

// twins are capitals of other alphabets that nobody tells from Latin ones.
var twins = strings.NewReplacer(pairs("АВСЕНІЈКМОРЅТУХ", "ABCEHIJKMOPSTYX", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX")...)

func pairs(alphabets ...string) (all []string) {
	for i := 0; i < len(alphabets); i += 2 {
		latin := []rune(alphabets[i+1])
		for n, letter := range []rune(alphabets[i]) {
			all = append(all, string(letter), string(latin[n]))
		}
	}
	return all
}

// looks is what two nicknames have in common that people take for one another:
// whoever is on a board shall not be there twice.
func looks(nickname string) string {
	narrow := strings.Map(func(r rune) rune {
		if r > '\uff00' && r < '\uff5f' { // full width
			return r - '\uff00' + ' '
		}
		return r
	}, nickname)
	return twins.Replace(strings.ToUpper(narrow))
}

// hidden is a character that nobody sees or that acts on its neighbours.
func hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
}
