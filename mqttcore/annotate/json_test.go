package annotate_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/spec"
)

// encoded is a Document's JSON as encoding/json writes it, but for characters
// that are not seen, which are escapes.
func encoded(t *testing.T, d *annotate.Document) string {
	t.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(d); err != nil {
		t.Fatal(err)
	}
	return escaped(strings.TrimSuffix(b.String(), "\n"))
}

func escaped(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsGraphic(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// TestAppendJSON compares the hand-written JSON of all golden dumps with that
// of encoding/json.
func TestAppendJSON(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(packets, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files in %s: %v", packets, err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		given, _, _ := strings.Cut(string(content), "---\n")
		for _, l := range spec.Languages() {
			d := annotate.Text(paste(given), annotate.Options{Lang: l})
			if diff := cmp.Diff(encoded(t, &d), string(d.AppendJSON(nil))); diff != "" {
				t.Errorf("%s %s:\n%s", file, l, diff)
			}
		}
	}
}

// TestAppendJSONOddValues has what no packet makes: nil lists, strings that
// are no UTF-8, characters that JSON or JavaScript wants escaped.
func TestAppendJSONOddValues(t *testing.T) {
	odd := "\x00\b\t\n\f\r\x1f\"\\/<>&\x7f\x80é\u2028\u2029\xff“😀" + unseen
	for _, d := range []annotate.Document{
		{},
		{
			Source: annotate.Source{
				Format: odd, Skipped: []annotate.Skipped{{Why: odd}}, Problems: []annotate.Problem{{From: 1, Line: 2, Text: odd}},
				Readings: []string{odd, ""}, Places: [][2]int{{0, -1}, {2, 3}},
			},
			Packets: []annotate.Packet{
				{Fields: []annotate.Field{{Value: 1.5}, {Value: odd, Cut: true, Bits: &[2]int{7, 4}}, {Fields: []annotate.Field{}}}},
				{Links: []annotate.Link{{To: 3, Kind: "answers", Text: odd}}, Answer: &annotate.Answer{}, Alternatives: []annotate.Packet{{}}},
				{Findings: []annotate.Finding{{Rule: odd, Also: []string{odd}, Bits: &[2]int{1, 0}, Repair: &annotate.Repair{Text: odd}}}},
			},
			Rest: &annotate.Rest{},
		},
	} {
		if diff := cmp.Diff(encoded(t, &d), string(d.AppendJSON(nil))); diff != "" {
			t.Error(diff)
		}
	}
}

// unseen is what a terminal obeys or nobody sees, wherever it stands among the
// eight bytes that are looked at at once.
const unseen = "1\x7f\u0080\u009b31m\u00ad 1234567\u202eabc\u2066\u200f\u200d\ufeff\ue000\uffff\U000e0041温度 \u3000ä\u061c12345678\x7f"

// TestInert: whatever is written, nothing in it acts on whoever shows it, and
// encoding/json reads the same value.
func TestInert(t *testing.T) {
	for i := range len(unseen) {
		want := map[string]string{unseen[i:]: "a" + unseen[:i], "12345678": strings.Repeat("x", i) + unseen}
		given, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		before := string(given)
		inert := annotate.Inert(given)
		if string(inert) != escaped(before) {
			t.Fatalf("%q\nbecomes %q\nnot     %q", given, inert, escaped(before))
		}
		if string(given) != before {
			t.Fatal("what was given has changed")
		}
		var got map[string]string
		if err := json.Unmarshal(inert, &got); err != nil {
			t.Fatal(err)
		}
		if want = map[string]string{}; json.Unmarshal(given, &want) != nil || !maps.Equal(want, got) { // without what was no UTF-8
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	plain := []byte(`{"ä":"温度 😀 \"<&"}`)
	if got := annotate.Inert(plain); string(got) != string(plain) {
		t.Errorf("%s becomes %s", plain, got)
	}
}

// TestAppendJSONOfChangedFields changes fields whose JSON is remembered: what
// they say then is written, not what they said.
func TestAppendJSONOfChangedFields(t *testing.T) {
	changes := []func(*annotate.Field){
		func(*annotate.Field) {},
		func(f *annotate.Field) { f.Name = "name" },
		func(f *annotate.Field) { f.Label = "label" },
		func(f *annotate.Field) { f.Offset = 1234 },
		func(f *annotate.Field) { f.Length = 1234 },
		func(f *annotate.Field) { f.Bits = &[2]int{3, 2} },
		func(f *annotate.Field) { f.Value = "value" },
		func(f *annotate.Field) { f.Value = nil },
		func(f *annotate.Field) { f.Text = "text" },
		func(f *annotate.Field) { f.Math = "math" },
		func(f *annotate.Field) { f.Cut = true },
		func(f *annotate.Field) { f.Group = "group" },
		func(f *annotate.Field) { f.Fields = append(f.Fields, annotate.Field{Name: "more"}) },
	}
	var change func([]annotate.Field, func(*annotate.Field))
	change = func(list []annotate.Field, one func(*annotate.Field)) {
		for i := range list {
			change(list[i].Fields, one)
			one(&list[i])
		}
	}
	for range 3 { // the JSON is remembered when it comes again
		for i, one := range changes {
			d := annotate.Text("32 0d 00 04 61 2f 62 63 01 2c 68 65 6c 6c 6f", annotate.Options{})
			change(d.Packets[0].Fields, one)
			if want, got := encoded(t, &d), string(d.AppendJSON(nil)); got != want {
				t.Errorf("change %d:\ngot  %s\nwant %s", i, got, want)
			}
		}
	}
}
