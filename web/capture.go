package web

import (
	"strconv"

	"github.com/a-h/templ"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/filter"
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
	Client, Server string
	Packets        int
}

// CaptureRow is a packet of a capture. Hex is empty where it is too long to be
// kept on the page.
type CaptureRow struct {
	Frame    int
	Time     string
	Conn     int
	Client   string
	From     string
	Type     string
	Summary  string
	Severity annotate.Severity
	Version  string
	Hex      string
}

// afterType is the summary without the type's name.
func (r CaptureRow) afterType() string {
	pv := packetView{Packet: annotate.Packet{Type: r.Type, Summary: r.Summary}}
	return pv.afterType()
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
func (c CaptureConn) stream() string { return "tcp.stream == " + strconv.Itoa(c.N-1) }

// mistakeParts cuts the filter at its mistake: before, at, behind.
func (c Capture) mistakeParts() [3]string {
	from := min(max(c.Mistake.Offset, 0), len(c.Filter))
	to := min(from+max(c.Mistake.Length, 0), len(c.Filter))
	return [3]string{c.Filter[:from], c.Filter[from:to], c.Filter[to:]}
}
