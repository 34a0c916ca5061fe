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

func charRows(in *input, rows []Range, radix int, name string) ([]candidate, bool) {
	b := newBuilder(in)
	for i, r := range rows[:len(rows)-1] {
		at, ok1 := number(in.text[r.From:r.From+7], radix)
		next, ok2 := number(in.text[rows[i+1].From:rows[i+1].From+7], radix)
		cells := r.From + 7
		if n := next - at; !ok1 || !ok2 || n <= 0 || n > (r.To-cells+3)/4 {
			return nil, false
		}
		if rest := cells + 4*(next-at); rest < r.To && !in.blank(Range{rest, r.To}) {
			return nil, false
		}
		b.skip("offset-column", r.From, cells)
		for k := range next - at {
			from := cells + 4*k
			to := min(from+4, r.To)
			v, ok := charCell(in.text[from:to])
			if !ok {
				return nil, false
			}
			for from < to-1 && in.text[from] == ' ' {
				from++
			}
			b.add(v, from, to)
		}
	}
	end := rows[len(rows)-1]
	if !in.blank(Range{end.From + 7, end.To}) {
		return nil, false
	}
	b.skip("end-offset", end.From, end.From+7)
	return []candidate{b.candidate(name, certain)}, true
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
