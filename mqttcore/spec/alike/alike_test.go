package alike_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
	"mqttlab/mqttcore/spec/alike"
)

const root = "../../.."

// words are all that can be filled in for a placeholder that stands for a word
// of the program's own, by the placeholder's name.
var words = func() map[string][]string {
	m := map[string][]string{}
	for _, c := range broker.Causes() {
		m["cause"] = append(m["cause"], c.String())
	}
	for _, v := range packet.Violations() {
		m["fault"] = append(m["fault"], v.String())
	}
	for _, id := range packet.AllProperties() {
		m["property"] = append(m["property"], id.String())
	}
	for _, t := range packet.Types(packet.V5) {
		m["type"] = append(m["type"], t.String())
	}
	return m
}()

var placeholder = regexp.MustCompile(`\{([a-z0-9_]+)(:[^}|]*\|[^}]*)?\}`)

// Every message with all words that can stand in it is Chinese, and in no
// language has it a slug that only the code knows.
func TestMessagesAreChinese(t *testing.T) {
	for _, key := range spec.Keys() {
		var args []string // of each placeholder one value; of one of them all, in turn
		check := func(slug string) {
			for _, l := range spec.Languages() {
				text := spec.Message(l, key, args...)
				if left := alike.English(text); l == spec.Chinese && left != "" {
					t.Errorf("%s is not Chinese: %q (%s)", key, left, text)
				}
				if strings.Contains(slug, "-") && strings.Contains(text, slug) {
					t.Errorf("%s in %s has %q: %s", key, l, slug, text)
				}
			}
		}
		for _, p := range placeholder.FindAllStringSubmatch(spec.Message(spec.English, key), -1) {
			value := "7"
			if of := words[p[1]]; of != nil {
				value = of[0]
			}
			args = append(args, p[1], value)
		}
		check("")
		for i := 0; i < len(args); i += 2 {
			for _, value := range words[args[i]] {
				args[i+1] = value
				check(value)
			}
		}
	}
	for _, cause := range words["cause"] {
		if spec.Word(spec.Chinese, "cause", cause) == cause {
			t.Errorf("the catalogue has no word for the cause %q", cause)
		}
	}
	if said := spec.Message(spec.Chinese, "flow.problem-unasked", "type", "PUBACK", "property", packet.ReasonString.String()); strings.Contains(said, packet.ReasonString.String()) {
		t.Errorf("a property is not translated: %s", said)
	}
}

// The transcripts hold what the broker explains, with the arguments. Those that
// come from the wire are left out.
func TestExplanationsOfTheTranscriptsAreChinese(t *testing.T) {
	wire := map[string]bool{"client": true, "topic": true, "filter": true, "by": true, "other": true, "user": true, "method": true, "share": true, "want": true, "have": true}
	line := regexp.MustCompile(`^    \S+ ! ([a-z0-9_.]+)((?: [a-z_]+=.*?)?)(?: \[.*\])?$`)
	argument := regexp.MustCompile(` ([a-z_]+)=`)
	files, err := filepath.Glob(root + "/testdata/broker/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(string(text)) {
			m := line.FindStringSubmatch(strings.TrimRight(l, "\n"))
			if m == nil {
				continue
			}
			seen[m[1]] = true
			var args []string
			places := argument.FindAllStringSubmatchIndex(m[2], -1)
			for i, at := range places {
				end := len(m[2])
				if i+1 < len(places) {
					end = places[i+1][0]
				}
				name, value := m[2][at[2]:at[3]], m[2][at[1]:end]
				if wire[name] {
					value = "7"
				}
				args = append(args, name, value)
			}
			said := spec.Message(spec.Chinese, m[1], args...)
			if left := alike.English(said); left != "" || strings.Contains(said, "{") {
				t.Errorf("%s: %q: %s", filepath.Base(file), left, said)
			}
		}
	}
	if len(seen) < 80 {
		t.Errorf("only %d explanations are seen", len(seen))
	}
}

