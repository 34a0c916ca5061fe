package capture

import (
	"bytes"
	"math/bits"
	"slices"
	"time"
)

// Bounds on what is held of IP datagrams that came in fragments. The oldest makes room.
const (
	maxDatagrams     = 256
	maxFragmentBytes = 4 << 20
	datagramExtra    = 2 << 10          // what is held beside the bytes
	reassemblyTime   = 60 * time.Second // for which fragments wait for the others (RFC 1122, RFC 8200)
	duplicateTime    = time.Second      // for which fragments of a whole datagram are duplicates, not a new one
)

// fragment is a part of an IP datagram.
type fragment struct {
	key     datagramKey
	proto   uint8 // of the first fragment: what the datagram holds
	v4      bool
	at      int
	more    bool // it is not the last
	data    []byte
	missing int // bytes of it that are not in the file
}

// datagramKey says which fragments belong together.
type datagramKey struct {
	from, to [16]byte
	id       uint32
	proto    uint8 // IPv4's
}

// datagram is what there is so far of an IP datagram. Offsets are multiples of eight.
type datagram struct {
	key   datagramKey
	first time.Time
	v4    bool
	proto uint8
	buf   []byte
	have  [1 << 16 / 8 / 64]uint64 // bits of the blocks of eight bytes that are in buf
	total int                      // 0 until the last fragment is known
	whole time.Time                // when it was complete
}

// datagrams are the datagrams in the making, and those whose fragments may come twice.
type datagrams struct {
	byKey map[datagramKey]*datagram
	order []*datagram // by age
	held  int
}

// fragment takes a fragment and returns its datagram once that is whole.
func (r *Reader) fragment(f *fragment) *datagram {
	switch f.proto {
	case protoTCP, protoIPv4, protoIPv6, protoGRE, protoUDP, protoRouting, protoOptions, protoAH:
	default: // nothing that MQTT goes in
		return nil
	}
	end := f.at + len(f.data)
	if end > 1<<16 || f.missing > 0 || f.more && len(f.data)%8 != 0 || len(f.data) == 0 {
		r.sayOnce(FragmentLost)
		return nil
	}
	d := r.datagrams.byKey[f.key]
	if d != nil {
		limit := reassemblyTime
		since := d.first
		if d.whole != (time.Time{}) {
			since, limit = d.whole, duplicateTime
		}
		if r.when.Sub(since) > limit {
			r.forget(d)
			d = nil
		}
	}
	switch {
	case d == nil:
		d = &datagram{key: f.key, first: r.when, v4: f.v4}
		if r.datagrams.byKey == nil {
			r.datagrams.byKey = map[datagramKey]*datagram{}
		}
		r.datagrams.byKey[f.key] = d
		r.datagrams.order = append(r.datagrams.order, d)
		r.datagrams.held += datagramExtra
	case d.whole != (time.Time{}):
		return nil
	}
	if f.at == 0 {
		d.proto = f.proto
	}
	if !f.more {
		d.total = end
	}
	before := cap(d.buf)
	if d.put(f.at, f.data) {
		r.sayOnce(FragmentDiffers)
	}
	r.datagrams.held += cap(d.buf) - before
	for len(r.datagrams.order) > maxDatagrams || r.datagrams.held > maxFragmentBytes {
		if r.forget(r.datagrams.order[0]); len(r.datagrams.order) == 0 {
			return nil
		}
	}
	if d.total == 0 || d.blocks() < (d.total+7)/8 || len(d.buf) < d.total {
		return nil
	}
	d.whole = r.when
	d.buf = d.buf[:d.total]
	if d.proto == protoTCP {
		r.sayOnce(Fragment)
	}
	return d
}

// put adds a fragment's bytes. Where there are some already, the first count; differs says that others came.
func (d *datagram) put(at int, data []byte) (differs bool) {
	for end := at + len(data); len(d.buf) < end; {
		d.buf = append(d.buf, make([]byte, end-len(d.buf))...)
	}
	for len(data) > 0 {
		n := min(8, len(data))
		word, bit := at/8/64, uint64(1)<<(at/8%64)
		if d.have[word]&bit == 0 {
			d.have[word] |= bit
			copy(d.buf[at:], data[:n])
		} else if !bytes.Equal(d.buf[at:at+n], data[:n]) {
			differs = true
		}
		at, data = at+n, data[n:]
	}
	return differs
}

// blocks counts the blocks of eight bytes that are there.
func (d *datagram) blocks() int {
	n := 0
	for _, w := range d.have {
		n += bits.OnesCount64(w)
	}
	return n
}

// release gives a whole datagram's bytes back; what is kept tells its duplicates.
func (d *datagram) release(r *Reader) {
	r.datagrams.held -= cap(d.buf)
	d.buf = nil
}

// forget drops a datagram, and says so if it was not whole.
func (r *Reader) forget(d *datagram) {
	if d.whole == (time.Time{}) && (d.proto == protoTCP || d.v4 && d.key.proto == protoTCP) {
		r.stats.FragmentsLost++
		r.sayOnce(FragmentLost)
	}
	d.release(r)
	r.datagrams.held -= datagramExtra
	delete(r.datagrams.byKey, d.key)
	i := slices.Index(r.datagrams.order, d)
	r.datagrams.order = slices.Delete(r.datagrams.order, i, i+1)
}
