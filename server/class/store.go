package class

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Memory is the directory that is none: what is kept ends with the program.
const Memory = ":memory:"

// store is the file classes.db. Every write is a transaction that is handed
// to the system before the call returns: kill -9 takes none, a power cut those of
// the last moments.
type store struct {
	path string
	db   *sql.DB
	mu   sync.Mutex
	conn *sql.Conn // the only one
}

// openStore opens the file in a directory, and reads everything in it into a
// school. What it refuses it leaves as it is.
func openStore(dir string, into *School) (*store, error) {
	s := &store{path: Memory}
	source := "file:classes?mode=memory"
	pragmas := url.Values{"_pragma": {"foreign_keys(1)"}}
	if dir != Memory {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("making the directory for data: %w", err)
		}
		s.path = filepath.Join(dir, "classes.db")
		source = "file:" + (&url.URL{Path: s.path}).EscapedPath() + "?"
		pragmas["_pragma"] = append(pragmas["_pragma"], "locking_mode(EXCLUSIVE)", "secure_delete(1)")
	} else {
		source += "&"
	}
	if err := s.open(source+pragmas.Encode(), into); err != nil {
		s.close()
		return nil, fmt.Errorf("%s: %w; put a copy of it in its place, move it away, or choose another -data directory", s.path, err)
	}
	return s, nil
}

func (s *store) open(source string, into *School) (err error) {
	ctx := context.Background()
	if s.db, err = sql.Open("sqlite", source); err != nil {
		return err
	}
	s.db.SetMaxOpenConns(1)
	if s.conn, err = s.db.Conn(ctx); err != nil {
		return err
	}
	if err := migrate(ctx, s.conn); err != nil {
		return err
	}
	if err := s.load(into); err != nil {
		return err
	}
	// Takes the lock, and may set the file's header right: a damaged file does not come so far.
	_, err = s.conn.ExecContext(ctx, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE; COMMIT")
	return err
}

func (s *store) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		s.conn.Close()
	}
	if s.db != nil {
		return s.db.Close()
	}
	return nil
}

func (s *store) exec(query string, args ...any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.conn.ExecContext(context.Background(), query, args...); err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	return nil
}

func (s *store) putClass(c *Class) error {
	return s.exec(`INSERT INTO class (id, name, code, token, created, locked, paused) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, locked = excluded.locked, paused = excluded.paused`,
		c.id, c.name, c.code, c.token[:], c.created, c.locked, c.paused)
}

// deleteClass forgets a class and all of it.
func (s *store) deleteClass(id string) error {
	return s.forget("DELETE FROM class WHERE id = ?", id)
}

// forget deletes, also in the log that SQLite keeps beside the file.
func (s *store) forget(query, id string) error {
	if err := s.exec(query, id); err != nil {
		return err
	}
	return s.exec("PRAGMA wal_checkpoint(TRUNCATE)")
}

func (s *store) putStudent(class string, t *Student) error {
	return s.exec(`INSERT INTO student (id, class, nickname, personal, token, joined, lab) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET token = excluded.token, lab = excluded.lab`,
		t.id, class, t.nickname, t.personal[:], t.token[:], t.joined, t.lab)
}

func (s *store) deleteStudent(id string) error {
	return s.forget("DELETE FROM student WHERE id = ?", id)
}

func (s *store) putTeacher(class string, token hash, made int64) error {
	return s.exec("INSERT INTO teacher (token, class, made) VALUES (?, ?, ?)", token[:], class, made)
}

func (s *store) deleteTeacher(token hash) error {
	return s.exec("DELETE FROM teacher WHERE token = ?", token[:])
}

func (s *store) putPassed(student, lab string, index int, p Passed) error {
	return s.exec(`INSERT INTO passed (student, lab, step, ix, at, packets, bytes, attempts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (student, lab, step) DO NOTHING`, student, lab, p.Step, index, p.At, p.Packets, p.Bytes, p.Attempts)
}

func (s *store) forgetLab(student, lab string) error {
	return s.exec("DELETE FROM passed WHERE student = ? AND lab = ?", student, lab)
}

// set reads a hash as it stands in the file.
func (h *hash) set(b []byte) error {
	if copy(h[:], b) != len(h) || len(b) != len(h) {
		return fmt.Errorf("the file is damaged: a hash of %d bytes", len(b))
	}
	return nil
}

// load reads everything into a school.
func (s *store) load(school *School) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx := context.Background()
	rows := func(query string, each func(*sql.Rows) error) error {
		r, err := s.conn.QueryContext(ctx, query)
		if err != nil {
			return err
		}
		defer r.Close()
		for r.Next() {
			if err := each(r); err != nil {
				return err
			}
		}
		return r.Err()
	}
	students := make(map[string]*Student)
	err := rows("SELECT id, name, code, token, created, locked, paused FROM class", func(r *sql.Rows) error {
		c := newClass(school)
		var token []byte
		if err := r.Scan(&c.id, &c.name, &c.code, &token, &c.created, &c.locked, &c.paused); err != nil {
			return err
		}
		school.classes[c.id], school.codes[c.code] = c, c
		return c.token.set(token)
	})
	if err != nil {
		return err
	}
	err = rows("SELECT token, class FROM teacher ORDER BY made", func(r *sql.Rows) error {
		var token []byte
		var class string
		if err := r.Scan(&token, &class); err != nil {
			return err
		}
		var h hash
		if c := school.classes[class]; c != nil {
			err := h.set(token)
			c.teachers = append(c.teachers, h)
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = rows("SELECT id, class, nickname, personal, token, joined, lab FROM student ORDER BY joined", func(r *sql.Rows) error {
		t := newStudent()
		var class string
		var personal, token []byte
		if err := r.Scan(&t.id, &class, &t.nickname, &personal, &token, &t.joined, &t.lab); err != nil {
			return err
		}
		if err := errors.Join(t.personal.set(personal), t.token.set(token)); err != nil {
			return err
		}
		t.since = t.joined
		c := school.classes[class]
		if c == nil {
			return fmt.Errorf("the student %s is in no class", t.id)
		}
		c.admit(t)
		students[t.id] = t
		return nil
	})
	if err != nil {
		return err
	}
	return rows("SELECT student, lab, step, at, packets, bytes, attempts FROM passed ORDER BY student, lab, ix", func(r *sql.Rows) error {
		var student, lab string
		var p Passed
		if err := r.Scan(&student, &lab, &p.Step, &p.At, &p.Packets, &p.Bytes, &p.Attempts); err != nil {
			return err
		}
		t := students[student]
		if t == nil {
			return fmt.Errorf("steps of the student %s, who is not there", student)
		}
		t.passed[lab] = append(t.passed[lab], p)
		t.since = max(t.since, p.At)
		return nil
	})
}
