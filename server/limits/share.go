package limits

import (
	"fmt"
	"net/netip"
	"sync"
)

// Owner is whom a place is counted for: a student of a class, or an address.
// The zero Owner is everybody of whom neither is known.
type Owner struct {
	student string
	address netip.Addr
}

// Student returns a student as an Owner.
func Student(id string) Owner { return Owner{student: id} }

// Address returns as an Owner whoever comes from an address.
func Address(a netip.Addr) Owner { return Owner{address: Network(a)} }

// From returns as an Owner whoever sends requests from an address with a port.
func From(remote string) Owner {
	from, _ := netip.ParseAddrPort(remote)
	return Address(from.Addr())
}

// Network returns the address by which things are counted: of version 6 its
// network of 64 bits, all of which is one customer's.
func Network(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		network, _ := a.Prefix(64)
		a = network.Addr()
	}
	return a
}

// MayTake says whether an owner who holds so many places of a kind may take one
// more of those that are free: while more of them are free than the owner has.
// So one owner leaves half of all to the others, two together leave a third,
// and whoever has none gets one as long as there is any. Whoever is at this
// machine may take them all: that is the one person whom the server is for, or a
// proxy that does not say for whom it asks.
func (o Owner) MayTake(held, free int) bool {
	return free > held || free > 0 && o.address.IsLoopback()
}

// Places are the places of a kind, of which each owner has a share. They may
// be used by several goroutines.
type Places struct {
	Most int

	mu    sync.Mutex
	taken int
	held  map[Owner]int
}

// Refused says that an owner gets no place: all are taken, or those that are
// Free are for others.
type Refused struct{ Most, Held, Free int }

func (r *Refused) Error() string {
	return fmt.Sprintf("of %d places %d are free, and %d are the owner's", r.Most, r.Free, r.Held)
}

// Take takes a place. Its error is a *Refused.
func (p *Places) Take(o Owner) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	held, free := p.held[o], p.Most-p.taken
	if !o.MayTake(held, free) {
		return &Refused{Most: p.Most, Held: held, Free: free}
	}
	if p.held == nil {
		p.held = make(map[Owner]int)
	}
	p.taken++
	p.held[o]++
	return nil
}

// Give gives a place back.
func (p *Places) Give(o Owner) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken--
	if p.held[o]--; p.held[o] == 0 {
		delete(p.held, o)
	}
}

// Taken is how many are taken.
func (p *Places) Taken() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken
}
