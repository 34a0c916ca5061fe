package class

import (
	"sync"
	"time"
)

// guesses bounds how often codes are tried: wrong ones by address, and all
// wrong ones together, so that many addresses gain little. Right ones cost
// nothing: a school behind one address joins at once.
type guesses struct {
	mu      sync.Mutex
	now     func() time.Time
	all     bucket
	address map[string]*bucket
}

const (
	guessesByAddress = 20          // wrong codes at once, by address
	guessesInAll     = 500         // and by all
	guessRefill      = time.Minute // until all of them are back
	guessAddresses   = 10_000      // addresses that are remembered
)

// bucket holds what is left of a bound that fills itself again.
type bucket struct {
	used float64
	at   time.Time
}

func (b *bucket) left(now time.Time, size int) float64 {
	b.used = max(0, b.used-float64(size)*float64(now.Sub(b.at))/float64(guessRefill))
	b.at = now
	return float64(size) - b.used
}

// may is whether a code of this address is looked at.
func (g *guesses) may(address string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	if b := g.address[address]; b != nil && b.left(now, guessesByAddress) < 1 {
		return false
	}
	return g.all.left(now, guessesInAll) >= 1
}

// wrong notes a wrong code.
func (g *guesses) wrong(address string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	if len(g.address) >= guessAddresses {
		for a, b := range g.address {
			if b.left(now, guessesByAddress) == guessesByAddress {
				delete(g.address, a)
			}
		}
	}
	b := g.address[address]
	if b == nil && len(g.address) < guessAddresses {
		b = &bucket{at: now}
		g.address[address] = b
	}
	if b != nil {
		b.left(now, guessesByAddress)
		b.used++
	}
	g.all.left(now, guessesInAll)
	g.all.used++
}
