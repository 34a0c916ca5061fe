package filter

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"mqttlab/mqttcore/packet"
)

// The bounds of what is read; whoever needs more has not typed it.
const (
	MaxLength = 8192 // bytes
	maxDepth  = 64   // of parentheses, functions and negations
	// maxPatterns bounds the states of all regular expressions together:
	// matching takes time in proportion to them and the payload.
	maxPatterns = 2000
)

// Parse reads an expression. An error is always an *Error. The empty
// expression is a filter that every packet passes.
func Parse(expr string) (*Filter, error) {
	if len(expr) > MaxLength {
		return nil, mistake(MaxLength, len(expr), "filter.error.long", "most", strconv.Itoa(MaxLength))
	}
	tokens, err := lex(expr)
	if err != nil {
		return nil, err
	}
	p := &parser{src: expr, tokens: tokens}
	if p.peek().kind == tokenEnd {
		return &Filter{}, nil
	}
	root, err := p.tests(levelOr)
	if err == nil {
		err = p.end()
	}
	if err != nil {
		return nil, err
	}
	return &Filter{root}, nil
}

// parser reads tokens by recursive descent; each method reads one rule of
// the grammar.
type parser struct {
	src    string
	tokens []token
	next   int
	depth  int
	// patterns counts the states of the regular expressions so far.
	patterns int
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) take() token {
	t := p.tokens[p.next]
	if t.kind != tokenEnd {
		p.next++
	}
	return t
}

// is says whether the next token is the sign or word, and takes it.
func (p *parser) is(texts ...string) bool {
	t := p.peek()
	if (t.kind == tokenOp || t.kind == tokenWord) && slices.Contains(texts, t.text) {
		p.next++
		return true
	}
	return false
}

func (p *parser) deeper() *Error {
	if p.depth++; p.depth > maxDepth {
		t := p.peek()
		return mistake(t.from, t.to, "filter.error.deep", "most", strconv.Itoa(maxDepth))
	}
	return nil
}

// end blames what is left behind a whole expression.
func (p *parser) end() *Error {
	t := p.peek()
	switch {
	case t.kind == tokenEnd:
		return nil
	case t.text == ")":
		return mistake(t.from, t.to, "filter.error.paren_close").suggest("")
	case t.kind == tokenWord && keyword(strings.ToLower(t.text)) && !keyword(t.text):
		lower := strings.ToLower(t.text)
		return mistake(t.from, t.to, "filter.error.case", "have", t.text, "want", lower).suggest(lower)
	case t.kind == tokenWord && wordOperators[strings.ToLower(t.text)] != "":
		want := wordOperators[strings.ToLower(t.text)]
		return mistake(t.from, t.to, "filter.error.operator", "have", t.text, "want", want).suggest(want)
	case t.kind == tokenWord && (p.startsTest(t) || t.text == "not") || t.text == "(" || t.text == "!":
		return mistake(t.from, t.from, "filter.error.and_missing", "have", t.text).suggest("&& ")
	case t.kind == tokenWord:
		if near := nearest(t.text, keywords); near != "" {
			return mistake(t.from, t.to, "filter.error.unexpected", "have", t.text).suggest(near)
		}
	}
	return mistake(t.from, t.to, "filter.error.unexpected", "have", t.text)
}

// wordOperators are words of other languages for operators.
var wordOperators = map[string]string{
	"equals": "==", "is": "==", "like": "contains", "has": "contains", "includes": "contains", "regex": "matches", "regexp": "matches",
	"match": "matches",
}

var keywords = []string{
	"and", "or", "xor", "not", "eq", "ne", "gt", "lt", "ge", "le", "contains", "matches", "in", "any", "all",
	"any_eq", "all_eq", "any_ne", "all_ne", "bitwise_and",
}

func keyword(s string) bool { return slices.Contains(keywords, s) }

func (p *parser) startsTest(t token) bool {
	return registry().byName[t.text] != nil || function(t.text) || t.text == "any" || t.text == "all"
}

// joints are the operators of each level.
var joints = [...][]string{levelOr: {"||", "or"}, levelXor: {"^^", "xor"}, levelAnd: {"&&", "and"}}

// tests reads terms joined at a level or a tighter one.
func (p *parser) tests(level int) (test, *Error) {
	if level == levelNot {
		return p.negation()
	}
	var terms []test
	for {
		t, err := p.tests(level + 1)
		if err != nil {
			return nil, err
		}
		terms = append(terms, t)
		if !p.is(joints[level]...) {
			break
		}
	}
	if len(terms) == 1 {
		return terms[0], nil
	}
	return &logic{level, terms}, nil
}

