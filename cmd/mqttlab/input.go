package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"strconv"
	"unicode/utf8"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/spec"
)

const (
	// inputBytes is the longest text that is read, in bytes.
	inputBytes = 4 << 20
	// wholeBytes is the longest file of raw packets that is shown as one
	// document; a longer one is read packet by packet, as a capture is.
	wholeBytes = 64 << 10
)

// source is an input whose first bytes have been looked at.
type source struct {
	name   string // as in messages
	in     *bufio.Reader
	file   *os.File // to be closed, or nil
	size   int64    // in bytes; 0 if not known
	read   int64    // bytes read so far, before unpacking
	before func()   // called before each read, which may have to wait
	format capture.Format
	packed bool // with gzip
	zeros  bool // begins with a type that no packet has
}

// openSource opens a file, "-" for standard input, and recognises it.
func openSource(name string, std streams) (*source, error) {
	s := &source{name: title(name, std.lang), before: func() {}}
	var in io.Reader = std.in
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			s.size = info.Size()
		}
		s.file, in = file, file
	} else if isTerminal(std.in) {
		say(std.err, std.lang, "reading")
	}
	s.in = bufio.NewReaderSize(counter{in, s}, 128<<10)
	prefix, err := s.in.Peek(capture.MagicBytes)
	if f := capture.DetectMagic(prefix); err == nil && (f == capture.Unknown || f == capture.Gzip) {
		prefix, err = s.in.Peek(capture.DetectBytes)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		s.close()
		return nil, because(err, "file", "name", s.name)
	}
	s.format = recognise(prefix)
	if s.format == capture.Gzip {
		s.packed = true
		prefix = unpacked(prefix)
		s.format = recognise(prefix)
	}
	s.zeros = len(prefix) > 0 && prefix[0]>>4 == 0
	return s, nil
}

func (s *source) close() {
	if s.file != nil {
		s.file.Close()
	}
}

// counter counts what is read of a source.
type counter struct {
	r io.Reader
	s *source
}

func (c counter) Read(p []byte) (int, error) {
	c.s.before()
	n, err := c.r.Read(p)
	c.s.read += int64(n)
	return n, err
}

// recognise tells a file by its first bytes: Unknown is text, Raw are bytes
// of no capture format. Text comes first: hex digits can be read as packets.
func recognise(prefix []byte) capture.Format {
	switch f := capture.Detect(prefix); f {
	case capture.Pcap, capture.PcapNG, capture.Snoop, capture.Gzip:
		return f
	}
	if _, ok := byteOrder(prefix); ok || isText(prefix) {
		return capture.Unknown
	}
	return capture.Raw
}

// isText says whether bytes can be the beginning of a text. The last
// character may be cut.
func isText(b []byte) bool {
	if bytes.IndexByte(b, 0) >= 0 {
		return false
	}
	for range utf8.UTFMax - 1 {
		if utf8.Valid(b) {
			return true
		}
		b = b[:len(b)-1]
	}
	return utf8.Valid(b)
}

// unpacked returns the beginning of what is gzipped in b.
func unpacked(b []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return []byte{0} // whoever reads on says what is wrong
	}
	out := make([]byte, capture.DetectBytes)
	n, _ := io.ReadFull(z, out)
	return out[:n]
}

// document reads an input that is to be shown as one document. It returns
// false if the input is a capture, or too long for that.
func (s *source) document() ([]byte, bool, error) {
	if s.format != capture.Unknown && s.format != capture.Raw {
		return nil, false, nil
	}
	limit := int64(inputBytes)
	if s.format == capture.Raw {
		limit = wholeBytes
	}
	var in io.Reader = s.in
	if s.packed {
		if s.format == capture.Raw {
			return nil, false, nil // package capture unpacks with a limit
		}
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, false, because(err, "file", "name", s.name)
		}
		in = z
	}
	data, err := io.ReadAll(io.LimitReader(in, limit+1))
	switch {
	case err != nil:
		return nil, false, because(err, "file", "name", s.name)
	case int64(len(data)) <= limit && s.format == capture.Unknown:
		return fromUTF16(data), true, nil
	case int64(len(data)) <= limit:
		return data, true, nil
	case s.format == capture.Raw:
		s.in = bufio.NewReader(io.MultiReader(bytes.NewReader(data), s.in))
		return nil, false, nil
	}
	return nil, false, wrong("long-text", "name", s.name, "max", strconv.FormatInt(limit, 10))
}

// input reads the whole of a small input: a file, or standard input as "-".
func input(name string, std streams) ([]byte, error) {
	s, err := openSource(name, std)
	if err != nil {
		return nil, err
	}
	defer s.close()
	data, ok, err := s.document()
	if err == nil && !ok {
		err = wrong("no-text", "name", s.name)
	}
	return data, err
}

func title(name string, l spec.Lang) string {
	if name == "-" {
		return spec.Message(l, "cli.stdin")
	}
	return annotate.Visible(name)
}
