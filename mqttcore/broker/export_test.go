package broker

import "fmt"

// CheckTotals holds what the Broker counts of all Sessions against what there is.
func (b *Broker) CheckTotals() error {
	pending, filters, lent, away, kept := 0, 0, 0, 0, 0
	for _, s := range b.sessions {
		bytes := 0
		for d := s.out.published.first; d != nil; d = d.next {
			bytes += d.cost()
			if d.lent {
				lent++
			}
		}
		for i := s.out.queue.head; i < len(s.out.queue.list); i++ {
			bytes += s.out.queue.list[i].cost()
		}
		if bytes != s.out.bytes {
			return fmt.Errorf("%s: %d bytes pending, %d counted", s.id, bytes, s.out.bytes)
		}
		pending += bytes
		kept += s.keptBytes()
		for filter := range s.subs {
			filters += len(filter) + subscriptionBytes
		}
		if s.conn == nil {
			away++
		}
		if s.away != (s.conn == nil) {
			return fmt.Errorf("%s: away %v", s.id, s.away)
		}
	}
	for _, c := range b.conns {
		for _, name := range c.aliases {
			kept += len(name)
		}
		for name := range c.aliasOf {
			kept += len(name)
		}
	}
	got := [...]int{b.pendingBytes, b.filterBytes, b.lent, b.away.n, b.keptBytes}
	if want := [...]int{pending, filters, lent, away, kept}; got != want {
		return fmt.Errorf("pending, filters, lent, away, kept: counted %v, there are %v", got, want)
	}
	return nil
}
