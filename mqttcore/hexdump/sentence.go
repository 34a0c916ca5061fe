package hexdump

import (
	"strings"
	"unicode/utf8"
)

// joins reports whether what stands between two hex tokens of a line with words keeps them together.
func joins(gap string) bool {
	if len(gap) > 12 || strings.Contains(gap, ": ") {
		return false
	}
	for _, r := range gap {
		switch {
		case strings.ContainsRune(" \t,;:-|%_./\\，、；\u3000\u00a0", r):
		default:
			return false
		}
	}
	return true
}

// doubtful reports whether a line that is nothing but hex may still be a word or number: letters only
// or few digits, in a text with sentences.
func (p *plain) doubtful(run []token) bool {
	digits, decimals := 0, 0
	for _, t := range run {
		if t.marked {
			return false
		}
		for _, c := range []byte(p.in.at(t.Range)) {
			digits++
			if isDecimal(c) {
				decimals++
			}
		}
	}
	return decimals == 0 && !(len(run) >= 4 && digits == 2*len(run)) || digits < 4 && len(run) == 1 && digits != 2
}

// trimRun cuts words such as "add" or "be" and glued identifiers off the ends of a run.
func (p *plain) trimRun(l *plainLine, run []token) []token {
	t := p.in.text
	for len(run) > 0 && (p.glued(l, run[0], true) ||
		p.wordLike(run[0]) && !p.bordered(l, run[0].From, true) && run[0].From > l.tokens[0].From ||
		p.wordLike(run[0]) && len(run) == 1) {
		run = run[1:]
	}
	for len(run) > 0 {
		last := run[len(run)-1]
		if last.kind == hexToken && !p.glued(l, last, false) && !(p.wordLike(last) && p.wordFollows(t, last.To, l.To)) {
			break
		}
		run = run[:len(run)-1]
	}
	if len(run) > 0 && p.wordLike(run[0]) && !p.bordered(l, run[0].From, true) && p.allWordLike(run) {
		return nil
	}
	return run
}

// wordLike reports whether a token has letters only, as "be" and "face" have.
func (p *plain) wordLike(t token) bool {
	return t.kind == hexToken && !t.marked && !hasDigit(p.in.at(t.digits))
}

func (p *plain) allWordLike(run []token) bool {
	for _, t := range run {
		if !p.wordLike(t) {
			return false
		}
	}
	return true
}

// glued reports whether a token is part of a name: joined to a word by a hyphen, dot or the like.
func (p *plain) glued(l *plainLine, t token, before bool) bool {
	const glue = "-_./@+~"
	text := p.in.text
	if before {
		return t.From-1 > l.From && strings.IndexByte(glue, text[t.From-1]) >= 0 &&
			isWordByte(text[t.From-2])
	}
	return t.To+1 < l.To && strings.IndexByte(glue, text[t.To]) >= 0 && isWordByte(text[t.To+1])
}

// wordFollows reports whether a word comes after text[at], with nothing but spaces between.
func (p *plain) wordFollows(t string, at, end int) bool {
	i := skipSpace(t, at)
	return i > at && i < end && (isLetter(t[i]))
}

// bordered reports whether the text says itself that bytes begin (or end) here: a colon, an equals sign, a
// quote, an arrow, a dash, the line's own end.
func (p *plain) bordered(l *plainLine, at int, before bool) bool {
	const marks = ":=>\"'`|[{(<#：＝＞「『【（》〉”“—–─→◇◆]】"
	if before {
		s := strings.TrimRight(p.in.text[l.From:at], " \t\u3000")
		r, _ := utf8.DecodeLastRuneInString(s)
		return s == "" || strings.ContainsRune(marks, r)
	}
	s := strings.TrimLeft(p.in.text[at:l.To], " \t\u3000")
	r, _ := utf8.DecodeRuneInString(s)
	return s == "" || strings.ContainsRune(marks, r) || strings.ContainsRune("),;.）」，。；", r)
}

// quoted reports whether quotes or a colon set text[from:to] apart, as in "send `e0`" or "code: 20".
func (p *plain) quoted(l *plainLine, from, to int) bool {
	const marks = ":=\"'`：“「『"
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(p.in.text[l.From:from], " "))
	return strings.ContainsRune(marks, r) && p.bordered(l, to, false)
}

