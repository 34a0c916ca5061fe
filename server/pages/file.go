package pages

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/limits"
	"mqttlab/web"
)

// What of a file is read, and what of that the page gets.
const (
	fileBytes   = 64 << 20
	filePackets = 2000 // listed
	fileHex     = 4000 // digits of a packet that can be opened
	fileConns   = 1000 // named
	fileNotes   = 100
	fileTime    = limits.RequestTimeout - 4*time.Second
	filesAtOnce = 2 // more wait for their turn, so that the benches go on
)

// fileRequest is a file that somebody opened on the decode page.
type fileRequest struct {
	name    string
	filter  string
	version packet.Version // 0: found out
	lang    spec.Lang
}

// readFile reads a capture, or a file of packets; of a text it returns the
// text, which is then decoded as if it had been pasted.
func readFile(ctx context.Context, file io.Reader, ask fileRequest) (*web.Capture, string, error) {
	view := &web.Capture{Name: ask.name, Filter: ask.filter, Lang: ask.lang}
	f, err := filter.Parse(ask.filter)
	if err != nil {
		errors.As(err, &view.Mistake)
		return view, "", nil
	}
	bounded := &io.LimitedReader{R: file, N: fileBytes + 1}
	prefix := make([]byte, capture.DetectBytes)
	n, err := io.ReadFull(bounded, prefix)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, "", err
	}
	prefix = prefix[:n]
	whole := io.MultiReader(bytes.NewReader(prefix), bounded)
	if capture.Detect(prefix) == capture.Unknown && isText(prefix) {
		text, err := io.ReadAll(io.LimitReader(whole, limits.BodyBytes+1))
		if err == nil && len(text) > limits.BodyBytes {
			err = &Error{Status: 413, Title: "That is too much text at once", Detail: "A text holds at most 1 MiB.", Mend: "Open a part of it, or use mqttlab decode."}
		}
		return nil, string(text), err
	}
	ctx, cancel := context.WithTimeout(ctx, fileTime)
	defer cancel()
	(&lister{view: view, ask: ask, filter: f, conns: map[int]*connection{}}).read(ctx, whole)
	view.Big = bounded.N <= 0
	return view, "", nil
}

// isText says whether a file's beginning is text; its last rune may be cut.
func isText(b []byte) bool {
	for cut := 0; cut < utf8.UTFMax && cut <= len(b); cut++ {
		if utf8.Valid(b[:len(b)-cut]) {
			return len(b) > 0 && !bytes.ContainsRune(b, 0)
		}
	}
	return false
}

// lister makes the list of a capture's packets.
type lister struct {
	view   *web.Capture
	ask    fileRequest
	filter *filter.Filter
	conns  map[int]*connection
	first  time.Time
}

type connection struct {
	version packet.Version
	row     int // in view.Conns; -1: not named
}

func (l *lister) read(ctx context.Context, file io.Reader) {
	reader := capture.NewReader(file, capture.Options{})
	for record := range reader.Records() {
		if l.first.IsZero() {
			l.first = record.Time
		}
		switch record.Kind {
		case capture.Open:
			l.connection(record)
		case capture.Packet, capture.Part:
			l.packet(record)
		case capture.Close:
			delete(l.conns, record.Conn)
		case capture.Note:
			if len(l.view.Notes) < fileNotes {
				l.view.Notes = append(l.view.Notes, record.Text())
			}
		}
		if l.view.Packets%256 == 0 && ctx.Err() != nil {
			l.view.Late = true
			break
		}
	}
	l.view.Frames = reader.Stats().Frames
	l.view.Format = reader.Format().String()
	if err := reader.Err(); err != nil && !l.view.Late {
		l.view.Problem = err.Error()
	}
}

func (l *lister) connection(record *capture.Record) *connection {
	c := l.conns[record.Conn]
	if c == nil {
		c = &connection{version: l.ask.version, row: -1}
		l.conns[record.Conn] = c
		if len(l.view.Conns) < fileConns {
			c.row = len(l.view.Conns)
			l.view.Conns = append(l.view.Conns, web.CaptureConn{N: record.Conn, Client: address(record), Server: record.Server.String()})
		}
	}
	return c
}

// address names the client: by its port where the address says nothing.
func address(record *capture.Record) string {
	if !record.Client.IsValid() {
		return "–"
	}
	return record.Client.String()
}

func (l *lister) packet(record *capture.Record) {
	if len(record.Bytes) == 0 {
		return
	}
	c := l.connection(record)
	l.view.Packets++
	if c.row >= 0 {
		l.view.Conns[c.row].Packets++
	}
	full := len(l.view.Rows) >= filePackets
	opens := packet.Type(record.Bytes[0]>>4) == packet.CONNECT && l.ask.version == 0
	if full && l.ask.filter == "" && !opens {
		l.view.Matched++
		return
	}
	options := annotate.Options{Version: c.version, Sender: record.From, Lang: l.ask.lang}
	if opens {
		options.Version = 0 // it says so itself
	}
	p := annotate.One(record.Bytes, options)
	if v, ok := packet.ParseVersion(p.Version); ok && opens {
		c.version = v
	}
	since := record.Time.Sub(l.first).Seconds()
	if !l.filter.Match(filter.View{
		Packet: &p, Bytes: record.Bytes, Number: uint64(record.Frame), Time: since,
		Stream: record.Conn - 1, Sender: record.From, Client: record.Client, Server: record.Server,
	}) {
		return
	}
	l.view.Matched++
	if full {
		return
	}
	row := web.CaptureRow{
		Frame: record.Frame, Conn: record.Conn, Client: address(record), From: record.From.String(),
		Type: p.Type, Summary: strings.Clone(p.Summary), Version: p.Version,
	}
	if !record.Time.IsZero() {
		row.Time = fmt.Sprintf("%.6f", since)
	}
	if len(p.Findings) > 0 {
		row.Severity = p.Findings[0].Severity
	}
	if hex.EncodedLen(len(record.Bytes)) <= fileHex {
		row.Hex = hex.EncodeToString(record.Bytes)
	}
	l.view.Rows = append(l.view.Rows, row)
}
