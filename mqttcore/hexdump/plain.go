package hexdump

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// plain reads hex without offsets: spaced, joined, with any separator, alone or within logs and
// sentences. What makes it hard is not the hex but the prose: see sentence.go.
type plain struct {
	in        *input
	lines     []plainLine
	words     int  // tokens that are no hex, in all lines
	item      int  // the last number of a numbered list
	annotated bool // lines begin with bytes and go on with what they mean
	arrows    bool // lines begin with "<" and others with ">"
	modem     bool // AT commands are among the lines
	rawFollow bool // tshark's "follow raw": the server's lines are indented
	// labelled counts the lines so far if each has words and then bytes up to its end, as a list of
	// fields has; -1 if one has not.
	labelled int
}

type plainLine struct {
	Range
	index  int
	tag    string // of an ESP-IDF log, "" for others
	body   Range  // without the ESP-IDF prefix and the ASCII column
	tokens []token
	hex    int
	words  int
}

func readPlain(in *input) []candidate {
	p := &plain{in: in, modem: strings.Contains(in.text, "AT+"), rawFollow: strings.Contains(in.text, "Follow: tcp,raw")}
	for i, r := range in.lines {
		l := p.cut(r)
		l.index = i
		p.lines = append(p.lines, l)
	}
	begin := 0
	for _, l := range p.lines {
		p.words += l.words
		if l.words > 0 && len(l.tokens) > 1 && l.tokens[0].kind == hexToken && l.tokens[0].len()%2 == 0 {
			begin++
		}
	}
	withHex := 0
	for _, l := range p.lines {
		if l.hex > 0 {
			withHex++
		}
	}
	p.findArrows()
	p.annotated = begin >= 2 && 2*begin >= withHex

	out := p.candidates()
	if len(out) == 0 && p.words > 0 {
		b := newBuilder(in)
		p.read(b, style{eager: true, unpadded: true})
		if len(b.r.Bytes) > 0 {
			out = append(out, b.candidate("hex in text", guess))
		}
	}
	return out
}

// findArrows finds out whether both directions are drawn; ">" alone may be a quoted mail.
func (p *plain) findArrows() {
	seen := map[Sender]bool{}
	for _, l := range p.lines {
		if len(l.tokens) > 0 {
			sender, _ := arrow("\n" + p.in.text[l.From:l.tokens[0].From])
			seen[sender] = true
		}
	}
	p.arrows = seen[Client] && seen[Server]
}

// style is a way to read the tokens of plain hex.
type style struct {
	eager    bool // take single bytes out of a sentence, too
	unpadded bool // one digit is a byte
	swapped  int  // words of so many bytes hold them in swapped order
}

func (p *plain) candidates() []candidate {
	b := newBuilder(p.in)
	p.read(b, style{})
	st := p.statistics()
	var out []candidate
	size := st.wordSize()
	if size > 0 && p.words == 0 {
		unfilled(b, size)
	}
	if len(b.r.Bytes) > 0 || p.words == 0 && len(b.r.Problems) > 0 {
		l := likely
		if p.words > 0 && len(b.r.Bytes) < 4 || p.words == 0 && st.lettersOnly {
			l = possible
		}
		out = append(out, b.candidate(p.format(st), l))
	}
	if p.words > 0 {
		return out
	}
	if b, ok := p.joined(); ok {
		for i := range out {
			out[i].level = possible
		}
		return append([]candidate{b.candidate("hex stream", likely)}, out...)
	}
	switch {
	case st.single >= 2 && st.longest <= 2:
		b := newBuilder(p.in)
		p.read(b, style{unpadded: true})
		l := possible
		if !st.padded {
			l = likely
			for i := range out {
				out[i].level = possible
			}
		}
		out = append([]candidate{b.candidate("hex without leading zeros", l)}, out...)
	case size > 0:
		b := newBuilder(p.in)
		p.read(b, style{swapped: size})
		unfilled(b, size)
		c := b.candidate("hex words (swapped)", possible)
		switch as := out[0].Bytes; {
		case fitsMQTT(c.Bytes):
			c.level = likely
		case opensMQTT(c.Bytes) && !opensMQTT(as): // bytes are missing, but so it begins
			c.level, out[0].level = likely, possible
		case size > 2: // far more often not swapped: hex in fours of bytes
			return out
		}
		out = append(out, c)
	}
	return out
}

// unfilled takes off the zeros with which od -An -x fills its last word of size bytes, where the packets end
// before them.
func unfilled(b *builder, size int) {
	if fitsMQTT(b.r.Bytes) {
		return
	}
	all := len(b.r.Bytes)
	for n := all - 1; n > all-size && n > 0 && b.r.Bytes[n] == 0; n-- {
		if !fitsMQTT(b.r.Bytes[:n]) {
			continue
		}
		for _, fill := range b.r.Source[n:] {
			b.skip("padding", fill.From, fill.To)
		}
		b.r.Bytes, b.r.Source = b.r.Bytes[:n], b.r.Source[:n]
		return
	}
}

