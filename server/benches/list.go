package benches

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"mqttlab/server/bench"
)

// Listed is a bench as the registry knows it.
type Listed struct {
	Bench *bench.Bench
	Fixed bool          // stays as long as the server
	Read  bool          // shows a capture
	Idle  time.Duration // since it was last asked for or left; 0 while somebody is at it
}

// List returns all benches: those that stay first, then by how long they have
// been idle. It does not count as using them.
func (r *Registry) List() []Listed {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.cfg.Now()
	list := make([]Listed, 0, len(r.benches))
	for _, e := range r.benches {
		one := Listed{Bench: e.bench, Fixed: e.fixed, Read: e.read}
		if e.holds == 0 && !e.used.IsZero() {
			one.Idle = max(0, now.Sub(e.used))
		}
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b Listed) int {
		if a.Fixed != b.Fixed {
			return map[bool]int{true: -1, false: 1}[a.Fixed]
		}
		return cmp.Or(cmp.Compare(a.Idle, b.Idle), cmp.Compare(a.Bench.ID(), b.Bench.ID()))
	})
	return list
}

// The names of bounds that Limits counts.
const (
	LimitBenches = "benches"    // as many as there may be
	LimitShare   = "share"      // of one address or student
	LimitRate    = "bench_rate" // of one address or student
	LimitPorts   = "ports"      // none was free
)

// Limits is how often each bound on new benches was come upon.
func (r *Registry) Limits() map[string]uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.hit)
}

// refused counts why somebody did not get a bench.
func (r *Registry) refused(err error) {
	for name, bound := range map[string]error{LimitBenches: ErrMany, LimitShare: ErrShare, LimitRate: ErrRate, LimitPorts: ErrNoPort} {
		if errors.Is(err, bound) {
			r.mu.Lock()
			if r.hit == nil {
				r.hit = make(map[string]uint64)
			}
			r.hit[name]++
			r.mu.Unlock()
		}
	}
}
