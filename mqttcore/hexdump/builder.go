package hexdump

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxProblems = 1000
	maxSkipped  = 4000    // the two columns of 2,000 dump lines
	maxExpanded = 1 << 20 // bytes that repetition lines may add
	maxDeduced  = 1 << 12 // those of a line whose number is not known, and the bytes around it
)

// builder collects a reading. Readers call it in any order; reading puts all in order and notes what
// no call has covered.
type builder struct {
	in    *input
	r     Reading
	fresh *Chunk // begins at the next byte
	stars []star // whose number of lines is not known
	rest  string // code for what nothing accounts for: "prose" or "syntax"
}

func newBuilder(in *input) *builder { return &builder{in: in, rest: "prose"} }

// add appends a byte that came from text[from:to].
func (b *builder) add(v byte, from, to int) {
	if b.fresh != nil || len(b.r.Bytes) == 0 {
		c := Chunk{}
		if b.fresh != nil {
			c = *b.fresh
		}
		c.Offset = len(b.r.Bytes)
		b.r.Chunks = append(b.r.Chunks, c)
		b.fresh = nil
	}
	b.r.Bytes = append(b.r.Bytes, v)
	b.r.Source = append(b.r.Source, Range{from, to})
}

// chunk makes the next byte begin a chunk. What an earlier call said about the same chunk is kept.
func (b *builder) chunk(from Sender, label string) {
	if b.fresh == nil {
		b.fresh = &Chunk{}
	}
	if from != Unknown {
		b.fresh.From = from
	}
	if label != "" {
		b.fresh.Label = label
	}
}

func (b *builder) skip(code string, from, to int, args ...string) {
	if from < to {
		b.r.Skipped = append(b.r.Skipped, Note{Range{from, to}, code, args})
	}
}

func (b *builder) problem(code string, from, to int, args ...string) {
	b.r.Problems = append(b.r.Problems, Note{Range{from, to}, code, args})
}

// hexPairs adds the bytes of the digits text[from:to]; a lone last digit is a problem.
func (b *builder) hexPairs(from, to int) {
	t := b.in.text
	i := from
	for ; i+2 <= to; i += 2 {
		b.add(pair(t[i:]), i, i+2)
	}
	if i < to {
		if to-from == 1 {
			b.problem("odd-digit", i, to, t[i:to])
		} else {
			b.problem("odd-stream", i, to, t[i:to], strconv.Itoa(to-from))
		}
	}
}

// unknownRepeat notes a "*" at text[at:] of which the text does not say how many lines it stands for; the line above
// holds the bytes from the given one on.
func (b *builder) unknownRepeat(at, from int) {
	b.problem("repeat-unknown", at, at+1)
	b.stars = append(b.stars, star{at, from, len(b.r.Bytes)})
}

// lineAbove is the first byte that stands in the line above the one that begins at text[at:].
func (b *builder) lineAbove(at int) int {
	above := strings.LastIndexByte(strings.TrimRight(b.in.text[:at], " \t\r\n"), '\n') + 1
	n := len(b.r.Bytes)
	for n > 0 && b.r.Source[n-1].From >= above {
		n--
	}
	return n
}

// star is a "*" at text[at:] that stands for an unknown number of lines such as the bytes [from,to).
type star struct{ at, from, to int }

// deduced is a reading in which the only unknown "*" stands for as many lines as make whole packets: their Remaining
// Length says so.
func (c candidate) deduced() (candidate, bool) {
	if len(c.stars) != 1 || c.fits || len(c.Bytes) > maxDeduced {
		return c, false
	}
	s := c.stars[0]
	if s.to > len(c.Bytes) { // filler was taken off
		return c, false
	}
	line := c.Bytes[s.from:s.to]
	for times := 1; len(line) > 1 && times*len(line) <= maxDeduced; times++ {
		more := bytes.Repeat(line, times)
		all := slices.Concat(c.Bytes[:s.to], more, c.Bytes[s.to:])
		if !fitsMQTT(all) {
			continue
		}
		c.Bytes = all
		c.Source = slices.Insert(slices.Clone(c.Source), s.to, slices.Repeat([]Range{{s.at, s.at + 1}}, len(more))...)
		c.Chunks = slices.Clone(c.Chunks)
		for i := range c.Chunks {
			if c.Chunks[i].Offset >= s.to {
				c.Chunks[i].Offset += len(more)
			}
		}
		isStar := func(n Note) bool { return n.From == s.at }
		c.Problems = slices.DeleteFunc(slices.Clone(c.Problems), isStar)
		c.Skipped = slices.Clone(c.Skipped)
		i, _ := slices.BinarySearchFunc(c.Skipped, s.at, func(n Note, at int) int { return n.From - at })
		c.Skipped = slices.Insert(c.Skipped, i, Note{Range{s.at, s.at + 1}, "repeat-deduced", []string{strconv.Itoa(times), strconv.Itoa(len(more))}})
		c.fits = true
		return c, true
	}
	return c, false
}

