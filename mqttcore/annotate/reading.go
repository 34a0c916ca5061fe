package annotate

import (
	"errors"
	"sync"

	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Options say what is known about the bytes beforehand.
type Options struct {
	Version packet.Version // 0: found out
	// VersionWhy is the key of a message that says why it is Version, with the
	// placeholder version. "": because it was given.
	VersionWhy string
	Sender     packet.Party // 0: not known
	Lang       spec.Lang    // "": English
	Reading    int          // of Text: which way to read the text, 0 for the likeliest
	// Index and Offset are the Packet's, of one that is explained by itself.
	Index, Offset int
	// Whole: the bytes are one connection from its beginning, and nothing that
	// either side sent is left out. Then a packet that is missing is an error.
	Whole bool
	// Connected, if known, says whether the client was accepted before it sends these packets.
	Connected *bool

	// mends counts the searches for a repair that are still allowed; nil
	// allows one for each packet.
	mends *int
}

// reading is one packet's bytes, read by the grammar under one version.
type reading struct {
	b       []byte // the packet, or what is there of it
	version packet.Version
	sender  packet.Party
	lang    spec.Lang
	decoder packet.Decoder
	trace   packet.Trace
	packet  packet.Packet                  // nil if a rule is broken
	fault   *packet.Fault                  // the first broken rule, or nil
	mends   *int                           // as in Options
	mended  *Repair                        // what mend found; nil also before it was asked
	asked   bool                           // whether mend was asked
	topic   string                         // of a PUBLISH, where its Topic Alias could be resolved
	places  map[packet.Field][]packet.Span // what spansOf found

	moreFaults int // how many faults fold left out

	hexed string  // all of b in hex, once it was made
	keeps bool    // the packet that fill makes lives in the memory below
	slab  []Field // of the tree
	held  []byte  // of strings
	reply Answer
}

func read(b []byte, v packet.Version, o Options) *reading {
	r := &reading{sender: o.Sender, lang: o.Lang, mends: o.mends}
	r.read(b, v)
	return r
}

// read reads b into r, which holds nothing but the options and memory.
func (r *reading) read(b []byte, v packet.Version) {
	r.b = b
	r.decoder.Version, r.decoder.Trace = v, &r.trace
	p, err := r.decoder.Decode(b)
	if err != nil {
		errors.As(err, &r.fault)
	}
	r.packet = p
	r.fold()
	r.version = r.decoder.Version
	if r.version == 0 {
		r.version = packet.V311
	}
	if r.fault != nil {
		r.version = r.fault.Version
	}
}

// readings are used again by One, packet after packet, with the memory of
// their traces. An annotated packet keeps nothing of its reading.
var readings = sync.Pool{New: func() any {
	r := new(reading)
	r.trace.Spans = make([]packet.Span, 0, 32)
	return r
}}

// maxHeld is how much memory a reading keeps for strings, in bytes.
const maxHeld = 16 << 10

// release gives r back.
func (r *reading) release() {
	r.forget()
	readings.Put(r)
}

// forget empties r but for memory of a common size.
func (r *reading) forget() {
	r.b, r.packet, r.fault, r.mended, r.asked = nil, nil, nil, nil, false
	r.topic, r.places, r.moreFaults, r.hexed, r.held = "", nil, 0, "", r.held[:0]
	if cap(r.trace.Spans) > 2*maxSpans {
		r.trace.Spans, r.slab = nil, nil
	}
	if cap(r.held) > maxHeld {
		r.held = nil
	}
	if cap(r.trace.Faults) > 2*maxFaults {
		r.trace.Faults = nil
	}
}

// whole says whether all of the packet is there, right or wrong.
func (r *reading) whole() bool {
	for i := range r.trace.Faults {
		switch r.trace.Faults[i].Violation {
		case packet.Incomplete, packet.RemainingLengthTooLong:
			return false
		}
	}
	return true
}

func (r *reading) kind() packet.Type {
	if len(r.b) == 0 {
		return 0
	}
	return packet.Type(r.b[0] >> 4)
}

// span returns the first span of a field.
func (r *reading) span(f packet.Field) (packet.Span, bool) {
	for i := range r.trace.Spans {
		if r.trace.Spans[i].Field == f {
			return r.trace.Spans[i], true
		}
	}
	return packet.Span{}, false
}

// number returns the value of the first span of a field, or 0.
func (r *reading) number(f packet.Field) int {
	s, _ := r.span(f)
	return int(s.Value)
}

// text returns the bytes of the first span of a field.
func (r *reading) text(f packet.Field) string {
	s, _ := r.span(f)
	return string(r.bytes(s))
}

func (r *reading) bytes(s packet.Span) []byte { return r.b[s.Offset : s.Offset+s.Length] }

func (r *reading) say(key string, args ...string) string {
	return spec.Message(r.lang, key, args...)
}

// sayHeld is say for a string of the packet's.
func (r *reading) sayHeld(key string, args ...string) string {
	return r.hold(spec.AppendMessage(r.held, r.lang, key, args...))
}

// label names a field in the reader's language.
func (r *reading) label(f packet.Field) string {
	return spec.Label(r.lang, f.Label(r.version))
}

// count counts bytes in the reader's language.
func (r *reading) count(n int) string {
	return r.say("count.bytes", "number", decimal(n))
}

// One explains the Control Packet at the start of b. Bytes behind it are not
// looked at. Without o.Version the version is found out as Bytes does.
func One(b []byte, o Options) Packet { return Followed(b, flow.Result{}, o) }

// Followed is One, and adds what package flow said of the packet: what those
// before it on its connection mean for it.
func Followed(b []byte, result flow.Result, o Options) Packet {
	r := readings.Get().(*reading)
	defer r.release()
	var p Packet
	r.followed(&p, b, result, o)
	p.Fields = r.fields()
	return p
}

func (r *reading) followed(p *Packet, b []byte, result flow.Result, o Options) {
	if n, err := packet.Size(b); err == nil && n > 0 && n < len(b) {
		b = b[:n]
	}
	v, why := o.Version, ""
	if v == 0 {
		v, why = chooseVersion([][]byte{b}, o)
	}
	r.sender, r.lang, r.mends = o.Sender, o.Lang, o.mends
	r.read(b, v)
	p.Index, p.Offset = o.Index, o.Offset
	r.fill(p)
	p.VersionWhy = r.versionWhy(why, o)
	if len(result.Links)+len(result.Findings) > 0 {
		r.join(p, result)
	}
}

// annotate renders the reading.
func (r *reading) annotate() Packet {
	var p Packet
	r.fill(&p)
	p.Fields = r.fields()
	return p
}

// fill renders the reading into p, but for its fields.
func (r *reading) fill(p *Packet) {
	p.Length = len(r.b)
	p.Version = r.version.String()
	p.Direction = r.direction()
	p.Type = r.kind().String()
	p.Summary = r.summary()
	r.hexed = r.hex(r.b)
	p.Hex = r.hexed
	p.Findings = r.findings()
	if r.answer(&r.reply) {
		if p.Answer = &r.reply; !r.keeps {
			reply := r.reply
			p.Answer = &reply
		}
	}
}

func (r *reading) hex(b []byte) string { return r.hold(appendHexed(r.held, b)) }

// hold returns the string that b has behind r.held. If the packet keeps its
// memory, what outlives the packet must not be made so.
func (r *reading) hold(b []byte) string {
	from := len(r.held)
	if r.held = b; !r.keeps { // when it moves, earlier strings keep the old array
		r.held = b[:from]
		return string(b[from:])
	}
	return view(b[from:])
}

func (r *reading) direction() string {
	if s := r.kind().Sender(r.version); s != 0 {
		return s.String()
	}
	return r.sender.String()
}
