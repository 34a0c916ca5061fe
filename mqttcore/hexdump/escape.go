package hexdump

import (
	"slices"
	"strings"
)

// readEscapes reads strings with escapes, as Python, C, Go, JavaScript and the shell write them and as
// Wireshark copies them.
func readEscapes(in *input) []candidate {
	if !strings.Contains(in.text, `\`) && !strings.ContainsAny(in.text, `'"`) {
		return nil
	}
	format, l := "escaped string", certain
	literals := cutLiterals(in)
	data, escapes, python, hexlified := 0, 0, false, true
	isData := make([]bool, len(literals))
	for i, lit := range literals {
		bytes := lit.prefix == "b" || lit.prefix == "rb" || lit.prefix == "br"
		isData[i] = (lit.escapes > 0 || bytes && !in.inWords(lit.From)) && lit.body.From < lit.body.To && !lit.beside(in)
		hexlified = hexlified && (!isData[i] || isHexlified(in.at(lit.body)))
		if isData[i] {
			data++
			escapes += lit.escapes
			python = python || bytes
		}
	}
	if data == 0 {
		return readBareEscapes(in)
	}
	for i := range literals { // string parts side by side belong together
		next := i + 1
		if next < len(literals) && isData[i] && joined(in, literals[i], literals[next]) &&
			literals[next].body.From < literals[next].body.To {
			isData[next] = true
		}
	}
	for i := len(literals) - 2; i >= 0; i-- {
		if isData[i+1] && joined(in, literals[i], literals[i+1]) &&
			literals[i].body.From < literals[i].body.To {
			isData[i] = true
		}
	}
	first, other := dialects(in, literals)
	read := func(as dialect) *builder {
		b := newBuilder(in)
		b.rest = "syntax"
		decode(b, literals, isData, as)
		return b
	}
	b := read(first)
	switch {
	case python:
		format = "Python bytes"
	case first == echo || strings.Contains(in.text, "printf"):
		format = "shell echo or printf"
	}
	if escapes == 0 && !python || len(b.r.Bytes) < 2 {
		l = possible
	}
	if python && hexlified {
		return append(hexlify(in, literals), b.candidate(format, certain-1))
	}
	out := []candidate{b.candidate(format, l)}
	if other != first {
		out = append(out, read(other).candidate(map[dialect]string{decimal: "escaped string (decimal)", nul: "Rust bytes"}[other], l-1))
	}
	if bytes := out[0].Bytes; gdbPrint(in.text) && !fitsMQTT(bytes) && fitsMQTT(append(slices.Clip(bytes), 0)) {
		b := read(first)
		end := max(literals[len(literals)-1].To, b.r.Source[len(bytes)-1].To)
		b.add(0, end-1, end) // which gdb leaves out at the end of an array of characters
		b.problem("zero-left-out", end-1, end)
		out = append(out, b.candidate("gdb print", l-1))
	}
	if len(out) > 1 && fitsMQTT(out[1].Bytes) && !fitsMQTT(out[0].Bytes) {
		out[0].level, out[1].level = l-1, l
	}
	return out
}

// dialects are the ways in which backslashes are read, the likeliest first; both the same if there is no doubt.
func dialects(in *input, literals []literal) (first, other dialect) {
	if strings.Contains(in.text, "echo") {
		return echo, echo
	}
	isDecimal, isOctal := escapeBases(in, literals)
	switch {
	case isDecimal && isOctal:
		return common, decimal
	case isDecimal:
		return decimal, decimal
	}
	for _, l := range literals {
		t := in.at(l.body)
		for i := strings.Index(t, `\0`); i >= 0 && strings.Contains(t, `\x`); {
			if digits(t, i+2, 1, 8) == 1 {
				return common, nul
			}
			next := strings.Index(t[i+2:], `\0`)
			if next < 0 {
				break
			}
			i += 2 + next
		}
	}
	return common, common
}

// escapeBases reports whether \ddd can be decimal, as Lua and NodeMCU write it with three digits, and octal, as
// the other languages do.
func escapeBases(in *input, literals []literal) (decimal, octal bool) {
	decimal, octal = true, true
	count := 0
	for _, l := range literals {
		t := in.at(l.body)
		for i := strings.IndexByte(t, '\\'); i >= 0 && i < len(t) && decimal; i++ {
			if t[i] != '\\' {
				continue
			}
			n := digits(t, i+1, 3, 10)
			v, _ := number(t[i+1:i+1+n], 10)
			decimal = n == 3 && v < 256
			v, ok := number(t[i+1:i+1+n], 8)
			octal = octal && ok && v < 256
			count++
		}
	}
	return decimal && count > 0, octal
}

// isHexlified reports whether the bytes of a Python literal are hex digits, as binascii.hexlify and
// bytes.hex().encode() give them. No MQTT packet is made of such characters alone.
func isHexlified(body string) bool {
	if len(body) > 4 && strings.IndexByte(" :-_,", body[2]) >= 0 {
		if (len(body)+1)%3 != 0 || strings.Count(body, body[2:3]) != len(body)/3 {
			return false
		}
		body = strings.ReplaceAll(body, body[2:3], "")
	}
	return len(body) >= 4 && len(body)%2 == 0 && allHex(body)
}

func hexlify(in *input, literals []literal) []candidate {
	b := newBuilder(in)
	b.rest = "syntax"
	for _, lit := range literals {
		if lit.prefix == "b" {
			b.chunk(Unknown, "")
			for i := lit.body.From; i < lit.body.To; {
				n := digits(in.text, i, lit.body.To-i, 16)
				b.hexPairs(i, i+n)
				i += n + 1
			}
		}
	}
	if len(b.r.Bytes) == 0 {
		return nil
	}
	return []candidate{b.candidate("Python hexlify", certain)}
}

