package hexdump

import "strings"

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
			if p.in.inWords(l.From) {
				b.skip("packet-in-words", l.From, l.To)
			}
			if r := p.in.trim(l.Range); p.in.at(r) == "*" && i > 0 && p.lines[i-1].hex > 1 && p.lines[i-1].words == 0 {
				b.unknownRepeat(r.From, b.lineAbove(r.From))
			}
			continue
		}
		taken, start := 0, len(b.r.Source)
		for _, r := range p.runs(l) {
			run := l.tokens[r.From:r.To]
			if l.words > 0 || p.words > 0 && p.doubtful(run) {
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
			b.add(pair(p.in.at(t.digits)), t.From, t.To)
		case s.swapped > 0 && n == 2*s.swapped:
			u := unit{base: 16, size: s.swapped, width: n, swapped: true}
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
