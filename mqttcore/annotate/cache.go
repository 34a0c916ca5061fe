package annotate

import (
	"sync/atomic"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// rendered is what a number is shown as, wherever it stands in a packet.
type rendered struct {
	key        uint64
	lang       spec.Lang
	label      string
	value      any
	text, math string
}

// cache holds the numbers rendered last: the same few flags, lengths and
// codes come in packet after packet, and their texts cost most of the time
// that explaining takes. An entry is replaced by the next that falls into its
// slot; entries are never changed, so any goroutine may read them.
var cache [4096]atomic.Pointer[rendered]

// cacheable says whether label, value, text and math of a field follow from
// what cacheKey has of it.
func cacheable(s *packet.Span) bool {
	switch s.Field {
	case packet.FieldRemainingLength, packet.FieldConnectFlags, packet.FieldPropertyNumber: // they speak of other fields
		return false
	case packet.FieldWillQoS, packet.FieldWillRetain:
		return s.Value != 0 // without a Will 0 means something else
	}
	kind := s.Field.Kind()
	return (kind == packet.Number || kind == packet.Flag) && !s.Cut
}

func (r *reading) cacheKey(s *packet.Span) uint64 {
	return uint64(s.Value)<<32 | uint64(s.Field)<<16 | uint64(s.Length&15)<<12 | uint64(r.kind())<<8 | uint64(r.version)
}

// render returns what the i-th span, a cacheable one, is shown as.
func (r *reading) render(i int) *rendered {
	s := &r.trace.Spans[i]
	key := r.cacheKey(s)
	slot := &cache[key*0x9e3779b97f4a7c15>>52] // Fibonacci hashing: 12 bits
	if known := slot.Load(); known != nil && known.key == key && known.lang == r.lang {
		return known
	}
	fresh := &rendered{key: key, lang: r.lang, label: r.label(s.Field), value: int(s.Value), text: r.meaning(i), math: r.math(i)}
	slot.Store(fresh)
	return fresh
}
