package web

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/spec"
)

// otherReading is the number of the i-th reading that was not chosen.
func otherReading(i, chosen int) int {
	if i >= chosen {
		return i + 1
	}
	return i
}

func scopeOf(i int) string { return "p" + strconv.Itoa(i) }

// maxPackets is how many packets of a document are drawn.
const maxPackets = 100

// drawn returns the packets of a document that are drawn.
func drawn(d annotate.Document) []annotate.Packet {
	return d.Packets[:min(len(d.Packets), maxPackets)]
}

// documentViews prepares every packet of a document, and its rest as the last.
func documentViews(d annotate.Document, v View) []*packetView {
	views := make([]*packetView, 0, len(d.Packets)+1)
	version := ""
	for i, p := range drawn(d) {
		views = append(views, newPacketView(p, View{Scope: scopeOf(i), Lang: v.Lang, Builder: v.Builder}))
		version = p.Version
	}
	if d.Rest != nil {
		views = append(views, restView(*d.Rest, version, View{Scope: scopeOf(len(views)), Lang: v.Lang, Builder: v.Builder}))
	}
	return views
}

// documentHex is all bytes of a document, in order.
func documentHex(d annotate.Document) string {
	var b strings.Builder
	for _, p := range d.Packets {
		b.WriteString(p.Hex)
	}
	if d.Rest != nil {
		b.WriteString(d.Rest.Hex)
	}
	return b.String()
}

// counted says how much was read.
func counted(d annotate.Document, l Lang) string {
	parts := []string{countOf(l, "bytes", d.Source.Bytes), countOf(l, "packets", len(d.Packets))}
	if d.Rest != nil && len(d.Packets) > 0 {
		parts = append(parts, say(l, "decode.count-left", "bytes", countOf(l, "bytes", d.Rest.Length)))
	}
	return strings.Join(parts, say(l, "decode.comma"))
}

// countOf is a number of bytes or packets.
func countOf(l Lang, what string, n int) string {
	return say(l, "decode.count-"+what, "n", strconv.Itoa(n))
}

func sourceFormat(d annotate.Document, l Lang) string {
	if d.Source.Format == "" {
		return say(l, "decode.as-nothing")
	}
	return spec.Word(l, "format", d.Source.Format)
}

func badge(typ string) string {
	if typ == "" {
		return "?"
	}
	return typ
}

// worst is the gravest severity among findings, "" if there are none.
func worst(list []annotate.Finding) annotate.Severity {
	rank := map[annotate.Severity]int{annotate.Note: 1, annotate.Warning: 2, annotate.Error: 3}
	var w annotate.Severity
	for _, f := range list {
		if rank[f.Severity] > rank[w] {
			w = f.Severity
		}
	}
	return w
}

func exampleLink(e Example) templ.SafeURL {
	return templ.SafeURL("/decode?" + url.Values{"text": {e.Text}}.Encode())
}
