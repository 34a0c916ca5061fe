package web

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What of a payload is shown.
const (
	payloadText = 8 << 10 // bytes as text or JSON
	payloadHex  = 512     // bytes as hex
	payloadDeep = 32      // levels as JSON, of which each indents its lines further
)

// payload is what a payload can be read as. Nothing of it is claimed: the
// bytes do not say what they are.
type payload struct {
	Text    string // "": they are no UTF-8
	JSON    string // indented; "": they are no JSON object or list
	Numbers []numberReading
	Hex     string
	More    int // bytes that are not shown
}

type numberReading struct{ Name, Value string }

// hasPayload is whether a field is a payload that is there.
func (pv *packetView) hasPayload(n *node) bool {
	return (n.Name == "mqtt.msg" || n.Name == "mqtt.willmsg") && n.Length > 0 && n.Offset+n.Length <= len(pv.Raw)
}

// payload returns what a field's bytes can be read as; nil for all but payloads.
func (pv *packetView) payload(n *node) *payload {
	if !pv.hasPayload(n) {
		return nil
	}
	b := pv.Raw[n.Offset : n.Offset+n.Length]
	p := &payload{Numbers: numberReadings(b), Hex: spaced(hex.EncodeToString(b[:min(len(b), payloadHex)]))}
	p.More = len(b) - min(len(b), payloadHex)
	if utf8.Valid(b) {
		var lines []string
		for line := range strings.SplitSeq(clip(string(b), payloadText), "\n") {
			lines = append(lines, visible(line))
		}
		p.Text = strings.Join(lines, "\n")
	}
	if start := bytes.TrimLeft(b, " \t\r\n"); len(b) <= payloadText && len(start) > 0 && (start[0] == '{' || start[0] == '[') && levels(b) <= payloadDeep {
		var indented bytes.Buffer
		if json.Indent(&indented, b, "", "  ") == nil {
			var lines []string
			for line := range strings.SplitSeq(indented.String(), "\n") {
				lines = append(lines, visible(line))
			}
			p.JSON = strings.Join(lines, "\n")
		}
	}
	return p
}

// levels is how deep the objects and lists of JSON lie in each other.
func levels(b []byte) int {
	deep, most, quoted := 0, 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\\':
			i++ // escapes something, and stands only within strings
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{', c == '[':
			deep++
			most = max(most, deep)
		case c == '}', c == ']':
			deep--
		}
	}
	return most
}

// numberReadings reads one to eight bytes as numbers of every kind of that size.
func numberReadings(b []byte) []numberReading {
	if len(b) > 8 {
		return nil
	}
	bits := 8 * len(b)
	swapped := slices.Clone(b)
	slices.Reverse(swapped)
	var list []numberReading
	for _, order := range []struct {
		name string
		b    []byte
	}{{"big-endian", b}, {"little-endian", swapped}} {
		var full [8]byte
		copy(full[8-len(b):], order.b)
		u := binary.BigEndian.Uint64(full[:])
		name := strconv.Itoa(bits) + " " + order.name
		if bits == 8 {
			name = "8"
		}
		list = append(list, numberReading{"uint" + name, strconv.FormatUint(u, 10)})
		if signed := int64(u<<(64-bits)) >> (64 - bits); signed < 0 {
			list = append(list, numberReading{"int" + name, strconv.FormatInt(signed, 10)})
		}
		switch bits {
		case 8:
			return list
		case 32:
			list = append(list, numberReading{"float" + name, strconv.FormatFloat(float64(math.Float32frombits(uint32(u))), 'g', -1, 32)})
		case 64:
			list = append(list, numberReading{"float" + name, strconv.FormatFloat(math.Float64frombits(u), 'g', -1, 64)})
		}
	}
	return list
}
