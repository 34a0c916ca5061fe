package annotate_test

import (
	"strings"
	"testing"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/hexdump"
	"mqttlab/mqttcore/spec"
)

// TestNotesOfTextsAreInTheCatalogue: what package hexdump says in English stands in the catalogue, word for
// word, and so in every language.
func TestNotesOfTextsAreInTheCatalogue(t *testing.T) {
	values := []string{"one", "two", "three"}
	args := []string{"arg0", "one", "arg1", "two", "arg2", "three"}
	for _, code := range hexdump.Codes() {
		want := hexdump.Note{Code: code, Args: values}.Text()
		if got := spec.Message(spec.English, "hexdump."+code, args...); got != want {
			t.Errorf("hexdump.%s is %q, and in hexdump/notes.go %q", code, got, want)
		}
	}
}

// TestTextIsExplainedInTheReadersLanguage: skipped stretches and problems speak Chinese, too.
func TestTextIsExplainedInTheReadersLanguage(t *testing.T) {
	d := annotate.Text("send: 10 26 2g 00 04", annotate.Options{Lang: "zh"})
	if len(d.Source.Skipped) == 0 || len(d.Source.Problems) == 0 {
		t.Fatalf("nothing to say: %+v", d.Source)
	}
	for _, s := range d.Source.Skipped {
		if !strings.Contains(s.Why, "。") {
			t.Errorf("%q is not Chinese", s.Why)
		}
	}
	for _, p := range d.Source.Problems {
		if !strings.Contains(p.Text, "。") {
			t.Errorf("%q is not Chinese", p.Text)
		}
	}
}
