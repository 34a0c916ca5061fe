package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

const (
	// progressBytes is the size of a file from which on progress is shown.
	progressBytes = 8 << 20
	progressWidth = 30
	progressEvery = 100 * time.Millisecond
)

// progress shows on a terminal how much of a file has been read. A nil one
// shows nothing.
type progress struct {
	w    io.Writer
	s    *source
	now  func() time.Time
	last time.Time
	some bool // a bar is on the screen
}

// newProgress returns nil unless errors go to a terminal and the file is large.
func newProgress(s *source, std streams) *progress {
	if !isTerminal(std.err) || s.size < progressBytes {
		return nil
	}
	return &progress{w: std.err, s: s, now: time.Now}
}

// show draws the bar. All that was written before must end with a whole line.
func (p *progress) show() {
	if p == nil || p.now().Sub(p.last) < progressEvery {
		return
	}
	p.last, p.some = p.now(), true
	part := min(1, float64(p.s.read)/float64(p.s.size))
	done := int(part * progressWidth)
	fmt.Fprintf(p.w, "\r[%s%s] %3.0f %% of %d MB", strings.Repeat("#", done), strings.Repeat(".", progressWidth-done), part*100, p.s.size/1_000_000)
}

// clear takes the bar away.
func (p *progress) clear() {
	if p != nil && p.some {
		p.some = false
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// over writes to out where the bar may stand on the same screen.
func (p *progress) over(out io.Writer) io.Writer {
	if p == nil {
		return out
	}
	return clearing{out, p}
}

type clearing struct {
	w io.Writer
	p *progress
}

func (c clearing) Write(b []byte) (int, error) {
	c.p.clear()
	return c.w.Write(b)
}
