package annotate

import (
	"strings"

	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Explainer explains packet after packet in the same memory. What it returns
// of one lives until the next is read.
type Explainer struct {
	r     reading
	p     Packet
	tree  bool  // p has its fields
	field Field // the one in hand

	lang   spec.Lang  // of pieces
	pieces [8]*pieces // by version
}

// pieces are parts of the JSON that come again in packet after packet of a
// version, each made when it is first needed.
type pieces struct {
	first   [256]string // by value, the fixed header's first byte with all its bits
	others  [256]other  // by Field
	origins [16]origin  // by packet type
}

// other is what comes before a field's offset, and what says its group.
type other struct{ head, group string }

// origin is what Packet.appendOrigin writes of a packet of a type and version.
type origin struct{ why, direction, json string }

// Read explains a packet as Followed does.
func (e *Explainer) Read(b []byte, result flow.Result, o Options) {
	e.r.forget()
	e.r.keeps, e.tree = true, false
	e.p = Packet{Links: e.p.Links[:0]}
	e.r.followed(&e.p, b, result, o)
}

// Findings are those of the packet.
func (e *Explainer) Findings() []Finding { return e.p.Findings }

// Packet is the packet, explained.
func (e *Explainer) Packet() *Packet {
	if !e.tree {
		e.p.Fields, e.tree = e.r.fields(), true
	}
	return &e.p
}

// AppendJSON appends the JSON of Packet. The tree of fields is not needed for
// it and not made: each field is written as it is read.
func (e *Explainer) AppendJSON(dst []byte) []byte {
	t := e.known()
	dst = e.p.appendPlace(dst)
	o := &t.origins[e.r.kind()]
	if o.why != e.p.VersionWhy || o.direction != e.p.Direction || o.json == "" {
		*o = origin{strings.Clone(e.p.VersionWhy), e.p.Direction, string(e.p.appendOrigin(nil))}
	}
	dst = appendText(append(dst, o.json...), `,"summary":`, e.p.Summary)
	dst = append(appendHexText(dst, `,"hex":`, e.p.Hex), `,"fields":`...)
	if len(e.r.trace.Spans) == 0 {
		dst = append(dst, "null"...)
	} else {
		dst, _ = e.appendFields(dst, 0, t)
	}
	return e.p.appendTail(dst)
}

// known are the pieces of the version in hand.
func (e *Explainer) known() *pieces {
	if e.lang != e.r.lang {
		e.lang, e.pieces = e.r.lang, [len(e.pieces)]*pieces{}
	}
	t := &e.pieces[min(int(e.r.version), len(e.pieces)-1)]
	if *t == nil {
		*t = new(pieces)
	}
	return *t
}

// appendFields appends the span at i and its siblings, each with its own
// children, as reading.children makes them, and returns the index behind them.
func (e *Explainer) appendFields(dst []byte, i int, t *pieces) ([]byte, int) {
	spans := e.r.trace.Spans
	depth := spans[i].Depth
	for separator := byte('['); i < len(spans) && spans[i].Depth == depth; separator = ',' {
		if dst = append(dst, separator); i == 0 {
			dst, i = e.appendFirst(dst, t)
		} else {
			dst, i = e.appendField(dst, i, t)
		}
	}
	return append(dst, ']'), i
}

// appendFirst appends the first span: the fixed header's first byte, which
// stands at the same place in every packet and takes half of its JSON.
func (e *Explainer) appendFirst(dst []byte, t *pieces) ([]byte, int) {
	spans := e.r.trace.Spans
	if spans[0].Field != packet.FieldHeader || spans[0].Cut {
		return e.appendField(dst, 0, t)
	}
	known := &t.first[byte(spans[0].Value)]
	if *known == "" {
		from, i := len(dst), 0
		dst, i = e.appendField(dst, 0, t)
		*known = string(dst[from:])
		return dst, i
	}
	i := 1
	for i < len(spans) && spans[i].Depth > 0 {
		i++
	}
	return append(dst, *known...), i
}

// appendField appends the i-th span with its children.
func (e *Explainer) appendField(dst []byte, i int, t *pieces) ([]byte, int) {
	spans := e.r.trace.Spans
	if known, again := e.r.remember(i); again {
		json := known.json.Load()
		dst = append(appendInt(dst, json.head, spans[i].Offset), json.tail...)
	} else if known != nil || spans[i].Field == packet.FieldProperty {
		e.field = Field{}
		e.r.field(i, &e.field)
		dst = e.field.appendTail(appendInt(e.field.appendHead(dst), "", spans[i].Offset))
	} else {
		dst = e.appendOther(dst, i, t)
	}
	if i++; i < len(spans) && spans[i].Depth > spans[i-1].Depth {
		dst, i = e.appendFields(append(dst, `,"fields":`...), i, t)
	}
	return append(dst, '}'), i
}

// appendOther appends a span that is neither remembered nor a property. What
// most packets have is not made a string first.
func (e *Explainer) appendOther(dst []byte, i int, t *pieces) []byte {
	r, s := &e.r, &e.r.trace.Spans[i]
	known := &t.others[s.Field]
	if known.head == "" {
		f := Field{Name: s.Field.Name(), Label: r.label(s.Field), Group: groupOf(s.Field)}
		*known = other{string(f.appendHead(nil)), string(f.appendGroup(nil))}
	}
	f := &e.field
	*f = Field{}
	f.fillPlace(s)
	dst = f.appendPlace(appendInt(dst, known.head, s.Offset))
	switch number, text, kind := r.value(s); kind {
	case packet.Number:
		dst = appendInt(dst, `,"value":`, number)
	case packet.Text:
		dst = appendText(dst, `,"value":`, text)
	case packet.Bytes:
		dst = appendHexText(dst, `,"value":`, text)
	}
	switch text, plain := r.plainPayload(s); {
	case plain:
		dst = append(appendInside(append(dst, `,"text":"“`...), text), `”"`...)
	case s.Field == packet.FieldPacketID && inTwoBytes(s):
		b := r.bytes(*s)
		dst = append(appendTwoBytes(append(dst, `,"math":"`...), b[0], b[1]), '"')
	default:
		f.Text, f.Math = r.meaning(i), r.math(i)
		dst = f.appendTexts(dst)
	}
	return append(dst, known.group...)
}
