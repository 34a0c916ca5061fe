package coverage

import (
	"cmp"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

var update = flag.Bool("update", false, "rewrite transcripts.txt")

const head = "# Which statement is shown by which file below testdata. Generated: go test ./mqttcore/coverage -update\n"

// TestTranscriptsAreListed fails when a transcript says other than the
// embedded list.
func TestTranscriptsAreListed(t *testing.T) {
	var list []shown
	for _, dir := range []string{"broker", "flow"} {
		files, err := filepath.Glob("../../testdata/" + dir + "/*.txt")
		if err != nil || len(files) == 0 {
			t.Fatal(dir, files, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name := dir + "/" + filepath.Base(file)
			if dir == "flow" {
				list = append(list, ofFlow(name, string(text))...)
			} else {
				list = append(list, ofBroker(name, string(text))...)
			}
		}
	}
	var b strings.Builder
	b.WriteString(head)
	for _, s := range best(list) {
		b.WriteString(s.String() + "\n")
	}
	if *update {
		if err := os.WriteFile("transcripts.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if b.String() != transcriptsText {
		t.Error("transcripts.txt is out of date: go test ./mqttcore/coverage -update")
	}
}

var id = regexp.MustCompile(`MQTT-\d+\.\d+\.\d+-\d+`)

// ofBroker finds the statements that a transcript of the broker names: in its
// comments, which hold for what follows up to the next one, and in the
// brackets behind an explanation. Which version is meant is that of the
// connections at work.
func ofBroker(name, text string) []shown {
	var list []shown
	versions := map[string]packet.Version{} // of the connections
	var block []string                      // statements that the comments name
	used := map[packet.Version]bool{}
	end := func() {
		for _, i := range block {
			for v := range used {
				list = append(list, shown{v.String(), i, name, ""})
			}
		}
		block, used = nil, map[packet.Version]bool{}
	}
	commands := false
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "#"):
			if commands {
				end()
			}
			commands = false
			block = append(block, id.FindAllString(line, -1)...)
			continue
		case len(f) < 2:
			continue
		}
		commands = true
		if line[0] == ' ' {
			if f[1] != "!" {
				continue
			}
			v := versions[f[0]]
			if at := strings.LastIndex(line, " ["); at > 0 && v != 0 {
				for _, i := range id.FindAllString(line[at:], -1) {
					list = append(list, shown{v.String(), i, name, f[2]})
				}
			}
			continue
		}
		if f[0] == "connect" || f[0] == "open" {
			versions[f[1]] = packet.V311
			for _, word := range f {
				if v, ok := packet.ParseVersion(strings.TrimPrefix(word, "v=")); ok && strings.HasPrefix(word, "v=") {
					versions[f[1]] = v
				}
			}
		}
		if v := versions[f[1]]; v != 0 {
			used[v] = true
		}
	}
	end()
	return list
}

// ofFlow finds the statements that findings of a transcript of a connection
// cite.
func ofFlow(name, text string) []shown {
	var list []shown
	version := ""
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		switch {
		case len(f) > 1 && f[0] == "input":
			version = f[1]
		case strings.HasPrefix(line, " ") && version != "":
			if from, to := strings.Index(line, " [MQTT-"), strings.Index(line, "]: "); from > 0 && to > from {
				list = append(list, shown{version, line[from+2 : to], name, ""})
			}
		}
	}
	return list
}

// best keeps each statement once for each file: as a comment names it, else
// with the first key, by the alphabet, that cites it.
func best(list []shown) []shown {
	order := map[string]int{}
	for _, v := range packet.Versions {
		for i, s := range spec.Statements(v) {
			order[v.String()+s.ID] = i
		}
	}
	list = slices.DeleteFunc(list, func(s shown) bool {
		_, ok := order[s.version+s.id]
		return !ok
	})
	named := func(s shown) int { // comments first
		if s.key == "" {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(list, func(a, b shown) int {
		return cmp.Or(cmp.Compare(a.version, b.version), cmp.Compare(order[a.version+a.id], order[b.version+b.id]),
			cmp.Compare(a.file, b.file), cmp.Compare(named(a), named(b)), cmp.Compare(a.key, b.key))
	})
	return slices.CompactFunc(list, func(a, b shown) bool {
		return a.version == b.version && a.id == b.id && a.file == b.file
	})
}
