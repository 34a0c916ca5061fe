package hexdump

import (
	"slices"
	"strings"
)

// readBracketed reads what serial terminals print: what can be printed as it is, and every other byte as hex in
// brackets: [10][0C][00][04]MQTT[04] or <0x10> <0x0C> <0x00> <0x04> M Q T T <0x04>.
func readBracketed(in *input) []candidate {
	var cells []Range // with their brackets
	for i := 0; i < len(in.text); i++ {
		if n := bracketedByte(in.text[i:]); n > 0 {
			cells = append(cells, Range{i, i + n})
			i += n - 1
		}
	}
	if len(cells) == 0 {
		return nil
	}
	control := slices.ContainsFunc(cells, func(c Range) bool { return pair(in.text[c.To-3:]) < ' ' })
	last := cells[len(cells)-1].To
	for _, within := range []Range{{0, len(in.text)}, {cells[0].From, last}, {}} {
		b, literals, alone := joinBracketed(in, cells, within)
		switch {
		case literals == 0: // hex alone, or other characters
		case fitsMQTT(b.r.Bytes) || alone && len(cells) > 2:
			return []candidate{b.candidate("characters and bracketed hex", certain)}
		case opensMQTT(b.r.Bytes) && control && timestamp(in.text, skipBlank(in.text, 0)) == 0:
			return []candidate{b.candidate("characters and bracketed hex", likely)}
		}
	}
	return nil // brackets in a sentence
}

// joinBracketed reads the cells and the characters around them that lie within a stretch, or, if that is empty,
// between the cells of a line. alone says that each such character stands between spaces.
func joinBracketed(in *input, cells []Range, within Range) (b *builder, literals int, alone bool) {
	b, alone = newBuilder(in), true
	end := within.From
	for k := 0; k <= len(cells); k++ {
		cell := Range{within.To, within.To}
		if k < len(cells) {
			cell = cells[k]
		}
		between := in.text[min(end, cell.From):cell.From]
		if within.To == 0 && (k == 0 || strings.Contains(between, "\n")) {
			between = ""
		}
		if gap := strings.TrimLeft(between, " "); strings.HasPrefix(gap, "=") || strings.HasPrefix(gap, ":") {
			return b, 0, false // the brackets hold the bytes' places: [0] = 0x10
		}
		spaced := k == 0 || k == len(cells) || strings.HasPrefix(between, " ") && strings.HasSuffix(between, " ")
		for i := range len(between) {
			c := between[i]
			switch {
			case c == '\r', c == '\n', c == ' ' && spaced:
				continue
			case c < ' ' || c > '~':
				return b, 0, false
			}
			alone = alone && spaced && (i == 0 || between[i-1] == ' ') && (i+1 == len(between) || between[i+1] <= ' ')
			literals++
			b.add(c, cell.From-len(between)+i, cell.From-len(between)+i+1)
		}
		if k < len(cells) {
			b.add(pair(in.text[cell.To-3:]), cell.From, cell.To)
		}
		end = cell.To
	}
	return b, literals, alone
}

// bracketedByte is the length of "[10]", "<10>", "[0x10]" or "<0x10>" at the beginning of s, or 0.
func bracketedByte(s string) int {
	if len(s) < 4 || s[0] != '[' && s[0] != '<' {
		return 0
	}
	i := 1
	if strings.HasPrefix(s[1:], "0x") || strings.HasPrefix(s[1:], "0X") {
		i = 3
	}
	if digits(s, i, 3, 16) != 2 || i+2 >= len(s) || s[i+2] != closing(s[0]) {
		return 0
	}
	return i + 3
}
