package web

import (
	"strings"
	"testing"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/spec"
)

// Of a text that is too long to be marked to its end, that is said in the page's language.
func TestLongTextIsCutInWords(t *testing.T) {
	text := strings.Repeat("c0 00 ", maxMarked/6+1)
	for _, l := range spec.Languages() {
		var b strings.Builder
		if err := markedText(text, annotate.Text(text, annotate.Options{Lang: l}), nil, l).Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		if want := spec.Message(l, "page.decode.cut"); !strings.HasSuffix(b.String(), want+"</span>") {
			t.Errorf("%s: the text ends with %q, want %q", l, b.String()[len(b.String())-80:], want)
		}
	}
}
