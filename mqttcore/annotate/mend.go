package annotate

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// mendable is the longest run of bytes that mend tries its hand at.
const mendable = 512

// change is one step of a repair: a message key and its arguments.
type change struct {
	key  string
	args []string
}

// mend looks for the one small change, or few, after which b is a packet
// without a fault: misprints in published dumps are a wrong length, a
// doubled or missing byte before a string, or a broken fixed header.
func mend(b []byte, v packet.Version, lang spec.Lang) (fixed []byte, how []change, ok bool) {
	if len(b) > mendable {
		return nil, nil, false
	}
	fixed = b
	for range 4 {
		r := read(fixed, v, Options{Lang: lang})
		if size, _ := packet.Size(fixed); r.fault == nil && size == len(fixed) {
			how = settle(b, fixed, how)
			return fixed, how, len(how) > 0
		}
		next, step, found := mendOnce(r, fixed)
		if !found {
			return nil, nil, false
		}
		fixed, how = next, append(how, step)
	}
	return nil, nil, false
}

// settle brings the steps in line with their end: a later step may change a
// fixed header again, or bring the Remaining Length back to what it was.
func settle(b, fixed []byte, how []change) []change {
	size, err := packet.Size(b)
	known := err == nil && size > 0
	end := remaining(fixed)
	return slices.DeleteFunc(how, func(c change) bool {
		switch c.key {
		case "repair.header":
			c.args[3] = hexBytes(fixed[:len(fixed)-end])
		case "repair.remaining_length":
			c.args[3] = decimal(end)
			c.args[5] = hexBytes(packet.AppendVarint(nil, end))
			return known && remaining(b) == end
		}
		return false
	})
}

func (r *reading) mendText(how []change) string {
	var texts []string
	for _, c := range how {
		texts = append(texts, r.say(c.key, c.args...))
	}
	return strings.Join(texts, " ")
}

// mendOnce makes the change that the first fault of b suggests. b may be
// longer than the packet that its Remaining Length announces.
func mendOnce(r *reading, b []byte) ([]byte, change, bool) {
	if next, step, ok := mendHeader(b); ok {
		return next, step, true
	}
	size, err := packet.Size(b)
	if err != nil || size == 0 {
		return nil, change{}, false
	}
	if size != len(b) {
		return mendLength(r, b)
	}
	switch r.fault.Violation {
	case packet.PastEnd:
		return mendPrefix(r, b)
	case packet.TrailingBytes:
		return stretch(r, b, r.fault.Length)
	}
	return nil, change{}, false
}

// mendHeader gives a CONNECT that is known by its Protocol Name the fixed
// header that fits.
func mendHeader(b []byte) ([]byte, change, bool) {
	head := b[:min(len(b), 16)]
	at := bytes.Index(head, []byte("\x00\x04MQTT"))
	if at < 0 {
		at = bytes.Index(head, []byte("\x00\x06MQIsdp"))
	}
	if at < 0 || at > 6 {
		return nil, change{}, false
	}
	size, err := packet.Size(b)
	headerEnds := err == nil && size > 0 && size-remaining(b) == at
	if b[0] == byte(packet.CONNECT)<<4 && headerEnds {
		return nil, change{}, false
	}
	header := packet.AppendVarint([]byte{byte(packet.CONNECT) << 4}, len(b)-at)
	return slices.Concat(header, b[at:]), change{"repair.header", []string{"old", hexBytes(b[:at]), "new", hexBytes(header)}}, true
}

// remaining returns the Remaining Length at the start of b.
func remaining(b []byte) int {
	r := read(b[:min(len(b), 5)], packet.V311, Options{})
	return r.number(packet.FieldRemainingLength)
}

// withLength returns b with the Remaining Length that its bytes call for.
func withLength(b []byte) []byte {
	size, _ := packet.Size(b)
	header := size - remaining(b)
	return slices.Concat(packet.AppendVarint([]byte{b[0]}, len(b)-header), b[header:])
}