// What is pasted in all layouts that the tests know is explained in Chinese.
func TestAnnotationsAreChinese(t *testing.T) {
	checked := 0
	for _, dir := range []string{"hexdump", "packets"} {
		err := filepath.WalkDir(filepath.Join(root, "testdata", dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".txt" {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, v := range append([]packet.Version{0}, packet.Versions...) {
				checked += document(t, filepath.Base(path), annotate.Text(string(text), annotate.Options{Lang: spec.Chinese, Version: v}))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if checked < 5000 {
		t.Errorf("only %d texts are checked", checked)
	}
}

// seen are texts of documents that were checked already.
var seen = map[string]bool{}

// document checks the texts of an annotated document and returns their number.
func document(t *testing.T, name string, d annotate.Document) (n int) {
	check := func(what, text string) {
		if n++; seen[text] {
			return
		}
		seen[text] = true
		if left := alike.English(text); left != "" {
			t.Errorf("%s: %s is not Chinese: %q (%s)", name, what, left, text)
		}
		if label := spec.Label(spec.Chinese, text); label != text {
			t.Errorf("%s: %s is %s, and not %s", name, what, text, label)
		}
	}
	var fields func([]annotate.Field)
	fields = func(list []annotate.Field) {
		for _, f := range list {
			check(f.Name+" label", f.Label)
			if _, wire := f.Value.(string); !wire {
				check(f.Name, f.Text)
			}
			check(f.Name+" math", f.Math)
			fields(f.Fields)
		}
	}
	findings := func(list []annotate.Finding) {
		for _, f := range list {
			check("finding "+f.Code, f.Text)
			if f.Repair != nil {
				check("repair "+f.Code, f.Repair.Text)
			}
		}
	}
	for _, s := range d.Source.Skipped {
		check("skipped", s.Why)
	}
	for _, p := range d.Source.Problems {
		check("problem "+p.Code, p.Text)
	}
	check("format", spec.Word(spec.Chinese, "format", d.Source.Format))
	for _, p := range d.Packets {
		check("version", p.VersionWhy)
		fields(p.Fields)
		findings(p.Findings)
		if p.Answer != nil {
			check("answer", p.Answer.Text)
		}
	}
	if d.Rest != nil {
		check("rest", d.Rest.Why)
		fields(d.Rest.Fields)
		findings(d.Rest.Findings)
	}
	return n
}

// No caller fills English words into a message.
func TestNoArgumentIsAnEnglishWord(t *testing.T) {
	names := map[string]bool{}
	for _, key := range spec.Keys() {
		for _, p := range placeholder.FindAllStringSubmatch(spec.Message(spec.English, key), -1) {
			names[p[1]] = true
		}
	}
	said := 0
	for _, room := range []string{"mqttcore", "server", "web", "cmd"} {
		err := filepath.WalkDir(filepath.Join(root, room), func(path string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(filepath.Base(path), "gallery") {
				return err
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || !speakers[called(call)] {
					return true
				}
				list := call.Args
				for len(list) > 0 && !alternates(list, names) {
					list = list[1:] // the language, the key
				}
				for i := 0; i < len(list); i += 2 {
					value := literal(list[i+1])
					if said++; alike.English(value) != "" {
						t.Errorf("%s: {%s} is %q", set.Position(list[i].Pos()), literal(list[i]), value)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if said < 300 {
		t.Errorf("only %d arguments are seen", said)
	}
}

// speakers are the functions that fill in messages.
var speakers = map[string]bool{"Message": true, "AppendMessage": true, "say": true, "explain": true, "explainAck": true, "blame": true, "phrase": true,
	"mistake": true, "error": true, "note": true, "tell": true, "refusal": true, "Say": true, "Note": true, "because": true, "add": true}

// called returns the name of the function that is called.
func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// alternates says whether a list is placeholders and values by turns.
func alternates(list []ast.Expr, names map[string]bool) bool {
	for i := 0; i < len(list); i += 2 {
		if !names[literal(list[i])] {
			return false
		}
	}
	return len(list)%2 == 0
}

// literal returns the value of a string literal, "" for everything else.
func literal(e ast.Expr) string {
	b, ok := e.(*ast.BasicLit)
	if !ok || b.Kind != token.STRING {
		return ""
	}
	value, err := strconv.Unquote(b.Value)
	if err != nil {
		return ""
	}
	return value
}
