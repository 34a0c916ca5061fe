package web

import (
	"context"
	"html"
	"io"
	"sort"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"mqttlab/mqttcore/annotate"
)

// maxMarked is how many characters of a pasted text are shown marked up.
const maxMarked = 20000

// mark is what one character of the pasted text is.
type mark struct {
	scope   string // the packet whose byte it is part of
	key     string // and the field
	class   string
	title   string
	problem int // 1 and up: the number of the problem at this place
}

// markedText shows the pasted text with every run of bytes in the colour of
// its field, what was passed over greyed, and what is wrong underlined.
func markedText(text string, d annotate.Document, views []*packetView, l Lang) templ.Component {
	runes := []rune(text)
	cut := len(runes) > maxMarked
	if cut {
		runes = runes[:maxMarked]
	}
	marks := make([]mark, len(runes))
	set := func(from, to int, f func(*mark)) {
		for i := max(from, 0); i < min(to, len(marks)); i++ {
			f(&marks[i])
		}
	}
	for _, s := range d.Source.Skipped {
		set(s.From, s.To, func(m *mark) { m.class, m.title = "m-skipped", say(l, "decode.passed-over")+" "+s.Why })
	}
	for _, pv := range views {
		for i, owner := range pv.Owner {
			at := pv.Offset + i
			if at >= len(d.Source.Places) {
				break
			}
			place := d.Source.Places[at]
			set(place[0], place[1], func(m *mark) {
				*m = mark{scope: pv.Scope, class: "g-unread"}
				if owner != nil {
					m.key, m.class, m.title = owner.Key, GroupClass(owner.Group), owner.Label
				}
			})
		}
	}
	joinGaps(runes, marks)
	for i, p := range d.Source.Problems {
		set(p.From, max(p.To, p.From+1), func(m *mark) { m.problem, m.title = i+1, p.Text })
	}
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		for from := 0; from < len(runes); {
			to := from + 1
			for to < len(runes) && marks[to] == marks[from] {
				to++
			}
			writeMark(&b, marks[from], string(runes[from:to]))
			from = to
		}
		if cut {
			b.WriteString(`<span class="m-skipped"> … ` + html.EscapeString(say(l, "decode.cut")) + `</span>`)
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// joinGaps gives the blanks between two bytes of a field that field's mark.
func joinGaps(runes []rune, marks []mark) {
	for i := 1; i < len(runes); i++ {
		if marks[i].class != "" && marks[i].class != "m-skipped" || runes[i] != ' ' && runes[i] != ':' {
			continue
		}
		j := i
		for j < len(runes) && (runes[j] == ' ' || runes[j] == ':') && j-i < 3 {
			j++
		}
		if before := marks[i-1]; j < len(runes) && before.scope != "" && before == marks[j] {
			for ; i < j; i++ {
				marks[i] = before
			}
		}
	}
}

func writeMark(b *strings.Builder, m mark, text string) {
	text = html.EscapeString(visibleLines(text))
	if m == (mark{}) {
		b.WriteString(text)
		return
	}
	if m.problem > 0 {
		b.WriteString(`<mark class="m-problem" data-problem="` + strconv.Itoa(m.problem) + `" title="` + html.EscapeString(m.title) + `">`)
		b.WriteString(text)
		b.WriteString(`<sup>` + strconv.Itoa(m.problem) + `</sup></mark>`)
		return
	}
	b.WriteString(`<span class="` + m.class + `" title="` + html.EscapeString(m.title) + `"`)
	if m.scope != "" {
		b.WriteString(` data-in="` + html.EscapeString(m.scope) + `" data-f="` + html.EscapeString(m.key) + `"`)
	}
	b.WriteString(`>` + text + `</span>`)
}

// visibleLines is visible, but keeps line ends and tabs.
func visibleLines(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		cells := strings.Split(line, "\t")
		for j, c := range cells {
			cells[j] = visible(c)
		}
		lines[i] = strings.Join(cells, "\t")
	}
	return strings.Join(lines, "\n")
}

// skips sums up what was passed over: each reason once, with how often.
func skips(list []annotate.Skipped) []string {
	count := map[string]int{}
	for _, s := range list {
		count[s.Why]++
	}
	whys := make([]string, 0, len(count))
	for why := range count {
		whys = append(whys, why)
	}
	sort.Strings(whys)
	for i, why := range whys {
		if n := count[why]; n > 1 {
			whys[i] = why + " ×" + strconv.Itoa(n)
		}
	}
	return whys
}
