package web

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"hash/maphash"
	"slices"

	"github.com/a-h/templ"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
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

// sumOf is the sum of a part that is the same whenever it shows the same.
func sumOf[T comparable](pv *packetView, kind, key string, shows T) uint64 {
	return maphash.Comparable(seed, struct {
		scope, kind, key string
		lang             spec.Lang
		shows            T
	}{pv.Scope, kind, key, pv.Lang, shows})
}

// plus adds to a sum what else a part shows.
func plus[T comparable](sum uint64, shows T) uint64 {
	return maphash.Comparable(seed, struct {
		sum   uint64
		shows T
	}{sum, shows})
}

// sum tells a field apart by all that is shown of it.
func (pv *packetView) sum(n *node) uint64 {
	if n.sum == 0 {
		bits := [2]int{-1, -1}
		if n.Bits != nil {
			bits = *n.Bits
		}
		n.sum = sumOf(pv, n.Name, n.Key, struct {
			t                              packet.Type
			v                              packet.Version
			group                          annotate.Group
			label, shown, means, math, was string
			offset, length                 int
			bits                           [2]int
			cut                            bool
			bytes                          uint64
		}{pv.typ, pv.ver, n.Group, n.Label, n.shown(), n.meaning(), n.Math, n.Was, pv.Base + n.Offset, n.Length, bits, n.Cut, maphash.Bytes(seed, pv.bytesOf(n))})
	}
	return n.sum
}

// sumWithKids tells a field apart by itself and by the bits that it consists of.
func (pv *packetView) sumWithKids(n *node) uint64 {
	sum := pv.sum(n)
	for _, kid := range n.Kids {
		sum = plus(sum, pv.sum(kid))
	}
	return sum
}

// findingsSum tells findings apart by all that is shown of them.
func (pv *packetView) findingsSum() uint64 {
	sum := sumOf(pv, ".findings", "", pv.ver)
	for _, f := range pv.Findings {
		var at string
		if n := pv.find(f); n != nil {
			at = n.Key
		}
		var repair annotate.Repair
		if f.Repair != nil {
			repair = *f.Repair
		}
		sum = plus(sum, struct {
			severity       annotate.Severity
			rule, text, at string
			place          string
			repair         annotate.Repair
		}{f.Severity, f.Rule, f.Text, at, place(pv.Lang, f.Offset, f.Length, f.Bits), repair})
	}
	return sum
}

// holds says whether the page holds a part, so that it need not be drawn. The
// page is taken to hold it from now on.
func (pv *packetView) holds(sum uint64) bool { return pv.drawn != nil && pv.drawn.holds(sum) }

// same writes what stands for a part that the page holds.
func (pv *packetView) same(m *markup, kind, key string) {
	m.html(`<i data-same="`)
	m.text(pv.Scope)
	m.html(kind)
	m.text(key)
	m.html(`"></i>`)
}

// endPart ends a part that begins at a place of the markup, and whose sum is
// that of its markup. What stands for it takes its place if the page holds it.
func (pv *packetView) endPart(m *markup, from int, kind, key string) {
	if pv.holds(maphash.Bytes(seed, m.b[from:])) {
		m.b = m.b[:from]
		pv.same(m, kind, key)
	}
}

// holds says whether the page holds a part, which it does from now on.
func (p *parts) holds(sum uint64) bool {
	if len(p.now) >= maxParts {
		return false
	}
	sum &= 1<<(8*sumBytes) - 1
	p.now = append(p.now, sum)
	return p.has(sum)
}

// part makes a part of a component, whose first element has partAttributes of
// the same kind.
func (pv *packetView) part(kind string, sum uint64, c templ.Component) templ.Component {
	if !pv.holds(sum) {
		return c
	}
	return byHand(func(_ context.Context, m *markup) error {
		pv.same(m, kind, "")
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
