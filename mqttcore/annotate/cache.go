package annotate

import (
	"hash/maphash"
	"sync/atomic"
	"unsafe"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// rendered is what a field is shown as, wherever it stands in a packet.
type rendered struct {
	key    uint64
	source string // of a string, or of a Remaining Length's sum: all that the key is a hash of
	lang   spec.Lang

	field Field                    // but for its offset and children
	json  atomic.Pointer[fragment] // made when the entry is used again
}

// fragment is a field's JSON before and behind its offset, without its
// children and the closing brace.
type fragment struct{ head, tail string }

// A cache holds what was rendered last: the same few flags, lengths, codes
// and topics come in packet after packet, and their texts cost most of the
// time that explaining takes. An entry is replaced by the next that falls
// into its slot; but for its json entries are never changed, so any goroutine
// may read them.
type cache [1 << cacheBits]atomic.Pointer[rendered]

const cacheBits = 11

var (
	numbers cache
	texts   cache // at most maxCached bytes each
	sums    cache
	seed    = maphash.MakeSeed()
)

// maxCached is the length of the longest string that is remembered, in bytes.
const maxCached = 128

func (c *cache) slot(key uint64) *atomic.Pointer[rendered] {
	return &c[key*0x9e3779b97f4a7c15>>(64-cacheBits)] // Fibonacci hashing
}

// find returns what the key, and the source behind it, is rendered as, or nil.
func (c *cache) find(key uint64, source []byte, l spec.Lang) *rendered {
	known := c.slot(key).Load()
	if known != nil && known.key == key && known.lang == l && known.source == string(source) {
		return known
	}
	return nil
}

// cacheable says whether label, value, text and math of a number follow from
// what numberKey has of it.
func cacheable(s *packet.Span) bool {
	switch s.Field {
	case packet.FieldRemainingLength, packet.FieldConnectFlags, packet.FieldPropertyNumber: // they speak of other fields
		return false
	case packet.FieldPacketID: // another in every other packet
		return false
	case packet.FieldWillQoS, packet.FieldWillRetain:
		return s.Value != 0 // without a Will 0 means something else
	}
	kind := s.Field.Kind()
	return (kind == packet.Number || kind == packet.Flag) && !s.Cut
}

func (r *reading) numberKey(s *packet.Span) uint64 {
	return uint64(s.Value)<<32 | uint64(s.Field)<<16 | uint64(s.Length&15)<<12 | uint64(r.kind())<<8 | uint64(r.version)
}

// stringKey hashes a string, which is shown under the same label in all
// packets of a version.
func (r *reading) stringKey(f packet.Field, b []byte) uint64 {
	return maphash.Bytes(seed, b) ^ uint64(f)<<8 ^ uint64(r.version)
}

// sumSource appends all that the math of a Remaining Length follows from: its
// bytes and the fields that add up to it. It returns nil where those are too many.
func (r *reading) sumSource(dst []byte, i int) []byte {
	dst = append(append(dst, byte(r.version)), r.bytes(r.trace.Spans[i])...)
	for j := i + 1; j < len(r.trace.Spans); j++ {
		s := &r.trace.Spans[j]
		if s.Depth != 0 || s.Cut {
			continue
		}
		if len(dst)+5 > cap(dst) {
			return nil
		}
		dst = append(dst, byte(s.Field), byte(s.Length>>24), byte(s.Length>>16), byte(s.Length>>8), byte(s.Length))
	}
	return dst
}

// remember returns what the i-th span is rendered as and whether that was
// remembered already; nil if it is not to be remembered.
func (r *reading) remember(i int) (known *rendered, again bool) {
	s := &r.trace.Spans[i]
	var c *cache
	var key uint64
	var source []byte
	var scratch [64]byte
	switch {
	case cacheable(s):
		c, key = &numbers, r.numberKey(s)
	case s.Cut:
		return nil, false
	case s.Field == packet.FieldRemainingLength:
		if source = r.sumSource(scratch[:0], i); source == nil {
			return nil, false
		}
		c, key = &sums, maphash.Bytes(seed, source)
	case s.Field.Kind() == packet.Text && s.Length > 0 && s.Length <= maxCached:
		source = r.bytes(*s)
		c, key = &texts, r.stringKey(s.Field, source)
	default:
		return nil, false
	}
	if known = c.find(key, source, r.lang); known != nil {
		if known.json.Load() == nil {
			f := &known.field
			known.json.Store(&fragment{head: string(f.appendHead(nil)), tail: string(f.appendTail(nil))})
		}
		return known, true
	}
	keeps := r.keeps
	r.keeps = false // what is remembered outlives the packet
	known = &rendered{key: key, source: string(source), lang: r.lang}
	r.fillField(i, &known.field)
	known.field.Offset = 0
	r.keeps = keeps
	c.slot(key).Store(known)
	return known, false
}

// fragment returns f's JSON if it is remembered and f was not changed since
// it was rendered.
func (f *Field) fragment() *fragment {
	if f.shown == nil {
		return nil
	}
	g := &f.shown.field
	if !same(f.Label, g.Label) || !same(f.Text, g.Text) || !same(f.Math, g.Math) || !same(f.Name, g.Name) || !same(f.Group, g.Group) ||
		f.Length != g.Length || f.Bits != g.Bits || f.Cut || *(*[2]uintptr)(unsafe.Pointer(&f.Value)) != *(*[2]uintptr)(unsafe.Pointer(&g.Value)) {
		return nil
	}
	return f.shown.json.Load()
}

// same says whether two strings are one and the same; that they are equal
// would take longer to say. (Two words of an interface are compared so, too.)
func same[S ~string](a, b S) bool {
	return len(a) == len(b) && unsafe.StringData(string(a)) == unsafe.StringData(string(b))
}

// phrase is a message with one argument, where few are possible.
type phrase struct {
	lang             spec.Lang
	key, value, text string
}

var phrases [256]atomic.Pointer[phrase]

// phrase is say for a message with at most one placeholder and few values.
func (r *reading) phrase(key, name, value string) string {
	at := len(key) * 31
	if n := len(value); n > 0 {
		at += n*7 + int(value[n-1])
	}
	slot := &phrases[at%len(phrases)]
	if known := slot.Load(); known != nil && known.key == key && known.value == value && known.lang == r.lang {
		return known.text
	}
	fresh := &phrase{lang: r.lang, key: key, value: value, text: r.say(key, name, value)}
	slot.Store(fresh)
	return fresh.text
}
