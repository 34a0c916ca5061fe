package capture

import (
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// ratioFrom is how many unpacked bytes are allowed before their ratio to the
// packed ones is looked at.
const ratioFrom = 16 << 20

// unzipper unpacks gzip and stops at a bomb.
type unzipper struct {
	packed *counter
	r      *gzip.Reader
	out    int64
	o      Options
}

func gunzip(r io.Reader, o Options) (*unzipper, error) {
	u := &unzipper{packed: &counter{r: r}, o: o}
	var err error
	u.r, err = gzip.NewReader(u.packed)
	return u, gzipFault(err)
}

func (u *unzipper) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	u.out += int64(n)
	switch {
	case u.out > u.o.MaxUnzipped:
		return n, &Error{Problem: Bomb, Why: "bomb-size", Args: []string{"bytes", fmt.Sprint(u.o.MaxUnzipped)}}
	case u.out > ratioFrom && u.out/u.o.MaxRatio > u.packed.n:
		return n, &Error{Problem: Bomb, Why: "bomb-ratio", Args: []string{"times", fmt.Sprint(u.o.MaxRatio)}}
	}
	return n, gzipFault(err)
}

func gzipFault(err error) error {
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || isCorrupt(err) {
		return &Error{Problem: BadGzip, Why: "gzip", Args: []string{"error", err.Error()}, Err: err}
	}
	return err
}

// counter counts the packed bytes. It is no io.ByteReader, so that gzip reads
// it in blocks.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func isCorrupt(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.As(err, &corrupt)
}
