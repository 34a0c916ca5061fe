package annotate_test

import (
	"strings"
	"testing"

	"mqttlab/mqttcore/annotate"
)

func TestVisibleCutsAtCharacters(t *testing.T) {
	sixty := strings.Repeat("x", 60)
	for s, want := range map[string]string{
		"":                               "",
		"a\nb":                           `a\nb`,
		sixty:                            sixty,
		sixty + "x":                      sixty + "…",
		strings.Repeat("温", 60):          strings.Repeat("温", 60),
		strings.Repeat("温", 61):          strings.Repeat("温", 60) + "…",
		"\xff" + sixty:                   `\xff` + sixty[1:] + "…", // no UTF-8: a byte is a character
		strings.Repeat("\xff", 60):       strings.Repeat(`\xff`, 60),
		strings.Repeat("\xff", 61) + "x": strings.Repeat(`\xff`, 60) + "…",
	} {
		if got := annotate.Visible(s); got != want {
			t.Errorf("%q: got %s, want %s", s, got, want)
		}
	}
}
