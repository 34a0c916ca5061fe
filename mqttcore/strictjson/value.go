package strictjson

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Value is a value of a [Doc], or the lack of one. Reading it as what it is
// not records a mistake and returns the zero of the type; a value that is not
// there reads as the zero without being a mistake.
type Value struct {
	doc *Doc
	n   *node // nil: not there
}

// Given says whether the value is there.
func (v Value) Given() bool { return v.n != nil }

// Null says whether the value is null.
func (v Value) Null() bool { return v.n != nil && v.n.kind == isNull }

// IsObject says whether the value is an object.
func (v Value) IsObject() bool { return v.n != nil && v.n.kind == isObject }

// IsText says whether the value is a string.
func (v Value) IsText() bool { return v.n != nil && v.n.kind == isText }

// Raw returns the value's own text.
func (v Value) Raw() []byte {
	if v.n == nil {
		return nil
	}
	return v.doc.data[v.n.start:v.n.end]
}

// Place returns the line and column where the value begins, from 1.
func (v Value) Place() (line, column int) {
	if v.n == nil {
		return 0, 0
	}
	return v.doc.Place(v.n.start)
}

// Fail records a mistake in the value, if it is the first: a message of the
// catalogue.
func (v Value) Fail(key string, args ...string) {
	if v.n == nil {
		v.doc.fail("", 0, key, args...)
		return
	}
	v.doc.fail(v.n.path, v.n.start, key, args...)
}

// FailBelow records a mistake in a part of the value for which it has no
// Value of its own, such as "will.qos".
func (v Value) FailBelow(path, key string, args ...string) {
	full := v.n.path
	switch {
	case path != "" && full != "" && path[0] != '[':
		full += "." + path
	default:
		full += path
	}
	v.doc.fail(full, v.n.start, key, args...)
}

// FailAt records a mistake at a character of a string, counted from 0 in its
// bytes. (An escape before it makes the column too small by its length.)
func (v Value) FailAt(at int, key string, args ...string) {
	v.doc.fail(v.n.path, v.n.start+1+at, key, args...)
}

func (v Value) is(k kind) bool {
	if v.n == nil {
		return false
	}
	if v.n.kind != k {
		v.Fail("json.kind", "kind", v.n.kind.String(), "wanted", k.String())
		return false
	}
	return true
}

// Text returns a string.
func (v Value) Text() string {
	if !v.is(isText) {
		return ""
	}
	return v.n.value.(string)
}

// Bool returns true or false.
func (v Value) Bool() bool {
	return v.is(isBool) && v.n.value.(bool)
}

// Int returns a whole number from low to high.
func (v Value) Int(low, high int64) int64 {
	if !v.is(isNumber) {
		return 0
	}
	n, err := strconv.ParseInt(string(v.n.value.(json.Number)), 10, 64)
	if err != nil || n < low || n > high {
		v.Fail("json.whole", "value", clip(string(v.n.value.(json.Number))), "low", strconv.FormatInt(low, 10), "high", strconv.FormatInt(high, 10))
		return 0
	}
	return n
}

// Float returns a number from low to high.
func (v Value) Float(low, high float64) float64 {
	if !v.is(isNumber) {
		return 0
	}
	n, err := v.n.value.(json.Number).Float64()
	if err != nil || math.IsNaN(n) || n < low || n > high {
		v.Fail("json.range", "value", clip(string(v.n.value.(json.Number))), "low", decimal(low), "high", decimal(high))
		return 0
	}
	return n
}

// List returns the items of a list of at most so many.
func (v Value) List(most int) []Value {
	if !v.is(isList) {
		return nil
	}
	if len(v.n.items) > most {
		v.Fail("json.many", "items", strconv.Itoa(len(v.n.items)), "most", strconv.Itoa(most))
		return nil
	}
	list := make([]Value, len(v.n.items))
	for i, item := range v.n.items {
		list[i] = Value{v.doc, item}
	}
	return list
}

// Word returns a string that is one of the words.
func (v Value) Word(words ...string) string {
	word := v.Text()
	if v.n != nil && v.n.kind == isText && !slices.Contains(words, word) {
		v.Fail("json.word", "word", strconv.Quote(clip(word)), "words", quoted(words))
		return ""
	}
	return word
}

func quoted(words []string) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = strconv.Quote(w)
	}
	return strings.Join(list, ", ")
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// Object reads a value as an object. Of one that is none every member is
// missing.
func (v Value) Object() *Object {
	o := &Object{Value: v, asked: make(map[string]bool)}
	o.ok = v.is(isObject)
	return o
}

// Object is an object whose members are asked for by name.
type Object struct {
	Value
	ok    bool
	asked map[string]bool
	names []string // asked for, in order
}

// Get returns a member; it may not be there.
func (o *Object) Get(name string) Value {
	if !o.asked[name] {
		o.asked[name] = true
		o.names = append(o.names, name)
	}
	if o.ok {
		for i, k := range o.n.keys {
			if k.name == name {
				return Value{o.doc, o.n.items[i]}
			}
		}
	}
	return Value{doc: o.doc}
}

// Need is Get for a member that must be there.
func (o *Object) Need(name string) Value {
	v := o.Get(name)
	if !v.Given() && o.ok {
		o.Fail("json.missing", "name", strconv.Quote(name))
	}
	return v
}

// Each calls f for every member in the order of the text.
func (o *Object) Each(f func(name string, v Value)) {
	if !o.ok {
		return
	}
	for i, k := range o.n.keys {
		o.asked[k.name] = true
		f(k.name, Value{o.doc, o.n.items[i]})
	}
}

// Done records a mistake if there is a member that nobody asked for.
func (o *Object) Done() {
	if !o.ok {
		return
	}
	for _, k := range o.n.keys {
		if o.asked[k.name] {
			continue
		}
		if near := nearest(k.name, o.names); near != "" {
			o.doc.fail(below(o.n.path, k.name), k.at, "json.meant", "name", strconv.Quote(near))
		} else {
			o.doc.fail(below(o.n.path, k.name), k.at, "json.no-key", "names", quoted(o.names))
		}
		return
	}
}

// nearest returns the name that differs least, if it differs by a slip only.
func nearest(word string, names []string) string {
	best, least := "", 3
	for _, name := range names {
		if d := distance(strings.ToLower(word), name); d < least && d < len(name) {
			best, least = name, d
		}
	}
	return best
}

// distance is how many letters must change to make one word of the other.
func distance(a, b string) int {
	if len(a) > 64 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		above := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := above
			if a[i] != b[j] {
				change++
			}
			above = row[j+1]
			row[j+1] = min(change, row[j]+1, above+1)
		}
	}
	return row[len(b)]
}
