package hexdump

import (
	"encoding/base64"
	"slices"
	"strings"
)

// base64Value returns the six bits of a base64 character of either alphabet, or -1.
func base64Value(c byte) int {
	switch {
	case 'A' <= c && c <= 'Z':
		return int(c - 'A')
	case 'a' <= c && c <= 'z':
		return int(c-'a') + 26
	case isDecimal(c):
		return int(c-'0') + 52
	case c == '+' || c == '-':
		return 62
	case c == '/' || c == '_':
		return 63
	}
	return -1
}

// addBase64 adds the bytes of the base64 text in r, across line ends. A byte's source is the two
// characters that hold its bits. What is no base64 is a problem and left out.
func (b *builder) addBase64(r Range) {
	t := b.in.text
	bits, have, last := 0, 0, r.From
	for i := r.From; i < r.To; i++ {
		v := base64Value(t[i])
		switch {
		case v >= 0:
			bits, have = bits<<6|v, have+6
			if have >= 8 {
				have -= 8
				b.add(byte(bits>>have), last, i+1)
				bits &= 1<<have - 1
			}
			last = i
		case t[i] == '=':
			if have < 6 {
				have, bits = 0, 0
			}
		case t[i] > ' ':
			b.problem("bad-base64", i, i+1, t[i:i+1])
		}
	}
	if have >= 6 {
		b.problem("cut-base64", last, last+1, t[last:last+1])
	}
}

// readBase64 reads a text that is base64 as a whole, or whose longest quoted or separate word is.
func readBase64(in *input) []candidate {
	if strings.Contains(in.text, "!!binary") {
		return nil // YAML: readExports knows which parts are data
	}
	whole := in.trim(Range{0, len(in.text)})
	s := strings.Trim(in.at(whole), `"'`)
	if i := strings.Index(s, "base64,"); i >= 0 && i < 100 { // data:application/octet-stream;base64,…
		return base64Word(in, Range{whole.From + strings.Index(in.at(whole), "base64,") + 7, whole.To})
	}
	from := whole.From + strings.Index(in.at(whole), s)
	if len(s) >= 4 && len(strings.Fields(s)) == len(strings.Split(s, "\n")) && isBase64(s) {
		b := newBuilder(in)
		b.addBase64(Range{from, from + len(s)})
		return []candidate{b.candidate("base64", base64Level(s, b.r.Bytes))}
	}
	best, quoted := Range{}, false
	for i := 0; i < len(in.text); {
		j := i
		for j < len(in.text) && (base64Value(in.text[j]) >= 0 || in.text[j] == '=' && j > i) {
			j++
		}
		q := i > 0 && j < len(in.text) && strings.IndexByte("\"'", in.text[i-1]) >= 0 && in.text[j] == in.text[i-1] && isBase64(in.text[i:j])
		if q && !quoted || q == quoted && j-i > best.To-best.From {
			best, quoted = Range{i, j}, q
		}
		i = j + 1
	}
	return base64Word(in, best)
}

func base64Word(in *input, r Range) []candidate {
	s := strings.Trim(in.at(r), "\"' \n")
	if len(s) < 4 || !isBase64(s) {
		return nil
	}
	b := newBuilder(in)
	b.addBase64(Range{r.From, r.From + len(s)})
	l := base64Level(s, b.r.Bytes)
	if l < likely {
		return nil
	}
	return []candidate{b.candidate("base64", l)}
}

func isBase64(s string) bool {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' {
			return -1
		}
		return r
	}, s)
	raw := strings.TrimRight(s, "=")
	enc := base64.RawStdEncoding
	if strings.ContainsAny(raw, "-_") {
		enc = base64.RawURLEncoding
	}
	_, err := enc.DecodeString(raw)
	return err == nil && len(s)-len(raw) <= 2
}

// base64Level weighs a text that could be base64. A word of a sentence could be, too; so it takes
// padding, a mix of characters, or bytes that fit MQTT.
func base64Level(s string, b []byte) level {
	fields := strings.Fields(s)
	hex := allHex(strings.Join(fields, "")) || !slices.ContainsFunc(fields, func(f string) bool { return !strings.HasPrefix(f, "0x") }) // 0x82, each on a line
	mixed := strings.ToLower(s) != s && strings.ToUpper(s) != s
	fits := fitsMQTT(b)
	switch {
	case hex && fits:
		return possible
	case hex:
		return guess
	case fits && len(b) > 3:
		return certain
	case fits, strings.HasSuffix(s, "=") && len(s)%4 == 0:
		return likely
	case mixed && hasDigit(s) && len(s) >= 16:
		return likely
	}
	return guess
}
