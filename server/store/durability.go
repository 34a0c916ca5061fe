package store

import (
	"context"
	"fmt"
	"time"
)

// Durability says what may be lost. With each of them the store is sound
// after a crash of the program or of the machine, as far as the disk keeps to
// what it says; each is taken back to the end of some commit, never to the
// middle of one; and what the program had acknowledged outlives kill -9, since
// it was handed to the system before.
type Durability struct {
	mode     mode
	interval time.Duration
}

type mode uint8

const (
	eachCommit mode = iota // also the zero Durability
	atIntervals
	never
)

// Commit has every commit forced to the disk before it is acknowledged: a
// power cut takes nothing that was acknowledged.
func Commit() Durability { return Durability{mode: eachCommit} }

// Interval has commits forced to the disk at most that long after they were
// acknowledged: a power cut takes at most what was acknowledged in that time,
// and in the time that the disk then needed.
func Interval(d time.Duration) Durability { return Durability{mode: atIntervals, interval: d} }

// Off leaves to the system when it writes: a power cut can take everything
// since SQLite's latest checkpoint, which comes every 1,000 pages (4 MB) or so.
func Off() Durability { return Durability{mode: never} }

// ParseDurability reads "commit", "interval", which is 100 ms, a time such as
// "250ms", or "off".
func ParseDurability(text string) (Durability, error) {
	switch text {
	case "commit":
		return Commit(), nil
	case "interval":
		return Interval(100 * time.Millisecond), nil
	case "off":
		return Off(), nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Millisecond || d > time.Hour {
		return Durability{}, fmt.Errorf("%q is no durability; it is commit, interval, a time from 1ms to 1h such as 250ms, or off", text)
	}
	return Interval(d), nil
}

// forced reports whether each commit waits for the disk.
func (d Durability) forced() bool { return d.mode == eachCommit }

// synchronous says whether commits are forced to the disk from now on. In
// write-ahead mode NORMAL leaves out that fsync and no other.
func (s *Store) synchronous(on bool) error {
	level := "NORMAL"
	if on {
		level = "FULL"
	}
	_, err := s.conn.ExecContext(context.Background(), "PRAGMA synchronous = "+level)
	return err
}

// forceLater sees to it that the commit just made is on the disk in time.
func (s *Store) forceLater() {
	if s.durability.mode == atIntervals && s.force == nil {
		s.force = time.AfterFunc(s.durability.interval, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.force == nil || s.err != nil {
				return
			}
			s.force = nil
			if err := s.forceNow(); err != nil {
				s.err = fmt.Errorf("%s takes no more: %w", s.path, err)
			}
		})
	}
}

// forceNow makes a commit that is forced to the disk, and with it those
// before it: they lie in the same log.
func (s *Store) forceNow() error {
	if err := s.synchronous(true); err != nil {
		return err
	}
	if _, err := s.conn.ExecContext(context.Background(), "UPDATE forced SET times = times + 1"); err != nil {
		return err
	}
	return s.synchronous(s.durability.forced())
}
