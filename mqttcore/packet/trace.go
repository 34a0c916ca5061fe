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

// add adds the span of a field of n bytes with value x.
//
//go:noinline
func (t *Trace) add(f Field, off, n int, x uint32) {
	s := t.next()
	s.Field, s.Offset, s.Length, s.Value = f, off, n, x
}

// cut adds the span of the n bytes that are there of a longer field.
func (t *Trace) cut(f Field, off, n int) {
	t.add(f, off, n, 0)
	t.Spans[len(t.Spans)-1].Cut = true
}

// bits adds the span of bits hi to lo, which say x, of the byte at off.
//
//go:noinline
func (t *Trace) bits(f Field, off, hi, lo int, x uint32) {
	s := t.next()
	s.Field, s.Bits, s.Hi, s.Lo = f, true, uint8(hi), uint8(lo)
	s.Offset, s.Length, s.Value = off, 1, x
}

// next appends a span, to be filled in place: faster than to copy one.
func (t *Trace) next() *Span {
	if len(t.Spans) < cap(t.Spans) {
		t.Spans = t.Spans[:len(t.Spans)+1]
	} else {
		t.Spans = append(t.Spans, Span{})
	}
	s := &t.Spans[len(t.Spans)-1]
	*s = Span{}
	s.Depth = t.depth
	return s
}
