package annotate

import (
	"fmt"
	"strconv"
	"strings"

	"mqttlab/mqttcore/packet"
)

// math works out the value of the i-th span, where there is something to
// work out: lengths, numbers of two bytes, and bits.
func (r *reading) math(i int) string {
	s := r.trace.Spans[i]
	if s.Cut || s.Length == 0 {
		return ""
	}
	b := r.bytes(s)
	switch {
	case s.Field == packet.FieldRemainingLength:
		return r.variableByteInteger(b, int(s.Value)) + r.sum(int(s.Value))
	case s.Field == packet.FieldPropertyLength:
		return r.variableByteInteger(b, int(s.Value))
	case s.Bits && s.Hi > s.Lo:
		return fmt.Sprintf("%0*b = %d", s.Hi-s.Lo+1, s.Value, s.Value)
	case inTwoBytes(&s):
		return r.hold(appendTwoBytes(r.held, b[0], b[1]))
	case s.Field.Kind() == packet.Number && s.Length == 4 && s.Value > 255:
		return fmt.Sprintf("0x%X = %d", s.Value, s.Value)
	}
	return ""
}

// inTwoBytes says whether there is something to work out in a number of two bytes.
func inTwoBytes(s *packet.Span) bool {
	return s.Length == 2 && s.Value > 255 && s.Field.Kind() == packet.Number && !s.Cut
}

// appendTwoBytes shows how two bytes make a number, as "0x01 × 256 + 0x2C = 1 × 256 + 44 = 300".
// Every other Packet Identifier is one, so no fmt here.
func appendTwoBytes(dst []byte, hi, lo byte) []byte {
	dst = append(appendHex(dst, hi), " × 256 + "...)
	dst = appendInt(appendHex(dst, lo), " = ", int(hi))
	dst = appendInt(dst, " × 256 + ", int(lo))
	return appendInt(dst, " = ", int(hi)<<8|int(lo))
}

// appendHex appends a byte as 0x2C.
func appendHex(dst []byte, c byte) []byte {
	const digits = "0123456789ABCDEF"
	return append(dst, '0', 'x', digits[c>>4], digits[c&15])
}

// variableByteInteger shows the sum that a Variable Byte Integer stands for:
// seven bits a byte, the low ones first, bit 7 saying that more follow.
func (r *reading) variableByteInteger(b []byte, x int) string {
	if len(b) == 1 {
		return r.say("math.one_byte", "hex", string(appendHex(nil, b[0])), "value", decimal(x))
	}
	var terms, values []string
	weight := 1
	for i, c := range b {
		term := fmt.Sprintf("0x%02X", c)
		if c >= 0x80 {
			term = fmt.Sprintf("(0x%02X − 128)", c)
		}
		value := int(c & 0x7f)
		if i > 0 {
			term += fmt.Sprintf(" × %d", weight)
			value *= weight
		}
		terms = append(terms, term)
		values = append(values, decimal(value))
		weight *= 128
	}
	return fmt.Sprintf("%s = %s = %d", strings.Join(terms, " + "), strings.Join(values, " + "), x)
}

// sum shows which parts of the packet add up to its Remaining Length, as
// ". 38 = 10 + 11 + 7 + 10: variable header, …".
func (r *reading) sum(total int) string {
	parts := r.parts()
	if len(parts) < 2 {
		return ""
	}
	n := 0
	for _, p := range parts {
		n += p.length
	}
	if n != total {
		return ""
	}
	more := false
	if len(parts) > 12 { // a SUBSCRIBE with many filters
		parts, more = parts[:11], true
	}
	said := append(strconv.AppendInt(append(make([]byte, 0, 160), r.say("math.then")...), int64(total), 10), " = "...)
	for i, p := range parts {
		if i > 0 {
			said = append(said, " + "...)
		}
		said = strconv.AppendInt(said, int64(p.length), 10)
	}
	if more {
		said = append(said, " + …"...)
	}
	said = append(said, r.say("math.namely")...)
	and := r.say("math.and")
	for i, p := range parts {
		if i > 0 {
			said = append(said, and...)
		}
		said = append(said, p.label...)
	}
	if more {
		said = append(append(said, and...), "…"...)
	}
	return string(said)
}

type part struct {
	label  string
	length int
}

// parts cuts the packet behind its fixed header into what a person would add
// up: a string goes with its length, except the topic of a PUBLISH; the
// fields of fixed size before a CONNECT's payload go together.
func (r *reading) parts() []part {
	parts := make([]part, 0, 8)
	pending := 0 // bytes of a length prefix or of the variable header
	for _, s := range r.trace.Spans {
		if s.Depth != 0 || s.Cut {
			continue
		}
		switch s.Field {
		case packet.FieldHeader, packet.FieldRemainingLength:
			continue
		case packet.FieldProtocolNameLength, packet.FieldProtocolName, packet.FieldProtocolLevel, packet.FieldConnectFlags,
			packet.FieldClientIDLength, packet.FieldWillTopicLength, packet.FieldWillMessageLength,
			packet.FieldUserNameLength, packet.FieldPasswordLength, packet.FieldFilterLength:
			pending += s.Length
			continue
		case packet.FieldKeepAlive:
			parts = append(parts, part{r.say("math.variable_header"), pending + s.Length})
		default:
			if s.Length+pending == 0 {
				continue
			}
			parts = append(parts, part{r.label(s.Field), pending + s.Length})
		}
		pending = 0
	}
	return parts
}
