package hexdump

import (
	"slices"
	"strconv"
	"strings"
)

// dump is a text seen as lines of offset, values and perhaps an ASCII column, as xxd, hexdump, od,
// tcpdump, tshark and Wireshark print them.
type dump struct {
	in       *input
	lines    []dumpLine
	unit     unit
	radix    int // of the offsets
	colon    bool
	twoSided bool // tshark's and Wireshark's "follow": the server's lines are indented

	ascii    int // bytes proved by an ASCII column
	agree    int // offsets that agree with the bytes before them
	disagree int
	row      []byte // scratch of asciiSplit
	ends     []int
	pipes    bool // the ASCII column stands between bars
	tails    bool
}

func readDump(in *input) []candidate {
	d := &dump{in: in}
	d.lines = make([]dumpLine, len(in.lines))
	data, colons := 0, 0
	numbers := lineNumbers(in)
	for i, line := range in.lines {
		d.lines[i] = cutDumpLine(in, line)
		if numbers[i].To > numbers[i].From {
			d.lines[i] = cutDumpLine(in, Range{numbers[i].To, line.To})
			d.lines[i].number = numbers[i]
		} else if i > 0 && d.lines[i-1].above(d.lines[i]) && !in.blank(line) {
			d.lines[i].kind = underLine
		}
		if d.lines[i].kind == dataLine {
			data++
			if d.lines[i].colon {
				colons++
			}
		}
	}
	if data == 0 || d.enumerated() {
		return nil
	}
	d.colon = 2*colons >= data
	for i := range d.lines {
		if l := &d.lines[i]; l.kind == dataLine && l.colon != d.colon {
			l.kind = otherLine
		}
	}
	d.unit = findUnit(in, d.lines, d.colon)
	if d.unit.size == 0 || !d.conform() {
		return nil
	}
	asNumbers := d.marked() // gdb prints words as numbers
	if asNumbers && d.unit.size > 1 {
		d.unit.swapped = true
	}
	d.findRadix()
	d.findSides()
	if d.unit.base == 16 && d.unit.size > 1 {
		words, plain := d.asciiBytes(true), d.asciiBytes(false)
		d.unit.swapped = words > plain || d.unit.swapped && words == plain
	}
	c, ok := d.build()
	if d.unit.base == 2 && d.disagree > d.agree { // xxd -e of zeros, no binary digits
		d.unit = unit{base: 16, size: 4, width: 8, swapped: true}
		d.ascii, d.agree, d.disagree = 0, 0, 0
		c, ok = d.build()
	}
	if !ok {
		return nil
	}
	out := []candidate{c}
	tie := d.ascii == 0 && (!d.colon || asNumbers) || d.ascii > 0 && d.ascii < 16 && d.asciiBytes(true) == d.asciiBytes(false)
	if d.unit.base == 16 && d.unit.size > 1 && tie {
		other := *d
		other.unit.swapped = !d.unit.swapped
		other.ascii, other.agree, other.disagree = 0, 0, 0
		c, ok := other.build()
		better := ok && fitsMQTT(c.Bytes) && !fitsMQTT(out[0].Bytes) // od --endian=big, xxd -e
		switch {
		case better:
			out[0].level--
			out = append(out, c)
		case ok && (!d.colon || asNumbers):
			c.level--
			out = append(out, c)
		}
	}
	// od -x and hexdump print alike but for the base of the offsets; with "*" between, only that base
	// says how many lines are left out.
	if d.unit.base == 16 && d.unit.size == 2 && d.stars() {
		other := *d
		other.radix = 24 - d.radix // 8 for 16, 16 for 8
		other.ascii, other.agree, other.disagree = 0, 0, 0
		if c, ok := other.build(); ok && other.disagree == 0 && d.radix != 10 {
			c.level = min(c.level, certain-1)
			out = append(out, c)
		}
	}
	return out
}

// enumerated reports whether each line has one byte behind a short number: a list and no dump.
func (d *dump) enumerated() bool {
	return !slices.ContainsFunc(d.lines, func(l dumpLine) bool {
		return l.kind == dataLine && (len(l.tokens) > 1 || l.offset.To-l.offset.From > 3)
	})
}

// marked reports whether the values begin with 0x.
func (d *dump) marked() bool {
	i := slices.IndexFunc(d.lines, func(l dumpLine) bool { return l.kind == dataLine })
	return d.lines[i].tokens[0].marked
}

