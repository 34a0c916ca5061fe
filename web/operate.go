package web

import (
	"strconv"
	"time"
)

// AdminView is how a server is doing, for its operator.
type AdminView struct {
	Version               string
	Now                   time.Time
	Up                    time.Duration
	Goroutines            int
	Heap, System          uint64 // bytes
	Connections           int
	Opened                uint64
	PacketsIn, PacketsOut uint64
	Events, Dropped       uint64
	Viewers               int
	Requests              uint64
	Limits                []AdminLimit
	Benches               []AdminBench
}

// AdminLimit is how often something came upon a limit; page.admin.limit-NAME
// says which.
type AdminLimit struct {
	Name string
	Hit  uint64
}

// AdminBench is a bench as the operator sees it: what it uses, not what is on it.
type AdminBench struct {
	ID          string // its beginning
	Kind        string // main, own or capture
	Connections int
	Viewers     int
	Events      uint64 // held
	Dropped     uint64
	Bytes       int
	Sessions    int
	Retained    int
	Idle        time.Duration // 0: somebody is at it
}

// facts are the figures at the top of the page: the key of what each is, and
// what it is.
func (v AdminView) facts() [][2]string {
	return [][2]string{
		{"up", v.Up.Round(time.Second).String()},
		{"connections", number(v.Connections)},
		{"viewers", number(v.Viewers)},
		{"packets-in", number(v.PacketsIn)},
		{"packets-out", number(v.PacketsOut)},
		{"events", number(v.Events)},
		{"dropped", number(v.Dropped)},
		{"requests", number(v.Requests)},
		{"heap", byteSize(v.Heap)},
		{"system", byteSize(v.System)},
		{"goroutines", number(v.Goroutines)},
		{"opened", number(v.Opened)},
	}
}

// number writes a count with a thin space between thousands.
func number[N int | uint64](n N) string {
	s := strconv.FormatUint(uint64(n), 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u2009" + s[i:]
	}
	return s
}

// byteSize writes a number of bytes in the unit that fits.
func byteSize(n uint64) string {
	switch {
	case n >= 10<<20:
		return number(n>>20) + " MiB"
	case n >= 10<<10:
		return number(n>>10) + " KiB"
	}
	return number(n) + " B"
}
