package filter

import (
	"slices"
	"strconv"
	"strings"

	"mqttlab/mqttcore/spec"
)

// Completion is something that may stand at the cursor.
type Completion struct {
	Text  string // what to write
	Label string // in English, what it is
	Kind  string // "field", "operator", "function" or "value"
	From  int    // Text replaces the bytes [From, To) of the expression
	To    int

	key   string // of the label, with its arguments
	args  []string
	field *FieldInfo
}

// Describe returns the label in a language.
func (c *Completion) Describe(l spec.Lang) string {
	switch {
	case c.field != nil:
		return c.field.Describe(l)
	case c.key != "":
		return spec.Message(l, c.key, c.args...)
	}
	return c.Label
}

// expectation is what a place in an expression asks for.
type expectation uint8

const (
	wantTest     expectation = iota // a field, a function, not, (, any, all
	wantField                       // a field: the argument of a function
	wantRelation                    // an operator behind a field, or the next term
	wantValue                       // the right side of a comparison
	wantElement                     // a value of a set
	wantMore                        // the next value of a set, or its end
	wantJoint                       // and, or, or a closing parenthesis
)

// cursorState is what the tokens before the cursor lead to.
type cursorState struct {
	want   expectation
	field  *FieldInfo // the one that is compared
	parens int
	calls  []int // the values of parens at which a function's argument ends
}

// step follows one more token.
func (s *cursorState) step(t, next token) {
	switch {
	case t.kind == tokenWord && (t.text == "and" || t.text == "or" || t.text == "xor" || t.text == "not" && s.want != wantRelation) ||
		t.text == "&&" || t.text == "||" || t.text == "^^" || t.text == "!":
		s.want, s.field = wantTest, nil
	case t.text == "not" || t.text == "any" || t.text == "all":
	case t.kind == tokenWord && function(t.text) && next.text == "(":
		s.calls = append(s.calls, s.parens)
	case t.text == "(":
		s.parens++
		s.want = wantTest
		if n := len(s.calls); n > 0 && s.calls[n-1] == s.parens-1 {
			s.want = wantField
		}
	case t.text == ")":
		s.parens--
		s.want = wantJoint
		if n := len(s.calls); n > 0 && s.calls[n-1] >= s.parens {
			s.calls = s.calls[:n-1]
			s.want, s.field = wantRelation, nil
		}
	case t.text == "{" && s.want != wantElement: // around arithmetic
	case t.text == "in":
		s.want = wantElement
	case t.text == "{" || s.want == wantMore && (t.text == "," || t.text == ".."):
		s.want = wantElement
	case t.text == "}":
		s.want = wantJoint
	case t.kind == tokenSlice:
		s.field = nil
	case relations[t.text] != "" && t.kind != tokenString, t.kind == tokenOp:
		s.want = wantValue
	case s.want == wantElement || s.want == wantMore:
		s.want = wantMore
	case s.want == wantValue:
		s.want = wantJoint
	case s.want == wantField:
	default:
		s.want, s.field = wantRelation, registry().byName[t.text]
	}
}

// Complete lists what may stand at the cursor, a place in bytes: fields where
// a field may stand, operators behind it, and the names of its values. The
// word or text that the cursor touches is replaced as a whole.
func Complete(expr string, cursor int) []Completion {
	if len(expr) > MaxLength {
		return nil
	}
	cursor = min(max(cursor, 0), len(expr))
	tokens, err := lex(expr[:cursor])
	from, to := cursor, cursor
	typed := ""
	switch {
	case err != nil && err.Key == "filter.error.quote_open": // inside a text
		from = err.Offset
		typed = strings.TrimLeft(expr[from:cursor], `r"'`)
		if end := strings.IndexByte(expr[cursor:], '"'); end >= 0 {
			to = cursor + end + 1
		}
	case err != nil:
		return nil
	default:
		tokens = tokens[:len(tokens)-1]
		if n := len(tokens); n > 0 && tokens[n-1].to == cursor && tokens[n-1].kind == tokenWord {
			from, typed = tokens[n-1].from, tokens[n-1].text
			tokens = tokens[:n-1]
			to = max(wordEnd(expr, from), cursor)
		}
	}
	var s cursorState
	for i, t := range tokens {
		next := token{}
		if i+1 < len(tokens) {
			next = tokens[i+1]
		}
		s.step(t, next)
	}
	list := s.offers()
	if err != nil { // a text can only be a value
		list = slices.DeleteFunc(list, func(c Completion) bool { return c.Kind != "value" })
		for i := range list {
			if !strings.HasPrefix(list[i].Text, `"`) {
				list[i].Text = quote(list[i].Text)
			}
		}
	}
	list = ranked(list, strings.ToLower(typed))
	for i := range list {
		list[i].From, list[i].To = from, to
		list[i].Label = list[i].Describe(spec.English)
	}
	return list
}

