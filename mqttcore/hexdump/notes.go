package hexdump

import "slices"

// Note says something about a stretch of the text. What it says in words stands in the catalogue
// (package spec, hexdump.CODE), in every language.
type Note struct {
	Range
	Code string   // stable slug, one of Codes
	Args []string // what the text names, in the order of its {arg0}, {arg1} …
}

// codes are the slugs of all notes.
var codes = []string{
	// Passed over.
	"offset-column", "ascii-column", "end-offset", "column-heading", "padding", "repeat-line", "repeat-deduced", "repeat-value", "prose",
	"log-line", "packet-in-words", "timestamp", "address", "identifier", "list-number", "hex-like-word", "syntax", "comment",
	"metadata", "terminal-code", "byte-count", "modem-end", "link-header", "ip-header", "tcp-header", "trailer",
	"more-skipped",

	// Wrong.
	"empty", "no-hex", "packets-in-words", "odd-digit", "odd-stream", "not-hex", "elided", "truncated", "offset-gap",
	"repeat-unknown", "repeat-too-long", "out-of-range", "bad-escape", "bad-item", "bad-base64", "cut-base64",
	"no-payload", "cut-frame", "seven-bits", "zero-left-out", "more-problems",
}

// Codes returns the code of every note there is, in alphabetical order.
func Codes() []string { return slices.Sorted(slices.Values(codes)) }
