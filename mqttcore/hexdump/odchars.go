package hexdump

import (
	"slices"
	"strings"
)

// odRow is a line of od -c, od -ta or hexdump -c: an offset, or none, and cells of four characters. Lines without an
// offset under one with an offset hold the same bytes in another format, as od -c -tx1 prints them.
type odRow struct {
	Range
	offset int // digits
	star   bool
}

// odKind says how the cells of a row are written.
type odKind int

const (
	odHex   odKind = iota // "  1f"; in rows beside others only
	odChar                // "   M", `  \n`, " 037"
	odNamed               // "   M", "  nl", " nul": od -ta, which leaves out the highest bit
)

// odNames are the characters that od -ta writes as names.
var odNames = []string{
	"nul", "soh", "stx", "etx", "eot", "enq", "ack", "bel", "bs", "ht", "nl", "vt", "ff", "cr", "so", "si",
	"dle", "dc1", "dc2", "dc3", "dc4", "nak", "syn", "etb", "can", "em", "sub", "esc", "fs", "gs", "rs", "us", "sp",
}

// maxFormats is how many formats one dump may have.
const maxFormats = 4

// readCharDump reads od -c, od -ta and hexdump -c, with offsets or without, also with od's other formats below. The
// offset of the line below says how many cells of a line count, since spaces at its end may be filler or data.
func readCharDump(in *input) []candidate {
	var rows []odRow
	for _, line := range in.lines {
		if in.blank(line) {
			continue
		}
		row := odRow{Range: line, star: in.at(line) == "*"}
		if !row.star {
			row.offset = digits(in.text[:line.To], line.From, 8, 16)
			end := line.From + row.offset
			if row.offset != 0 && row.offset != 6 && row.offset != 7 || row.offset == 0 && len(rows) > 0 && rows[0].star ||
				end < line.To && in.text[end] != ' ' || line.To-line.From > 7+4*maxSweep {
				return nil
			}
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 || rows[0].star {
		return nil
	}
	if rows[0].offset == 0 {
		for height := 1; height <= maxFormats; height++ {
			if d, ok := newOdDump(in, rows, height, 0); ok {
				return d.read()
			}
		}
		return nil
	}
	height := 1
	for height < maxFormats && height < len(rows) && rows[height].offset == 0 && !rows[height].star {
		height++
	}
	for _, radix := range []int{8, 10, 16} {
		if d, ok := newOdDump(in, rows, height, radix); ok {
			return d.read()
		}
	}
	return nil
}

// odDump is a dump cut into groups: rows that hold the same bytes.
type odDump struct {
	in     *input
	groups []odGroup
	width  int // of the offsets
	radix  int
	end    Range // the offset that stands alone at the end
	source int   // the row of each group that the bytes are taken from
	kinds  []odKind
}

type odGroup struct {
	rows  []Range // without offsets
	line  Range   // of the first row, with its offset
	cells int
	star  Range // the "*" behind it
	times int   // how many bytes that stands for; -1 if nothing says so
}

// newOdDump cuts rows into groups of height; ok is false if they do not fit, or are not such a dump.
func newOdDump(in *input, rows []odRow, height, radix int) (d odDump, ok bool) {
	d = odDump{in: in, width: rows[0].offset, radix: radix}
	if radix > 0 {
		last := rows[len(rows)-1]
		if len(rows) < 2 || last.offset != d.width || !in.blank(Range{last.From + d.width, last.To}) {
			return d, false
		}
		d.end = Range{last.From, last.From + d.width}
	}
	next := func(i int) (int, bool) { // the next offset from row i on
		for ; i < len(rows) && radix > 0; i++ {
			if rows[i].offset > 0 {
				return number(in.text[rows[i].From:rows[i].From+d.width], radix)
			}
		}
		return 0, false
	}
	for i := 0; i < len(rows); {
		if rows[i].star {
			g := &d.groups[len(d.groups)-1]
			g.star, g.times = rows[i].Range, -1
			i++
			if to, ok := next(i); ok {
				at, _ := number(in.text[g.line.From:g.line.From+d.width], radix)
				if g.times = to - at - g.cells; g.times < 0 || g.times%g.cells != 0 || g.times > maxExpanded {
					return d, false
				}
			} else if radix > 0 {
				return d, false
			}
			continue
		}
		if radix > 0 && i+1 == len(rows) {
			break
		}
		if i+height > len(rows) || rows[i].offset != d.width {
			return d, false
		}
		g := odGroup{line: rows[i].Range}
		for k := range height {
			r := rows[i+k]
			if r.star || k > 0 && r.offset > 0 || !in.blank(Range{r.From + r.offset, min(r.From+d.width, r.To)}) {
				return d, false
			}
			g.rows = append(g.rows, Range{min(r.From+d.width, r.To), r.To})
			g.cells = max(g.cells, (r.To-r.From-d.width+3)/4)
		}
		i += height
		to, ok := next(i)
		if radix > 0 && i < len(rows) && !rows[i].star {
			at, _ := number(in.text[g.line.From:g.line.From+d.width], radix)
			if !ok || rows[i].offset == 0 || to-at > g.cells {
				return d, false
			}
			g.cells = to - at
		}
		if g.cells <= 0 || radix > 0 && !ok {
			return d, false
		}
		d.groups = append(d.groups, g)
	}
	return d, len(d.groups) > 0 && d.findKinds(height) && d.telling()
}

// findKinds finds out how each row of a group is written, and which row to read; false if the rows do not agree.
func (d *odDump) findKinds(height int) bool {
	for source := range height {
		for _, kind := range []odKind{odHex, odChar, odNamed} {
			if kind == odHex && height == 1 {
				continue
			}
			d.source, d.kinds = source, make([]odKind, height)
			good := true
			for row := range height {
				good = good && d.findKind(row, kind)
			}
			if good {
				return true
			}
		}
	}
	return false
}

// findKind finds the kind of a row under which it says the same as the source row, of the given kind.
func (d *odDump) findKind(row int, kind odKind) bool {
	for _, k := range []odKind{odHex, odChar, odNamed} {
		if row == d.source && k != kind || row != d.source && k == odHex {
			continue
		}
		if !slices.ContainsFunc(d.groups, func(g odGroup) bool { return !d.agree(g, row, k, kind) }) {
			d.kinds[row] = k
			return true
		}
	}
	return false
}

// agree reports whether a row, read as of kind k, holds the bytes of the source row.
func (d *odDump) agree(g odGroup, row int, k, kind odKind) bool {
	r := g.rows[row]
	if rest := r.From + 4*g.cells; rest < r.To && !d.in.blank(Range{rest, r.To}) {
		return false
	}
	for i := range g.cells {
		v, ok := d.cell(r, i, k)
		w, same := d.cell(g.rows[d.source], i, kind)
		if k == odNamed {
			w &= 0x7f
		}
		if !ok || !same || v != w {
			return false
		}
	}
	return true
}

// telling reports whether the rows look like nothing else: with offsets, in two formats, or with an escape; digits alone
// are octal, characters alone may be anything.
func (d *odDump) telling() bool {
	if d.width > 0 || len(d.kinds) > 1 {
		return true
	}
	plain, other := false, false
	for _, g := range d.groups {
		for i := range g.cells {
			cell := d.in.text[g.rows[0].From+4*i : g.rows[0].From+4*i+4]
			if cell[2] == '\\' {
				return true
			}
			plain = plain || cell[2] == ' '
			other = other || cell[2] != ' '
		}
	}
	return plain && other
}

// cell reads cell i of a row.
func (d *odDump) cell(row Range, i int, kind odKind) (byte, bool) {
	from, to := row.From+4*i, row.From+4*i+4
	if to > row.To {
		return 0, false
	}
	cell := d.in.text[from:to]
	name := strings.TrimLeft(cell[1:], " ")
	switch {
	case kind == odHex:
		return pair(cell[2:]), cell[:2] == "  " && allHex(cell[2:])
	case kind == odChar:
		return charCell(cell)
	case cell[0] != ' ':
		return 0, false
	case name == "": // a space is "sp"
		return 0, false
	case len(name) == 1:
		return name[0], true
	case name == "del":
		return 0x7f, true
	}
	v := slices.Index(odNames, name)
	return byte(v), v >= 0
}

func (d *odDump) read() []candidate {
	b := newBuilder(d.in)
	for _, g := range d.groups {
		b.skip("offset-column", g.line.From, g.line.From+d.width)
		last := len(b.r.Bytes)
		for k, r := range g.rows {
			if k != d.source {
				t := d.in.trim(r)
				b.skip("ascii-column", t.From, t.To)
				continue
			}
			for i := range g.cells {
				v, _ := d.cell(r, i, d.kinds[k])
				from, to := r.From+4*i, r.From+4*i+4
				for from < to-1 && d.in.text[from] == ' ' {
					from++
				}
				b.add(v, from, to)
			}
		}
		line := b.r.Bytes[last:]
		switch {
		case g.times < 0:
			b.unknownRepeat(g.star.From, last)
		case g.times > 0:
			for k := range g.times {
				b.add(line[k%len(line)], g.star.From, g.star.To)
			}
			b.skip("repeat-line", g.star.From, g.star.To, count(g.times/len(line)), count(g.times))
		}
	}
	b.skip("end-offset", d.end.From, d.end.To)
	name := "od -c"
	switch {
	case d.kinds[d.source] == odHex:
		name = "od -tx1"
	case d.kinds[d.source] == odNamed:
		name = "od -ta"
		first := b.r.Source[0]
		b.problem("seven-bits", first.From, first.To)
	case d.radix == 16 && d.width == 7:
		name = "hexdump -c"
	}
	return []candidate{b.candidate(name, certain)}
}

// charCell reads one cell of four characters: "   M", "  \n" or " 004".
func charCell(cell string) (byte, bool) {
	if len(cell) != 4 || cell[0] != ' ' {
		return 0, false
	}
	switch {
	case cell == `  \0`:
		return 0, true
	case cell[:3] == "   ":
		return cell[3], true
	case cell[:3] == `  \`:
		v, ok := simple[cell[3]]
		return v, ok
	}
	n, ok := number(cell[1:], 8)
	return byte(n), ok && n < 256
}
