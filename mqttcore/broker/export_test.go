package broker

import "fmt"

// CheckTotals holds what the Broker counts of all Sessions against what there is.
func (b *Broker) CheckTotals() error {
	pending, filters, lent, away := 0, 0, 0, 0
	for _, s := range b.sessions {
		bytes := 0
		for d := s.out.published.first; d != nil; d = d.next {
			bytes += d.message.cost()
			if d.lent {
				lent++
			}
		}
		for i := s.out.queue.head; i < len(s.out.queue.list); i++ {
			bytes += s.out.queue.list[i].message.cost()
		}
		if bytes != s.out.bytes {
			return fmt.Errorf("%s: %d bytes pending, %d counted", s.id, bytes, s.out.bytes)
		}
		pending += bytes
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
	got := [...]int{b.pendingBytes, b.filterBytes, b.lent, b.away.n}
	if want := [...]int{pending, filters, lent, away}; got != want {
		return fmt.Errorf("pending, filters, lent, away: counted %v, there are %v", got, want)
	}
	return nil
}