func (p *parser) negation() (test, *Error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	if p.is("!", "not") {
		t, err := p.negation()
		if err != nil {
			return nil, err
		}
		return &negation{t}, nil
	}
	open := p.peek()
	if !p.is("(") {
		return p.test()
	}
	t, err := p.tests(levelOr)
	if err != nil {
		return nil, err
	}
	if p.is(")") {
		return t, nil
	}
	if p.peek().kind != tokenEnd {
		return nil, p.end()
	}
	rest := strings.TrimRight(p.src[open.from:], " \t\r\n")
	return nil, mistake(open.from, len(p.src), "filter.error.paren_open").suggest(rest + ")")
}

// relations maps each spelling of a comparison to the sign.
var relations = map[string]string{
	"==": "==", "eq": "==", "any_eq": "==", "!=": "!=", "ne": "!=", "all_ne": "!=",
	"===": "===", "all_eq": "===", "!==": "!==", "any_ne": "!==", "~=": "!==",
	">": ">", "gt": ">", "<": "<", "lt": "<", ">=": ">=", "ge": ">=", "<=": "<=", "le": "<=",
	"contains": "contains", "matches": "~", "~": "~",
}

// test reads a comparison, a membership or a field alone.
func (p *parser) test() (test, *Error) {
	q := byOperator
	if p.is("any") {
		q = anyValue
	} else if p.is("all") {
		q = allValues
	}
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	op := p.peek()
	sign := ""
	if op.kind == tokenOp || op.kind == tokenWord {
		sign = relations[op.text]
	}
	if sign != "" {
		p.next++
		return p.compare(q, left, op, sign)
	}
	if l, ok := left.(*literal); ok {
		return nil, p.lonely(l)
	}
	not := p.peek().text == "not" && p.tokens[p.next+1].text == "in"
	if not {
		p.next++
	}
	if p.is("in") {
		return p.membership(q, left, not)
	}
	from, to := left.place()
	switch {
	case p.peek().kind != tokenEnd && p.peek().text != ")" && !slices.Contains([]string{"&&", "and", "||", "or", "^^", "xor"}, p.peek().text):
		return nil, p.end()
	case q != byOperator:
		return nil, mistake(from, to, "filter.error.quantifier")
	}
	if c, ok := left.(*call); ok {
		return nil, mistake(from, to, "filter.error.function_alone", "function", c.function).suggest(p.src[from:to] + " > 0")
	}
	return &present{left}, nil
}

// lonely blames a value that is compared with nothing.
func (p *parser) lonely(l *literal) *Error {
	if t := p.peek(); t.text == "in" {
		return mistake(l.from, l.to, "filter.error.left", "have", p.src[l.from:l.to])
	}
	if l.token.kind == tokenWord {
		return p.unknown(l.token)
	}
	return mistake(l.from, l.to, "filter.error.value_alone", "have", p.src[l.from:l.to])
}

// unknown blames a word that is no field.
func (p *parser) unknown(t token) *Error {
	lower := strings.ToLower(t.text)
	if kind, ok := packet.ParseType(strings.ToUpper(strings.TrimPrefix(lower, "mqtt."))); ok {
		want := packet.FieldType.Name() + " == " + kind.String()
		return mistake(t.from, t.to, "filter.error.type_alone", "have", t.text, "want", want).suggest(want)
	}
	if near := nearestField(t.text); near != "" {
		return mistake(t.from, t.to, "filter.error.field_near", "have", t.text, "want", near).suggest(near)
	}
	if keyword(lower) {
		if lower == t.text {
			return mistake(t.from, t.to, "filter.error.operand", "have", t.text)
		}
		return mistake(t.from, t.to, "filter.error.case", "have", t.text, "want", lower).suggest(lower)
	}
	return mistake(t.from, t.to, "filter.error.field", "have", t.text)
}

func (p *parser) compare(q quantifier, left operand, op token, sign string) (test, *Error) {
	if t := p.peek(); sign == "~" && t.kind != tokenString && t.kind != tokenEnd {
		return nil, bare(p.src, t.from)
	}
	right, err := p.operand()
	if err != nil {
		return nil, err
	}
	from, to := left.place()
	if l, ok := left.(*literal); ok {
		return nil, p.swapped(l, op, sign, right)
	}
	c := &comparison{quantifier: q, op: sign, left: left, right: right}
	have := left.kind()
	if have == None {
		instead := p.src[from:to]
		if sign == "contains" || sign == "~" {
			instead = "mqtt" // the packet, which is what there is of a frame
		}
		return nil, mistake(from, to, "filter.error.no_value", "field", p.src[from:to]).suggest(instead)
	}
	if (sign == "~" || sign == "contains") && !have.octets() {
		err := mistake(from, to, "filter.error.not_text", "field", p.src[from:to], "operator", op.text)
		if f, ok := left.(*field); ok {
			err.suggest("string(" + f.Name + ")")
		}
		return nil, err
	}
	if sign == "~" {
		return p.pattern(c)
	}
	if l, ok := right.(*literal); ok {
		if err := p.bind(l, left); err != nil {
			return nil, err
		}
		return c, p.wholeByte(c, l)
	}
	rfrom, rto := right.place()
	if want := right.kind(); want != have && !(want.numeric() && have.numeric()) && !(isSlice(left) && want.octets()) && !(isSlice(right) && have.octets()) {
		return nil, mistake(rfrom, rto, "filter.error.types", "left", p.src[from:to], "right", p.src[rfrom:rto])
	}
	return c, nil
}