// joined reads hex that was broken into lines of one width in the middle of a byte.
func (p *plain) joined() (*builder, bool) {
	var lines []*plainLine
	for i := range p.lines {
		if l := &p.lines[i]; len(l.tokens) > 0 {
			lines = append(lines, l)
		}
	}
	b := newBuilder(p.in)
	high, from, odd := -1, 0, false
	for n, l := range lines {
		if w, d := l.width(), lines[0].width(); n+1 < len(lines) && (w < d-2 || w > d+2) || w > d+2 || d < 3 {
			return nil, false
		}
		for k, t := range l.tokens {
			if t.kind != hexToken || t.marked {
				return nil, false
			}
			for i := t.From; i < t.To; i++ {
				v := hexValue(p.in.text[i])
				if high < 0 {
					high, from = v, i
					continue
				}
				b.add(byte(high<<4|v), from, i+1)
				high = -1
			}
			if high >= 0 {
				if k+1 < len(l.tokens) {
					return nil, false
				}
				odd = true
			}
		}
	}
	return b, odd && high < 0
}

// width is the count of characters from the first token to the end of the last.
func (l *plainLine) width() int { return l.tokens[len(l.tokens)-1].To - l.tokens[0].From }

// statistics counts what the choice between readings depends on.
type statistics struct {
	count, single, marked int
	width, longest        int  // of the first token and of the longest without a mark
	uneven                bool // the tokens have different widths
	padded                bool // a token of two digits begins with 0
	lettersOnly           bool // no digit 0 to 9 anywhere
}

func (p *plain) statistics() statistics {
	st := statistics{lettersOnly: true}
	for _, l := range p.lines {
		for _, t := range l.tokens {
			if t.kind != hexToken {
				continue
			}
			st.count++
			s := p.in.at(t.digits)
			switch {
			case t.marked:
				st.marked++
			case len(s) == 1:
				st.single++
			case len(s) == 2:
				st.padded = st.padded || s[0] == '0'
			}
			if st.count == 1 {
				st.width = len(s)
			}
			st.uneven = st.uneven || len(s) != st.width || t.marked
			if !t.marked {
				st.longest = max(st.longest, len(s))
			}
			st.lettersOnly = st.lettersOnly && !hasDigit(s)
		}
	}
	return st
}

// wordSize is the bytes of a word if the text is nothing but words of 2, 4 or 8 bytes, or 0.
func (st statistics) wordSize() int {
	if st.count < 2 || st.uneven || st.width != 4 && st.width != 8 && st.width != 16 {
		return 0
	}
	return st.width / 2
}

func (p *plain) format(st statistics) string {
	switch {
	case p.rawFollow:
		return "follow (raw)"
	case p.words > 0:
		return "hex in text"
	case st.count > 0 && st.marked == st.count:
		return "0x list"
	case st.longest > 8:
		return "hex stream"
	}
	return "plain hex"
}

// cut tokenises a line and tells damaged bytes from words.
func (p *plain) cut(r Range) plainLine {
	l := plainLine{Range: r, body: r}
	if s := p.in.at(r); espLine(s) {
		n := logPrefix(s)
		_, l.tag, _ = strings.Cut(s[:n], ") ")
		l.body.From += n
	}
	l.body.To = p.asciiColumn(l.body)
	if p.in.inWords(r.From) {
		return l
	}
	l.tokens = cutTokens(p.in, l.body)
	l.count()
	if l.hex == 0 && l.words == 0 {
		for i, t := range l.tokens { // nothing but "10:26:00": bytes, no time of day
			if t.kind == maskToken && (t.code == "timestamp" || t.code == "address") && len(l.tokens) == 1 && !strings.Contains(p.in.at(t.Range), " ") {
				l.tokens = append(l.tokens[:i], p.unmask(t.Range)...)
			}
		}
		l.count()
	}
	p.dropArrows(&l)
	p.findDamaged(&l)
	p.findLabels(&l)
	p.findEnd(&l)
	l.count()
	if l.words == 0 && len(l.tokens) > 1 && l.tokens[0].kind == hexToken {
		t := l.tokens[0]
		end := p.in.text[t.To:l.body.To]
		n, ok := number(p.in.at(t.Range), 10)
		dot := strings.HasPrefix(end, ". ") || strings.HasPrefix(end, ") ")
		colon := strings.HasPrefix(end, ": ") && (t.len() == 1 || p.item > 0)
		if ok && n == 0 && t.len() == 1 && strings.HasPrefix(end, ": ") || p.indexed(t) {
			l.tokens[0].kind, l.tokens[0].code = maskToken, "list-number"
			p.item = n
		} else if ok && (t.len() < 3 || n == p.item+1 && n < 10000) && (dot || colon) && (n == p.item+1 || p.item == 0 && len(l.tokens) > 2 || n == 1 && dot) {
			l.tokens[0].kind, l.tokens[0].code = maskToken, "list-number"
			p.item = n
		}
	}
	return l
}

