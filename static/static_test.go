package static

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestHandler(t *testing.T) {
	for target, want := range map[string]struct {
		status int
		cache  string
	}{
		URL("js/page.js"):          {200, "immutable"},
		Prefix + "js/page.js":      {200, "no-cache"},
		Prefix + "0000/js/page.js": {404, "no-store"},
		URL("js"):                  {404, "no-store"},
		URL("../static.go"):        {404, "no-store"},
	} {
		w := httptest.NewRecorder()
		Handler().ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		if w.Code != want.status || !strings.Contains(w.Header().Get("Cache-Control"), want.cache) {
			t.Errorf("%s: %d, %q; want %d, %q", target, w.Code, w.Header().Get("Cache-Control"), want.status, want.cache)
		}
	}
}

// What is served of a module has its code, line by line, and no comments of
// whole lines.
func TestUncommented(t *testing.T) {
	source := "// About.\n/**\n * @param {string} a\n */\nexport function f(a) {\n  // why\n  const x = /** @type {any} */ (a); // stays\n\t/* one */\n  /** @type {any} */ let y; /* two */\n  return `//${x}`;\n}\n"
	want := "\n\n\n\nexport function f(a) {\n\n  const x = /** @type {any} */ (a); // stays\n\n  /** @type {any} */ let y; /* two */\n  return `//${x}`;\n}\n"
	if got := string(uncommented([]byte(source))); got != want {
		t.Errorf("%q\nwant\n%q", got, want)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatalf("no node here (make tools installs it): %v", err)
	}
	dir := t.TempDir()
	var all []string
	for name, a := range assets {
		if !strings.HasSuffix(name, ".js") {
			continue
		}
		text, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Count(string(a.plain), "\n"), strings.Count(string(text), "\n"); got != want {
			t.Errorf("%s has %d lines, not %d", name, got, want)
		}
		file := filepath.Join(dir, strings.ReplaceAll(name, "/", "-")[:len(name)-3]+".mjs")
		if err := os.WriteFile(file, a.plain, 0o600); err != nil {
			t.Fatal(err)
		}
		all = append(all, file)
	}
	for _, file := range all {
		run(t, exec.Command(node, "--check", file))
	}
}

// No rule asks what stands around the ladder what it :has: each row that comes
// or goes while somebody scrolls would have the browser ask anew.
func TestNothingAroundTheLadderHas(t *testing.T) {
	around := regexp.MustCompile(`(?:\.bench|\.bench-flow|bench-page|main|body|html|:root|flow-ladder|\.ladder[\w-]*)(?:[.\[][^\s:,{]*)?:has\(`)
	if !around.MatchString(`[data-type="large"] .bench.has-lab:has(.lab-pane) {`) || around.MatchString(`.lab-pane:has(.lab-step) ~ * {`) {
		t.Fatal("the pattern finds what it should not, or not what it should")
	}
	sheets := 0
	for name, a := range assets {
		if strings.HasSuffix(name, ".css") {
			sheets++
			if found := around.Find(a.plain); found != nil {
				t.Errorf("%s: %s", name, found)
			}
		}
	}
	if sheets < 5 {
		t.Errorf("only %d style sheets", sheets)
	}
}

// The modules' JSDoc types hold. "npm ci" installs the checker.
func TestModuleTypes(t *testing.T) {
	tsc, err := filepath.Abs("../node_modules/.bin/tsc")
	if err == nil {
		tsc, err = exec.LookPath(tsc)
	}
	if err != nil {
		t.Fatalf("no TypeScript here (make tools installs it): %v", err)
	}
	run(t, exec.Command(tsc, "--noEmit", "-p", ".."))
}

func TestLadderLayout(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatalf("no node here (make tools installs it): %v", err)
	}
	run(t, exec.Command(node, "--no-warnings", "--test", "test/"))
}

func run(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v: %v\n%s", c.Args, err, out)
	}
}
