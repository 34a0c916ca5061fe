package bench

import (
	"net"
	"slices"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/pipe"
	"mqttlab/server/capture"
	"mqttlab/server/limits"
)

// line is what a wire has in addition when it is not plain, or when its
// client does something by itself: a pipe for each direction. All of it is
// under the bench's lock. A wire without one pays a comparison for it.
type line struct {
	up, down pipe.Pipe      // to the broker; to the client
	said     pipe.Framer    // of what the client has sent, in front of up
	speaks   packet.Decoder // of the client's CONNECT; knows the version before the broker does
	far      inbox          // of what has left up
	cause    uint64         // the number of the event that told of what left up last
	heard    pipe.Framer    // of what has arrived at a virtual client
	pilot    *pilot         // of a virtual client
	why      Reason         // of the end that is under way in up
	leaving  bool           // the client has ended the connection
	full     bool           // more came for the client than the wire may hold
	closing  capture.How    // the broker has ended the connection; down still runs
	until    time.Time      // … to then at most
	room     chan struct{}  // closed when up has room again; nil: nobody waits
	over     bool           // nobody is to wait any more
}

// pumpTurns bounds what happens in one stretch under the lock; the rest comes
// in the next.
const pumpTurns = 64

// attach gives a wire what its client's settings ask for, or takes it away
// again where nothing is asked for and nothing under way. It needs mu.
func (b *Bench) attach(now time.Time, w *wire) {
	c := w.client
	wanted := b.waits(w) || !c.up.Plain() || !c.down.Plain() || c.silent || c.pilot != Autopilot{}
	if w.line == nil {
		if !wanted || w.ended {
			return
		}
		w.line = &line{said: pipe.Framer{Max: b.packetBytes}}
		w.line.speaks.Version = w.version()
		w.in = &w.line.far
		b.lines = append(b.lines, w)
	}
	l := w.line
	l.up.Set(c.up)
	l.down.Set(c.down)
	if c.virtual && (c.silent || c.pilot != Autopilot{}) {
		if l.pilot == nil {
			l.pilot = newPilot(now, c)
		}
	} else {
		l.pilot = nil
	}
	if !wanted && l.closing == 0 && l.up.Empty() && l.down.Empty() && l.said.Pending()+l.heard.Pending()+len(l.far.pending()) == 0 {
		b.detach(w)
	}
}

// detach makes a wire plain. It needs mu.
func (b *Bench) detach(w *wire) {
	w.line.letGo()
	w.line, w.in = nil, &w.own
	b.lines = slices.DeleteFunc(b.lines, func(other *wire) bool { return other == w })
}

// arrive takes what the reader has put into w's own inbox. The channel it
// returns, if any, is closed when the reader may go on. It needs mu.
func (b *Bench) arrive(now time.Time, w *wire) <-chan struct{} {
	if w.line == nil {
		b.receive(now, w)
		return nil
	}
	l := w.line
	data := w.own.pending()
	w.own.take(len(data))
	if l.leaving {
		return nil
	}
	l.said.Add(data)
	b.enter(now, w)
	if l.over || !l.up.Full() && !(b.waits(w) && l.said.Pending() >= restBytes) {
		return nil
	}
	if l.room == nil {
		l.room = make(chan struct{})
	}
	return l.room
}

// enter puts the whole packets that a client has sent into its wire.
func (b *Bench) enter(now time.Time, w *wire) {
	l := w.line
	if b.waits(w) {
		b.keepAlive(now, w)
		return
	}
	for !l.up.Full() {
		data, whole := l.said.Next(l.speaks.Version)
		if data == nil {
			return
		}
		b.post(now, w, data, whole)
	}
}

// post puts bytes of a client into its wire.
func (b *Bench) post(now time.Time, w *wire, data []byte, whole bool) {
	l := w.line
	if whole && packet.Type(data[0]>>4) == packet.CONNECT {
		p, _ := l.speaks.Decode(data) // what is wrong with it is for the broker to say
		if c, ok := p.(*packet.Connect); ok && l.pilot != nil {
			l.pilot.keep(c.KeepAlive)
		}
	}
	if l.pilot != nil {
		l.pilot.spoke = now
	}
	way := l.up.Put(now, data)
	if !way.Untouched() {
		way.Ref = b.wired(now, w, 0, capture.Wired{Stage: capture.Sent, From: packet.Client, Bytes: data, Notes: way.Notes})
	}
}

