package broker

import (
	"container/heap"
	"time"

	"mqttlab/mqttcore/packet"
)

type timerKind uint8

const (
	timerConn     timerKind = iota + 1 // until CONNECT must come; then Keep Alive
	timerExpiry                        // the end of a Session whose Client is away
	timerWill                          // the end of the Will Delay Interval
	timerRetained                      // the end of a retained message
	timerForget                        // the next Subscriptions of a Session that has ended
	timerRecall                        // the next piece of what is retained
)

// timer lies within what it belongs to.
type timer struct {
	due      time.Time
	order    uint64 // among equal times
	place    int    // in the queue, counted from 1; 0: not waiting
	kind     timerKind
	conn     *conn
	session  *session
	retained *retained
}

// timerQueue is a heap, earliest first.
type timerQueue []*timer

func (q timerQueue) Len() int { return len(q) }
func (q timerQueue) Less(i, j int) bool {
	if c := q[i].due.Compare(q[j].due); c != 0 {
		return c < 0
	}
	return q[i].order < q[j].order
}
func (q timerQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i+1, j+1
}
func (q *timerQueue) Push(x any) {
	t := x.(*timer)
	*q = append(*q, t)
	t.place = len(*q)
}
func (q *timerQueue) Pop() any {
	last := len(*q) - 1
	t := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	t.place = 0
	return t
}

// due returns the first timer if it is due by now.
func (q timerQueue) due(now time.Time) *timer {
	if len(q) == 0 || q[0].due.After(now) {
		return nil
	}
	return q[0]
}

func (b *Broker) schedule(t *timer, due time.Time) {
	b.unschedule(t)
	b.sequence++
	t.due, t.order = due, b.sequence
	heap.Push(&b.timers, t)
}

func (b *Broker) unschedule(t *timer) {
	if t.place > 0 {
		heap.Remove(&b.timers, t.place-1)
	}
}

// silent is called when the time until CONNECT, or that of Keep Alive, may
// have run out. A packet does not move the timer: that would cost too much
// for each; it is looked here whether one came.
func (b *Broker) silent(now time.Time, c *conn) {
	if c.session == nil {
		if b.cfg.Explain {
			b.explain(c.version, about(c, keyConnectTimeout), "seconds", seconds(b.cfg.ConnectTimeout))
		}
		b.close(c)
		return
	}
	if deadline := c.heard.Add(c.patience); deadline.After(now) {
		b.schedule(&c.timer, deadline)
		return
	}
	if b.cfg.Explain {
		b.explain(c.version, about(c, keyKeepAliveExpired), "seconds", seconds(c.patience), "keep_alive", number(int(c.keepAlive)))
	}
	b.hangUp(now, c, packet.KeepAliveTimeout) // [MQTT-3.1.2-24]
}
