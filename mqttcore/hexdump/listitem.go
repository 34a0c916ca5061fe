package hexdump

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// item is one element of a list of byte values in source code or in a tool's output.
type item struct {
	Range
	value int
	kind  itemKind
}

type itemKind int

const (
	badItem    itemKind = iota
	hexItem             // 0x10
	otherItem           // 0b…, 'M', b'M'
	decItem             // 16, -62
	textItem            // a string among the numbers, as Erlang has
	cutItem             // "... 30 more items"
	noteItem            // a comment or cast
	repeatItem          // gdb's <repeats 12 times>
)

// cutItems cuts the inside of a bracket into items.
func cutItems(in *input, r Range) []item {
	var out []item
	t := in.text[:r.To]
	for i := r.From; i < r.To; {
		c := t[i]
		if times, r := repeats(t, i); times > 0 {
			out = append(out, item{Range: r, value: times, kind: repeatItem})
			i = r.To
			continue
		}
		if c <= ' ' || c == ',' || c == ';' || c == '<' {
			i++
			continue
		}
		n, it := 0, item{}
		switch {
		case comment(t, i) > 0:
			n, it.kind = comment(t, i), noteItem
		case cast(t, i) > 0:
			n, it.kind = cast(t, i), noteItem
		case strings.HasPrefix(t[i:], "...") || strings.HasPrefix(t[i:], "…"):
			n, it.kind = len(t)-i, cutItem
		case char(t, i) > 0:
			n = char(t, i)
			it.kind, it.value = charValue(in, t[i:i+n])
			if k := len(out) - 1; k >= 0 && out[k].kind == decItem && out[k].To == i-1 && byte(out[k].value) == byte(it.value) {
				out[k].To, out[k].kind = i+n, otherItem // gdb's p/c: 77 'M' is one byte
				i += n
				continue
			}
		default:
			for i+n < len(t) && strings.IndexByte(" \t\r\n,;", t[i+n]) < 0 && !(n > 0 && t[i+n] == '/') {
				n++
			}
			it.kind, it.value = numberItem(t[i : i+n])
		}
		it.Range = Range{i, i + n}
		out = append(out, it)
		i += n
	}
	return out
}

// unpadded makes items hex that are all one or two hex digits without a mark, if one is no decimal number: Rust's
// {:x?} and JavaScript's toString(16) write [10, c, 0, 4].
func unpadded(in *input, items []item) {
	letters, single := false, false
	for _, it := range items {
		s := in.at(it.Range)
		if len(s) > 2 || !allHex(s) || len(s) == 2 && s[0] == '0' {
			return
		}
		letters = letters || it.kind == badItem
		single = single || len(s) == 1
	}
	for i := range items {
		if letters && single && len(items) > 2 {
			v, _ := number(in.at(items[i].Range), 16)
			items[i].kind, items[i].value = hexItem, v
		}
	}
}

// keyedItems reads what JSON makes of a typed array: {"0":16,"1":38}.
func keyedItems(in *input, r Range) (items []item, ok bool) {
	t := in.text[:r.To]
	i := r.From
	for n := 0; ; n++ {
		i = skipBlank(t, i)
		if i == len(t) {
			return items, n > 1
		}
		key := `"` + strconv.Itoa(n) + `"`
		if !strings.HasPrefix(t[i:], key) {
			return nil, false
		}
		i = skipBlank(t, i+len(key))
		if i == len(t) || t[i] != ':' {
			return nil, false
		}
		i = skipBlank(t, i+1)
		to := i
		for to < len(t) && isDecimal(t[to]) {
			to++
		}
		it := item{Range: Range{i, to}}
		it.kind, it.value = numberItem(t[i:to])
		if it.kind != decItem {
			return nil, false
		}
		items = append(items, it)
		if i = skipBlank(t, to); i < len(t) && t[i] == ',' {
			i++
		}
	}
}

