package shelf_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"mqttlab/mqttcore/scenario"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/shelf"
)

// Every lab that comes with mqttlab is right in every language, and its
// solution passes every step; nothing passes the untouched lab.
func TestLabs(t *testing.T) {
	s, err := shelf.Open()
	if err != nil {
		var all shelf.Problems
		if errors.As(err, &all) {
			for _, p := range all {
				t.Errorf("%s/%s:%d:%d: %s", p.Lab, p.File, p.Line, p.Column, p.Text(spec.English))
			}
		}
		t.Fatal(err)
	}
	order := make(map[int]string)
	for _, l := range s.Labs() {
		t.Run(l.ID, func(t *testing.T) {
			if other := order[l.Order]; other != "" || l.Order == 0 {
				t.Errorf("order %d in its front matter is none of its own: %q has it", l.Order, other)
			}
			order[l.Order] = l.ID
			for _, lang := range spec.Languages() {
				if lang != spec.English && l.Words(lang) == l.Words(spec.English) {
					t.Errorf("it is not there in %s", lang)
				}
			}
			if len(l.Begin().Passed()) > 0 {
				t.Error("whoever does nothing passes a step")
			}
			if l.Minutes < 5 || l.Minutes > 15 {
				t.Errorf("it takes %d minutes", l.Minutes)
			}
		})
	}
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

const (
	english  = "---\ntitle: T\nsummary: S\nminutes: 5\n---\n## A {#a}\n```check\n- saw: mqtt.msgtype == PINGRESP\n```\n"
	solution = `{"mqttlab": "scenario/1", "clients": [{"id": "A"}], "steps": [
  {"client": "A", "do": "open"},
  {"client": "A", "do": "send", "hex": "100c 0004 4d515454 0402 003c 0000"},
  {"client": "A", "do": "send", "hex": "c000"}]}`
)

func TestOpen(t *testing.T) {
	own := fstest.MapFS{"mine/en.md": file(english), "mine/solution.json": file(solution), "notes.txt": file("x"), "empty/x.md": file("")}
	s, err := shelf.Open(own)
	if err != nil {
		t.Fatal(err)
	}
	all := s.Labs()
	if all[0].ID != "first-connect" || all[len(all)-1].ID != "mine" || s.Lab("mine") == nil || s.Lab("empty") != nil {
		t.Errorf("the order is wrong")
	}
}

func TestProblems(t *testing.T) {
	for name, c := range map[string]struct {
		file, text, want string
	}{
		"lab":           {"en.md", strings.Replace(english, "saw", "say", 1), "x/en.md:8:3: There is no key say here."},
		"no solution":   {"solution.json", "", "x/solution.json:1:1: "},
		"bad solution":  {"solution.json", strings.Replace(solution, "open", "opne", 1), "x/solution.json:2:"},
		"fails":         {"solution.json", strings.Replace(solution, `"open"`, `"close"`, 1), "x/solution.json:2:1: step 1 (line 2)"},
		"does not pass": {"solution.json", strings.Replace(solution, "c000", "e000", 1), "x/solution.json:1:1: The solution does not pass the step a. Seen: mqtt.msgtype == PINGRESP"},
		"no cast":       {"en.md", strings.Replace(english, "minutes", "cast: ../x.json\nminutes", 1), "x/../x.json:1:1: This file is not there."},
	} {
		t.Run(name, func(t *testing.T) {
			dir := fstest.MapFS{"x/en.md": file(english), "x/solution.json": file(solution)}
			dir["x/"+c.file] = file(c.text)
			_, err := shelf.Open(fs.FS(dir))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// What a solution may do without, and why.
var courtesy = map[string]bool{
	"nine-cells S1 send 40020001": true, // good manners in the row of QoS 1, which is about what arrives
	"nine-cells S2 send 40020001": true,
	"retained P close ":           true, // after DISCONNECT, when the broker has closed already
}

// A solution is no longer than it need be: whoever leaves out a packet, or does
// not open or end a connection, does not pass.
func TestNothingMayBeLeftOut(t *testing.T) {
	s, err := shelf.Open()
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, l := range s.Labs() {
		for i, left := range l.Solution.Steps {
			if left.Do == scenario.Expect || courtesy[fmt.Sprintf("%s %s %s %x", l.ID, left.Client, left.Do, left.Bytes)] {
				continue
			}
			tried++
			without := *l.Solution
			without.Steps = slices.DeleteFunc(slices.Concat(l.Solution.Steps[:i], l.Solution.Steps[i+1:]), func(s scenario.Step) bool {
				return s.Do == scenario.Expect // it would wait in vain
			})
			if p, failure := l.Solve(&without, l.Cast, nil); failure == nil {
				if _, open := p.Step(); !open {
					t.Errorf("%s, line %d may be left out: %s %s %x %s", l.ID, left.Line, left.Client, left.Do, left.Bytes, left.Text)
				}
			}
		}
	}
	if tried < 300 {
		t.Errorf("only %d steps were tried", tried)
	}
}
