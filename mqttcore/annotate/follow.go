package annotate

import (
	"slices"

	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// follow asks package flow what the packets before say about this one. What
// that tells about sender and topic goes into the reading.
func (run *run) follow(r *reading) flow.Result {
	result := run.flow.See(flow.Seen{
		Index: len(run.doc.Packets), From: r.sender,
		Packet: r.packet, Type: r.kind(), Fault: r.fault, Version: r.version, Size: len(r.b),
	})
	if r.sender == 0 && (r.kind().Sender(r.version) == 0 || answers(result)) {
		r.sender = result.From
	}
	r.topic = result.Topic
	return result
}

func answers(result flow.Result) bool {
	for _, l := range result.Links {
		if l.Kind == flow.Answers {
			return true
		}
	}
	return false
}

// join adds what flow said to the annotated packet.
func (r *reading) join(p *Packet, result flow.Result) {
	for _, l := range result.Links {
		s := r.place(l.Place)
		p.Links = append(p.Links, Link{To: l.To, Kind: string(l.Kind), Text: r.sayHeld(l.Key, visible(l.Args)...), Offset: s.Offset, Length: s.Length})
	}
	for _, f := range result.Findings {
		p.Findings = append(p.Findings, r.flowFinding(f))
	}
	sortFindings(p.Findings)
}

// finish adds what is known only at the end of the input.
func (run *run) finish() {
	if run.doc.Rest != nil {
		return // an answer may be in there
	}
	for _, late := range run.flow.End() {
		p := &run.doc.Packets[late.Index]
		r := &reading{lang: run.o.Lang, b: make([]byte, p.Length)}
		p.Findings = append(p.Findings, r.flowFinding(late.Finding))
		sortFindings(p.Findings)
	}
}

// Late puts into words what package flow found of an earlier packet only at
// the end. Its place in that packet is not worked out.
func Late(late flow.Late, l spec.Lang) Finding {
	return (&reading{lang: l}).flowFinding(late.Finding)
}

func (r *reading) flowFinding(f flow.Finding) Finding {
	s := r.place(f.Place)
	finding := Finding{
		Severity: [...]Severity{flow.Error: Error, flow.Warning: Warning, flow.Note: Note}[f.Severity],
		Rule:     f.Rule, Code: f.Code, Offset: s.Offset, Length: s.Length,
		Text: r.say(f.Key, visible(f.Args)...),
	}
	if f.Unsure {
		finding.Text = r.say("flow.unsure", "text", finding.Text)
	}
	if s.Bits {
		finding.Bits = &[2]int{int(s.Hi), int(s.Lo)}
	}
	return finding
}

// place finds the bytes that flow speaks of: the first byte if it names none,
// the packet's end if it speaks of one more than there is.
func (r *reading) place(at flow.Place) packet.Span {
	if at.Nth == 0 && at.Property == 0 {
		if s, ok := r.span(at.Field); ok {
			return s
		}
		return packet.Span{Length: min(1, len(r.b))}
	}
	spans := r.spansOf(at.Field)
	if at.Property != 0 {
		spans = r.property(at.Property)
	}
	switch {
	case at.Nth < len(spans):
		return spans[at.Nth]
	case at.Nth > 0:
		return packet.Span{Offset: len(r.b)}
	}
	return packet.Span{Length: min(1, len(r.b))}
}

// spansOf returns the spans of a field in wire order. It remembers them: flow
// may speak of every one of many thousand filters.
func (r *reading) spansOf(f packet.Field) []packet.Span {
	if r.places == nil {
		r.places = make(map[packet.Field][]packet.Span)
	}
	spans, ok := r.places[f]
	if !ok {
		for _, s := range r.trace.Spans {
			if s.Field == f {
				spans = append(spans, s)
			}
		}
		r.places[f] = spans
	}
	return spans
}

// property returns the properties with this identifier.
func (r *reading) property(id packet.PropertyID) []packet.Span {
	var spans []packet.Span
	for i, s := range r.trace.Spans {
		if i > 0 && s.Field == packet.FieldPropertyID && s.Value == uint32(id) {
			spans = append(spans, r.trace.Spans[i-1]) // the property that it begins
		}
	}
	return spans
}

// visible makes every value of a message's arguments fit to be shown.
func visible(args []string) []string {
	if !slices.ContainsFunc(args, needsVisible) {
		return args
	}
	shown := make([]string, len(args))
	for i, a := range args {
		shown[i] = Visible(a)
	}
	return shown
}

// needsVisible says whether Visible may change s.
func needsVisible(s string) bool { return len(s) > most || !plain(s) }
