package annotate

import (
	"encoding/binary"
	"math/bits"
	"slices"
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
	case r == '“' || r == '”' || strconv.IsGraphic(r): // those stand around every text
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
	return append(appendInside(append(dst, '"'), s), '"')
}

// appendInside is appendString without the quotes.
func appendInside(dst []byte, s string) []byte {
	n := plainPrefix(s)
	if dst = append(dst, s[:n]...); n == len(s) {
		return dst
	}
	return appendEscaped(dst, s[n:])
}

// appendEscaped is appendInside for what begins with a character to escape.
func appendEscaped(dst []byte, s string) []byte {
	for len(s) > 0 {
		n := 1
		switch c := s[0]; {
		case c >= utf8.RuneSelf:
			var r rune
			r, n = utf8.DecodeRuneInString(s)
			dst = appendRune(dst, s[:n], r)
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c == '\b':
			dst = append(dst, `\b`...)
		case c == '\f':
			dst = append(dst, `\f`...)
		default:
			dst = appendUnit(dst, rune(c))
		}
		s = s[n:]
		n = plainPrefix(s)
		dst = append(dst, s[:n]...)
		s = s[n:]
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

// appendHexed appends b in hex, four bytes at a time.
func appendHexed(dst, b []byte) []byte {
	at := len(dst)
	dst = slices.Grow(dst, 2*len(b))[:at+2*len(b)]
	for ; len(b) >= 4; b, at = b[4:], at+8 {
		// Each byte into two, the high nibble first; then 0 to 9 and a to f.
		x := uint64(binary.LittleEndian.Uint32(b))
		x = (x | x<<16) & 0x0000FFFF0000FFFF
		x = (x | x<<8) & 0x00FF00FF00FF00FF
		x = (x>>4 | x<<8) & (ones * 15)
		letters := (x + ones*6) >> 4 & ones
		binary.LittleEndian.PutUint64(dst[at:], x+ones*'0'+letters*('a'-'0'-10))
	}
	for _, c := range b {
		dst[at], dst[at+1] = digits[c>>4], digits[c&15]
		at += 2
	}
	return dst
}

// unprintable sets the top bit of the first of eight bytes that is no
// printable ASCII, and perhaps that of bytes behind it; so does equal of the
// first that is c. Other bits say nothing.
func unprintable(x uint64) uint64   { return x | (x + ones) | (x - ones*' ') }
func equal(x uint64, c byte) uint64 { return (x ^ ones*uint64(c)) - ones }