func (d *dump) stars() bool {
	return slices.ContainsFunc(d.lines, func(l dumpLine) bool { return l.kind == starLine })
}

// conform cuts each line's tokens at the first that is not of the unit; false if no data line is left.
func (d *dump) conform() bool {
	left := false
	for i := range d.lines {
		l := &d.lines[i]
		if l.kind != dataLine {
			continue
		}
		for n, c := range l.tokens {
			token := d.in.at(c.Range)
			if !c.bad && !d.unit.fits(token) {
				l.tokens = l.tokens[:n]
				break
			}
			if d.unit.base == 16 && len(token) < d.unit.width && !c.bad {
				l.tokens = l.tokens[:n+1] // a group cut short ends the data
				break
			}
		}
		if len(l.tokens) == 0 {
			l.kind = otherLine
		} else {
			left = true
		}
	}
	return left
}

// findRadix chooses the base of the offsets under which most lines begin where the line before them
// ends. The offset 16 after sixteen values speaks for decimal, though fourteen of them would fit octal.
func (d *dump) findRadix() {
	best := -1
	for _, radix := range []int{16, 8, 10} {
		votes := 0
		for i := range d.lines {
			from, ok1 := d.offset(i, radix)
			next, ok2 := d.nextOffset(i, radix)
			if d.lines[i].kind == dataLine && ok1 && ok2 {
				n, _ := d.tokensFor(i, next-from)
				switch {
				case n == 0:
				case n == len(d.lines[i].tokens) || n == d.asciiSplit(i):
					votes += 4
				default:
					votes++
				}
			}
			if d.repeats(i, radix) {
				votes += 4
			}
			if d.lines[i].kind == starLine { // tools differ in the base; od's seven digits are octal
				if radix == 8 && (d.unit.size != 2 || d.unit.base == 8) && i > 0 && d.lines[i-1].offset.To-d.lines[i-1].offset.From == 7 {
					votes++
				}
			}
		}
		if votes > best {
			d.radix, best = radix, votes
		}
	}
}

// repeats reports whether the offsets around a "*" on line i are whole lines apart in a base.
func (d *dump) repeats(i, radix int) bool {
	if d.lines[i].kind != starLine || i == 0 || d.lines[i-1].kind != dataLine {
		return false
	}
	from, ok1 := d.offset(i-1, radix)
	next, ok2 := d.nextOffset(i, radix)
	n := 0
	for _, c := range d.lines[i-1].tokens[:d.gapSplit(i-1, 0)] {
		n += d.bytesIn(c)
	}
	return ok1 && ok2 && n > 0 && (next-from)%n == 0
}

// findSides recognises the two columns of "follow": offsets of eight digits, with and without indent.
func (d *dump) findSides() {
	if d.unit.size > 1 {
		return
	}
	flush, indented := 0, 0
	for _, l := range d.lines {
		if l.kind != dataLine {
			continue
		}
		if l.offset.To-l.offset.From != 8 || l.colon {
			return
		}
		if l.indent == 0 {
			flush++
		} else {
			indented++
		}
	}
	d.twoSided = indented > 0 && (flush > 0 || strings.Contains(d.in.text, "Follow: "))
}

// offset is the number that line i begins with. Of an address of sixteen digits the first is left out: a kernel's
// addresses begin with f, and are more than an int holds.
func (d *dump) offset(i, radix int) (int, bool) {
	digits := d.in.at(d.lines[i].offset)
	return number(digits[max(0, len(digits)-15):], radix)
}

// nextOffset is the offset on the line right below line i.
func (d *dump) nextOffset(i, radix int) (int, bool) {
	indent := d.lines[i].indent
	for i+1 < len(d.lines) && d.lines[i+1].kind == underLine {
		i++
	}
	if i+1 >= len(d.lines) {
		return 0, false
	}
	if k := d.lines[i+1].kind; k != dataLine && k != offsetLine || d.lines[i+1].indent != indent {
		return 0, false
	}
	return d.offset(i+1, radix)
}

// tokensFor is the count of line i's tokens that hold n bytes, or 0. pad counts bytes that the last
// word holds beyond n: od fills it with zero.
func (d *dump) tokensFor(i, n int) (tokens, pad int) {
	if n <= 0 {
		return 0, 0
	}
	sum := 0
	for t, c := range d.lines[i].tokens {
		sum += d.bytesIn(c)
		if sum >= n {
			if pad = sum - n; pad < d.unit.size {
				return t + 1, pad
			}
			return 0, 0
		}
	}
	return 0, 0
}

