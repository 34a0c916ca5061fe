package broker_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// TestKeysAreTheConstants holds Keys against the constants key… in the source.
func TestKeysAreTheConstants(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "keys.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	names := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(v.Names[0].Name, "key") {
			return true
		}
		key, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
		names[v.Names[0].Name] = true
		return true
	})
	slices.Sort(keys)
	if !slices.Equal(keys, broker.Keys()) {
		t.Errorf("constants %q, Keys %q", keys, broker.Keys())
	}
	used := map[string]bool{}
	files, _ := filepath.Glob("*.go")
	for _, name := range files {
		if name == "keys.go" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				used[id.Name] = true
			}
			return true
		})
	}
	for name := range names {
		if !used[name] {
			t.Errorf("%s is never used", name)
		}
	}
}

func TestEveryKeyHasATextInEachLanguage(t *testing.T) {
	for _, lang := range []spec.Lang{spec.English, spec.Chinese} {
		texts, err := os.ReadFile("../spec/data/" + string(lang) + "/messages/explanations.yaml")
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range broker.Keys() {
			if !strings.Contains(string(texts), "\n"+key+": ") {
				t.Errorf("%s: no text for %s", lang, key)
			}
		}
	}
}

// TestTranscriptsFillEveryPlaceholder looks at each explanation that the
// transcripts yield, in each language.
func fillsPlaceholders(t *testing.T, x *broker.Explanation) {
	t.Helper()
	for _, lang := range []spec.Lang{spec.English, spec.Chinese} {
		text := spec.Message(lang, x.Key, x.Args...)
		if strings.Contains(text, "⟦") || strings.Contains(spec.Message(lang, x.Key, x.Args...), "{") {
			t.Errorf("%s: %s", x.Key, text)
		}
	}
}

// TestRulesExist looks every rule up in the catalogue.
func TestRulesExist(t *testing.T) {
	check := func(where, rule string, v packet.Version) {
		if strings.HasPrefix(rule, "§") {
			return
		}
		if _, ok := spec.Lookup(v, rule); !ok {
			t.Errorf("%s cites %s, which %v does not have", where, rule, v)
		}
	}
	for _, m := range broker.Machines() {
		for _, row := range m.Rows {
			for _, v := range []packet.Version{packet.V311, packet.V5} {
				for _, rule := range row.Rules(v) {
					check(m.Name+": "+row.Do, rule, v)
				}
			}
		}
	}
	for _, key := range broker.Keys() {
		for _, v := range []packet.Version{packet.V311, packet.V5} {
			for _, rule := range broker.Rules(key, v) {
				check(key, rule, v)
			}
		}
	}
}
