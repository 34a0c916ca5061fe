package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/coverage"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Reference says which part of the reference is shown. A part of rules has the
// version behind it: "rules-5.0".
type Reference struct {
	Part  string
	Query string // only entries that contain it
	Lang  spec.Lang
}

// ReferenceParts lists the parts in the order of the page.
var ReferenceParts = []string{"packets", "properties", "codes", "machines", "rules-5.0", "rules-3.1.1", "rules-3.1", "glossary"}

func (r Reference) path(part string) templ.SafeURL {
	if part == ReferenceParts[0] {
		return "/reference"
	}
	return templ.SafeURL("/reference/" + part)
}

// PartTitle is what the part shown is called; "" for the first one, which is the reference's own page.
func (r Reference) PartTitle() string {
	if r.Part == "" || r.Part == ReferenceParts[0] {
		return ""
	}
	return r.name(r.Part)
}

func (r Reference) name(part string) string {
	if version, ok := strings.CutPrefix(part, "rules-"); ok {
		return say(r.Lang, "reference.rules", "version", version)
	}
	return say(r.Lang, "reference."+part)
}

func (r Reference) version() packet.Version {
	v, _ := packet.ParseVersion(strings.TrimPrefix(r.Part, "rules-"))
	return v
}

// entry is one entry of the reference.
type entry struct {
	ID       string // of its link
	Badge    string // shown in monospace before the name
	Class    string // of the badge
	Name     string
	Facts    []string
	Text     string // in one paragraph
	Terms    []paragraph
	Example  string // hex
	Version  string // of the example
	URL      string // of the specification
	Machine  *broker.Machine
	Also     string // what the filter looks at besides
	Contains string // what the filter looks at, in small letters
}

// entries lists the part's entries that contain the query, and how many there
// are without it.
func (r Reference) entries() ([]entry, int) {
	var all []entry
	switch r.Part {
	case "packets":
		all = r.packets()
	case "properties":
		all = r.properties()
	case "codes":
		all = r.codes()
	case "machines":
		all = r.machines()
	case "glossary":
		for _, t := range spec.Glossary(r.Lang) {
			all = append(all, entry{ID: t.Key, Name: t.Name, Text: t.Text})
		}
	default:
		all = r.rules()
	}
	words := strings.Fields(strings.ToLower(r.Query))
	var list []entry
	for _, e := range all {
		e.Contains = strings.ToLower(strings.Join(append([]string{e.ID, e.Badge, e.Name, e.Text, e.Also, strings.Join(e.Facts, " ")}, termTexts(e.Terms)...), " "))
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(e.Contains, w) }) {
			list = append(list, e)
		}
	}
	return list, len(all)
}

func termTexts(list []paragraph) []string {
	var texts []string
	for _, p := range list {
		texts = append(texts, p.text)
	}
	return texts
}

// examplePackets has a packet of each type; those of 5.0 only say so.
var examplePackets = map[packet.Type]struct {
	hex string
	v   packet.Version
}{
	packet.CONNECT:     {"101000044d5154540402003c00046c616241", packet.V311},
	packet.CONNACK:     {"20020000", packet.V311},
	packet.PUBLISH:     {"320f0006746573742f61000168656c6c6f", packet.V311},
	packet.PUBACK:      {"40020001", packet.V311},
	packet.PUBREC:      {"50020001", packet.V311},
	packet.PUBREL:      {"62020001", packet.V311},
	packet.PUBCOMP:     {"70020001", packet.V311},
	packet.SUBSCRIBE:   {"820b00010006746573742f2301", packet.V311},
	packet.SUBACK:      {"9003000101", packet.V311},
	packet.UNSUBSCRIBE: {"a20a00020006746573742f23", packet.V311},
	packet.UNSUBACK:    {"b0020002", packet.V311},
	packet.PINGREQ:     {"c000", packet.V311},
	packet.PINGRESP:    {"d000", packet.V311},
	packet.DISCONNECT:  {"e000", packet.V311},
	packet.AUTH:        {"f010180e15000b534352414d2d5348412d31", packet.V5},
}

func (r Reference) packets() []entry {
	var list []entry
	for _, t := range packet.Types(packet.V5) {
		text, _ := spec.PacketText(r.Lang, t)
		x := examplePackets[t]
		list = append(list, entry{
			ID: t.String(), Badge: t.String(), Class: "type-badge " + TypeClass(t.String()),
			Facts:   []string{say(r.Lang, "reference.number", "n", strconv.Itoa(int(t)))},
			Terms:   typeParagraphs(r.Lang, text),
			Example: x.hex, Version: x.v.String(),
		})
	}
	return list
}