func (d *dump) bytesIn(c cell) int {
	if c.bad {
		return d.unit.size
	}
	return d.unit.bytesIn(d.in.at(c.Range))
}

// asciiBytes counts the bytes of the first lines that an ASCII column proves, under a word order.
func (d *dump) asciiBytes(swapped bool) int {
	u := *d
	u.unit.swapped = swapped
	sum, seen := 0, 0
	for i := range d.lines {
		if d.lines[i].kind != dataLine {
			continue
		}
		if t := u.asciiSplit(i); t > 0 {
			sum += t
		}
		if seen++; seen == 64 {
			break
		}
	}
	return sum
}

// asciiSplit is the count of line i's tokens after which the rest of the line is their ASCII column,
// or 0.
func (d *dump) asciiSplit(i int) int {
	l := d.lines[i]
	if len(l.tokens) > maxSweep {
		return 0
	}
	b, ends := d.row[:0], d.ends[:0]
	for _, c := range l.tokens {
		if c.bad {
			b = append(b, make([]byte, d.unit.size)...)
		} else {
			d.unit.each(d.in, c.Range, func(v byte, _, _ int) { b = append(b, v) })
		}
		ends = append(ends, len(b))
	}
	d.row, d.ends = b, ends
	for t := len(l.tokens); t > 0; t-- {
		if matchesASCII(b[:ends[t-1]], d.in.text[l.tokens[t-1].To:l.To]) {
			return t
		}
	}
	return 0
}

// gapSplit is the count of tokens before the first gap that is too wide to lie between values.
func (d *dump) gapSplit(i, stride int) int {
	tokens := d.lines[i].tokens
	limit := len(tokens)
	if stride > 0 {
		limit = min(limit, stride)
	}
	usual := 1
	if d.unit.base == 10 || d.unit.size > 1 {
		usual = 4 // padded columns
	}
	if limit > 2 && tokens[1].gap == tokens[2].gap && tokens[1].gap < 4 {
		usual = max(usual, tokens[1].gap)
	}
	for t := 1; t < limit; t++ {
		gap := tokens[t].gap
		if gap > usual && !(gap <= usual+1 && (t == 8 || 2*t == stride || t%4 == 0 && gap == usual+1)) {
			return t
		}
	}
	return limit
}

// format names the layout.
func (d *dump) format() string {
	var first dumpLine
	for _, l := range d.lines {
		if l.kind == dataLine {
			first = l
			break
		}
	}
	width := first.offset.To - first.offset.From
	tool := "hexdump"
	if d.radix == 8 {
		tool = "od"
	}
	switch u := d.unit; {
	case d.twoSided:
		return "follow (hex)"
	case u.base == 2:
		return "xxd -b"
	case !u.swapped && first.offset.From > first.column && d.in.text[first.offset.From-1] == '`':
		return "WinDbg"
	case first.tokens[0].marked && u.size > 1 && u.swapped:
		return "gdb x (words swapped)"
	case first.tokens[0].marked:
		return "gdb x"
	case first.prefix && d.colon && width == 4 && d.tails:
		return "tcpdump -X"
	case first.prefix && d.colon && width == 4:
		return "tcpdump -x"
	case d.colon && u.swapped:
		return "xxd -e (words swapped)"
	case d.colon && width == 8:
		return "xxd"
	case u.base == 8 && u.size == 1:
		return tool + " -b (octal)"
	case u.base == 8:
		return tool + " -o (octal words, swapped)"
	case u.base == 10 && u.size == 1:
		return "od -td1 (decimal)"
	case u.base == 10 && u.size > 2:
		return "od -i (decimal words, swapped)"
	case u.base == 10:
		return tool + " -d (decimal words, swapped)"
	case u.size > 1 && u.swapped:
		if tool == "od" {
			return "od -x (words swapped)"
		}
		return "hexdump (words swapped)"
	case u.size > 1:
		return "hex words with offsets"
	case strings.Contains(d.in.at(first.Range), "│"):
		return "hexyl"
	case strings.HasPrefix(strings.TrimSpace(d.in.at(first.Range)), "|"):
		return "Netty hex dump"
	case d.pipes || width == 8 && !first.prefix:
		return "hexdump -C"
	case width == 7 && d.radix == 8:
		return "od -tx1"
	case width == 4 && !d.colon:
		return "Wireshark hex dump"
	}
	return "hex dump with offsets"
}

// count writes a number for a note.
func count(n int) string { return strconv.Itoa(n) }
