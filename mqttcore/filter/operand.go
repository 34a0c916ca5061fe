package filter

import (
	"slices"
	"strconv"
	"strings"
)

// functionNames are the functions that are understood.
var functionNames = []string{"len", "count", "lower", "upper", "string", "max", "min", "abs"}

func function(name string) bool { return slices.Contains(functionNames, name) }

// operand reads values joined by &, which binds loosest.
func (p *parser) operand() (operand, *Error) {
	return p.joined(0)
}

// arithmetics are the operators of arithmetic by level, loosest first.
var arithmetics = [...][]string{{"&", "bitwise_and"}, {"+", "-"}, {"*", "/", "%"}}

func (p *parser) joined(level int) (operand, *Error) {
	if level == len(arithmetics) {
		return p.primary()
	}
	left, err := p.joined(level + 1)
	if err != nil {
		return nil, err
	}
	for n := 0; ; n++ {
		op := p.peek()
		if !p.is(arithmetics[level]...) {
			return left, nil
		}
		if n == maxDepth {
			return nil, mistake(op.from, op.to, "filter.error.deep", "most", strconv.Itoa(maxDepth))
		}
		right, err := p.joined(level + 1)
		if err != nil {
			return nil, err
		}
		if left, err = p.calculate(left, op, right); err != nil {
			return nil, err
		}
	}
}

func (p *parser) calculate(left operand, op token, right operand) (operand, *Error) {
	from, _ := left.place()
	_, to := right.place()
	a := &arithmetic{span: span{from, to}, op: op.text[0], typ: Number, left: left, right: right}
	if op.text == "bitwise_and" {
		a.op = '&'
	}
	if l, ok := left.(*literal); ok && l.token.kind == tokenWord && !startsNumber(l.token.text) {
		// A text without quotes, such as a/b.
		end := to + strings.IndexAny(p.src[to:]+" ", " \t\r\n)")
		return nil, mistake(from, end, "filter.error.not_number", "have", l.token.text, "operator", op.text).suggest(quote(p.src[from:end]))
	}
	if l, ok := left.(*literal); ok && l.token.kind == tokenString && a.op == '&' {
		return nil, mistake(op.from, op.to, "filter.error.operator", "have", op.text, "want", "&&").suggest("&&")
	}
	for i, side := range []operand{left, right} {
		if l, ok := side.(*literal); ok && l.typ == "" {
			other := right
			if i == 1 {
				other = left
			}
			if _, both := other.(*literal); both {
				other = number
			}
			if err := p.bind(l, other); err != nil {
				if other == number {
					return nil, mistake(l.from, l.to, "filter.error.not_number", "have", p.src[l.from:l.to], "operator", op.text)
				}
				return nil, err
			}
		}
		sfrom, sto := side.place()
		if t := side.kind(); !t.numeric() {
			return nil, mistake(sfrom, sto, "filter.error.not_number", "have", p.src[sfrom:sto], "operator", op.text)
		} else if t == Seconds {
			a.typ = Seconds
		}
	}
	return a, nil
}

// number stands for the other side where both sides are values.
var number operand = &literal{typ: Number}

// primary reads a field, a value or a function, with slices behind it.
func (p *parser) primary() (operand, *Error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	o, err := p.atom()
	for err == nil && p.peek().kind == tokenSlice {
		o, err = p.slice(o)
	}
	return o, err
}

func (p *parser) atom() (operand, *Error) {
	t := p.peek()
	switch t.kind {
	case tokenString, tokenChar:
		p.next++
		return &literal{span: span{t.from, t.to}, token: t}, nil
	case tokenWord:
		after := p.tokens[p.next+1]
		switch {
		case after.text == "(" && !keyword(t.text):
			return p.call()
		case registry().byName[t.text] != nil:
			p.next++
			return &field{span{t.from, t.to}, registry().byName[t.text]}, nil
		case keyword(t.text):
			return nil, mistake(t.from, t.to, "filter.error.operand", "have", t.text)
		case strings.HasPrefix(t.text, "mqtt.") || strings.HasPrefix(t.text, "mqttlab."):
			return nil, p.unknown(t)
		}
		p.next++
		return &literal{span: span{t.from, t.to}, token: t}, nil
	case tokenEnd:
		return nil, mistake(t.from, t.to, "filter.error.ends")
	}
	switch t.text {
	case "-", "+":
		return p.signed()
	case "{":
		return p.braced()
	}
	return nil, mistake(t.from, t.to, "filter.error.operand", "have", t.text)
}

// signed reads what has a sign in front: a number, or a field whose values change theirs.
func (p *parser) signed() (operand, *Error) {
	sign, v := p.take(), p.peek()
	minus := sign.text == "-"
	if v.kind == tokenWord && startsNumber(v.text) {
		p.next++
		return &literal{span: span{sign.from, v.to}, token: v, minus: minus}, nil
	}
	if v.kind != tokenWord {
		return nil, mistake(sign.from, sign.to, "filter.error.operand", "have", sign.text)
	}
	of, err := p.primary()
	if err != nil {
		return nil, err
	}
	from, to := of.place()
	if kind := of.kind(); kind != Number && kind != Seconds {
		return nil, mistake(from, to, "filter.error.not_number", "have", p.src[from:to], "operator", sign.text)
	}
	if !minus {
		return of, nil
	}
	return &negative{span{sign.from, to}, of}, nil
}

