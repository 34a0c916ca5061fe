package hexdump

import "strings"

// narrowed writes the full-width digits and letters of East Asian input methods (１０ ２Ｆ) as ASCII.
// back maps each offset of the new text to one of the old; it is nil if there is nothing to do.
func narrowed(text string) (narrow string, back []int) {
	wide := func(r rune) bool {
		return '０' <= r && r <= '９' || 'Ａ' <= r && r <= 'Ｚ' || 'ａ' <= r && r <= 'ｚ'
	}
	if strings.IndexFunc(text, wide) < 0 {
		return text, nil
	}
	var b strings.Builder
	from := 0
	for at, r := range text {
		if !wide(r) {
			continue
		}
		for i := from; i < at; i++ {
			back = append(back, i)
		}
		b.WriteString(text[from:at])
		b.WriteByte(byte(r - '０' + '0'))
		back = append(back, at)
		from = at + len("０")
	}
	for i := from; i <= len(text); i++ {
		back = append(back, i)
	}
	b.WriteString(text[from:])
	return b.String(), back
}

// widened moves all ranges of readings of a narrowed text to the text as it was pasted.
func widened(rs []Reading, back []int) []Reading {
	for _, r := range rs {
		for i := range r.Source {
			r.Source[i] = Range{back[r.Source[i].From], back[r.Source[i].To]}
		}
		for _, notes := range [][]Note{r.Skipped, r.Problems} {
			for i := range notes {
				notes[i].Range = Range{back[notes[i].From], back[notes[i].To]}
			}
		}
	}
	return rs
}
