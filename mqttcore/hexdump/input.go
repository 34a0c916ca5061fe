package hexdump

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// input is the pasted text with what every reader wants to know about it, worked out once.
type input struct {
	text    string
	lines   []Range // each without its line end; blank lines in a row count as one
	visible int     // count of bytes that are no white space
	// serverIsFirst is true if the heading of tshark's "follow" names the server as node 0.
	serverIsFirst bool
	words         []Range // lines in which a program tells of a packet in words
}

func newInput(text string) *input {
	in := &input{text: text, serverIsFirst: serverIsFirst(text)}
	for from := 0; from <= len(text); {
		to := len(text)
		if i := strings.IndexByte(text[from:], '\n'); i >= 0 {
			to = from + i
		}
		end := to
		if end > from && text[end-1] == '\r' {
			end--
		}
		r := Range{from, end}
		// Of neighbouring blank lines one is kept: more say nothing more.
		if n := len(in.lines); n == 0 || !in.blank(r) || !in.blank(in.lines[n-1]) {
			in.lines = append(in.lines, r)
			if tellsPacket(in.at(r)) {
				in.words = append(in.words, r)
			}
		}
		from = to + 1
	}
	for i := range len(text) {
		if text[i] > ' ' {
			in.visible++
		}
	}
	return in
}

// serverIsFirst reports whether the heading of "follow" gives node 0 an MQTT port.
func serverIsFirst(text string) bool {
	_, after, ok := strings.Cut(text, "Node 0: ")
	if !ok {
		return false
	}
	node, _, _ := strings.Cut(after, "\n")
	node = strings.TrimSpace(node)
	return strings.HasSuffix(node, ":1883") || strings.HasSuffix(node, ":8883")
}

// at returns the text of a range.
func (in *input) at(r Range) string { return in.text[r.From:r.To] }

// trim returns r without the white space at its ends.
func (in *input) trim(r Range) Range {
	s := in.at(r)
	left := len(s) - len(strings.TrimLeftFunc(s, unicode.IsSpace))
	s = strings.TrimSpace(s)
	return Range{r.From + left, r.From + left + len(s)}
}

// blank reports whether a range holds white space only.
func (in *input) blank(r Range) bool { return strings.TrimSpace(in.at(r)) == "" }

// hexValue returns the value of a hex digit, or -1.
func hexValue(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func isHex(c byte) bool     { return hexValue(c) >= 0 }
func isDecimal(c byte) bool { return '0' <= c && c <= '9' }
func isLetter(c byte) bool  { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isWordByte(c byte) bool {
	return isDecimal(c) || isLetter(c)
}

// pair is the byte that s begins with: two hex digits.
func pair(s string) byte { return byte(hexValue(s[0])<<4 | hexValue(s[1])) }

// skipBlank is the place of the next character that is no white space.
func skipBlank(t string, i int) int {
	for i < len(t) && t[i] <= ' ' {
		i++
	}
	return i
}

// skipSpace is the place of the next character of the line that is no space.
func skipSpace(t string, i int) int {
	for i < len(t) && (t[i] == ' ' || t[i] == '\t') {
		i++
	}
	return i
}

// allHex reports whether s is not empty and consists of hex digits.
func allHex(s string) bool { return all(s, isHex) }

func allDecimal(s string) bool { return all(s, isDecimal) }

func all(s string, is func(byte) bool) bool {
	for i := range len(s) {
		if !is(s[i]) {
			return false
		}
	}
	return s != ""
}

// number parses digits of the given base; ok is false for other characters and for more than 62 bits.
func number(digits string, base int) (n int, ok bool) {
	for i := range len(digits) {
		v := hexValue(digits[i])
		if v < 0 || v >= base || n > (1<<62)/base-1 {
			return 0, false
		}
		n = n*base + v
	}
	return n, digits != ""
}

// isSeparator reports whether a character may stand between bytes without a word being said about
// it: space and punctuation, in the widths of all scripts.
func isSeparator(r rune) bool {
	if r < utf8.RuneSelf {
		return r <= ' ' || r == 0x7f || !isWordByte(byte(r)) && r != '?'
	}
	return unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.In(r, unicode.Cf, unicode.Zs) ||
		'\u2500' <= r && r <= '\u257f' // lines drawn with box characters
}
