package hexdump

import (
	"strings"
	"unicode/utf8"
)

// dumpLine is one line of a dump, cut into its columns but not yet understood: which tokens are bytes
// and where the ASCII column begins depends on the other lines.
type dumpLine struct {
	Range
	kind   dumpKind
	indent int    // bytes of white space before the offset
	column int    // where the offset begins, with what stands before its digits
	offset Range  // digits only; of WinDbg's 00000057`7d2ff8d0 the lower half
	colon  bool   // the offset ends in a colon
	prefix bool   // the offset begins with 0x
	tokens []cell // value tokens, as far as they conform; may run into the ASCII column
	number Range  // an editor's line number before all
}

type dumpKind int

const (
	otherLine dumpKind = iota
	dataLine
	offsetLine // an offset alone: where the dump ends
	starLine   // "*": the line above, repeated
	underLine  // the bytes of the line above once more, as od -tx1c prints them
)

// above reports whether below stands under the values of l, without an offset.
func (l dumpLine) above(below dumpLine) bool {
	return l.kind == dataLine && !l.colon && l.indent == 0 && l.offset.To-l.offset.From == 7 && below.indent > 7
}

// lineNumbers finds the numbers that editors and cat -n put before each line: one in each line that is
// not blank, in order. It returns the stretch of each, with the space after it, or empty ones.
func lineNumbers(in *input) []Range {
	out := make([]Range, len(in.lines))
	want, lines, zero := 0, 0, false
	for i, line := range in.lines {
		if in.blank(line) {
			continue
		}
		from := skipSpace(in.text, line.From)
		n := digits(in.text[:line.To], from, 5, 10)
		v, _ := number(in.text[from:from+n], 10)
		end := from + n
		for end < line.To && strings.IndexByte(".:|", in.text[end]) >= 0 {
			end++
		}
		space := skipSpace(in.text[:line.To], end)
		if lines == 0 {
			want = v
			zero = v == 1 && strings.HasPrefix(in.text[space:], "0000000")
		}
		if n == 0 || n > 4 || v != want || space == end || digits(in.text[:line.To], space, 4, 16) < 4 && in.text[space:line.To] != "*" {
			return make([]Range, len(in.lines))
		}
		out[i] = Range{from, space}
		want++
		lines++
	}
	if lines < 2 && !zero {
		return make([]Range, len(in.lines))
	}
	return out
}

// cell is one value token of a dump line.
type cell struct {
	Range
	gap    int  // bytes of white space before it
	bad    bool // damaged: stands for a byte that cannot be read
	marked bool // with "0x" before it, as gdb prints them
}

// start is where the token begins, with its prefix.
func (c cell) start() int {
	if c.marked {
		return c.From - 2
	}
	return c.From
}

// maxSweep bounds the tokens of a line in which the ASCII column is searched for.
const maxSweep = 512

// cutDumpLine cuts a line into offset and tokens. It is lenient: a line of prose that begins with
// a number may pass, and is told apart later by its offset.
func cutDumpLine(in *input, line Range) dumpLine {
	d := dumpLine{Range: line}
	t := in.text[:line.To]
	i := line.From + logPrefix(in.at(line))
	i += quotePrefix(t[i:])
	start := i
	i = skipSpace(t, i)
	d.indent = i - start
	i += bar(t[i:])
	if strings.TrimSpace(t[i:]) == "*" {
		d.kind, d.offset = starLine, Range{i, i + 1}
		return d
	}
	d.column = i
	i += segment(t[i:])
	bracket := strings.HasPrefix(t[i:], "[") // ncat
	if bracket {
		i++
	}
	if strings.HasPrefix(t[i:], "0x") {
		d.prefix = true
		i += 2
	}
	if n := digits(t, i, 9, 16); n == 8 && i+8 < len(t) && t[i+8] == '`' && digits(t, i+9, 9, 16) == 8 {
		i += 9
	}
	from := i
	for i < len(t) && isHex(t[i]) {
		i++
	}
	d.offset = Range{from, i}
	width := i - from
	if i < len(t) && t[i] == 'h' && width > 3 {
		i++
	}
	i += symbol(t[i:])
	closing := byte(':')
	if bracket {
		closing = ']'
	}
	if i < len(t) && t[i] == closing {
		d.colon = true
		i++
	} else if bracket {
		return d
	} else if width == 8 && strings.HasPrefix(t[i:], " = ") { // J-Link
		d.colon = true
		i += 2
	}
	if width > 16 || width < 2 || width < 4 && !d.colon {
		return d
	}
	if strings.TrimSpace(t[i:]) == "" {
		if !d.colon {
			d.kind = offsetLine
		}
		return d
	}
	i += bar(t[i:])
	if i == len(t) {
		return d
	}
	if t[i] != ' ' && t[i] != '\t' { // "0a:c0" is two bytes
		return d
	}
	d.tokens = cutCells(t, i)
	if len(d.tokens) > 0 {
		d.kind = dataLine
	}
	return d
}

