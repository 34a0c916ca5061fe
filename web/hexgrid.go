package web

import (
	"context"
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
	return byHand(func(_ context.Context, m *markup) error {
		m.html(`<hex-grid`)
		if pv.Edit {
			m.html(` data-edit data-base="` + strconv.Itoa(pv.Base) + `"`)
		}
		m.html(`><div class="hex" role="grid"`)
		if pv.Edit {
			m.html(` aria-multiselectable="true"`)
		}
		m.html(` aria-label="`)
		m.text(say(pv.Lang, "hex.grid", "size", pv.size()))
		m.html(`">`)
		last := (len(pv.Raw) - 1) / perRow * perRow
		for row := 0; row < len(pv.Raw); row += perRow {
			if row >= maxCells && row < last {
				m.html(`<div class="hex-gap" role="row"><span role="gridcell">`)
				m.text(say(pv.Lang, "hex.gap", "n", strconv.Itoa(last-row)))
				m.html(`</span></div>`)
				row = last
			}
			pv.hexRow(m, row)
		}
		if pv.Edit && pv.Last && len(pv.Raw)%perRow == 0 {
			m.html(`<div class="hex-row" role="row"><div class="hex-half" role="presentation"><span class="hex-at" aria-hidden="true">` +
				hexAt(len(pv.Raw)) + `</span><div class="hex-cells" role="presentation">`)
			pv.hexEnd(m)
			m.html(`</div></div></div>`)
		}
		m.html(`</div></hex-grid>`)
		return nil
	})
}

func (pv *packetView) hexRow(m *markup, row int) {
	m.html(`<div class="hex-row" role="row">`)
	ends := pv.Edit && pv.Last && row+perRow > len(pv.Raw) // the cell behind the last byte stands in this row
	for half := row; half < row+perRow; half += perRow / 2 {
		if half > len(pv.Raw) || half == len(pv.Raw) && !ends {
			break
		}
		end := min(half+perRow/2, len(pv.Raw))
		from, at := len(m.b), hexAt(half)
		m.html(`<div class="hex-half" role="presentation"`)
		pv.partName(m, ".", at)
		m.html(`><span class="hex-at" aria-hidden="true">`)
		m.html(at)
		m.html(`</span><div class="hex-cells" role="presentation">`)
		for i := half; i < end; i++ {
			pv.hexCell(m, i)
		}
		if ends && len(pv.Raw) < half+perRow/2 {
			pv.hexEnd(m)
		}
		m.html(`</div><div class="hex-text" aria-hidden="true">`)
		for i := half; i < end; i++ {
			pv.hexChar(m, i)
		}
		m.html(`</div></div>`)
		pv.endPart(m, from, ".", at)
	}
	m.html(`</div>`)
}

func hexAt(i int) string {
	at := strconv.FormatInt(int64(i), 16)
	return strings.Repeat("0", max(0, 4-len(at))) + at
}

// hexEnd draws the cell behind the last byte, at which bytes are appended.
func (pv *packetView) hexEnd(m *markup) {
	m.html(`<span role="gridcell" tabindex="`)
	if len(pv.Raw) == 0 {
		m.html(`0`)
	} else {
		m.html(`-1`)
	}
	m.html(`" class="x x-end" data-i="` + strconv.Itoa(pv.Base+len(pv.Raw)) + `" aria-label="`)
	m.text(say(pv.Lang, "hex.end"))
	m.html(`">+</span>`)
}

func (pv *packetView) hexCell(m *markup, i int) {
	class, key, label := "g-unread", "", ""
	if n := pv.Owner[i]; n != nil {
		class, key, label = GroupClass(n.Group), n.Key, n.Label
	} else {
		label = say(pv.Lang, "hex.no-field")
	}
	first := i == 0 || pv.Owner[i-1] != pv.Owner[i]
	m.html(`<span role="gridcell" tabindex="`)
	if i == 0 {
		m.html(`0`)
	} else {
		m.html(`-1`)
	}
	m.html(`" class="x `)
	m.html(class)
	if first {
		m.html(` x-first`)
	}
	if i+1 == len(pv.Raw) || pv.Owner[i+1] != pv.Owner[i] {
		m.html(` x-last`)
	}
	if pv.Changed != nil && pv.Changed[i] {
		m.html(` x-changed`)
	}
	if pv.Edit {
		m.html(`" data-i="`)
		m.number(pv.Base + i)
	}
	m.html(`" data-f="`)
	m.text(key)
	m.html(`" aria-label="`)
	m.hexByte(pv.Raw[i])
	m.html(`, `)
	m.html(pv.byteWord)
	m.number(i)
	m.html(`, `)
	m.text(label)
	m.html(`">`)
	m.hexByte(pv.Raw[i])
	m.html(`</span>`)
}

func (pv *packetView) hexChar(m *markup, i int) {
	key := ""
	if n := pv.Owner[i]; n != nil {
		key = n.Key
	}
	m.html(`<i data-f="`)
	m.text(key)
	if c := pv.Raw[i]; c > 0x20 && c < 0x7F {
		m.html(`">`)
		m.text(string(rune(c)))
	} else if c == 0x20 {
		m.html(`" class="dim">␣`)
	} else {
		m.html(`" class="dim">·`)
	}
	m.html(`</i>`)
}
