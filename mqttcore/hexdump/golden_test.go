package hexdump_test

import (
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mqttlab/mqttcore/hexdump"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata/hexdump")

// fence separates the pasted text, above, from what is read in it, below.
const fence = "\n-------- reads as --------\n"

// TestGolden reads every file of testdata/hexdump. The part above the fence is the paste; run the
// test with -update to rewrite the part below, and review the difference.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("../../testdata/hexdump/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text, want, _ := strings.Cut(string(data), fence)
			got := describe(text)
			checkReadings(t, text)
			if *update {
				if err := os.WriteFile(file, []byte(text+fence+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("reading differs (-want +got):\n%s", diff)
			}
		})
	}
}

// describe writes all readings of a text so that people can review them: the best in full, of the
// others the format and the bytes.
func describe(text string) string {
	var b strings.Builder
	for i, r := range hexdump.Readings(text) {
		if i > 0 {
			fmt.Fprintf(&b, "or: %s: %s\n", r.Format, shorten(hex.EncodeToString(r.Bytes)))
			continue
		}
		fmt.Fprintf(&b, "format: %s\nbytes: %d\n", r.Format, len(r.Bytes))
		for k, c := range r.Chunks {
			end := len(r.Bytes)
			if k+1 < len(r.Chunks) {
				end = r.Chunks[k+1].Offset
			}
			fmt.Fprintf(&b, "chunk %d %q %q %s\n", c.Offset, c.From, c.Label, shorten(hex.EncodeToString(r.Bytes[c.Offset:end])))
		}
		for _, n := range r.Skipped {
			fmt.Fprintf(&b, "skipped %s %s %q\n", place(text, n), n.Code, shorten(text[n.From:n.To]))
		}
		for _, n := range r.Problems {
			fmt.Fprintf(&b, "problem %s %s %q: %s\n", place(text, n), n.Code, shorten(text[n.From:n.To]), said(n))
		}
	}
	return b.String()
}

func place(text string, n hexdump.Note) string {
	line, column := hexdump.Position(text, n.From)
	return fmt.Sprintf("%d:%d", line, column)
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 240 {
		return string(r[:120]) + " … " + string(r[len(r)-80:])
	}
	return s
}
