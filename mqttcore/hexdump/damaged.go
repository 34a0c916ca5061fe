package hexdump

import (
	"strings"
	"unicode/utf8"
)

// findDamaged turns words that stand among hex and look like bytes with a wrong character into
// signTokens.
func (p *plain) findDamaged(l *plainLine) {
	if l.words == 0 {
		return
	}
	odd := 0 // words that are surely no damaged bytes
	marks, amid := make([]bool, len(l.tokens)), make([]bool, len(l.tokens))
	for i, t := range l.tokens {
		if t.kind != wordToken {
			continue
		}
		s := p.in.at(t.Range)
		before := i > 0 && l.tokens[i-1].kind == hexToken
		after := i+1 < len(l.tokens) && l.tokens[i+1].kind == hexToken
		digits, decimals := 0, 0
		for k := range len(s) {
			if isHex(s[k]) {
				digits++
			}
			if isDecimal(s[k]) {
				decimals++
			}
		}
		like := before && len(s) == l.tokens[i-1].To-l.tokens[i-1].From ||
			after && len(s) == l.tokens[i+1].To-l.tokens[i+1].From
		switch {
		case s[0] >= 0x80:
		case len(s) <= 2:
			marks[i] = before && after || digits > 0 && (before || after) && decimals > 0 ||
				len(s) == 2 && digits > 0 && (before || after) && l.hex >= 4
			amid[i] = len(s) == 2 && decimals > 0 && before && after
		case strings.HasPrefix(s, "0x") && len(s) <= 6:
			marks[i] = before || after
		case len(s) >= 8:
			marks[i] = 4*digits >= 3*len(s) && decimals > 1
		default:
			marks[i] = like && 2*digits >= len(s) && decimals > 0
		}
		if !marks[i] {
			odd++
		}
	}
	for i := range l.tokens {
		if marks[i] && (odd == 0 || l.hex >= 3*l.words || amid[i] && l.hex >= 3*odd) {
			l.tokens[i].kind = signToken
			if odd > 0 && l.tokens[i].To-l.tokens[i].From > 4 {
				l.tokens[i].kind = wordToken
			}
		}
	}
}

// badToken reports a token that stands in the place of bytes but has wrong characters in it, and
// reads the whole pairs of a long one.
func (b *builder) badToken(r Range) {
	s := b.in.at(r)
	if len(s) == 1 && isHex(s[0]) {
		b.problem("odd-digit", r.From, r.To, s)
		return
	}
	digits := strings.TrimPrefix(s, "0x")
	if len(digits) <= 2 || utf8.RuneCountInString(s) <= 2 {
		bad := s
		for _, c := range digits {
			if c >= utf8.RuneSelf || !isHex(byte(c)) {
				bad = string(c)
				break
			}
		}
		b.problem("not-hex", r.From, r.To, bad, s)
		return
	}
	// If the count of characters is even, a wrong one takes the place of a digit; otherwise it is one
	// too many.
	step := len(digits)%2 == 0
	first := -1
	for i := r.To - len(digits); i < r.To; {
		t := b.in.text
		switch {
		case step && i+2 <= r.To:
			if pair := t[i : i+2]; allHex(pair) {
				b.hexPairs(i, i+2)
			} else {
				bad := pair[:1]
				if isHex(pair[0]) {
					bad = pair[1:]
				}
				b.problem("not-hex", i, i+2, bad, pair)
			}
			i += 2
		case !isHex(t[i]):
			b.problem("not-hex", i, i+1, t[i:i+1], t[i:i+1])
			i++
		case first < 0:
			first = i
			i++
		default:
			b.add(byte(hexValue(t[first])<<4|hexValue(t[i])), first, i+1)
			first = -1
			i++
		}
	}
	if first >= 0 {
		b.problem("odd-stream", first, first+1, b.in.text[first:first+1], count(len(digits)))
	}
}
