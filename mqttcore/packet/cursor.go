package packet

import (
	"encoding/binary"
	"unicode/utf8"
	"unsafe"
)

// cursor reads one Control Packet from front to back. All reading goes
// through its methods: they check that the bytes are there, record the span
// of the field when a trace is wanted, and note faults. After a fault that
// ends the reading every method returns zero values, so that the packet
// functions can be straight lines.
type cursor struct {
	b       []byte // from the packet's first byte to the end of what is there of it
	off     int
	quick   int  // len(b) while nothing slows the reading down: no trace, no fault; else 0
	total   int  // the packet's length as its fixed header announces it
	cut     bool // there are fewer bytes than that
	done    bool // a fault ended the reading
	foreign bool // the protocol is none of MQTT's: what follows breaks no rule
	kind    Type
	version Version
	trace   *Trace
	first   *Fault
}

// violate notes a fault at bytes [off, off+n). Like report it is
// kept out of line: it is rarely called, and inlined its Fault would weigh on
// the frame of every function on the fast path.
//
//go:noinline
func (c *cursor) violate(v Violation, f Field, off, n int) {
	c.report(Fault{Violation: v, Field: f, Offset: off, Length: n, Hi: -1, Lo: -1})
}

// violateBits notes a fault in bits hi to lo of the byte just read.
//
//go:noinline
func (c *cursor) violateBits(v Violation, f Field, hi, lo int) {
	c.report(Fault{Violation: v, Field: f, Offset: c.off - 1, Length: 1, Hi: int8(hi), Lo: int8(lo)})
}

// report notes a fault. Without a trace it ends the reading; with one the
// reading goes on.
//
//go:noinline
func (c *cursor) report(fault Fault) {
	if c.done || c.foreign {
		return
	}
	fault.Type, fault.Version = c.kind, c.version
	if c.first == nil {
		first := fault
		c.first = &first
	}
	if c.trace == nil {
		c.done, c.quick = true, 0
		return
	}
	c.trace.Faults = append(c.trace.Faults, fault)
}

// short ends the reading because field f needs want bytes and the packet
// ends before. What is there becomes the field, marked as cut. The fault is
// laid on the n bytes at at: a length prefix, or the field itself.
func (c *cursor) short(f Field, want, at, n int) {
	if c.done {
		return
	}
	have := c.left()
	if c.trace != nil && have > 0 {
		c.trace.cut(f, c.off, have)
	}
	if c.cut {
		c.incomplete(f)
	} else {
		c.report(Fault{Violation: PastEnd, Field: f, Offset: at, Length: n, Hi: -1, Lo: -1, Have: have, Want: want})
	}
	c.off = len(c.b)
	c.done = true
}

// incomplete ends the reading where the input ends before the packet does.
func (c *cursor) incomplete(f Field) {
	c.report(Fault{Violation: Incomplete, Field: f, Offset: len(c.b), Hi: -1, Lo: -1, Have: len(c.b), Want: c.total})
	c.done = true
}

// abandon ends the reading: the layout of what follows is not known.
func (c *cursor) abandon() {
	if c.trace != nil && c.off < len(c.b) && !c.done {
		c.trace.add(FieldUnread, c.off, len(c.b)-c.off, 0)
	}
	c.off = len(c.b)
	c.done = true
}

func (c *cursor) left() int { return len(c.b) - c.off }

// more says whether bytes are left to read.
func (c *cursor) more() bool { return !c.done && c.off < len(c.b) }

// u8, u16 and u32 read a number of one, two or four bytes.
func (c *cursor) u8(f Field) byte {
	if c.off < c.quick {
		c.off++
		return c.b[c.off-1]
	}
	return c.slowByte(f)
}

func (c *cursor) u16(f Field) uint16 {
	if c.off+2 <= c.quick {
		c.off += 2
		return binary.BigEndian.Uint16(c.b[c.off-2:])
	}
	return uint16(c.number(f, 2))
}

func (c *cursor) u32(f Field) uint32 {
	if c.off+4 <= c.quick {
		c.off += 4
		return binary.BigEndian.Uint32(c.b[c.off-4:])
	}
	return c.number(f, 4)
}

// slowByte is u8's way out, short so that u8 can be inlined.
//
//go:noinline
func (c *cursor) slowByte(f Field) byte { return byte(c.number(f, 1)) }

// number reads a number of n bytes where it may be missing or is traced.
func (c *cursor) number(f Field, n int) (x uint32) {
	if c.done || c.left() < n {
		c.short(f, n, c.off, c.left())
		return 0
	}
	for _, b := range c.b[c.off : c.off+n] {
		x = x<<8 | uint32(b)
	}
	if c.trace != nil {
		c.trace.add(f, c.off, n, x)
	}
	c.off += n
	return x
}

