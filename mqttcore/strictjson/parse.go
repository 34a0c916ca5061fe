package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"mqttlab/mqttcore/spec"
)

// MaxDepth is how deep objects and lists may lie in each other.
const MaxDepth = 32

// Error is a mistake in a JSON text.
type Error struct {
	Path   string // such as "clients[1].name"; "" for the whole text
	Line   int    // of the value or key, from 1
	Column int    // in characters, from 1
	// Key and Args say what is wrong, and what would do, as spec.Message takes them.
	Key  string
	Args []string
}

// Error returns "line 3, column 7: clients[1].name: …".
func (e *Error) Error() string {
	text := e.Text(spec.English)
	if e.Path != "" {
		text = e.Path + ": " + text
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, text)
}

// Text says in a language what is wrong, without the place.
func (e *Error) Text(l spec.Lang) string {
	args := slices.Clone(e.Args)
	for i := 0; i+1 < len(args); i += 2 {
		switch args[i] {
		case "kind", "wanted", "where":
			args[i+1] = spec.Message(l, "json."+args[i+1])
		case "words":
			if last := strings.LastIndex(args[i+1], ", "); last >= 0 {
				args[i+1] = args[i+1][:last] + spec.Message(l, "json.and") + args[i+1][last+2:]
			}
		}
	}
	return spec.Message(l, e.Key, args...)
}

// Doc is a JSON text.
type Doc struct {
	data []byte
	root *node
	err  *Error
	last place // that Place was asked for
}

type place struct{ at, line, column int }

// node is a value of the text.
type node struct {
	path       string
	start, end int // bytes of the text
	kind       kind
	value      any // bool, string or json.Number
	keys       []key
	items      []*node
}

type key struct {
	name string
	at   int
}

type kind uint8

const (
	isNull kind = iota
	isBool
	isNumber
	isText
	isList
	isObject
)

// String returns what comes behind "json." in the key of its name.
func (k kind) String() string {
	return [...]string{"null", "bool", "number", "string", "list", "object"}[k]
}

// Parse reads a text. What is wrong with it is for Err to say.
func Parse(data []byte) *Doc {
	d := &Doc{data: data, root: &node{}}
	if at := invalidUTF8(data); at >= 0 {
		d.fail("", at, "json.utf8")
		return d
	}
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		d.syntax(err)
		return d
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if root := d.value(decoder, "", 0); d.err == nil {
		d.root = root
	}
	return d
}

// Err returns the first mistake that was met, an *Error, or nil.
func (d *Doc) Err() error {
	if d.err == nil {
		return nil
	}
	return d.err
}

// Root returns the text's value.
func (d *Doc) Root() Value { return Value{d, d.root} }

// Place turns an offset in bytes into line and column, from 1.
func (d *Doc) Place(at int) (line, column int) {
	at = min(max(at, 0), len(d.data))
	p := d.last // from which the next one is near, when all are asked for in order
	if at < p.at || p.line == 0 {
		p = place{line: 1, column: 1}
	}
	between := d.data[p.at:at]
	if n := bytes.Count(between, []byte("\n")); n > 0 {
		p.line, p.column = p.line+n, 1
		between = between[bytes.LastIndexByte(between, '\n')+1:]
	}
	p.at, p.column = at, p.column+utf8.RuneCount(between)
	d.last = p
	return p.line, p.column
}

func (d *Doc) fail(path string, at int, key string, args ...string) {
	if d.err != nil {
		return
	}
	line, column := d.Place(at)
	d.err = &Error{Path: path, Line: line, Column: column, Key: key, Args: args}
}

func (d *Doc) syntax(err error) {
	var syntax *json.SyntaxError
	switch {
	case len(bytes.TrimSpace(d.data)) == 0:
		d.fail("", 0, "json.nothing")
	case errors.As(err, &syntax) && strings.HasPrefix(syntax.Error(), "unexpected end"), errors.Is(err, io.ErrUnexpectedEOF):
		d.fail("", len(d.data), "json.ends")
	case errors.As(err, &syntax):
		key, args := Syntax(err)
		d.fail("", int(syntax.Offset)-1, key, args...)
	default:
		d.fail("", 0, "json.bad", "error", err.Error())
	}
}