// dispatch puts a packet of the broker, told by event n, into the wire. It
// must not lead to anything that the broker hears.
func (b *Bench) dispatch(now time.Time, w *wire, data []byte, n uint64) {
	l := w.line
	if l.down.Full() {
		l.full = true
		return
	}
	way := l.down.Put(now, data)
	way.Ref = n
	if !way.Untouched() {
		b.wired(now, w, n, capture.Wired{Stage: capture.Sent, From: packet.Server, Bytes: data, Notes: way.Notes})
	}
}

// wired records what a wire did.
func (b *Bench) wired(now time.Time, w *wire, cause uint64, what capture.Wired) uint64 {
	what.Version = w.version()
	if what.Version == 0 && w.line != nil {
		what.Version = w.line.speaks.Version
	}
	return b.record(now, &capture.Event{Kind: capture.Wire, Conn: w.id, Lane: w.client.id, Cause: cause, Detail: &what})
}

// pump moves what is due in all lines. It needs mu.
func (b *Bench) pump(now time.Time) {
	if len(b.lines) == 0 {
		return
	}
	for range pumpTurns {
		busy := false
		for _, w := range slices.Clone(b.lines) {
			if w.line != nil && b.move(now, w) {
				busy = true
			}
		}
		if !busy {
			b.behind = false
			return
		}
	}
	b.behind = true
}

// move moves one segment in each direction of a wire, and lets a client that
// flies by itself answer. It reports whether there was something to do.
func (b *Bench) move(now time.Time, w *wire) (busy bool) {
	l := w.line
	if !w.ended {
		if d, ok := l.up.Take(now); ok {
			busy = true
			b.hear(now, w, d)
		}
		if w.line == nil {
			return true
		}
		if !l.up.Full() {
			if !l.leaving {
				b.enter(now, w)
			}
			if l.room != nil && !l.up.Full() && !b.waits(w) {
				close(l.room)
				l.room = nil
			}
		}
	}
	if d, ok := l.down.Take(now); ok {
		busy = true
		b.deliver(now, w, d)
	}
	switch {
	case w.line == nil: // it has ended meanwhile
		return true
	case l.closing != 0 && !now.Before(l.until):
		b.lose(now, w, l.down.Clear())
		w.end(l.closing)
		b.detach(w)
		return true
	case w.ended:
		return busy
	case l.full:
		l.full = false
		w.why = Reason{Code: ReasonWireFull, Max: pipe.MaxWaiting, Bytes: pipe.MaxBytes}
		b.apply(now, b.dropped(now, w.id, broker.CauseSlow, 0), 0, capture.Server)
		return true
	case l.pilot != nil && l.heard.Pending() > 0:
		return b.attend(now, w) || busy
	}
	return busy
}

// hear lets the broker hear what leaves the wire.
func (b *Bench) hear(now time.Time, w *wire, d pipe.Delivery) {
	l := w.line
	if d.End != 0 {
		b.gone(now, w, howOf(d.End), l.why)
		return
	}
	l.cause = d.Passage.Ref
	l.far.add(d.Bytes)
	b.receive(now, w)
	if d.Cut != 0 && !w.ended {
		b.cut(now, w, d.Cut)
	}
}

// deliver gives the client what leaves the wire.
func (b *Bench) deliver(now time.Time, w *wire, d pipe.Delivery) {
	l := w.line
	if d.End != 0 {
		w.end(l.closing)
		b.detach(w)
		return
	}
	if w.out != nil {
		w.put(d.Bytes)
	} else if l.pilot != nil && !w.ended {
		l.heard.Add(d.Bytes)
	}
	if way := d.Passage; d.Last && !way.Untouched() {
		told := capture.Wired{Stage: capture.Arrived, From: packet.Server, Bytes: d.Packet,
			Notes: []pipe.Note{{Did: pipe.Delivered, Wait: now.Sub(way.Began)}}}
		if !slices.Equal(d.Packet, way.Sent) {
			told.Sent = way.Sent
		}
		b.wired(now, w, way.Ref, told)
	}
	if d.Cut != 0 && !w.ended {
		b.cut(now, w, d.Cut)
	}
}