// varint reads a Variable Byte Integer (section 1.5.5) inside the packet.
func (c *cursor) varint(f Field) int {
	if c.off < c.quick && c.b[c.off] < 0x80 {
		c.off++
		return int(c.b[c.off-1])
	}
	if c.done {
		return 0
	}
	x, n, state := variableByteInteger(c.b[c.off:])
	switch state {
	case varintShort:
		c.short(f, c.left()+1, c.off, c.left())
		return 0
	case varintTooLong:
		if c.trace != nil {
			c.trace.cut(f, c.off, n)
		}
		c.violate(VarintTooLong, f, c.off, n)
		c.off += n
		c.abandon()
		return 0
	}
	if c.trace != nil {
		c.trace.add(f, c.off, n, uint32(x))
	}
	if n > varintSize(x) {
		c.violate(VarintNotMinimal, f, c.off, n)
	}
	c.off += n
	return x
}

// binary reads Binary Data (section 1.5.6): a two-byte length and as many bytes.
func (c *cursor) binary(length, f Field) []byte {
	at := c.off
	n := int(c.u16(length))
	if c.done {
		return nil
	}
	if c.left() < n {
		c.short(f, n, at, 2)
		return nil
	}
	return c.bytes(f, n)
}

// bytes reads n bytes that are known to be there.
func (c *cursor) bytes(f Field, n int) []byte {
	x := c.b[c.off : c.off+n : c.off+n]
	if c.trace != nil {
		c.trace.add(f, c.off, n, 0)
	}
	c.off += n
	return x
}

// text reads a UTF-8 Encoded String (section 1.5.4; 3.1.1: section 1.5.3).
// The string aliases the input: see Decoder.
func (c *cursor) text(length, f Field) string {
	if at := c.off + 2; at <= c.quick {
		end := at + int(binary.BigEndian.Uint16(c.b[at-2:]))
		if end <= c.quick && plainASCII(c.b[at:end]) {
			c.off = end
			return unsafe.String(unsafe.SliceData(c.b[at:]), end-at)
		}
	}
	b := c.binary(length, f)
	if c.done {
		return ""
	}
	if !plainASCII(b) {
		c.checkText(b, f)
	}
	return unsafe.String(unsafe.SliceData(b), len(b))
}

func (c *cursor) checkText(b []byte, f Field) {
	start := c.off - len(b)
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			c.violate(InvalidUTF8, f, start+i, 1)
			return
		case r == 0:
			c.violate(NulCharacter, f, start+i, 1)
			return
		}
		i += n
	}
}

// plainASCII says whether b holds only the characters U+0001 to U+007F, eight
// at a time: a byte of the word has its top bit set, or, being 0, borrows. The
// last eight may overlap with those before.
func plainASCII(b []byte) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	if len(b) < 8 {
		for _, x := range b {
			if x-1 >= utf8.RuneSelf-1 {
				return false
			}
		}
		return true
	}
	word := binary.LittleEndian.Uint64(b[len(b)-8:])
	odd := word | (word - ones)
	for ; len(b) > 8; b = b[8:] {
		word = binary.LittleEndian.Uint64(b)
		odd |= word | (word - ones)
	}
	return odd&tops == 0
}

// rest reads all that is left of the packet.
func (c *cursor) rest(f Field) []byte {
	if c.done {
		return nil
	}
	b := c.bytes(f, c.left())
	if c.cut {
		if c.trace != nil {
			c.trace.Spans[len(c.trace.Spans)-1].Cut = true
		}
		c.incomplete(f)
	}
	return b
}

// bit records bit i of the byte just read as field f and returns it.
func (c *cursor) bit(x byte, f Field, i int) bool {
	return c.bits(x, f, i, i) != 0
}

// bits records bits hi to lo of the byte just read as field f and returns
// their value.
func (c *cursor) bits(x byte, f Field, hi, lo int) byte {
	x = x >> lo & (1<<(hi-lo+1) - 1)
	if c.trace != nil && !c.done {
		c.trace.bits(f, c.off-1, hi, lo, uint32(x))
	}
	return x
}

// down begins the children of the field read last; up ends them.
func (c *cursor) down() {
	if c.trace != nil {
		c.trace.depth++
	}
}

func (c *cursor) up() {
	if c.trace != nil {
		c.trace.depth--
	}
}

// open begins a field that is only the sum of its parts and returns what
// close needs to set its length.
func (c *cursor) open(f Field) int {
	if c.trace == nil || c.done {
		return -1
	}
	c.trace.add(f, c.off, 0, 0)
	c.trace.depth++
	return len(c.trace.Spans) - 1
}

func (c *cursor) close(group int) {
	if group < 0 {
		return
	}
	c.trace.depth--
	span := &c.trace.Spans[group]
	span.Length = c.off - span.Offset
}
