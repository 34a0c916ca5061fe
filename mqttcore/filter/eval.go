package filter

import (
	"bytes"
	"encoding/hex"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"sync"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
)

// Filter is an expression that was understood. It may be used by several
// goroutines at once.
type Filter struct {
	root test // nil for the empty filter, which every packet passes
}

// View is a packet as a filter sees it: explained, and where and when it was
// on the wire. What is not known stays zero, and the packet then has no such
// field.
type View struct {
	Packet *annotate.Packet
	Bytes  []byte  // the packet; nil: taken from Packet.Hex, which costs time
	Number uint64  // frame.number, from 1; 0: not from a wire, so no frame.* at all
	Time   float64 // frame.time_relative: seconds since the first packet
	Length int     // frame.len
	Stream int     // tcp.stream; only with Client
	Sender packet.Party
	Client netip.AddrPort
	Server netip.AddrPort
	Name   string // mqttlab.client: what the client is called
}

// String returns the filter in its plain form. Parsed again it is the same
// filter.
func (f *Filter) String() string {
	if f.root == nil {
		return ""
	}
	var b strings.Builder
	f.root.print(&b, levelOr)
	return b.String()
}

// Match says whether the packet passes the filter.
func (f *Filter) Match(v View) bool {
	if f.root == nil {
		return true
	}
	r := runs.Get().(*run)
	r.view = v
	ok := f.root.match(r)
	r.view = View{}
	r.decoded, r.steps = false, 0
	r.values, r.scratch = r.values[:0], r.scratch[:0]
	if cap(r.raw)+cap(r.scratch) <= 1<<16 { // one large packet shall not stay in memory for ever
		runs.Put(r)
	}
	return ok
}

// run is the evaluation of a filter for one packet. Values lie on a stack;
// whoever pushes some takes them off.
type run struct {
	view    View
	raw     []byte // the packet, once decoded
	decoded bool
	values  []value
	scratch []byte // holds texts that stand nowhere else
	steps   int    // comparisons made
}

var runs = sync.Pool{New: func() any { return new(run) }}

// value is one value of an operand, in the member that its type uses.
type value struct {
	number  float64
	octets  []byte
	address netip.Addr
	prefix  int // of an address in a filter: one more than the prefix's length; 0: none
}

func (r *run) push(v value)          { r.values = append(r.values, v) }
func (r *run) pushNumber(n float64)  { r.values = append(r.values, value{number: n}) }
func (r *run) pushOctets(b []byte)   { r.values = append(r.values, value{octets: b}) }
func (r *run) pop(n int)             { r.values = r.values[:n] }
func (r *run) pushAddr(a netip.Addr) { r.values = append(r.values, value{address: a.Unmap()}) }
func (r *run) pushString(s string) {
	from := len(r.scratch)
	r.scratch = append(r.scratch, s...)
	r.pushOctets(r.scratch[from:])
}

// bytes returns the packet's bytes.
func (r *run) bytes() []byte {
	if r.view.Bytes != nil {
		return r.view.Bytes
	}
	if !r.decoded {
		r.decoded = true
		r.raw, _ = hex.AppendDecode(r.raw[:0], []byte(r.view.Packet.Hex))
	}
	return r.raw
}

// octets returns the bytes of a field, as many as there are.
func (r *run) octets(f *annotate.Field) []byte {
	b := r.bytes()
	from := min(max(f.Offset, 0), len(b))
	return b[from:min(from+max(f.Length, 0), len(b))]
}

func (l *logic) match(r *run) bool {
	switch l.level {
	case levelAnd:
		for _, t := range l.terms {
			if !t.match(r) {
				return false
			}
		}
		return true
	case levelOr:
		for _, t := range l.terms {
			if t.match(r) {
				return true
			}
		}
		return false
	}
	odd := false
	for _, t := range l.terms {
		odd = odd != t.match(r)
	}
	return odd
}

func (n *negation) match(r *run) bool { return !n.term.match(r) }

func (p *present) match(r *run) bool {
	if f, ok := p.of.(*field); ok {
		return r.has(f.FieldInfo)
	}
	base := len(r.values)
	defer r.pop(base)
	p.of.eval(r)
	for _, v := range r.values[base:] {
		if v.number != 0 || len(v.octets) > 0 {
			return true
		}
	}
	return false
}

func (c *comparison) match(r *run) bool {
	base := len(r.values)
	defer r.pop(base)
	c.left.eval(r)
	middle := len(r.values)
	if middle == base {
		return false
	}
	all := c.quantifier == allValues || c.quantifier == byOperator && (c.op == "!=" || c.op == "===")
	typ := c.left.kind()
	if c.regexp != nil {
		for i := base; i < middle; i++ {
			if c.regexp.Match(r.values[i].octets) != all {
				return !all
			}
		}
		return all
	}
	c.right.eval(r)
	if len(r.values) == middle {
		return false
	}
	for i := base; i < middle; i++ {
		for j := middle; j < len(r.values); j++ {
			if r.steps++; r.steps > maxSteps {
				return false
			}
			if c.holds(typ, &r.values[i], &r.values[j]) != all {
				return !all
			}
		}
	}
	return all
}

// holds says whether the comparison is true of two values.
func (c *comparison) holds(typ Type, x, y *value) bool {
	switch c.op {
	case "==", "===":
		return equal(typ, x, y)
	case "!=", "!==":
		return !equal(typ, x, y)
	case "contains":
		return bytes.Contains(x.octets, y.octets)
	case "<":
		return compare(typ, x, y) < 0
	case "<=":
		return compare(typ, x, y) <= 0
	case ">":
		return compare(typ, x, y) > 0
	}
	return compare(typ, x, y) >= 0
}

