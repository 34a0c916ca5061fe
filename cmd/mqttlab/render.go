package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/spec"
)

// dump prints annotated packets: the hex of each field beside the field tree.
//
//	0000  10                       Fixed header, byte 1: 16
//	      0001 ....                  Control Packet type: 1 · CONNECT
type dump struct {
	w     io.Writer
	lang  spec.Lang
	paint func(code, s string) string
}

// say returns a message of the command line.
func (d dump) say(key string, args ...string) string {
	return spec.Message(d.lang, "cli."+key, args...)
}

func (d dump) bytes(n int) string { return d.say("bytes", "n", strconv.Itoa(n)) }

const (
	rowBytes  = 8                // of hex in a line
	hexWidth  = 3*rowBytes - 1   //
	treeStart = 6 + hexWidth + 2 // column of the field tree
	mostRows  = 4                // of hex for one field
)

func (d dump) document(doc annotate.Document) {
	s := doc.Source
	fmt.Fprintln(d.w, d.paint(dim, d.say("read-as", "format", s.Format, "bytes", d.bytes(s.Bytes))))
	for _, p := range s.Problems {
		fmt.Fprintf(d.w, "%s %s\n", d.paint(severityColours[annotate.Error], d.say("problem")),
			d.say("place", "line", strconv.Itoa(p.Line), "column", strconv.Itoa(p.Column), "text", safe(p.Text)))
	}
	for i := range doc.Packets {
		d.packet(&doc.Packets[i])
	}
	if doc.Rest != nil {
		d.rest(doc.Rest)
	}
}

func (d dump) packet(p *annotate.Packet) {
	fmt.Fprintf(d.w, "\n%s\n", d.paint(bold, p.Summary))
	fmt.Fprintln(d.w, d.paint(dim, d.say("packet", "index", strconv.Itoa(p.Index), "offset", strconv.Itoa(p.Offset), "bytes", d.bytes(p.Length),
		"version", p.Version, "why", p.VersionWhy)))
	b, _ := hex.DecodeString(p.Hex)
	d.fields(b, p.Fields, 0)
	d.findings(p.Findings)
	if a := p.Answer; a != nil {
		line := safe(a.Text)
		if reply, err := hex.DecodeString(a.Hex); err == nil && len(reply) > 0 {
			line = fmt.Sprintf("% x", reply) + d.paint(dim, " · ") + line
		}
		fmt.Fprintln(d.w, d.paint(dim, "→ ")+line)
	}
	for i := range p.Alternatives {
		a := &p.Alternatives[i]
		fmt.Fprintf(d.w, "%s %s\n", d.paint(dim, d.say("or")), d.say("or.version", "version", a.Version, "summary", a.Summary))
	}
}

func (d dump) rest(r *annotate.Rest) {
	fmt.Fprintf(d.w, "\n%s\n", d.paint(bold, d.say("rest", "bytes", d.bytes(r.Length), "offset", strconv.Itoa(r.Offset))))
	fmt.Fprintln(d.w, safe(r.Why))
	b, _ := hex.DecodeString(r.Hex)
	if len(r.Fields) == 0 && len(b) > 0 {
		d.rows(0, b, "", []string{d.say("not-read")})
	}
	d.fields(b, r.Fields, 0)
	d.findings(r.Findings)
}

// fields prints fields depth levels below the packet.
func (d dump) fields(b []byte, fields []annotate.Field, depth int) {
	for i := range fields {
		f := &fields[i]
		colour := groupColours[f.Group]
		from, to := min(f.Offset, len(b)), min(f.Offset+f.Length, len(b))
		lines := []string{d.line(f, b[from:to], depth)}
		if f.Math != "" && f.Text != f.Math {
			lines = append(lines, strings.Repeat("  ", depth+1)+d.paint(dim, safe(f.Math)))
		}
		switch {
		case f.Bits != nil && from < to:
			lines = lines[:1] // a bit's arithmetic is what the pattern shows
			fmt.Fprintf(d.w, "      %s  %s\n", d.paint(colour, fmt.Sprintf("%-*s", hexWidth, pattern(b[from], *f.Bits))), lines[0])
		case len(f.Fields) > 0 && f.Length > 1:
			fmt.Fprintf(d.w, "%*s%s\n", treeStart, "", lines[0]) // its children show the bytes
		default:
			d.rows(f.Offset, b[from:to], colour, lines)
		}
		d.fields(b, f.Fields, depth+1)
	}
}

