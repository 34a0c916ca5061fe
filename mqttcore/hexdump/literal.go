package hexdump

import (
	"strings"
	"unicode/utf8"
)

// literal is a quoted string in source code, or an unquoted run with escapes.
type literal struct {
	Range          // with prefix and quotes
	body    Range  // without
	prefix  string // letters before the quote, such as b
	quote   byte   // 0 if unquoted
	escapes int    // \x.., octal and \u escapes in it
	open    bool   // the closing quote is missing
}

// dialect says how digits behind a backslash are read.
type dialect int

const (
	common  dialect = iota // \ddd are up to three octal digits
	echo                   // \0 takes three more, as the shell's echo -e does
	decimal                // \ddd is decimal
	nul                    // \0 stands alone, as in Rust
)

// cutLiterals finds the quoted strings of a text. A quote that is an apostrophe or not closed on its
// line counts as no quote unless it begins with an escape.
func cutLiterals(in *input) []literal {
	var out []literal
	t := in.text
	failed := map[byte]int{} // where the search for a closing quote gave up, so as not to repeat it
	for i := 0; i < len(t); i++ {
		q := t[i]
		if q != '"' && q != '\'' && q != '`' || i < failed[q] {
			continue
		}
		from := i
		for from > 0 && i-from < 3 && (isLetter(t[from-1]) || t[from-1] == '$') {
			from--
		}
		if from > 0 && i-from > 0 && isWordByte(t[from-1]) {
			continue // an apostrophe
		}
		l := literal{prefix: strings.ToLower(t[from:i]), quote: q, body: Range{i + 1, i + 1}}
		if triple := t[i:min(i+3, len(t))]; triple == `"""` || triple == "'''" { // Python, Java, Kotlin: over several lines
			if n := strings.Index(t[i+3:], triple); n >= 0 {
				l.body = Range{i + 3, i + 3 + n}
				l.Range = Range{from, l.body.To + 3}
				l.escapes = strings.Count(in.at(l.body), `\x`)
				out = append(out, l)
				i = l.To - 1
				continue
			}
		}
		j := i + 1
		for j < len(t) && t[j] != q && t[j] != '\n' {
			if t[j] == '\\' && j+1 < len(t) {
				if c := t[j+1]; c == 'x' || c == 'u' || '0' <= c && c <= '7' {
					l.escapes++
				}
				if t[j+1] == '\n' || t[j+1] == '\r' && j+2 < len(t) && t[j+2] == '\n' {
					j = j + strings.IndexByte(t[j:], '\n')
					j++
					continue
				}
				j++
			}
			j++
		}
		j = min(j, len(t))
		l.body.To, l.Range = j, Range{from, j}
		if j == len(t) || t[j] != q {
			if l.escapes == 0 {
				failed[q] = j
				continue
			}
			l.open = true
		} else {
			l.To++
		}
		if inner, ok := nested(t, l); ok {
			out = append(out, inner)
			i = l.To - 1
			continue
		}
		out = append(out, l)
		i = l.To - 1
	}
	return out
}

// beside reports whether a character stands beside its number, as in gdb's 77 'M'.
func (l literal) beside(in *input) bool {
	t := in.text[:l.From]
	return l.quote == '\'' && len(t) > 1 && t[len(t)-1] == ' ' && isDecimal(t[len(t)-2])
}

// nested is the string inside one that holds a program, as in perl -e 'print "\x10"': all escapes stand within the
// inner quotes, and words before them.
func nested(t string, l literal) (literal, bool) {
	body := t[l.body.From:l.body.To]
	at := strings.IndexAny(body, `"'`)
	first := strings.IndexByte(body, '\\')
	if at <= 0 || first < at || l.escapes == 0 || !strings.ContainsAny(body[:at], " (") {
		return literal{}, false
	}
	end := strings.LastIndexByte(body, body[at])
	if end <= first || strings.LastIndexByte(body, '\\') > end || strings.IndexByte(body[at+1:end], body[at]) >= 0 {
		return literal{}, false
	}
	inner := literal{quote: body[at], escapes: l.escapes, body: Range{l.body.From + at + 1, l.body.From + end}}
	inner.Range = Range{inner.body.From - 1, inner.body.To + 1}
	return inner, true
}

// decode adds the bytes of a literal's body.
func (l literal) decode(b *builder, as dialect) {
	t := b.in.text[:l.body.To]
	for i := l.body.From; i < len(t); {
		if t[i] != '\\' || l.quote == '`' {
			b.add(t[i], i, i+1)
			i++
			continue
		}
		n := 0
		if as == decimal {
			n = 4
			v, _ := number(t[i+1:i+4], 10) // checked by escapeBases
			b.add(byte(v), i, i+4)
		} else {
			n = escape(b, t, i, as)
		}
		if n == 0 {
			end := min(i+2, len(t))
			for end < len(t) && !utf8.RuneStart(t[end]) {
				end++
			}
			b.problem("bad-escape", i, end, t[i:end])
			n = end - i
		}
		i += n
	}
}

// simple holds the one-letter escapes that shells, C, Go, Python and JavaScript know.
var simple = map[byte]byte{
	'n': '\n', 'r': '\r', 't': '\t', 'a': 7, 'b': 8, 'f': 12, 'v': 11, 'e': 27, 'E': 27,
	'\\': '\\', '\'': '\'', '"': '"', '`': '`', '/': '/', '?': '?', '$': '$', ' ': ' ',
}

// escape adds the byte of the escape sequence at t[i:] and returns its length, 0 if it is none.
func escape(b *builder, t string, i int, as dialect) int {
	j := i + 1
	if j >= len(t) {
		return 0
	}
	if strings.HasPrefix(t[j:], `\x`) { // escaped twice, on its way through two shells
		j++
	}
	c := t[j]
	switch {
	case c == '\n':
		return j + 1 - i
	case c == '\r' && j+1 < len(t) && t[j+1] == '\n':
		return j + 2 - i
	case c == 'x':
		n := digits(t, j+1, 2, 16)
		if n == 0 {
			return 0
		}
		v, _ := number(t[j+1:j+1+n], 16)
		b.add(byte(v), i, j+1+n)
		return j + 1 + n - i
	case c == 'u':
		from, to := j+1, j+5
		if j+1 < len(t) && t[j+1] == '{' {
			from = j + 2
			to = from + digits(t, from, 6, 16)
		}
		if to > len(t) || digits(t, from, to-from, 16) != to-from || to == from {
			return 0
		}
		v, _ := number(t[from:to], 16)
		end := to
		if from == j+2 && end < len(t) && t[end] == '}' {
			end++
		}
		if v < 256 { // strings that hold bytes write them as code points
			b.add(byte(v), i, end)
			return end - i
		}
		for _, x := range []byte(string(rune(v))) {
			b.add(x, i, end)
		}
		return end - i
	case '0' <= c && c <= '7':
		most := 3
		switch {
		case c == '0' && as == echo:
			most = 4
		case c == '0' && as == nul:
			most = 1
		}
		n := digits(t, j, most, 8)
		v, _ := number(t[j:j+n], 8)
		b.add(byte(v), i, j+n)
		return j + n - i
	}
	if v, ok := simple[c]; ok && j == i+1 {
		b.add(v, i, i+2)
		return 2
	}
	return 0
}

// digits counts the digits of a base at t[i:], up to most.
func digits(t string, i, most, base int) int {
	n := 0
	for n < most && i+n < len(t) {
		if v := hexValue(t[i+n]); v < 0 || v >= base {
			break
		}
		n++
	}
	return n
}