// Syntax says, as spec.Message takes it, what encoding/json means by a mistake
// in the syntax: "invalid character 'x' after array element".
func Syntax(err error) (key string, args []string) {
	rest, found := strings.CutPrefix(err.Error(), "invalid character ")
	if end := strings.LastIndexByte(rest, '\''); found && end > 0 {
		character, where := rest[:end+1], strings.TrimSpace(rest[end+1:])
		if strings.HasPrefix(where, "in literal") || strings.HasSuffix(where, ")") {
			character, where, _ = strings.Cut(rest, " ")
		}
		for slug, text := range places {
			if strings.HasPrefix(where, text) {
				return "json.invalid", []string{"character", character, "where", "where." + slug}
			}
		}
	}
	return "json.bad", []string{"error", err.Error()}
}

// places are where encoding/json meets characters that do not belong there.
var places = map[string]string{
	"value": "looking for beginning of value", "key": "looking for beginning of object key", "colon": "after object key",
	"pair": "after object key:value pair", "item": "after array element", "top": "after top-level value", "string": "in string literal",
	"escape": "in string escape code", "hex": "in \\u hexadecimal character escape", "number": "in numeric literal",
	"point": "after decimal point in numeric literal", "exponent": "in exponent of numeric literal", "literal": "in literal",
}

// value reads the next value of a text that is known to be JSON.
func (d *Doc) value(decoder *json.Decoder, path string, depth int) *node {
	if depth > MaxDepth {
		d.fail(path, int(decoder.InputOffset()), "json.deep", "most", strconv.Itoa(MaxDepth))
	}
	if d.err != nil {
		return nil
	}
	n := &node{path: path, start: d.next(decoder)}
	token, err := decoder.Token()
	if err != nil {
		d.fail(path, n.start, "json.bad", "error", err.Error()) // a number that no type holds, most likely
		return nil
	}
	switch token := token.(type) {
	case bool:
		n.kind, n.value = isBool, token
	case json.Number:
		n.kind, n.value = isNumber, token
	case string:
		n.kind, n.value = isText, token
	case json.Delim:
		if token == '[' {
			n.kind = isList
			for decoder.More() && d.err == nil {
				n.items = append(n.items, d.value(decoder, path+"["+strconv.Itoa(len(n.items))+"]", depth+1))
			}
		} else {
			n.kind = isObject
			d.members(decoder, n, depth)
		}
		if d.err == nil {
			_, _ = decoder.Token() // the closing one
		}
	}
	n.end = int(decoder.InputOffset())
	return n
}

func (d *Doc) members(decoder *json.Decoder, n *node, depth int) {
	seen := make(map[string]bool)
	for decoder.More() && d.err == nil {
		at := d.next(decoder)
		token, _ := decoder.Token()
		name, _ := token.(string)
		path := below(n.path, name)
		if seen[name] {
			d.fail(path, at, "json.twice")
			return
		}
		seen[name] = true
		n.keys = append(n.keys, key{name, at})
		n.items = append(n.items, d.value(decoder, path, depth+1))
	}
}

// next is where the next token begins.
func (d *Doc) next(decoder *json.Decoder) int {
	at := int(decoder.InputOffset())
	for at < len(d.data) && strings.IndexByte(" \t\r\n,:", d.data[at]) >= 0 {
		at++
	}
	return at
}

// below is the path of an object's member.
func below(path, name string) string {
	plain := name != ""
	for _, r := range name {
		plain = plain && (r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}
	if !plain {
		return path + "[" + strconv.QuoteToASCII(clip(name)) + "]"
	}
	if name = clip(name); path == "" {
		return name
	}
	return path + "." + name
}

// clip shortens what the text's author wrote, for a message.
func clip(s string) string {
	const most = 40
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}

// invalidUTF8 returns where a text stops being UTF-8, or -1.
func invalidUTF8(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	at := 0
	for at < len(b) {
		r, size := utf8.DecodeRune(b[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}
