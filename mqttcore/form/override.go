package form

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"mqttlab/mqttcore/packet"
)

// Override sets fields of a finished packet to values of its own, against the
// rules if need be: {"mqtt.len": 5, "mqtt.hdr_reserved": 1}. A key is a field's
// name, "~2" and so on behind it for its second and later occurrence. Behind
// the name of a Variable Byte Integer, ".bytes" says in how many bytes it is
// written, 1 to 4, also more than it needs. What is set stays what the override
// says, whatever the other fields become.
type Override map[string]uint32

// Settable is a field of a packet that an Override can set.
type Settable struct {
	Key    string // of the Override
	Field  packet.Field
	Max    uint32
	Value  uint32
	Varint bool // a Variable Byte Integer, which has a ".bytes", too
	Span   packet.Span
}

// Settables lists the fields of a packet that an Override can set, in wire
// order: numbers and flags, among them every length and every reserved bit.
func Settables(b []byte, v packet.Version) []Settable {
	var trace packet.Trace
	d := packet.Decoder{Version: v, Trace: &trace}
	_, _ = d.Partial(b) // what is wrong with it is for others to say
	return settables(trace.Spans)
}

func settables(spans []packet.Span) []Settable {
	var list []Settable
	seen := map[string]int{}
	for _, s := range spans {
		name := s.Field.Name()
		seen[name]++
		kind := s.Field.Kind()
		if kind != packet.Number && kind != packet.Flag || s.Cut || s.Length == 0 {
			continue
		}
		at := Settable{Key: name, Field: s.Field, Value: s.Value, Span: s, Varint: isVarint(s)}
		if n := seen[name]; n > 1 {
			at.Key += "~" + strconv.Itoa(n)
		}
		switch {
		case at.Varint:
			at.Max = packet.MaxRemainingLength
		case s.Bits:
			at.Max = 1<<(s.Hi-s.Lo+1) - 1
		default:
			at.Max = uint32(1<<(8*s.Length) - 1)
		}
		list = append(list, at)
	}
	return list
}

func isVarint(s packet.Span) bool {
	return s.Field == packet.FieldRemainingLength || s.Field == packet.FieldPropertyLength
}

// Apply returns the packet b, as version v writes it, with the fields that o
// names set to its values. Remaining Length follows the bytes unless it is
// itself set. Its error is an *Error.
func (o Override) Apply(b []byte, v packet.Version) ([]byte, error) {
	if len(o) == 0 {
		return b, nil
	}
	fields := Settables(b, v)
	if err := o.check(fields); err != nil {
		return nil, err
	}
	out := slices.Clone(b)
	var header *Settable
	for i, f := range slices.Backward(fields) { // so that what is in front stays in its place
		if f.Field == packet.FieldRemainingLength {
			header = &fields[i]
			continue
		}
		value, set := o[f.Key]
		bytes := o[f.Key+".bytes"]
		switch {
		case f.Varint && (set || bytes > 0):
			if !set {
				value = f.Value
			}
			out = slices.Replace(out, f.Span.Offset, f.Span.Offset+f.Span.Length, varint(value, int(bytes))...)
		case set:
			put(out, f.Span, value)
		}
	}
	if header == nil {
		return out, nil
	}
	end := header.Span.Offset + header.Span.Length
	value, set := o[header.Key]
	if !set {
		value = uint32(len(out) - end)
	}
	return slices.Replace(out, header.Span.Offset, end, varint(value, int(o[header.Key+".bytes"]))...), nil
}

// check names the first key, in their order, that is no field or whose value
// does not fit.
func (o Override) check(fields []Settable) error {
	for _, key := range slices.Sorted(maps.Keys(o)) {
		name, bytes := strings.CutSuffix(key, ".bytes")
		i := slices.IndexFunc(fields, func(f Settable) bool { return f.Key == name })
		switch {
		case i < 0 || bytes && !fields[i].Varint:
			return mistake("override."+key, "form.no-field")
		case bytes && (o[key] < 1 || o[key] > 4):
			return mistake("override."+key, "form.varint")
		case bytes && len(varint(o.valueOf(fields[i]), 1)) > int(o[key]):
			return mistake("override."+key, "form.takes-more", "value", fmt.Sprint(o.valueOf(fields[i])), "bytes", fmt.Sprint(o[key]))
		case !bytes && o[key] > fields[i].Max:
			return mistake("override."+key, "form.range", "value", fmt.Sprint(o[key]), "most", fmt.Sprint(fields[i].Max))
		}
	}
	return nil
}

func (o Override) valueOf(f Settable) uint32 {
	if value, ok := o[f.Key]; ok {
		return value
	}
	return f.Value
}

// put writes a value into the bits or bytes of a field of fixed size.
func put(b []byte, s packet.Span, value uint32) {
	if s.Bits {
		mask := byte(1<<(s.Hi-s.Lo+1)-1) << s.Lo
		b[s.Offset] = b[s.Offset]&^mask | byte(value)<<s.Lo&mask
		return
	}
	for i := range s.Length {
		b[s.Offset+s.Length-1-i] = byte(value >> (8 * i))
	}
}

// varint writes x in at least n bytes: those that it does not need hold no
// more than the sign that another one follows, which [MQTT-1.5.5-1] forbids.
func varint(x uint32, n int) []byte {
	b := packet.AppendVarint(nil, int(x))
	for len(b) < n {
		b[len(b)-1] |= 0x80
		b = append(b, 0)
	}
	return b
}
