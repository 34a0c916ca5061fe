package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"runtime/debug"
	"time"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// memoryGoal makes the collector work harder before the process takes more
// than 64 MiB: the heap's share of it, with the program's own pages left out.
const memoryGoal = 44 << 20

// seen is a packet of a capture, ready to be shown.
type seen struct {
	rec     capture.Record // its bytes are a copy
	index   int            // counts the file's packets from 0; links name it
	since   time.Duration  // from the first frame that tells something
	version packet.Version
	summary string
	client  string // its Client Identifier, where the CONNECT was seen
	result  flow.Result
	// explained is nil where the report needs no more than the summary.
	explained *annotate.Packet
	line      []byte // what the report's render made
}

// report shows a capture.
type report interface {
	begin(*source)
	// render prepares a packet's line, if the report can do that beside other
	// packets and out of order; packet finds it in seen.
	render(*seen) []byte
	packet(*seen)
	event(rec *capture.Record, since time.Duration) // an Open, Close or Note
	late(flow.Late, *capture.Record)
	end(total)
}

// total is the sum of a capture.
type total struct {
	name    string
	format  capture.Format
	stats   capture.Stats
	packets int // seen
	shown   int // that the filter lets pass
	forgot  int // connections whose past was dropped to save memory
	err     error
}

// stream decodes a capture record by record. What may take long, putting
// packets into words, is done for a batch at a time on all processors.
type stream struct {
	options decodeOptions
	report  report
	whole   bool // the report wants every packet explained in full
	conns   map[int]*followed
	first   time.Time
	batch   batch
	index   int
	shown   int
	forgot  int
	status  int
}

// decodeStream shows a source as a capture and returns the exit status.
func decodeStream(ctx context.Context, s *source, o decodeOptions, std streams) int {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(memoryGoal))
	bar := newProgress(s, std)
	w := bufio.NewWriterSize(bar.over(std.out), 64<<10)
	st := &stream{options: o, conns: map[int]*followed{}, whole: o.json || o.verbose || o.lang != spec.English}
	if o.json {
		st.report = &jsonReport{w: w, lang: o.lang}
	} else {
		st.report = &lineReport{w: w, paint: painter(std.out), options: o}
	}
	s.before = func() {
		st.drain()
		w.Flush() // what is decoded is shown before more is waited for
		bar.show()
	}
	st.report.begin(s)
	ro := capture.Options{}
	if s.format == capture.Raw {
		ro.Format = capture.Raw
	}
	r := capture.NewReader(s.in, ro)
	for rec := range r.Records() {
		st.record(rec)
		if ctx.Err() != nil {
			break
		}
	}
	st.drain()
	bar.clear()
	err := r.Err()
	if ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	st.report.end(total{s.name, r.Format(), r.Stats(), st.index, st.shown, st.forgot, err})
	if flushed := w.Flush(); err == nil {
		err = flushed
	}
	if err != nil {
		return fail(std, "decode", "%s: %v", s.name, err)
	}
	return st.status
}

func (st *stream) record(rec *capture.Record) {
	if st.first.IsZero() {
		st.first = rec.Time
	}
	f := st.conns[rec.Conn]
	if f == nil && rec.Conn != 0 {
		f = &followed{version: st.options.version, given: st.options.version != 0}
		st.conns[rec.Conn] = f
	}
	switch rec.Kind {
	case capture.Packet, capture.Part:
		st.packet(f, rec)
		return
	case capture.Note:
		if f != nil && loses[rec.Code] {
			f.lost()
		}
		if rec.Code == capture.LengthUnread || rec.Transport == capture.File {
			st.status = exitFindings // no packet can look like that
		}
	case capture.Close:
		delete(st.conns, rec.Conn)
		if f.flow != nil {
			for _, late := range f.flow.End() {
				st.push(item{kind: isLate, late: late}, rec)
			}
		}
	}
	st.push(item{kind: isEvent}, rec)
}

// loses are the notes after which bytes of a connection are missing.
var loses = map[capture.Code]bool{
	capture.PickedUp: true, capture.NotPickedUp: true, capture.SidesGuessed: true, capture.Lost: true,
	capture.CutBySnaplen: true, capture.Jump: true, capture.LengthUnread: true, capture.TooLong: true,
	capture.Incomplete: true, capture.Evicted: true, capture.WSCompressed: true,
}

func (st *stream) packet(f *followed, rec *capture.Record) {
	if len(rec.Bytes) == 0 {
		return
	}
	p, version, why, err := f.reads(rec.Bytes)
	if f.flow == nil {
		f.begin(rec)
	}
	x := seen{index: st.index, version: version, client: f.client}
	f.last = st.index
	st.index++
	if rec.Kind == capture.Packet {
		s := flow.Seen{
			Index: x.index, From: rec.From, Packet: p, Type: packet.Type(rec.Bytes[0] >> 4), Version: version, Size: len(rec.Bytes),
			At: rec.Time.UnixNano(), Timed: !rec.Time.IsZero(),
		}
		errors.As(err, &s.Fault)
		x.result = f.flow.See(s)
	}
	if st.index%2048 == 0 {
		st.forgot += forget(st.conns)
	}
	full := st.whole || st.options.filter != nil || err != nil || !plain(p) || len(x.result.Findings) > 0
	st.push(item{kind: isPacket, seen: x, why: why, full: full}, rec)
}

// explain annotates the packet in full.
func (x *seen) explain(why string, l spec.Lang) {
	p := annotate.Followed(x.rec.Bytes, x.result, annotate.Options{Version: x.version, Sender: x.sender(), Lang: l})
	p.Index, p.Offset = x.index, int(x.rec.Offset)
	if why != "" {
		p.VersionWhy = spec.Message(l, why, "version", p.Version)
	}
	if p.Direction == "" {
		p.Direction = x.sender().String()
	}
	x.explained, x.summary = &p, p.Summary
}

// sender is who sent the packet, as the wire or the packets before tell.
func (x *seen) sender() packet.Party {
	if x.rec.From != 0 {
		return x.rec.From
	}
	return x.result.From
}

func (x *seen) view() filter.View {
	return filter.View{
		Packet: x.explained, Bytes: x.rec.Bytes, Number: uint64(x.rec.Frame), Time: x.since.Seconds(),
		Stream: x.rec.Conn - 1, Sender: x.sender(), Client: x.rec.Client, Server: x.rec.Server, Name: x.client,
	}
}

func (st *stream) judge(findings []annotate.Finding) {
	for i := range findings {
		if findings[i].Severity == annotate.Error {
			st.status = exitFindings
		}
	}
}

// plain says whether nothing can be remarked on in a packet that reads well,
// so that its summary will do. What it does not know for certain is not plain.
func plain(p packet.Packet) bool {
	switch p := p.(type) {
	case *packet.Publish:
		if p.Topic == "" || len(p.Properties) > 0 || bytes.IndexByte(p.Payload[:min(len(p.Payload), 2)], 0) >= 0 {
			return false
		}
		for i := range len(p.Topic) {
			if c := p.Topic[i]; c < ' ' || c > '~' || c == '\\' {
				return false
			}
		}
		return p.Topic[0] != '/' && p.Topic[0] != '$'
	case *packet.Ack:
		return p.Code == 0 && len(p.Properties) == 0
	}
	return false
}
