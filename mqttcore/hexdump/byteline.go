package hexdump

import "strings"

// readByteLines reads what logic analysers and protocol decoders export: one byte in each line, among times,
// channels and flags, as in "0.0012,0x10,,", `"Async Serial","data",0.0012,8.7e-05,0x10,` or
// "1000-1868 UART: TX: 10". What makes it one is that the lines are alike but for their numbers.
func readByteLines(in *input) []candidate {
	b := newBuilder(in)
	b.rest = "metadata"
	shapes := map[string]bool{}
	from, first := Unknown, true
	bytes := 0
	for _, line := range in.lines {
		if in.blank(line) {
			continue
		}
		at, digits := byteOfLine(in, line)
		if digits.To == 0 {
			if !first {
				return nil
			}
			first = false // the heading of the columns
			continue
		}
		first = false
		shape := shapeOf(in.text[line.From:at.From]) + "#" + shapeOf(in.text[at.To:line.To])
		if shapes[shape] = true; len(shapes) > 2 || shape == "#" { // two channels at most
			return nil
		}
		if sender, _ := labelOf(in.text[line.From:at.From]); sender != from {
			from = sender
			b.chunk(from, "")
		}
		v, _ := number(in.at(digits), 16)
		b.add(byte(v), at.From, at.To)
		bytes++
	}
	if bytes < 4 || bytes < 4*len(shapes) {
		return nil
	}
	return []candidate{b.candidate("a byte in each line", certain)}
}

// byteOfLine finds the one byte of a line: the only token of the form 0x10, or else two digits at its end.
func byteOfLine(in *input, line Range) (at, digits Range) {
	found := 0
	var last token
	for _, t := range cutTokens(in, line) {
		if t.kind == hexToken && t.marked && t.len() <= 2 {
			at, digits = t.Range, t.digits
			found++
		}
		last = t
	}
	if found == 0 && last.kind == hexToken && last.len() == 2 && last.To == in.trim(line).To && strings.HasSuffix(in.text[line.From:last.From], ": ") {
		at, digits, found = last.Range, last.digits, 1
	}
	if found != 1 {
		return Range{}, Range{}
	}
	return at, digits
}

// shapeOf is a text without what differs from one line of an export to the next: its numbers.
func shapeOf(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		j := i
		for j < len(s) && (isWordByte(s[j]) || s[j] == '.' || s[j] == '-' && j > i && s[j-1] == 'e') {
			j++
		}
		switch {
		case j == i:
			b.WriteByte(s[i])
			j++
		case isDecimal(s[i]):
			b.WriteByte('0')
		default:
			b.WriteString(s[i:j])
		}
		i = j
	}
	return b.String()
}
