package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files and README.md's tables anew")

const root = "../.."

// recorded is what "go test" once printed, by round and command.
func recorded(t *testing.T) map[string][]string {
	text, err := os.ReadFile("testdata/output.txt")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string][]string{}
	for _, one := range strings.Split("\n"+string(text), "\n$ ")[1:] {
		command, out, _ := strings.Cut(one, "\n")
		said[command] = append(said[command], out)
	}
	return said
}

// TestReport makes a report of recorded output, in which one benchmark fails
// in its second round and another is never there.
func TestReport(t *testing.T) {
	said := recorded(t)
	r := &Report{
		Made:     time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC),
		Machine:  Machine{"Example CPU", 2, 8, "linux 6.1", "0.10 0.20 0.30"},
		Versions: []Version{{"mqttlab", "v1.0.0"}, {"mosquitto", "not installed"}},
	}
	round := map[string]int{}
	var log bytes.Buffer
	r.measure(t.Context(), commands, 3, func(_ context.Context, c command) ([]byte, error) {
		all := said[c.String()]
		if len(all) == 0 {
			return []byte("testing: warning: no tests to run\nPASS\n"), nil
		}
		out := all[round[c.String()]%len(all)]
		round[c.String()]++
		if strings.Contains(out, "FAIL") {
			return []byte(out), errors.New("exit status 1")
		}
		return []byte(out), nil
	}, &log, io.Discard)
	r.Took = "1m0s"
	r.judge()
	dir := t.TempDir()
	if err := r.save(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"report.md", "report.json"} {
		have, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(golden, have, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(have)); diff != "" {
			t.Errorf("%s (-want +have):\n%s", name, diff)
		}
	}
	again, err := load(filepath.Join(dir, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, again); diff != "" {
		t.Errorf("what is read is not what was written: %s", diff)
	}
	if !strings.Contains(log.String(), "--- FAIL: BenchmarkMillion") {
		t.Error("the log lacks what the benchmarks printed")
	}
	if err := quoteIn(filepath.Join(dir, "README.md"), filepath.Join(dir, "report.json"), filepath.Join(dir, "kept.json")); err == nil || !strings.Contains(err.Error(), "lacks") {
		t.Errorf("a report that is not whole is quoted: %v", err)
	}
}

// A measuring that is stopped says what it has not run.
func TestStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	r := &Report{}
	r.measure(ctx, commands[:2], 2, func(context.Context, command) ([]byte, error) {
		stop()
		return []byte("BenchmarkX-2 1 5 ns/op\n"), nil
	}, io.Discard, io.Discard)
	if len(r.Failures) != 3 || len(r.Figures) != 1 {
		t.Errorf("%d figures, %d failures", len(r.Figures), len(r.Failures))
	}
}

func TestMedian(t *testing.T) {
	r := &Report{}
	for _, v := range []float64{9, 1, 4, 2} {
		r.add(command{}, result{"X", []value{{"s", v}}})
	}
	if f := r.find("X", "s"); f.Median != 3 || f.Min != 1 || f.Max != 9 || !slices.Equal(f.Values, []float64{9, 1, 4, 2}) {
		t.Errorf("%+v", f)
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{
		1_384_000: "1.38 M", 438_120: "438 k", 36_345: "36.3 k", 9536: "9540", 915: "915", 17.84: "17.8", 2.66: "2.66", 3: "3",
		0.4: "0.40", 0.081: "0.081", 0: "0", 1.228e9: "1.23 G", -3.21: "-3.21", 100: "100",
	} {
		if have := number(v); have != want {
			t.Errorf("%v is written %s, not %s", v, have, want)
		}
	}
}

func TestParse(t *testing.T) {
	have := parse([]byte("goos: linux\nBenchmarkA/b=1-16 \t 3\t 0.5 ×mosquitto\t1e+06 msg/s\n    x_test.go:1: BenchmarkA-2 1 logged\nBenchmarkB\nBenchmarkC-2 1 x ns/op\nBenchmarkD 10 7 ns/op\nok x 1s\n"))
	want := []result{{"A/b=1", []value{{"×mosquitto", 0.5}, {"msg/s", 1e6}}}, {"D", []value{{"ns/op", 7}}}}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Error(diff)
	}
}

