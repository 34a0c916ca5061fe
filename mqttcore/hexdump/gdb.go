package hexdump

import (
	"strconv"
	"strings"
)

// readMemory reads what gdb's x prints in other formats than hex: an address, and then numbers with tabs between,
// decimal (x/ub, x/db), octal (x/ob), or decimal with the character behind (x/cb).
func readMemory(in *input) []candidate {
	var rows []memoryRow
	decimal, octal, telling := true, true, false
	for _, line := range in.lines {
		row := cutMemoryRow(in, line)
		rows = append(rows, row)
		for _, c := range row.cells {
			s := strings.TrimPrefix(in.at(c.number), "-")
			_, isOctal := number(s, 8)
			octal = octal && isOctal && s == in.at(c.number) && (s == "0" || s[0] == '0' && len(s) < 5 && s[1] != '0')
			decimal = decimal && (s == "0" || s[0] != '0') && len(s) < 4
			telling = telling || len(s) != 2 || c.number != c.Range
		}
	}
	if decimal == octal || !telling { // none, or hex
		return nil
	}
	base := 10
	if octal {
		base = 8
	}
	b := newBuilder(in)
	next := -1
	for _, row := range rows {
		if len(row.cells) == 0 {
			continue
		}
		b.skip("offset-column", row.From, row.To)
		if next >= 0 && row.address != next {
			b.problem("offset-gap", row.From, row.To, in.at(row.Range), "0x"+strconv.FormatInt(int64(next), 16), count(row.address-next))
		}
		next = row.address
		for _, c := range row.cells {
			s := in.at(c.number)
			v, _ := number(strings.TrimPrefix(s, "-"), base)
			if v > 255 || s[0] == '-' && v > 128 {
				return nil // words
			}
			if s[0] == '-' {
				v = -v
			}
			b.add(byte(v), c.From, c.To)
			next++
		}
	}
	return []candidate{b.candidate("gdb x", certain)}
}

// memoryRow is a line of gdb's x: the range is that of the address, with the symbol and the colon.
type memoryRow struct {
	Range
	address int
	cells   []memoryCell
}

// memoryCell is a number, and perhaps the same as a character behind it.
type memoryCell struct {
	Range
	number Range
}

// cutMemoryRow cuts a line of gdb's x; other lines have no cells.
func cutMemoryRow(in *input, line Range) memoryRow {
	t := in.text[:line.To]
	none := memoryRow{}
	i := skipSpace(t, line.From)
	if !strings.HasPrefix(t[i:], "0x") {
		return none
	}
	row := memoryRow{Range: Range{From: i}}
	n := digits(t, i+2, 16, 16)
	row.address, _ = number(t[i+2+max(0, n-15):i+2+n], 16)
	i += 2 + n
	i += symbol(t[i:])
	if n == 0 || i >= len(t) || t[i] != ':' {
		return none
	}
	i++
	for row.To = i; i < len(t); {
		if t[i] != '\t' {
			return none
		}
		c := memoryCell{Range: Range{From: i + 1}, number: Range{From: i + 1}}
		for i++; i < len(t) && (isDecimal(t[i]) || t[i] == '-' && i == c.From); i++ {
		}
		c.number.To = i
		if s := in.at(c.number); s == "" || s == "-" {
			return none
		}
		if i+1 < len(t) && t[i] == ' ' && t[i+1] == '\'' {
			i += 1 + char(t, i+1)
		}
		c.To = i
		row.cells = append(row.cells, c)
	}
	return row
}

// repeats reads gdb's word for a run of one value, " <repeats 12 times>", at t[i:]: how often, and how long it is;
// 0 if there is none.
func repeats(t string, i int) (times int, r Range) {
	const before, after = "<repeats ", " times>"
	from := skipSpace(t, i)
	if !strings.HasPrefix(t[from:], before) {
		return 0, Range{}
	}
	n := digits(t, from+len(before), 9, 10)
	times, _ = number(t[from+len(before):from+len(before)+n], 10)
	end := from + len(before) + n
	if !strings.HasPrefix(t[end:], after) {
		return 0, Range{}
	}
	return times, Range{from, end + len(after)}
}

// repeat adds the byte before once more for each of the other times that "<repeats 12 times>" at r says.
func (b *builder) repeat(times int, r Range) {
	more := times - 1
	if len(b.r.Bytes) == 0 || more < 1 {
		return
	}
	if len(b.r.Bytes)+more > maxExpanded {
		b.problem("repeat-too-long", r.From, r.To, b.in.at(r), count(more))
		return
	}
	v := b.r.Bytes[len(b.r.Bytes)-1]
	for range more {
		b.add(v, r.From, r.To)
	}
	b.skip("repeat-value", r.From, r.To, count(more))
}

// gdbPrint reports whether a text is what gdb's p prints: "$1 = …".
func gdbPrint(t string) bool {
	i := strings.IndexByte(t, '$') + 1
	n := digits(t, i, 9, 10)
	return i > 0 && n > 0 && strings.HasPrefix(t[i+n:], " = ")
}
