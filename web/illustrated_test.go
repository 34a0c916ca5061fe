package web

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

var (
	idPattern   = regexp.MustCompile(`\sid="([^"]+)"`)
	hashPattern = regexp.MustCompile(`href="#([^"]+)"`)
)

// TestIllustratedLinks: every link within the page leads somewhere, every place
// has a name of its own, every field has a place, in every language.
func TestIllustratedLinks(t *testing.T) {
	texts := []string{
		"10 39 00 04 4d 51 54 54 04 c6 00 3c 00 09 31 32 33 34 35 36 37 38 39 00 03 6c 77 74 00 0c 67 6f 6e 65 20 6f 66 66 6c 69 6e 65 00 05 61 64 6d 69 6e 00 08 70 61 73 73 77 6f 72 64",
		"32 05 00 01 61 00 07 c0 00 82 0a 00 01 00 01 61 00 00 01 62 02 30 13 00",
		"30 ff ff ff ff 7f", "00 02 ca fe", "c0", "",
	}
	for _, l := range spec.Languages() {
		for _, text := range texts {
			page := Illustrated{Document: annotate.Text(text, annotate.Options{Lang: l}), Copy: CopyAs{Lang: l}}
			var b bytes.Buffer
			if err := IllustratedPage(Page{Lang: l, Asset: func(name string) string { return name }}, page).Render(context.Background(), &b); err != nil {
				t.Fatal(err)
			}
			html := b.String()
			ids := map[string]bool{}
			for _, m := range idPattern.FindAllStringSubmatch(html, -1) {
				if ids[m[1]] {
					t.Errorf("%s: two places are called %s", text, m[1])
				}
				ids[m[1]] = true
			}
			for _, m := range hashPattern.FindAllStringSubmatch(html, -1) {
				if !ids[m[1]] {
					t.Errorf("%s: a link leads to #%s, which is not there", text, m[1])
				}
			}
			for _, pv := range documentViews(page.Document, View{Lang: l}) {
				for _, n := range pv.All {
					if !ids[pv.id(n.Key)] {
						t.Errorf("%s: the field %s has no place", text, n.Key)
					}
				}
			}
			if strings.Contains(html, "⟦") {
				t.Errorf("%s: a text is missing", text)
			}
		}
	}
}

func TestVersionsSideBySide(t *testing.T) {
	connect := []byte("\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04labA")
	list := columns(connect, packet.V311, spec.English)
	if len(list) != 3 {
		t.Fatalf("%d versions, want 3", len(list))
	}
	var said []string
	for _, d := range list[2].news {
		said = append(said, d.kind+" "+d.node.Label)
	}
	want := "changed Remaining Length, renamed Protocol Version, renamed Clean Start, new Properties"
	if got := strings.Join(said, ", "); got != want {
		t.Errorf("5.0: %s, want %s", got, want)
	}
	var marked []int
	for i, changed := range list[2].view.Changed {
		if changed {
			marked = append(marked, i)
		}
	}
	if len(marked) != 3 || marked[0] != 1 || marked[1] != 8 || marked[2] != 12 {
		t.Errorf("bytes %v are marked, want 1, 8 and 12", marked)
	}

	// 3.1 is left out where it is the same; a PINGREQ is the same everywhere.
	if list := columns([]byte{0xc0, 0}, packet.V311, spec.English); len(list) != 2 || !list[1].same {
		t.Errorf("PINGREQ: %d versions", len(list))
	}
	if list := columns([]byte("\x32\x0f\x00\x06test/a\x00\x07\x00hell"), packet.V5, spec.English); len(list) != 2 || len(list[0].view.Raw) != 16 {
		t.Errorf("PUBLISH: %d versions", len(list))
	}
}

func TestDivision(t *testing.T) {
	for _, test := range []struct {
		value        int
		bytes        string
		back, digits string
		longer       bool
	}{
		{0, "\x00", "0 = 0", "00", false},
		{38, "\x26", "38 = 38", "26", false},
		{321, "\xc1\x02", "65 + 2 × 128 = 321", "c1 02", false},
		{16384, "\x80\x80\x01", "0 + 0 × 128 + 1 × 16,384 = 16,384", "80 80 01", false},
		{packet.MaxRemainingLength, "\xff\xff\xff\x7f", "127 + 127 × 128 + 127 × 16,384 + 127 × 2,097,152 = 268,435,455", "ff ff ff 7f", false},
		{5, "\x85\x80\x00", "5 + 0 × 128 + 0 × 16,384 = 5", "85 80 00", true},
	} {
		w := workOut(test.value, []byte(test.bytes))
		var digits []string
		for i, s := range w.steps {
			digits = append(digits, s.hex)
			if s.more != (i+1 < len(w.steps)) {
				t.Errorf("%d: byte %d says that more follow: %t", test.value, i, s.more)
			}
		}
		if w.back != test.back || strings.Join(digits, " ") != test.digits || w.longer != test.longer {
			t.Errorf("%d: %q, %v, longer %t", test.value, w.back, digits, w.longer)
		}
	}
	if got := lengthRanges[3].hex; got != "80 80 80 01 – ff ff ff 7f" {
		t.Errorf("four bytes say %s", got)
	}
}
