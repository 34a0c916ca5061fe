package web

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"hash/maphash"
	"slices"

	"github.com/a-h/templ"
)

// A draft is drawn in parts, and a page that holds some of them says so: what
// it holds is not sent again. At a keystroke most parts stay as they are, and
// an answer of 30 kB becomes one of 5, which is packed, read and drawn faster.
//
// A part is an element with a name (data-part) that no other of the draft has.
// Where the page holds it as it is now, an empty element (data-same) with that
// name stands for it. What the page holds it says with the list that stood in
// the draft (data-held); the server keeps nothing. A list of another server, or
// of nonsense, means only that parts are sent that need not be.
type parts struct {
	held []uint64 // what the page holds, in the order in which it was drawn
	next int      // where the next part is looked for first
	now  []uint64 // what it holds with this draft
	cuts []cut    // parts within the one that is being drawn that the page holds
}

// cut is where a part stands in the markup, and what stands for it.
type cut struct {
	from, to int
	same     string
}

// maxParts is how many parts a draft has at most; what follows is always sent.
const maxParts = 512

// seed makes the parts' sums ones that nobody can foresee.
var seed = maphash.MakeSeed()

// sumBytes is how many bytes of a part's sum the list holds.
const sumBytes = 6

func newParts(held string) *parts {
	p := &parts{now: make([]uint64, 0, 64)}
	if len(held) > base64.RawURLEncoding.EncodedLen(sumBytes*maxParts) {
		return p
	}
	list, err := base64.RawURLEncoding.DecodeString(held)
	if err != nil {
		return p
	}
	p.held = make([]uint64, 0, len(list)/sumBytes)
	for sum := range slices.Chunk(list, sumBytes) {
		var b [8]byte
		copy(b[:], sum)
		p.held = append(p.held, binary.LittleEndian.Uint64(b[:]))
	}
	return p
}

// list is what the page holds with this draft, as it says it at the next key.
func (p *parts) list() string {
	b := make([]byte, 0, sumBytes*len(p.now))
	for _, sum := range p.now {
		b = binary.LittleEndian.AppendUint64(b, sum)[:len(b)+sumBytes]
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// has says whether the page holds a part. Parts mostly come in the order that
// they had before.
func (p *parts) has(sum uint64) bool {
	for i := range p.held {
		at := (p.next + i) % len(p.held)
		if p.held[at] == sum {
			p.next = at + 1
			return true
		}
	}
	return false
}

// partName writes the attribute that names a part.
func (pv *packetView) partName(m *markup, kind, key string) {
	if pv.drawn != nil {
		m.html(` data-part="`)
		m.text(pv.Scope)
		m.html(kind)
		m.text(key)
		m.html(`"`)
	}
}

// endPart ends the part that begins at a place of the markup; if the page holds
// it, what stands for it takes its place. Parts within it, too: they are kept in
// the markup until then, so that a part's sum tells all that is in it.
func (pv *packetView) endPart(m *markup, from int, kind, key string) {
	p := pv.drawn
	if p == nil || len(m.b) == from {
		return
	}
	if p.holds(m.b[from:]) {
		m.b = m.b[:from]
		pv.same(m, kind, key)
	} else if len(p.cuts) > 0 { // in place, since what stands for a part is shorter
		whole, at := m.b, p.cuts[0].from
		m.b = m.b[:at]
		for i, c := range p.cuts {
			if i > 0 {
				m.b = append(m.b, whole[at:c.from]...)
			}
			m.html(c.same)
			at = c.to
		}
		m.b = append(m.b, whole[at:]...)
	}
	p.cuts = p.cuts[:0]
}

// endInner ends a part within a part.
func (pv *packetView) endInner(m *markup, from int, kind, key string) {
	if p := pv.drawn; p != nil && p.holds(m.b[from:]) {
		to := len(m.b)
		pv.same(m, kind, key)
		if len(m.b)-to < to-from {
			p.cuts = append(p.cuts, cut{from, to, string(m.b[to:])})
		}
		m.b = m.b[:to]
	}
}

// holds says whether the page holds a part, which it does from now on.
func (p *parts) holds(part []byte) bool {
	if len(p.now) >= maxParts {
		return false
	}
	sum := maphash.Bytes(seed, part) & (1<<(8*sumBytes) - 1)
	p.now = append(p.now, sum)
	return p.has(sum)
}

// same writes what stands for a part.
func (pv *packetView) same(m *markup, kind, key string) {
	m.html(`<i data-same="`)
	m.text(pv.Scope)
	m.html(kind)
	m.text(key)
	m.html(`"></i>`)
}

// part makes a part of a component, whose first element has partAttributes of
// the same kind.
func (pv *packetView) part(kind string, c templ.Component) templ.Component {
	if pv.drawn == nil {
		return c
	}
	return byHand(func(ctx context.Context, m *markup) error {
		if err := c.Render(ctx, m); err != nil {
			return err
		}
		pv.endPart(m, 0, kind, "")
		return nil
	})
}

func (pv *packetView) partAttributes(kind string) templ.Attributes {
	if pv.drawn == nil {
		return nil
	}
	return templ.Attributes{"data-part": pv.Scope + kind}
}

// heldList tells the page what it holds now.
func (p *parts) heldList() templ.Component {
	return byHand(func(_ context.Context, m *markup) error {
		m.html(`<i hidden data-held="` + p.list() + `"></i>`)
		return nil
	})
}