// candidate finishes the reading and gives it a level.
func (b *builder) candidate(format string, l level) candidate {
	c := candidate{Reading: b.reading(format), level: l, stars: b.stars}
	last := -1
	for _, s := range c.Source {
		if s.From != last { // a repetition line counts once
			c.read += s.To - s.From
		}
		last = s.From
	}
	if l == certain && b.rest == "syntax" && b.in.visible > 400 && 25*c.read < b.in.visible {
		c.level-- // a few brackets or escapes among much else prove little
	}
	for _, n := range c.Skipped {
		if n.Code != "prose" && n.Code != "hex-like-word" && n.Code != "log-line" {
			c.read += n.To - n.From
		}
	}
	return c
}

// reading finishes the reading: notes in order, what nothing covered noted as prose, lists bounded.
func (b *builder) reading(format string) Reading {
	b.stripFrames()
	r := b.r
	r.Format = format
	b.coverProse(&r)
	byPlace := func(x, y Note) int {
		return cmp.Or(cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To))
	}
	slices.SortStableFunc(r.Skipped, byPlace)
	slices.SortStableFunc(r.Problems, byPlace)
	r.Skipped = b.merge(r.Skipped)
	r.Skipped = bound(r.Skipped, maxSkipped, "more-skipped")
	r.Problems = bound(r.Problems, maxProblems, "more-problems")
	return r
}

// coverProse adds a note for each stretch that is more than separators and that neither a byte nor a
// note accounts for.
func (b *builder) coverProse(r *Reading) {
	text := b.in.text
	covered := make([]bool, len(text))
	mark := func(s Range) {
		for i := s.From; i < s.To; i++ {
			covered[i] = true
		}
	}
	last := Range{-1, -1}
	for _, s := range r.Source {
		if s != last {
			mark(s)
		}
		last = s
	}
	for _, n := range r.Skipped {
		mark(n.Range)
	}
	for _, n := range r.Problems {
		mark(n.Range)
	}
	from, to := -1, -1 // the open stretch, from its first to its last telling character
	flush := func() {
		if from >= 0 {
			r.Skipped = append(r.Skipped, Note{Range{from, to}, b.rest, nil})
		}
		from = -1
	}
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case covered[i]:
			flush()
		case !isSeparator(c):
			if from < 0 {
				from = i
			}
			to = i + size
		}
		i += size
	}
	flush()
}

// merge joins neighbouring notes of one code with nothing but white space between them, and cuts off
// overlaps.
func (b *builder) merge(notes []Note) []Note {
	out := notes[:0]
	for _, n := range notes {
		if len(out) > 0 {
			last := &out[len(out)-1]
			n.From = max(n.From, last.To)
			if n.From >= n.To {
				continue
			}
			if last.Code == n.Code && slices.Equal(last.Args, n.Args) &&
				b.in.blank(Range{last.To, n.From}) {
				last.To = n.To
				continue
			}
		}
		out = append(out, n)
	}
	return out
}

// bound keeps the first limit notes and puts one in place of all that follow.
func bound(notes []Note, limit int, code string) []Note {
	if len(notes) <= limit {
		return notes
	}
	rest := notes[limit-1:]
	whole := rest[0].Range
	for _, n := range rest {
		whole.To = max(whole.To, n.To)
	}
	return append(notes[:limit-1:limit-1], Note{whole, code, []string{strconv.Itoa(len(rest))}})
}
