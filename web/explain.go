package web

import (
	"context"
	"hash/maphash"
	"io"
	"sync"

	"github.com/a-h/templ"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// explanations holds the explanation of the packet and of each field. With
// JavaScript one at a time is shown, beside the bytes; without, all of them.
func (pv *packetView) explanations() templ.Component {
	return byHand(func(ctx context.Context, m *markup) error {
		m.html(`<div class="explain" role="group" aria-label="`)
		m.text(say(pv.Lang, "packet.explanation"))
		m.html(`" tabindex="0">`)
		if err := pv.part(".x", sumOf(pv, ".x", "", pv.Type), pv.explainPacket()).Render(ctx, m); err != nil {
			return err
		}
		for _, n := range pv.All {
			if err := pv.explainField(ctx, m, n); err != nil {
				return err
			}
		}
		m.html(`</div>`)
		return nil
	})
}

// explainField explains a field. The texts of the catalogue and the views of a
// payload are parts within that part: they mostly stay when the rest does not.
func (pv *packetView) explainField(ctx context.Context, m *markup, n *node) error {
	set := pv.canSet(n)
	whole := pv.holds(sumOf(pv, ".x.", n.Key, struct {
		sum uint64
		set bool
	}{pv.sum(n), set}))
	views := pv.hasPayload(n) && pv.holds(sumOf(pv, ".payload.", n.Key, maphash.Bytes(seed, pv.bytesOf(n))))
	texts := pv.holds(sumOf(pv, ".e.", n.Key, fieldKey{pv.Lang, n.Name, pv.typ, pv.ver}))
	if whole {
		pv.same(m, ".x.", n.Key)
		return nil
	}
	m.html(`<section class="explain-item" id="`)
	m.text(pv.Scope)
	m.html(`-`)
	m.text(n.Key)
	m.html(`" data-explains="`)
	m.text(n.Key)
	m.html(`"`)
	pv.partName(m, ".x.", n.Key)
	m.html(`><h3><span class="swatch `)
	m.html(GroupClass(n.Group))
	m.html(`">`)
	m.text(pv.sample(n))
	m.html(`</span> `)
	m.text(n.Label)
	m.html(` <span class="explain-value"><bdi>`)
	m.text(n.shown())
	m.html(`</bdi></span></h3><p class="explain-facts"><span>`)
	m.text(n.place(pv.Lang))
	m.html(`</span> `)
	if meaning := n.meaning(); meaning != "" {
		m.html(`<span><bdi>`)
		m.text(meaning)
		m.html(`</bdi></span> `)
	}
	m.html(`<code title="`)
	m.text(say(pv.Lang, "packet.filter"))
	m.html(`">`)
	m.text(clip(n.filter(), 80))
	m.html(`</code></p>`)
	if n.Math != "" {
		m.html(`<p class="math">`)
		m.text(n.Math)
		m.html(`</p>`)
	}
	if n.Was != "" {
		m.html(`<p class="quiet">`)
		m.text(say(pv.Lang, "draft.was", "old", n.Was))
		m.html(`</p>`)
	}
	if set {
		m.html(`<p class="needs-js"><button type="button" class="small" data-do="set" data-key="`)
		m.text(n.Key)
		m.html(`">`)
		m.text(say(pv.Lang, "breaks.set"))
		m.html(`</button></p>`)
	}
	if views {
		pv.same(m, ".payload.", n.Key)
	} else if p := pv.payload(n); p != nil {
		if err := pv.payloadViews(p, ".payload."+n.Key).Render(ctx, m); err != nil {
			return err
		}
	}
	if texts {
		pv.same(m, ".e.", n.Key)
	} else {
		m.html(`<dl class="explain-text"`)
		pv.partName(m, ".e.", n.Key)
		m.html(`>`)
		m.html(fieldTexts(pv.Lang, n.Name, pv.typ, pv.ver))
		m.html(`</dl>`)
	}
	m.html(`</section>`)
	return nil
}

// written keeps texts of the catalogue as the HTML that they become. They are
// as many as the catalogue has, in two languages.
var written sync.Map // one of the keys here, or a sizesKey: string

type (
	toolbarKey struct {
		l     spec.Lang
		scope string
	}
	fieldKey struct {
		l    spec.Lang
		name string
		t    packet.Type
		v    packet.Version
	}
	ruleKey struct {
		id string
		v  packet.Version
		l  spec.Lang
	}
	typeKey struct {
		l spec.Lang
		t packet.Type
	}
)

// fieldTexts is the explanation of a field, as the rows of a list in HTML.
func fieldTexts(l spec.Lang, name string, t packet.Type, v packet.Version) string {
	key := fieldKey{l, name, t, v}
	if s, ok := written.Load(key); ok {
		return s.(string)
	}
	text, _ := spec.Field(l, name, t, v)
	return keep(key, fieldParagraphs(l, text))
}

// typeTexts is the explanation of a type of packet, as the rows of a list in HTML.
func typeTexts(l spec.Lang, t packet.Type, text spec.TypeText) string {
	key := typeKey{l, t}
	if s, ok := written.Load(key); ok {
		return s.(string)
	}
	return keep(key, typeParagraphs(l, text))
}

func keep(key any, list []paragraph) string {
	var m markup
	m.paragraphs(list)
	written.Store(key, string(m.b))
	return string(m.b)
}

// once is a component that is the same whenever it has the same key.
func once(key any, c func() templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		s, ok := written.Load(key)
		if !ok {
			var m markup
			if err := c().Render(ctx, &m); err != nil {
				return err
			}
			s = string(m.b)
			written.Store(key, s)
		}
		_, err := io.WriteString(w, s.(string))
		return err
	})
}

type paragraph struct{ term, text string }

// texts lists paragraphs of the catalogue, each with its term.
func texts(list []paragraph) templ.Component {
	return byHand(func(_ context.Context, m *markup) error {
		m.html(`<dl class="explain-text">`)
		m.paragraphs(list)
		m.html(`</dl>`)
		return nil
	})
}

func (m *markup) paragraphs(list []paragraph) {
	for _, p := range list {
		if p.text != "" {
			m.html(`<div><dt>`)
			m.text(p.term)
			m.html(`</dt><dd>`)
			m.prose(p.text)
			m.html(`</dd></div>`)
		}
	}
}

// prose writes a text of the catalogue, whose code stands between backquotes.
func prose(text string) templ.Component {
	return byHand(func(_ context.Context, m *markup) error {
		m.prose(text)
		return nil
	})
}

func (m *markup) prose(text string) {
	for _, span := range codeSpans(text) {
		if span.code {
			m.html(`<code>`)
			m.text(span.text)
			m.html(`</code>`)
		} else {
			m.text(span.text)
		}
	}
}
