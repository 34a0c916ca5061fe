package main

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/flow"
)

// A batch ends at so many items, or so many bytes of packets. A worker takes so
// many items at a time as its portion.
const (
	batchItems   = 256
	batchBytes   = 256 << 10
	portionItems = 16
)

// batch is what is to be reported next, in order.
type batch struct {
	items []item
	bytes []byte   // of the packets
	lines [][]byte // of each worker

	next    atomic.Int64   // the portion to be put into words next
	workers sync.WaitGroup // that are at it
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
	b := st.batch
	if len(b.items) == batchItems || len(b.items) > 0 && len(b.bytes)+size > batchBytes {
		st.turn()
		b = st.batch
	}
	if b.items == nil {
		b.items = make([]item, 0, batchItems)
	}
	b.items = b.items[:len(b.items)+1] // clean has cleared them
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

// turn has the batch put into words while the next one is read, and reports
// the one before.
func (st *stream) turn() {
	done := st.worded
	st.finish(done)
	st.worded = st.batch
	st.begin(st.worded)
	if done == nil { // it was the first
		st.batch = new(batch)
		return
	}
	st.tellAll(done)
	done.clean()
	st.batch = done
}

// drain reports all that has been read.
func (st *stream) drain() {
	for range 2 {
		st.turn()
	}
}

// begin lets the workers but the first start with a batch.
func (st *stream) begin(b *batch) {
	work := 0
	for i := range b.items {
		if b.items[i].kind == isPacket {
			work++
		}
	}
	most := 1 + min(runtime.GOMAXPROCS(0)-1, work/portionItems)
	for len(st.workers) < most {
		st.workers = append(st.workers, new(worker))
	}
	for len(b.lines) < most {
		b.lines = append(b.lines, nil)
	}
	for n := 1; n < most; n++ {
		b.workers.Go(func() { st.word(b, n) })
	}
}

// finish helps the workers with a batch, if there is one, until all of it is
// in words.
func (st *stream) finish(b *batch) {
	if b != nil {
		st.word(b, 0)
		b.workers.Wait()
	}
}

// word has worker n put packets into words until none is left.
func (st *stream) word(b *batch, n int) {
	w := st.workers[n]
	w.lines = b.lines[n]
	for {
		from := portionItems * (int(b.next.Add(1)) - 1)
		if from >= len(b.items) {
			break
		}
		st.wordSome(w, b.items[from:min(from+portionItems, len(b.items))])
	}
	b.lines[n], w.lines = w.lines, nil
}

// wordSome puts a portion into words. The first of several packets to be
// reported one behind the other gets the lines of all of them.
func (st *stream) wordSome(w *worker, portion []item) {
	var first *item
	start := 0 // of its lines
	for i := range portion {
		x, end := &portion[i], len(w.lines)
		if x.kind != isPacket {
			first = nil
			continue
		}
		if st.wordOne(w, x); x.hide {
			continue
		}
		if first == nil {
			first, start = x, end
		}
		first.lines = w.lines[start:] // when it moves, earlier lines keep the old array
	}
}

func (st *stream) tellAll(b *batch) {
	for i := range b.items {
		st.tell(&b.items[i])
	}
}

// clean makes a batch that has been reported empty, and lets one large packet
// not stay in memory.
func (b *batch) clean() {
	for n := range b.lines {
		if b.lines[n] = b.lines[n][:0]; cap(b.lines[n]) > maxLines {
			b.lines[n] = nil
		}
	}
	clear(b.items)
	b.items, b.bytes = b.items[:0], b.bytes[:0]
	if cap(b.bytes) > batchBytes {
		b.bytes = nil
	}
	b.next.Store(0)
}

// worker is the memory in which one goroutine puts packets into words.
type worker struct {
	explainer annotate.Explainer
	again     again
	lines     []byte // of the batch
}

// maxLines is how much memory for the lines of a worker a batch keeps, in bytes.
const maxLines = 2 << 20

// wordOne puts a packet into words.
func (st *stream) wordOne(w *worker, i *item) {
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
	w.lines = st.report.render(w.lines, &i.seen, w)
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
