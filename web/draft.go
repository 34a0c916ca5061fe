package web

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/form"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Draft is what the builder works on: bytes, with all that is shown of them.
type Draft struct {
	Scope   string // the draft's name on the page; "": "bench"
	Bytes   []byte
	Version packet.Version // under which they are read
	Lang    spec.Lang
	// Form is the form that follows the bytes, where the bytes were edited; nil
	// where the form made them, or no form says them.
	Form json.RawMessage
	// Follows says how well the form follows edited bytes.
	Follows Follows
	// Connected, if known, says whether the client that is to send the bytes is connected.
	Connected *bool
	Was       []byte // the bytes before the change; nil: nothing to compare with
	Outcome   *Outcome
	Held      string // which parts the page holds, as the draft said that was drawn before; "": none
}

// Follows says how well the form follows bytes.
type Follows string

// The ways in which a form follows bytes.
const (
	FollowsExactly Follows = "exactly" // it writes the same bytes
	FollowsPartly  Follows = "partly"  // it holds what could be read
	FollowsNot     Follows = "not"     // the bytes are several packets, or none
)

// Outcome is what the broker does with the draft, in words.
type Outcome struct {
	Connected bool // the client was connected before
	Closed    bool
	Missing   int // bytes for which the broker goes on waiting; -1: it cannot tell how many
	Lines     []OutcomeLine
}

// OutcomeLine is one thing that the broker does: it decides (Text, Rules), or
// sends (Type, Hex and in words Text), or closes.
type OutcomeLine struct {
	Text   string
	Rules  []string
	Type   string
	Hex    string
	Closed bool
}

// headline says in one sentence what the broker does.
func (o *Outcome) headline(l spec.Lang) string {
	sent := ""
	for _, line := range o.Lines {
		if line.Type != "" && sent == "" {
			sent = line.Type + " (" + spaced(clip(line.Hex, 24)) + ")"
		}
	}
	switch {
	case o.Closed && sent != "":
		return say(l, "outcome.refuses", "packet", sent)
	case o.Closed:
		return say(l, "outcome.closes")
	case o.Missing > 0:
		return say(l, "outcome.waits", "n", strconv.Itoa(o.Missing))
	case o.Missing < 0:
		return say(l, "outcome.waits-more")
	case sent != "":
		return say(l, "outcome.answers", "packet", sent)
	}
	return say(l, "outcome.silent")
}

// sum tells outcomes apart by all that is shown of them.
func (o *Outcome) sum(pv *packetView) uint64 {
	sum := sumOf(pv, ".outcome", "", struct {
		connected, closed bool
		missing           int
		v                 packet.Version
	}{o.Connected, o.Closed, o.Missing, pv.ver})
	for _, line := range o.Lines {
		sum = plus(sum, struct {
			text, packet, hex string
			closed            bool
			rules             int
		}{line.Text, line.Type, line.Hex, line.Closed, len(line.Rules)})
		for _, id := range line.Rules {
			sum = plus(sum, id)
		}
	}
	return sum
}

func (d Draft) hex() string { return hex.EncodeToString(d.Bytes) }

// version names the version of the draft.
func (d Draft) version() string { return d.Version.String() }

// document explains the draft's bytes.
func (d Draft) document() annotate.Document {
	return annotate.Bytes(d.Bytes, annotate.Options{Version: d.Version, Lang: d.Lang, Connected: d.Connected})
}