// braced reads arithmetic in braces.
func (p *parser) braced() (operand, *Error) {
	open := p.take()
	of, err := p.operand()
	if err != nil {
		return nil, err
	}
	if !p.is("}") {
		if p.peek().kind != tokenEnd {
			return nil, p.end()
		}
		return nil, mistake(open.from, len(p.src), "filter.error.brace_open").suggest(strings.TrimRight(p.src[open.from:], " ") + "}")
	}
	return of, nil
}

func (p *parser) call() (operand, *Error) {
	t, open := p.take(), p.take()
	if !function(t.text) {
		err := mistake(t.from, t.to, "filter.error.function", "have", t.text)
		if near := nearest(t.text, functionNames); near != "" {
			err.suggest(near)
		}
		return nil, err
	}
	c := &call{function: t.text}
	for {
		read := p.primary
		if c.compares() || t.text == "abs" {
			read = p.operand
		}
		of, err := read()
		if err != nil {
			return nil, err
		}
		c.of = append(c.of, of)
		if !c.compares() || !p.is(",") {
			break
		}
	}
	end := p.peek()
	if !p.is(")") {
		if end.kind != tokenEnd {
			return nil, mistake(end.from, end.to, "filter.error.argument", "function", t.text)
		}
		return nil, mistake(open.from, len(p.src), "filter.error.paren_open").suggest(strings.TrimRight(p.src[open.from:], " ") + ")")
	}
	c.span = span{t.from, end.to}
	return c, p.arguments(c)
}

// arguments checks what a function is to be taken of. Those of max and min are of one type; one of them at least is no
// value that is written in the filter.
func (p *parser) arguments(c *call) *Error {
	var first operand
	for _, of := range c.of {
		if _, ok := of.(*literal); !ok {
			first = of
			break
		}
	}
	for _, of := range c.of {
		from, to := of.place()
		misfit := mistake(from, to, "filter.error.argument_type", "function", c.function, "have", p.src[from:to])
		if first == nil {
			return misfit
		}
		l, written := of.(*literal)
		if written && l.token.kind == tokenString {
			return misfit
		}
		if written {
			if err := p.bind(l, first); err != nil {
				return err
			}
		}
		fits := false
		switch kind := of.kind(); c.function {
		case "count":
			_, fits = of.(*field)
		case "len", "lower", "upper":
			fits = kind.octets()
		case "string":
			fits = kind.numeric() || kind == Address
		case "abs":
			fits = kind.numeric()
		default:
			fits = kind == first.kind() && kind != None
		}
		if !fits {
			return misfit
		}
	}
	return nil
}

// The lengths of ranges whose end is given otherwise.
const (
	toPlace = -1
	toEnd   = -2
)

// slice reads [i:j], [i-j], [i], [:j], [i:] and lists of them.
func (p *parser) slice(of operand) (operand, *Error) {
	t := p.take()
	from, _ := of.place()
	if !of.kind().octets() {
		return nil, mistake(t.from, t.to, "filter.error.slice_type", "have", p.src[from:t.from]).suggest("")
	}
	if _, ok := of.(*literal); ok {
		return nil, mistake(t.from, t.to, "filter.error.slice_type", "have", p.src[from:t.from]).suggest("")
	}
	s := &slice{span: span{from, t.to}, of: of, text: t.text}
	for _, part := range strings.Split(t.text[1:len(t.text)-1], ",") {
		r, ok := parseRange(strings.TrimSpace(part))
		if !ok {
			return nil, mistake(t.from, t.to, "filter.error.slice", "have", t.text)
		}
		s.ranges = append(s.ranges, r)
	}
	return s, nil
}

func parseRange(s string) (r byteRange, ok bool) {
	if from, length, found := strings.Cut(s, ":"); found {
		from, length = strings.TrimSpace(from), strings.TrimSpace(length)
		if r.from, ok = place(from); !ok && from != "" {
			return r, false
		}
		if length == "" {
			r.length = toEnd
			return r, from != ""
		}
		r.length, ok = place(length)
		return r, ok && r.length > 0
	}
	if i := strings.IndexByte(s[min(1, len(s)):], '-') + 1; i > 0 {
		var ok2 bool
		r.from, ok = place(strings.TrimSpace(s[:i]))
		r.to, ok2 = place(strings.TrimSpace(s[i+1:]))
		r.length = toPlace
		return r, ok && ok2 && r.to >= r.from
	}
	r.from, ok = place(s)
	r.length = 1
	return r, ok
}

// place reads a small whole number.
func place(s string) (int, bool) {
	n, err := strconv.ParseInt(s, 0, 31)
	return int(n), err == nil
}

// startsNumber says whether a word can only be a number or bytes.
func startsNumber(s string) bool { return s != "" && '0' <= s[0] && s[0] <= '9' }
