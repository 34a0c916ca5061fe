package bench

// inbox collects the bytes of one connection in chunks that are filled once
// and never overwritten, so that packets can stay slices of them: in the
// broker, in the capture and in the live stream, without a copy.
//
// A chunk is as large as recent traffic needs. A packet that does not fit is
// moved to the start of the next chunk, which is twice as large as what has
// arrived of it: memory follows the bytes that came, not the length announced.
type inbox struct {
	chunk []byte // filled so far; cap is the chunk's size
	start int    // first byte that no packet has taken yet
	size  int    // of the next chunk
}

const (
	smallChunk = 1 << 10 // an idle connection holds no more
	largeChunk = 256 << 10
	leastRoom  = 256
)

// room returns free space to read into, at least leastRoom bytes.
func (in *inbox) room() []byte {
	if cap(in.chunk)-len(in.chunk) < leastRoom {
		pending := in.pending()
		size := max(in.size, smallChunk, 2*len(pending)+leastRoom)
		in.chunk = append(make([]byte, 0, size), pending...)
		in.start = 0
	}
	return in.chunk[len(in.chunk):cap(in.chunk)]
}

// filled says that n bytes were read into room.
func (in *inbox) filled(n int) {
	free := cap(in.chunk) - len(in.chunk)
	in.chunk = in.chunk[:len(in.chunk)+n]
	switch {
	case n == free && n >= leastRoom:
		in.size = min(max(2*cap(in.chunk), smallChunk), largeChunk)
	case n < in.size/16:
		in.size /= 2
	}
}

// add copies bytes in, for a connection that has no socket.
func (in *inbox) add(b []byte) {
	for len(b) > 0 {
		n := copy(in.room(), b)
		in.filled(n)
		b = b[n:]
	}
}

// pending returns the bytes that no packet has taken yet.
func (in *inbox) pending() []byte { return in.chunk[in.start:] }

// take says that packets have taken n bytes.
func (in *inbox) take(n int) { in.start += n }
