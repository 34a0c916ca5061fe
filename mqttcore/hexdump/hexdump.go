package hexdump

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sender says which side of the connection sent a run of bytes: "client", "server", or "" where the
// text does not say.
type Sender string

// The values of Sender.
const (
	Unknown Sender = ""
	Client  Sender = "client"
	Server  Sender = "server"
)

// Range is a half-open stretch [From,To) of the pasted text, in byte offsets.
type Range struct{ From, To int }

// Chunk is the start of a run of bytes that the text itself sets apart: after a blank line, at a dump
// that begins again at offset 0, at a log line with its own time or direction.
type Chunk struct {
	Offset int    // index into Reading.Bytes of the chunk's first byte
	From   Sender // who sent it, if the text says so
	Label  string // what the text says about it, such as a time stamp or a direction word
}

// Reading is one way to read a text.
type Reading struct {
	Format string // human name of the layout, such as "hexdump -C" or "od -x (words swapped)"
	Bytes  []byte
	// Source has one Range for each byte: the characters it came from. Ranges lie within the text and
	// are not empty. They ascend with the bytes, except where a tool prints words in swapped order;
	// bytes of a repetition line share its "*", neighbours in base64 share a character.
	Source   []Range
	Skipped  []Note  // what was passed over and why: ascending, not overlapping
	Problems []Note  // what is wrong in the text, ascending
	Chunks   []Chunk // ascending by Offset; the first is at 0 unless Bytes is empty
}

// level is how good the evidence for a reading is. Readings of neighbouring levels are both offered;
// a wider distance means that the weaker one is not plausible. Where a text is certain to be of one
// layout, only variants of that layout (certain-1) are offered beside it.
type level int

const (
	guess    level = iota + 1 // it can be read so
	possible                  // nothing speaks against it
	likely                    // the shape speaks for it
	_
	certain // syntax or an inner check (offsets, ASCII column) proves it
)

// candidate is a reader's answer, before ranking.
type candidate struct {
	Reading
	level level
	// read counts the characters that the reading made use of.
	read  int
	fits  bool // fitsMQTT(Bytes)
	stars []star
}

// maxReadings bounds what is offered; more than a few readings help nobody.
const maxReadings = 6

// Readings returns every plausible reading of text, best first. It never returns an empty slice: a
// text without bytes gives one Reading with no Bytes and a Problem that says so.
func Readings(text string) []Reading {
	a := inASCII(text)
	return a.pasted(readings(a.text))
}

func readings(text string) []Reading {
	in := newInput(text)
	var found []candidate
	var faulty *candidate // no bytes, but faults that say more than "no hex"
	sure := false
	for _, f := range formats {
		if sure && f.most < certain-1 {
			continue
		}
		for _, c := range f.read(in) {
			if len(c.Bytes) == 0 && !hasFrames(c.Reading) {
				if len(c.Problems) > 0 && faulty == nil {
					faulty = &c
				}
				continue
			}
			c.fits = fitsMQTT(c.Bytes)
			sure = sure || c.level == certain
			if whole, ok := c.deduced(); ok {
				found = append(found, whole)
				c.level--
			}
			found = append(found, c)
		}
	}
	if len(found) == 0 && faulty != nil {
		return []Reading{faulty.Reading}
	}
	if len(found) == 0 {
		return []Reading{nothing(in)}
	}
	rank(found, max(in.visible, 1))
	best := found[0].level
	var out []Reading
	for _, c := range found {
		if c.level+1 < best || len(out) == maxReadings {
			continue
		}
		same := func(r Reading) bool { return slices.Equal(r.Bytes, c.Bytes) }
		if !slices.ContainsFunc(out, same) {
			out = append(out, c.Reading)
		}
	}
	return out
}

// Read returns the best reading of text.
func Read(text string) Reading { return Readings(text)[0] }

// rank sorts candidates, best first: by evidence, by how much of the text they explain (in quarters,
// so that a bracket more or less does not decide), then by the MQTT hint, then by fewer problems; the
// order of the table of formats decides what is left.
func rank(cs []candidate, visible int) {
	slices.SortStableFunc(cs, func(a, b candidate) int {
		if a.level != b.level {
			return int(b.level - a.level)
		}
		if d := min(b.read*4/visible, 4) - min(a.read*4/visible, 4); d != 0 { // white space within bytes counts for nothing
			return d
		}
		if a.fits != b.fits {
			if a.fits {
				return -1
			}
			return 1
		}
		return len(a.Problems) - len(b.Problems)
	})
}

// nothing is the reading of a text in which no reader found a byte.
func nothing(in *input) Reading {
	b := newBuilder(in)
	trimmed := strings.TrimFunc(in.text, unicode.IsSpace)
	if trimmed == "" {
		b.problem("empty", 0, len(in.text))
	} else if len(in.words) > 0 {
		b.problem("packets-in-words", in.words[0].From, in.words[len(in.words)-1].To)
	} else {
		from := strings.Index(in.text, trimmed)
		b.problem("no-hex", from, from+len(trimmed))
	}
	return b.reading("no bytes")
}

// Position returns the place of a byte offset of text as people count: line and column from 1, the
// column in characters. An offset outside the text counts as the nearest one inside.
func Position(text string, offset int) (line, column int) {
	offset = min(max(offset, 0), len(text))
	before := text[:offset]
	line = 1 + strings.Count(before, "\n")
	start := strings.LastIndexByte(before, '\n') + 1
	return line, 1 + utf8.RuneCountInString(before[start:])
}
