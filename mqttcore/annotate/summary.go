package annotate

import (
	"encoding/binary"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
	"unsafe"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Summary returns one line that says in a language what a packet is about,
// such as "PUBLISH test/a, QoS 2, id 1, 5 bytes". It reads the packet under
// version v (0: 3.1.1).
func Summary(b []byte, v packet.Version, l spec.Lang) string {
	return read(b, v, Options{Lang: l}).summary()
}

func (r *reading) summary() string {
	t := r.kind()
	if len(r.b) == 0 {
		return ""
	}
	l := line{words: wordsOf(r.lang), b: append(r.held, t.String()...)}
	l.start = len(l.b)
	switch t {
	case packet.CONNECT:
		r.connectSummary(&l)
	case packet.CONNACK:
		if _, ok := r.span(packet.FieldReturnCode); ok {
			l.add(spec.ReasonLabel(r.lang, r.version, t, byte(r.number(packet.FieldReturnCode))))
		} else if _, ok := r.span(packet.FieldConnackReason); ok {
			l.add(spec.ReasonLabel(r.lang, r.version, t, byte(r.number(packet.FieldConnackReason))))
		}
		if r.number(packet.FieldSessionPresent) == 1 {
			l.add(l.sessionPresent)
		}
	case packet.PUBLISH:
		r.publishSummary(&l)
	case packet.SUBSCRIBE, packet.UNSUBSCRIBE:
		r.filterSummary(&l)
		r.idSummary(&l)
	default:
		r.idSummary(&l)
		r.codeSummary(&l)
	}
	if !r.whole() {
		l.add(l.cut)
	} else if r.fault != nil && t != 0 {
		l.add(l.malformed)
	}
	return r.hold(l.b)
}

// line is a summary in the making: a packet type and what is about it.
type line struct {
	*words
	b     []byte
	start int // where the first of it goes
}

// words are what summaries are made of in a language.
type words struct {
	comma                                                           string
	sessionPresent, cut, malformed, noID, cleanSession, keptSession string
	cleanStart, keptStart, will, byAlias, retain, oneByte           string
	id, keepAlive, bytes, more                                      [2]string // what stands before and behind a number
}

var qosBefore = [2]string{"QoS "} // in every language

var summaryWords = func() map[spec.Lang]func() *words {
	m := make(map[spec.Lang]func() *words)
	for _, l := range spec.Languages() {
		m[l] = sync.OnceValue(func() *words { return newWords(l) })
	}
	return m
}()

func wordsOf(l spec.Lang) *words {
	if get, ok := summaryWords[l]; ok {
		return get()
	}
	return summaryWords[spec.English]()
}

func newWords(l spec.Lang) *words {
	say := func(key string) string { return spec.Message(l, "summary."+key) }
	around := func(key string) [2]string {
		before, behind, _ := strings.Cut(spec.Message(l, "summary."+key, "number", "\x00"), "\x00")
		return [2]string{before, behind}
	}
	return &words{
		comma: say("comma"), sessionPresent: say("session-present"), cut: say("cut"), malformed: say("malformed"), noID: say("no-id"),
		cleanSession: say("clean-session"), keptSession: say("kept-session"), cleanStart: say("clean-start"), keptStart: say("kept-start"),
		will: say("will"), byAlias: say("by-alias"), retain: say("retain"), oneByte: say("byte"),
		id: around("id"), keepAlive: around("keep-alive"), bytes: around("bytes"), more: around("more"),
	}
}

// add adds something; the rest of it may be appended.
func (l *line) add(s string) {
	if len(l.b) > l.start {
		l.b = append(l.b, l.comma...)
	} else {
		l.b = append(l.b, ' ')
	}
	l.b = append(l.b, s...)
}

// addNumber adds a number with what stands before and behind it.
func (l *line) addNumber(around *[2]string, n int) {
	l.add(around[0])
	l.b = append(appendInt(l.b, "", n), around[1]...)
}

func (r *reading) idSummary(l *line) {
	if s, ok := r.span(packet.FieldPacketID); ok && !s.Cut {
		l.addNumber(&l.id, int(s.Value))
	}
}

func (r *reading) connectSummary(l *line) {
	if s, ok := r.span(packet.FieldClientID); ok {
		if s.Length == 0 {
			l.add(l.noID)
		} else {
			l.add(Visible(r.text(packet.FieldClientID)))
		}
	}
	if s, ok := r.span(packet.FieldCleanSession); ok {
		switch {
		case s.Value == 1 && r.version == packet.V5:
			l.add(l.cleanStart)
		case s.Value == 1:
			l.add(l.cleanSession)
		case r.version == packet.V5:
			l.add(l.keptStart)
		default:
			l.add(l.keptSession)
		}
	}
	if _, ok := r.span(packet.FieldWillTopic); ok {
		l.add(l.will)
		l.b = append(l.b, Visible(r.text(packet.FieldWillTopic))...)
	}
	if s, ok := r.span(packet.FieldKeepAlive); ok && !s.Cut {
		l.addNumber(&l.keepAlive, int(s.Value))
	}
}

func (r *reading) publishSummary(l *line) {
	var none packet.Span
	topic, id, payload := &none, &none, &none
	var dup, qos, retain uint32
	for i := range r.trace.Spans {
		switch s := &r.trace.Spans[i]; s.Field {
		case packet.FieldDup:
			dup = s.Value
		case packet.FieldQoS:
			qos = s.Value
		case packet.FieldRetain:
			retain = s.Value
		case packet.FieldTopic:
			topic = s
		case packet.FieldPacketID:
			id = s
		case packet.FieldPayload:
			payload = s
		}
	}
	if topic.Length > 0 {
		l.add("")
		l.b = appendVisible(l.b, r.bytes(*topic))
	} else if r.topic != "" {
		l.add(Visible(r.topic))
		l.b = append(l.b, l.byAlias...)
	}
	if retain == 1 {
		l.add(l.retain)
	}
	l.addNumber(&qosBefore, int(qos))
	if dup == 1 {
		l.add("DUP")
	}
	if id != &none && !id.Cut {
		l.addNumber(&l.id, int(id.Value))
	}
	switch {
	case payload == &none:
	case payload.Length == 1:
		l.add(l.oneByte)
	default:
		l.addNumber(&l.bytes, payload.Length)
	}
}

func (r *reading) filterSummary(l *line) {
	n := 0
	for i := range r.trace.Spans {
		s := &r.trace.Spans[i]
		if s.Field != packet.FieldFilter {
			continue
		}
		if n++; n > 3 {
			continue
		}
		l.add("")
		l.b = appendVisible(l.b, r.bytes(*s))
		if r.kind() == packet.SUBSCRIBE && i+1 < len(r.trace.Spans) {
			l.b = strconv.AppendInt(append(l.b, " QoS "...), int64(r.trace.Spans[i+1].Value&3), 10)
		}
	}
	if n > 3 {
		l.addNumber(&l.more, n-3)
	}
}

func (r *reading) codeSummary(l *line) {
	n := 0
	for i := range r.trace.Spans {
		s := &r.trace.Spans[i]
		if s.Cut || groupOf(s.Field) != GroupCode {
			continue
		}
		if n++; n <= 4 {
			l.add(spec.ReasonLabel(r.lang, r.version, r.kind(), byte(s.Value)))
		}
	}
	if n > 4 {
		l.addNumber(&l.more, n-4)
	}
}

// most is how many characters of a text Visible shows.
const most = 60

// appendVisible appends what Visible returns.
func appendVisible(dst, b []byte) []byte {
	if len(b) <= most && plain(view(b)) {
		return append(dst, b...)
	}
	return append(dst, Visible(string(b))...)
}

// Visible returns s so that a person sees every character of it and nothing
// in it acts: control characters, line breaks, invisible and bidirectional
// marks and bytes that are no UTF-8 become escapes, and a text of more than
// 60 characters is cut.
func Visible(s string) string {
	if plain(s[:min(len(s), most)]) { // every other topic: nothing to escape
		if len(s) <= most {
			return s
		}
		return s[:most] + "…"
	}
	cut := ""
	end := 0
	for n := 0; n < most && end < len(s); n++ {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	if end < len(s) {
		s, cut = s[:end], "…"
	}
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`) + cut
}

// plain says whether s is printable ASCII without a backslash.
func plain(s string) bool {
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	for ; len(b) >= 8; b = b[8:] {
		if x := binary.LittleEndian.Uint64(b); (unprintable(x)|equal(x, '\\'))&tops != 0 {
			return false
		}
	}
	for _, c := range b {
		if c < ' ' || c > '~' || c == '\\' {
			return false
		}
	}
	return true
}

// view returns b as a string without a copy; b must not change while that is
// in use.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
