package bench

import (
	"sync"
)

// Registry holds the benches of a server by id.
type Registry struct {
	mu      sync.RWMutex
	benches map[string]*Bench
}

// Add puts a bench into the registry.
func (r *Registry) Add(b *Bench) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.benches == nil {
		r.benches = make(map[string]*Bench)
	}
	r.benches[b.ID()] = b
}

// Get returns the bench of that id, or nil.
func (r *Registry) Get(id string) *Bench {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.benches[id]
}

// Close closes all benches, at the same time.
func (r *Registry) Close() {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var all sync.WaitGroup
	for _, b := range r.benches {
		all.Go(b.Close)
	}
	all.Wait()
}
