package web

import (
	"context"
	"html"
	"io"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// maxCells is how many bytes of a packet are drawn; a longer packet shows its
// start and its last row.
const maxCells = 1024

const perRow = 16

// hexGrid draws every byte as a cell: an ARIA grid of rows of sixteen, each
// row in two halves so that a narrow page can set them one below the other.
// It is written by hand since it is most of a page's size.
func (pv *packetView) hexGrid() templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		b.Grow(len(pv.Raw) * 160)
		b.WriteString(`<hex-grid`)
		if pv.Edit {
			b.WriteString(` data-edit data-base="` + strconv.Itoa(pv.Base) + `"`)
		}
		b.WriteString(`><div class="hex" role="grid"`)
		if pv.Edit {
			b.WriteString(` aria-multiselectable="true"`)
		}
		b.WriteString(` aria-label="`)
		b.WriteString(html.EscapeString(say(pv.Lang, "hex.grid", "size", pv.size())))
		b.WriteString(`">`)
		last := (len(pv.Raw) - 1) / perRow * perRow
		for row := 0; row < len(pv.Raw); row += perRow {
			if row >= maxCells && row < last {
				b.WriteString(`<div class="hex-gap" role="row"><span role="gridcell">`)
				b.WriteString(html.EscapeString(say(pv.Lang, "hex.gap", "n", strconv.Itoa(last-row))))
				b.WriteString(`</span></div>`)
				row = last
			}
			pv.hexRow(&b, row)
		}
		if pv.Edit && pv.Last && len(pv.Raw)%perRow == 0 {
			b.WriteString(`<div class="hex-row" role="row"><div class="hex-half" role="presentation"><span class="hex-at" aria-hidden="true">` +
				hexAt(len(pv.Raw)) + `</span><div class="hex-cells" role="presentation">`)
			pv.hexEnd(&b)
			b.WriteString(`</div></div></div>`)
		}
		b.WriteString(`</div></hex-grid>`)
		_, err := io.WriteString(w, b.String())
		return err
	})
}

func (pv *packetView) hexRow(b *strings.Builder, row int) {
	b.WriteString(`<div class="hex-row" role="row">`)
	ends := pv.Edit && pv.Last && row+perRow > len(pv.Raw) // the cell behind the last byte stands in this row
	for half := row; half < row+perRow; half += perRow / 2 {
		if half > len(pv.Raw) || half == len(pv.Raw) && !ends {
			break
		}
		end := min(half+perRow/2, len(pv.Raw))
		b.WriteString(`<div class="hex-half" role="presentation"><span class="hex-at" aria-hidden="true">`)
		b.WriteString(hexAt(half))
		b.WriteString(`</span><div class="hex-cells" role="presentation">`)
		for i := half; i < end; i++ {
			pv.hexCell(b, i)
		}
		if ends && len(pv.Raw) < half+perRow/2 {
			pv.hexEnd(b)
		}
		b.WriteString(`</div><div class="hex-text" aria-hidden="true">`)
		for i := half; i < end; i++ {
			pv.hexChar(b, i)
		}
		b.WriteString(`</div></div>`)
	}
	b.WriteString(`</div>`)
}

func hexAt(i int) string {
	at := strconv.FormatInt(int64(i), 16)
	return strings.Repeat("0", max(0, 4-len(at))) + at
}

// hexEnd draws the cell behind the last byte, at which bytes are appended.
func (pv *packetView) hexEnd(b *strings.Builder) {
	b.WriteString(`<span role="gridcell" tabindex="`)
	if len(pv.Raw) == 0 {
		b.WriteString(`0`)
	} else {
		b.WriteString(`-1`)
	}
	b.WriteString(`" class="x x-end" data-i="` + strconv.Itoa(pv.Base+len(pv.Raw)) + `" aria-label="`)
	b.WriteString(html.EscapeString(say(pv.Lang, "hex.end")))
	b.WriteString(`">+</span>`)
}

func (pv *packetView) hexCell(b *strings.Builder, i int) {
	class, key, label := "g-unread", "", say(pv.Lang, "hex.no-field")
	if n := pv.Owner[i]; n != nil {
		class, key, label = GroupClass(n.Group), n.Key, n.Label
	}
	first := i == 0 || pv.Owner[i-1] != pv.Owner[i]
	b.WriteString(`<span role="gridcell" tabindex="`)
	if i == 0 {
		b.WriteString(`0`)
	} else {
		b.WriteString(`-1`)
	}
	b.WriteString(`" class="x `)
	b.WriteString(class)
	if first {
		b.WriteString(` x-first`)
	}
	if i+1 == len(pv.Raw) || pv.Owner[i+1] != pv.Owner[i] {
		b.WriteString(` x-last`)
	}
	if pv.Changed != nil && pv.Changed[i] {
		b.WriteString(` x-changed`)
	}
	if pv.Edit {
		b.WriteString(`" data-i="`)
		b.WriteString(strconv.Itoa(pv.Base + i))
	}
	b.WriteString(`" data-f="`)
	b.WriteString(html.EscapeString(key))
	b.WriteString(`" aria-label="`)
	b.WriteString(hexByte(pv.Raw[i]))
	b.WriteString(`, `)
	b.WriteString(pv.byteWord)
	b.WriteString(strconv.Itoa(i))
	b.WriteString(`, `)
	b.WriteString(html.EscapeString(label))
	b.WriteString(`">`)
	b.WriteString(hexByte(pv.Raw[i]))
	b.WriteString(`</span>`)
}

func (pv *packetView) hexChar(b *strings.Builder, i int) {
	key := ""
	if n := pv.Owner[i]; n != nil {
		key = n.Key
	}
	b.WriteString(`<i data-f="`)
	b.WriteString(html.EscapeString(key))
	if c := pv.Raw[i]; c > 0x20 && c < 0x7F {
		b.WriteString(`">`)
		b.WriteString(html.EscapeString(string(rune(c))))
	} else if c == 0x20 {
		b.WriteString(`" class="dim">␣`)
	} else {
		b.WriteString(`" class="dim">·`)
	}
	b.WriteString(`</i>`)
}
