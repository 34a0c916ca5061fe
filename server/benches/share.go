package benches

import (
	"net/netip"
	"time"
)

// allowance is what an address may still ask for: a bucket that fills at the
// allowed rate.
type allowance struct {
	left float64
	at   time.Time
}

// maxAddresses is how many addresses are told apart at a time.
const maxAddresses = 10_000

// allow says whether an address may have one more bench now. An address of
// version 6 stands for its network, of which a machine has all. It needs mu.
func (r *Registry) allow(from netip.Addr) bool {
	if from = from.Unmap(); from.Is6() {
		if p, err := from.Prefix(64); err == nil {
			from = p.Addr()
		}
	}
	now, most := r.cfg.Now(), float64(r.cfg.Rate)
	a := r.rate[from]
	if a == nil {
		if len(r.rate) >= maxAddresses {
			r.refill(now)
		}
		if len(r.rate) >= maxAddresses {
			return false
		}
		a = &allowance{left: most, at: now}
		r.rate[from] = a
	}
	a.left = min(most, a.left+now.Sub(a.at).Minutes()*most)
	a.at = now
	if a.left < 1 {
		return false
	}
	a.left--
	return true
}

// refill forgets the addresses that have all of their allowance again. It
// needs mu.
func (r *Registry) refill(now time.Time) {
	for addr, a := range r.rate {
		if a.left+now.Sub(a.at).Minutes()*float64(r.cfg.Rate) >= float64(r.cfg.Rate) {
			delete(r.rate, addr)
		}
	}
}
