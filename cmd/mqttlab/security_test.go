package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The tests that SECURITY.md names exist: a threat whose test has gone is one
// that nothing stands against.
func TestThreatsHaveTests(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "SECURITY.md"))
	if err != nil {
		t.Fatal(err)
	}
	found, rows := 0, 0
	folder := regexp.MustCompile("`((?:server|mqttcore|cmd|web|static)[a-z0-9/]*)`")
	test := regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z]\w+`)
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || strings.Contains(cells[1], "---") || strings.TrimSpace(cells[1]) == "threat" {
			continue
		}
		rows++
		named := 0
		proofs := cells[3]
		for _, at := range folder.FindAllStringSubmatchIndex(proofs, -1) {
			rest := proofs[at[1]:]
			if next := folder.FindStringIndex(rest); next != nil {
				rest = rest[:next[0]]
			}
			dir := proofs[at[2]:at[3]]
			for _, name := range test.FindAllString(rest, -1) {
				named++
				if !defines(t, dir, name) {
					t.Errorf("%s: there is no %s in %s", strings.TrimSpace(cells[1]), name, dir)
				}
			}
		}
		if named == 0 {
			t.Errorf("%s: nothing proves it", strings.TrimSpace(cells[1]))
		}
		found += named
	}
	if rows < 12 || found < 25 {
		t.Errorf("%d threats and %d tests were read", rows, found)
	}
}

func defines(t *testing.T, dir, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(dir), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "func "+name+"(") {
			return true
		}
	}
	return false
}