// cutCells cuts value tokens from t[i:] up to the first text that cannot be one.
func cutCells(t string, i int) []cell {
	var cells []cell
	width := 0
	for {
		from := skipSpace(t, i)
		if len(cells) > 0 && from == i && from < len(t) && t[from] == '-' {
			from++ // DEBUG.EXE and others join the two halves of a line by a hyphen
		}
		to := from
		for to < len(t) && t[to] > ' ' && t[to] != '|' && (t[to] != '-' || to == from) {
			to++
		}
		if to == from {
			return cells
		}
		if t[from:to] == "┊" { // hexyl's line between the halves
			i = to
			continue
		}
		c := cell{Range: Range{from, to}, gap: from - i}
		if to-from > 2 && strings.HasPrefix(t[from:to], "0x") {
			c.marked = true
			c.From += 2
			from += 2
		}
		token := t[from:to]
		if token[0] == '-' {
			token = token[1:]
		}
		if width == 0 {
			width = to - from
		}
		if !allHex(token) && !isQuad(token) {
			if c.gap > 1 || !damaged(t[from:to], width) || !followedByHex(t, to, width) {
				return cells
			}
			c.bad = true
		} else if width == 2 && len(token) == 1 && c.gap == 1 && followedByHex(t, to, width) {
			c.bad = true
		}
		cells = append(cells, c)
		i = to
	}
}

// isQuad reports whether a token is a word of eight bytes as WinDbg prints it: 5454514d`04002610.
func isQuad(token string) bool {
	return len(token) == 17 && token[8] == '`' && allHex(token[:8]) && allHex(token[9:])
}

// damaged reports whether a token looks like one of the given width with a wrong character in it.
func damaged(token string, width int) bool {
	if utf8.RuneCountInString(token) != width {
		return false
	}
	digits := 0
	for i := range len(token) {
		if isHex(token[i]) {
			digits++
		}
	}
	return digits*2 >= width
}

// followedByHex reports whether one space and a whole hex token of the width come next.
func followedByHex(t string, i, width int) bool {
	if i+1+width > len(t) || t[i] != ' ' || !allHex(t[i+1:i+1+width]) {
		return false
	}
	return i+1+width == len(t) || t[i+1+width] == ' '
}

// quotePrefix is the length of what a mail or a source comment puts before each line, or 0.
func quotePrefix(s string) int {
	n := 0
	for n < len(s) && n < 8 && strings.IndexByte("><#/;", s[n]) >= 0 {
		n++
	}
	if n > 0 && n < len(s) && s[n] == ' ' {
		return n
	}
	return 0
}

// symbol is the length of what gdb puts behind an address, " <buf+8>", or 0.
func symbol(s string) int {
	if n := strings.IndexByte(s, '>'); n > 0 && n < 80 && strings.HasPrefix(s, " <") && strings.HasPrefix(s[n+1:], ":") {
		return n + 1
	}
	return 0
}

// segment is the length of what IDA puts before an address, ".data:", or 0.
func segment(s string) int {
	n := strings.IndexByte(s[:min(len(s), 16)], ':') + 1
	if n < 3 || s[0] != '.' || !all(s[1:n-1], isLetter) || digits(s, n, 17, 16) < 8 {
		return 0
	}
	return n
}

// bar is the length of the vertical line that s begins with, as hexyl and Netty draw, or 0.
func bar(s string) int {
	for _, b := range []string{"|", "│"} {
		if strings.HasPrefix(s, b) {
			return len(b)
		}
	}
	return 0
}

// matchesASCII reports whether tail is the ASCII column of b: each printable byte as itself, any
// other as a placeholder. White space at the ends may be lost in copying; one gap after the eighth
// character is allowed.
func matchesASCII(b []byte, tail string) bool {
	s := strings.TrimSpace(tail)
	if len(s) > 2 && (s[0] == '|' && s[len(s)-1] == '|' || s[0] == '>' && s[len(s)-1] == '<') {
		inner := s[1 : len(s)-1]
		if n := len(b); len(inner) > n && strings.TrimSpace(inner[n:]) == "" {
			inner = inner[:n] // padded to the width of a full line
		}
		if matchesExactly(b, inner) {
			return true
		}
	}
	if len(s) > 1 && s[0] == '|' { // Zephyr draws one line only
		if s = s[1:]; matchesExactly(b, s) || len(s) > 8 && s[8] == ' ' && matchesExactly(b, s[:8]+s[9:]) {
			return true
		}
	}
	if s == "" || len(s) > 4*(len(b)+1) {
		return false
	}
	left := 0
	for left < len(b) && b[left] == ' ' {
		left++
	}
	right := len(b)
	for right > left && b[right-1] == ' ' {
		right--
	}
	if matchesExactly(b[left:right], s) {
		return true
	}
	gap := 8 - left
	return gap > 0 && gap < len(s) && s[gap] == ' ' && matchesExactly(b[left:right], s[:gap]+s[gap+1:])
}

func matchesExactly(b []byte, s string) bool {
	i := 0
	for _, r := range s {
		if i >= len(b) {
			return false
		}
		printable := ' ' <= b[i] && b[i] < 0x7f
		if printable && r != rune(b[i]) && r != '.' {
			return false
		}
		if !printable && r < utf8.RuneSelf && (isWordByte(byte(r)) || r == '|') {
			return false
		}
		i++
	}
	return i == len(b) && i > 0
}
