package web

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// View says how a packet is to be shown.
type View struct {
	Scope string    // the packet's name on the page, such as "p0"
	Lang  spec.Lang // "": English
	// Origin says in a few words where the packet comes from: "draft",
	// "captured, no. 17". It may be empty.
	Origin string
	// Builder is whether the page has a builder into which the packet and its
	// repairs can be opened. Elsewhere they are opened on the decode page.
	Builder bool
	Level   int  // of the heading; 0: 2
	Edit    bool // the bytes can be edited: they are the builder's draft
	Base    int  // where in the draft the packet begins
	Reading int  // of a document: which way its text was read
}

// node is a field as the page shows it.
type node struct {
	annotate.Field
	Key    string
	Parent *node
	Kids   []*node
	Was    string // the value before the change, where it was another

	said, means string // shown and meaning, once they were asked for
	hasSaid     bool
	hasMeans    bool
	sum         uint64 // once it was asked for
}

// packetView is a packet with all that its panes need, worked out once.
type packetView struct {
	annotate.Packet
	View
	Raw      []byte
	Roots    []*node
	All      []*node // in wire order, a parent before its children
	Owner    []*node // for each byte, the innermost field that has whole bytes
	byteWord string  // before a byte's number
	Rest     string  // why the packet is not whole; "" for a whole one
	typ      packet.Type
	ver      packet.Version

	// Of the builder's draft.
	Changed  []bool  // for each byte, whether the last change touched it; nil: nothing to compare with
	Ripple   []*node // the lengths that changed with it
	Settable []Settable
	Outcome  *Outcome
	Follows  Follows
	Last     bool   // nothing follows: bytes can be appended
	drawn    *parts // in which it is drawn; nil: as a whole
}

func newPacketView(p annotate.Packet, v View) *packetView {
	if v.Lang == "" {
		v.Lang = spec.English
	}
	raw, _ := hex.DecodeString(p.Hex)
	pv := &packetView{Packet: p, View: v, Raw: raw, Owner: make([]*node, len(raw))}
	pv.byteWord = say(v.Lang, "hex.byte")
	pv.typ, _ = packet.ParseType(p.Type)
	pv.ver, _ = packet.ParseVersion(p.Version)
	seen := map[string]int{}
	pv.Roots = pv.nodes(p.Fields, nil, seen)
	return pv
}

// restView shows the bytes behind the last whole packet as a packet of its own.
func restView(r annotate.Rest, version string, v View) *packetView {
	pv := newPacketView(annotate.Packet{
		Offset: r.Offset, Length: r.Length, Version: version, Type: r.Type,
		Hex: r.Hex, Fields: r.Fields, Findings: r.Findings,
	}, v)
	pv.Rest = r.Why
	return pv
}

func (pv *packetView) nodes(fields []annotate.Field, parent *node, seen map[string]int) []*node {
	list := make([]*node, 0, len(fields))
	for _, f := range fields {
		seen[f.Name]++
		n := &node{Field: f, Key: f.Name, Parent: parent}
		if k := seen[f.Name]; k > 1 {
			n.Key += "~" + strconv.Itoa(k)
		}
		pv.All = append(pv.All, n)
		if f.Bits == nil {
			for i := max(f.Offset, 0); i < min(f.Offset+f.Length, len(pv.Raw)); i++ {
				pv.Owner[i] = n
			}
		}
		n.Kids = pv.nodes(f.Fields, n, seen)
		list = append(list, n)
	}
	return list
}

// flagBytes lists the fields whose bits mean something of their own.
func (pv *packetView) flagBytes() []*node {
	var list []*node
	for _, n := range pv.All {
		if len(n.Kids) > 0 && n.Kids[0].Bits != nil && n.Offset < len(pv.Raw) {
			list = append(list, n)
		}
	}
	return list
}

// find returns the innermost field at a finding's place.
func (pv *packetView) find(f annotate.Finding) *node {
	var best *node
	for _, n := range pv.All {
		switch {
		case n.Offset > f.Offset || n.Offset+n.Length <= f.Offset && n.Length > 0:
		case n.Length == 0 && n.Offset != f.Offset:
		case f.Bits == nil && n.Bits != nil:
		case f.Bits != nil && n.Bits != nil && (n.Bits[0] < f.Bits[0] || n.Bits[1] > f.Bits[1]):
		default:
			if best == nil || best.Bits == nil || n.Bits != nil {
				best = n
			}
		}
	}
	return best
}

// bitRun is a field's stretch of bits in a byte of flags.
type bitRun struct {
	*node
	Bits []bitCell
}

type bitCell struct {
	Number int
	Set    bool
}

func (b bitCell) digit() string {
	if b.Set {
		return "1"
	}
	return "0"
}

// bitRuns cuts the byte of a flags field into its fields, most significant first.
func (pv *packetView) bitRuns(n *node) []bitRun {
	var runs []bitRun
	for _, kid := range n.Kids {
		if kid.Bits == nil {
			continue
		}
		run := bitRun{node: kid}
		for i := kid.Bits[0]; i >= kid.Bits[1]; i-- {
			run.Bits = append(run.Bits, bitCell{Number: i, Set: pv.Raw[n.Offset]>>i&1 == 1})
		}
		runs = append(runs, run)
	}
	return runs
}

// part is a summand of the Remaining Length.
type part struct {
	*node
	Label  string
	Sizes  []int // a length field and what it measures
	Length int
}

