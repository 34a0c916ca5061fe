package hexdump

import (
	"strconv"
	"strings"
)

// unit says what one value token of a dump stands for.
type unit struct {
	base    int // of the digits: 16, 8, 2 or 10
	size    int // bytes per token
	width   int // characters per token; 0 for decimal, which is not padded evenly
	swapped bool
}

// findUnit deduces the unit from the tokens of all data lines: how wide they are and which digits
// occur. Only each line's first token is certain not to be ASCII column, so that others count only if they
// have the same width.
func findUnit(in *input, lines []dumpLine, colon bool) unit {
	widths := map[int]int{}
	for _, d := range lines {
		if d.kind == dataLine {
			first := d.tokens[0]
			widths[first.To-first.From]++
		}
	}
	width := 0
	for w, n := range widths {
		if n > widths[width] || n == widths[width] && w > width {
			width = w
		}
	}
	octal, binary, decimal, uneven, small := true, true, true, false, true
	for _, d := range lines {
		if d.kind != dataLine {
			continue
		}
		for _, c := range d.tokens {
			small = small && len(strings.TrimLeft(in.at(c.Range), "-")) < 4
			if c.To-c.From != width {
				uneven = uneven || c.gap > 1
				continue
			}
			for _, ch := range []byte(in.at(c.Range)) {
				octal = octal && '0' <= ch && ch <= '7'
				binary = binary && (ch == '0' || ch == '1')
				decimal = decimal && (isDecimal(ch) || ch == '-')
			}
		}
	}
	switch {
	case !colon && decimal && small && columns(lines) >= 4 && !(width == 3 && octal && !uneven) && width < 5:
		return unit{base: 10, size: 1}
	case width == 8 && binary && colon:
		return unit{base: 2, size: 1, width: 8}
	case width == 3 && octal && !uneven:
		return unit{base: 8, size: 1, width: 3}
	case (width == 6 || width == 7) && octal && !colon:
		return unit{base: 8, size: 2, width: width, swapped: true}
	case width == 5 && decimal:
		return unit{base: 10, size: 2, width: 5, swapped: true}
	case width%2 == 0 && width <= 16:
		return unit{base: 16, size: width / 2, width: width, swapped: !colon && width > 2}
	}
	return unit{}
}

// columns is the distance between the right edges of the first two values: 4 or 5 where od prints
// decimals, 3 where it prints hex.
func columns(lines []dumpLine) int {
	for _, d := range lines {
		if d.kind == dataLine && len(d.tokens) > 1 {
			return d.tokens[1].To - d.tokens[0].To
		}
	}
	return 0
}

// fits reports whether a token can be one of the unit; a hex token may be cut short at the end.
func (u unit) fits(token string) bool {
	switch {
	case u.base == 10:
		n, err := strconv.Atoi(token)
		return err == nil && len(token) <= 5 && (u.size == 2 && n >= 0 && n < 1<<16 || n >= -128 && n < 256)
	case u.base == 16 && len(token) < u.width:
		return len(token)%2 == 0 && allHex(token)
	case len(token) != u.width:
		return false
	}
	n, ok := number(token, u.base)
	return ok || u.base == 16 && allHex(token) && n >= 0
}

// bytesIn is the count of bytes in a token.
func (u unit) bytesIn(token string) int {
	if u.base == 16 {
		return len(token) / 2
	}
	return u.size
}

// each yields the bytes of a token in the order of the data, with the characters of each.
func (u unit) each(in *input, r Range, yield func(v byte, from, to int)) {
	token := in.at(r)
	if u.base == 16 {
		n := len(token) / 2
		for i := range n {
			at := i
			if u.swapped {
				at = n - 1 - i
			}
			from := r.From + 2*at
			yield(byte(hexValue(in.text[from])<<4|hexValue(in.text[from+1])), from, from+2)
		}
		return
	}
	n := 0
	if u.base == 10 {
		n, _ = strconv.Atoi(token) // checked by fits
	} else {
		n, _ = number(token, u.base)
	}
	for range u.size { // little-endian, as od and hexdump print on the machines people use
		yield(byte(n), r.From, r.To)
		n >>= 8
	}
}
