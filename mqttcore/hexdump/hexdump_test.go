package hexdump_test

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"mqttlab/mqttcore/hexdump"
	"mqttlab/mqttcore/spec"
)

// checkReadings checks what holds for every text: no byte without a source, no character without a
// reason.
func checkReadings(t *testing.T, text string) {
	t.Helper()
	readings := hexdump.Readings(text)
	if len(readings) == 0 {
		t.Fatal("no reading")
	}
	for _, r := range readings {
		if len(r.Source) != len(r.Bytes) {
			t.Fatalf("%s: %d sources for %d bytes", r.Format, len(r.Source), len(r.Bytes))
		}
		if len(r.Bytes) == 0 && len(r.Problems) == 0 {
			t.Fatalf("%s: neither bytes nor a problem", r.Format)
		}
		covered := make([]bool, len(text))
		cover := func(x hexdump.Range) {
			if x.From < 0 || x.To > len(text) || x.From > x.To {
				t.Fatalf("%s: range %v outside of %d characters", r.Format, x, len(text))
			}
			for i := x.From; i < x.To; i++ {
				covered[i] = true
			}
		}
		words := strings.Contains(r.Format, "swapped")
		last := -1
		for i, s := range r.Source {
			if s.From >= s.To {
				t.Fatalf("%s: byte %d comes from nothing: %v", r.Format, i, s)
			}
			if s.From < last && !words {
				t.Fatalf("%s: byte %d at %v comes before the one at %d", r.Format, i, s, last)
			}
			last = s.From
			cover(s)
		}
		checkNotes(t, r.Format, text, r.Skipped, cover, true)
		checkNotes(t, r.Format, text, r.Problems, cover, false)
		checkChunks(t, r)
		for i, c := range text {
			symbol := c > unicode.MaxASCII && unicode.IsSymbol(c) && (c < '─' || c > '╿')
			if !covered[i] && (unicode.IsLetter(c) || unicode.IsNumber(c) || symbol) {
				t.Fatalf("%s: nothing is said about %q at %d", r.Format, c, i)
			}
		}
	}
}

func checkNotes(t *testing.T, format, text string, notes []hexdump.Note, cover func(hexdump.Range), apart bool) {
	t.Helper()
	last := 0
	for i, n := range notes {
		cover(n.Range)
		if n.From < last {
			t.Fatalf("%s: note %d (%s) at %d, after one to %d", format, i, n.Code, n.From, last)
		}
		last = n.From
		if apart {
			last = n.To
		}
		if text := said(n); strings.ContainsAny(text, "⟦{") && !strings.ContainsAny(strings.Join(n.Args, ""), "⟦{") {
			t.Fatalf("%s: no text for note %q %q: %s", format, n.Code, n.Args, text)
		}
	}
}

func checkChunks(t *testing.T, r hexdump.Reading) {
	t.Helper()
	if (len(r.Chunks) > 0) != (len(r.Bytes) > 0) {
		t.Fatalf("%s: %d chunks for %d bytes", r.Format, len(r.Chunks), len(r.Bytes))
	}
	last := -1
	for i, c := range r.Chunks {
		if i == 0 && c.Offset != 0 || c.Offset <= last || c.Offset >= len(r.Bytes) {
			t.Fatalf("%s: chunk %d at %d", r.Format, i, c.Offset)
		}
		last = c.Offset
	}
}

func FuzzReadings(f *testing.F) {
	files, _ := filepath.Glob("../../testdata/hexdump/*.txt")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		text, _, _ := strings.Cut(string(data), fence)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkReadings(t, text) })
}

// TestPlainHexIsExact: hex in any spelling comes out byte for byte.
func TestPlainHexIsExact(t *testing.T) {
	const want = "102600044d51545404c2003c0009313233"
	b, _ := hex.DecodeString(want)
	for _, sep := range []string{" ", "", ":", "-", ",", ", ", "|", "%", "\n", "\t", "  ", ";", "_", ".", "\u3000", "\u00a0", "，", " 0x", ", 0x", "\r\n", " - ", "/", "、"} {
		var parts []string
		for _, v := range b {
			parts = append(parts, hex.EncodeToString([]byte{v}))
		}
		text := strings.Join(parts, sep)
		for _, text := range []string{text, strings.ToUpper(text), "0x" + text, sep + text + sep, "  " + text + "\n"} {
			if strings.HasSuffix(strings.TrimSpace(text), "0x") || strings.Contains(text, "0X") || strings.HasPrefix(text, "0x") && sep == "%" {
				continue
			}
			r := hexdump.Read(text)
			if got := hex.EncodeToString(r.Bytes); got != want || len(r.Problems) > 0 || len(r.Skipped) > 0 {
				t.Errorf("%q: %s: got %s, skipped %v, problems %v", text, r.Format, got, r.Skipped, r.Problems)
			}
			checkReadings(t, text)
		}
	}
}

func TestPosition(t *testing.T) {
	text := "ab\n固定 10\n"
	for _, c := range []struct{ offset, line, column int }{
		{0, 1, 1}, {2, 1, 3}, {3, 2, 1}, {6, 2, 2}, {10, 2, 4}, {len(text), 3, 1}, {-5, 1, 1}, {999, 3, 1},
	} {
		if line, column := hexdump.Position(text, c.offset); line != c.line || column != c.column {
			t.Errorf("Position(%d) = %d, %d, want %d, %d", c.offset, line, column, c.line, c.column)
		}
	}
}

// said is what the catalogue says in English for a note.
func said(n hexdump.Note) string {
	var args []string
	for i, a := range n.Args {
		args = append(args, "arg"+strconv.Itoa(i), a)
	}
	return spec.Message(spec.English, "hexdump."+n.Code, args...)
}

// TestCodes: each code has a text in the catalogue, and the catalogue has no text without a code.
func TestCodes(t *testing.T) {
	var texts []string
	for _, key := range spec.Keys() {
		if code, ok := strings.CutPrefix(key, "hexdump."); ok {
			texts = append(texts, code)
		}
	}
	if diff := cmp.Diff(hexdump.Codes(), texts); diff != "" {
		t.Errorf("codes (-) and texts (+): %s", diff)
	}
}

// TestReadIsTheBestReading: Read is the first of Readings.
func TestReadIsTheBestReading(t *testing.T) {
	for _, text := range []string{"", "c0 00", "10 20 30", "hello"} {
		if diff := cmp.Diff(hexdump.Readings(text)[0], hexdump.Read(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// TestNotesAreBounded: thousands of faults end in one note that counts the rest.
func TestNotesAreBounded(t *testing.T) {
	r := hexdump.Read(strings.Repeat("10 2g ", 5000))
	if len(r.Problems) != 1000 {
		t.Fatalf("%d problems, want 1000", len(r.Problems))
	}
	last := r.Problems[999]
	if last.Code != "more-problems" || last.Args[0] != "4001" {
		t.Errorf("last problem: %+v", last)
	}
	checkReadings(t, strings.Repeat("10 2g ", 5000))
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, "%08x  10 26  |.&|\n", 2*i)
	}
	if r := hexdump.Read(b.String()); len(r.Skipped) != 4000 || len(r.Bytes) != 6000 {
		t.Errorf("%d skipped, %d bytes", len(r.Skipped), len(r.Bytes))
	}
	checkReadings(t, b.String())
}
