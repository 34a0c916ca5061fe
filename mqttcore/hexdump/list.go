package hexdump

import "strings"

// readLists reads lists in brackets: C and Java arrays, Go literals and %v, JSON, Node buffers, Erlang
// binaries, xxd -i.
func readLists(in *input) []candidate {
	if strings.Contains(in.text, `_raw"`) {
		return nil // tshark's jsonraw: its numbers are places, not bytes
	}
	b := newBuilder(in)
	b.rest = "syntax"
	open := -1
	st := listStats{in: in, b: b}
	t := in.text
	for i := 0; i < len(t); i++ {
		switch t[i] {
		case '[', '{', '(', '<':
			if n := cast(t, i); n > 0 {
				i += n - 1
				continue
			}
			if times, r := repeats(t, i); times > 0 {
				i = r.To - 1
				continue
			}
			if strings.HasPrefix(t[i:], "()") { // 0xC2.toByte()
				i++
				continue
			}
			open = i
		case ']', '}', ')', '>':
			if open >= 0 && t[i] == closing(t[open]) {
				st.group(open, i)
			}
			open = -1
		case '/':
			if n := comment(t, i); n > 0 {
				i += n - 1
			}
		case '\'', '"':
			if n := char(t, i); n > 0 {
				i += n - 1
			}
		}
	}
	if open >= 0 && st.groups == 0 && strings.ContainsAny(t[open+1:], ",x") && t[open] != '<' && t[open] != '(' {
		st.group(open, len(t)) // the paste ends before the bracket
	}
	if st.groups == 0 {
		st.bare()
	}
	if len(b.r.Bytes) == 0 {
		return nil
	}
	out := []candidate{b.candidate(st.format(), st.level())}
	if h, ok := st.unpaddedHex(); ok {
		if fitsMQTT(h.Bytes) && !fitsMQTT(out[0].Bytes) {
			h.level = out[0].level
			return []candidate{h, out[0]}
		}
		if fitsMQTT(h.Bytes) {
			out = append(out, h)
		}
	}
	return out
}

// unpaddedHex is the other reading of a list such as [10, 26, 0, 4]: hex without leading zeros, as Rust's {:x?} and
// JavaScript's toString(16) write it.
func (s *listStats) unpaddedHex() (candidate, bool) {
	t := s.in.at(s.in.trim(Range{0, len(s.in.text)}))
	if t[0] != '[' || t[len(t)-1] != ']' { // code around it: its numbers are decimal
		return candidate{}, false
	}
	if s.plainest || s.dec == 0 || s.hex > 0 || s.lit > 0 || s.buffer || len(s.b.r.Problems) > 0 {
		return candidate{}, false
	}
	b := newBuilder(s.in)
	b.rest = "syntax"
	for _, r := range s.b.r.Source {
		v, _ := number(s.in.at(r), 16)
		b.add(byte(v), r.From, r.To)
	}
	return b.candidate("list of hex without leading zeros", s.level()-1), true
}

func closing(c byte) byte {
	if c == '(' {
		return ')'
	}
	return c + 2 // the same for [ ], { } and < > in ASCII
}

// listStats counts what the lists of a text look like.
type listStats struct {
	in            *input
	b             *builder
	groups        int
	hex, dec, lit int
	plainDec      bool // a decimal that cannot be two hex digits: one or three digits, negative, above 99
	plainest      bool // a decimal that is no hex byte in any spelling: three digits, negative
	leadingZero   bool
	buffer        bool
}

// group reads the list between two brackets if all its items are byte values.
func (s *listStats) group(open, end int) {
	t := s.in.text
	body := Range{open + 1, end}
	inner := t[body.From:body.To]
	switch {
	case t[open] == '<' && strings.HasPrefix(inner, "Buffer "):
		s.nodeBuffer(Range{body.From + len("Buffer "), end})
		return
	case strings.HasPrefix(inner, "length = "): // Apple's description of data: a stream of hex
		return
	case t[open] == '(' && strings.HasPrefix(strings.TrimLeft(inner, "bBrR"), `"`):
		return // a call with a string: fromhex("…")
	case t[open] == '<' && (open == 0 || t[open-1] != '<'):
		return
	}
	items, keyed := keyedItems(s.in, body)
	if !keyed {
		items = cutItems(s.in, body)
	}
	unpadded(s.in, items)
	good, bad, dec, text := 0, 0, 0, 0
	for _, it := range items {
		switch it.kind {
		case badItem:
			bad++
		case noteItem, cutItem, repeatItem:
		case textItem:
			text++
		case decItem:
			dec++
			good++
		default:
			good++
		}
	}
	index := t[open] == '[' && open > 0 && isWordByte(t[open-1]) && good == 1
	goArray := end+1 < len(t) && isLetter(t[min(end+1, len(t)-1)]) && t[open] == '[' && good <= 1
	call := text > good || t[open] == '(' && (good == dec && good < 4 || good == 1)
	if good == 0 || bad*4 > good || index || goArray || call || good == 1 && dec == 1 && t[open] != '{' {
		return
	}
	from := max(0, open-100)
	s.b.chunk(labelOf(t[from+strings.LastIndexByte(t[from:open], '\n')+1 : open]))
	s.groups++
	for _, it := range items {
		s.take(it)
	}
}

