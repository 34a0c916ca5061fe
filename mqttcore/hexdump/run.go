package hexdump

import (
	"strings"
	"unicode/utf8"
)

// read takes the bytes out of all lines. A line without words is hex as a whole. In a line with words,
// each run of hex tokens must show that it is no part of the sentence.
func (p *plain) read(b *builder, s style) {
	end := 0      // of the bytes read so far
	blank := true // since then
	p.labelled = 0
	for i := range p.lines {
		l := &p.lines[i]
		if len(l.tokens) == 0 {
			if p.in.blank(l.Range) {
				blank = true
			}
			if r := p.in.trim(l.Range); p.in.at(r) == "*" && i > 0 && p.lines[i-1].hex > 1 && p.lines[i-1].words == 0 {
				b.problem("repeat-unknown", r.From, r.To)
			}
			continue
		}
		taken, start := 0, len(b.r.Source)
		for _, r := range p.runs(l) {
			run := l.tokens[r.From:r.To]
			if l.words > 0 || p.words > 0 && p.doubtful(run, i) {
				run = p.trimRun(l, run)
				if !p.accept(l, run, s, taken) {
					if run = p.cell(run); run == nil {
						continue
					}
				}
			}
			from := run[0].From
			p.startChunk(b, end, from, blank, l, s)
			blank = false
			p.take(b, run, s)
			end = run[len(run)-1].To
			taken++
		}
		switch {
		case l.words == 0 || p.labelled < 0:
		case taken == 1 && p.endsLine(l, end):
			p.labelled++
		default:
			p.labelled = -1
		}
		p.noteLine(b, l, taken, b.r.Source[start:])
	}
}

// startChunk begins a chunk where the text between two runs sets them apart.
func (p *plain) startChunk(b *builder, end, from int, blank bool, l *plainLine, s style) {
	between := p.in.text[end:from]
	if len(between) > 400 {
		between = between[len(between)-400:]
	}
	if p.rawFollow {
		sender := Client
		if p.in.text[l.From] == '\t' != p.in.serverIsFirst {
			sender = Server
		}
		b.chunk(sender, "")
		return
	}
	heading := strings.TrimFunc(between, isSeparator) != ""
	if p.annotated { // the words after the bytes of the line above belong to those
		_, below, _ := strings.Cut(between, "\n")
		heading = strings.TrimFunc(below, isSeparator) != "" || end == 0 && heading
		between = below
	}
	if p.continues(l) {
		return
	}
	if p.arrows && !heading && strings.Contains(p.in.text[max(0, end-1):from]+"\n", "\n") {
		if sender, label := arrow("\n" + p.in.text[l.From:from]); sender != Unknown {
			b.chunk(sender, label)
			return
		}
	}
	if heading || blank {
		if i := strings.LastIndex(strings.TrimRight(between, "\n"), "\n\n"); i >= 0 {
			between = between[i:]
		}
		sender, label := Unknown, ""
		if heading || strings.ContainsAny(between, "<>") {
			if end == 0 {
				between = "\n" + between
			}
			sender, label = labelOf(between)
		}
		b.chunk(sender, label)
	}
}

// continues reports whether a line of an ESP-IDF log goes on with the buffer of the line above: it
// has the same tag, and the line above holds the 16 bytes that such a line has room for.
func (p *plain) continues(l *plainLine) bool {
	if l.tag == "" || l.index == 0 {
		return false
	}
	above := p.lines[l.index-1]
	return above.tag == l.tag && above.hex == 16 && above.words == 0
}

// runs cuts the tokens of a line into runs that can be read in one go: index ranges into l.tokens.
func (p *plain) runs(l *plainLine) []Range {
	var out []Range
	from := -1
	flush := func(i int) {
		if from >= 0 {
			to := i
			for to > from && l.tokens[to-1].kind != hexToken && l.words > 0 {
				to--
			}
			if to > from {
				out = append(out, Range{from, to})
			}
		}
		from = -1
	}
	for i, t := range l.tokens {
		if t.kind == wordToken || t.kind == maskToken {
			flush(i)
			continue
		}
		if from >= 0 && l.words > 0 && (!joins(p.in.text[l.tokens[i-1].To:t.From]) || p.otherCell(l.tokens[i-1], t)) {
			flush(i)
		}
		if from < 0 && l.words > 0 && t.kind != hexToken {
			continue
		}
		if from < 0 {
			from = i
		}
	}
	flush(len(l.tokens))
	return out
}

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
func (p *plain) doubtful(run []token, line int) bool {
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
		b = append(b, byte(hexValue(s[i])<<4|hexValue(s[i+1])))
	}
	return b
}

// take adds the bytes of a run.
func (p *plain) take(b *builder, run []token, s style) {
	for _, t := range run {
		n := t.len()
		switch {
		case t.kind == gapToken:
			b.problem("elided", t.From, t.To, p.in.at(t.Range))
		case t.kind != hexToken:
			b.badToken(t.Range)
		case n == 1 && (t.marked || s.unpadded):
			b.add(byte(hexValue(p.in.text[t.digits.From])), t.From, t.To)
		case n == 2:
			v := hexValue(p.in.text[t.digits.From])<<4 | hexValue(p.in.text[t.digits.From+1])
			b.add(byte(v), t.From, t.To)
		case n == 4 && s.swapped:
			u := unit{base: 16, size: 2, width: 4, swapped: true}
			u.each(p.in, t.digits, b.add)
		default:
			first := len(b.r.Source)
			b.hexPairs(t.digits.From, t.digits.To)
			if n > 1 {
				b.r.Source[first].From = t.From // the prefix is the first byte's
				b.r.Source[len(b.r.Source)-1].To = max(b.r.Source[len(b.r.Source)-1].To, t.To-n%2)
			}
		}
	}
}

// noteLine notes what was passed over in a line: masks, and tokens
// that could be hex but are not among sources, the characters that the line's bytes came from.
func (p *plain) noteLine(b *builder, l *plainLine, taken int, sources []Range) {
	if l.tag != "" {
		r := p.in.trim(Range{l.From, l.body.From})
		b.skip("log-line", r.From, r.To)
	}
	if l.body.To < l.To {
		r := p.in.trim(Range{l.body.To, l.To})
		b.skip("ascii-column", r.From, r.To)
	}
	if taken == 0 {
		if r := p.in.trim(l.Range); looksLogged(p.in.at(r)) {
			b.skip("log-line", r.From, r.To)
			return
		}
	}
	for _, t := range l.tokens {
		if t.kind == maskToken {
			b.skip(t.code, t.From, t.To)
		}
		for len(sources) > 0 && sources[0].To <= t.From {
			sources = sources[1:]
		}
		used := len(sources) > 0 && sources[0].From < t.To
		if t.kind == hexToken && t.len() > 1 && !used {
			b.skip("hex-like-word", t.From, t.To, p.in.at(t.Range))
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
