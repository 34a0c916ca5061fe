package bench

import (
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"mqttlab/server/limits"
)

// outbox is the bounded queue of what a connection has yet to be sent.
//
// Packets are queued under the bench's lock and written outside it. Whoever
// queued writes at once and without waiting: one system call for many packets,
// and none of the hand-over between goroutines that costs a fifth of the rate.
// Only when the socket takes no more does a goroutine of its own wait for it,
// so a client that does not read holds up nobody but itself.
type outbox struct {
	limit int // bytes
	all   *unsent
	conn  net.Conn
	raw   syscall.RawConn // nil where sockets cannot be tried without waiting
	try   func(fd uintptr) bool

	mu      sync.Mutex
	queue   [][]byte
	spare   [][]byte // the other one of two slices that take turns
	bytes   int      // queued or being written
	writing bool     // someone is at it; what is queued meanwhile goes with it
	last    bool     // end the sending direction when all is written
	over    bool     // the reader closes the connection next, both directions at once
	err     error    // nothing can be sent any more

	wrote time.Time     // when the socket last took something
	room  chan struct{} // closed when the queue has become short; nil: nobody waits
	stuck bool          // reads too little to be waited for
	held  time.Duration // how long it has held up others, less what is forgiven
	since time.Time     // when held was reckoned

	buf   []byte // given to try
	tried int
	trErr error
}

// unsent counts the bytes in all outboxes of a bench.
type unsent struct {
	queued int64        // ever; under the bench's lock
	gone   atomic.Int64 // of them
}

// bytes needs the bench's lock.
func (u *unsent) bytes() int { return int(u.queued - u.gone.Load()) }

func newOutbox(conn net.Conn, limit int, all *unsent) *outbox {
	o := &outbox{conn: conn, limit: limit, all: all}
	if sc, ok := conn.(syscall.Conn); ok && canTry {
		if raw, err := sc.SyscallConn(); err == nil {
			o.raw = raw
			o.try = func(fd uintptr) bool {
				o.tried, o.trErr = tryWrite(fd, o.buf)
				return true
			}
		}
	}
	return o
}

// put queues a packet. It returns false if the queue is full. It needs the
// bench's lock.
func (o *outbox) put(b []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil || o.last {
		return true // the reader notices the broken connection
	}
	if o.bytes > 0 && o.bytes+len(b) > o.limit {
		return false
	}
	o.queue = append(o.queue, b)
	if short := o.limit / easeFrom; o.bytes <= short && o.bytes+len(b) > short {
		o.wrote = time.Now() // from now on it counts whether the socket takes anything
	}
	o.bytes += len(b)
	o.all.queued += int64(len(b))
	return true
}

// length returns how many bytes wait or are being written.
func (o *outbox) length() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes
}

// finish lets the sending direction end after what is queued, which gets
// limits.LingerTimeout to leave. discard drops the queue instead; finish
// returns how many bytes were not sent.
func (o *outbox) finish(discard bool) (unsent int) {
	o.mu.Lock()
	o.last = true
	if discard {
		unsent = o.bytes
		dropped := 0
		for _, b := range o.queue {
			dropped += len(b)
		}
		o.queue = nil
		o.bytes -= dropped // the rest is being written
		o.all.gone.Add(int64(dropped))
	}
	o.signal()
	over := o.over
	o.mu.Unlock()
	if !over {
		o.conn.SetDeadline(time.Now().Add(limits.LingerTimeout))
	}
	return unsent
}

// ends says that the other side has ended the connection: what is queued is
// tried once more, and nothing else is worth a system call.
func (o *outbox) ends() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.over = o.raw != nil // a WebSocket or TLS has a last word to say
}

// Who sends faster than another client reads is slowed down to that speed, as
// TCP would do without a broker between them, rather than have the reader's
// queue run over. That goes for clients who read: one whose socket took
// nothing for stuckAfter is not waited for until it has caught up, and nobody
// is held up for longer than easeTime at a time. Only a flood is slowed down:
// a client that sends little beside it goes on as if there were none.
//
// Where others who keep up would get the same flood sooner, the slow one may
// hold it up for patience altogether, of which a tenth of the time since is
// forgiven. After that it is not waited for either, until it has caught up, and
// if it does not, its queue runs over and it is let go.
const (
	easeFlood  = 8 << 10 // bytes in one read
	easeFrom   = 16      // part of the queue's bound: waiting begins at a sixteenth
	easeRead   = 16 << 10
	easeTime   = 100 * time.Millisecond
	stuckAfter = time.Second
	patience   = 2 * time.Second
	forgiven   = 10 // a tenth
)

// sendBuffer is the socket's own queue, in bytes. The system reports room in
// it by thirds: a small one shows soon whether a client reads.
const sendBuffer = 256 << 10

// long says whether the queue is so long that a flood is to wait for it.
func (o *outbox) long() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.isLong()
}

// isLong needs mu.
func (o *outbox) isLong() bool {
	return o.bytes > o.limit/easeFrom && !o.stuck && !o.last && o.err == nil
}