// depart ends a connection from the client's side: the broker hears of it when
// all that was sent before has left the wire. It needs mu.
func (b *Bench) depart(now time.Time, w *wire, how capture.How, why Reason) {
	l := w.line
	if l == nil || w.ended || how == capture.Timeout {
		b.gone(now, w, how, why)
		return
	}
	if l.leaving {
		return
	}
	l.leaving, l.why = true, why
	for { // the reader has ended: what it has read is bounded
		data, whole := l.said.Next(l.speaks.Version)
		if data == nil {
			break
		}
		b.post(now, w, data, whole)
	}
	if rest := l.said.Rest(); len(rest) > 0 {
		b.post(now, w, rest, false)
	}
	end := pipe.FIN
	if how == capture.RST {
		end = pipe.RST
	}
	l.up.End(now, end)
	b.changed(now, w.client)
}

// sever ends the line of a connection that the broker no longer knows. What
// waits for the client still reaches it, unless the wire is held. It needs mu.
func (b *Bench) sever(now time.Time, w *wire, how capture.How) {
	l := w.line
	w.client.up, w.client.down = l.up.Settings(), l.down.Settings()
	lost := l.up.Clear()
	byBroker := how == capture.Server || how == capture.Timeout
	if byBroker && !l.down.Empty() && !w.client.down.Hold && !b.stopped && !w.deaf {
		b.lose(now, w, lost)
		l.letGo()
		l.closing, l.until = how, now.Add(limits.DrainTimeout)
		l.down.End(now, pipe.FIN)
		return
	}
	b.lose(now, w, lost+l.down.Clear())
	w.end(how)
	b.detach(w)
}

// lose tells of packets that were under way when the connection ended.
func (b *Bench) lose(now time.Time, w *wire, n int) {
	if n > 0 {
		b.wired(now, w, 0, capture.Wired{Stage: capture.Lost, Notes: []pipe.Note{{Did: pipe.Lost, N: n}}})
	}
}

// cut ends a connection for both sides. It needs mu.
func (b *Bench) cut(now time.Time, w *wire, how pipe.End) {
	if w.out != nil && how == pipe.RST {
		w.out.flush(b.running.Go) // the bytes before the cut still pass
		defer reset(w.conn)
	}
	b.gone(now, w, howOf(how), Reason{Code: ReasonCut})
}

// reset ends a TCP connection by an RST.
func reset(conn net.Conn) {
	if _, tcp := carried(conn); tcp != nil {
		tcp.SetLinger(0)
		tcp.Close()
	}
}

// sooner returns the earlier one of a time, where there is one, and that of
// the next thing that a line has to do. It needs mu.
func (b *Bench) sooner(next time.Time, ok bool) (time.Time, bool) {
	take := func(at time.Time, is bool) {
		if is && (!ok || at.Before(next)) {
			next, ok = at, true
		}
	}
	take(time.Time{}, b.behind)
	for _, w := range b.lines {
		l := w.line
		if !w.ended {
			take(l.up.Next())
			take(l.pilot.next(w.client))
		}
		take(l.down.Next())
		take(l.until, l.closing != 0)
	}
	return next, ok
}

// endLines ends what still carries something to clients of ended connections,
// and lets all readers go on. It needs mu.
func (b *Bench) endLines() {
	for _, w := range slices.Clone(b.lines) {
		w.line.letGo()
		if w.line.closing != 0 {
			w.end(w.line.closing)
			b.detach(w)
		}
	}
}

// letGo lets a reader go on that waits for room.
func (l *line) letGo() {
	l.over = true
	if l.room != nil {
		close(l.room)
		l.room = nil
	}
}

// cause is the number of the event that told of the bytes which the broker
// hears now, if a wire had something to tell.
func (w *wire) cause() uint64 {
	if w.line == nil {
		return 0
	}
	return w.line.cause
}

func (w *wire) leaving() bool { return w.line != nil && w.line.leaving }

func (w *wire) full() bool { return w.line != nil && w.line.up.Full() }

func howOf(e pipe.End) capture.How {
	if e == pipe.RST {
		return capture.RST
	}
	return capture.FIN
}
