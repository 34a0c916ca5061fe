package hexdump

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// flow is what the lines of one side of a dump have said so far.
type flow struct {
	at    int    // the offset of its last line
	next  int    // the offset at which its next line should begin
	known bool   // next means something
	last  []byte // the bytes of its last line, which "*" repeats
}

// build reads the bytes of all lines. ok is false if nothing proves that these are dump lines.
func (d *dump) build() (c candidate, ok bool) {
	b := newBuilder(d.in)
	var flows [2]flow
	stride, side, inside := 0, -1, false
	zero, rising := false, false
	heading := Range{-1, -1}
	for i := range d.lines {
		l := &d.lines[i]
		number := d.in.trim(l.number)
		b.skip("list-number", number.From, number.To)
		switch l.kind {
		case underLine:
			r := d.in.trim(l.Range)
			b.skip("ascii-column", r.From, r.To)
		case otherLine:
			if !d.in.blank(l.Range) {
				heading = l.Range
				inside = false
				if r := d.in.trim(l.Range); !d.strays(b, l.Range) && looksLogged(d.in.at(r)) {
					b.skip("log-line", r.From, r.To)
				}
			}
		case starLine:
			if inside {
				d.repeat(b, &flows[max(side, 0)], i)
			}
		case offsetLine:
			d.end(b, &flows[max(side, 0)], i, inside)
			inside = false
		case dataLine:
			at, _ := d.offset(i, d.radix)
			was := side
			side = d.side(i)
			f := &flows[side]
			restart := !f.known || at == 0 || at < f.next && !inside
			if restart || was != side || !inside && heading.From >= 0 {
				d.startChunk(b, side, heading)
			}
			if restart && at != 0 && !d.proved(i) {
				continue // a line of prose that begins with a number
			}
			heading = Range{-1, -1}
			if !restart && at != f.next {
				d.disagree++
				b.problem("offset-gap", l.offset.From, l.offset.To, d.in.at(l.offset), d.hex(f.next), count(at-f.next))
			} else if !restart {
				d.agree++
			}
			rising = rising || at > f.at && zero
			f.at = at
			zero = zero || at == 0
			inside = true
			n := d.line(b, f, i, stride)
			stride = max(stride, n)
			f.next, f.known = at+len(f.last), true
		}
	}
	if len(b.r.Bytes) == 0 {
		return candidate{}, false
	}
	l := likely
	narrow := d.unit.width == 2 || d.unit.width == 3 // no value could be an offset
	if d.ascii >= 4 || rising && narrow || d.agree > 0 && d.agree > d.disagree || d.twoSided {
		l = certain
	} else if !zero && !d.colon {
		return candidate{}, false
	}
	c = b.candidate(d.format(), l)
	linked := slices.ContainsFunc(c.Skipped, func(n Note) bool { return n.Code == "link-header" })
	if linked && strings.HasPrefix(c.Format, "tcpdump") {
		c.Format += c.Format[len(c.Format)-1:] // -X becomes -XX
	}
	return c, true
}

// strays reads hex that stands in a line between dumps, as in "the answer is 20 02 00 00". It takes
// four bytes at least: headings of captures are full of numbers.
func (d *dump) strays(b *builder, line Range) bool {
	p := plain{in: d.in}
	l := p.cut(line)
	found := false
	for _, r := range p.runs(&l) {
		run := l.tokens[r.From:r.To]
		if len(run) < 4 {
			continue
		}
		good, counting := true, true
		for i, t := range run {
			good = good && t.kind == hexToken && t.len() == 2
			n, _ := number(d.in.at(t.digits), 16)
			counting = counting && n == i
		}
		hardware := len(run) == 6 && run[1].From == run[0].To+1 && d.in.text[run[0].To] == ':'
		switch {
		case counting:
			b.skip("column-heading", run[0].From, run[len(run)-1].To)
		case good && !hardware:
			b.chunk(labelOf(d.in.text[line.From:run[0].From]))
			p.take(b, run, style{})
			found = true
		}
	}
	return found
}

// proved reports whether a line that begins anywhere but at 0 or at the expected offset is a dump line
// nevertheless.
func (d *dump) proved(i int) bool {
	at, _ := d.offset(i, d.radix)
	if next, ok := d.nextOffset(i, d.radix); ok {
		if n, _ := d.tokensFor(i, next-at); n > 0 {
			return true
		}
	}
	if d.lines[i].colon {
		return true
	}
	n := d.asciiSplit(i)
	return n > 0 && d.ends[n-1] > 2
}

func (d *dump) side(i int) int {
	if d.twoSided && d.lines[i].indent > 0 {
		return 1
	}
	return 0
}