// README.md quotes the report that is kept beside it, and nothing else.
func TestReadmeQuotesTheReport(t *testing.T) {
	kept := filepath.Join(root, "testdata/bench/report.json")
	r, err := load(kept)
	if err != nil {
		t.Fatal(err)
	}
	if missing := r.missing(); len(missing) > 0 || len(r.Failures) > 0 {
		t.Errorf("the report that is quoted lacks %v, and tells %d failures", missing, len(r.Failures))
	}
	name := filepath.Join(root, "README.md")
	if *update {
		if err := quoteIn(name, kept, kept); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want, err := replaced(string(text), r.quoted())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("README.md's tables are not those of %s; \"make quote\" writes them (-want +have):\n%s", kept, diff)
	}
	judged := *r
	judged.judge()
	if diff := cmp.Diff(judged.Goals, r.Goals); diff != "" {
		t.Errorf("the kept report has other goals than the tables; go test ./cmd/benchreport -update does not help, a new run does: %s", diff)
	}
}

// Each benchmark and test that somebody is told to run is there: those of the
// report, and those that README.md, CONTRIBUTING.md and the Makefile name with
// their packages.
func TestCommandsExist(t *testing.T) {
	type named struct {
		where, pattern string
		packages       []string
	}
	var all []named
	for _, c := range commands {
		all = append(all, named{"table.go", "^Benchmark" + c.Bench + "$", []string{c.Package}})
	}
	told := 0
	for _, file := range []string{"README.md", "CONTRIBUTING.md", "Makefile"} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, command := range regexp.MustCompile("(?:go|GO\\)) test [^`\n]*").FindAllString(string(text), -1) {
			packages := regexp.MustCompile(`\./[a-z0-9/]+`).FindAllString(command, -1)
			for _, m := range regexp.MustCompile(`-(?:bench|run|fuzz) '?([A-Z][A-Za-z]+)`).FindAllStringSubmatch(command, -1) {
				all = append(all, named{file, m[1], packages})
				told++
			}
		}
	}
	if told < 4 {
		t.Errorf("only %d commands were found", told)
	}
	for _, one := range all {
		pattern := regexp.MustCompile(one.pattern)
		if !slices.ContainsFunc(one.packages, func(pkg string) bool { return slices.ContainsFunc(functions(t, pkg), pattern.MatchString) }) {
			t.Errorf("%s: nothing in %v matches %s", one.where, one.packages, one.pattern)
		}
	}
	for row := range rows() {
		for f := range row.figures() {
			name, _, _ := strings.Cut(f.Bench, "/")
			if !slices.ContainsFunc(commands, func(c command) bool { return c.Bench == name }) {
				t.Errorf("%s: no command measures %s", row.What, f.Bench)
			}
		}
	}
}

// functions are the tests, benchmarks and fuzz targets of a package.
func functions(t *testing.T, pkg string) (names []string) {
	files, err := filepath.Glob(filepath.Join(root, pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && regexp.MustCompile(`^(Test|Benchmark|Fuzz)`).MatchString(f.Name.Name) {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}

// The versions are asked of what is there; what is not is said.
func TestVersions(t *testing.T) {
	have := map[string]string{}
	for _, v := range versions(t.Context()) {
		have[v.Name] = v.Version
	}
	for name, pattern := range map[string]string{
		"mqttlab": `^\S+$`, "Go": `^go1\.`, "mosquitto": `^\d+\.\d+`, "tshark": `^\d+\.\d+`, "Chromium": `^\d+\.\d+`, "mochi-mqtt": `^v2\.`, "paho.golang": `^v0\.`,
	} {
		if !regexp.MustCompile(pattern).MatchString(have[name]) {
			t.Errorf("%s has the version %q", name, have[name])
		}
	}
	if m := machine(); m.Cores < 1 || m.Processor == "" || m.System == "" {
		t.Errorf("%+v", m)
	}
}
