package spec

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"mqttlab/mqttcore/packet"
)

// counts says how many statements each section has. The sources are the
// appendices B of the OASIS standards, 3.1.1 of 29 October 2014 and 5.0 of
// 7 March 2019. Both were compared with other lists: 3.1.1 with a second copy
// of its appendix, 5.0 with the conformance report of OpenQTT, which counts 251
// too, and with a test plan that has the same 251 and five of its own invention
// (4.10.0 and 4.11.0). Drafts of 5.0 number section 3.1.2 up to 33.
var counts = map[packet.Version]map[string]int{
	packet.V311: {
		"1.5.3": 3, "2.2.2": 2, "2.3.1": 7,
		"3.1.0": 2, "3.1.2": 24, "3.1.3": 11, "3.1.4": 5,
		"3.2.0": 1, "3.2.2": 6,
		"3.3.1": 12, "3.3.2": 3, "3.3.4": 1, "3.3.5": 2,
		"3.6.1": 1,
		"3.8.1": 1, "3.8.3": 4, "3.8.4": 6, "3.9.3": 2,
		"3.10.1": 1, "3.10.3": 2, "3.10.4": 6,
		"3.12.4": 1, "3.14.1": 1, "3.14.4": 3,
		"4.1.0": 2, "4.3.1": 1, "4.3.2": 2, "4.3.3": 2, "4.4.0": 1, "4.5.0": 2, "4.6.0": 6,
		"4.7.1": 3, "4.7.2": 1, "4.7.3": 4, "4.8.0": 2,
		"6.0.0": 4, "7.0.0": 2, "7.1.1": 1, "7.1.2": 1,
	},
	packet.V5: {
		"1.5.4": 3, "1.5.5": 1, "1.5.7": 1,
		"2.1.3": 1, "2.2.1": 5, "2.2.2": 1, // there is no MQTT-2.2.1-1
		"3.1.0": 2, "3.1.2": 30, "3.1.3": 12, "3.1.4": 6,
		"3.2.0": 2, "3.2.2": 22,
		"3.3.1": 13, "3.3.2": 20, "3.3.4": 10,
		"3.4.2": 3, "3.5.2": 3, "3.6.1": 1, "3.6.2": 3, "3.7.2": 3,
		"3.8.1": 1, "3.8.3": 5, "3.8.4": 8, "3.9.2": 2, "3.9.3": 2,
		"3.10.1": 1, "3.10.3": 2, "3.10.4": 6, "3.11.2": 2, "3.11.3": 2,
		"3.12.4": 1, "3.14.0": 1, "3.14.1": 1, "3.14.2": 4, "3.14.4": 3,
		"3.15.1": 1, "3.15.2": 3,
		"4.1.0": 2, "4.2.0": 1, "4.3.1": 1, "4.3.2": 5, "4.3.3": 13, "4.4.0": 2, "4.5.0": 2, "4.6.0": 6,
		"4.7.0": 1, "4.7.1": 2, "4.7.2": 1, "4.7.3": 4, "4.8.2": 6, "4.9.0": 3,
		"4.12.0": 7, "4.12.1": 2, "4.13.1": 1, "4.13.2": 1,
		"6.0.0": 4,
	},
}

// totals are counts summed, as a check on the table itself.
var totals = map[packet.Version]int{packet.V311: 141, packet.V5: 251}

var idForm = regexp.MustCompile(`^MQTT-(\d+\.\d+\.\d+)-(\d+)$`)

func TestStatementsAreCompleteAndInOrder(t *testing.T) {
	for version, want := range counts {
		have := map[string]int{}
		seen := map[string]bool{}
		var last []int
		for _, s := range Statements(version) {
			m := idForm.FindStringSubmatch(s.ID)
			if m == nil {
				t.Errorf("%s: id %q is not well formed", version, s.ID)
				continue
			}
			if seen[s.ID] {
				t.Errorf("%s: %s stands twice", version, s.ID)
			}
			seen[s.ID] = true
			have[m[1]]++
			if n := numbers(m[1] + "." + m[2]); !less(last, n) {
				t.Errorf("%s: %s is out of order", version, s.ID)
			} else {
				last = n
			}
		}
		for section, n := range want {
			if have[section] != n {
				t.Errorf("%s: section %s has %d statements, want %d", version, section, have[section], n)
			}
		}
		if n := len(Statements(version)); n != totals[version] {
			t.Errorf("%s has %d statements, want %d", version, n, totals[version])
		}
		for section := range have {
			if want[section] == 0 {
				t.Errorf("%s: section %s has no statements in the specification", version, section)
			}
		}
	}
}