// numberItem reads a number as programming languages write it.
func numberItem(s string) (itemKind, int) {
	s = strings.TrimSuffix(strings.TrimSuffix(s, "()"), ".toByte")
	s = strings.TrimSuffix(s, ".toUByte")
	digits := strings.TrimLeft(s, "+-")
	sign := 1
	if strings.HasPrefix(s, "-") {
		sign = -1
	}
	digits = strings.TrimSuffix(strings.TrimSuffix(strings.TrimRight(digits, "uUlLn"), "u8"), "_")
	kind, base := decItem, 10
	lower := strings.ToLower(digits)
	switch {
	case strings.HasPrefix(lower, "0x"):
		kind, base, digits = hexItem, 16, digits[2:]
	case strings.HasPrefix(lower, "16#"):
		kind, base, digits = hexItem, 16, digits[3:]
	case strings.HasPrefix(lower, "$"): // Pascal
		kind, base, digits = hexItem, 16, digits[1:]
	case strings.HasPrefix(lower, "&h"):
		kind, base, digits = hexItem, 16, digits[2:]
	case strings.HasPrefix(lower, "0b"):
		kind, base, digits = otherItem, 2, digits[2:]
	case len(digits) == 9 && digits[0] == 'B': // Arduino
		kind, base, digits = otherItem, 2, digits[1:]
	case strings.HasPrefix(lower, "0o"):
		kind, base, digits = otherItem, 8, digits[2:]
	}
	n, ok := number(digits, base)
	if !ok || len(s)-len(digits) > 4 {
		return badItem, 0
	}
	return kind, sign * n
}

// char is the length of a character literal or short string at t[i:], with an optional b before it,
// or 0.
func char(t string, i int) int {
	from := i
	if t[i] == 'b' && i+1 < len(t) {
		i++
	}
	if t[i] != '\'' && t[i] != '"' {
		return 0
	}
	for j := i + 1; j < len(t) && j-i < 64 && t[j] != '\n'; j++ {
		switch t[j] {
		case '\\':
			j++
		case t[i]:
			if j == i+1 {
				continue // '''
			}
			return j + 1 - from
		}
	}
	return 0
}

func charValue(in *input, s string) (itemKind, int) {
	body := strings.TrimPrefix(s, "b")
	quote := body[0]
	body = body[1 : len(body)-1]
	if strings.HasPrefix(body, `\`) {
		scratch := newBuilder(in)
		if n := escape(scratch, body, 0, common); n == len(body) && len(scratch.r.Bytes) == 1 {
			return otherItem, int(scratch.r.Bytes[0])
		}
		return badItem, 0
	}
	if utf8.RuneCountInString(body) == 1 && (quote == '\'' || len(body) == 1 && !isWordByte(body[0])) {
		r, _ := utf8.DecodeRuneInString(body)
		return otherItem, int(r)
	}
	if quote == '"' && !strings.Contains(body, `\`) && s[0] == '"' {
		return textItem, 0
	}
	return badItem, 0
}

// cast is the length of "(byte)" or the like at t[i:], or 0.
func cast(t string, i int) int {
	for _, c := range []string{"(byte)", "(char)", "(uint8_t)", "(unsigned char)", "(int8_t)", "(sbyte)"} {
		if strings.HasPrefix(t[i:], c) {
			return len(c)
		}
	}
	return 0
}

// comment is the length of a C comment at t[i:], or 0.
func comment(t string, i int) int {
	switch {
	case strings.HasPrefix(t[i:], "//"):
		if n := strings.IndexByte(t[i:], '\n'); n >= 0 {
			return n
		}
		return len(t) - i
	case strings.HasPrefix(t[i:], "/*"):
		const longest = 4096 // so that comments which never end cost no quadratic search
		if n := strings.Index(t[i:min(len(t), i+longest)], "*/"); n >= 0 {
			return n + 2
		}
	}
	return 0
}