// line is a field's name, value and meaning. b is the field's bytes.
func (d dump) line(f *annotate.Field, b []byte, depth int) string {
	var s strings.Builder
	s.WriteString(strings.Repeat("  ", depth))
	s.WriteString(f.Label)
	v := value(f, b)
	text, repeats := strings.CutPrefix(f.Text, v)
	if v != "" {
		s.WriteString(d.say("value") + d.paint(bold, v))
	}
	switch {
	case text == "":
	case v != "" && repeats: // the meaning goes on from the value
		s.WriteString(safe(text))
	default:
		s.WriteString(d.paint(dim, " · ") + safe(text))
	}
	if f.Cut {
		s.WriteString(d.paint(severityColours[annotate.Error], " · "+d.say("cut")))
	}
	return s.String()
}

// value is a field's value in one line. That of binary data is the hex that
// stands beside it already.
func value(f *annotate.Field, b []byte) string {
	switch v := f.Value.(type) {
	case nil:
		return ""
	case string:
		if len(b) > 0 && v == hex.EncodeToString(b) {
			return ""
		}
		return "“" + annotate.Visible(v) + "”"
	default:
		return fmt.Sprint(v)
	}
}

// pattern draws the bits of a byte that a field takes: "0001 ....".
func pattern(b byte, bits [2]int) string {
	var s strings.Builder
	for bit := 7; bit >= 0; bit-- {
		switch {
		case bit > bits[0] || bit < bits[1]:
			s.WriteByte('.')
		default:
			s.WriteByte('0' + b>>bit&1)
		}
		if bit == 4 {
			s.WriteByte(' ')
		}
	}
	return s.String()
}

// rows prints bytes, some to a line, with lines of text beside them.
func (d dump) rows(offset int, b []byte, colour string, lines []string) {
	rows := (len(b) + rowBytes - 1) / rowBytes
	shown := min(rows, mostRows)
	for i := range max(shown, len(lines)) {
		place, bytes, text := "    ", "", ""
		if i < shown {
			place = fmt.Sprintf("%04x", offset+i*rowBytes)
			bytes = fmt.Sprintf("% x", b[i*rowBytes:min((i+1)*rowBytes, len(b))])
		}
		if i < len(lines) {
			text = lines[i]
		}
		line := d.paint(dim, place) + "  " + d.paint(colour, fmt.Sprintf("%-*s", hexWidth, bytes)) + "  " + text
		fmt.Fprintln(d.w, strings.TrimRight(line, " "))
	}
	if rows > shown {
		fmt.Fprintf(d.w, "      %s\n", d.paint(dim, d.say("more", "bytes", d.bytes(len(b)-shown*rowBytes))))
	}
}

func (d dump) findings(findings []annotate.Finding) {
	for i := range findings {
		d.finding(&findings[i])
		if r := findings[i].Repair; r != nil {
			fmt.Fprintf(d.w, "  %s\n", d.say("repair", "text", safe(r.Text)))
			fmt.Fprintf(d.w, "  %s\n", clip(r.Hex, 160))
		}
	}
}

// finding prints a finding in one line.
func (d dump) finding(f *annotate.Finding) {
	where := d.say("at", "offset", strconv.Itoa(f.Offset))
	if f.Length > 1 {
		where = d.say("from-to", "from", strconv.Itoa(f.Offset), "to", strconv.Itoa(f.Offset+f.Length-1))
	}
	rule := ""
	if f.Rule != "" {
		rule = " [" + f.Rule + "]"
	}
	fmt.Fprintf(d.w, "%s%s %s\n", d.paint(severityColours[f.Severity], d.say("severity."+string(f.Severity))), rule, d.say("finding", "where", where, "text", safe(f.Text)))
}

// safe keeps what came from the wire from acting on the terminal: texts of
// the catalogue may quote it.
func safe(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return ' '
		}
		if r < 0x20 || (r >= 0x7f && r < 0xa0) || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) {
			return '\uFFFD'
		}
		return r
	}, s)
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + "…"
}
