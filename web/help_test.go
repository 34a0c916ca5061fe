package web

import (
	"bytes"
	"strings"
	"testing"

	"mqttlab/mqttcore/lab"
	"mqttlab/mqttcore/spec"
)

// The prose says the same in every language, as far as its shape shows.
func TestHelpTexts(t *testing.T) {
	shape := func(text string) (s string) {
		for line := range strings.Lines(text) {
			if mark := strings.TrimRight(line[:min(3, len(line))], "\n"); strings.HasPrefix(mark, "#") || strings.HasPrefix(mark, "|") || mark == "```" {
				s += mark[:1]
			}
		}
		return s
	}
	for _, part := range HelpParts {
		want := shape(Help{Part: part, Lang: spec.English}.text())
		for _, l := range spec.Languages() {
			h := Help{Part: part, Lang: l}
			if got := shape(h.text()); got != want {
				t.Errorf("%s in %s has the shape %q, in English %q", part, l, got, want)
			}
		}
	}
}

func TestHelpShowsTheManual(t *testing.T) {
	var page bytes.Buffer
	h := Help{Part: "labs", Lang: spec.English}
	if err := h.manual().Render(t.Context(), &page); err != nil {
		t.Fatal(err)
	}
	if manual := lab.Manual(); len(manual) < 2000 || !strings.Contains(page.String(), "front matter") {
		t.Errorf("%d characters of manual, %d on the page", len(manual), page.Len())
	}
}
