package annotate

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
)

// MaxPackets is the most packets that one Document holds; what follows them
// is its Rest.
const MaxPackets = 1000

// Bytes explains a run of Control Packets, such as one direction of a
// connection. Without o.Version the version is that of the CONNECT before a
// packet, or the one under which most packets read well.
func Bytes(b []byte, o Options) Document {
	d := Document{
		Source:  Source{Format: "bytes", Bytes: len(b), Skipped: []Skipped{}},
		Packets: []Packet{},
	}
	o.mends = allowMends()
	run := newRun(&d, o)
	run.add(b, 0, true)
	run.finish()
	return d
}

// allowMends returns how often a repair may be looked for in one document,
// so that a hostile one costs no more than a person's.
func allowMends() *int {
	n := 40
	return &n
}

// run fills a Document.
type run struct {
	doc     *Document
	o       Options
	version packet.Version // that of the CONNECT before, or that of the options
	flow    *flow.Input
}

func newRun(d *Document, o Options) run {
	return run{doc: d, o: o, version: o.Version, flow: flow.NewInput(flow.Options{Version: o.Version, Whole: o.Whole, Connected: o.Connected})}
}

// add explains the packets of b, which begins at offset at of the input. The
// last packet, if it is not whole, becomes the Rest if b is the last run, and
// a packet with a finding otherwise.
func (run *run) add(b []byte, at int, last bool) {
	frames, rest := split(b)
	guessed, why := packet.Version(0), ""
	if run.version == 0 {
		guessed, why = chooseVersion(frames, run.o)
		if len(frames) == 0 && len(rest) > 0 {
			guessed, why = chooseVersion([][]byte{rest}, run.o)
		}
	}
	offset := at
	for _, frame := range frames {
		if len(run.doc.Packets) == MaxPackets {
			run.doc.Rest = &Rest{Offset: offset, Length: at + len(b) - offset, Hex: "",
				Why: run.say("rest.too_many", "packets", decimal(MaxPackets))}
			return
		}
		r := run.read(frame, guessed)
		result := run.follow(r)
		p := r.annotate()
		p.Index, p.Offset = len(run.doc.Packets), offset
		p.VersionWhy = run.versionWhy(r, why)
		r.join(&p, result)
		if run.version == 0 {
			p.Alternatives = r.alternatives(p, run.o)
		}
		if r.kind() == packet.CONNECT {
			if _, ok := r.span(packet.FieldProtocolLevel); ok && run.o.Version == 0 {
				run.version = r.version
			}
		}
		offset += len(frame)
		run.doc.Packets = append(run.doc.Packets, p)
		if r.lengthMisread(b[offset-at-len(frame):], &run.doc.Packets[len(run.doc.Packets)-1]) {
			run.doc.Rest = run.untrusted(b[offset-at:], offset)
			return
		}
	}
	if len(rest) == 0 {
		return
	}
	r := run.read(rest, guessed)
	if last {
		run.doc.Rest = run.rest(r, offset)
		run.mendRest(b[:len(b)-len(rest)], rest)
		return
	}
	result := run.follow(r)
	p := r.annotate()
	p.Index, p.Offset = len(run.doc.Packets), offset
	p.VersionWhy = run.versionWhy(r, why)
	r.join(&p, result)
	p.Findings = append([]Finding{{Severity: Error, Code: "incomplete", Offset: len(rest), Text: r.restWhy()}}, p.Findings...)
	run.doc.Packets = append(run.doc.Packets, p)
}

func (run *run) say(key string, args ...string) string {
	return (&reading{lang: run.o.Lang}).say(key, args...)
}

func (run *run) read(b []byte, guessed packet.Version) *reading {
	v := run.version
	if v == 0 {
		v = guessed
	}
	return read(b, v, run.o)
}

func (run *run) versionWhy(r *reading, why string) string {
	if run.version != 0 && run.o.Version == 0 {
		why = "version.before"
	}
	return r.versionWhy(why, run.o)
}

// split cuts b into whole packets and what is left.
func split(b []byte) (frames [][]byte, rest []byte) {
	for len(b) > 0 && len(frames) <= MaxPackets {
		n, err := packet.Size(b)
		if err != nil || n == 0 || n > len(b) {
			break
		}
		frames = append(frames, b[:n:n])
		b = b[n:]
	}
	return frames, b
}

// rest explains what follows the last whole packet.
func (run *run) rest(r *reading, offset int) *Rest {
	if isLineEnd(r.b) { // begins no packet, so has no fields to show and breaks no rule
		return &Rest{Offset: offset, Length: len(r.b), Why: r.restWhy(), Hex: hex.EncodeToString(r.b)}
	}
	return &Rest{
		Offset:   offset,
		Length:   len(r.b),
		Why:      r.restWhy(),
		Type:     r.kind().String(),
		Hex:      hex.EncodeToString(r.b),
		Fields:   r.fields(),
		Findings: r.findings(),
	}
}

