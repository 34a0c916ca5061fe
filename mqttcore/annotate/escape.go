package annotate

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

const digits = "0123456789abcdef"

// Inert returns JSON of the same value that acts on no terminal and turns no
// text round: what encoding/json leaves of control characters, invisible and
// bidirectional marks becomes escapes. It is b itself where there is none.
func Inert(b []byte) []byte {
	n := seenPrefix(view(b))
	if n == len(b) {
		return b
	}
	out := append(make([]byte, 0, len(b)+64), b[:n]...)
	for s := view(b[n:]); len(s) > 0; {
		// Beyond ASCII, and DEL, stand in JSON only within strings.
		r, size := utf8.DecodeRuneInString(s)
		if r < utf8.RuneSelf && r != rubout {
			size = seenPrefix(s)
			out = append(out, s[:size]...)
		} else {
			out = appendRune(out, s[:size], r)
		}
		s = s[size:]
	}
	return out
}

// appendRune appends the character r that s is, as an escape if it is not
// seen; if s is no UTF-8, then as encoding/json writes that.
func appendRune(dst []byte, s string, r rune) []byte {
	switch {
	case r == utf8.RuneError && len(s) == 1:
		return append(dst, `\ufffd`...)
	case strconv.IsGraphic(r):
		return append(dst, s...)
	case r > 0xFFFF:
		high, low := utf16.EncodeRune(r)
		return appendUnit(appendUnit(dst, high), low)
	}
	return appendUnit(dst, r)
}

func appendUnit(dst []byte, u rune) []byte {
	return append(dst, '\\', 'u', digits[u>>12&15], digits[u>>8&15], digits[u>>4&15], digits[u&15])
}

// appendString quotes s as encoding/json does, and Inert then.
func appendString(dst []byte, s string) []byte {
	n := plainPrefix(s)
	dst = append(append(dst, '"'), s[:n]...)
	if n < len(s) {
		dst = appendEscaped(dst, s[n:])
	}
	return append(dst, '"')
}

func appendEscaped(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = appendRune(dst, s[i:i+n], r)
			i += n
			n = plainPrefix(s[i:])
			dst = append(dst, s[i:i+n]...)
			i += n
			continue
		}
		i++
		if ' ' <= c && c <= '~' && c != '"' && c != '\\' {
			dst = append(dst, c)
			continue
		}
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, `\b`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = appendUnit(dst, rune(c))
		}
	}
	return dst
}

// plainPrefix returns how many bytes at the start of s stand in JSON as they
// are: printable ASCII without quote and backslash. It looks at eight at a
// time.
func plainPrefix(s string) int {
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	for ; len(b) >= 8; b = b[8:] {
		x := binary.LittleEndian.Uint64(b)
		if odd := (unprintable(x) | equal(x, '"') | equal(x, '\\')) & tops; odd != 0 {
			return len(s) - len(b) + bits.TrailingZeros64(odd)/8
		}
	}
	for i, c := range b {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return len(s) - len(b) + i
		}
	}
	return len(s)
}

// seenPrefix returns how many bytes at the start of s, which is JSON, are
// ASCII without DEL.
func seenPrefix(s string) int {
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	for ; len(b) >= 8; b = b[8:] {
		x := binary.LittleEndian.Uint64(b)
		if odd := (x | (x + ones)) & tops; odd != 0 {
			return len(s) - len(b) + bits.TrailingZeros64(odd)/8
		}
	}
	for i, c := range b {
		if c >= rubout {
			return len(s) - len(b) + i
		}
	}
	return len(s)
}

const (
	rubout = '~' + 1 // DEL

	ones, tops = 0x0101010101010101, 0x8080808080808080
)

// unprintable sets the top bit of the first of eight bytes that is no
// printable ASCII, and perhaps that of bytes behind it; so does equal of the
// first that is c. Other bits say nothing.
func unprintable(x uint64) uint64   { return x | (x + ones) | (x - ones*' ') }
func equal(x uint64, c byte) uint64 { return (x ^ ones*uint64(c)) - ones }
