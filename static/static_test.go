package static

import (
	"net/http/httptest"
	"os/exec"
	"path/filepath"
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
