package capture

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"mqttlab/mqttcore/packet"
)

// Format is a file format.
type Format uint8

// The formats. Gzip is never what a Reader reports: it looks inside.
const (
	Unknown Format = iota
	Pcap
	PcapNG
	Snoop
	Raw // Control Packets one after the other and nothing else
	Gzip
)

// String returns "pcap", "pcapng", "snoop", "raw MQTT", "gzip" or "unknown".
func (f Format) String() string {
	return [...]string{"unknown", "pcap", "pcapng", "snoop", "raw MQTT", "gzip"}[f]
}

// DetectBytes is how many bytes of a file Detect wants to see; fewer do.
const DetectBytes = 4096

// Detect tells the format of a file from its first bytes. Raw is said when
// they read as MQTT from the first byte on.
func Detect(prefix []byte) Format {
	if f := DetectMagic(prefix); f != Unknown {
		return f
	}
	var look examiner
	if n, end := look.chain(prefix, 0, 0, len(prefix)); (n > 0 && end != chainBroken) || (n == 0 && end == chainCut && startsLikeConnect(prefix) == yes) {
		return Raw
	}
	return Unknown
}

// MagicBytes is how many bytes of a file DetectMagic wants to see.
const MagicBytes = 8

// DetectMagic is Detect for the formats that begin with a magic number. It
// needs no more than a live capture gives at once.
func DetectMagic(prefix []byte) Format {
	if len(prefix) >= 2 && prefix[0] == 0x1f && prefix[1] == 0x8b {
		return Gzip
	}
	if len(prefix) >= 4 {
		if binary.BigEndian.Uint32(prefix) == ngSectionHeader {
			return PcapNG
		}
		if _, ok := pcapFlavourOf(prefix); ok {
			return Pcap
		}
	}
	if len(prefix) >= 8 && string(prefix[:8]) == "snoop\x00\x00\x00" {
		return Snoop
	}
	return Unknown
}

// frame is one captured frame; data is valid until the next one is read.
type frame struct {
	number  int
	when    time.Time
	data    []byte
	missing int // bytes of the frame that were on the wire but are not in the file
	link    uint32
}

// frames yields the frames of a file one after the other; io.EOF ends them.
type frames interface {
	next(f *frame) error
}

// maxFrame is how much of one frame is looked at, in bytes; maxFrameClaim is
// the longest frame that a file may claim without being called corrupt.
const (
	maxFrame      = 256 << 10
	maxFrameClaim = 128 << 20
)

// input counts the bytes of the unpacked file.
type input struct {
	br     *bufio.Reader
	off    int64
	format Format
	read   int // frames read so far
}

func newInput(r io.Reader) *input { return &input{br: bufio.NewReaderSize(r, maxFrame)} }

// peek returns the next n bytes, fewer only with an error: io.EOF if there are none.
func (in *input) peek(n int) ([]byte, error) {
	b, err := in.br.Peek(n)
	if err == nil {
		return b, nil
	}
	return b, in.failed(err, len(b) > 0, n, len(b))
}

// need returns the next n bytes, which must be there.
func (in *input) need(n int) ([]byte, error) {
	b, err := in.peek(n)
	if err == io.EOF {
		err = in.failed(io.ErrUnexpectedEOF, true, n, 0)
	}
	return b, err
}

// skip passes over n bytes.
func (in *input) skip(n int) error {
	done, err := in.br.Discard(n)
	in.off += int64(done)
	if err != nil {
		return in.failed(err, true, n, done)
	}
	return nil
}

func (in *input) failed(err error, within bool, want, have int) error {
	var known *Error
	switch {
	case errors.As(err, &known):
		known.Format, known.Offset, known.Frame = in.format, in.off, in.read
		return known
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		if !within && errors.Is(err, io.EOF) {
			return io.EOF
		}
		return in.error(Truncated, "truncated", "want", fmt.Sprint(want), "have", fmt.Sprint(have))
	}
	e := in.error(ReadFailed, "failed", "error", err.Error())
	e.Err = err
	return e
}

func (in *input) error(p Problem, why string, args ...string) *Error {
	return &Error{Problem: p, Format: in.format, Offset: in.off, Frame: in.read, Why: why, Args: args}
}

// beginning returns as much of the file as tells its format.
func (in *input) beginning() ([]byte, error) {
	b, err := in.peek(MagicBytes)
	if err != nil || DetectMagic(b) != Unknown {
		return b, err
	}
	return in.peek(DetectBytes)
}

// open finds out the format and unpacks gzip. The frames are nil for Raw.
func (in *input) open(o Options) (frames, error) {
	prefix, err := in.beginning()
	if len(prefix) == 0 {
		if err == io.EOF {
			err = in.error(Truncated, "empty")
		}
		return nil, err
	}
	if Detect(prefix) == Gzip {
		inner, err := gunzip(in.br, o)
		if err != nil {
			in.format = Gzip
			return nil, in.failed(err, true, 10, len(prefix))
		}
		in.br = bufio.NewReaderSize(inner, maxFrame)
		prefix, err = in.beginning()
		if len(prefix) == 0 {
			in.format = Gzip
			if err == io.EOF {
				err = in.error(Truncated, "packed-nothing")
			}
			return nil, err
		}
		if Detect(prefix) == Gzip {
			return nil, in.error(UnknownFormat, "gzip-twice")
		}
	}
	if in.format = o.Format; in.format == Unknown || in.format == Gzip {
		in.format = Detect(prefix)
	}
	switch in.format {
	case Pcap:
		return newPcap(in)
	case PcapNG:
		return newNG(in), nil
	case Snoop:
		return newSnoop(in)
	case Raw:
		return nil, nil
	}
	return nil, in.error(UnknownFormat, "unknown", "bytes", fmt.Sprintf("% x", prefix[:min(8, len(prefix))]))
}

// readRaw yields the packets of a plain file.
func (r *Reader) readRaw() error {
	r.conns++
	c := &conn{id: r.conns, state: stateMQTT, transport: File}
	r.announce(c)
	h := &c.halves[0]
	h.inStep, h.unsided = true, true
	var err error
	for !r.stop {
		var b []byte
		b, err = r.in.br.Peek(1)
		if len(b) == 0 {
			break
		}
		b, _ = r.in.br.Peek(r.in.br.Buffered())
		r.stats.Bytes += int64(len(b))
		r.mqtt(c, 0, b)
		_ = r.in.skip(len(b))
	}
	if r.stop {
		return nil
	}
	r.finish(c, CauseEnd, packet.Party(0))
	if err = r.in.failed(err, false, 1, 0); err == io.EOF {
		err = nil
	}
	return err
}
