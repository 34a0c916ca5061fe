package main

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/flow"
)

// A batch ends at so many items, or so many bytes of packets.
const (
	batchItems = 256
	batchBytes = 256 << 10
)

// batch is what is to be reported next, in order.
type batch struct {
	items []item
	bytes []byte // of the packets
}

type itemKind uint8

const (
	isPacket itemKind = iota
	isEvent
	isLate
)

type item struct {
	kind itemKind
	seen
	full bool // to be explained, not only summed up
	hide bool // the filter does not let it pass
	late *flow.Late
}

// next adds an item for a record with that many bytes. It may be filled in, and
// is to be made the batch's own, before the next is added.
func (st *stream) next(size int) *item {
	b := &st.batch
	if len(b.items) == batchItems || len(b.items) > 0 && len(b.bytes)+size > batchBytes {
		st.drain()
	}
	if b.items == nil {
		b.items = make([]item, 0, batchItems)
	}
	b.items = b.items[:len(b.items)+1] // drain has cleared them
	return &b.items[len(b.items)-1]
}

// own copies what an item has of its record's bytes and arguments.
func (b *batch) own(i *item) {
	from := len(b.bytes)
	b.bytes = append(b.bytes, i.Record.Bytes...) // when it moves, earlier packets keep the old array
	i.Record.Bytes = b.bytes[from:len(b.bytes):len(b.bytes)]
	i.Record.Args = slices.Clone(i.Record.Args)
	i.Packet = nil // it looks into the old bytes
}

// drop takes back the item added last.
func (b *batch) drop() {
	last := len(b.items) - 1
	b.items[last] = item{}
	b.items = b.items[:last]
}

// drain puts the batch into words and reports it.
func (st *stream) drain() {
	items := st.batch.items
	work := 0
	for i := range items {
		if items[i].kind == isPacket {
			work++
		}
	}
	var next atomic.Int64
	run := func(w *worker) {
		for i := int(next.Add(1)) - 1; i < len(items); i = int(next.Add(1)) - 1 {
			if items[i].kind == isPacket {
				st.word(w, &items[i])
			}
		}
	}
	var others sync.WaitGroup
	most := 1 + min(runtime.GOMAXPROCS(0)-1, work/16)
	for len(st.workers) < most {
		st.workers = append(st.workers, new(worker))
	}
	for _, w := range st.workers[1:most] {
		others.Go(func() { run(w) })
	}
	run(st.workers[0])
	others.Wait()
	for i := range items {
		st.tell(&items[i])
	}
	for _, w := range st.workers {
		w.lines = w.lines[:0]
		if cap(w.lines) > maxLines {
			w.lines = nil
		}
	}
	clear(items)
	st.batch.items, st.batch.bytes = items[:0], st.batch.bytes[:0]
	if cap(st.batch.bytes) > batchBytes {
		st.batch.bytes = nil // one large packet shall not stay in memory
	}
}

// worker is the memory in which one goroutine puts packets into words.
type worker struct {
	explainer annotate.Explainer
	again     again
	lines     []byte // of this batch
}

// maxLines is how much memory for its lines a worker keeps, in bytes.
const maxLines = 2 << 20

// word puts a packet into words.
func (st *stream) word(w *worker, i *item) {
	if !i.full {
		i.summary = annotate.Summary(i.Record.Bytes, i.Version, st.options.lang)
		return
	}
	if !st.report.renders() {
		p := i.Explain(st.options.lang)
		i.explained, i.summary, i.broken = p, p.Summary, breaks(p.Findings)
		if i.hide = st.hides(i, p); i.hide {
			i.explained = nil
		}
		return
	}
	e := &w.explainer
	i.ExplainIn(e, st.options.lang)
	i.broken = breaks(e.Findings())
	if i.hide = st.options.filter != nil && st.hides(i, e.Packet()); i.hide {
		return
	}
	from := len(w.lines)
	w.lines = st.report.render(w.lines, &i.seen, w) // when it moves, earlier lines keep the old array
	i.line = w.lines[from:]
}

// hides says whether the filter does not let a packet pass.
func (st *stream) hides(i *item, p *annotate.Packet) bool {
	return st.options.filter != nil && !st.options.filter.Match(i.View(p))
}

// tell reports an item. With a filter there are only packets.
func (st *stream) tell(i *item) {
	switch {
	case i.hide:
	case i.kind == isPacket:
		st.judge(i.broken)
		st.shown++
		st.report.packet(&i.seen)
	case st.options.filter != nil:
	case i.kind == isEvent:
		st.report.event(&i.Record, i.Since)
	case i.kind == isLate:
		st.judge(annotate.Late(*i.late, st.options.lang).Severity == annotate.Error)
		st.report.late(*i.late, &i.Record)
	}
}
