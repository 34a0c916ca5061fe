package web

import (
	"context"
	"strconv"

	"github.com/a-h/templ"
)

// bits draws a byte of flags as eight named cells.
func (pv *packetView) bits(n *node) templ.Component {
	return byHand(func(_ context.Context, m *markup) error {
		if pv.holds(pv.bitsSum(n)) {
			pv.same(m, ".bits.", n.Key)
			return nil
		}
		runs := pv.bitRuns(n)
		m.html(`<table class="bits"`)
		pv.partName(m, ".bits.", n.Key)
		m.html(`><caption><span class="swatch `)
		m.html(GroupClass(n.Group))
		m.html(`" data-f="`)
		m.text(n.Key)
		m.html(`">`)
		m.hexByte(pv.Raw[n.Offset])
		m.html(`</span> `)
		m.text(n.Label)
		m.html(` <span class="quiet">`)
		m.text(say(pv.Lang, "packet.byte", "n", strconv.Itoa(n.Offset)))
		m.html(`</span></caption> <thead><tr>`)
		word := say(pv.Lang, "packet.bit")
		for _, run := range runs {
			for _, b := range run.Bits {
				m.html(`<th scope="col"><span class="visually-hidden">`)
				m.text(word)
				m.html(`</span>`)
				m.number(b.Number)
				m.html(`</th>`)
			}
		}
		m.html(`</tr></thead> <tbody><tr class="bit-digits">`)
		for _, run := range runs {
			for _, b := range run.Bits {
				pv.bit(m, n, run, b)
			}
		}
		m.html(`</tr><tr class="bit-names">`)
		for _, run := range runs {
			m.html(`<td colspan="`)
			m.number(len(run.Bits))
			m.html(`" data-f="`)
			m.text(run.Key)
			m.html(`"><span class="bit-name">`)
			m.text(run.shortLabel())
			m.html(`</span> <span class="bit-value">`)
			m.text(run.shown())
			m.html(`</span> `)
			if len(run.Bits) > 1 && run.meaning() != "" {
				m.html(`<span class="bit-text">`)
				m.text(run.meaning())
				m.html(`</span>`)
			}
			m.html(`</td>`)
		}
		m.html(`</tr>`)
		if obliged := pv.obliged(n, runs); len(obliged) > 0 {
			m.html(`<tr class="bit-obliges">`)
			for _, o := range obliged {
				pv.obligation(m, o)
			}
			m.html(`</tr>`)
		}
		m.html(`</tbody></table>`)
		return nil
	})
}

// bitsSum is the sum of all that is shown with a byte of flags: its bits, and
// the fields to which they oblige.
func (pv *packetView) bitsSum(n *node) uint64 {
	sum := sumOf(pv, ".bits.", n.Key, pv.sumWithKids(n))
	for _, kid := range n.Kids {
		for _, f := range pv.following(kid.Name) {
			sum = plus(sum, [...]string{f.Key, f.Label, string(f.Group)})
		}
	}
	return sum
}

// bit draws one bit, in the draft as a button that flips it.
func (pv *packetView) bit(m *markup, n *node, run bitRun, b bitCell) {
	m.html(`<td class="`)
	m.html(GroupClass(run.Group))
	if b.Set {
		m.html(` is-set`)
	}
	if run.Was != "" {
		m.html(` is-changed`)
	}
	m.html(`" data-f="`)
	m.text(run.Key)
	m.html(`">`)
	if pv.Edit {
		m.html(`<button type="button" class="bit" data-flip="`)
		m.number(pv.Base + n.Offset)
		m.html(`.`)
		m.number(b.Number)
		m.html(`" data-name="`)
		m.text(run.Name)
		m.html(`" data-low="`)
		m.number(b.Number - run.Field.Bits[1])
		m.html(`" aria-pressed="`)
		m.html(strconv.FormatBool(b.Set))
		m.html(`" aria-label="`)
		m.text(say(pv.Lang, "bits.flip", "value", b.digit(), "bit", strconv.Itoa(b.Number), "name", run.Label))
		m.html(`">`)
		m.html(b.digit())
		m.html(`</button>`)
	} else {
		m.html(b.digit())
	}
	m.html(`</td>`)
}

func (pv *packetView) obligation(m *markup, o obligation) {
	m.html(`<td colspan="`)
	m.number(o.bits)
	m.html(`" class="`)
	if o.on {
		m.html(`is-on`)
	}
	m.html(`"><span>`)
	m.text(o.text)
	m.html(`</span> `)
	for _, f := range o.fields {
		m.html(`<a class="swatch `)
		m.html(GroupClass(f.Group))
		pv.link(m, f)
		m.text(f.Label)
		m.html(`</a>`)
	}
	m.html(`</td>`)
}

