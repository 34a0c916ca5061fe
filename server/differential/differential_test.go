package differential

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	vectors = "../../testdata/vectors"
	port    = 31883 // the brokers' port in all captures
)

// TestTshark compares every field of every packet in every capture.
func TestTshark(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(vectors, "*.pcapng"))
	if err != nil || len(files) < 6 {
		t.Fatalf("%d captures in %s, %v", len(files), vectors, err)
	}
	files = append(files, synthetic(t), faulty(t))
	names := wiresharkNames(t)
	used := make([]int, len(known))
	seen := map[string]int{}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			theirs, ours := dissected(t, file, port), annotated(t, file, port)
			if len(theirs) != len(ours) {
				t.Fatalf("tshark finds %d packets, we %d", len(theirs), len(ours))
			}
			equal := 0
			for i := range theirs {
				if theirs[i].frame != ours[i].frame || theirs[i].hex != ours[i].hex {
					t.Fatalf("packet %d: tshark has frame %d %.40s, we frame %d %.40s", i, theirs[i].frame, theirs[i].hex, ours[i].frame, ours[i].hex)
				}
				equal += compare(t, &theirs[i], &ours[i], names, used)
				for _, f := range theirs[i].fields {
					seen[f.name]++
				}
			}
			t.Logf("%d packets, %d fields equal", len(theirs), equal)
		})
	}
	if t.Failed() {
		return
	}
	for i, k := range known {
		if used[i] == 0 && !mended[k.why] {
			t.Errorf("the known difference %q, %q (%s) does not occur any more: take it out", k.theirs, k.ours, k.why)
		}
	}
	for name := range names {
		if _, never := unseen[name]; (seen[name] == 0) != never {
			t.Errorf("%s: shown by tshark %d times; listed in unseen: %v", name, seen[name], never)
		}
	}
}

// compare sets against each other what the two sides say of one packet, and
// returns how many fields they agree on. What is left over must be known.
func compare(t *testing.T, theirs, ours *dissection, names map[string]bool, used []int) int {
	t.Helper()
	p := &pair{dissection: *ours, theirs: slices.Clone(theirs.fields), ours: slices.Clone(ours.fields)}
	equal := 0
	for i := 0; i < len(p.theirs); {
		j := slices.IndexFunc(p.ours, p.theirs[i].same)
		if j < 0 {
			i++
			continue
		}
		p.theirs, p.ours = slices.Delete(p.theirs, i, i+1), slices.Delete(p.ours, j, j+1)
		equal++
	}
	for i, k := range known {
		used[i] += k.apply(p)
	}
	p.ours = slices.DeleteFunc(p.ours, func(f field) bool { return !names[f.name] }) // ours alone
	for _, f := range p.theirs {
		t.Errorf("frame %d, only tshark: %v\n\t%.200s", theirs.frame, f, theirs.hex)
	}
	for _, f := range p.ours {
		t.Errorf("frame %d, only here:   %v\n\t%.200s", theirs.frame, f, theirs.hex)
	}
	return equal
}

// wiresharkNames returns the names that this tshark has for MQTT.
func wiresharkNames(t *testing.T) map[string]bool {
	t.Helper()
	out, err := exec.Command("tshark", "-G", "fields").Output()
	if err != nil {
		t.Fatalf("tshark, which make tools installs: %v", err)
	}
	names := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		if column := strings.Split(line, "\t"); len(column) > 2 && strings.HasPrefix(column[2], "mqtt.") {
			names[column[2]] = true
		}
	}
	return names
}
