// Package store keeps what must outlive the program: the records of a bench's
// broker (mqttcore/broker, Record), in one SQLite file.
//
//	store.go       open, commit, close
//	durability.go  what a commit promises
//	schema.go      the tables, their version, and what is wrong with a file
//
// Commits are of many events at a time: whoever calls Commit gathers the
// changes of all packets that come while the commit before is under way, so
// that the number of packets for one fsync grows with the load.
//
// Why SQLite (modernc.org/sqlite v1.61.1 of 2026-10-31, in Go, without cgo):
// its write-ahead log gives a transaction two prices, forced to the disk or
// handed to the system, and after a power cut the file is sound with either.
// That is what the settings of Durability need. go.etcd.io/bbolt v1.5.0 of
// 2026-06-03 took a third of the time for the same commit (100 puts and 100
// deletes in 0.6 ms, against 1.9 ms here and 0.8 ms when not forced), but
// spares the fsync only by risking the whole file in a power cut, which leaves
// it a single setting. github.com/cockroachdb/pebble v2.1.7 of 2026-08-24
// holds what is not forced to the disk in the process, where kill -9 takes it,
// and brings some forty modules with it.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"sync"
	"time"

	"mqttlab/mqttcore/broker"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Store is a file of records. Its methods may be called from any goroutine.
type Store struct {
	path       string
	durability Durability
	db         *sql.DB

	mu                         sync.Mutex
	conn                       *sql.Conn // the only one
	begin, commit, put, remove *sql.Stmt
	force                      *time.Timer // Interval: runs while something is not forced to the disk
	err                        error       // the first failure; nothing is kept after it
}

// Open opens the store of that name in a directory, which it makes if need
// be, and returns the records that are in it.
func Open(dir, name string, durability Durability) (*Store, []broker.Record, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("making the directory for data: %w", err)
	}
	s := &Store{path: filepath.Join(dir, name+".db"), durability: durability}
	records, err := s.open()
	if err != nil {
		s.close()
		return nil, nil, s.explain(err)
	}
	return s, records, nil
}

func (s *Store) open() ([]broker.Record, error) {
	ctx := context.Background()
	var err error
	// One connection holds the lock of the file as long as it is open: a
	// second program cannot have it, and a killed one leaves no lock behind.
	if s.db, err = sql.Open("sqlite", dsn(s.path)); err != nil {
		return nil, err
	}
	s.db.SetMaxOpenConns(1)
	if s.conn, err = s.db.Conn(ctx); err != nil {
		return nil, err
	}
	if err := s.migrate(ctx); err != nil {
		return nil, err
	}
	for _, p := range []struct {
		to  **sql.Stmt
		sql string
	}{
		{&s.begin, "BEGIN IMMEDIATE"},
		{&s.commit, "COMMIT"},
		{&s.put, "INSERT INTO record (key, value, sum) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, sum = excluded.sum"},
		{&s.remove, "DELETE FROM record WHERE key = ?"},
	} {
		if *p.to, err = s.conn.PrepareContext(ctx, p.sql); err != nil {
			return nil, err
		}
	}
	records, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	// BEGIN IMMEDIATE takes the lock, even where there is nothing to change.
	// Both may set the file's header right: a damaged file does not come so far.
	if _, err := s.conn.ExecContext(ctx, "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; COMMIT"); err != nil {
		return nil, err
	}
	return records, s.synchronous(s.durability.forced())
}

// read returns all records.
func (s *Store) read(ctx context.Context) ([]broker.Record, error) {
	rows, err := s.conn.QueryContext(ctx, "SELECT key, value, sum FROM record ORDER BY key")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var records []broker.Record
	for rows.Next() {
		var key, value []byte
		var sum int64
		if err := rows.Scan(&key, &value, &sum); err != nil {
			return nil, fmt.Errorf("%w: %w", errDamaged, err)
		}
		if sum != int64(checksum(string(key), value)) {
			return nil, fmt.Errorf("%w: the record %q does not fit its checksum", errDamaged, key)
		}
		records = append(records, broker.Record{Key: string(key), Value: value})
	}
	return records, rows.Err()
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(key string, value []byte) uint32 {
	return crc32.Update(crc32.Checksum([]byte(key), castagnoli), castagnoli, value)
}

// Commit keeps changes: all of them or none. When it returns nil they are as
// safe as the store's Durability promises. After an error nothing is kept any
// more: the store no longer knows what lies on the disk.
func (s *Store) Commit(changes []broker.Record) error {
	if len(changes) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		if err := s.write(changes); err != nil {
			s.err = fmt.Errorf("%s takes no more: %w", s.path, err)
		}
	}
	return s.err
}

func (s *Store) write(changes []broker.Record) error {
	if _, err := s.begin.Exec(); err != nil {
		return err
	}
	done := make(map[string]bool, len(changes))
	for i := len(changes) - 1; i >= 0; i-- { // of each key only the last word counts
		c := &changes[i]
		if done[c.Key] {
			continue
		}
		done[c.Key] = true
		var err error
		if c.Value == nil {
			_, err = s.remove.Exec([]byte(c.Key))
		} else {
			_, err = s.put.Exec([]byte(c.Key), c.Value, checksum(c.Key, c.Value))
		}
		if err != nil {
			return err
		}
	}
	if _, err := s.commit.Exec(); err != nil {
		return err
	}
	s.forceLater()
	return nil
}

// Close forces everything to the disk and closes the store.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.force != nil {
		s.force.Stop()
		s.force = nil
	}
	var err error
	if s.err == nil {
		err = s.forceNow()
		s.err = os.ErrClosed
	}
	s.close()
	return err
}

func (s *Store) close() {
	for _, st := range []*sql.Stmt{s.begin, s.commit, s.put, s.remove} {
		if st != nil {
			st.Close()
		}
	}
	if s.conn != nil {
		s.conn.Close()
	}
	if s.db != nil {
		s.db.Close()
	}
}
