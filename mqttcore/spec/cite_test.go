package spec

import (
	"regexp"
	"strings"
	"testing"

	"mqttlab/mqttcore/packet"
)

// The grammar cites a statement, or a section where none has a number.
func TestEveryRuleOfTheGrammarExists(t *testing.T) {
	for _, v := range packet.Violations() {
		for _, version := range packet.Versions {
			rule := v.Rule(version)
			if section, ok := strings.CutPrefix(rule, "§"); ok {
				table, ok := anchors[version]
				if !ok {
					continue // 3.1 is one page without anchors
				}
				if _, ok := table.get()[section]; !ok && !strings.Contains(URL(version, section), "#") {
					t.Errorf("%s: %s cites %s, which does not exist", version, v, rule)
				}
			} else if _, ok := Lookup(version, rule); !ok && rule != "" {
				t.Errorf("%s: %s cites %s, which does not exist", version, v, rule)
			}
		}
	}
}

var citation = regexp.MustCompile(`MQTT-\d+\.\d+\.\d+-\d+`)

// A message must not cite an id that no version has.
func TestEveryRuleInAMessageExists(t *testing.T) {
	for _, l := range Languages() {
		for _, key := range Keys() {
			m, _ := template(l, key)
			for _, id := range citation.FindAllString(m.text, -1) {
				found := false
				for _, v := range packet.Versions {
					_, ok := Lookup(v, id)
					found = found || ok
				}
				if !found {
					t.Errorf("%s: message %s cites %s, which does not exist", l, key, id)
				}
			}
		}
	}
}

// The texts are ours. The specifications write their demands in capitals, so
// capitals show a copied sentence.
func TestTextsAreNotCopied(t *testing.T) {
	demand := regexp.MustCompile(`\b(MUST|SHALL|SHOULD|MAY|REQUIRED|RECOMMENDED)\b`)
	for _, v := range packet.Versions {
		for _, s := range Statements(v) {
			for _, l := range Languages() {
				if demand.MatchString(s.Text(l)) {
					t.Errorf("%s %s in %s reads like the specification: %s", v, s.ID, l, s.Text(l))
				}
			}
		}
	}
}

// Backquotes are the only mark in a text, and they come in pairs.
func TestTextsArePlain(t *testing.T) {
	check := func(l Lang, where string, parts ...string) {
		for _, text := range parts {
			if strings.Count(text, "`")%2 != 0 || strings.ContainsAny(text, "\n\t<*") || strings.TrimSpace(text) != text {
				t.Errorf("%s: %s is not plain: %q", l, where, text)
			}
		}
	}
	for _, l := range Languages() {
		for key, f := range fieldTexts.get(l) {
			check(l, key, f.What, f.Why, f.Read, f.Mistake)
		}
		for key, f := range propertyTexts.get(l) {
			check(l, key, f.What, f.Why, f.Read, f.Mistake)
		}
		for key, p := range packetTexts.get(l) {
			check(l, key, p.What, p.Sender, p.Answer, p.Why, p.Mistake)
		}
		for key, text := range reasonTexts.get(l) {
			check(l, key, text)
		}
		for _, term := range Glossary(l) {
			check(l, term.Key, term.Name, term.Text)
		}
		for _, v := range packet.Versions {
			for _, s := range Statements(v) {
				check(l, s.ID, s.Text(l))
			}
		}
	}
}
