package server_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mqttlab/server"
	"mqttlab/server/api"
	"mqttlab/server/class"
)

// marker is a piece of script that requests bring with them; no page may have
// it as it is.
const marker = "<script>q9"

// FuzzHTTP sends any request to a server, one with classes and one without:
// paths, queries, cookies, codes, languages, forms, settings, scenarios,
// filters, captures. The server does not fail; what it refuses it explains as
// RFC 9457 has it; JSON is JSON; pages hold no script of the request's and
// lead to no other site.
func FuzzHTTP(f *testing.F) {
	for _, file := range must(filepath.Glob("testdata/http/*.txt")) {
		for part := range strings.SplitSeq(string(must(os.ReadFile(file))), "\n\n") {
			line, _, _ := strings.Cut(strings.TrimSpace(part), "\n")
			words := strings.SplitN(line, " ", 3)
			if len(words) < 2 || strings.HasPrefix(line, "#") || len(words) == 3 && strings.HasPrefix(words[2], "LONG") {
				continue
			}
			f.Add(words[0]+" "+words[1]+" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n", []byte(strings.Join(words[2:], "")), false)
		}
	}
	const host = " HTTP/1.1\r\nHost: localhost\r\n"
	for _, head := range []string{
		"GET /?hex=10" + marker + host,
		"GET /reference?q=" + marker + host + "Accept-Language: zh-CN;q=0.9, *;q=" + marker + "\r\n",
		"GET /language?to=zh&back=//evil.example/" + host,
		"GET /language?to=zh&back=%5C%5Cevil.example" + host + "Cookie: language=" + marker + "\r\n",
		"GET /join/%3Cscript%3Eq9" + host + "Cookie: mqttlab-student=a.b; mqttlab-personal=" + marker + "\r\n",
		"GET /class/teach?once=x" + host, "GET /ui/state?bench=main&at=18446744073709551615" + host,
		"GET /api/benches/main/packets?from=-1&limit=1e9&filter=mqtt.topic%20matches%20%22(%22" + host,
		"GET /api/benches/main/rows?from=1&limit=99999999999999999999" + host, "GET /ui/benches/main/state?at=0" + host,
		"GET /mqtt/main?key=a.b" + host + "Upgrade: websocket\r\nConnection: Upgrade\r\n", "GET /%2e%2e/%2e%2e/etc/passwd" + host,
	} {
		f.Add(head, []byte(nil), strings.Contains(head, "class") || strings.Contains(head, "join"))
	}
	for path, body := range map[string]string{
		"/api/join": `{"code":"YMJVY9","nickname":"` + marker + `"}`, "/ui/draft": `{"form":{"type":"PUBLISH","topic":"` + marker + `"},"was":"3000"}`,
		"/ui/decode": `{"text":"30 0c 00 0a 3c 73 63 72 69 70 74 3e 71 39"}`, "/api/benches": `{"broker":{"users":{"a":"b"}}}`,
		"/api/benches/import": "\xd4\xc3\xb2\xa1\x02\x00\x04\x00", "/api/benches/main/replay?speed=0": `{"mqttlab":"scenario/1","clients":[],"steps":[]}`,
	} {
		f.Add("POST "+path+host+"Content-Type: application/json\r\n", []byte(body), true)
		f.Add("PUT "+path+host+"Content-Type: text/plain\r\n", []byte(body), false)
	}
	plain, classes := handler(f, server.Config{Benches: 4}), handler(f, server.Config{Benches: 4, Classes: &server.Classes{Dir: class.Memory, Operator: "operator"}})
	f.Fuzz(func(t *testing.T, head string, body []byte, withClasses bool) {
		if len(head) > 8<<10 || len(body) > 64<<10 {
			return // limits.HeaderBytes, limits.BodyBytes: net/http refuses more
		}
		r, err := http.ReadRequest(bufio.NewReader(io.MultiReader(strings.NewReader(strings.TrimRight(head, "\r\n") + "\r\n\r\n"))))
		if err != nil {
			return
		}
		r.Body, r.ContentLength, r.RemoteAddr = io.NopCloser(bytes.NewReader(body)), int64(len(body)), "127.0.0.1:40000"
		h := plain
		if withClasses {
			h = classes
		}
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r.WithContext(t.Context()))
		checkAnswer(t, r, answer)
	})
}

func handler(f *testing.F, cfg server.Config) http.Handler {
	s, err := server.Open(cfg)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := s.Close(); err != nil {
			f.Error(err)
		}
	})
	return s.Handler()
}

func checkAnswer(t *testing.T, r *http.Request, answer *httptest.ResponseRecorder) {
	kind, _, _ := strings.Cut(answer.Header().Get("Content-Type"), ";")
	data := answer.Body.Bytes()
	if answer.Code >= 500 && answer.Code != http.StatusServiceUnavailable && !upgrades(r) { // this recorder cannot be upgraded
		t.Fatalf("%s %s is answered %d: %.500s", r.Method, r.URL, answer.Code, data)
	}
	switch kind {
	case "application/json":
		if !json.Valid(data) && answer.Header().Get("Content-Encoding") == "" {
			t.Errorf("this is no JSON: %.500s", data)
		}
	case "application/problem+json":
		var p api.Problem
		if err := json.Unmarshal(data, &p); err != nil || p.Status != answer.Code || p.Title == "" || p.Type == "" {
			t.Errorf("%d with a problem %v: %.500s", answer.Code, err, data)
		}
	case "text/html":
		if bytes.Contains(data, []byte(marker)) {
			t.Errorf("%s has a script of the request's", r.URL)
		}
		if !strings.Contains(answer.Header().Get("Content-Security-Policy"), "default-src") {
			t.Errorf("%s has no Content-Security-Policy", r.URL)
		}
	}
	if answer.Code >= 400 && strings.HasPrefix(r.URL.Path, "/api/") && kind != "application/problem+json" && r.Method != http.MethodHead && !upgrades(r) {
		t.Errorf("%s %s is answered %d without a problem document, but %q: %.300s", r.Method, r.URL, answer.Code, kind, data)
	}
	if to := answer.Header().Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`)) {
		t.Errorf("%s leads to %q", r.URL, to)
	}
}

// upgrades is whether somebody asks for a WebSocket.
func upgrades(r *http.Request) bool {
	return r.Header.Get("Upgrade") != "" || strings.HasSuffix(r.URL.Path, "/live") || strings.HasPrefix(r.URL.Path, "/mqtt")
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