func (r Reference) properties() []entry {
	var list []entry
	for _, id := range packet.AllProperties() {
		text, _ := spec.PropertyText(r.Lang, id)
		var in []string
		for _, t := range packet.Types(packet.V5) {
			if id.In(t) {
				in = append(in, t.String())
			}
		}
		if id.In(0) {
			in = append(in, say(r.Lang, "reference.will-properties"))
		}
		name := bothNames(r.Lang, id.String())
		list = append(list, entry{
			ID: id.Name(), Badge: fmt.Sprintf("0x%02X", byte(id)), Class: "swatch g-property", Name: name,
			Facts: []string{say(r.Lang, "reference.stands-in") + " " + strings.Join(in, ", "), "mqtt.property." + id.FilterName()},
			Terms: fieldParagraphs(r.Lang, text), URL: spec.URL(packet.V5, "2.2.2.2"),
		})
	}
	return list
}

// bothNames is the name of something in a language, and in the specification.
func bothNames(l spec.Lang, name string) string {
	if own := spec.Label(l, name); own != name {
		return own + " " + name
	}
	return name
}

// codes lists 5.0's Reason Codes, one entry a code, and the return codes before it.
func (r Reference) codes() []entry {
	var list []entry
	for _, v := range []packet.Version{packet.V5, packet.V311} {
		at := map[byte]int{}
		for _, t := range packet.Types(v) {
			for _, c := range packet.ReasonCodes(t, v) {
				text, ok := spec.ReasonText(r.Lang, v, t, byte(c))
				if !ok {
					continue
				}
				i, known := at[byte(c)]
				if !known || v != packet.V5 {
					i = len(list)
					at[byte(c)] = i
					list = append(list, entry{
						ID: fmt.Sprintf("%s-0x%02X", v, byte(c)), Badge: fmt.Sprintf("0x%02X", byte(c)), Class: "swatch g-code",
						Name: bothNames(r.Lang, spec.ReasonName(v, t, byte(c))), Facts: []string{"MQTT " + v.String()}, URL: spec.URL(v, codeSection(v, t)),
					})
					if v != packet.V5 {
						list[i].ID += "-" + t.String()
					}
				}
				list[i].Terms = append(list[i].Terms, paragraph{t.String(), text})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b entry) int { return strings.Compare(b.Facts[0]+"\x00", a.Facts[0]+"\x00") })
	return list
}

func codeSection(v packet.Version, t packet.Type) string {
	switch {
	case v == packet.V5:
		return "2.4"
	case t == packet.CONNACK:
		return "3.2.2.3"
	}
	return "3.9.3"
}

func (r Reference) rules() []entry {
	var list []entry
	for _, row := range coverage.Rows(r.version()) {
		e := entry{
			ID: anchor(row.ID), Badge: row.ID, Class: "rule", Text: row.Text(r.Lang), URL: row.URL(),
			Facts: []string{say(r.Lang, "reference.binds."+string(row.Binds)), say(r.Lang, "reference.judged."+string(row.Judged))},
		}
		if why := row.WhyText(r.Lang); why != "" {
			e.Facts = append(e.Facts, why)
		}
		if row.Checked() {
			var kinds []string
			for _, p := range row.Places {
				if kind := say(r.Lang, "reference.kind."+string(p.Kind)); !slices.Contains(kinds, kind) {
					kinds = append(kinds, kind)
				}
			}
			e.Facts = append(e.Facts, say(r.Lang, "reference.checked")+": "+strings.Join(kinds, ", "))
		} else if row.Judged != spec.JudgedNever {
			e.Facts = append(e.Facts, say(r.Lang, "reference.unchecked"))
		}
		list = append(list, e)
	}
	return list
}

// summary counts a part of rules; "" for the other parts.
func (r Reference) summary() string {
	v := r.version()
	switch v {
	case 0:
		return ""
	case packet.V31:
		return say(r.Lang, "reference.sections")
	}
	c := coverage.Sum(coverage.Rows(v))
	return say(r.Lang, "reference.count", "all", strconv.Itoa(c.Statements), "checked", strconv.Itoa(c.Checked),
		"unjudged", strconv.Itoa(c.Unjudged), "open", strconv.Itoa(c.Open))
}

// anchor makes an id that an address can end in: "MQTT 3.1 §3.8" has spaces.
func anchor(id string) string {
	return strings.NewReplacer(" ", "-", "§", "").Replace(id)
}

// ruleLink is where the reference tells of a statement.
func ruleLink(v packet.Version, id string) templ.SafeURL {
	return templ.SafeURL("/reference/rules-" + v.String() + "#" + anchor(id))
}
