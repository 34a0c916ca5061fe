package store_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mqttlab/mqttcore/broker"
	"mqttlab/server/store"
)

func open(t testing.TB, dir string, d store.Durability) (*store.Store, []broker.Record) {
	t.Helper()
	s, records, err := store.Open(dir, "bench", d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, records
}

func put(key, value string) broker.Record { return broker.Record{Key: key, Value: []byte(value)} }

func TestKeepsTheLastWord(t *testing.T) {
	for name, d := range map[string]store.Durability{"commit": store.Commit(), "interval": store.Interval(time.Millisecond), "off": store.Off()} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "below", "%41 ?#")
			s, records := open(t, dir, d)
			if len(records) > 0 {
				t.Fatal("a new store has records", records)
			}
			for _, changes := range [][]broker.Record{
				{put("a", "1"), put("b\x00\xff", "2"), put("c", "3")},
				{put("a", "4"), {Key: "c"}, put("d", "5"), {Key: "d"}, {Key: "none"}},
				nil,
			} {
				if err := s.Commit(changes); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(5 * time.Millisecond) // lets the interval pass
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if err := s.Commit([]broker.Record{put("e", "6")}); err == nil {
				t.Error("a closed store takes something")
			}
			_, records = open(t, dir, d)
			if diff := cmp.Diff([]broker.Record{put("a", "4"), put("b\x00\xff", "2")}, records); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOneProgramAtATime(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, store.Commit())
	if _, _, err := store.Open(dir, "bench", store.Commit()); err == nil || !strings.Contains(err.Error(), "in use by another mqttlab") {
		t.Error(err)
	}
}

// TestDamageIsSaid flips bytes all over a store: it opens with all that was in
// it, or says that it is damaged and leaves the file as it is.
func TestDamageIsSaid(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir, store.Commit())
	var changes []broker.Record
	for i := range 200 {
		changes = append(changes, put(fmt.Sprint("key", i), strings.Repeat("value", i%50+1)))
	}
	if err := s.Commit(changes); err != nil {
		t.Fatal(err)
	}
	s.Close()
	path := filepath.Join(dir, "bench.db")
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for at := 0; at < len(sound); at += 241 {
		damaged := bytes.Clone(sound)
		damaged[at] ^= 0x55
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		s, records, err := store.Open(dir, "bench", store.Commit())
		if err == nil {
			if s.Close(); len(records) != len(changes) {
				t.Errorf("byte %d: %d of %d records, and nothing is said", at, len(records), len(changes))
			}
			continue
		}
		refused++
		if !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "move it away") {
			t.Errorf("byte %d: %v", at, err)
		}
	}
	if refused < 100 {
		t.Errorf("only %d faults found", refused)
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := store.Open(dir, "bench", store.Commit()); err == nil || !strings.Contains(err.Error(), "no store of mqttlab") {
		t.Error(err)
	}
}

func TestParseDurability(t *testing.T) {
	for text, want := range map[string]store.Durability{
		"commit": store.Commit(), "interval": store.Interval(100 * time.Millisecond), "2s": store.Interval(2 * time.Second), "off": store.Off(),
	} {
		if got, err := store.ParseDurability(text); err != nil || got != want {
			t.Error(text, got, err)
		}
	}
	for _, text := range []string{"", "always", "0s", "-1s", "2h", "5"} {
		if _, err := store.ParseDurability(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
