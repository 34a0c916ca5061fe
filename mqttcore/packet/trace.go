package packet

// Trace records what a Decoder saw: every field's place and every fault.
// Reset makes it ready for the next packet and keeps its memory.
type Trace struct {
	Spans  []Span  // in reading order, a parent before its children
	Faults []Fault // in reading order
	depth  uint8
}

// Span is one field of a packet. The leaves of a trace (the spans without
// children) cover every byte of the packet exactly once, in order; the
// children of a byte of flags cover its bits exactly once.
type Span struct {
	Field  Field
	Depth  uint8  // 0 for a top-level field; a child is one deeper than its parent
	Hi, Lo uint8  // the bits within the byte at Offset, when Bits
	Bits   bool   // the field is some bits of one byte
	Cut    bool   // the field should be longer, but the packet ends here
	Offset int    // from the packet's first byte
	Length int    // in bytes; 0 for an empty string
	Value  uint32 // of a number; 0 for strings and binary data
}

// Reset empties the trace.
func (t *Trace) Reset() {
	t.Spans = t.Spans[:0]
	t.Faults = t.Faults[:0]
	t.depth = 0
}

func (t *Trace) add(s Span) {
	s.Depth = t.depth
	t.Spans = append(t.Spans, s)
}