// views prepares the draft's packets, and last what is left over behind them.
func (d Draft) views(held *parts) []*packetView {
	doc := d.document()
	var views []*packetView
	add := func(pv func(View) *packetView, base int) {
		v := View{Scope: d.Scope, Lang: d.Lang, Origin: say(d.Lang, "bench.draft"), Builder: true, Edit: true, Base: base}
		if v.Scope == "" {
			v.Scope = "bench"
		}
		if len(views) > 0 {
			v.Scope += strconv.Itoa(len(views) + 1)
			v.Origin = ""
		}
		made := pv(v)
		made.drawn = held
		views = append(views, made)
	}
	for _, p := range drawn(doc) {
		p.VersionWhy = "" // the form says it
		add(func(v View) *packetView { return newPacketView(p, v) }, p.Offset)
	}
	if doc.Rest != nil {
		add(func(v View) *packetView { return restView(*doc.Rest, d.version(), v) }, doc.Rest.Offset)
	}
	if len(views) == 0 {
		add(func(v View) *packetView {
			return newPacketView(annotate.Packet{Version: d.version(), Summary: say(d.Lang, "packet.no-bytes")}, v)
		}, 0)
	}
	views[0].Outcome, views[0].Follows = d.Outcome, d.Follows
	views[len(views)-1].Last = true
	views[0].settable(d.Bytes, d.Version)
	if len(d.Was) > 0 {
		was := Draft{Bytes: d.Was, Version: d.Version, Lang: d.Lang, Connected: d.Connected}.document()
		switch {
		case len(was.Packets) > 0:
			views[0].compare(newPacketView(was.Packets[0], View{Lang: d.Lang}))
		case was.Rest != nil:
			views[0].compare(restView(*was.Rest, d.version(), View{Lang: d.Lang}))
		}
	}
	return views
}

// Settable is a field that can be set by hand, as the builder's module reads it.
type Settable struct {
	Key    string `json:"key"`
	Label  string `json:"label"`
	Max    uint32 `json:"max"`
	Value  uint32 `json:"value"`
	Bytes  int    `json:"bytes"`
	Varint bool   `json:"varint,omitempty"`
}

// settable finds the fields of the packet that can be set by hand.
func (pv *packetView) settable(b []byte, v packet.Version) {
	labels := map[string]string{}
	for _, n := range pv.All {
		label := n.Label
		if n.Parent != nil && strings.HasPrefix(n.Name, "mqtt.prop_") {
			label = n.Parent.Label + ": " + label
		}
		if _, ordinal, again := strings.Cut(n.Key, "~"); again {
			label += " (" + ordinal + ")"
		}
		labels[n.Key] = label
	}
	for _, f := range form.Settables(b, v) {
		label, ok := labels[f.Key]
		if !ok {
			continue // folded: there are more fields than are shown
		}
		pv.Settable = append(pv.Settable, Settable{Key: f.Key, Label: label, Max: f.Max, Value: f.Value, Bytes: f.Span.Length, Varint: f.Varint})
	}
}

// canSet says whether a field can be set by hand.
func (pv *packetView) canSet(n *node) bool {
	for i := range pv.Settable {
		if pv.Settable[i].Key == n.Key {
			return true
		}
	}
	return false
}

// settableFields is what the builder's module reads.
func (pv *packetView) settableFields() templ.Component {
	return byHand(func(_ context.Context, m *markup) error {
		sum := sumOf(pv, ".settable", "", len(pv.Settable))
		for _, s := range pv.Settable {
			sum = plus(sum, s)
		}
		if pv.holds(sum) {
			pv.same(m, ".settable", "")
			return nil
		}
		m.html(`<div hidden class="settable"`)
		pv.partName(m, ".settable", "")
		m.html(`>`)
		b, _ := json.Marshal(pv.Settable) // no value of a Settable can fail
		m.html(string(b))                 // Marshal has escaped <, > and &
		m.html(`</div>`)
		return nil
	})
}

// outcome is what the broker does with the i-th packet, or nil.
func (p Illustrated) outcome(i int) *Outcome {
	if i < len(p.Outcomes) {
		return p.Outcomes[i]
	}
	return nil
}

// IllustratedTitle names the page: the packets that it shows.
func IllustratedTitle(p Illustrated, l Lang) string {
	title := say(l, "ill.title")
	for i, one := range p.Document.Packets {
		if i == 3 {
			return title + " …"
		}
		if i == 0 {
			title += ":"
		}
		title += " " + badge(one.Type)
	}
	return title
}
