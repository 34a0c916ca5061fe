package scenario

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/settings"
)

// Writer writes a scenario, a step a line. It streams. After an error it
// writes no more; Close returns it.
type Writer struct {
	w     io.Writer
	steps int
	until time.Duration
	err   error
	line  bytes.Buffer
}

// NewWriter writes what stands before the steps: those of s are not looked at.
// What of "broker" is as in base is left out.
func NewWriter(w io.Writer, s *Scenario, base broker.Config) *Writer {
	out := &Writer{w: w, until: s.Until}
	b := &out.line
	b.WriteString("{\n  \"mqttlab\": " + quoted(Format))
	if s.Title != "" {
		b.WriteString(",\n  \"title\": " + quoted(s.Title))
	}
	if s.HasBroker {
		b.WriteString(",\n  \"broker\": ")
		b.Write(bytes.ReplaceAll(settings.JSON(s.Broker, base, false), []byte("\n"), []byte("\n  ")))
	}
	b.WriteString(",\n  \"clients\": [")
	for i, c := range s.Clients {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n    {\"id\": " + quoted(c.ID))
		if c.Name != c.ID {
			b.WriteString(", \"name\": " + quoted(c.Name))
		}
		b.WriteByte('}')
	}
	b.WriteString("\n  ],\n  \"steps\": [")
	out.flush()
	return out
}

// Step writes the next step.
func (w *Writer) Step(s *Step) {
	b := &w.line
	if w.steps++; w.steps > 1 {
		b.WriteByte(',')
	}
	b.WriteString("\n    {")
	switch {
	case !s.After:
		b.WriteString("\"at\": " + seconds(s.At) + ", ")
	case s.At > 0:
		b.WriteString("\"after\": " + seconds(s.At) + ", ")
	}
	if s.ofClient() {
		b.WriteString("\"client\": " + quoted(s.Client) + ", ")
	}
	b.WriteString("\"do\": " + quoted(string(s.Do)))
	switch s.Do {
	case Answer:
		b.WriteString(", \"text\": " + quoted(s.Text))
	case Send, Reply, Build:
		b.WriteString(", \"hex\": \"")
		writeHex(b, s.Bytes)
		b.WriteByte('"')
	case Expect:
		if s.Closed {
			b.WriteString(", \"closed\": true")
		} else {
			b.WriteString(", \"filter\": " + quoted(s.Filter.String()))
		}
		if s.Within != Within {
			b.WriteString(", \"within\": " + seconds(s.Within))
		}
	}
	if s.Note != "" {
		b.WriteString(", \"note\": " + quoted(s.Note))
	}
	b.WriteByte('}')
	w.flush()
}

// Close writes what stands behind the steps.
func (w *Writer) Close() error {
	w.line.WriteString("\n  ]")
	if w.until > 0 {
		w.line.WriteString(",\n  \"until\": " + seconds(w.until))
	}
	w.line.WriteString("\n}\n")
	w.flush()
	return w.err
}

func (w *Writer) flush() {
	if w.err == nil {
		_, w.err = w.w.Write(w.line.Bytes())
	}
	w.line.Reset()
}

// writeHex writes bytes with a space between each two.
func writeHex(b *bytes.Buffer, data []byte) {
	var digits [2]byte
	for i, x := range data {
		if i > 0 {
			b.WriteByte(' ')
		}
		hex.Encode(digits[:], []byte{x})
		b.Write(digits[:])
	}
}

func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Round(time.Microsecond).Seconds(), 'f', -1, 64)
}

// quoted writes a string of JSON that stays as readable as it can, and in which
// nothing hides.
func quoted(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string can be written, and so can be a builder
	return string(annotate.Inert([]byte(strings.TrimSuffix(b.String(), "\n"))))
}
