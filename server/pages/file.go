package pages

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/reading"
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
	fileLinks   = 8 // of a packet, and as many findings beside its own
	fileTime    = limits.RequestTimeout - 4*time.Second
	fileTurns   = 2  // files that are worked at; others wait for their turn, so that the benches go on
	filesAtOnce = 32 // that are there, whole or in part
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
			err = refusal(http.StatusRequestEntityTooLarge, "long-text")
		}
		return nil, string(text), err
	}
	ctx, cancel := context.WithTimeout(ctx, fileTime)
	defer cancel()
	(&lister{view: view, ask: ask, filter: f, reading: reading.New(ask.version), conns: map[int]int{}, rows: map[int]int{}}).read(ctx, whole)
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
	view    *web.Capture
	ask     fileRequest
	filter  *filter.Filter
	reading *reading.Reading
	conns   map[int]int // in view.Conns, by their number; -1: not named
	rows    map[int]int // in view.Rows, by the packet's index
}

func (l *lister) read(ctx context.Context, file io.Reader) {
	reader := capture.NewReader(file, capture.Options{})
	for record := range reader.Records() {
		step := l.reading.Take(record)
		switch record.Kind {
		case capture.Open:
			l.connection(record)
		case capture.Packet, capture.Part:
			l.packet(&step)
		case capture.Close:
			delete(l.conns, record.Conn)
			l.late(step.Late)
		case capture.Note:
			if len(l.view.Notes) < fileNotes {
				l.view.Notes = append(l.view.Notes, reading.Text(record, l.ask.lang))
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
		l.view.Problem = textOf(err, l.ask.lang)
	}
}

// connection returns the place of a connection in view.Conns, -1 if it has none.
func (l *lister) connection(record *capture.Record) int {
	row, ok := l.conns[record.Conn]
	if !ok {
		row = -1
		if len(l.view.Conns) < fileConns {
			row = len(l.view.Conns)
			l.view.Conns = append(l.view.Conns, web.CaptureConn{N: record.Conn, Stream: record.Stream, Client: address(record), Server: record.Server.String()})
		}
		l.conns[record.Conn] = row
	}
	return row
}

// address names the client: by its port where the address says nothing.
func address(record *capture.Record) string {
	if !record.Client.IsValid() {
		return "–"
	}
	return record.Client.String()
}

func (l *lister) packet(step *reading.Step) {
	record := &step.Record
	if len(record.Bytes) == 0 {
		return
	}
	l.view.Packets++
	if row := l.connection(record); row >= 0 {
		l.view.Conns[row].Packets++
	}
	if step.Index%2048 == 0 && len(l.conns) > fileConns {
		l.reading.Forget()
	}
	full := len(l.view.Rows) >= filePackets
	if full && l.ask.filter == "" {
		l.view.Matched++
		return
	}
	p := step.Explain(l.ask.lang)
	if !l.filter.Match(step.View(p)) {
		return
	}
	l.view.Matched++
	if full {
		return
	}
	row := web.CaptureRow{
		Index: step.Index, Frame: record.Frame, Conn: record.Conn, Client: address(record), From: step.Sender().String(),
		Type: p.Type, Summary: strings.Clone(p.Summary), Version: p.Version, Topic: aliased(step),
	}
	if !record.Time.IsZero() {
		row.Time = fmt.Sprintf("%.6f", step.Since.Seconds())
	}
	for i := range p.Findings {
		row.Find(p.Findings[i].Severity)
	}
	for _, link := range p.Links[:min(len(p.Links), fileLinks)] {
		row.Flow = append(row.Flow, web.CaptureFlow{To: link.To, Text: link.Text})
	}
	for _, f := range step.Result.Findings[:min(len(step.Result.Findings), fileLinks)] {
		if f.Severity == flow.Note {
			continue // too little for a list
		}
		said := annotate.Late(flow.Late{Finding: f}, l.ask.lang)
		row.Flow = append(row.Flow, web.CaptureFlow{To: -1, Finding: &said})
	}
	if hex.EncodedLen(len(record.Bytes)) <= fileHex {
		row.Hex = hex.EncodeToString(record.Bytes)
	}
	l.rows[step.Index] = len(l.view.Rows)
	l.view.Rows = append(l.view.Rows, row)
}

// aliased is the topic of a PUBLISH that names it by its alias only.
func aliased(step *reading.Step) string {
	for _, link := range step.Result.Links {
		if link.Kind == flow.AliasUsed {
			return step.Result.Topic
		}
	}
	return ""
}

// late adds what became known of earlier packets when their connection ended.
func (l *lister) late(list []flow.Late) {
	for _, late := range list {
		at, listed := l.rows[late.Index]
		if !listed {
			continue
		}
		said := annotate.Late(late, l.ask.lang)
		row := &l.view.Rows[at]
		row.Find(said.Severity)
		row.Flow = append(row.Flow, web.CaptureFlow{To: -1, Finding: &said})
	}
}