func (d *dump) startChunk(b *builder, side int, heading Range) {
	from, label := Unknown, ""
	if heading.From >= 0 {
		from, label = labelOf(d.in.at(heading))
	}
	if d.twoSided {
		from = [2]Sender{Client, Server}[side]
		if d.in.serverIsFirst {
			from = [2]Sender{Server, Client}[side]
		}
		label = ""
	}
	b.chunk(from, label)
}

// line reads the bytes of one data line and notes its columns; it returns the count of tokens read.
func (d *dump) line(b *builder, f *flow, i, stride int) int {
	l := &d.lines[i]
	tail := func(n int) Range { return d.in.trim(Range{l.tokens[n-1].To, l.To}) }
	pad := 0
	n := d.asciiSplit(i)
	proved := n > 0
	at, _ := d.offset(i, d.radix)
	next, below := d.nextOffset(i, d.radix)
	if m, p := d.tokensFor(i, next-at); proved && below && m == n {
		pad = p
	}
	if !proved {
		if below {
			n, pad = d.tokensFor(i, next-at)
			if most := d.gapSplit(i, stride); n > 0 && n < most && l.tokens[n].gap == 1 {
				n, pad = most, 0 // values that the offsets deny: the next line will report it
			}
		}
		if n == 0 {
			n = d.gapSplit(i, stride)
		}
	}
	if n := logPrefix(d.in.at(l.Range)); n > 0 {
		p := d.in.trim(Range{l.From, l.From + n})
		b.skip("log-line", p.From, p.To)
	}
	to := l.offset.To
	if l.colon {
		to = l.tokens[0].start()
		to = d.in.trim(Range{l.offset.From, to}).To
	}
	b.skip("offset-column", l.column, to)
	f.last = f.last[:0]
	for _, c := range l.tokens[:n] {
		b.skip("syntax", c.start(), c.From)
		if c.bad {
			b.badToken(c.Range)
			f.last = append(f.last, make([]byte, d.unit.size)...) // keeps the offsets in step
			continue
		}
		d.unit.each(d.in, c.Range, func(v byte, from, to int) {
			f.last = append(f.last, v)
			b.add(v, from, to)
		})
	}
	if pad > 0 && pad < len(b.r.Bytes) {
		cut := len(b.r.Bytes) - pad
		for _, s := range b.r.Source[cut:] {
			b.skip("padding", s.From, s.To)
		}
		b.r.Bytes, b.r.Source = b.r.Bytes[:cut], b.r.Source[:cut]
		f.last = f.last[:len(f.last)-pad]
	}
	if t := tail(n); t.From < t.To {
		s := d.in.at(t)
		if proved {
			d.ascii += len(f.last)
		}
		if proved || utf8.RuneCountInString(strings.TrimLeft(s, "┊ ")) <= 2*max(len(f.last), 8)+2 {
			d.tails = true
			d.pipes = d.pipes || s[0] == '|'
			b.skip("ascii-column", t.From, t.To)
		}
	}
	return n
}

// repeat adds the bytes for which a "*" stands: the line above, as often as the next offset says.
func (d *dump) repeat(b *builder, f *flow, i int) {
	star := d.lines[i].offset
	next, ok := d.nextOffset(i, d.radix)
	if !ok {
		for j := i + 1; j < len(d.lines) && j < i+3 && !ok; j++ {
			if k := d.lines[j].kind; k == dataLine || k == offsetLine {
				next, ok = d.offset(j, d.radix)
			}
		}
	}
	missing := next - f.next
	switch {
	case !ok || missing < 0 || len(f.last) == 0:
		b.unknownRepeat(star.From, b.lineAbove(star.From))
		return
	case len(b.r.Bytes)+missing > maxExpanded:
		b.problem("repeat-too-long", star.From, star.To, "*", count(missing))
	default:
		for k := range missing {
			b.add(f.last[k%len(f.last)], star.From, star.To)
		}
		b.skip("repeat-line", star.From, star.To, count(missing/len(f.last)), count(missing))
	}
	f.next = next
}

// end checks the offset that stands alone on the last line.
func (d *dump) end(b *builder, f *flow, i int, inside bool) {
	l := d.lines[i]
	if !inside {
		return
	}
	at, ok := d.offset(i, d.radix)
	switch {
	case !ok:
		return
	case at == f.next:
		d.agree++
	default:
		b.problem("offset-gap", l.offset.From, l.offset.To, d.in.at(l.offset), d.hex(f.next), count(at-f.next))
		d.disagree++
		return
	}
	b.skip("end-offset", l.offset.From, l.offset.To)
}

// hex writes an offset in the dump's own base.
func (d *dump) hex(n int) string {
	const digits = "0123456789abcdef"
	var out []byte
	for n > 0 || len(out) == 0 {
		out = append([]byte{digits[n%d.radix]}, out...)
		n /= d.radix
	}
	return string(out)
}
