package filter

import (
	"net/netip"
	"strings"
	"unicode/utf8"
)

// tokenKind says what a token is.
type tokenKind uint8

const (
	tokenEnd    tokenKind = iota
	tokenWord             // a field, keyword, number, bytes, address
	tokenString           // "…" or r"…"
	tokenChar             // '…'
	tokenSlice            // […]
	tokenOp               // anything else
)

// token is a piece of the expression. text is as written; for strings and
// character constants value is what it stands for.
type token struct {
	kind     tokenKind
	from, to int
	text     string
	value    string
}

// operators are all tokens made of signs, longest first.
var operators = []string{
	"===", "!==", "==", "!=", "~=", ">=", "<=", "&&", "||", "^^", "..",
	">", "<", "!", "~", "&", "+", "-", "*", "/", "%", "(", ")", "{", "}", ",",
}

// wrongOperators are what people write instead, with what they mean.
var wrongOperators = []struct{ wrong, right string }{
	{"<>", "!="}, {"=>", ">="}, {"=<", "<="}, {"=~", "matches"}, {"=", "=="}, {"|", "||"}, {"^", "^^"},
	{"；", ""}, {";", ""},
	{"＝＝", "=="}, {"＝", "=="}, {"！＝", "!="}, {"！", "!"}, {"＞", ">"}, {"＜", "<"}, {"＆＆", "&&"}, {"｜｜", "||"},
	{"（", "("}, {"）", ")"}, {"｛", "{"}, {"｝", "}"}, {"，", ","}, {"、", ","},
	{"≠", "!="}, {"≥", ">="}, {"≤", "<="}, {"\u3000", " "},
}

// lex cuts an expression into tokens, the last of which is the end. With a
// mistake it returns those before it, and no end.
func lex(src string) ([]token, *Error) {
	tokens := make([]token, 0, 16)
	for i := 0; i < len(src); {
		switch c := src[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case c == '"' || c == '\'' || (c == 'r' || c == 'R') && strings.HasPrefix(src[i+1:], `"`):
			t, err := lexQuoted(src, i)
			if err != nil {
				return tokens, err
			}
			tokens = append(tokens, t)
		case isWordStart(src[i:]):
			end := wordEnd(src, i)
			tokens = append(tokens, token{kind: tokenWord, from: i, to: end, text: src[i:end]})
		case c == '[':
			end := strings.IndexByte(src[i:], ']')
			if end < 0 {
				return tokens, mistake(i, len(src), "filter.error.bracket_open").suggest(src[i:] + "]")
			}
			end += i + 1
			tokens = append(tokens, token{kind: tokenSlice, from: i, to: end, text: src[i:end]})
		default:
			op := lexOperator(src[i:])
			if op == "" {
				return tokens, strange(src, i)
			}
			tokens = append(tokens, token{kind: tokenOp, from: i, to: i + len(op), text: op})
		}
		i = tokens[len(tokens)-1].to
	}
	return append(tokens, token{kind: tokenEnd, from: len(src), to: len(src)}), nil
}

func lexOperator(s string) string {
	for _, w := range wrongOperators {
		if strings.HasPrefix(s, w.wrong) && !strings.HasPrefix(s, "==") && !strings.HasPrefix(s, "||") && !strings.HasPrefix(s, "^^") {
			return ""
		}
	}
	for _, op := range operators {
		if strings.HasPrefix(s, op) {
			return op
		}
	}
	return ""
}

// strange blames what stands at i and can begin no token.
func strange(src string, i int) *Error {
	start := strings.LastIndexAny(src[:i], " \t\r\n") + 1
	if before := strings.TrimRight(src[:start], " \t\r\n"); src[start] != '"' && (strings.HasSuffix(before, "matches") || strings.HasSuffix(before, "~")) {
		return bare(src, start)
	}
	for _, w := range wrongOperators {
		if !strings.HasPrefix(src[i:], w.wrong) {
			continue
		}
		switch {
		case w.right == "", w.wrong == "=" && i > 0 && src[i-1] == '=': // too much
			return mistake(i, i+len(w.wrong), "filter.error.character", "have", w.wrong).suggest("")
		default:
			return mistake(i, i+len(w.wrong), "filter.error.operator", "have", w.wrong, "want", w.right).suggest(w.right)
		}
	}
	r, n := utf8.DecodeRuneInString(src[i:])
	if strings.ContainsRune("“”„«»＂", r) { // as word processors and Chinese keyboards write them
		if length := strings.IndexAny(src[i+n:], "“”„«»＂\""); length >= 0 {
			_, last := utf8.DecodeRuneInString(src[i+n+length:])
			return mistake(i, i+n+length+last, "filter.error.quotes").suggest(quote(src[i+n : i+n+length]))
		}
		return mistake(i, i+n, "filter.error.quotes").suggest(`"`)
	}
	return mistake(i, i+n, "filter.error.character", "have", src[i:i+n])
}

