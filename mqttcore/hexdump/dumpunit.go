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
	octal, binary, decimal, uneven, small, zeros := true, true, true, false, true, false
	for _, d := range lines {
		if d.kind != dataLine {
			continue
		}
		for _, c := range d.tokens {
			s := in.at(c.Range)
			small = small && len(strings.TrimLeft(s, "-")) < 4
			zeros = zeros || len(s) == 2 && s[0] == '0' // no decimal is written so
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
	if n := decimalSize(in, lines); n > 0 && !colon {
		return unit{base: 10, size: n, swapped: true}
	}
	switch {
	case !colon && decimal && !zeros && small && columns(lines) >= 4 && !(width == 3 && octal && !uneven) && width < 5:
		return unit{base: 10, size: 1}
	case width == 8 && binary && colon:
		return unit{base: 2, size: 1, width: 8}
	case width == 3 && octal && !uneven:
		return unit{base: 8, size: 1, width: 3}
	case (width == 6 || width == 7) && octal && !colon:
		return unit{base: 8, size: 2, width: width, swapped: true}
	case width == 5 && decimal:
		return unit{base: 10, size: 2, width: 5, swapped: true}
	case width == 17:
		return unit{base: 16, size: 8, width: width, swapped: true}
	case width%2 == 0 && (width <= 16 || colon && width <= 512): // xxd -g 0
		return unit{base: 16, size: width / 2, width: width, swapped: !colon && width > 2}
	}
	return unit{}
}

// decimalSize is the size of the words of od -d, -s, -D, -i and -l, which pads decimal numbers with spaces
// to columns of a width that only they have, or 0.
func decimalSize(in *input, lines []dumpLine) int {
	pitch, uneven := 0, false
	for _, d := range lines {
		if d.kind != dataLine {
			continue
		}
		if d.offset.To-d.offset.From != 7 || d.indent > 0 {
			return 0
		}
		end := d.offset.To
		for _, c := range d.tokens {
			if pitch == 0 {
				pitch = c.To - end
			}
			s := in.at(c.Range)
			digits := strings.TrimPrefix(s, "-")
			if c.To-end != pitch || !allDecimal(digits) || len(digits) > 1 && digits[0] == '0' {
				return 0
			}
			uneven = uneven || len(s) < pitch-2
			end = c.To
		}
	}
	size := map[int]int{6: 2, 7: 2, 11: 4, 12: 4, 21: 8}[pitch]
	if !uneven && size < 4 {
		return 0
	}
	return size
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
		return err == nil && (u.size == 8 || n >= -1<<(8*u.size-1) && n < 1<<(8*u.size))
	case u.base == 16 && len(token) < u.width:
		return len(token)%2 == 0 && allHex(token)
	case len(token) != u.width:
		return false
	}
	n, ok := number(token, u.base)
	return ok || isQuad(token) || u.base == 16 && allHex(token) && n >= 0
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
			if n == 8 && at >= 4 && isQuad(token) {
				from++
			}
			yield(pair(in.text[from:]), from, from+2)
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
