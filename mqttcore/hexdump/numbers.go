package hexdump

import "strings"

// readDecimals reads a text that is nothing but decimal byte values: 16 38 0 4, or 16,38,0,4,-62.
func readDecimals(in *input) []candidate {
	b := newBuilder(in)
	count, telling, values, negative := 0, 0, 0, false
	lastAlone := false
	t := in.text
	for i := 0; i < len(t); {
		c := t[i]
		if c <= ' ' || c == ',' || c == ';' {
			i++
			continue
		}
		if starred(b, i) {
			i++
			continue
		}
		j := i
		if c == '-' {
			j++
		}
		from := j
		for j < len(t) && isDecimal(t[j]) && j-from < 4 {
			j++
		}
		n, ok := number(t[from:j], 10)
		if !ok || j-from > 3 || n > 255 || j-from > 1 && t[from] == '0' ||
			j < len(t) && strings.IndexByte(" ,;\t\r\n", t[j]) < 0 {
			return nil
		}
		if c == '-' {
			n, negative = -n, true
		}
		if n < -128 {
			return nil
		}
		count++
		if j-i != 2 {
			telling++
			values |= n
		}
		lastAlone = j-i == 1
		b.add(byte(n), i, j)
		i = j
	}
	switch {
	case count < 2:
		return nil
	case negative || telling > 0 && values > 99:
		return []candidate{b.candidate("decimal list", certain)}
	case telling == 1 && lastAlone && !strings.ContainsAny(t, ",;"):
		// 10 26 0: far more often hex whose last digit is missing.
		return []candidate{b.candidate("decimal list", guess)}
	case telling > 0:
		return []candidate{b.candidate("decimal list", likely)}
	}
	return []candidate{b.candidate("decimal list", possible)}
}

// starred notes a line "*" at text[i:], as od -An prints for lines that repeat.
func starred(b *builder, i int) bool {
	t := b.in.text
	if t[i] != '*' || len(b.r.Bytes) == 0 || t[i-1] != '\n' || i+1 < len(t) && t[i+1] != '\n' && t[i+1] != '\r' {
		return false
	}
	b.unknownRepeat(i, b.lineAbove(i))
	return true
}

// readOctal reads od -An -to1 and od -An -o: nothing but three octal digits a byte, or six for two swapped ones.
func readOctal(in *input) []candidate {
	fields, width, b := 0, 0, newBuilder(in)
	for i := skipBlank(in.text, 0); i < len(in.text); i = skipBlank(in.text, i) {
		if starred(b, i) {
			i++
			continue
		}
		n := digits(in.text, i, 7, 8)
		if width == 0 {
			width = n
		}
		v, _ := number(in.text[i:i+n], 8)
		if n != width || n != 3 && n != 6 || v >= 1<<(8*n/3) || i+n < len(in.text) && in.text[i+n] > ' ' {
			return nil
		}
		u := unit{base: 8, size: n / 3, width: n, swapped: n == 6}
		u.each(in, Range{i, i + n}, b.add)
		fields++
		i += n
	}
	switch {
	case fields < 2:
		return nil
	case width == 6:
		unfilled(b, 2)
		return []candidate{b.candidate("octal words (swapped)", likely)}
	}
	return []candidate{b.candidate("octal bytes", certain)}
}

// readBinary reads a text that is nothing but binary digits, in eights.
func readBinary(in *input) []candidate {
	b := newBuilder(in)
	t := in.text
	groups, marked := 0, 0
	for i := 0; i < len(t); {
		n := 0
		for i+n < len(t) && (t[i+n] == '0' || t[i+n] == '1') {
			n++
		}
		if n == 0 {
			if isWordByte(t[i]) && !strings.HasPrefix(t[i:], "0b") || t[i] >= 0x80 {
				return nil
			}
			i++
			continue
		}
		if n == 1 && strings.HasPrefix(t[i:], "0b") {
			marked++
			if n := digits(t, i+2, 9, 2); n > 0 && n < 8 { // Python's bin() writes no leading zeros
				v, _ := number(t[i+2:i+2+n], 2)
				b.add(byte(v), i, i+2+n)
				groups++
				i += n
			}
			i += 2
			continue
		}
		groups++
		if n%8 != 0 {
			return readNibbles(in)
		}
		for end := i + n; i < end; i += 8 {
			v, _ := number(t[i:i+8], 2)
			b.add(byte(v), i, i+8)
		}
	}
	if len(b.r.Bytes) == 0 {
		return nil
	}
	l := likely
	if marked == groups { // 0b10000010 is no hex
		l = certain
	}
	return []candidate{b.candidate("binary digits", l)}
}

// readNibbles reads binary digits in fours, as tutorials write the first byte: 1000 0010.
func readNibbles(in *input) []candidate {
	b := newBuilder(in)
	fields := strings.Fields(in.text)
	if len(fields)%2 != 0 || len(fields) == 0 {
		return nil
	}
	at := 0
	for i := 0; i < len(fields); i += 2 {
		hi, ok1 := number(fields[i], 2)
		lo, ok2 := number(fields[i+1], 2)
		if !ok1 || !ok2 || len(fields[i]) != 4 || len(fields[i+1]) != 4 {
			return nil
		}
		from := at + strings.Index(in.text[at:], fields[i])
		to := from + 4 + strings.Index(in.text[from+4:], fields[i+1]) + 4
		b.add(byte(hi<<4|lo), from, to)
		at = to
	}
	return []candidate{b.candidate("binary digits", likely)}
}
