// Package hexdump turns any pasted text into bytes.
//
// People paste what their tools print: plain hex, xxd, hexdump -C, od, tcpdump, Wireshark copies,
// source code, logs, sentences with a few bytes in them. The package answers three questions about
// such a text: which bytes are in it, which characters each byte came from, and what was passed
// over or is wrong, and where.
//
// The idea: each layout has one reader in the table of formats.go. A reader that recognises its
// layout returns candidates, each with a level of evidence (see level); Readings ranks them. A reader
// only says what it understood. Everything else in the text is found by the builder afterwards and
// noted as prose, so no reader can drop a character silently. Hence the invariant that the fuzz test
// checks: each non-space character is the source of a byte, is covered by a Note, or is punctuation
// between bytes.
//
// To add a layout: one row in formats.go, one file with its reader, one golden file in
// testdata/hexdump.
//
// The package is pure: no input or output, no goroutine, no clock. Time and memory are linear in the
// length of the text.
package hexdump
