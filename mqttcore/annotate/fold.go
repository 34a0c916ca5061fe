package annotate

import "mqttlab/mqttcore/packet"

// What one packet is shown of at most. A SUBSCRIBE of a megabyte has a hundred
// thousand filters; nobody reads them, and explaining them would take seconds.
const (
	maxSpans  = 2000
	maxFaults = 100
)

// fold takes the spans behind the first maxSpans together: one for what is
// left of each group that is open there, and one for the rest of the packet.
func (r *reading) fold() {
	if n := len(r.trace.Faults); n > maxFaults {
		last := r.trace.Faults[n-1]
		r.moreFaults = n - maxFaults
		r.trace.Faults = r.trace.Faults[:maxFaults]
		if last.Violation == packet.Incomplete { // on which whole relies
			r.trace.Faults = append(r.trace.Faults, last)
			r.moreFaults--
		}
	}
	all := r.trace.Spans
	if len(all) <= maxSpans {
		return
	}
	n := maxSpans
	for n < len(all) && all[n].Bits {
		n++
	}
	if n == len(all) {
		return
	}
	at := all[n].Offset
	folded := append([]packet.Span(nil), all[:n]...)
	for depth := int(all[n].Depth); depth >= 0; depth-- {
		end := len(r.b)
		if depth > 0 {
			parent := lastAbove(all[:n], depth)
			end = parent.Offset + parent.Length
		}
		if end > at {
			folded = append(folded, packet.Span{Field: packet.FieldFolded, Depth: uint8(depth), Offset: at, Length: end - at})
			at = end
		}
	}
	r.trace.Spans = folded
}

// lastAbove returns the last span whose depth is less than depth.
func lastAbove(spans []packet.Span, depth int) packet.Span {
	for i := len(spans) - 1; ; i-- {
		if int(spans[i].Depth) < depth {
			return spans[i]
		}
	}
}