// ease waits, until the deadline at most, for a long queue to become short. It
// reports whether the queue was long. The wait counts against patience if
// others are held up by it.
func (o *outbox) ease(deadline time.Time, others bool) bool {
	o.mu.Lock()
	if !o.isLong() {
		o.mu.Unlock()
		return false
	}
	if o.room == nil {
		o.room = make(chan struct{})
	}
	room := o.room
	o.mu.Unlock()
	began := time.Now()
	wait := time.NewTimer(deadline.Sub(began))
	defer wait.Stop()
	late := false
	select {
	case <-room:
	case <-wait.C:
		late = true
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	if others {
		o.held = max(0, o.held-began.Sub(o.since)/forgiven) + now.Sub(began)
		o.since = now
	}
	if late && now.Sub(o.wrote) > stuckAfter || o.held > patience {
		o.stuck = true
	}
	return true
}

// signal lets those go on who wait in ease. It needs mu.
func (o *outbox) signal() {
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
}

// copyBelow is the length under which packets are copied together to be
// written at once; longer ones are written from where they are.
const (
	copyBelow   = 16 << 10
	writeBuffer = 64 << 10
	directTurns = 16 // before another goroutine goes on, so that the reader can
)

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, writeBuffer); return &b }}

// flush writes what is queued as far as the socket takes it without waiting.
func (o *outbox) flush(spawn func(func())) {
	o.mu.Lock()
	if o.writing || o.err != nil || (len(o.queue) == 0 && !o.last) {
		o.mu.Unlock()
		return
	}
	o.writing = true
	o.mu.Unlock()
	if o.raw == nil { // it may wait for the other side
		spawn(func() { o.drain(nil) })
		return
	}
	for range directTurns {
		batch := o.next()
		if batch == nil {
			return
		}
		rest, wait := batch, false
		for len(rest) > 0 && !wait {
			rest, wait = o.write(rest, o.tryOnce)
		}
		if len(rest) > 0 {
			spawn(func() { o.drain(rest) })
			return
		}
		o.reuse(batch)
	}
	spawn(func() { o.drain(nil) })
}

// drain writes the rest and what is queued meanwhile, waiting for the socket.
func (o *outbox) drain(rest [][]byte) {
	for {
		for len(rest) > 0 {
			rest, _ = o.write(rest, o.conn.Write)
		}
		o.reuse(nil)
		if rest = o.next(); rest == nil {
			return
		}
	}
}

// next takes the queue to be written, or ends the writing and returns nil.
func (o *outbox) next() [][]byte {
	o.mu.Lock()
	if o.err != nil {
		o.queue = nil
	}
	if len(o.queue) == 0 {
		o.writing = false
		last, over := o.last, o.over
		if last {
			o.last = false
			o.err = net.ErrClosed
		}
		o.mu.Unlock()
		if last && !over {
			if c, ok := o.conn.(interface{ CloseWrite() error }); ok {
				c.CloseWrite()
			}
		}
		return nil
	}
	defer o.mu.Unlock()
	batch := o.queue
	o.queue, o.spare = o.spare[:0], nil
	return batch
}

// reuse gives a written batch's slice back for reuse.
func (o *outbox) reuse(batch [][]byte) {
	clear(batch)
	if cap(batch) > 4096 {
		batch = nil // a burst's memory is not kept for ever
	}
	o.mu.Lock()
	if o.spare == nil {
		o.spare = batch[:0]
	}
	o.mu.Unlock()
}

// write makes one write of the first packets of a batch and returns what is
// left of it, and whether the socket takes no more for now.
func (o *outbox) write(batch [][]byte, put func([]byte) (int, error)) (rest [][]byte, wait bool) {
	b := batch[0]
	if len(batch) > 1 && len(b) < copyBelow {
		p := buffers.Get().(*[]byte)
		defer buffers.Put(p)
		b = (*p)[:0]
		for _, one := range batch {
			if len(b)+len(one) > writeBuffer {
				break
			}
			b = append(b, one...)
		}
	}
	n, err := put(b)
	o.mu.Lock()
	o.bytes -= n
	o.all.gone.Add(int64(n))
	if n > 0 && o.bytes > o.limit/easeFrom {
		o.wrote = time.Now()
	}
	if err != nil {
		o.err = err
		o.all.gone.Add(int64(o.bytes))
		o.bytes = 0
	}
	if o.bytes <= o.limit/easeFrom/2 {
		if o.stuck {
			o.stuck, o.held = false, 0 // it can keep up after all
		}
		o.signal()
	}
	o.mu.Unlock()
	if err != nil {
		// The reader may be the one to tell the bench; it must not wait for
		// bytes that cannot come.
		o.conn.SetReadDeadline(time.Now().Add(limits.LingerTimeout))
		return nil, false
	}
	wait = n < len(b)
	for n > 0 {
		if n < len(batch[0]) {
			batch[0] = batch[0][n:]
			break
		}
		n -= len(batch[0])
		batch = batch[1:]
	}
	return batch, wait
}

// tryOnce writes without waiting.
func (o *outbox) tryOnce(b []byte) (int, error) {
	o.buf = b
	err := o.raw.Write(o.try)
	o.buf = nil
	if err != nil {
		return 0, err
	}
	return o.tried, o.trErr
}
