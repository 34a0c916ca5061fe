package server_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"mqttlab/server"
	"mqttlab/static"
)

// fetch asks as a browser does and returns what came over the wire, and what
// was meant.
func fetch(t testing.TB, url, encodings string) (answer *http.Response, wire, plain []byte) {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", encodings) // so that the client does not unpack by itself
	answer, err = http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if wire, err = io.ReadAll(answer.Body); err != nil || answer.StatusCode != 200 {
		t.Fatalf("%s: %s, %v", url, answer.Status, err)
	}
	plain = wire
	if answer.Header.Get("Content-Encoding") == "gzip" {
		r, err := gzip.NewReader(bytes.NewReader(wire))
		if err != nil {
			t.Fatal(err)
		}
		if plain, err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return answer, wire, plain
}

// firstLoad is how many bytes the bench page may take until it is there.
const firstLoad = 100_000

var (
	linked   = regexp.MustCompile(`(?:src|href)="(/static/[^"]+)"`)
	imported = regexp.MustCompile(`(?m)^(?:import|export)[^;]*?from "\./([^"]+)"|^import "\./([^"]+)"|\bimport\("\./([^"]+)"\)`)
	foreign  = regexp.MustCompile(`<(?:link|script|img|iframe|form|source)\b[^>]*(?:src|href|action)="(?:https?:)?//`)
)

// The bench's page with all that it loads stays small on the wire, and comes
// from this server only.
func TestFirstLoad(t *testing.T) {
	if total := loadFirst(t); total > firstLoad {
		t.Errorf("the first load takes %d bytes; %d may be", total, firstLoad)
	}
}

// BenchmarkFirstLoad reports it.
func BenchmarkFirstLoad(b *testing.B) {
	total := 0
	for b.Loop() {
		total = loadFirst(b)
	}
	b.ReportMetric(float64(total)/1000, "kB")
}

// loadFirst loads the bench's page with all that it loads, and says how many
// bytes that are on the wire.
func loadFirst(t testing.TB) int {
	_, address := started(t, server.Config{})
	base := "http://" + address
	answer, wire, page := fetch(t, base+"/", "gzip, deflate, br, zstd")
	if answer.Header.Get("Content-Encoding") != "gzip" {
		t.Error("the page is not packed")
	}
	if at := foreign.FindIndex(page); at != nil {
		t.Errorf("the page refers to another server: %.100s", page[at[0]:])
	}
	total := len(wire)
	t.Logf("%6d /", len(wire))
	seen := map[string]bool{}
	var load func(path string)
	load = func(path string) {
		if seen[path] {
			return
		}
		seen[path] = true
		answer, wire, plain := fetch(t, base+path, "gzip")
		if !strings.Contains(answer.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s is not kept", path)
		}
		total += len(wire)
		t.Logf("%6d %s", len(wire), path)
		if strings.HasSuffix(path, ".js") {
			dir := path[:strings.LastIndex(path, "/")+1]
			for _, m := range imported.FindAllSubmatch(plain, -1) {
				load(dir + string(m[1]) + string(m[2]) + string(m[3]))
			}
		}
	}
	for _, m := range linked.FindAllSubmatch(page, -1) {
		load(string(m[1]))
	}
	if len(seen) < 20 {
		t.Errorf("only %d files were found", len(seen))
	}
	t.Logf("%6d altogether", total)
	return total
}

func TestCompressed(t *testing.T) {
	_, address := started(t, server.Config{})
	base := "http://" + address
	for _, test := range []struct {
		path, takes string
		packed      bool
	}{
		{"/", "gzip", true},
		{"/", "identity", false},
		{"/", "gzip;q=0", false},
		{"/healthz", "gzip", false}, // tiny
		{"/api/benches/main", "gzip", false},
		{"/reference", "gzip", true},
		{static.URL("js/page.js"), "gzip", true},
		{static.URL("js/page.js"), "deflate, gzip;q=0", false},
		{static.Prefix + "js/page.js", "br;q=1.0, gzip;q=0.8", true},
	} {
		answer, wire, plain := fetch(t, base+test.path, test.takes)
		if got := answer.Header.Get("Content-Encoding") == "gzip"; got != test.packed || got && len(wire) >= len(plain) {
			t.Errorf("%s for %s: packed %t, %d bytes of %d", test.path, test.takes, got, len(wire), len(plain))
		}
		if test.packed && !strings.Contains(answer.Header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("%s does not vary", test.path)
		}
	}
	// Packed or not, what has not changed is not sent again.
	for _, takes := range []string{"gzip", "identity"} {
		answer, _, _ := fetch(t, base+static.Prefix+"js/page.js", takes)
		req, _ := http.NewRequest("GET", base+static.Prefix+"js/page.js", nil)
		req.Header.Set("Accept-Encoding", takes)
		req.Header.Set("If-None-Match", answer.Header.Get("ETag"))
		again, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		again.Body.Close()
		if again.StatusCode != http.StatusNotModified {
			t.Errorf("%s: %s", takes, again.Status)
		}
	}
}
