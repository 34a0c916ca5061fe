package benches

import (
	"time"

	"mqttlab/server/limits"
)

// allowance is what somebody may still ask for: a bucket that fills at the
// allowed rate.
type allowance struct {
	left float64
	at   time.Time
}

// maxOwners is how many are told apart at a time.
const maxOwners = 10_000

// allow says whether somebody may have one more bench now. It needs mu.
func (r *Registry) allow(from limits.Owner) bool {
	now, most := r.cfg.Now(), float64(r.cfg.Rate)
	a := r.rate[from]
	if a == nil {
		if len(r.rate) >= maxOwners {
			r.refill(now)
		}
		if len(r.rate) >= maxOwners {
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

// refill forgets those who have all of their allowance again. It
// needs mu.
func (r *Registry) refill(now time.Time) {
	for who, a := range r.rate {
		if a.left+now.Sub(a.at).Minutes()*float64(r.cfg.Rate) >= float64(r.cfg.Rate) {
			delete(r.rate, who)
		}
	}
}
