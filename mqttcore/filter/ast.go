package filter

import (
	"math"
	"regexp"
	"slices"
	"strings"
)

// test is a part of a filter that is true or false for a packet.
type test interface {
	match(r *run) bool
	// print writes the test so that it reads as one term beside operators
	// that bind as tight as level.
	print(b *strings.Builder, level int)
}

// operand is a part of a test that has values, none to many for each packet.
type operand interface {
	kind() Type
	// eval appends the values to r.values.
	eval(r *run)
	print(b *strings.Builder)
	place() (from, to int)
}

// span is where an operand stands in the expression.
type span struct{ from, to int }

func (s span) place() (int, int) { return s.from, s.to }

// The levels of operators between tests, loosest first.
const (
	levelOr = iota
	levelXor
	levelAnd
	levelNot
)

// logic joins two or more terms by or, xor or and.
type logic struct {
	level int
	terms []test
}

type negation struct{ term test }

// present asks for a field, a slice that is not empty, a number that is not zero.
type present struct{ of operand }

// quantifier says for how many values a comparison must hold.
type quantifier uint8

const (
	byOperator quantifier = iota
	anyValue
	allValues
)

// comparison compares every value on the left with every one on the right.
type comparison struct {
	quantifier  quantifier
	op          string // the sign
	left, right operand
	regexp      *regexp.Regexp // with ~
}

// membership asks whether a value is in a set.
type membership struct {
	quantifier quantifier
	not        bool
	left       operand
	set        []member
}

// member is one value, or a range from value to last.
type member struct{ value, last *literal }

// field is a field's values.
type field struct {
	span
	*FieldInfo
}

// literal is a value that is written in the filter.
type literal struct {
	span
	token token
	minus bool
	typ   Type
	value value
}

// slice is a part of each value, in bytes.
type slice struct {
	span
	of     operand
	text   string
	ranges []byteRange
}

// byteRange is [from, from+length), negative places counted from the end.
type byteRange struct{ from, to, length int }

// call is a function of the values.
type call struct {
	span
	function string
	of       []operand // one, but for max and min
}

// compares says whether the function chooses among the values of several operands.
func (c *call) compares() bool { return c.function == "max" || c.function == "min" }

// negative is the values with the other sign.
type negative struct {
	span
	of operand
}

// arithmetic is + - * / % &.
type arithmetic struct {
	span
	op          byte
	typ         Type
	left, right operand
}

func (f *field) kind() Type      { return f.Type }
func (l *literal) kind() Type    { return l.typ }
func (*slice) kind() Type        { return Bytes }
func (a *arithmetic) kind() Type { return a.typ }
func (n *negative) kind() Type   { return n.of.kind() }
func (c *call) kind() Type {
	switch c.function {
	case "len", "count":
		return Number
	case "max", "min", "abs":
		for _, of := range c.of {
			if _, ok := of.(*literal); !ok {
				return of.kind()
			}
		}
	}
	return Text
}

var signs = [...]string{levelOr: " || ", levelXor: " ^^ ", levelAnd: " && "}

func (l *logic) print(b *strings.Builder, level int) {
	if l.level < level {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	for i, t := range l.terms {
		if i > 0 {
			b.WriteString(signs[l.level])
		}
		t.print(b, l.level+1)
	}
}

func (n *negation) print(b *strings.Builder, _ int) {
	b.WriteByte('!')
	n.term.print(b, levelNot+1)
}

func (p *present) print(b *strings.Builder, level int) {
	if _, ok := p.of.(*arithmetic); ok && level > levelNot {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	p.of.print(b)
}

func (q quantifier) print(b *strings.Builder) {
	switch q {
	case anyValue:
		b.WriteString("any ")
	case allValues:
		b.WriteString("all ")
	}
}

func (c *comparison) print(b *strings.Builder, level int) {
	if level > levelNot {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	c.quantifier.print(b)
	c.left.print(b)
	b.WriteString(" " + c.op + " ")
	c.right.print(b)
}

func (m *membership) print(b *strings.Builder, level int) {
	if level > levelNot {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	m.quantifier.print(b)
	m.left.print(b)
	if m.not {
		b.WriteString(" not")
	}
	b.WriteString(" in {")
	for i, v := range m.set {
		if i > 0 {
			b.WriteString(", ")
		}
		v.value.print(b)
		if v.last != nil {
			b.WriteString("..")
			v.last.print(b)
		}
	}
	b.WriteByte('}')
}

func (f *field) print(b *strings.Builder) { b.WriteString(f.Name) }

func (l *literal) print(b *strings.Builder) {
	if l.minus {
		b.WriteByte('-')
	}
	b.WriteString(l.token.text)
}

func (s *slice) print(b *strings.Builder) {
	s.of.print(b)
	b.WriteString(s.text)
}

func (c *call) print(b *strings.Builder) {
	b.WriteString(c.function + "(")
	for i, of := range c.of {
		if i > 0 {
			b.WriteString(", ")
		}
		of.print(b)
	}
	b.WriteByte(')')
}

func (n *negative) print(b *strings.Builder) {
	b.WriteByte('-')
	n.of.print(b)
}

func (a *arithmetic) print(b *strings.Builder) {
	a.printSide(b, a.left, a.level())
	b.WriteString(" " + string(a.op) + " ")
	a.printSide(b, a.right, a.level()+1)
}

// level is how tight the operator binds, as in arithmetics.
func (a *arithmetic) level() int {
	return slices.IndexFunc(arithmetics[:], func(ops []string) bool { return slices.Contains(ops, string(a.op)) })
}

// printSide writes an operand, in braces if it binds looser than the level.
func (a *arithmetic) printSide(b *strings.Builder, side operand, level int) {
	if s, ok := side.(*arithmetic); ok && s.level() < level {
		b.WriteByte('{')
		defer b.WriteByte('}')
	}
	side.print(b)
}

// compute works out one operation; ok is false where it has no result.
func (a *arithmetic) compute(x, y float64) (_ float64, ok bool) {
	switch a.op {
	case '+':
		return x + y, true
	case '-':
		return x - y, true
	case '*':
		return x * y, true
	case '/':
		if a.typ == Number { // whole numbers stay whole
			return math.Trunc(x / y), y != 0
		}
		return x / y, y != 0
	case '%':
		return math.Mod(x, y), y != 0
	}
	return float64(int64(x) & int64(y)), true
}
