package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// TestMQTTjsInBrowser has MQTT.js on a page in Chromium tell the story of
// ../bench/testdata/sessions.cjs to the broker, in 3.1.1 and 5.0, every QoS, with
// a clean session and without. The page is somebody else's: its server is the
// test's own, and so it is another origin, which -origin names.
func TestMQTTjsInBrowser(t *testing.T) {
	pages := http.NewServeMux()
	for name, file := range map[string]string{
		"/mqtt.js":     filepath.Join("..", "..", "node_modules", "mqtt", "dist", "mqtt.min.js"),
		"/sessions.js": filepath.Join("..", "bench", "testdata", "sessions.cjs"),
	} {
		pages.HandleFunc(name, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/javascript")
			http.ServeFile(w, r, file)
		})
	}
	pages.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, `<!doctype html><title>MQTT.js</title><link rel="icon" href="data:,"><script src="/mqtt.js"></script><script src="/sessions.js"></script>`)
	})
	own := httptest.NewServer(pages)
	t.Cleanup(own.Close)
	w := startWorkbench(t, "-origin", own.URL)
	p := openBrowser(t)
	p.open(own.URL)
	p.wait("MQTT.js is there (make tools installs it)", `window.mqtt && window.every`)
	url := "ws" + strings.TrimPrefix(w.url, "http") + "/mqtt"
	eval[bool](p, fmt.Sprintf(`(every(mqtt, %s, [4, 5]).then(s => { window.told = s }, e => { window.told = "failed: " + e }), true)`, quote(url)))
	p.wait("the story is told", "window.told")
	want := `4 0 clean: 0 one, 0 three
4 0 kept: 0 one, session, 0 three
4 1 clean: 1 one, 1 three
4 1 kept: 1 one, session, 1 two, 1 three
4 2 clean: 2 one, 2 three
4 2 kept: 2 one, session, 2 two, 2 three
`
	want = strings.TrimSuffix(want+strings.ReplaceAll(want, "4 ", "5 "), "\n")
	if told := eval[string](p, "told"); told != want {
		t.Errorf("told:\n%s\nwant:\n%s", told, want)
	}
}

// TestForeignPage shows that a page of an origin that nobody named cannot
// speak to the broker, and that the workbench's own can.
func TestForeignPage(t *testing.T) {
	own := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, `<!doctype html><title>elsewhere</title><link rel="icon" href="data:,">`)
	}))
	t.Cleanup(own.Close)
	w := startWorkbench(t)
	p := openBrowser(t, "Unexpected response code: 403")
	for origin, want := range map[string]string{own.URL: "refused", w.url + "/decode": "open"} {
		p.open(origin)
		eval[bool](p, fmt.Sprintf(`(() => { window.told = ""; const s = new WebSocket(%s, "mqtt");
			s.onopen = () => { window.told = "open"; s.close() }; s.onerror = () => { window.told = "refused" }; return true })()`,
			quote("ws"+strings.TrimPrefix(w.url, "http")+"/mqtt")))
		p.wait("the WebSocket's fate", "window.told")
		if told := eval[string](p, "told"); told != want {
			t.Errorf("from %s: %s", origin, told)
		}
	}
}
