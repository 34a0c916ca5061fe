package capture

import (
	"bytes"
	"slices"
	"testing"

	"mqttlab/mqttcore/spec"
)

// collect reads data and clones the records.
func collect(data []byte, o Options) ([]Record, *Reader) {
	r := NewReader(bytes.NewReader(data), o)
	var all []Record
	for rec := range r.Records() {
		clone := *rec
		clone.Bytes, clone.Args = bytes.Clone(rec.Bytes), slices.Clone(rec.Args)
		all = append(all, clone)
	}
	return all, r
}

func readAll(t testing.TB, data []byte, o Options) []Record {
	t.Helper()
	all, r := collect(data, o)
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	if held := r.Stats().Held; held != 0 {
		t.Errorf("%d bytes held at the end", held)
	}
	return all
}

func notesOf(records []Record) []string {
	var notes []string
	for _, rec := range records {
		if rec.Kind == Note {
			notes = append(notes, said(&rec))
		}
	}
	return notes
}

// said is the English text of a Note.
func said(rec *Record) string {
	return spec.Message(spec.English, "capture.note."+string(rec.Code), rec.Args...)
}

func count(records []Record, k Kind) int {
	n := 0
	for _, rec := range records {
		if rec.Kind == k {
			n++
		}
	}
	return n
}