// bare blames a regular expression without quotes at i.
func bare(src string, i int) *Error {
	end := i + strings.IndexAny(src[i:]+" ", " \t\r\n")
	for s := src[i:end]; strings.HasSuffix(s, ")") && strings.Count(s, ")") > strings.Count(s, "("); s = src[i:end] {
		end-- // it closes one before
	}
	return mistake(i, end, "filter.error.pattern").suggest(quote(src[i:end]))
}

func isWordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

// isWordStart says whether s begins with a word; an IPv6 address may begin
// with a colon.
func isWordStart(s string) bool { return isWordByte(s[0]) || strings.HasPrefix(s, "::") }

// wordEnd returns the end of the word at i. Hyphens belong to it between
// pairs of hex digits, a slash between an address and the length of its prefix.
func wordEnd(src string, i int) int {
	from, pairs := i, true // pairs: until here only hex digits in pairs with hyphens between
	for i < len(src) {
		c := src[i]
		switch {
		case c == '.' && strings.HasPrefix(src[i:], ".."):
			return i
		case isWordByte(c):
			pairs = pairs && isHex(c)
		case c == '.' || c == ':':
			pairs = false
		case c == '-' && pairs && (i-from)%3 == 2 && i+2 < len(src) && isHex(src[i+1]) && isHex(src[i+2]) && (i+3 == len(src) || !isWordByte(src[i+3])):
		case c == '/' && i+1 < len(src) && '0' <= src[i+1] && src[i+1] <= '9':
			if _, err := netip.ParseAddr(src[from:i]); err != nil {
				return i
			}
		default:
			return i
		}
		i++
	}
	return i
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// lexQuoted reads "…", r"…" or '…' at i.
func lexQuoted(src string, i int) (token, *Error) {
	at, raw := i, src[i]|0x20 == 'r'
	if raw {
		at++
	}
	mark := src[at]
	end := at + 1
	for end < len(src) && src[end] != mark {
		if src[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(src) {
		err := mistake(i, len(src), "filter.error.quote_open", "quote", string(mark))
		if trimmed := strings.TrimRight(src[i:], " "); !strings.HasSuffix(trimmed, `\`) {
			err.suggest(trimmed + string(mark))
		}
		return token{}, err
	}
	t := token{kind: tokenString, from: i, to: end + 1, text: src[i : end+1]}
	if raw {
		t.value = strings.ReplaceAll(src[at+1:end], `\"`, `"`)
		return t, nil
	}
	value, err := unescape(src, at+1, end)
	if err != nil {
		return token{}, err
	}
	t.value = value
	if mark == '\'' {
		t.kind = tokenChar
		if len(value) != 1 {
			return token{}, mistake(t.from, t.to, "filter.error.char").suggest(quote(value))
		}
	}
	return t, nil
}

// escapes are the one-letter escapes of strings and character constants.
var escapes = map[byte]byte{
	'\'': '\'', '"': '"', '\\': '\\', 'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v',
}

// unescape resolves the escapes in src[from:to].
func unescape(src string, from, to int) (string, *Error) {
	s := src[from:to]
	if !strings.Contains(s, `\`) {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			i++
			continue
		}
		at := i
		i++ // lexQuoted saw to it that something follows
		c := s[i]
		digits, most, base := i+1, 0, 16
		switch {
		case escapes[c] != 0:
			b.WriteByte(escapes[c])
			i++
			continue
		case c == 'x':
			most = 2
		case c == 'u':
			most = 4
		case c == 'U':
			most = 8
		case '0' <= c && c <= '7':
			digits, most, base = i, 3, 8
		}
		end, n := digits, 0
		for end < len(s) && end-digits < most && digit(s[end]) < base {
			n = n*base + digit(s[end])
			end++
		}
		wide := c == 'u' || c == 'U'
		switch {
		case end == digits, wide && end-digits < most, wide && !utf8.ValidRune(rune(n)), n > 0xff && !wide:
			_, size := utf8.DecodeRuneInString(s[i:])
			return "", mistake(from+at, from+i+size, "filter.error.escape", "have", s[at:i+size]).suggest(`\\` + s[i:i+size])
		case wide:
			b.WriteRune(rune(n))
		default:
			b.WriteByte(byte(n))
		}
		i = end
	}
	return b.String(), nil
}

// digit returns the value of a hex digit, 99 for anything else.
func digit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return 99
}

// quote writes s as a string of the filter language.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c == 0x7f:
			const hexDigits = "0123456789abcdef"
			b.WriteString(`\x`)
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
