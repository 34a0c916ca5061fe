package main

import (
	"bufio"
	"bytes"
	"context"
	"runtime/debug"
	"time"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/reading"
	"mqttlab/mqttcore/spec"
)

// memoryGoal makes the collector work harder before the process takes more
// than 64 MiB: the heap's share of it, with the program's own pages left out.
const memoryGoal = 44 << 20

// garbageGoal lets more garbage gather than usual, in percent of what is in
// use: that is little, and memoryGoal bounds it.
const garbageGoal = 300

// seen is a packet of a capture, ready to be shown.
type seen struct {
	reading.Step // its bytes are a copy
	summary      string
	// explained is nil where the report needs no more than the summary.
	explained *annotate.Packet
	broken    bool   // explained, and found to break a rule
	lines     []byte // what the report's render made of it and of packets behind it
}

// report shows a capture.
type report interface {
	begin(*source)
	// renders says whether the report prepares packets by render. Then packet
	// finds what render made in seen, and neither summary nor explanation.
	renders() bool
	// render appends the line of the packet that the worker's explainer has
	// read, beside other workers and out of order.
	render([]byte, *seen, *worker) []byte
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
// packets into words, is done for a batch at a time on all processors, while
// the next is read.
type stream struct {
	options decodeOptions
	report  report
	whole   bool // the report wants every packet explained in full
	reading *reading.Reading
	batch   *batch // being read
	worded  *batch // the one before, being put into words; nil at first
	workers []*worker
	shown   int
	forgot  int
	status  int
}

// decodeStream shows a source as a capture and returns the exit status.
func decodeStream(ctx context.Context, s *source, o decodeOptions, std streams) int {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(memoryGoal))
	defer debug.SetGCPercent(debug.SetGCPercent(garbageGoal))
	bar := newProgress(s, std)
	st := &stream{options: o, batch: new(batch), reading: reading.New(o.version), whole: o.json || o.verbose || o.lang != spec.English}
	var w *bufio.Writer
	if o.json {
		w = bufio.NewWriterSize(bar.over(std.out), 16<<10) // less than a portion's lines, which need no copy then
		st.report = &jsonReport{w: w, lang: o.lang}
	} else {
		w = bufio.NewWriterSize(bar.over(std.out), 64<<10)
		st.report = &lineReport{w: w, paint: painter(std.out), options: o}
	}
	s.before = func() {
		if s.size == 0 { // no file, so what is decoded is shown before more is waited for
			st.drain()
			w.Flush()
		}
		bar.show()
	}
	st.report.begin(s)
	ro := capture.Options{}
	if s.format == capture.Raw && !s.zeros { // else a disk image would be millions of packets
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
		err = wrong("interrupted")
	}
	st.report.end(total{s.name, r.Format(), r.Stats(), st.reading.Packets(), st.shown, st.forgot, err})
	if flushed := w.Flush(); err == nil {
		err = flushed
	}
	if err != nil {
		return fail(std, "decode", because(err, "file", "name", s.name))
	}
	return st.status
}

func (st *stream) record(rec *capture.Record) {
	i := st.next(len(rec.Bytes))
	st.reading.TakeInto(&i.Step, rec)
	i.kind = isEvent
	switch rec.Kind {
	case capture.Packet, capture.Part:
		if len(rec.Bytes) == 0 {
			st.batch.drop()
			return
		}
		if i.Index%2048 == 0 {
			st.forgot += forget(st.reading)
		}
		i.kind = isPacket
		i.full = st.whole || st.options.filter != nil || i.Packet == nil || !plain(i.Packet) || len(i.Result.Findings) > 0
	case capture.Note:
		if rec.Code == capture.LengthUnread || rec.Transport == capture.File {
			st.status = exitFindings // no packet can look like that
		}
	case capture.Close:
		if step := i.Step; len(step.Late) > 0 {
			st.batch.drop()
			for n := range step.Late {
				st.add(item{kind: isLate, seen: seen{Step: step}, late: &step.Late[n]})
			}
			st.add(item{kind: isEvent, seen: seen{Step: step}})
			return
		}
	}
	st.batch.own(i)
}

func (st *stream) add(x item) {
	i := st.next(len(x.Record.Bytes))
	*i = x
	st.batch.own(i)
}

// judge lets the exit status say that a rule is broken.
func (st *stream) judge(broken bool) {
	if broken {
		st.status = exitFindings
	}
}

// breaks says whether one of the findings is that a rule is broken.
func breaks(findings []annotate.Finding) bool {
	for i := range findings {
		if findings[i].Severity == annotate.Error {
			return true
		}
	}
	return false
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