// restWhy says why the bytes are no whole packet.
func (r *reading) restWhy() string {
	if isLineEnd(r.b) {
		return r.say("rest.line_end", "bytes", hexBytes(r.b))
	}
	size, err := packet.Size(r.b)
	first := fmt.Sprintf("0x%02X", r.b[0])
	switch {
	case err != nil:
		return r.say("rest.length")
	case size > len(r.b):
		return r.say("rest.missing", "type", r.kind().String(), "bytes", decimal(size), "missing", decimal(size-len(r.b)), "have", decimal(len(r.b)))
	case r.kind() == 0:
		return r.say("rest.reserved", "first", first)
	}
	if want, fixed := r.kind().Flags(); fixed && r.b[0]&15 != want {
		return r.say("rest.flags", "first", first, "type", r.kind().String(), "flags", fmt.Sprintf("%04b", r.b[0]&15), "right", fmt.Sprintf("%04b", want))
	}
	return r.say("rest.header", "first", first, "type", r.kind().String())
}

// isLineEnd says whether b is what terminals and modems put behind data:
// Ctrl+Z, carriage return, line feed.
func isLineEnd(b []byte) bool {
	return len(b) <= 4 && len(bytes.Trim(b, "\x1a\r\n")) == 0
}

// mendRest looks for one repair that makes one packet of the last packet and
// the rest behind it, or of the rest alone, and offers it at the rest.
func (run *run) mendRest(before, rest []byte) {
	if isLineEnd(rest) {
		return
	}
	packets := run.doc.Packets
	offer := func(b []byte, why string) bool {
		repair := (&reading{lang: run.o.Lang, version: run.version, mends: run.o.mends}).searchFor(b)
		if repair != nil {
			run.doc.Rest.Findings = append(run.doc.Rest.Findings, Finding{
				Severity: Error, Code: why, Offset: 0, Length: len(rest), Text: run.say("finding."+why, "bytes", hexBytes(rest[:min(len(rest), 8)])),
				Repair: repair,
			})
		}
		return repair != nil
	}
	if len(before) == 0 {
		offer(rest, "not-whole")
		return
	}
	if len(packets) == 1 && packets[0].Type == packet.Type(0).String() {
		if whole := slices.Concat(before, rest); len(whole) < 128 {
			whole[1] += byte(len(rest))
			if (&reading{b: whole}).prefixedString() != "" {
				run.doc.Rest.Findings = append(run.doc.Rest.Findings, Finding{
					Severity: Error, Code: "left-over", Length: len(rest), Text: run.say("finding.left-over", "bytes", hexBytes(rest)),
					Repair: &Repair{Hex: hex.EncodeToString(whole), Text: run.say("repair.string", "length", decimal(int(whole[1])), "text", quote(whole[2:]))},
				})
				return
			}
		}
	}
	if p := packets[len(packets)-1]; len(rest) <= 16 {
		if offer(slices.Concat(before[len(before)-p.Length:], rest), "left-over") {
			return
		}
	}
	if len(packets) == 1 && packets[0].Length < 16 && offer(slices.Concat(before, rest), "left-over") {
		return // a fixed header so wrong that it cut the packet in pieces
	}
	offer(rest, "not-whole")
}

// lengthMisread recognises a Remaining Length that was written as two plain
// bytes (8C 00 for 140): if the packet reads well with that length, it says
// so in the finding and reports true.
func (r *reading) lengthMisread(tail []byte, p *Packet) bool {
	s, ok := r.span(packet.FieldRemainingLength)
	if !ok || s.Length != 2 || tail[2] != 0 {
		return false
	}
	meant := int(tail[1])
	if len(tail) < 3+meant {
		return false
	}
	fixed := slices.Concat(packet.AppendVarint(tail[:1:1], meant), tail[3:3+meant])
	d := packet.Decoder{Version: r.version}
	if _, err := d.Decode(fixed); err != nil {
		return false
	}
	for i := range p.Findings {
		if p.Findings[i].Code == packet.RemainingLengthNotMinimal.String() {
			p.Findings[i].Repair = &Repair{Hex: hex.EncodeToString(fixed), Text: r.say("repair.length_misread",
				"value", decimal(meant), "hex", hexBytes(packet.AppendVarint(nil, meant)))}
		}
	}
	return true
}

func (run *run) untrusted(b []byte, offset int) *Rest {
	if len(b) == 0 {
		return nil
	}
	key := "rest.untrusted"
	if bytes.HasSuffix(b, []byte{0x1a, '\r', '\n'}) {
		key = "rest.untrusted.modem"
	}
	return &Rest{Offset: offset, Length: len(b), Why: run.say(key), Hex: hex.EncodeToString(b)}
}

func decimal(n int) string { return strconv.Itoa(n) }
