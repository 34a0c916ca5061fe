package hexdump

// readCharDump reads od -c and hexdump -c: bytes as characters, escapes and octal numbers in columns
// of four. The offset of the line below says how many columns of a line count, since spaces at its
// end may be filler or data.
func readCharDump(in *input) []candidate {
	var rows []Range
	for _, line := range in.lines {
		if in.blank(line) {
			continue
		}
		if in.at(line) == "*" && len(rows) > 0 {
			rows = append(rows, line)
			continue
		}
		if line.To-line.From < 7 || !allHex(in.text[line.From:line.From+7]) {
			return nil
		}
		rows = append(rows, line)
	}
	if len(rows) < 2 {
		return nil
	}
	if c, ok := charRows(in, rows, 8, "od -c"); ok {
		return c
	}
	c, _ := charRows(in, rows, 16, "hexdump -c")
	return c
}

// readCharCells reads od -An -c, which has the columns of characters alone.
func readCharCells(in *input) []candidate {
	b := newBuilder(in)
	plain, escaped := 0, 0
	for _, line := range in.lines {
		if line.From == line.To || len(b.r.Bytes) > 0 && starred(b, line.From) {
			continue
		}
		if in.text[line.From] != ' ' || line.To-line.From > 16*4 {
			return nil
		}
		for from := line.From; from < line.To; from += 4 {
			to := min(from+4, line.To)
			if _, ok := addCell(b, from, to); !ok {
				return nil
			}
			if in.text[to-2] == ' ' {
				plain++
			} else {
				escaped++
			}
		}
	}
	if plain == 0 || escaped == 0 { // digits alone are octal, characters alone may be anything
		return nil
	}
	return []candidate{b.candidate("od -c", certain)}
}

func charRows(in *input, rows []Range, radix int, name string) ([]candidate, bool) {
	b := newBuilder(in)
	var last []byte // of the line above, for "*"
	end := 0        // offset of the line above
	for i, r := range rows[:len(rows)-1] {
		if in.text[r.From] == '*' {
			next, ok := offsetOf(in, rows[i+1], radix)
			missing := next - end
			if !ok || len(last) == 0 || missing < 0 || missing%len(last) != 0 || missing > maxExpanded-len(b.r.Bytes) {
				return nil, false
			}
			for k := range missing {
				b.add(last[k%len(last)], r.From, r.To)
			}
			b.skip("repeat-line", r.From, r.To, count(missing/len(last)), count(missing))
			continue
		}
		at, ok1 := offsetOf(in, r, radix)
		next, ok2 := offsetOf(in, rows[i+1], radix)
		if in.text[rows[i+1].From] == '*' {
			next, ok2 = at+16, true
		}
		cells := r.From + 7
		if n := next - at; !ok1 || !ok2 || n <= 0 || n > (r.To-cells+3)/4 {
			return nil, false
		}
		if rest := cells + 4*(next-at); rest < r.To && !in.blank(Range{rest, r.To}) {
			return nil, false
		}
		b.skip("offset-column", r.From, cells)
		end = next
		last = last[:0]
		for k := range next - at {
			from := cells + 4*k
			to := min(from+4, r.To)
			v, ok := addCell(b, from, to)
			if !ok {
				return nil, false
			}
			last = append(last, v)
		}
	}
	foot := rows[len(rows)-1]
	if foot.To-foot.From < 7 || !in.blank(Range{foot.From + 7, foot.To}) {
		return nil, false
	}
	b.skip("end-offset", foot.From, foot.From+7)
	return []candidate{b.candidate(name, certain)}, true
}

// offsetOf reads the seven digits that a row begins with; ok is false for "*".
func offsetOf(in *input, row Range, radix int) (offset int, ok bool) {
	if row.To-row.From < 7 {
		return 0, false
	}
	return number(in.text[row.From:row.From+7], radix)
}

// addCell adds the byte of the cell text[from:to].
func addCell(b *builder, from, to int) (v byte, ok bool) {
	if v, ok = charCell(b.in.text[from:to]); !ok {
		return 0, false
	}
	for from < to-1 && b.in.text[from] == ' ' {
		from++
	}
	b.add(v, from, to)
	return v, true
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
