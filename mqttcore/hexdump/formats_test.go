package hexdump

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryFormatHasAGoldenFile: a row of the table that no sample exercises is not tested.
func TestEveryFormatHasAGoldenFile(t *testing.T) {
	files, err := filepath.Glob("../../testdata/hexdump/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text, _, _ := strings.Cut(string(data), "\n-------- reads as --------\n")
		best := Read(text)
		for _, f := range formats {
			for _, c := range f.read(newInput(text)) {
				if c.level > f.most {
					t.Errorf("%s: %s claims level %d, its row says %d at most", file, f.name, c.level, f.most)
				}
				seen[f.name] = seen[f.name] || c.Format == best.Format
			}
		}
	}
	for _, f := range formats {
		if !seen[f.name] {
			t.Errorf("no golden file is read best by %q", f.name)
		}
	}
}
