package hexdump

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind int

const (
	hexToken  tokenKind = iota // hex digits, perhaps with a prefix or suffix that says so
	wordToken                  // letters and digits that are no hex
	signToken                  // a symbol that is no separator, such as "?" or "×"
	gapToken                   // "…" or "...": bytes left out
	maskToken                  // a time stamp, address or the like, whose digits are no bytes
)

// token is a piece of a line of loose text.
type token struct {
	Range
	kind   tokenKind
	digits Range // of a hexToken, without prefix and suffix
	marked bool  // has a prefix or suffix that only hex has: 0x10, 10h
	code   string
}

func (t token) len() int { return t.digits.To - t.digits.From }

// cutTokens cuts a stretch of text into tokens; what lies between them is separators.
func cutTokens(in *input, r Range) []token {
	var out []token
	t := in.text[:r.To]
	for i := r.From; i < r.To; {
		c := t[i]
		if c < utf8.RuneSelf && !isWordByte(c) {
			if n := ipdPrefix(t, i); n > 0 {
				out = append(out, token{Range: Range{i, i + n}, kind: maskToken, code: "log-line"})
				i += n
				continue
			}
			if n := tag(t[i:]); n > 0 {
				out = append(out, token{Range: Range{i, i + n}, kind: maskToken, code: "syntax"})
				i += n
				continue
			}
			if n := digits(t, i+2, 3, 16); c == '&' && i+1 < len(t) && t[i+1]|0x20 == 'h' && (n == 1 || n == 2) { // Basic
				out = append(out, token{Range: Range{i, i + 2 + n}, digits: Range{i + 2, i + 2 + n}, marked: true})
				i += 2 + n
				continue
			}
			switch {
			case strings.HasPrefix(t[i:], "..."):
				j := i
				for j < r.To && t[j] == '.' {
					j++
				}
				out = append(out, token{Range: Range{i, j}, kind: gapToken})
				i = j
				continue
			case c == '?':
				out = appendSign(out, i, i+1)
			}
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			ch, size := utf8.DecodeRuneInString(t[i:])
			switch {
			case ch == '…':
				out = append(out, token{Range: Range{i, i + size}, kind: gapToken})
			case ch == utf8.RuneError, !isSeparator(ch) && !unicode.IsLetter(ch) && !unicode.IsNumber(ch) && !isArrow(ch):
				out = appendSign(out, i, i+size)
			case !isSeparator(ch):
				j := i + size
				for j < r.To && t[j] >= utf8.RuneSelf {
					ch, size := utf8.DecodeRuneInString(t[j:])
					if isSeparator(ch) || ch == '…' {
						break
					}
					j += size
				}
				out = append(out, token{Range: Range{i, j}, kind: wordToken})
				i = j
				continue
			}
			i += size
			continue
		}
		if n, code := mask(t, i); n > 0 {
			out = append(out, token{Range: Range{i, i + n}, kind: maskToken, code: code})
			i += n
			continue
		}
		j := i
		for j < r.To && isWordByte(t[j]) {
			j++
		}
		if t[i:j] == "16" && j < len(t) && t[j] == '#' { // controllers (IEC 61131-3): 16#C2
			if n := digits(t, j+1, 3, 16); n == 1 || n == 2 {
				j += 1 + n
				out = append(out, token{Range: Range{i, j}, digits: Range{j - n, j}, marked: true})
				i = j
				continue
			}
		}
		if strings.Contains(t[i+1:j], "0x") { // printf("0x%02x") without a space
			for i < j && strings.HasPrefix(t[i:j], "0x") {
				k := j
				if n := strings.Index(t[i+2:j], "0x"); n >= 0 {
					k = i + 2 + n
				}
				out = append(out, classify(t, Range{i, k}))
				i = k
			}
			if i == j {
				continue
			}
		}
		out = append(out, classify(t, Range{i, j}))
		i = j
	}
	return out
}

// tags are the elements of HTML that stand around bytes in what is copied from a page's source.
var tags = []string{"br", "p", "div", "span", "td", "tr", "th", "li", "code", "pre", "b", "i", "em", "strong", "font"}

// tag is the length of the HTML tag that s begins with, or 0.
func tag(s string) int {
	if len(s) < 3 || s[0] != '<' || !isLetter(s[1]) && s[1] != '/' {
		return 0
	}
	end := strings.IndexByte(s[:min(len(s), 80)], '>')
	if end < 0 {
		return 0
	}
	name, _, _ := strings.Cut(strings.Trim(s[1:end], "/ "), " ")
	if !slices.Contains(tags, strings.ToLower(name)) {
		return 0
	}
	return end + 1
}

// appendSign appends a signToken; signs in a row are one token.
func appendSign(ts []token, from, to int) []token {
	if n := len(ts); n > 0 && ts[n-1].kind == signToken && ts[n-1].To == from {
		ts[n-1].To = to
		return ts
	}
	return append(ts, token{Range: Range{from, to}, kind: signToken})
}

func isArrow(r rune) bool { return '\u2190' <= r && r <= '\u21ff' || '\u25a0' <= r && r <= '\u25ff' }

