package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"mqttlab/server"
	"mqttlab/server/bench"
)

// In front of a broker elsewhere, what needs a broker of one's own says so.
func TestUpstreamProblems(t *testing.T) {
	_, address := started(t, server.Config{Upstream: &bench.Upstream{Address: "127.0.0.1:1"}})
	get := func(path string) (int, string) {
		answer, err := http.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text)
	}
	for _, path := range []string{"/api/benches/main/state", "/api/benches/main/state?at=1", "/api/benches/main/broker",
		"/api/benches/main/why?packet=1&client=v1", "/ui/benches/main/state", "/ui/benches/main/why?event=1&client=v1"} {
		if status, text := get(path); status != 409 || !strings.Contains(text, "urn:mqttlab:problem:upstream") || !strings.Contains(text, "-upstream") {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	if _, text := get("/api/benches/main"); !strings.Contains(text, `"upstream":"tcp://127.0.0.1:1"`) {
		t.Error("the bench does not say where it stands:", text)
	}
	if _, text := get("/"); !strings.Contains(text, "tcp://127.0.0.1:1") {
		t.Error("the page does not say where the bench stands")
	}
}
