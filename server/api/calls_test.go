package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
)

// The reference names each call that there is, and says what it does.
func TestCallsAreDocumented(t *testing.T) {
	known := map[string]Call{}
	for _, c := range Calls() {
		known[c.Method+" "+c.Path] = c
		if !strings.HasPrefix(c.Doc, c.Name+" ") || len(c.Doc) < len(c.Name)+10 {
			t.Errorf("%s %s: the method %s has no doc comment that begins with its name", c.Method, c.Path, c.Name)
		}
	}
	r := chi.NewRouter()
	new(API).Routes(r)
	n := 0
	err := chi.Walk(r, func(method, path string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		n++
		if _, ok := known[method+" "+path]; !ok {
			t.Errorf("%s %s is not in the reference", method, path)
		}
		return nil
	})
	if err != nil || n < 30 {
		t.Error(n, err)
	}
}
