package web

import (
	"encoding/hex"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// GroupClass is the class that colours a group of fields.
func GroupClass(g annotate.Group) string {
	if g == "" {
		g = annotate.GroupUnread
	}
	return "g-" + string(g)
}

// TypeClass is the class that colours a Control Packet type by what it is
// about. static/js/ladder-row.js has the same table.
func TypeClass(name string) string {
	switch name {
	case "CONNECT", "CONNACK", "DISCONNECT", "AUTH":
		return "t-connect"
	case "PUBLISH":
		return "t-publish"
	case "PUBACK", "PUBREC", "PUBREL", "PUBCOMP":
		return "t-ack"
	case "SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK":
		return "t-subscribe"
	case "PINGREQ", "PINGRESP":
		return "t-ping"
	}
	return "t-none"
}

func severityClass(s annotate.Severity) string { return "is-" + string(s) }

func severityWord(l spec.Lang, s annotate.Severity) string {
	return say(l, "packet."+string(s))
}

// id is the HTML id of a part of this packet's view.
func (pv *packetView) id(part string) string { return pv.Scope + "-" + part }

// afterType is the summary without the type's name, which stands before it.
func (pv *packetView) afterType() string {
	rest, ok := strings.CutPrefix(pv.Summary, pv.Type)
	if !ok {
		return pv.Summary
	}
	return strings.TrimLeft(rest, ", ")
}

func (pv *packetView) restName() string {
	if pv.Type != "" {
		return pv.Type + " ✂"
	}
	return "✂"
}

// sample is the start of a field's bytes, or its bits.
func (pv *packetView) sample(n *node) string {
	if n.Offset >= len(pv.Raw) || n.Length == 0 {
		return "–"
	}
	if n.Bits != nil {
		var b strings.Builder
		for i := n.Bits[0]; i >= n.Bits[1]; i-- {
			b.WriteByte('0' + pv.Raw[n.Offset]>>i&1)
		}
		return b.String()
	}
	end := min(n.Offset+n.Length, len(pv.Raw))
	shown := pv.Raw[n.Offset:min(end, n.Offset+6)]
	var b strings.Builder
	for i, c := range shown {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(hexByte(c))
	}
	if n.Offset+len(shown) < end {
		b.WriteString(" …")
	}
	return b.String()
}

// maxSample is how many bytes of a field the illustrated page shows.
const maxSample = 64

// sampleLong is as much of a field's bytes as there is room for.
func (pv *packetView) sampleLong(n *node) string {
	b := pv.bytesOf(n)
	if len(b) == 0 {
		return "–"
	}
	shown := spaced(hex.EncodeToString(b[:min(len(b), maxSample)]))
	if len(b) > maxSample {
		shown += " …"
	}
	return shown
}

const hexDigits = "0123456789abcdef"

func hexByte(c byte) string { return string([]byte{hexDigits[c>>4], hexDigits[c&15]}) }

// statusHex shows an HTTP status as the two bytes that it would be in a packet.
func statusHex(status int) string {
	return hexByte(byte(status>>8)) + " " + hexByte(byte(status)) + " = " + strconv.Itoa(status)
}

// where is the short form of a field's place: "4", "4–9", "9.7–6".
func (n *node) where() string {
	from := strconv.Itoa(n.Offset)
	switch {
	case n.Bits != nil && n.Bits[0] == n.Bits[1]:
		return from + "." + strconv.Itoa(n.Bits[0])
	case n.Bits != nil:
		return from + "." + strconv.Itoa(n.Bits[0]) + "–" + strconv.Itoa(n.Bits[1])
	case n.Length > 1:
		return from + "–" + strconv.Itoa(n.Offset+n.Length-1)
	}
	return from
}

// meaning is what the value means, unless it says the value again.
func (n *node) meaning() string {
	if !n.hasMeans {
		n.means, n.hasMeans = n.mean(), true
	}
	return n.means
}

func (n *node) mean() string {
	if said, ok := n.Value.(string); n.Text == "" || n.spells() || ok && strings.Trim(n.Text, `"“”`) == said {
		return ""
	}
	text := visible(clip(n.Text, 400))
	for _, sign := range []string{", ", ". "} {
		if rest, ok := strings.CutPrefix(text, n.shown()+sign); ok {
			return rest
		}
	}
	return text
}

var hyphens = strings.NewReplacer(" Flag", "", "Password", "Pass\u00adword", "Reserved", "Re\u00adserved", "Session", "Ses\u00adsion", "Published", "Pub\u00adlished")

// shortLabel is the label for a cell one bit wide.
func (n *node) shortLabel() string { return hyphens.Replace(n.Label) }

// maxLink is how much hex fits into an address that everything accepts.
const maxLink = 4000

func decodeLink(hex, version string) templ.SafeURL { return linkWith("/decode", hex, version) }

// linkTo is where the page shows a linked packet; "" if that is this one, or
// the page does not show it.
func (pv *packetView) linkTo(l annotate.Link) templ.SafeURL {
	if l.To == pv.Index || l.To >= maxPackets || pv.Scope != scopeOf(pv.Index) {
		return ""
	}
	return templ.SafeURL("#" + scopeOf(l.To) + "-title")
}

func fieldParagraphs(l spec.Lang, t spec.FieldText) []paragraph {
	return []paragraph{{say(l, "packet.what"), t.What}, {say(l, "packet.why"), t.Why}, {say(l, "packet.read"), t.Read}, {say(l, "packet.mistake"), t.Mistake}}
}

func typeParagraphs(l spec.Lang, t spec.TypeText) []paragraph {
	return []paragraph{
		{say(l, "packet.what"), t.What}, {say(l, "packet.sender"), t.Sender}, {say(l, "packet.answer"), t.Answer},
		{say(l, "packet.why"), t.Why}, {say(l, "packet.mistake"), t.Mistake},
	}
}

type codeSpan struct {
	text string
	code bool
}

func codeSpans(text string) []codeSpan {
	var spans []codeSpan
	for i, s := range strings.Split(text, "`") {
		if s != "" {
			spans = append(spans, codeSpan{s, i%2 == 1})
		}
	}
	return spans
}

type rule struct {
	text, url string
	id        string // as the catalogue has it
	version   packet.Version
}

var sectionRule = regexp.MustCompile(`§\s*([0-9.]+)`)

// lookRule finds where a rule can be read, and what it says.
func lookRule(id string, v packet.Version, l spec.Lang) rule {
	if v == 0 {
		v = packet.V311
	}
	if s, ok := spec.Lookup(v, id); ok {
		return rule{s.Text(l), s.URL(), s.ID, s.Version}
	}
	if m := sectionRule.FindStringSubmatch(id); m != nil {
		return rule{url: spec.URL(v, strings.TrimSuffix(m[1], "."))}
	}
	return rule{url: spec.URL(v, "")}
}

// StatusView is the error page's text for a plain HTTP status.
func StatusView(status int, l spec.Lang) ErrorView {
	e := ErrorView{Status: status, Title: http.StatusText(status)}
	key := "status." + strconv.Itoa(status)
	if spec.HasMessage("page." + key) {
		e.Title, e.Detail, e.Mend = say(l, key), say(l, key+".detail"), say(l, key+".mend")
	}
	return e
}
