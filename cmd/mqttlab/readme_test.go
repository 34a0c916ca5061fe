package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// readme is a README as this test sees it.
type readme struct {
	sections []string // of each what it holds beside prose, in order: tables, code
	commands []string // lines of code, without remarks
}

func readReadme(t *testing.T, name string) (r readme) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	code := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "```"):
			code = !code
		case code:
			command, _, _ := strings.Cut(line, " #")
			r.commands = append(r.commands, strings.TrimRight(command, " "))
		case strings.HasPrefix(line, "## "):
			r.sections = append(r.sections, "")
		case strings.HasPrefix(line, "|") && len(r.sections) > 0:
			r.sections[len(r.sections)-1] += "|"
		}
	}
	for _, link := range regexp.MustCompile(`\]\(([^)#:]+)\)|srcset="([^"]+)"|src="([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
		if _, err := os.Stat(filepath.Join(root, link[1]+link[2]+link[3])); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	return r
}

// README.zh.md has the sections, the commands and the rows of README.md; the
// figures and the drawing stand in the one only.
func TestChineseReadme(t *testing.T) {
	english, chinese := readReadme(t, "README.md"), readReadme(t, "README.zh.md")
	if len(english.sections) != len(chinese.sections) || len(english.sections) < 8 {
		t.Fatalf("%d sections, in Chinese %d", len(english.sections), len(chinese.sections))
	}
	figures := 0
	for i, rows := range english.sections {
		switch {
		case chinese.sections[i] == rows:
		case chinese.sections[i] == "":
			figures++
		default:
			t.Errorf("section %d has %d rows, in Chinese %d", i+1, len(rows), len(chinese.sections[i]))
		}
	}
	if figures != 1 {
		t.Errorf("%d sections have their tables in English only", figures)
	}
	drawing := func(line string) bool { return strings.ContainsAny(line, "─┬┼└") }
	if want := slices.DeleteFunc(english.commands, drawing); !slices.Equal(want, chinese.commands) {
		t.Errorf("the commands are\n%s\nand in Chinese\n%s", strings.Join(want, "\n"), strings.Join(chinese.commands, "\n"))
	}
}

// What README.md shows of the command line is what it says.
func TestReadmeExamples(t *testing.T) {
	tried := 0
	commands := readReadme(t, "README.md").commands
	for i, line := range commands {
		asked := regexp.MustCompile(`^\$ echo '(.*)' \| go run ./cmd/mqttlab (.*)$`).FindStringSubmatch(line)
		if asked == nil {
			continue
		}
		tried++
		var out, errors strings.Builder
		if status := run(t.Context(), strings.Fields(asked[2]), streams{in: strings.NewReader(asked[1]), out: &out, err: &errors}); status != exitFine {
			t.Errorf("%s: %d %s", line, status, errors.String())
		}
		if says := commands[i+1]; !strings.HasPrefix(says, "$") && strings.TrimSpace(out.String()) != says {
			t.Errorf("%s says %s", line, out.String())
		}
	}
	if tried != 2 {
		t.Errorf("%d examples were tried", tried)
	}
}
