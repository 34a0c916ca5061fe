package annotate

import (
	"sort"
	"unicode/utf8"

	"mqttlab/mqttcore/hexdump"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Text explains whatever somebody pasted: it finds the bytes in the text and
// the packets in the bytes.
func Text(text string, o Options) Document {
	readings := hexdump.Readings(text)
	chosen := min(max(o.Reading, 0), len(readings)-1)
	best := readings[chosen]
	d := Document{Packets: []Packet{}}
	d.Source = source(text, best, o.Lang)
	for i, other := range readings {
		if i != chosen {
			d.Source.Readings = append(d.Source.Readings, other.Format)
		}
	}
	runs := chunks(best)
	if whole, _ := split(best.Bytes); len(runs) > 1 && sum(whole) == len(best.Bytes) {
		runs = []chunk{{bytes: best.Bytes, sender: runs[0].sender}}
		if mixedSenders(best) {
			runs = chunks(best)
		}
	}
	o.mends = allowMends()
	run := newRun(&d, o)
	offset := 0
	for i, c := range runs {
		run.o = o
		if o.Sender == 0 {
			run.o.Sender = c.sender
		}
		run.add(c.bytes, offset, i == len(runs)-1)
		offset += len(c.bytes)
		if d.Rest != nil && i < len(runs)-1 { // nothing behind it can be placed
			d.Rest.Length = len(best.Bytes) - d.Rest.Offset
			break
		}
	}
	run.finish()
	return d
}

type chunk struct {
	bytes  []byte
	sender packet.Party
}

func chunks(r hexdump.Reading) []chunk {
	var list []chunk
	for i, c := range r.Chunks {
		end := len(r.Bytes)
		if i+1 < len(r.Chunks) {
			end = r.Chunks[i+1].Offset
		}
		if end > c.Offset {
			list = append(list, chunk{r.Bytes[c.Offset:end], party(c.From)})
		}
	}
	return list
}

func party(s hexdump.Sender) packet.Party {
	switch s {
	case hexdump.Client:
		return packet.Client
	case hexdump.Server:
		return packet.Server
	}
	return 0
}

func mixedSenders(r hexdump.Reading) bool {
	for _, c := range r.Chunks {
		if c.From != r.Chunks[0].From {
			return true
		}
	}
	return false
}

func sum(frames [][]byte) int {
	n := 0
	for _, f := range frames {
		n += len(f)
	}
	return n
}

// noteText says in a language what a note about the text means.
func noteText(n hexdump.Note, lang spec.Lang) string {
	args := make([]string, 0, 2*len(n.Args))
	for i, a := range n.Args {
		if n.Code == "link-header" {
			a = spec.Word(lang, "link", a)
		}
		args = append(args, "arg"+decimal(i), a)
	}
	return spec.Message(lang, "hexdump."+n.Code, args...)
}

func source(text string, r hexdump.Reading, lang spec.Lang) Source {
	chars := newCharacters(text)
	s := Source{Format: r.Format, Bytes: len(r.Bytes), Skipped: []Skipped{}, Places: make([][2]int, 0, len(r.Source))}
	for _, n := range r.Skipped {
		s.Skipped = append(s.Skipped, Skipped{From: chars.index(n.From), To: chars.index(n.To), Why: noteText(n, lang)})
	}
	for _, n := range r.Problems {
		line, column := hexdump.Position(text, n.From)
		s.Problems = append(s.Problems, Problem{From: chars.index(n.From), To: chars.index(n.To), Line: line, Column: column, Code: n.Code, Text: noteText(n, lang)})
	}
	for _, p := range r.Source {
		s.Places = append(s.Places, [2]int{chars.index(p.From), chars.index(p.To)})
	}
	return s
}

// characters turns byte offsets of a text into counts of characters.
type characters struct {
	ascii bool
	marks []int // the count of characters before every 64th byte
	text  string
}

const markEvery = 64

func newCharacters(text string) characters {
	c := characters{ascii: utf8.RuneCountInString(text) == len(text), text: text}
	if c.ascii {
		return c
	}
	n := 0
	for i := range len(text) {
		if i%markEvery == 0 {
			c.marks = append(c.marks, n)
		}
		if utf8.RuneStart(text[i]) {
			n++
		}
	}
	return c
}

func (c characters) index(offset int) int {
	if c.ascii {
		return offset
	}
	mark := sort.Search(len(c.marks), func(i int) bool { return i*markEvery > offset }) - 1
	n := c.marks[mark]
	for i := mark * markEvery; i < offset; i++ {
		if utf8.RuneStart(c.text[i]) {
			n++
		}
	}
	return n
}