// bare reads a text that is a list without its brackets, if comments or character literals show that
// it is source code.
func (s *listStats) bare() {
	if !strings.Contains(s.in.text, "0x") {
		return
	}
	items := cutItems(s.in, Range{0, len(s.in.text)})
	hex, code := 0, 0
	for _, it := range items {
		switch it.kind {
		case badItem, cutItem, textItem:
			return
		case hexItem:
			hex++
		case noteItem, otherItem:
			code++
		}
	}
	if hex == 0 || code == 0 {
		return
	}
	for _, it := range items {
		s.take(it)
	}
}

func (s *listStats) take(it item) {
	str := s.in.at(it.Range)
	switch it.kind {
	case badItem:
		s.b.problem("bad-item", it.From, it.To, str)
		return
	case cutItem:
		code := "truncated"
		if strings.Trim(str, ".… ") == "" {
			code = "elided"
		}
		s.b.problem(code, it.From, it.To, str)
		return
	case repeatItem:
		s.b.repeat(it.value, it.Range)
		return
	case noteItem:
		code := "comment"
		if str[0] == '(' {
			code = "syntax" // a cast
		}
		s.b.skip(code, it.From, it.To)
		return
	case textItem:
		for i := it.From + 1; i < it.To-1; i++ {
			s.b.add(s.in.text[i], i, i+1)
		}
		s.lit++
		return
	case hexItem:
		s.hex++
	case otherItem:
		s.lit++
	case decItem:
		s.dec++
		s.plainDec = s.plainDec || len(str) != 2
		s.plainest = s.plainest || len(str) > 2 || it.value < 0
		s.leadingZero = s.leadingZero || len(str) > 1 && str[0] == '0'
	}
	if it.value < -128 || it.value > 255 {
		s.b.problem("out-of-range", it.From, it.To, str)
		return
	}
	s.b.add(byte(it.value), it.From, it.To)
}

// nodeBuffer reads the inside of Node's "<Buffer 10 26 … 30 more bytes>".
func (s *listStats) nodeBuffer(r Range) {
	s.groups++
	s.buffer = true
	s.b.chunk(Unknown, "")
	for _, t := range cutTokens(s.in, r) {
		switch {
		case t.kind == gapToken:
			rest := s.in.trim(Range{t.From, r.To})
			s.b.problem("truncated", rest.From, rest.To, strings.TrimLeft(s.in.at(rest), "…. "))
			return
		case t.kind == hexToken:
			s.b.hexPairs(t.digits.From, t.digits.To)
		default:
			s.b.badToken(t.Range)
		}
	}
}

func (s *listStats) level() level {
	switch {
	case len(s.b.r.Bytes) == 1 && s.in.visible > 64:
		return guess // a number in brackets among much else
	case s.leadingZero && s.hex == 0 && s.lit == 0:
		return guess // 00 04 is how hex is written
	case s.hex > 0 || s.buffer || s.lit > 1 || s.plainDec && s.dec > 1:
		return certain
	}
	return likely
}

func (s *listStats) format() string {
	t := s.in.text
	has := func(part string) bool { return strings.Contains(t, part) }
	switch {
	case s.buffer:
		return "Node Buffer"
	case has("[]byte{") || has("[]uint8{"):
		return "Go byte slice"
	case has(`"Buffer"`) && has(`"data"`):
		return "Node Buffer JSON"
	case has("_len ="), has("_len="):
		return "xxd -i"
	case has("packet_bytes[]"), has("pkt1["):
		return "Wireshark C array"
	case has("(byte)"), has("byte[]"):
		return "Java bytes"
	case has("<<"):
		return "Erlang binary"
	case has("{"):
		return "C array"
	case s.dec > 0 && s.hex == 0 && !has(","):
		return "Go byte slice (%v)"
	case s.dec > 0 && s.hex == 0:
		return "decimal list"
	}
	return "list of bytes"
}
