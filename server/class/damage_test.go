package class_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mqttlab/server/class"
)

// kept returns a file of classes, as it lies when the program has ended.
func kept(t testing.TB) []byte {
	t.Helper()
	dir := t.TempDir()
	s, err := class.Open(class.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		c, _, err := s.New(fmt.Sprint("class ", i))
		if err != nil {
			t.Fatal(err)
		}
		link, _ := c.Link()
		if _, _, err := s.Enter(link, "here"); err != nil {
			t.Fatal(err)
		}
		for k := range 10 {
			j, err := c.Join(fmt.Sprint("student ", k), here)
			if err != nil {
				t.Fatal(err)
			}
			c.Start(j.Student, "connect")
			c.Pass(j.Student, "connect", class.Passed{Step: "open", Packets: k})
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(dir, "classes.db"))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// reopened opens a file as that of the classes. It is refused and left as it
// is, or what is in it can be used.
func reopened(t *testing.T, file []byte) error {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "classes.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := class.Open(class.Config{Dir: dir})
	if err != nil {
		if after, e := os.ReadFile(path); e != nil || !bytes.Equal(after, file) {
			t.Errorf("a file that is refused was changed (%v): %v", err, e)
		}
		return err
	}
	defer s.Close()
	for i := range 3 {
		c := s.Named(fmt.Sprint("class ", i))
		if c == nil {
			continue
		}
		for _, student := range c.Students() {
			if s.OfStudent(student.ID()) != c || c.Student(student.ID()) != student {
				t.Errorf("%q is in no class, or in two", student.Nickname())
			}
			c.Key(student)
		}
		if board := c.Board(0); board.Students != len(board.Rows) {
			t.Errorf("%d students, and %d rows", board.Students, len(board.Rows))
		}
		class.WriteCSV(io.Discard, c.Grades([]class.Lab{{ID: "connect", Steps: 3}}))
		if _, err := c.Join("late", here); err == nil {
			s.Delete(c)
		}
	}
	return nil
}

// FuzzDamage writes over a file of classes, cuts it and adds to it.
func FuzzDamage(f *testing.F) {
	sound := kept(f)
	f.Add(uint32(0), []byte{}, uint32(0))
	f.Add(uint32(18), []byte{1, 1}, uint32(0))
	f.Add(uint32(28), []byte{0, 0, 0, 1}, uint32(0))
	f.Add(uint32(68), []byte("MQla"), uint32(0))
	f.Add(uint32(8192), bytes.Repeat([]byte{0xff}, 100), uint32(0))
	f.Add(uint32(0), []byte{}, uint32(len(sound)/2))
	f.Add(uint32(0), []byte{}, uint32(len(sound)-1))
	f.Fuzz(func(t *testing.T, at uint32, over []byte, cut uint32) {
		file := bytes.Clone(sound)
		copy(file[int(at)%len(file):], over)
		file = file[:len(file)-int(cut)%len(file)]
		reopened(t, file)
	})
}

// A file that says it is ours, made by somebody with other things in it, is
// refused, and at once.
func TestFileOfSomebodyElse(t *testing.T) {
	sound := kept(t)
	for name, change := range map[string]string{
		"a view without end": `DROP TABLE teacher; CREATE VIEW teacher AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT zeroblob(32) AS token, '' AS class, i AS made FROM n`,
		"a trigger":          `CREATE TRIGGER spy AFTER INSERT ON student BEGIN UPDATE class SET paused = 1; END`,
		"a table more":       `CREATE TABLE more (x)`,
		"a column more":      `ALTER TABLE student ADD COLUMN more`,
		"a short hash":       `UPDATE teacher SET token = x'00' WHERE token = (SELECT min(token) FROM teacher)`,
		"a text for a hash":  `UPDATE student SET personal = 'secret'`,
		"no version":         `PRAGMA user_version = 0`,
		"a later version":    `PRAGMA user_version = 1000`,
		"another program":    `PRAGMA application_id = 1`,
		"a student of none":  `PRAGMA foreign_keys = 0; UPDATE student SET class = 'none'`,
	} {
		path := filepath.Join(t.TempDir(), "x.db")
		if err := os.WriteFile(path, sound, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(context.Background(), change); err != nil {
			t.Fatal(name, err)
		}
		db.Close()
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := reopened(t, file); err == nil || time.Since(began) > 10*time.Second {
			t.Errorf("%s: %v after %v", name, err, time.Since(began))
		}
	}
	if err := reopened(t, sound); err != nil {
		t.Error(err)
	}
}