func equal(typ Type, x, y *value) bool {
	if y.prefix > 0 {
		return netip.PrefixFrom(y.address, y.prefix-1).Contains(x.address)
	}
	return compare(typ, x, y) == 0
}

func compare(typ Type, x, y *value) int {
	switch {
	case typ.numeric():
		switch {
		case x.number < y.number:
			return -1
		case x.number > y.number:
			return 1
		}
		return 0
	case typ == Address:
		return x.address.Compare(y.address)
	}
	if typ == Bytes && len(x.octets) != len(y.octets) { // to Wireshark more bytes are greater
		return len(x.octets) - len(y.octets)
	}
	return bytes.Compare(x.octets, y.octets)
}

func (m *membership) match(r *run) bool {
	base := len(r.values)
	defer r.pop(base)
	m.left.eval(r)
	all := m.quantifier == allValues
	found := all && len(r.values) > base
	for i := base; i < len(r.values); i++ {
		if m.has(&r.values[i]) != all {
			found = !all
			break
		}
	}
	return found != m.not
}

func (m *membership) has(v *value) bool {
	typ := m.left.kind()
	for i := range m.set {
		e := &m.set[i]
		if e.last == nil && equal(typ, v, &e.value.value) ||
			e.last != nil && compare(typ, v, &e.value.value) >= 0 && compare(typ, v, &e.last.value) <= 0 {
			return true
		}
	}
	return false
}

func (l *literal) eval(r *run) { r.push(l.value) }

func (s *slice) eval(r *run) {
	base := len(r.values)
	s.of.eval(r)
	for i := base; i < len(r.values); i++ {
		r.values[i] = value{octets: s.cut(r, r.values[i].octets)}
	}
}

// cut takes the slice's parts of b. If one is not all there the slice is
// empty, as in Wireshark.
func (s *slice) cut(r *run, b []byte) []byte {
	start := len(r.scratch)
	for _, br := range s.ranges {
		from, end := br.resolve(len(b))
		if from < 0 || from >= len(b) || end > len(b) || end <= from {
			return nil
		}
		if len(s.ranges) == 1 {
			return b[from:end]
		}
		r.scratch = append(r.scratch, b[from:end]...)
	}
	return r.scratch[start:]
}

func (br byteRange) resolve(n int) (from, end int) {
	from = br.from
	if from < 0 {
		from += n
	}
	switch {
	case br.length == toPlace:
		end = br.to + 1
		if br.to < 0 {
			end += n
		}
	case br.length == toEnd:
		end = n
	default:
		end = from + br.length
	}
	return from, end
}

func (n *negative) eval(r *run) {
	base := len(r.values)
	n.of.eval(r)
	for i := base; i < len(r.values); i++ {
		r.values[i].number = -r.values[i].number
	}
}

func (c *call) eval(r *run) {
	base := len(r.values)
	for _, of := range c.of {
		of.eval(r)
	}
	if c.compares() {
		c.choose(r, base)
		return
	}
	if c.function == "count" {
		n := len(r.values) - base
		r.pop(base)
		if n > 0 { // in Wireshark a function of a field asks for the field, too
			r.pushNumber(float64(n))
		}
		return
	}
	for i := base; i < len(r.values); i++ {
		v := &r.values[i]
		switch c.function {
		case "len":
			*v = value{number: float64(len(v.octets))}
			continue
		case "abs":
			v.number = math.Abs(v.number)
			continue
		}
		from := len(r.scratch)
		switch c.function {
		case "string":
			if v.address.IsValid() {
				r.scratch = v.address.AppendTo(r.scratch)
			} else {
				r.scratch = strconv.AppendFloat(r.scratch, v.number, 'f', -1, 64)
			}
		default: // as Wireshark does, only the letters of ASCII
			r.scratch = append(r.scratch, v.octets...)
			for j, b := range r.scratch[from:] {
				if c.function == "lower" && 'A' <= b && b <= 'Z' || c.function == "upper" && 'a' <= b && b <= 'z' {
					r.scratch[from+j] = b ^ 0x20
				}
			}
		}
		*v = value{octets: r.scratch[from:]}
	}
}

// choose leaves the greatest or the least of the values from base on, if there are any.
func (c *call) choose(r *run, base int) {
	for i := base + 1; i < len(r.values); i++ {
		if n := compare(c.kind(), &r.values[i], &r.values[base]); n > 0 && c.function == "max" || n < 0 && c.function == "min" {
			r.values[base] = r.values[i]
		}
	}
	r.pop(min(len(r.values), base+1))
}

func (a *arithmetic) eval(r *run) {
	base := len(r.values)
	a.left.eval(r)
	middle := len(r.values)
	a.right.eval(r)
	end := len(r.values)
	for i := base; i < middle; i++ {
		for j := middle; j < end && len(r.values) < maxValues; j++ {
			if n, ok := a.compute(r.values[i].number, r.values[j].number); ok {
				r.pushNumber(n)
			}
		}
	}
	n := copy(r.values[base:], r.values[end:])
	r.pop(base + n)
}

// maxSteps bounds the comparisons of one packet: a hostile SUBSCRIBE has a
// quarter of a million topics, and a filter may compare each with each. What
// would take more is false.
const maxSteps = 1 << 22

// maxValues bounds the products of fields that stand often in a packet.
const maxValues = 1 << 14
