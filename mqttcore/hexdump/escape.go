package hexdump

import "strings"

// readEscapes reads strings with escapes, as Python, C, Go, JavaScript and the shell write them and as
// Wireshark copies them.
func readEscapes(in *input) []candidate {
	if !strings.Contains(in.text, `\`) && !strings.ContainsAny(in.text, `'"`) {
		return nil
	}
	b := newBuilder(in)
	b.rest = "syntax"
	format, l := "escaped string", certain
	literals := cutLiterals(in)
	echo := strings.Contains(in.text, "echo")
	data, escapes, python, hexlified := 0, 0, false, true
	isData := make([]bool, len(literals))
	for i, lit := range literals {
		bytes := lit.prefix == "b" || lit.prefix == "rb" || lit.prefix == "br"
		isData[i] = (lit.escapes > 0 || bytes) && lit.body.From < lit.body.To
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
		if next < len(literals) && isData[i] && joinsStrings(in.text[literals[i].To:literals[next].From]) &&
			literals[next].body.From < literals[next].body.To {
			isData[next] = true
		}
	}
	for i := len(literals) - 2; i >= 0; i-- {
		if isData[i+1] && joinsStrings(in.text[literals[i].To:literals[i+1].From]) &&
			literals[i].body.From < literals[i].body.To {
			isData[i] = true
		}
	}
	decimal, octal := escapeBases(in, literals)
	decode(b, literals, isData, echo, decimal && !octal)
	switch {
	case python:
		format = "Python bytes"
	case echo || strings.Contains(in.text, "printf"):
		format = "shell echo or printf"
	}
	if escapes == 0 && !python || len(b.r.Bytes) < 2 {
		l = possible
	}
	if python && hexlified {
		return append(hexlify(in, literals), b.candidate(format, certain-1))
	}
	out := []candidate{b.candidate(format, l)}
	if decimal && octal {
		b := newBuilder(in)
		b.rest = "syntax"
		decode(b, literals, isData, echo, true)
		out = append(out, b.candidate("escaped string (decimal)", l-1))
		if fitsMQTT(out[1].Bytes) && !fitsMQTT(out[0].Bytes) {
			out[0].level, out[1].level = l-1, l
		}
	}
	return out
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
func isHexlified(body string) bool { return len(body) >= 4 && len(body)%2 == 0 && allHex(body) }

func hexlify(in *input, literals []literal) []candidate {
	b := newBuilder(in)
	b.rest = "syntax"
	for _, lit := range literals {
		if lit.prefix == "b" {
			b.chunk(Unknown, "")
			b.hexPairs(lit.body.From, lit.body.To)
		}
	}
	if len(b.r.Bytes) == 0 {
		return nil
	}
	return []candidate{b.candidate("Python hexlify", certain)}
}

// decode adds the bytes of the literals that hold data.
func decode(b *builder, literals []literal, isData []bool, echo, decimal bool) {
	in := b.in
	end := -1
	for i, lit := range literals {
		if !isData[i] {
			continue
		}
		if end < 0 || !joinsStrings(in.text[end:lit.From]) {
			from := max(end, 0, lit.From-200)
			from += strings.LastIndexByte(in.text[from:lit.From], '\n') + 1
			b.chunk(labelOf(in.text[from:lit.From]))
		}
		lit.decimal = decimal
		lit.decode(b, echo)
		b.skip("syntax", lit.From, lit.body.From)
		b.skip("syntax", lit.body.To, lit.To)
		end = lit.To
	}
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
					n = max(1, escape(b, in.text[:lit.body.To], i, false))
					escapes++
				}
				i += n
			}
			continue
		}
		escapes += strings.Count(text, `\x`)
		lit.decode(b, false)
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
