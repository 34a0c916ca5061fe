package annotate_test

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mqttlab/mqttcore/annotate"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const packets = "../../testdata/packets"

// TestGolden explains each dump in testdata/packets: comment lines, the
// pasted text, a line "---", and what must be said of it.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(packets, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files in %s: %v", packets, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			given, want, ok := strings.Cut(string(content), "---\n")
			if !ok {
				t.Fatalf("no line --- in %s", file)
			}
			d := annotate.Text(paste(given), annotate.Options{})
			got := show(d)
			if *update {
				if err := os.WriteFile(file, []byte(given+"---\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (rewrite with -update):\n%s", file, diff)
			}
		})
	}
}

// paste returns the golden file's text without its leading comments.
func paste(given string) string {
	for strings.HasPrefix(given, "#") {
		_, given, _ = strings.Cut(given, "\n")
	}
	return given
}

// TestJSON pins the JSON of the annotated packet, which other programs read.
func TestJSON(t *testing.T) {
	d := annotate.Text("10 0c 00 04 4d 51 54 54 04 03 00 00 00 00 82 13 00", annotate.Options{})
	got, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	file := filepath.Join(packets, "annotated.json")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (rewrite with -update):\n%s", file, diff)
	}
}

// show renders a document for review: the bytes of each leaf beside its name,
// value and meaning.
func show(d annotate.Document) string {
	var w strings.Builder
	fmt.Fprintf(&w, "%s, %d bytes\n", d.Source.Format, d.Source.Bytes)
	for _, s := range d.Source.Skipped {
		fmt.Fprintf(&w, "skipped %d–%d: %s\n", s.From, s.To, s.Why)
	}
	for _, p := range d.Source.Problems {
		fmt.Fprintf(&w, "problem at %d:%d: %s\n", p.Line, p.Column, p.Text)
	}
	for _, p := range d.Packets {
		showPacket(&w, p, "")
		for _, alternative := range p.Alternatives {
			showPacket(&w, alternative, "| ")
		}
	}
	if r := d.Rest; r != nil {
		fmt.Fprintf(&w, "\nrest at %d, %d bytes: %s\n", r.Offset, r.Length, r.Why)
		b, _ := hex.DecodeString(r.Hex)
		showFields(&w, b, r.Fields, "  ")
		showFindings(&w, r.Findings, "  ")
	}
	return w.String()
}

func showPacket(w *strings.Builder, p annotate.Packet, margin string) {
	fmt.Fprintf(w, "\n%s[%d] at %d: %s\n%s  MQTT %s: %s\n", margin, p.Index, p.Offset, p.Summary, margin, p.Version, p.VersionWhy)
	b, _ := hex.DecodeString(p.Hex)
	showFields(w, b, p.Fields, margin+"  ")
	showFindings(w, p.Findings, margin+"  ")
	for _, l := range p.Links {
		fmt.Fprintf(w, "%s  %s [%d] at %d+%d: %s\n", margin, l.Kind, l.To, l.Offset, l.Length, l.Text)
	}
	if p.Answer != nil {
		fmt.Fprintf(w, "%s  answer %s %s\n", margin, p.Answer.Hex, p.Answer.Text)
	}
}

func showFields(w *strings.Builder, b []byte, fields []annotate.Field, margin string) {
	for _, f := range fields {
		place := fmt.Sprintf("% x", b[f.Offset:f.Offset+min(f.Length, 8)])
		if f.Length > 8 {
			place += " …"
		}
		if f.Bits != nil {
			place = fmt.Sprintf("  bits %d–%d", f.Bits[0], f.Bits[1])
		}
		value := f.Value
		if text, ok := value.(string); ok {
			value = annotate.Visible(text)
		}
		line := fmt.Sprintf("%s%04x  %-26s %s (%s) = %v", margin, f.Offset, place, f.Label, f.Name, value)
		if f.Text != "" {
			line += " — " + f.Text
		}
		if f.Math != "" {
			line += " [" + f.Math + "]"
		}
		fmt.Fprintln(w, line)
		showFields(w, b, f.Fields, margin+"  ")
	}
}

func showFindings(w *strings.Builder, findings []annotate.Finding, margin string) {
	for _, f := range findings {
		place := fmt.Sprintf("%d+%d", f.Offset, f.Length)
		if f.Bits != nil {
			place += fmt.Sprintf(" bits %d–%d", f.Bits[0], f.Bits[1])
		}
		fmt.Fprintf(w, "%s%s %s at %s [%s]: %s\n", margin, f.Severity, f.Code, place, f.Rule, f.Text)
		if f.Repair != nil {
			fmt.Fprintf(w, "%s  repair: %s %s\n", margin, f.Repair.Text, f.Repair.Hex)
		}
	}
}