// classify says what a run of ASCII letters and digits is.
func classify(t string, r Range) token {
	tok := token{Range: r, kind: wordToken}
	s := t[r.From:r.To]
	switch {
	case allHex(s):
		tok.kind, tok.digits = hexToken, r
	case len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' && allHex(s[2:]):
		tok.kind, tok.digits, tok.marked = hexToken, Range{r.From + 2, r.To}, true
	case len(s) > 2 && len(s) <= 5 && s[len(s)-1]|0x20 == 'h' && allHex(s[:len(s)-1]):
		tok.kind, tok.digits, tok.marked = hexToken, Range{r.From, r.To - 1}, true
		if s[0] == '0' && len(s) == 4 { // assemblers want a leading 0 before a letter: 0C2h
			tok.digits.From++
		}
	case len(s) > 1 && s[0]|0x20 == 'x' && len(s)%2 == 1 && allHex(s[1:]) && (hasDigit(s[1:]) || len(s) == 3):
		tok.kind, tok.digits, tok.marked = hexToken, Range{r.From + 1, r.To}, true
	}
	return tok
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

// mask is the length of a time stamp, IPv4 address or UUID at t[i:], or 0.
func mask(t string, i int) (int, string) {
	if i > 0 && isWordByte(t[i-1]) {
		return 0, ""
	}
	if n := timestamp(t, i); n > 0 {
		return n, "timestamp"
	}
	if n := seconds(t, i); n > 0 {
		return n, "timestamp"
	}
	if n := address(t, i); n > 0 {
		return n, "address"
	}
	if n := hardware(t, i); n > 0 {
		return n, "address"
	}
	const uuid = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	if len(t)-i >= len(uuid) && t[i+8] == '-' {
		for k := range len(uuid) {
			if uuid[k] == '-' && t[i+k] != '-' || uuid[k] == 'x' && !isHex(t[i+k]) {
				return 0, ""
			}
		}
		return len(uuid), "identifier"
	}
	return 0, ""
}

// hardware is the length of a hardware address at t[i:], six bytes behind a word that says so ("MAC", "bssid"), or 0.
func hardware(t string, i int) int {
	const size = len("xx:xx:xx:xx:xx:xx")
	if len(t)-i < size || t[i+2] != ':' && t[i+2] != '-' {
		return 0
	}
	for k := range size {
		if k%3 == 2 && t[i+k] != t[i+2] || k%3 < 2 && !isHex(t[i+k]) {
			return 0
		}
	}
	if end := i + size; end < len(t) && (isWordByte(t[end]) || t[end] == t[i+2]) {
		return 0
	}
	before := strings.TrimRight(t[max(0, i-24):i], " \t:=([")
	word := before[strings.LastIndexFunc(before, func(r rune) bool { return !unicode.IsLetter(r) })+1:]
	switch strings.ToLower(word) {
	case "mac", "bssid", "hwaddr", "ether", "address", "addr", "station", "device", "peer", "地址", "设备":
		return size
	}
	return 0
}

// seconds is the length of a time in seconds at the beginning of a line, as logic analysers export it
// before a marked byte ("0.000010,0x82"), or 0.
func seconds(t string, i int) int {
	if i > 0 && t[i-1] != '\n' {
		return 0
	}
	j := i
	for j < len(t) && isDecimal(t[j]) {
		j++
	}
	point := j
	if j == i || j >= len(t) || t[j] != '.' {
		return 0
	}
	for j++; j < len(t) && isDecimal(t[j]); j++ {
	}
	k := j
	for k < len(t) && strings.IndexByte(" \t,;", t[k]) >= 0 {
		k++
	}
	if j-point < 4 || k == j || !strings.HasPrefix(t[k:], "0x") {
		return 0
	}
	return j - i
}

// address is the length of an IPv4 address, perhaps with a port, at t[i:], or 0.
func address(t string, i int) int {
	if i > 0 && t[i-1] == '.' {
		return 0
	}
	j := i
	for part := range 4 {
		from := j
		for j < len(t) && isDecimal(t[j]) && j-from < 4 {
			j++
		}
		if n, ok := number(t[from:j], 10); !ok || n > 255 || j-from > 1 && t[from] == '0' {
			return 0
		}
		if part < 3 {
			if j >= len(t) || t[j] != '.' {
				return 0
			}
			j++
		}
	}
	if j < len(t) && (isWordByte(t[j])) {
		return 0
	}
	if j+1 < len(t) && (t[j] == ':' || t[j] == '.') && isHex(t[j+1]) {
		port := j + 1
		for j = port; j < len(t) && isDecimal(t[j]); j++ {
		}
		if j-port < 3 { // more bytes with dots between
			return 0
		}
	}
	return j - i
}

// ipdPrefix is the length of what a modem prints before received data, "+IPD,0,4:", at t[i:], or 0.
func ipdPrefix(t string, i int) int {
	for _, p := range []string{"+IPD,", "+CIPRXGET:", "+QIURC:"} {
		if strings.HasPrefix(t[i:], p) {
			j := i + len(p)
			for j < len(t) && (isDecimal(t[j]) || t[j] == ',') {
				j++
			}
			if j < len(t) && t[j] == ':' {
				return j + 1 - i
			}
			return j - i
		}
	}
	return 0
}
