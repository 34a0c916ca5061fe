package flow_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/form"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

var update = flag.Bool("update", false, "rewrite the transcripts with what flow says")

// TestTranscripts replays testdata/flow/*.txt; see testdata/flow/README.md.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("../../testdata/flow/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := replay(t, string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("transcript differs (-want +got):\n%s", diff)
			}
		})
	}
}

// stage replays one transcript.
type stage struct {
	t       *testing.T
	w       strings.Builder
	version packet.Version
	input   *flow.Input
	decoder packet.Decoder
	index   int
}

func replay(t *testing.T, text string) string {
	s := &stage{t: t}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, " ") {
			continue
		}
		fmt.Fprintln(&s.w, line)
		if line != "" && line[0] != '#' {
			s.do(line)
		}
	}
	return s.w.String()
}

func (s *stage) do(line string) {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "input":
		version, how, _ := strings.Cut(rest, " ")
		v, ok := packet.ParseVersion(version)
		if !ok {
			s.t.Fatalf("no version: %s", line)
		}
		s.version, s.index, s.decoder = v, 0, packet.Decoder{Version: v}
		s.input = flow.NewInput(flow.Options{Version: v, Whole: how == "whole"})
	case "gap":
		s.input.Gap()
	case "state":
		for _, e := range s.input.Conn().Exchanges() {
			fmt.Fprintf(&s.w, "    %s's id %d, QoS %d, awaits %s (from [%d], now at [%d])\n", e.By, e.ID, e.QoS, e.Awaits, e.First, e.Last)
		}
		if due, closes, ok := s.input.Conn().KeepAlive(); ok {
			fmt.Fprintf(&s.w, "    the client has until %v, the server closes at %v\n", time.Duration(due), time.Duration(closes))
		}
	case "end":
		for _, l := range s.input.End() {
			s.finding(fmt.Sprintf("[%d] ", l.Index), l.Finding)
		}
	case "client", "server", "?":
		s.packet(map[string]packet.Party{"client": packet.Client, "server": packet.Server}[word], rest)
	default:
		s.t.Fatalf("no such command: %s", line)
	}
}

// packet feeds "@70s TYPE {form}" or "broken TYPE VIOLATION".
func (s *stage) packet(from packet.Party, rest string) {
	seen := flow.Seen{Index: s.index, From: from}
	s.index++
	if at, more, ok := strings.Cut(rest, " "); ok && at[0] == '@' {
		d, err := time.ParseDuration(at[1:])
		if err != nil {
			s.t.Fatal(err)
		}
		seen.At, seen.Timed, rest = int64(d), true, more
	}
	name, data, _ := strings.Cut(rest, " ")
	if name == "broken" {
		kind, slug, _ := strings.Cut(data, " ")
		seen.Type, _ = packet.ParseType(kind)
		for _, v := range packet.Violations() {
			if v.String() == slug {
				seen.Fault = &packet.Fault{Violation: v, Version: s.version}
			}
		}
		s.show(s.input.See(seen))
		return
	}
	b := s.encode(name, data)
	p, err := s.decoder.Decode(b)
	if err != nil {
		s.t.Fatalf("%s: %v", rest, err)
	}
	seen.Packet, seen.Size = p, len(b)
	r := s.input.See(seen)
	for i := range b {
		b[i] = 'X' // nothing may still look into the packet
	}
	s.show(r)
}

func (s *stage) encode(name, data string) []byte {
	fields := map[string]any{}
	if data != "" {
		if err := json.Unmarshal([]byte(data), &fields); err != nil {
			s.t.Fatalf("%s: %v", data, err)
		}
	}
	fields["type"], fields["version"] = name, s.version.String()
	whole, _ := json.Marshal(fields)
	b, _, err := form.Encode(whole)
	if err != nil {
		s.t.Fatalf("%s: %v", data, err)
	}
	return b
}

func (s *stage) show(r flow.Result) {
	for _, l := range r.Links {
		fmt.Fprintf(&s.w, "    %s [%d]%s: %s\n", l.Kind, l.To, place(l.Place), s.say(l.Key, l.Args))
	}
	for _, f := range r.Findings {
		s.finding("", f)
	}
}

func (s *stage) finding(before string, f flow.Finding) {
	text := s.say(f.Key, f.Args)
	if f.Unsure {
		text = s.say("flow.unsure", []string{"text", text})
	}
	fmt.Fprintf(&s.w, "    %s%s %s%s [%s]: %s\n", before, [...]string{"error", "warning", "note"}[f.Severity], f.Code, place(f.Place), f.Rule, text)
	if _, ok := spec.Lookup(s.version, f.Rule); !ok && !strings.HasPrefix(f.Rule, "§") {
		s.t.Errorf("%s cites %s, which %s does not have", f.Code, f.Rule, s.version)
	}
}

func (s *stage) say(key string, args []string) string {
	text := spec.Message(spec.English, key, args...)
	if strings.Contains(text, "⟦") || strings.Contains(text, "{") {
		s.t.Errorf("message %s with %q: %s", key, args, text)
	}
	return text
}

func place(p flow.Place) string {
	text := ""
	switch {
	case p.Property != 0:
		text = " at " + p.Property.Name()
	case p.Field != 0:
		text = " at " + p.Field.Name()
	}
	if p.Nth > 0 {
		text += fmt.Sprintf("#%d", p.Nth)
	}
	return text
}
