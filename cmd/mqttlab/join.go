package main

import (
	"fmt"
	"slices"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// join adds to an annotated packet what the packets before it on its
// connection say of it, at the fields that are meant.
func join(p *annotate.Packet, r flow.Result, l spec.Lang) {
	for _, link := range r.Links {
		f := place(p, link.Place)
		p.Links = append(p.Links, annotate.Link{
			To: link.To, Kind: string(link.Kind), Text: spec.Message(l, link.Key, visible(link.Args)...), Offset: f.Offset, Length: f.Length,
		})
	}
	for _, finding := range r.Findings {
		f := place(p, finding.Place)
		out := remark(finding, l)
		out.Offset, out.Length, out.Bits = f.Offset, f.Length, f.Bits
		p.Findings = append(p.Findings, out)
	}
	if len(r.Findings) > 0 {
		slices.SortStableFunc(p.Findings, func(a, b annotate.Finding) int {
			if d := rank[a.Severity] - rank[b.Severity]; d != 0 {
				return d
			}
			return a.Offset - b.Offset
		})
	}
}

var rank = map[annotate.Severity]int{annotate.Error: 0, annotate.Warning: 1, annotate.Note: 2}

// remark puts a finding of package flow into words.
func remark(f flow.Finding, l spec.Lang) annotate.Finding {
	text := spec.Message(l, f.Key, visible(f.Args)...)
	if f.Unsure {
		text = spec.Message(l, "flow.unsure", "text", text)
	}
	severity := map[flow.Severity]annotate.Severity{flow.Error: annotate.Error, flow.Warning: annotate.Warning, flow.Note: annotate.Note}[f.Severity]
	return annotate.Finding{Severity: severity, Rule: f.Rule, Code: f.Code, Text: text}
}

// place finds the field that flow speaks of: the first byte if it names none,
// the packet's end if it speaks of one more than there is.
func place(p *annotate.Packet, at flow.Place) annotate.Field {
	nth := at.Nth
	if f := search(p.Fields, at, &nth); f != nil {
		return *f
	}
	if at.Nth > 0 {
		return annotate.Field{Offset: p.Length}
	}
	return annotate.Field{Length: min(1, p.Length)}
}

func search(fields []annotate.Field, at flow.Place, nth *int) *annotate.Field {
	for i := range fields {
		f := &fields[i]
		found := at.Property == 0 && at.Field != 0 && f.Name == at.Field.Name()
		if at.Property != 0 && len(f.Fields) > 0 && f.Fields[0].Name == packet.FieldPropertyID.Name() {
			found = fmt.Sprint(f.Fields[0].Value) == fmt.Sprint(uint8(at.Property))
		}
		if found {
			if *nth == 0 {
				return f
			}
			*nth--
		}
		if inner := search(f.Fields, at, nth); inner != nil {
			return inner
		}
	}
	return nil
}

// visible makes every value of a message's arguments fit to be shown.
func visible(args []string) []string {
	shown := make([]string, len(args))
	for i, a := range args {
		shown[i] = annotate.Visible(a)
	}
	return shown
}
