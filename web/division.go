package web

import (
	"fmt"
	"strconv"
	"strings"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Lang is a language of the texts.
type Lang = spec.Lang

// working is how a Variable Byte Integer is worked out.
type working struct {
	value  int
	steps  []divisionStep
	back   string // the sum that reads it again
	longer bool   // it is written in more bytes than it needs
}

// divisionStep is one division by 128 and the byte that it yields.
type divisionStep struct {
	dividend, quotient, remainder string
	hex, bits                     string
	more                          bool
}

// working works out the Remaining Length as its bytes have it; nil if it could
// not be read.
func (pv *packetView) working(rl *node) *working {
	value, err := strconv.Atoi(rl.shown())
	if err != nil || rl.Cut {
		return nil
	}
	return workOut(value, pv.bytesOf(rl))
}

// workOut works a value out as it is written in b.
func workOut(value int, b []byte) *working {
	w := &working{value: value, longer: len(b) > len(packet.AppendVarint(nil, value))}
	left, weight := value, 1
	var sum []string
	for i, c := range b {
		w.steps = append(w.steps, divisionStep{
			dividend: grouped(left), quotient: grouped(left / 128), remainder: strconv.Itoa(left % 128),
			hex: hexByte(c), bits: fmt.Sprintf("%08b", c), more: c >= 0x80,
		})
		term := strconv.Itoa(int(c & 0x7f))
		if i > 0 {
			term += " × " + grouped(weight)
		}
		sum = append(sum, term)
		left /= 128
		weight *= 128
	}
	w.back = strings.Join(sum, " + ") + " = " + grouped(value)
	return w
}

// grouped writes a number with a comma before every three digits.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// lengthRanges are the values that one to four bytes say (3.1.1: table 2.4).
var lengthRanges = func() (ranges [4]struct{ from, to, hex string }) {
	from := 0
	for i := range ranges {
		to := 1<<(7*(i+1)) - 1
		r := &ranges[i]
		r.from, r.to = grouped(from), grouped(to)
		var digits []string
		for _, b := range [][]byte{packet.AppendVarint(nil, from), packet.AppendVarint(nil, to)} {
			digits = append(digits, spaced(fmt.Sprintf("%x", b)))
		}
		r.hex = strings.Join(digits, " – ")
		from = to + 1
	}
	return ranges
}()

type sizesKey struct {
	scope string
	part  bool
	l     Lang
	used  int
}
