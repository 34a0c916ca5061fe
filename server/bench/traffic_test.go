package bench_test

import (
	"encoding/binary"
	"fmt"
	"sync"
	"testing"
	"time"

	"mqttlab/mqttcore/packet"
)

// shape is who sends to whom, and how. As many publishers as subscribers are
// pairs; otherwise all share one topic.
type shape struct {
	name       string
	pubs, subs int
	qos        packet.QoS
	window     int // messages of a publisher under way at most
	rate       int // messages of a publisher a second; 0: as many as go
}

// outcome is what became of the messages.
type outcome struct {
	rate      float64 // deliveries a second
	lost      int
	reordered int
	took      []time.Duration // from write to read, where shape has a rate
}

// flight counts a publisher's messages that have not reached all subscribers.
type flight struct {
	mu    sync.Mutex
	moved sync.Cond
	copies, sent,
	came int // deliveries: copies times messages are awaited
	over bool
}

// wait returns when another message may be sent; false when no more is to come.
func (f *flight) wait(window int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.sent*f.copies-f.came > (window-1)*f.copies && !f.over {
		f.moved.Wait()
	}
	return !f.over
}

func (f *flight) add(n int) {
	f.mu.Lock()
	f.came += n
	f.moved.Signal()
	f.mu.Unlock()
}

// missing is how many deliveries are awaited yet.
func (f *flight) missing() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sent*f.copies - f.came
}

// run has the publishers send for a while, then waits for the rest to come.
func (s shape) run(tb testing.TB, address string, turn time.Duration) outcome {
	var subs, pubs []*load
	topic := func(i int) string {
		if s.pubs == s.subs {
			return fmt.Sprintf("bench/%d", i)
		}
		return "bench/all"
	}
	for i := range s.subs {
		l := newLoad(tb, address, fmt.Sprintf("s%d", i), topic(i))
		l.write(&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: l.topic, QoS: s.qos}}})
		l.flush()
		l.wait(packet.SUBACK)
		subs = append(subs, l)
	}
	flights := make([]*flight, s.pubs)
	for i := range flights {
		flights[i] = &flight{copies: 1}
		if s.pubs == 1 {
			flights[i].copies = s.subs
		}
		flights[i].moved.L = &flights[i].mu
		pubs = append(pubs, newLoad(tb, address, fmt.Sprintf("p%d", i), topic(i)))
	}
	heard := make([]heard, s.subs)
	var sending, hearing sync.WaitGroup
	began := time.Now()
	for i, l := range subs {
		hearing.Go(func() { heard[i] = l.hear(flights, s.rate > 0) })
	}
	for i, l := range pubs {
		sending.Go(func() { l.say(uint32(i), s, flights[i], began.Add(turn)) })
	}
	// A message that is lost would hold its publisher up for ever.
	giveUp := time.AfterFunc(turn+3*time.Second, func() {
		for _, f := range flights {
			f.mu.Lock()
			f.over = true
			f.moved.Broadcast()
			f.mu.Unlock()
		}
	})
	sending.Wait()
	giveUp.Stop()
	var out outcome
	for deadline := time.Now().Add(3 * time.Second); ; time.Sleep(time.Millisecond) {
		out.lost = 0
		for _, f := range flights {
			out.lost += f.missing()
		}
		if out.lost <= 0 || time.Now().After(deadline) {
			break
		}
	}
	took := time.Since(began)
	for _, l := range append(subs, pubs...) {
		l.quiet.Store(true)
		l.conn.Close()
	}
	hearing.Wait()
	n := 0
	for _, h := range heard {
		n += h.n
		out.reordered += h.reordered
		out.took = append(out.took, h.took...)
	}
	out.rate = float64(n) / took.Seconds()
	return out
}

// say publishes until a time. A payload is who, the how-manieth, and when.
func (l *load) say(who uint32, s shape, f *flight, until time.Time) {
	payload := make([]byte, 16)
	binary.BigEndian.PutUint32(payload, who)
	pause := time.Duration(0)
	if s.rate > 0 {
		pause = time.Second / time.Duration(s.rate)
	}
	open := 0 // not acknowledged
	next := time.Now().Add(pause * time.Duration(who) / time.Duration(s.pubs))
	for n := uint32(0); ; {
		now := time.Now()
		if now.After(until) && open == 0 {
			return
		}
		for range s.window { // as much as the window lets pass goes into one write
			if open >= s.window || now.After(until) || s.qos == 0 && !f.mayFill(s.window) {
				break
			}
			if pause > 0 {
				time.Sleep(time.Until(next))
				next = next.Add(pause)
			}
			n++
			binary.BigEndian.PutUint32(payload[4:], n)
			binary.BigEndian.PutUint64(payload[8:], uint64(time.Now().UnixNano()))
			l.write(&packet.Publish{QoS: s.qos, Topic: l.topic, PacketID: uint16(n%60_000 + 1), Payload: payload})
			f.mu.Lock()
			f.sent++
			f.mu.Unlock()
			if s.qos > 0 {
				open++
			}
			if pause > 0 {
				break
			}
		}
		l.flush()
		if s.qos == 0 {
			if !f.wait(s.window) {
				return
			}
			continue
		}
		for first := true; open > 0 && (first || l.in.Buffered() > 0); first = false {
			p, ok := l.read().(*packet.Ack)
			if !ok {
				return
			}
			if p.Kind == packet.PUBREC {
				l.write(&packet.Ack{Kind: packet.PUBREL, PacketID: p.PacketID})
				continue
			}
			open--
		}
	}
}

// mayFill says whether one more message fits into the window now.
func (f *flight) mayFill(window int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sent*f.copies-f.came <= (window-1)*f.copies && !f.over
}

// heard is what came to one subscriber.
type heard struct {
	n, reordered int
	took         []time.Duration
}

// hear takes messages and acknowledges them until the connection is closed.
func (l *load) hear(flights []*flight, timed bool) heard {
	var h heard
	last := make([]uint32, len(flights))
	fresh := make([]int, len(flights))
	for {
		switch p := l.read().(type) {
		case *packet.Publish:
			switch p.QoS {
			case 1:
				l.write(&packet.Ack{Kind: packet.PUBACK, PacketID: p.PacketID})
			case 2:
				l.write(&packet.Ack{Kind: packet.PUBREC, PacketID: p.PacketID})
			}
			who, number := binary.BigEndian.Uint32(p.Payload), binary.BigEndian.Uint32(p.Payload[4:])
			if number <= last[who] {
				h.reordered++
			}
			last[who] = number
			if timed {
				h.took = append(h.took, time.Duration(time.Now().UnixNano()-int64(binary.BigEndian.Uint64(p.Payload[8:]))))
			}
			h.n++
			fresh[who]++
		case *packet.Ack: // PUBREL
			l.write(&packet.Ack{Kind: packet.PUBCOMP, PacketID: p.PacketID})
		case nil:
			return h
		}
		if l.in.Buffered() == 0 {
			l.flush()
			for who, n := range fresh {
				if n > 0 {
					flights[who].add(n)
					fresh[who] = 0
				}
			}
		}
	}
}