// ranked keeps what goes with what is typed: what begins so first, then what
// holds it.
func ranked(list []Completion, typed string) []Completion {
	var first, then []Completion
	for _, c := range list {
		text := strings.ToLower(strings.Trim(c.Text, `"`))
		switch at := strings.Index(text, typed); {
		case at == 0:
			first = append(first, c)
		case at > 0:
			then = append(then, c)
		}
	}
	return append(first, then...)
}

func (s *cursorState) offers() []Completion {
	switch s.want {
	case wantTest:
		list := append(fieldOffers(nil), functionOffers()...)
		return append(list, operatorOffers("not", "(", "any", "all")...)
	case wantField:
		return fieldOffers(nil)
	case wantRelation:
		return append(s.relationOffers(), s.jointOffers()...)
	case wantValue, wantElement:
		list := valueOffers(s.field)
		if s.field != nil && s.want == wantValue && len(list) == 0 {
			list = fieldOffers(s.field)
		}
		return list
	case wantMore:
		return operatorOffers(",", "..", "}")
	}
	return s.jointOffers()
}

func fieldOffers(like *FieldInfo) (list []Completion) {
	for _, f := range registry().list {
		if like == nil || f != like && f.Type == like.Type {
			list = append(list, Completion{Text: f.Name, Kind: "field", field: f})
		}
	}
	return list
}

func functionOffers() (list []Completion) {
	for _, name := range functionNames {
		list = append(list, Completion{Text: name + "(", Kind: "function", key: "filter.function." + name})
	}
	return list
}

// operatorKeys are the messages that explain operators.
var operatorKeys = map[string]string{
	"==": "equal", "!=": "not_equal", ">": "greater", "<": "less", ">=": "greater_equal", "<=": "less_equal",
	"contains": "contains", "matches": "matches", "in": "in", "not in": "not_in", "&": "bits", "&&": "and", "||": "or",
	"not": "not", "any": "any", "all": "all", ")": "close",
}

func operatorOffers(ops ...string) (list []Completion) {
	for _, op := range ops {
		c := Completion{Text: op, Kind: "operator"}
		if key := operatorKeys[op]; key != "" {
			c.key = "filter.operator." + key
		}
		list = append(list, c)
	}
	return list
}

func (s *cursorState) relationOffers() []Completion {
	switch {
	case s.field == nil:
		return operatorOffers("==", "!=", ">", "<", ">=", "<=")
	case s.field.Type == None:
		return nil
	case s.field.Type.octets():
		return operatorOffers("==", "!=", "contains", "matches", "in", "not in", ">", "<", ">=", "<=")
	case s.field.Type == Number:
		return operatorOffers("==", "!=", ">", "<", ">=", "<=", "in", "not in", "&")
	}
	return operatorOffers("==", "!=", ">", "<", ">=", "<=", "in", "not in")
}

func (s *cursorState) jointOffers() []Completion {
	list := operatorOffers("&&", "||")
	if s.parens > 0 {
		list = append(list, operatorOffers(")")...)
	}
	return list
}

// valueOffers lists the named values of a field.
func valueOffers(f *FieldInfo) (list []Completion) {
	if f == nil {
		return nil
	}
	values := f.Values
	if len(values) == 0 {
		values = f.aliases
	}
	for _, v := range values {
		list = append(list, Completion{
			Text: valueText(v.Name), Kind: "value", key: "filter.value",
			args: []string{"name", v.Name, "value", strconv.Itoa(v.Number)},
		})
	}
	if f.Type == Boolean {
		for _, word := range []string{"True", "False"} {
			list = append(list, Completion{Text: word, Kind: "value", key: "filter.value.boolean." + strings.ToLower(word)})
		}
	}
	return list
}