// wholeByte blames mqtt.msgtype == 0x30: the type is the high half of that
// byte, so Wireshark would silently find nothing.
func (p *parser) wholeByte(c *comparison, l *literal) *Error {
	f, ok := c.left.(*field)
	if !ok || f.Name != packet.FieldType.Name() || c.op != "==" || l.value.number < 16 {
		return nil
	}
	err := mistake(l.from, l.to, "filter.error.type_half", "have", p.src[l.from:l.to])
	// 30 is meant as 0x30, too.
	if b, e := strconv.ParseUint(strings.TrimPrefix(l.token.text, "0x"), 16, 8); e == nil && b >= 16 {
		err.suggest(packet.Type(b >> 4).String())
	}
	return err
}

func isSlice(o operand) bool {
	_, ok := o.(*slice)
	return ok
}

// mirrored are the comparisons that say the same with sides exchanged.
var mirrored = map[string]string{
	"==": "==", "!=": "!=", "===": "===", "!==": "!==", ">": "<", "<": ">", ">=": "<=", "<=": ">=",
}

// swapped blames a value on the left of a comparison.
func (p *parser) swapped(l *literal, op token, sign string, right operand) *Error {
	if l.token.kind == tokenWord && !startsNumber(l.token.text) {
		return p.unknown(l.token)
	}
	from, to := right.place()
	if _, ok := right.(*literal); ok || mirrored[sign] == "" {
		return mistake(l.from, l.to, "filter.error.left", "have", p.src[l.from:l.to])
	}
	return mistake(l.from, to, "filter.error.left", "have", p.src[l.from:l.to]).
		suggest(p.src[from:to] + " " + mirrored[sign] + " " + p.src[l.from:l.to])
}

func (p *parser) pattern(c *comparison) (test, *Error) {
	from, to := c.right.place()
	l, ok := c.right.(*literal)
	if !ok || l.token.kind != tokenString {
		return nil, mistake(from, to, "filter.error.pattern").suggest(quote(p.src[from:to]))
	}
	pattern := "(?i)" + l.token.value
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err == nil {
		if p.patterns += states(tree); p.patterns > maxPatterns {
			return nil, mistake(from, to, "filter.error.regexp_large")
		}
		c.regexp, err = regexp.Compile(pattern)
	}
	if err != nil {
		return nil, mistake(from, to, "filter.error.regexp", "why", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	l.typ = Text
	return c, nil
}

// states counts the states of a regular expression's program. One that is far
// too large is not made to be counted: x{1000} takes a thousand times the
// memory of x.
func states(re *syntax.Regexp) int {
	if n := unfolded(re); n > 2*maxPatterns {
		return n
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return 2 * maxPatterns
	}
	return len(prog.Inst)
}

// unfolded is about how many states there are once repetitions are written out.
func unfolded(re *syntax.Regexp) int {
	n := 1
	if re.Op == syntax.OpLiteral {
		n = len(re.Rune)
	}
	for _, sub := range re.Sub {
		n += unfolded(sub)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min, re.Max, 1)
	}
	return min(n, 1<<24) // and the product with the next repetition is an int
}

func (p *parser) membership(q quantifier, left operand, not bool) (test, *Error) {
	from, to := left.place()
	if left.kind() == None {
		return nil, mistake(from, to, "filter.error.no_value", "field", p.src[from:to])
	}
	m := &membership{quantifier: q, not: not, left: left}
	open := p.peek()
	if !p.is("{") {
		err := mistake(open.from, open.to, "filter.error.set")
		if open.kind == tokenWord || open.kind == tokenString {
			err.suggest("{" + open.text + "}")
		}
		return nil, err
	}
	for {
		var e member
		var err *Error
		if e.value, err = p.element(left); err != nil {
			return nil, err
		}
		if p.is("..") {
			if e.last, err = p.element(left); err != nil {
				return nil, err
			}
		}
		m.set = append(m.set, e)
		p.is(",")
		switch t := p.peek(); {
		case p.is("}"):
			return m, nil
		case t.kind == tokenEnd:
			rest := strings.TrimRight(p.src[open.from:], " ,\t\r\n")
			return nil, mistake(open.from, len(p.src), "filter.error.brace_open").suggest(rest + "}")
		}
	}
}

// element reads one value of a set.
func (p *parser) element(left operand) (*literal, *Error) {
	t := p.peek()
	minus := p.is("-")
	if t = p.take(); t.kind == tokenEnd || t.kind == tokenOp || t.kind == tokenSlice {
		return nil, mistake(t.from, t.to, "filter.error.value_missing")
	}
	l := &literal{span: span{t.from, t.to}, token: t, minus: minus}
	return l, p.bind(l, left)
}
