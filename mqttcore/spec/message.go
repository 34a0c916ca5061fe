package spec

import (
	"path"
	"slices"
	"strings"
	"sync"
)

// catalogue holds the message templates of one language.
type catalogue struct {
	once  sync.Once
	texts map[string]*message
	twice []string // keys that stand in more than one file
}

// message is a template and, so that filling it in is only copying, its
// pieces: the text before each placeholder with that placeholder's name, and
// last the text behind them all, with no name.
type message struct {
	text   string
	pieces []piece
}

type piece struct {
	before, name string
	kind         string // of the word that is filled in, if it is one; see wordKinds
	choice       bool
	one, many    string // of a choice
}

func newMessage(text string) *message {
	m := &message{text: text}
	for {
		p, after, ok := placeholder(text)
		if !ok {
			m.pieces = append(m.pieces, piece{before: text})
			return m
		}
		p.kind = wordKinds[p.name]
		m.pieces = append(m.pieces, p)
		text = after
	}
}

// wordKinds are the placeholders that are filled in with words of the
// program's own, as Word's kinds: they are in the language of the text.
var wordKinds = map[string]string{"cause": "cause", "fault": "violation", "format": "format", "property": label, "error": "error"}

// label is the kind of the words that Label translates.
const label = "label"

// Word returns what a thing that has an English name or a slug in the code is
// called in a language: the message "kind.the-name". One that has none is
// called what it is called in the code.
func Word(l Lang, kind, name string) string {
	if kind == label {
		return Label(l, name)
	}
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r > 'z' || !isName(byte(r)) })
	if m, ok := template(l, kind+"."+strings.Join(words, "-")); ok {
		return m.text
	}
	return name
}

var messages = func() map[Lang]*catalogue {
	m := make(map[Lang]*catalogue, len(languages))
	for _, l := range languages {
		m[l.lang] = new(catalogue)
	}
	return m
}()

func (c *catalogue) get(l Lang) map[string]*message {
	c.once.Do(func() {
		c.texts = make(map[string]*message)
		for _, name := range names(path.Join("data", string(l), "messages")) {
			for key, text := range read[map[string]string](name) {
				if _, ok := c.texts[key]; ok {
					c.twice = append(c.twice, key)
				}
				c.texts[key] = newMessage(text)
			}
		}
	})
	return c.texts
}

// Message returns the text of a message with its placeholders filled in. The
// arguments alternate a placeholder's name and its value:
//
//	spec.Message(spec.English, "findings.filter", "filter", "a/#/b")
//
// Beside {n} a template may have {n:byte|bytes}: the first word where the value
// of n is 1, the second for every other. What is filled in for {cause}, {fault},
// {format}, {property} and {error} is a Word.
//
// A key that the language lacks is taken from English. A key that is not in
// the catalogue is returned as "⟦key⟧" with its arguments behind it, so that
// it is seen in a test and is still readable to a user. A placeholder without
// an argument stays as it is.
func Message(l Lang, key string, args ...string) string {
	m, ok := template(l, key)
	switch {
	case !ok:
		return missing(key, args)
	case len(args) == 0 || len(m.pieces) == 1:
		return m.text
	}
	return string(m.fill(make([]byte, 0, len(m.text)+32), l, args))
}

// AppendMessage appends what Message returns.
func AppendMessage(dst []byte, l Lang, key string, args ...string) []byte {
	m, ok := template(l, key)
	if !ok {
		return append(dst, missing(key, args)...)
	}
	return m.fill(dst, l, args)
}

// missing stands for a message that is not in the catalogue. It has a clone of
// the key, so that callers can put one together without allocating it.
func missing(key string, args []string) string {
	return "⟦" + strings.Join(append([]string{strings.Clone(key)}, args...), " ") + "⟧"
}

// HasMessage says whether a key is in the catalogue.
func HasMessage(key string) bool {
	_, ok := template(English, key)
	return ok
}

func template(l Lang, key string) (*message, bool) {
	l = l.known()
	if m := messages[l].get(l)[key]; m != nil {
		return m, true
	}
	m := messages[English].get(English)[key]
	return m, m != nil
}

// Keys lists every message key, sorted.
func Keys() []string {
	texts := messages[English].get(English)
	keys := make([]string, 0, len(texts))
	for key := range texts {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// fill appends a template with its placeholders replaced. A value is never
// read for placeholders itself: it may come from the wire.
func (m *message) fill(dst []byte, l Lang, args []string) []byte {
	for i := range m.pieces {
		p := &m.pieces[i]
		dst = append(dst, p.before...)
		if p.name == "" {
			break
		}
		switch value, ok := argument(args, p.name); {
		case p.choice && value == "1":
			dst = append(dst, p.one...)
		case p.choice:
			dst = append(dst, p.many...)
		case ok && p.kind != "":
			dst = append(dst, Word(l, p.kind, value)...)
		case ok:
			dst = append(dst, value...)
		default:
			dst = append(append(append(dst, '{'), p.name...), '}')
		}
	}
	return dst
}

// argument finds the value of a placeholder.
func argument(args []string, name string) (string, bool) {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return args[i+1], true
		}
	}
	return "", false
}

// placeholder cuts text behind its first {name} or {name:one|many}. A name is
// lower-case letters, digits and underscores; other braces are plain text.
func placeholder(text string) (p piece, after string, ok bool) {
	for from := 0; ; {
		open := strings.IndexByte(text[from:], '{')
		if open < 0 {
			return piece{}, "", false
		}
		open += from
		end := open + 1
		for end < len(text) && isName(text[end]) {
			end++
		}
		if p = (piece{before: text[:open], name: text[open+1 : end]}); p.name != "" && end < len(text) {
			if text[end] == '}' {
				return p, text[end+1:], true
			}
			words, after, closed := strings.Cut(text[end+1:], "}")
			if p.one, p.many, p.choice = strings.Cut(words, "|"); p.choice && closed && text[end] == ':' {
				return p, after, true
			}
		}
		from = open + 1
	}
}

func isName(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_'
}
