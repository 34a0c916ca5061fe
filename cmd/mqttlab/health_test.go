package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestHealth(t *testing.T) {
	alive := true
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" || !alive {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		io.WriteString(w, "ok\n")
	}))
	ask := func() int {
		var out bytes.Buffer
		return run(t.Context(), []string{"health", "-url", s.URL}, streams{out: &out, err: &out})
	}
	if status := ask(); status != exitFine {
		t.Errorf("alive: %d", status)
	}
	alive = false
	if status := ask(); status != exitUnusable {
		t.Errorf("unwell: %d", status)
	}
	s.Close()
	if status := ask(); status != exitUnusable {
		t.Errorf("gone: %d", status)
	}
}
