package main

import (
	"bufio"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
)

// lineReport shows a capture as lines, in the columns packet, frame, seconds,
// client, server and what there is to say:
//
//	0     4   0.000123  192.0.2.1:40000 → 192.0.2.2:1883  CONNECT a, keep alive 60 s
type lineReport struct {
	w       *bufio.Writer
	paint   func(code, s string) string
	options decodeOptions
	width   int // of the addresses so far
	begun   bool
}

// indent is the depth of what belongs to the packet line above it.
const indent = "        "

func (l *lineReport) begin(*source) {}

func (l *lineReport) render(*seen) []byte { return nil }

func (l *lineReport) packet(x *seen) {
	l.head(&x.rec)
	summary := l.paint(bold, safe(x.summary))
	if x.rec.Kind == capture.Part {
		summary += l.paint(severityColours[annotate.Warning], fmt.Sprintf(" · cut short: %d of %d bytes", len(x.rec.Bytes), x.rec.Size))
	}
	for _, link := range x.result.Links {
		if link.Kind == flow.AliasUsed && x.result.Topic != "" {
			summary += l.paint(dim, " · ") + annotate.Visible(x.result.Topic)
			break
		}
	}
	l.line(fmt.Sprint(x.index), &x.rec, x.since, summary)
	p := x.explained
	if p == nil {
		return
	}
	d := dump{w: l.w, paint: l.paint}
	if l.options.verbose {
		fmt.Fprintln(l.w, l.paint(dim, fmt.Sprintf("%sMQTT %s: %s", indent, p.Version, p.VersionWhy)))
		for _, link := range p.Links {
			fmt.Fprintln(l.w, l.paint(dim, indent+safe(link.Text)))
		}
		d.fields(x.rec.Bytes, p.Fields, 0)
		d.findings(p.Findings)
		fmt.Fprintln(l.w)
		return
	}
	for i := range p.Findings {
		if f := &p.Findings[i]; f.Severity != annotate.Note {
			fmt.Fprint(l.w, indent)
			d.finding(f)
		}
	}
}

func (l *lineReport) event(rec *capture.Record, since time.Duration) {
	l.head(rec)
	var text string
	switch rec.Kind {
	case capture.Open:
		if rec.Transport == capture.File {
			return
		}
		text = fmt.Sprintf("connection %d over %s", rec.Conn, map[capture.Transport]string{capture.TCP: "TCP", capture.WebSocket: "WebSocket"}[rec.Transport])
	case capture.Close:
		if rec.Transport == capture.File {
			return
		}
		text = fmt.Sprintf("connection %d: %s", rec.Conn, causes[rec.Cause])
		if rec.Cause == capture.CauseFIN || rec.Cause == capture.CauseRST {
			text += map[packet.Party]string{packet.Client: " by the client", packet.Server: " by the server"}[rec.From]
		}
	case capture.Note:
		text = "note: " + safe(rec.Text())
	}
	l.line("-", rec, since, l.paint(dim, text))
}

var causes = map[capture.Cause]string{
	capture.CauseFIN:      "closed",
	capture.CauseRST:      "reset",
	capture.CauseReplaced: "replaced by a new one between the same ports",
	capture.CauseEvicted:  "forgotten, too many others are open",
	capture.CauseEnd:      "still open when the capture ends",
}

// late shows a finding about an earlier packet, known only now.
func (l *lineReport) late(late flow.Late, rec *capture.Record) {
	f := annotate.Late(late, l.options.lang)
	rule := ""
	if f.Rule != "" {
		rule = " [" + f.Rule + "]"
	}
	fmt.Fprintf(l.w, "%s%s%s packet %d: %s\n", indent, l.paint(severityColours[f.Severity], string(f.Severity)), rule, late.Index, safe(f.Text))
}

func (l *lineReport) head(rec *capture.Record) {
	if l.begun {
		return
	}
	l.begun = true
	if !rec.Time.IsZero() {
		fmt.Fprintln(l.w, l.paint(dim, "begins "+rec.Time.Format("2006-01-02 15:04:05.000000 MST")))
	}
}

func (l *lineReport) line(index string, rec *capture.Record, since time.Duration, text string) {
	if rec.Transport == capture.File {
		fmt.Fprintf(l.w, "%6s  %s  %s\n", index, l.paint(dim, fmt.Sprintf("byte %-8d", rec.Offset)), text)
		return
	}
	ends := ""
	if rec.Client.IsValid() {
		arrow := map[packet.Party]string{packet.Client: "→", packet.Server: "←"}[rec.From]
		if arrow == "" {
			arrow = "⇄"
		}
		ends = rec.Client.String() + " " + arrow + " " + rec.Server.String()
	}
	width := utf8.RuneCountInString(ends)
	l.width = max(l.width, width)
	fmt.Fprintf(l.w, "%6s %6d %12.6f  %s%s  %s\n", index, rec.Frame, since.Seconds(), l.paint(dim, ends), strings.Repeat(" ", l.width-width), text)
}

func (l *lineReport) end(t total) {
	s := t.stats
	text := fmt.Sprintf("%s: ", t.format)
	if t.format != capture.Raw {
		text += plural(s.Frames, "frame") + ", "
	}
	text += plural(t.packets, "packet")
	if t.format != capture.Raw {
		text += " on " + plural(s.Connections, "connection")
	}
	if l.options.filter != nil {
		text += fmt.Sprintf(", %d shown", t.shown)
	}
	if s.LostBytes > 0 {
		text += fmt.Sprintf("; %d bytes lost", s.LostBytes)
	}
	if s.Skipped > 0 {
		text += fmt.Sprintf("; %d bytes that could not be read as packets", s.Skipped)
	}
	if t.forgot > 0 {
		text += fmt.Sprintf("; to save memory, the past of idle connections was forgotten %d times", t.forgot)
	}
	fmt.Fprintln(l.w, l.paint(dim, text))
	if t.packets == 0 && t.err == nil {
		fmt.Fprintln(l.w, l.paint(dim, "No MQTT was found. Encrypted MQTT (often port 8883) cannot be read; capture before the encryption."))
	}
}