// link ends the start of a link to a field's explanation.
func (pv *packetView) link(m *markup, n *node) {
	m.html(`" href="#`)
	m.text(pv.Scope)
	m.html(`-`)
	m.text(n.Key)
	m.html(`" data-f="`)
	m.text(n.Key)
	m.html(`">`)
}

// tree lists the packet's fields with their values, each followed by its own fields.
func (pv *packetView) tree() templ.Component {
	return byHand(func(_ context.Context, m *markup) error {
		pv.branch(m, pv.Roots, `<ol class="tree">`)
		return nil
	})
}

func (pv *packetView) branch(m *markup, list []*node, begin string) {
	m.html(begin)
	for _, n := range list {
		// What consists of bits is drawn with them, all else by itself.
		whole := len(n.Kids) == 0 && n.Bits == nil || len(n.Kids) > 0 && n.Kids[0].Bits != nil
		if whole && pv.holds(sumOf(pv, ".t.", n.Key, pv.sumWithKids(n))) {
			pv.same(m, ".t.", n.Key)
			continue
		}
		m.html(`<li`)
		if whole {
			pv.partName(m, ".t.", n.Key)
		}
		m.html(`><a class="field `)
		m.html(GroupClass(n.Group))
		pv.link(m, n)
		m.html(`<span class="field-swatch" aria-hidden="true"></span> <span class="field-place">`)
		m.html(n.where())
		m.html(`</span> <span class="field-label">`)
		m.text(n.Label)
		m.html(`</span> <span class="field-value">`)
		m.was(n)
		m.html(`<bdi>`)
		m.text(n.shown())
		m.html(`</bdi> `)
		if n.Cut {
			m.html(`<span class="mark-cut">`)
			m.text(say(pv.Lang, "packet.cut"))
			m.html(`</span>`)
		}
		m.html(`</span> `)
		if meaning := n.meaning(); meaning != "" {
			m.html(`<bdi class="field-text">`)
			m.text(meaning)
			m.html(`</bdi> `)
		}
		if n.Math != "" && n.Name != "mqtt.len" {
			m.html(`<span class="field-math">`)
			m.text(n.Math)
			m.html(`</span>`)
		}
		m.html(`</a> `)
		if len(n.Kids) > 0 {
			pv.branch(m, n.Kids, `<ol class="tree tree-sub">`)
		}
		m.html(`</li>`)
	}
	m.html(`</ol>`)
}

// lengthSum draws the Remaining Length as the sum of what follows it.
func (pv *packetView) lengthSum(rl *node) templ.Component {
	return byHand(func(_ context.Context, m *markup) error {
		m.html(`<p class="sum"><span class="sum-total g-length"><b>`)
		m.was(rl)
		m.text(rl.shown())
		m.html(`</b> <small>`)
		m.text(rl.Label)
		m.html(`</small></span> `)
		parts := pv.parts()
		for i, p := range parts {
			m.html(`<span class="sum-sign" aria-hidden="true">`)
			if i == 0 {
				m.html(`=`)
			} else {
				m.html(`+`)
			}
			m.html(`</span> <span class="sum-part `)
			m.html(GroupClass(p.Group))
			m.html(`" data-f="`)
			m.text(p.Key)
			m.html(`"><b>`)
			if len(p.Sizes) == 2 {
				m.number(p.Sizes[0])
				m.html(`+`)
				m.number(p.Sizes[1])
			} else {
				m.number(p.Length)
			}
			m.html(`</b> <small>`)
			m.text(p.Label)
			m.html(`</small></span> `)
		}
		if missing := pv.missing(); missing > 0 {
			m.html(`<span class="sum-sign" aria-hidden="true">+</span> <span class="sum-part g-unread"><b>`)
			m.number(missing)
			m.html(`</b> <small>`)
			m.text(say(pv.Lang, "packet.not-there"))
			m.html(`</small></span>`)
		} else if len(parts) == 0 {
			m.html(`<span class="sum-sign">`)
			m.text(say(pv.Lang, "packet.nothing-follows"))
			m.html(`</span>`)
		}
		m.html(`</p>`)
		return nil
	})
}

// was shows what a value was before the change.
func (m *markup) was(n *node) {
	if n.Was != "" {
		m.html(`<s class="was">`)
		m.text(n.Was)
		m.html(`</s> <span class="was-to" aria-hidden="true">→</span>`)
	}
}