// decode adds the bytes of the literals that hold data.
func decode(b *builder, literals []literal, isData []bool, dialect dialect) {
	in := b.in
	last, end := -1, 0
	for i, lit := range literals {
		if !isData[i] {
			continue
		}
		if last < 0 || !joined(in, literals[last], lit) {
			from := max(end, lit.From-200)
			from += strings.LastIndexByte(in.text[from:lit.From], '\n') + 1
			b.chunk(labelOf(in.text[from:lit.From]))
		}
		lit.decode(b, dialect)
		b.skip("syntax", lit.From, lit.body.From)
		b.skip("syntax", lit.body.To, lit.To)
		last, end = i, lit.To
		if times, r := repeats(in.text, end); times > 0 { // gdb
			b.repeat(times, r)
			end = r.To
		}
		if strings.HasPrefix(in.text[end:], "...") { // gdb prints 200 characters, unless told otherwise
			b.problem("elided", end, end+3, "...")
			end += 3
		}
	}
}

// joined reports whether two literals are parts of one string.
func joined(in *input, a, b literal) bool {
	between := in.text[a.To:b.From]
	times, r := repeats(between, 0)
	next, _ := repeats(in.text, b.To)
	if times > 0 || next > 0 { // gdb: "abc", '\000' <repeats 12 times>, "def"
		between = strings.TrimPrefix(between[r.To:], ", ")
	}
	return joinsStrings(between)
}

// joinsStrings reports whether two strings with this between them are one: white space, a line's
// continuation, a plus sign.
func joinsStrings(between string) bool {
	return len(between) < 200 && strings.Trim(between, " \t\r\n\\+.") == ""
}

// readBareEscapes reads escapes without quotes: \x10\x26, or \x10&\x00\x04MQTT.
func readBareEscapes(in *input) []candidate {
	b := newBuilder(in)
	escapes := 0
	for _, line := range in.lines {
		s := in.at(line)
		at := strings.Index(s, `\x`)
		if at < 0 {
			continue
		}
		from := strings.LastIndexAny(s[:at], " \t:=>\"'") + 1
		text := strings.TrimRight(s[from:], " \t;\"'")
		b.skip("prose", in.trim(Range{line.From, line.From + from}).From, in.trim(Range{line.From, line.From + from}).To)
		if strings.Trim(s[:from], " \t") != "" {
			b.chunk(labelOf(s[:from]))
		}
		lit := literal{body: Range{line.From + from, line.From + from + len(text)}}
		if digits := text[2:]; at == from && len(digits) > 4 && len(digits)%2 == 0 && allHex(digits) { // PostgreSQL's bytea
			b.hexPairs(lit.body.From+2, lit.body.To)
			b.r.Source[len(b.r.Source)-len(digits)/2].From = lit.body.From
			escapes += 2
			continue
		}
		if spaced(text) {
			for i := lit.body.From; i < lit.body.To; {
				n := 1
				if in.text[i] == '\\' {
					n = max(1, escape(b, in.text[:lit.body.To], i, common))
					escapes++
				}
				i += n
			}
			continue
		}
		escapes += strings.Count(text, `\x`)
		lit.decode(b, common)
	}
	switch escapes {
	case 0:
		return nil
	case 1:
		return []candidate{b.candidate("escaped string", likely)}
	}
	return []candidate{b.candidate("escaped string", certain)}
}

// spaced reports whether a text is nothing but \x escapes with spaces or commas between.
func spaced(s string) bool {
	gaps := false
	for i := 0; i < len(s); {
		switch {
		case s[i] == ' ' || s[i] == ',' || s[i] == '\t':
			gaps = true
			i++
		case strings.HasPrefix(s[i:], `\x`):
			n := digits(s, i+2, 2, 16)
			if n == 0 {
				return false
			}
			i += 2 + n
		default:
			return false
		}
	}
	return gaps
}

// hexCalls are names that, near a string of hex digits, say that it is hex.
var hexCalls = []struct{ name, format string }{
	{"fromhex", "bytes.fromhex"}, {"unhexlify", "unhexlify"}, {"decodestring", "hex.DecodeString"},
	{"'hex'", "hex string"}, {`"hex"`, "hex string"}, {"x'", "SQL hex"}, {"hextobytes", "hex string"},
	{"parsehex", "hex string"}, {"hex2bin", "hex2bin"}, {"hex!", "hex! macro"}, {"hexstringtobyte", "hex string"},
}

// readHexCalls reads strings of hex digits in source code that decodes them.
func readHexCalls(in *input) []candidate {
	format, lower := "", strings.ToLower(in.text)
	for _, c := range hexCalls {
		if strings.Contains(lower, c.name) {
			format = c.format
			break
		}
	}
	if format == "" {
		return nil
	}
	b := newBuilder(in)
	b.rest = "syntax"
	for _, lit := range cutLiterals(in) {
		body := in.at(lit.body)
		digits := 0
		good := true
		for i := range len(body) {
			switch {
			case isHex(body[i]):
				digits++
			case isWordByte(body[i]) && body[i]|0x20 != 'x':
				good = false
			}
		}
		if !good || digits < 2 {
			continue
		}
		b.chunk(Unknown, "")
		for _, t := range cutTokens(in, lit.body) {
			switch t.kind {
			case hexToken:
				b.hexPairs(t.digits.From, t.digits.To)
			case maskToken:
				for i := t.From; i+2 <= t.To; i += 3 {
					b.hexPairs(i, i+2)
				}
			default:
				b.badToken(t.Range)
			}
		}
	}
	return []candidate{b.candidate(format, certain)}
}