func TestStatementsAreWhole(t *testing.T) {
	for _, version := range packet.Versions {
		for _, s := range Statements(version) {
			name := fmt.Sprintf("%s %s", version, s.ID)
			switch s.Binds {
			case BindsClient, BindsServer, BindsBoth:
			default:
				t.Errorf("%s binds %q", name, s.Binds)
			}
			switch s.Judged {
			case JudgedByPacket, JudgedByConnection, JudgedByBroker:
				if s.Why != "" {
					t.Errorf("%s can be judged, so it needs no why", name)
				}
			case JudgedNever:
				if s.Why == "" || !HasMessage("statements.why."+s.Why) {
					t.Errorf("%s: why %q is not in the catalogue", name, s.Why)
				}
			default:
				t.Errorf("%s is judged %q", name, s.Judged)
			}
			if own := sectionOf(s.ID); s.Section != own && !strings.HasPrefix(s.Section, own+".") && !strings.HasPrefix(own, s.Section+".") {
				t.Errorf("%s stands in section %s", name, s.Section)
			}
			if got, ok := Lookup(version, "["+s.ID+"]"); !ok || got != s {
				t.Errorf("%s is not found", name)
			}
			if s.URL() == "" {
				t.Errorf("%s has no address", name)
			}
			texts := map[string]Lang{}
			for _, l := range Languages() {
				text := statementTexts[version].get(l)[s.ID]
				if text == "" {
					t.Errorf("%s has no text in %s", name, l)
					continue
				}
				if other, ok := texts[text]; ok {
					t.Errorf("%s has the same text in %s and %s", name, l, other)
				}
				texts[text] = l
			}
		}
		for _, l := range Languages() {
			for id := range statementTexts[version].get(l) {
				if s, ok := Lookup(version, id); !ok || s.ID != id || s.Version != version {
					t.Errorf("%s: %s has text for %s, which is no statement", version, l, id)
				}
			}
		}
	}
}

func TestLookup(t *testing.T) {
	for _, test := range []struct {
		version packet.Version
		id      string
		want    string
	}{
		{packet.V311, "MQTT-3.1.2-24", "MQTT-3.1.2-24"},
		{packet.V311, "[MQTT-3-8.3-4]", "MQTT-3.8.3-4"},
		{packet.V311, "MQTT-3.1.2.7", "MQTT-3.1.2-7"},
		{packet.V31, "MQTT-3.3.1-4", "MQTT-3.3.1-4"},
		{packet.V31, "MQTT 3.1 §3.8", "MQTT 3.1 §3.8"},
		{packet.V311, "MQTT-9.9.9-9", ""},
		{packet.V311, "", ""},
		{0, "MQTT-3.3.1-4", ""},
	} {
		s, ok := Lookup(test.version, test.id)
		if s.ID != test.want || ok != (test.want != "") {
			t.Errorf("Lookup(%s, %q) = %q, %v", test.version, test.id, s.ID, ok)
		}
	}
}

func TestURL(t *testing.T) {
	for _, test := range []struct {
		version packet.Version
		section string
		want    string
	}{
		{packet.V311, "3.8", "mqtt-v3.1.1-os.html#_Toc398718063"},
		{packet.V311, "3.1.2.3", "mqtt-v3.1.1-os.html#_Toc398718030"},
		{packet.V5, "§3.8.4", "mqtt-v5.0-os.html#_Toc3901170"},
		{packet.V5, "3.8.4.9", "mqtt-v5.0-os.html#_Toc3901170"},
		{packet.V5, "99", "mqtt-v5.0-os.html"},
		{packet.V31, "3.8", "mqtt-v3r1.html"},
		{0, "3.8", ""},
	} {
		if got := URL(test.version, test.section); !strings.HasSuffix(got, test.want) || test.want == "" && got != "" {
			t.Errorf("URL(%s, %q) = %q", test.version, test.section, got)
		}
	}
}

func numbers(s string) (n []int) {
	for _, part := range strings.Split(s, ".") {
		i, _ := strconv.Atoi(part)
		n = append(n, i)
	}
	return n
}

// less compares element by element; an empty a is less than everything.
func less(a, b []int) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return len(a) == 0
}
