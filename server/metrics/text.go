// Package metrics tells how a server is doing, in figures, in the text format
// that Prometheus reads.
//
//	text.go      the format
//	requests.go  what HTTP is asked for, and how long the answers take
//	totals.go    the figures of all benches together, also of those that have gone
//	heap.go      what lives in memory
package metrics

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// MediaType is that of the format, version 0.0.4.
const MediaType = "text/plain; version=0.0.4; charset=utf-8"

// Kind is what a family of samples counts.
type Kind string

const (
	Counter   Kind = "counter" // only rises while the program runs
	Gauge     Kind = "gauge"
	Histogram Kind = "histogram"
)

// Writer writes families of samples. The samples of a family follow it.
type Writer struct {
	w    io.Writer
	name string
	err  error
}

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Family begins a family; help is one line that says what it counts, and in
// which unit. Its name begins with mqttlab_ but for what is the Go runtime's.
func (w *Writer) Family(name string, kind Kind, help string) {
	w.name = name
	w.printf("# HELP %s %s\n# TYPE %s %s\n", name, strings.NewReplacer("\\", `\\`, "\n", `\n`).Replace(help), name, kind)
}

// Sample writes a sample of the family. labels are names and values, in turn.
func (w *Writer) Sample(value float64, labels ...string) { w.sample("", value, labels) }

// Single is a family of one sample without labels.
func (w *Writer) Single(name string, kind Kind, help string, value float64) {
	w.Family(name, kind, help)
	w.Sample(value)
}

func (w *Writer) sample(suffix string, value float64, labels []string) {
	var b strings.Builder
	b.WriteString(w.name + suffix)
	for i := 0; i+1 < len(labels); i += 2 {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteString(labels[i] + `="` + escape.Replace(labels[i+1]) + `"`)
	}
	if len(labels) > 1 {
		b.WriteByte('}')
	}
	w.printf("%s %s\n", b.String(), strconv.FormatFloat(value, 'g', -1, 64))
}

var escape = strings.NewReplacer("\\", `\\`, "\n", `\n`, `"`, `\"`)

func (w *Writer) printf(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.w, format, args...)
	}
}

// Err is the first error that writing met.
func (w *Writer) Err() error { return w.err }
