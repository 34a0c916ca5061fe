package web

import (
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Capture is a file of packets as the decode page lists it.
type Capture struct {
	Name    string
	Format  string
	Lang    spec.Lang
	Filter  string
	Mistake *filter.Error // in Filter; nothing was read then

	Packets int // in the file
	Frames  int
	Matched int // that pass the filter
	Late    bool
	Big     bool
	Problem string // why the file was not read to its end
	Conns   []CaptureConn
	Rows    []CaptureRow
	Notes   []string
}

// CaptureConn is a connection of a capture.
type CaptureConn struct {
	N              int // from 1
	Stream         int // as Wireshark numbers it
	Client, Server string
	Packets        int
}

// CaptureRow is a packet of a capture. Hex is empty where it is too long to be
// kept on the page.
type CaptureRow struct {
	Index    int // among the file's packets, from 0
	Frame    int
	Time     string
	Conn     int
	Client   string
	From     string
	Type     string
	Summary  string
	Topic    string            // that its Topic Alias stands for
	Severity annotate.Severity // of the worst finding
	Findings int
	Flow     []CaptureFlow
	Version  string
	Hex      string
}

// afterType is the summary without the type's name.
func (r CaptureRow) afterType() string {
	pv := packetView{Packet: annotate.Packet{Type: r.Type, Summary: r.Summary}}
	return pv.afterType()
}

// CaptureFlow is what other packets say of one: a link to an earlier packet,
// or a finding.
type CaptureFlow struct {
	To      int // index of the other packet
	Text    string
	Finding *annotate.Finding
}

// Find counts a finding.
func (r *CaptureRow) Find(s annotate.Severity) {
	rank := map[annotate.Severity]int{annotate.Note: 1, annotate.Warning: 2, annotate.Error: 3}
	if rank[s] > rank[r.Severity] {
		r.Severity = s
	}
	if s != annotate.Note {
		r.Findings++
	}
}

func (r CaptureRow) id() string { return captureID(r.Index) }

func captureID(index int) string { return "file-packet-" + strconv.Itoa(index) }

// other returns the link to the packet that a flow names, "" if that is not
// listed or is this packet itself.
func (c Capture) other(r CaptureRow, f CaptureFlow) templ.SafeURL {
	if f.To < 0 || f.To == r.Index || !c.lists(f.To) {
		return ""
	}
	return templ.SafeURL("#" + captureID(f.To))
}

// lists says whether a packet is among the rows, which are in order.
func (c Capture) lists(index int) bool {
	_, found := slices.BinarySearchFunc(c.Rows, index, func(r CaptureRow, index int) int { return r.Index - index })
	return found
}

func (r CaptureRow) version() packet.Version {
	v, _ := packet.ParseVersion(r.Version)
	return v
}

func (r CaptureRow) arrow() string {
	switch r.From {
	case "client":
		return "→"
	case "server":
		return "←"
	}
	return "·"
}

func (r CaptureRow) link() templ.SafeURL { return decodeLink(r.Hex, r.Version) }

func (c Capture) origin(r CaptureRow) string {
	return say(c.Lang, "file.origin", "frame", strconv.Itoa(r.Frame), "conn", strconv.Itoa(r.Conn))
}

// stream is the filter for one connection.
func (c CaptureConn) stream() string { return "tcp.stream == " + strconv.Itoa(c.Stream) }

// mistakeParts cuts the filter at its mistake: before, at, behind.
func (c Capture) mistakeParts() [3]string {
	from := min(max(c.Mistake.Offset, 0), len(c.Filter))
	to := min(from+max(c.Mistake.Length, 0), len(c.Filter))
	return [3]string{c.Filter[:from], c.Filter[from:to], c.Filter[to:]}
}
