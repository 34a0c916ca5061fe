package capture

import (
	"cmp"
	"hash/maphash"
	"io"
	"iter"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"mqttlab/mqttcore/packet"
)

// Reader reads one capture. It is used once, by one goroutine.
type Reader struct {
	o     Options
	in    *input
	err   error
	yield func(*Record) bool
	stop  bool // the caller has had enough

	number int // of the frame being read
	when   time.Time
	wire   int       // its length, in bytes
	first  time.Time // when the first frame came

	ipPart    fragment // the last one read
	datagrams datagrams

	table table
	spare *conn // forgotten, to be used again
	conns int
	held  int // capacity of all buffers
	stats Stats
	rec   Record
	look  examiner
	mask  []byte // unmasked WebSocket payload
	seed  maphash.Seed
	said  map[string]bool // notes about the whole capture, given once each
}

// NewReader makes a Reader of r, which it reads as Records are asked for.
func NewReader(r io.Reader, o Options) *Reader {
	o = o.withDefaults()
	reader := &Reader{o: o, in: newInput(r), seed: maphash.MakeSeed(), said: map[string]bool{}}
	reader.look.limit = o.MaxPacket
	reader.table.init(o.MaxConns)
	return reader
}

// Records yields the capture's Records. The Record and its Bytes and Args are
// overwritten by the next one: clone what is to be kept. Afterwards Err says
// whether the file was read to its end.
func (r *Reader) Records() iter.Seq[*Record] {
	return func(yield func(*Record) bool) {
		r.yield = yield
		r.err = r.read()
		r.yield = func(*Record) bool { return false }
	}
}

// Err returns nil if all of the file was read, and an *Error with the place
// otherwise.
func (r *Reader) Err() error { return r.err }

// Format returns the format of the file, once Records have been asked for.
func (r *Reader) Format() Format { return r.in.format }

// Stats returns what has been met so far.
func (r *Reader) Stats() Stats {
	s := r.stats
	s.Held = r.held + r.datagrams.held
	return s
}

func (r *Reader) read() error {
	source, err := r.in.open(r.o)
	if err != nil {
		return err
	}
	if source == nil {
		return r.readRaw()
	}
	var f frame
	for !r.stop {
		if err = source.next(&f); err != nil {
			break
		}
		r.stats.Frames++
		r.stats.Bytes = r.in.off
		r.frame(&f)
	}
	if !r.stop {
		r.flush()
	}
	if err == io.EOF {
		err = nil
	}
	r.stats.Bytes = r.in.off
	return err
}

func (r *Reader) frame(f *frame) {
	r.number, r.when, r.wire = f.number, f.when, f.missing+len(f.data)
	if f.number == 1 {
		r.first = f.when
	}
	ip, known := network(f.link, f.data)
	if !known {
		r.sayOnce(LinkUnknown, "link", strconv.Itoa(int(f.link)))
	}
	if ip == nil {
		r.stats.OtherFrames++
		return
	}
	var s segment
	r.dispatch(&s, s.read(ip, f.missing, &r.ipPart))
}

// dispatch takes what was found in an IP packet.
func (r *Reader) dispatch(s *segment, found ipResult) {
	switch found {
	case isTCP:
		r.stats.Segments++
		r.segment(s)
	case isFragment:
		r.stats.Fragments++
		if d := r.fragment(&r.ipPart); d != nil {
			r.dispatch(s, s.assembled(d, &r.ipPart))
			d.release(r)
		}
	case isSensor:
		r.stats.OtherFrames++
		r.sayOnce(SensorNetwork)
	default:
		r.stats.OtherFrames++
	}
}

// flush ends all connections at the end of the capture.
func (r *Reader) flush() {
	for len(r.datagrams.order) > 0 {
		r.forget(r.datagrams.order[0])
	}
	var open []*conn
	for _, c := range r.table.conns {
		if c.state != stateClosed && c.state != stateIgnored {
			open = append(open, c)
		}
	}
	slices.SortFunc(open, func(a, b *conn) int { return cmp.Compare(a.stream, b.stream) })
	for _, c := range open {
		r.number, r.when = c.lastFrame, c.lastWhen
		cause, from := CauseEnd, packet.Party(0)
		if c.finBy != 0 {
			cause, from = CauseFIN, r.party(c, int(c.finBy-1))
		}
		r.finish(c, cause, from)
	}
}

func (r *Reader) emit() {
	if !r.stop && !r.yield(&r.rec) {
		r.stop = true
	}
}

func (r *Reader) party(c *conn, side int) packet.Party {
	switch {
	case c.client < 0 || side < 0:
		return 0
	case side == int(c.client):
		return packet.Client
	}
	return packet.Server
}

// about begins a Record on a connection; side is -1 if it is about both.
func (r *Reader) about(c *conn, side int, k Kind) *Record {
	r.rec = Record{Kind: k, Transport: c.transport, Time: r.when, First: r.first, Frame: r.number, Conn: c.id, Stream: c.stream - 1, Client: c.clientAddr, Server: c.serverAddr}
	if k == Packet || k == Part {
		r.rec.Wire = r.wire
	}
	if side >= 0 && !c.halves[side].unsided {
		r.rec.From = r.party(c, side)
	}
	return &r.rec
}

// announce gives the connection its number and opens it.
func (r *Reader) announce(c *conn) {
	r.stats.Connections++
	if c.transport != File {
		r.conns++
		c.id = r.conns
		c.clientAddr, c.serverAddr = c.addr(int(c.client)), c.addr(1-int(c.client))
	}
	rec := r.about(c, -1, Open)
	if c.synFrame != 0 {
		rec.Frame, rec.Time = c.synFrame, c.synWhen
	}
	r.emit()
}

func (c *conn) addr(side int) netip.AddrPort {
	a := c.key.a
	if side == 1 {
		a = c.key.b
	}
	ip := netip.AddrFrom16([16]byte(a[:16]))
	if c.v4 {
		ip = ip.Unmap()
	}
	return netip.AddrPortFrom(ip, uint16(a[16])<<8|uint16(a[17]))
}

// note says something about a connection, if that is known to be MQTT.
func (r *Reader) note(c *conn, side int, code Code, args ...string) {
	if c.id == 0 || c.notes > r.o.MaxNotes {
		return
	}
	if c.notes++; c.notes > r.o.MaxNotes {
		code, side = NotesEnd, -1
		args = append(args[:0], "limit", strconv.Itoa(r.o.MaxNotes))
	}
	rec := r.about(c, side, Note)
	rec.Code, rec.Args = code, args
	if side >= 0 {
		rec.Offset = c.halves[side].at
	}
	r.emit()
}

// sayOnce says something about the capture.
func (r *Reader) sayOnce(code Code, args ...string) {
	key := string(code)
	if len(args) > 0 {
		key += args[1]
	}
	if r.said[key] || len(r.said) > 1000 {
		return
	}
	r.said[key] = true
	r.rec = Record{Kind: Note, Transport: TCP, Time: r.when, First: r.first, Frame: r.number, Stream: -1, Code: code, Args: args}
	r.emit()
}