// parts lists what the Remaining Length is the sum of: the fixed-size start
// of a CONNECT as one, a string with its length as one, all else by itself.
func (pv *packetView) parts() []part {
	var parts []part
	var prefix int
	start := 0
	for _, n := range pv.Roots {
		if n.Name == "mqtt.hdrflags" || n.Name == "mqtt.len" || n.Length == 0 && prefix == 0 {
			continue
		}
		if pv.Type == "CONNECT" && n.Offset <= start+10 && isConnectStart(n) {
			if len(parts) == 0 {
				parts = append(parts, part{node: n, Label: say(pv.Lang, "packet.variable-header")})
			}
			parts[0].Length += n.Length
			continue
		}
		if strings.HasSuffix(n.Name, "_len") && len(n.Kids) == 0 {
			prefix = n.Length
			continue
		}
		p := part{node: n, Label: n.Field.Label, Length: n.Length}
		if prefix > 0 {
			p.Sizes = []int{prefix, n.Length}
			p.Length += prefix
			prefix = 0
		}
		parts = append(parts, p)
	}
	if prefix > 0 { // a length with nothing behind it
		parts = append(parts, part{node: pv.Roots[len(pv.Roots)-1], Label: say(pv.Lang, "packet.length"), Length: prefix})
	}
	return parts
}

// missing is how many bytes the Remaining Length promises that are not there.
func (pv *packetView) missing() int {
	rl := pv.remaining()
	said, err := strconv.Atoi(rl.shown())
	if err != nil || rl.Cut {
		return 0
	}
	for _, p := range pv.parts() {
		said -= p.Length
	}
	return max(said, 0)
}

func isConnectStart(n *node) bool {
	switch n.Name {
	case "mqtt.proto_len", "mqtt.protoname", "mqtt.ver", "mqtt.conflags", "mqtt.kalive":
		return true
	}
	return false
}

// remaining returns the Remaining Length field, if it could be read.
func (pv *packetView) remaining() *node {
	for _, n := range pv.Roots {
		if n.Name == "mqtt.len" {
			return n
		}
	}
	return nil
}

func (pv *packetView) explain(n *node) spec.FieldText {
	text, _ := spec.Field(pv.Lang, n.Name, pv.typ, pv.ver)
	return text
}

func (pv *packetView) typeText() (spec.TypeText, bool) {
	if pv.typ == 0 {
		return spec.TypeText{}, false
	}
	return spec.PacketText(pv.Lang, pv.typ)
}

// size says how long the packet is.
func (pv *packetView) size() string {
	return countOf(pv.Lang, "bytes", len(pv.Raw))
}

// sender names who sends the packet, and to whom.
func (pv *packetView) sender() string {
	switch pv.Direction {
	case "client":
		return say(pv.Lang, "packet.client-to-server")
	case "server":
		return say(pv.Lang, "packet.server-to-client")
	}
	return ""
}

// shown is a field's value for the eye; Quoted for text.
func (n *node) shown() string {
	if !n.hasSaid {
		n.said, n.hasSaid = n.show(), true
	}
	return n.said
}

func (n *node) show() string {
	switch v := n.Value.(type) {
	case nil:
		return ""
	case uint32:
		return strconv.FormatUint(uint64(v), 10)
	case int:
		return strconv.Itoa(v)
	case string:
		if n.spells() {
			return visible(clip(n.Text, 240))
		}
		if isText(n) {
			return "“" + visible(clip(v, 240)) + "”"
		}
		return visible(clip(v, 96))
	case bool:
		if v {
			return "1"
		}
		return "0"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// spells is whether the text of a field of bytes is what they spell.
func (n *node) spells() bool {
	return !isText(n) && len(n.Text) > 1 && (strings.HasPrefix(n.Text, `"`) || strings.HasPrefix(n.Text, "“"))
}

// filter is the Wireshark display filter that finds this value.
func (n *node) filter() string {
	switch v := n.Value.(type) {
	case nil:
		return n.Name
	case string:
		if len(v) > 60 || !isText(n) {
			return n.Name
		}
		return n.Name + " == " + strconv.Quote(v)
	default:
		return n.Name + " == " + n.shown()
	}
}

// isText says whether a string value is text and not the hex of bytes.
func isText(n *node) bool {
	f, ok := byName[n.Name]
	return !ok || f.Kind() == packet.Text || n.Group == annotate.GroupTopic
}

var byName = func() map[string]packet.Field {
	m := map[string]packet.Field{}
	for _, f := range packet.Fields() {
		m[f.Name()] = f
	}
	return m
}()

// place names the bytes of a field: "byte 3", "bytes 4–9", "byte 9, bits 4–3".
func place(l spec.Lang, offset, length int, bits *[2]int) string {
	at := strconv.Itoa(offset)
	switch {
	case bits != nil && bits[0] == bits[1]:
		return say(l, "place.bit", "at", at, "bit", strconv.Itoa(bits[0]))
	case bits != nil:
		return say(l, "place.bits", "at", at, "high", strconv.Itoa(bits[0]), "low", strconv.Itoa(bits[1]))
	case length == 0:
		return say(l, "place.empty", "at", at)
	case length == 1:
		return say(l, "packet.byte", "n", at)
	}
	return say(l, "place.bytes", "from", at, "to", strconv.Itoa(offset+length-1))
}

func (n *node) place(l spec.Lang) string { return place(l, n.Offset, n.Length, n.Bits) }
