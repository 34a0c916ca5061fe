package hexdump

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ascii is a text with the look-alikes of ASCII characters written as ASCII, without what cannot be
// seen, so that no reader has to know them.
type ascii struct {
	text string
	// Character i of text came from [from[i], to[i]) of the text as it was pasted; nil if there was
	// nothing to do.
	from, to []int
	codes    []Range // terminal control sequences, in the text as pasted
}

// inASCII writes a text as ASCII readers expect it: full-width digits and letters of East Asian input
// methods, spaces, dashes and quotes of browsers and word processors become what was meant; byte order
// marks, zero-width characters and a terminal's colour codes go.
func inASCII(text string) ascii {
	a := ascii{text: text}
	if !needsASCII(text) {
		return a
	}
	var b strings.Builder
	// omit leaves out text[from:to]. After a byte that may be half a character a space stays, lest it become
	// a whole one with what follows.
	omit := func(from, to int) {
		if s := b.String(); s != "" && s[len(s)-1] >= utf8.RuneSelf {
			b.WriteByte(' ')
			a.from, a.to = append(a.from, from), append(a.to, to)
		}
	}
	for i := 0; i < len(text); {
		if n := terminalCode(text[i:]); n > 0 {
			a.codes = append(a.codes, Range{i, i + n})
			omit(i, i+n)
			i += n
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		r, kept := plainRune(r)
		switch {
		case !kept:
			omit(i, i+size)
		case r < utf8.RuneSelf && size > 1:
			b.WriteByte(byte(r))
			a.from, a.to = append(a.from, i), append(a.to, i+size)
		default:
			b.WriteString(text[i : i+size])
			for k := range size {
				a.from, a.to = append(a.from, i+k), append(a.to, i+k+1)
			}
		}
		i += size
	}
	a.text = b.String()
	a.from = append(a.from, len(text))
	return a
}

func needsASCII(text string) bool {
	for i, r := range text {
		switch {
		case r == '[' || r == '\x1b':
			if terminalCode(text[i:]) > 0 {
				return true
			}
		case r >= utf8.RuneSelf:
			if p, kept := plainRune(r); !kept || p != r {
				return true
			}
		}
	}
	return false
}

// plainRune is the ASCII character that a look-alike stands for; kept is false for what cannot be seen.
func plainRune(r rune) (plain rune, kept bool) {
	switch {
	case r < utf8.RuneSelf || r == utf8.RuneError:
		return r, true
	case '０' <= r && r <= '９', 'Ａ' <= r && r <= 'Ｚ', 'ａ' <= r && r <= 'ｚ':
		return r - '０' + '0', true
	case r == '\u2028' || r == '\u2029':
		return '\n', true
	case unicode.Is(unicode.Zs, r) && r != '\u3000': // Chinese text separates its words by that one
		return ' ', true
	case unicode.Is(unicode.Cf, r):
		return r, false
	case '\u2010' <= r && r <= '\u2012':
		return '-', true
	case r == '\u2018' || r == '\u2019':
		return '\'', true
	case r == '\u201c' || r == '\u201d':
		return '"', true
	}
	return r, true
}

// terminalCode is the length of the colour code that s begins with, also of one whose escape character was lost
// in copying ("[0;32m"), or 0.
func terminalCode(s string) int {
	i := 0
	if strings.HasPrefix(s, "\x1b") {
		i++
	}
	if i >= len(s) || s[i] != '[' {
		return 0
	}
	from := i + 1
	for i = from; i < len(s) && i-from < 16 && (isDecimal(s[i]) || s[i] == ';'); i++ {
	}
	if i == len(s) || s[i] != 'm' && (from == 1 || s[i] != 'K') || from == 1 && i == from {
		return 0
	}
	return i + 1
}

// pasted moves all ranges of readings to the text as it was pasted.
func (a ascii) pasted(rs []Reading) []Reading {
	if a.from == nil {
		return rs
	}
	back := func(r Range) Range {
		if r.From >= r.To {
			return Range{a.from[r.From], a.from[r.From]}
		}
		return Range{a.from[r.From], a.to[r.To-1]}
	}
	for k := range rs {
		r := &rs[k]
		for i := range r.Source {
			r.Source[i] = back(r.Source[i])
		}
		for i := range r.Problems {
			r.Problems[i].Range = back(r.Problems[i].Range)
		}
		r.Skipped = a.withCodes(r.Skipped, back)
	}
	return rs
}

// withCodes moves the notes of a reading and puts those of terminal codes between them, cutting a note
// that such a code interrupts.
func (a ascii) withCodes(notes []Note, back func(Range) Range) []Note {
	var out []Note
	codes := a.codes
	code := func() {
		out = append(out, Note{Range: codes[0], Code: "terminal-code"})
		codes = codes[1:]
	}
	for _, n := range notes {
		n.Range = back(n.Range)
		for len(codes) > 0 && codes[0].From < n.To {
			if before := n; codes[0].From > n.From {
				before.To = codes[0].From
				out = append(out, before)
			}
			n.From = max(n.From, codes[0].To)
			code()
		}
		out = append(out, n)
	}
	for len(codes) > 0 {
		code()
	}
	return bound(out, maxSkipped, "more-skipped")
}
