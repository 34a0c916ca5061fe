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
	batchItems = 512
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
	late flow.Late
}

// push adds an item, and copies the bytes and arguments of its record.
func (st *stream) push(i item) {
	rec := &i.Record
	b := &st.batch
	if len(b.items) == batchItems || len(b.items) > 0 && len(b.bytes)+len(rec.Bytes) > batchBytes {
		st.drain()
	}
	from := len(b.bytes)
	b.bytes = append(b.bytes, rec.Bytes...) // when it moves, earlier packets keep the old array
	rec.Bytes = b.bytes[from:len(b.bytes):len(b.bytes)]
	rec.Args = slices.Clone(rec.Args)
	i.Packet = nil // it looks into the old bytes
	b.items = append(b.items, i)
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
	run := func() {
		for i := int(next.Add(1)) - 1; i < len(items); i = int(next.Add(1)) - 1 {
			if items[i].kind == isPacket {
				st.word(&items[i])
			}
		}
	}
	var others sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0)-1, work/16) {
		others.Go(run)
	}
	run()
	others.Wait()
	for i := range items {
		st.tell(&items[i])
	}
	clear(items)
	st.batch.items, st.batch.bytes = items[:0], st.batch.bytes[:0]
	if cap(st.batch.bytes) > batchBytes {
		st.batch.bytes = nil // one large packet shall not stay in memory
	}
}

// word puts a packet into words.
func (st *stream) word(i *item) {
	if !i.full {
		i.summary = annotate.Summary(i.Record.Bytes, i.Version)
		return
	}
	i.explained = i.Explain(st.options.lang)
	i.summary = i.explained.Summary
	if st.options.filter != nil && !st.options.filter.Match(i.View(i.explained)) {
		i.hide, i.explained = true, nil
		return
	}
	i.line = st.report.render(&i.seen)
}

// tell reports an item. With a filter there are only packets.
func (st *stream) tell(i *item) {
	switch {
	case i.hide:
	case i.kind == isPacket:
		if i.explained != nil {
			st.judge(i.explained.Findings)
		}
		st.shown++
		st.report.packet(&i.seen)
	case st.options.filter != nil:
	case i.kind == isEvent:
		st.report.event(&i.Record, i.Since)
	case i.kind == isLate:
		st.judge([]annotate.Finding{annotate.Late(i.late, st.options.lang)})
		st.report.late(i.late, &i.Record)
	}
}
