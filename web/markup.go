package web

import (
	"context"
	"html"
	"io"
	"strconv"
	"sync"

	"github.com/a-h/templ"
)

// markup is HTML that is written by hand: the parts of a packet's view that
// are drawn for each of its bytes, bits and fields, at each keystroke of the
// builder. templ takes some allocations for each value, this takes none.
type markup struct{ b []byte }

var markups = sync.Pool{New: func() any { return new(markup) }}

// byHand makes a component of a function that writes markup.
func byHand(write func(ctx context.Context, m *markup) error) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		m := markups.Get().(*markup)
		m.b = m.b[:0]
		err := write(ctx, m)
		if err == nil {
			_, err = w.Write(m.b)
		}
		if cap(m.b) <= 1<<20 {
			markups.Put(m)
		}
		return err
	})
}

// Write takes what a component renders.
func (m *markup) Write(b []byte) (int, error) {
	m.b = append(m.b, b...)
	return len(b), nil
}

// html writes what is HTML already.
func (m *markup) html(s string) { m.b = append(m.b, s...) }

// text writes text, as an element's or an attribute's.
func (m *markup) text(s string) {
	for i := range len(s) {
		if escaped[s[i]] {
			s = html.EscapeString(s)
			break
		}
	}
	m.b = append(m.b, s...)
}

// escaped are the characters that mean something in HTML.
var escaped = [256]bool{'&': true, '\'': true, '<': true, '>': true, '"': true}

func (m *markup) number(n int) { m.b = strconv.AppendInt(m.b, int64(n), 10) }

// hexByte writes a byte as two digits.
func (m *markup) hexByte(c byte) { m.b = append(m.b, hexDigits[c>>4], hexDigits[c&15]) }