// dropArrows makes arrows separators where they do nothing else: 10 → 0c → 00.
func (p *plain) dropArrows(l *plainLine) {
	if l.hex < 3 || l.words != l.hex-1 || len(l.tokens) != l.hex+l.words {
		return
	}
	var bytes []token
	for i, t := range l.tokens {
		arrow, size := utf8.DecodeRuneInString(p.in.at(t.Range))
		switch {
		case i%2 == 0 && t.kind == hexToken:
			bytes = append(bytes, t)
		case i%2 == 0 || !isArrow(arrow) || size != t.To-t.From:
			return
		}
	}
	l.tokens = bytes
	l.count()
}

// findEnd finds Ctrl+Z on a line of its own, perhaps with a line end, in a modem's log: it tells the modem that the data
// is complete.
func (p *plain) findEnd(l *plainLine) {
	if !p.modem || len(l.tokens) == 0 {
		return
	}
	for i, t := range l.tokens {
		if i > 2 || t.kind != hexToken || !strings.EqualFold(p.in.at(t.digits), []string{"1a", "0d", "0a"}[i]) {
			return
		}
	}
	for i := range l.tokens {
		l.tokens[i].kind, l.tokens[i].code = maskToken, "modem-end"
	}
}

// indexed reports whether a token is the place of a byte and no byte: "[0] = 0x10".
func (p *plain) indexed(t token) bool {
	after := strings.TrimLeft(p.in.text[t.To:], "] ")
	return !t.marked && t.From > 0 && p.in.text[t.From-1] == '[' && p.in.text[t.To:min(t.To+1, len(p.in.text))] == "]" &&
		after != "" && strings.IndexByte("=:", after[0]) >= 0
}

// findLabels finds what looks like hex but says something about the bytes after it: an assembler's
// directive, single digits in other cells of a table, and a count of bytes after a word.
func (p *plain) findLabels(l *plainLine) {
	if len(l.tokens) < 2 {
		return
	}
	if s := p.in.at(l.tokens[0].Range); strings.EqualFold(s, "db") && l.tokens[1].marked {
		l.tokens[0].kind = wordToken
	}
	if row := p.in.at(l.body); strings.Contains(row, "|") && slices.ContainsFunc(l.tokens, func(t token) bool { return t.marked }) {
		for i, t := range l.tokens { // | 7 | 0x61 | a |
			if t.kind == hexToken && !t.marked && t.len() == 1 {
				l.tokens[i].kind = wordToken
			}
		}
		l.count()
	}
	i := slices.IndexFunc(l.tokens, func(t token) bool { return t.kind == hexToken })
	if i <= 0 || l.tokens[i-1].kind != wordToken || l.tokens[i].marked || l.tokens[i].len() > 4 {
		return
	}
	t := l.tokens[i]
	n, ok := number(p.in.at(t.digits), 10)
	for _, next := range l.tokens[i+1:] {
		if next.kind != hexToken || next.len()%2 != 0 {
			return
		}
		n -= next.len() / 2
	}
	if ok && n == 0 && i+1 < len(l.tokens) && (t.len()%2 != 0 || strings.ContainsAny(p.in.text[t.To:l.tokens[i+1].From], "\t,")) {
		l.tokens[i].kind, l.tokens[i].code = maskToken, "byte-count"
	}
}

func (l *plainLine) count() {
	l.hex, l.words = 0, 0
	for _, t := range l.tokens {
		switch t.kind {
		case hexToken:
			l.hex++
		case wordToken:
			l.words++
		}
	}
}

func (p *plain) unmask(r Range) []token {
	var out []token
	for i := r.From; i < r.To; {
		j := i
		for j < r.To && isWordByte(p.in.text[j]) {
			j++
		}
		if j > i {
			out = append(out, classify(p.in.text, Range{i, j}))
		}
		i = j + 1
	}
	return out
}

// asciiColumn is where the ASCII column of a line without offset begins, or the line's end.
func (p *plain) asciiColumn(r Range) int {
	var b []byte
	t := p.in.text[:r.To]
	for i := skipSpace(t, r.From); i+2 <= r.To && len(b) <= maxSweep; {
		j := i
		for j < r.To && isHex(t[j]) {
			j++
		}
		if j == i || (j-i)%2 != 0 {
			break
		}
		for ; i < j; i += 2 {
			b = append(b, pair(t[i:]))
		}
		next := skipSpace(t, j)
		if (next-j >= 2 || next < r.To && t[next] == '|') && (len(b) > 2 || p.columned()) && matchesASCII(b, t[j:]) {
			return next
		}
		if next == j {
			break
		}
		i = next
	}
	return r.To
}

// columned reports whether the line above has an ASCII column.
func (p *plain) columned() bool {
	n := len(p.lines)
	return n > 0 && p.lines[n-1].body.To < p.lines[n-1].To
}
