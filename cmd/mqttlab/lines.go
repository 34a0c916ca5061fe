package main

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/reading"
	"mqttlab/mqttcore/spec"
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

func (l *lineReport) renders() bool { return false }

func (l *lineReport) render(dst []byte, _ *seen, _ *worker) []byte { return dst }

func (l *lineReport) packet(x *seen) {
	l.head(&x.Record)
	summary := l.paint(bold, safe(x.summary))
	if x.Record.Kind == capture.Part {
		summary += l.paint(severityColours[annotate.Warning], " · "+l.say("cut-short", "have", strconv.Itoa(len(x.Record.Bytes)), "size", strconv.Itoa(x.Record.Size)))
	}
	for _, link := range x.Result.Links {
		if link.Kind == flow.AliasUsed && x.Result.Topic != "" {
			summary += l.paint(dim, " · ") + annotate.Visible(x.Result.Topic)
			break
		}
	}
	l.line(fmt.Sprint(x.Index), &x.Record, x.Since, summary)
	p := x.explained
	if p == nil {
		return
	}
	d := dump{w: l.w, lang: l.options.lang, paint: l.paint}
	if l.options.verbose {
		fmt.Fprintln(l.w, l.paint(dim, fmt.Sprintf("%sMQTT %s: %s", indent, p.Version, p.VersionWhy)))
		for _, link := range p.Links {
			fmt.Fprintln(l.w, l.paint(dim, indent+safe(link.Text)))
		}
		d.fields(x.Record.Bytes, p.Fields, 0)
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
	text := safe(reading.Text(rec, l.options.lang))
	switch {
	case text == "":
		return
	case rec.Kind == capture.Note:
		text = l.say("said", "text", text)
	}
	l.line("-", rec, since, l.paint(dim, text))
}

// say is a message of the catalogue about captures.
func (l *lineReport) say(key string, args ...string) string {
	return spec.Message(l.options.lang, "capture."+key, args...)
}

// count says how many there are.
func (l *lineReport) count(key string, n int, args ...string) string {
	return l.say(key, append(args, "n", strconv.Itoa(n))...)
}

// late shows a finding about an earlier packet, known only now.
func (l *lineReport) late(late flow.Late, rec *capture.Record) {
	f := annotate.Late(late, l.options.lang)
	rule := ""
	if f.Rule != "" {
		rule = " [" + f.Rule + "]"
	}
	fmt.Fprintf(l.w, "%s%s%s %s\n", indent, l.paint(severityColours[f.Severity], string(f.Severity)), rule, l.say("late", "n", strconv.Itoa(late.Index), "text", safe(f.Text)))
}

func (l *lineReport) head(rec *capture.Record) {
	if l.begun {
		return
	}
	l.begun = true
	if !rec.Time.IsZero() {
		fmt.Fprintln(l.w, l.paint(dim, l.say("begins", "time", rec.Time.Format("2006-01-02 15:04:05.000000 MST"))))
	}
}

func (l *lineReport) line(index string, rec *capture.Record, since time.Duration, text string) {
	if rec.Transport == capture.File {
		fmt.Fprintf(l.w, "%6s  %s  %s\n", index, l.paint(dim, fmt.Sprintf("%-13s", l.say("byte", "n", strconv.FormatInt(rec.Offset, 10)))), text)
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
	text := t.format.String() + ": "
	packets := l.count("packets", t.packets)
	if t.format != capture.Raw {
		text += l.count("frames", s.Frames) + ", "
		packets = l.count("packets.on", s.Connections, "packets", packets)
	}
	text += packets
	if l.options.filter != nil {
		text += ", " + l.say("shown", "n", strconv.Itoa(t.shown))
	}
	if s.LostBytes > 0 {
		text += "; " + l.say("lost", "n", strconv.FormatInt(s.LostBytes, 10))
	}
	if s.Skipped > 0 {
		text += "; " + l.say("skipped", "n", strconv.FormatInt(s.Skipped, 10))
	}
	if t.forgot > 0 {
		text += "; " + l.say("forgot", "n", strconv.Itoa(t.forgot))
	}
	fmt.Fprintln(l.w, l.paint(dim, text))
	if t.packets == 0 && t.err == nil {
		fmt.Fprintln(l.w, l.paint(dim, l.say("none")))
	}
}
