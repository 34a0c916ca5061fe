package store_test

import (
	"bytes"
	"cmp"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"mqttlab/mqttcore/broker"
	"mqttlab/server/store"
)

// FuzzDamage writes over a store, cuts it and adds to it. It opens with exactly
// what was in it, or is refused, and then the file is as it was.
func FuzzDamage(f *testing.F) {
	dir := f.TempDir()
	s, _ := open(f, dir, store.Commit())
	var kept []broker.Record
	for i := range 60 {
		kept = append(kept, put(fmt.Sprint("key", i), strings.Repeat("value", i%20+1)))
	}
	if err := s.Commit(kept); err != nil {
		f.Fatal(err)
	}
	s.Close()
	slices.SortFunc(kept, func(a, b broker.Record) int { return cmp.Compare(a.Key, b.Key) })
	sound, err := os.ReadFile(filepath.Join(dir, "bench.db"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint32(0), []byte("SQLite format 3"), uint32(0))
	f.Add(uint32(18), []byte{2, 2}, uint32(0))       // says that there is a write-ahead log
	f.Add(uint32(28), []byte{0, 0, 0, 1}, uint32(0)) // fewer pages
	f.Add(uint32(100), []byte{5, 0xff}, uint32(0))
	f.Add(uint32(4096), []byte{13, 0, 0}, uint32(1))
	f.Add(uint32(len(sound)), []byte("more"), uint32(0))
	f.Add(uint32(0), []byte{}, uint32(len(sound)/2))
	f.Fuzz(func(t *testing.T, at uint32, over []byte, cut uint32) {
		damaged := bytes.Clone(sound)
		if n := int(at) % (len(damaged) + 1); len(over) < 1<<16 {
			damaged = append(damaged, make([]byte, max(0, n+len(over)-len(damaged)))...)
			copy(damaged[n:], over)
		}
		damaged = damaged[:len(damaged)-int(cut)%(len(damaged)+1)]
		path := filepath.Join(t.TempDir(), "bench.db")
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		s, records, err := store.Open(filepath.Dir(path), "bench", store.Off())
		if err != nil {
			if after, e := os.ReadFile(path); e != nil || !bytes.Equal(after, damaged) {
				t.Errorf("a file that is refused was changed (%v): %v", err, e)
			}
			return
		}
		defer s.Close()
		slices.SortFunc(records, func(a, b broker.Record) int { return cmp.Compare(a.Key, b.Key) })
		if len(records) == 0 && len(damaged) == 0 {
			return // an empty file is a new store
		}
		if diff := gocmp.Diff(kept, records); diff != "" {
			t.Errorf("a damaged store is read, with something else in it: %s", diff)
		}
	})
}

// A file that says it is ours, made by somebody with other things in it, is
// refused at once and left as it is.
func TestFileOfSomebodyElse(t *testing.T) {
	for name, change := range map[string]string{
		"a view without end": `DROP TABLE record; CREATE VIEW record AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT x'61' AS key, zeroblob(99) AS value, i AS sum FROM n`,
		"a trigger":          `CREATE TRIGGER spy AFTER INSERT ON record BEGIN UPDATE forced SET times = 0; END`,
		"a table more":       `CREATE TABLE more (x)`,
		"a column more":      `ALTER TABLE record ADD COLUMN more`,
	} {
		dir := t.TempDir()
		s, _ := open(t, dir, store.Commit())
		s.Close()
		path := filepath.Join(dir, "bench.db")
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("PRAGMA journal_mode = DELETE;" + change); err != nil {
			t.Fatal(name, err)
		}
		db.Close()
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := store.Open(dir, "bench", store.Commit()); err == nil || !strings.Contains(err.Error(), "it has other tables") {
			t.Errorf("%s: %v", name, err)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s: the file was changed (%v)", name, err)
		}
	}
}
