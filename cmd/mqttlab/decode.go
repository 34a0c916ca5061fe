package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
)

const decodeText = `Explains the MQTT Control Packets in files, or in standard input without any.
A file is hex in whatever layout a tool prints it (plain, xxd, hexdump -C, od,
source code, logs), or raw bytes. With several files each has a heading.

Exit status 1 says that a packet breaks a rule or is cut short; 2 that there
was nothing to read.
`

// inputBytes is the longest input that is read, in bytes.
const inputBytes = 4 << 20

// decode explains bytes.
func decode(_ context.Context, args []string, std streams) int {
	f := flags("decode", "decode [-json] [-version VERSION] [FILE...]", decodeText, std)
	asJSON := f.Bool("json", false, "print the annotated packets as JSON, one document a line")
	version := f.String("version", "auto", "`version` to read packets under: auto, 3.1, 3.1.1 or 5")
	if status, ok := parse(f, args, std); !ok {
		return status
	}
	var options annotate.Options
	if *version != "auto" {
		v, ok := packet.ParseVersion(*version)
		if !ok {
			return fail(std, "decode", "there is no version %q; use auto, 3.1, 3.1.1 or 5", *version)
		}
		options.Version = v
	}
	names := f.Args()
	if len(names) == 0 {
		names = []string{"-"}
	}
	paint := painter(std.out)
	status := exitFine
	for i, name := range names {
		data, err := input(name, std)
		if err != nil {
			status = max(status, fail(std, "decode", "%v", err))
			continue
		}
		doc := annotated(data, options)
		if *asJSON {
			if err := json.NewEncoder(std.out).Encode(doc); err != nil {
				return fail(std, "decode", "%v", err)
			}
		} else {
			if len(names) > 1 {
				if i > 0 {
					fmt.Fprintln(std.out)
				}
				fmt.Fprintf(std.out, "==> %s <==\n", annotate.Visible(name))
			}
			dump{w: std.out, paint: paint}.document(doc)
		}
		status = max(status, verdict(doc))
		if doc.Source.Bytes == 0 {
			fail(std, "decode", "%s holds no bytes to decode; give hex such as c000", title(name))
		}
	}
	return status
}

// annotated explains text or, where the input cannot be text, its bytes.
func annotated(data []byte, o annotate.Options) annotate.Document {
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return annotate.Bytes(data, o)
	}
	return annotate.Text(string(data), o)
}

// verdict is the exit status that a document deserves.
func verdict(doc annotate.Document) int {
	if doc.Source.Bytes == 0 {
		return exitUnusable
	}
	if doc.Rest != nil || len(doc.Source.Problems) > 0 {
		return exitFindings
	}
	for _, p := range doc.Packets {
		for _, finding := range p.Findings {
			if finding.Severity == annotate.Error {
				return exitFindings
			}
		}
	}
	return exitFine
}

// input reads a file; "-" is standard input.
func input(name string, std streams) ([]byte, error) {
	in := std.in
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	} else if isTerminal(std.in) {
		fmt.Fprintln(std.err, "Reading from the terminal; Ctrl+D ends the input.")
	}
	data, err := io.ReadAll(io.LimitReader(in, inputBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", title(name), err)
	case len(data) > inputBytes:
		return nil, fmt.Errorf("%s is longer than %d bytes; decode a part of it", title(name), inputBytes)
	case isCapture(data):
		return nil, fmt.Errorf("%s is a packet capture, which this version cannot read; export the MQTT bytes as hex", title(name))
	}
	return data, nil
}

func title(name string) string {
	if name == "-" {
		return "standard input"
	}
	return annotate.Visible(name)
}

// isCapture recognises pcap and pcapng by their first four bytes.
func isCapture(data []byte) bool {
	for _, magic := range []string{"\xd4\xc3\xb2\xa1", "\xa1\xb2\xc3\xd4", "\x4d\x3c\xb2\xa1", "\xa1\xb2\x3c\x4d", "\x0a\x0d\x0d\x0a"} {
		if bytes.HasPrefix(data, []byte(magic)) {
			return true
		}
	}
	return false
}