func mendLength(r *reading, b []byte) ([]byte, change, bool) {
	next := withLength(b)
	step := change{"repair.remaining_length", []string{
		"old", decimal(remaining(b)), "new", decimal(remaining(next)), "hex", hexBytes(packet.AppendVarint(nil, remaining(next)))}}
	return next, step, true
}

// mendPrefix mends the two-byte length whose field reaches past the end. If
// its high byte is not zero, the byte that stands there may be a misprint of
// both: 3c 6c 77 74 for 00 03 6c 77 74.
func mendPrefix(r *reading, b []byte) ([]byte, change, bool) {
	at := r.fault.Offset
	if r.fault.Length != 2 || at+2 > len(b) {
		return nil, change{}, false
	}
	if r.insideProperties(r.fault) && longerProperties(r, b) {
		return nil, change{}, false // two lengths that may be the wrong one
	}
	overwrite := func(n int) []byte {
		next := slices.Clone(b)
		binary.BigEndian.PutUint16(next[at:], uint16(n))
		return next
	}
	insert := func(n int) []byte {
		return withLength(slices.Concat(b[:at], []byte{byte(n >> 8), byte(n)}, b[at+1:]))
	}
	tries := []func(int) []byte{overwrite, insert}
	if b[at] != 0 {
		tries = []func(int) []byte{insert, overwrite}
	}
	for i, try := range tries {
		var found []byte
		length, solutions := 0, 0
		for n := 0; n <= len(b)-at && solutions < 2; n++ {
			next := try(n)
			d := packet.Decoder{Version: r.version}
			if _, err := d.Decode(next); err == nil {
				found, length = next, n
				solutions++
			}
		}
		if solutions == 1 {
			old := b[at : at+2]
			if (i == 0) == (b[at] != 0) {
				old = b[at : at+1]
			}
			return found, change{"repair.length", []string{"field", r.label(r.fault.Field), "old", hexBytes(old),
				"new", hexBytes(binary.BigEndian.AppendUint16(nil, uint16(length))), "length", decimal(length)}}, true
		}
	}
	return nil, change{}, false
}

// longerProperties says whether b is a packet without a fault once the Property Length takes in what the
// faulty field needs.
func longerProperties(r *reading, b []byte) bool {
	at := -1
	for _, s := range r.trace.Spans {
		if s.Field == packet.FieldPropertyLength && s.Offset < r.fault.Offset && s.Length == 1 {
			at = s.Offset
		}
	}
	if at < 0 || int(b[at])+r.fault.Want-r.fault.Have > 127 {
		return false
	}
	next := slices.Clone(b)
	next[at] += byte(r.fault.Want - r.fault.Have)
	d := packet.Decoder{Version: r.version}
	_, err := d.Decode(next)
	return err == nil
}

// stretch lengthens the one length prefix that can take n bytes more.
func stretch(r *reading, b []byte, n int) ([]byte, change, bool) {
	var found []byte
	var step change
	solutions := 0
	for i, s := range r.trace.Spans {
		if s.Length != 2 || s.Cut || s.Field.Kind() != packet.Number || !strings.HasSuffix(s.Field.Name(), "_len") || i+1 == len(r.trace.Spans) {
			continue
		}
		next := slices.Clone(b)
		length := int(s.Value) + n
		binary.BigEndian.PutUint16(next[s.Offset:], uint16(length))
		d := packet.Decoder{Version: r.version}
		if _, err := d.Decode(next); err != nil {
			continue
		}
		found = next
		solutions++
		step = change{"repair.length", []string{"field", r.label(r.trace.Spans[i+1].Field), "old", hexBytes(b[s.Offset : s.Offset+2]),
			"new", hexBytes(next[s.Offset : s.Offset+2]), "length", decimal(length)}}
	}
	return found, step, solutions == 1
}
