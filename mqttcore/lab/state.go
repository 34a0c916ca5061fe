package lab

import (
	"slices"
	"time"
)

// checkState is what has come for a check so far.
type checkState struct {
	count   int            // of events that match
	runs    map[string]run // Order: by the value of the field that is to be the same
	whole   bool           // Order: a run was whole in time
	broken  uint64         // Never, Order: number of the event that broke it
	violent bool           // Never: broken
	near    near
}

// run is, for each place of an order, when the run began that has come so far;
// < 0: none has.
type run []time.Duration

// maxRuns bounds those that have begun with different values of a field.
const maxRuns = 1 << 10

// near is the event that came nearest to a match.
type near struct {
	held int // terms that hold, or bytes that are the same
	seen *seen
}

func (c *checkState) init(check *Check) {
	if check.Kind == Order {
		c.runs = make(map[string]run)
	}
}

// met is whether the check is fulfilled as things are.
func (c *checkState) met(check *Check) bool {
	switch check.Kind {
	case Never:
		return !c.violent
	case Order:
		return c.whole
	case Built:
		return c.count > 0
	}
	return c.count >= check.Min && (check.Max < 0 || c.count <= check.Max)
}

// failed is whether the check cannot be met any more without a new try.
func (c *checkState) failed(check *Check) bool {
	return c.violent || check.Kind == Saw && check.Max >= 0 && c.count > check.Max
}

// add takes an event. moved is whether a report may now read otherwise,
// attempt whether it was a wrong try at exact bytes.
func (c *checkState) add(check *Check, s *seen) (moved, attempt bool) {
	if check.Kind == Order {
		return c.follow(check, s), false
	}
	m := &check.Match
	if m.matches(s) {
		c.count++
		if check.Kind == Never && !c.violent {
			c.violent, c.broken = true, s.N
		}
		return true, false
	}
	if check.Kind == Never || c.count > 0 || !m.concerns(s) {
		return false, false
	}
	return c.approach(m, s)
}

// approach keeps the event if none came nearer to the match.
func (c *checkState) approach(m *Match, s *seen) (moved, attempt bool) {
	if len(s.Bytes) > maxNear {
		return false, false
	}
	held := 0
	switch {
	case m.Bytes != nil:
		held = Differ(m.Bytes, s.Bytes)
		if attempt = s.Bytes[0]>>4 == m.Bytes[0]>>4; !attempt { // something else was meant
			return false, false
		}
	case m.Filter != nil:
		for _, term := range m.terms {
			if term.Match(s.view()) {
				held++
			}
		}
		if held == 0 {
			return false, false
		}
	default:
		return false, false
	}
	if c.near.seen == nil || held >= c.near.held {
		c.near = near{held: held, seen: s}
		return true, attempt
	}
	return attempt, attempt
}

// maxNear bounds the bytes that are kept to say what differs.
const maxNear = 64 << 10

// follow takes an event for an order. For each place it keeps the latest
// moment at which a run that has come so far began, or the earliest where runs
// must be long; so the run that fits the time best is found whatever comes in
// between.
func (c *checkState) follow(check *Check, s *seen) (moved bool) {
	value, ok := check.sameness(s)
	for i := len(check.Order) - 1; i > 0 && ok; i-- {
		old := c.runs[value]
		if old == nil || old[i-1] < 0 || !check.Order[i].matches(s) {
			continue
		}
		moved = old.begun(check, i, old[i-1]) || moved
		took := s.At - old[i-1]
		c.whole = c.whole || i == len(check.Order)-1 && took >= check.Over && (check.Within == 0 || took <= check.Within)
	}
	if len(c.runs) > 0 && slices.ContainsFunc(check.Without, func(m Match) bool { return m.matches(s) }) {
		clear(c.runs)
		c.broken, moved = s.N, true
	}
	if ok && check.Order[0].matches(s) {
		moved = c.run(value, check).begun(check, 0, s.At) || moved
	}
	return moved
}

// sameness returns the value of the field that is to be the same; false if the
// event has no such field.
func (c *Check) sameness(s *seen) (value string, ok bool) {
	if c.Same == "" {
		return "", true
	}
	if s.Kind != Packet || len(s.Bytes) == 0 {
		return "", false
	}
	return fieldText(s.view().Packet.Fields, c.Same)
}

// run returns the run of a value, which may have to begin.
func (c *checkState) run(value string, check *Check) run {
	if c.runs[value] == nil {
		if len(c.runs) >= maxRuns {
			clear(c.runs)
		}
		c.runs[value] = slices.Repeat(run{-1}, len(check.Order))
	}
	return c.runs[value]
}

// begun notes when a run began that has come as far as a place.
func (r run) begun(check *Check, place int, start time.Duration) (moved bool) {
	old := r[place]
	if old >= 0 && check.Over > 0 && old <= start {
		return false
	}
	r[place] = start
	return old != start
}

// reached is how many of an order's events have come.
func (c *checkState) reached() (n int) {
	for _, r := range c.runs {
		i := 0
		for i < len(r) && r[i] >= 0 {
			i++
		}
		n = max(n, i)
	}
	return n
}