// endsLine reports whether nothing but a mark stands behind a place of a line.
func (p *plain) endsLine(l *plainLine, at int) bool {
	return strings.Trim(p.in.text[at:l.To], " \t\r.,;，。；") == ""
}

// otherCell reports whether b stands in another cell of a table than a, and is written in another way:
// the row's number and then its byte, "| 10 | 0x74 |".
func (p *plain) otherCell(a, b token) bool {
	return a.marked != b.marked && strings.Contains(p.in.text[a.To:b.From], "|")
}

// celled reports whether text[from:to] fills a cell of a table's row or stands in backquotes.
func (p *plain) celled(l *plainLine, from, to int) bool {
	before := strings.TrimRight(p.in.text[l.From:from], " \t")
	after := strings.TrimLeft(p.in.text[to:l.To], " \t")
	return strings.HasSuffix(before, "|") && strings.HasPrefix(after, "|") || strings.HasSuffix(before, "`") && strings.HasPrefix(after, "`")
}

// accept reports whether a run in a line with words is data. taken counts the line's runs so far.
func (p *plain) accept(l *plainLine, run []token, s style, taken int) bool {
	if len(run) == 0 {
		return false
	}
	first, last := run[0], run[len(run)-1]
	pairs, odd, strong, long := 0, 0, false, 0
	for _, t := range run {
		if t.kind != hexToken {
			continue
		}
		n := t.len()
		switch {
		case t.marked && n <= 2:
			pairs++
			strong = true
		case n == 2:
			pairs++
			strong = strong || hasDigit(p.in.at(t.digits))
		case n%2 != 0:
			odd++
		}
		if n > 2 && n%2 == 0 {
			long = max(long, n)
		}
	}
	if p.annotated && first.From == l.tokens[0].From && taken == 0 && odd == 0 {
		return pairs > 0 || long >= 4
	}
	if p.annotated && taken > 0 {
		return false
	}
	bordered := p.bordered(l, first.From, true)
	switch {
	case pairs >= 2 && strong && odd == 0:
		return true
	case odd > 0:
		return pairs >= 4*odd || s.eager && len(run) >= 6 && long == 0
	case len(run) > 1 && long >= 4:
		return len(run) > 2 || bordered || hexish(p.in.at(first.digits)) && hexish(p.in.at(last.digits))
	case long >= 16:
		return true
	case long >= 4:
		str := p.in.at(first.digits)
		return hexish(str) && (bordered || long >= 12 || long >= 8 && fitsMQTT(decodePairs(str))) ||
			long >= 8 && fitsMQTT(decodePairs(str)) // eight decimals may be a date
	case pairs == 1 && p.celled(l, first.From, last.To) && (first.marked || p.in.text[last.To:min(len(p.in.text), last.To+1)] == "`"):
		return true
	case pairs == 1 && odd == 0 && p.labelled > 1 && strong && p.endsLine(l, last.To):
		return true
	case pairs == 1 && s.eager:
		return first.marked || p.quoted(l, first.From, last.To) && hasDigit(p.in.at(first.digits))
	}
	return false
}

// cell is the one stream of digits in a row of numbers with commas between, as in AT+NSOSD=0,14,100c…, or
// nil.
func (p *plain) cell(run []token) []token {
	var cell []token
	for i, t := range run {
		switch {
		case i > 0 && !strings.Contains(p.in.text[run[i-1].To:t.From], ","):
			return nil
		case t.kind != hexToken || t.marked:
			return nil
		case t.len() >= 4 && t.len()%2 == 0 && fitsMQTT(decodePairs(p.in.at(t.digits))):
			if cell != nil {
				return nil
			}
			cell = run[i : i+1]
		case t.len() > 4:
			return nil
		}
	}
	return cell
}

// hexish reports whether digits hold both letters and decimals, as hardly a word or number does.
func hexish(s string) bool { return hasDigit(s) && !allDecimal(s) }

func decodePairs(s string) []byte {
	var b []byte
	for i := 0; i+2 <= len(s); i += 2 {
		b = append(b, pair(s[i:]))
	}
	return b
}
