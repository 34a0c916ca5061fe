package pipe

import (
	"bytes"

	"mqttlab/mqttcore/packet"
)

// Framer cuts a stream of bytes into Control Packets. What it returns is
// never overwritten. The zero Framer takes packets of any length.
type Framer struct {
	Max int // longest packet in bytes; a longer one is returned as bytes that are none; 0: any
	buf []byte

	pulled int // bytes of buf that Pull has looked through
}

// Add takes a copy of the next bytes of the stream.
func (f *Framer) Add(b []byte) { f.buf = append(f.buf, b...) }

// Pending returns how many bytes of a packet wait for the rest of it.
func (f *Framer) Pending() int { return len(f.buf) }

// Next returns the next packet, read under version v; whole is false for
// bytes that can never become one, which are returned as they have come. It
// returns nil while more bytes are needed.
func (f *Framer) Next(v packet.Version) (b []byte, whole bool) {
	if len(f.buf) == 0 {
		return nil, false
	}
	size, err := packet.Size(f.buf)
	switch {
	case err != nil || f.Max > 0 && size > f.Max || size > len(f.buf) && broken(f.buf, v) || size == 0 && broken(f.buf, v):
		return f.Rest(), false
	case size == 0 || size > len(f.buf):
		return nil, false
	}
	b = f.buf[:size:size]
	f.buf = f.buf[size:]
	f.pulled = max(f.pulled-size, 0)
	if len(f.buf) == 0 {
		f.buf = nil // memory follows what waits
	}
	return b, true
}

// Rest returns the bytes that wait for more, and forgets them.
func (f *Framer) Rest() []byte {
	b := f.buf
	f.buf, f.pulled = nil, 0
	return b
}

// Pull takes out all packets that are exactly these bytes, wherever they stand
// among the whole ones that wait, and returns how many there were.
func (f *Framer) Pull(which []byte) (n int) {
	for f.pulled < len(f.buf) {
		rest := f.buf[f.pulled:]
		size, err := packet.Size(rest)
		switch {
		case err != nil || size == 0 || size > len(rest):
			return n
		case bytes.Equal(rest[:size], which):
			f.buf = append(f.buf[:f.pulled], rest[size:]...)
			n++
		default:
			f.pulled += size
		}
	}
	return n
}

// broken says whether bytes begin no packet.
func broken(b []byte, v packet.Version) bool {
	d := packet.Decoder{Version: v}
	return d.Begun(b) != nil
}
