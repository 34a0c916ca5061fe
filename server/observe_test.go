package server_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"mqttlab/server"
)

// samples reads the text format of Prometheus, strictly: each family has its
// help and type once and before its samples, which stand together; no sample
// comes twice; the names of counters, and only theirs, end in _total; and the
// buckets of a histogram rise to its count.
func samples(t *testing.T, text string) map[string]float64 {
	t.Helper()
	var (
		help   = regexp.MustCompile(`^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (\S.*)$`)
		kind   = regexp.MustCompile(`^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$`)
		label  = `[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*"`
		sample = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{` + label + `(?:,` + label + `)*\})? (\S+)$`)
		le     = regexp.MustCompile(`,le="([^"]*)"`)
	)
	all, families := map[string]float64{}, map[string]bool{}
	family, of, below := "", "", 0.0
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if m := help.FindStringSubmatch(line); m != nil && i+1 < len(lines) {
			next := kind.FindStringSubmatch(lines[i+1])
			if families[m[1]] || next == nil || next[1] != m[1] {
				t.Fatalf("line %d: family %s comes twice or has no type", i+1, m[1])
			}
			family, of, below = m[1], next[2], 0
			families[family] = true
			if (of == "counter") != strings.HasSuffix(family, "_total") {
				t.Errorf("%s is a %s", family, of)
			}
			i++
			continue
		}
		m := sample.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("line %d is no sample: %s", i+1, line)
		}
		value, err := strconv.ParseFloat(m[3], 64)
		if err != nil {
			t.Fatal(err)
		}
		suffix, found := strings.CutPrefix(m[1], family)
		if _, twice := all[m[1]+m[2]]; twice || !found || (suffix != "") != (of == "histogram") {
			t.Fatalf("line %d: %s comes twice, or stands in the family %s", i+1, m[1]+m[2], family)
		}
		all[m[1]+m[2]] = value
		switch suffix {
		case "_bucket":
			if value < below {
				t.Errorf("line %d: a bucket holds fewer than the one below it", i+1)
			}
			if below = value; le.FindStringSubmatch(m[2])[1] == "+Inf" {
				below = 0 // the next ones are of another histogram
			}
		case "_count":
			if infinite := all[family+"_bucket"+strings.TrimSuffix(m[2], "}")+`,le="+Inf"}`]; infinite != value {
				t.Errorf("line %d: the count is %v, and the last bucket %v", i+1, value, infinite)
			}
		}
	}
	return all
}

func get(t *testing.T, address string, header ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequest("GET", "http://"+address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

func post(t *testing.T, address, body string) string {
	t.Helper()
	answer, err := http.Post("http://"+address, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	data, _ := io.ReadAll(answer.Body)
	return string(data)
}

func TestMetrics(t *testing.T) {
	s, address := started(t, server.Config{Benches: 1})
	read := func() map[string]float64 {
		status, text := get(t, address+"/metrics")
		if status != 200 {
			t.Fatal(status, text)
		}
		// Prometheus' own reader takes it, and finds names, units and help as they should be.
		problems, err := promlint.New(strings.NewReader(text)).Lint()
		if err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
		return samples(t, text)
	}
	before := read()
	post(t, address+"/api/benches/main/clients", `{"name":"A"}`)
	made := post(t, address+"/api/benches", `{}`)
	id := regexp.MustCompile(`"id":"([a-z0-9]{26})"`).FindStringSubmatch(made)
	if id == nil {
		t.Fatal(made)
	}
	client := regexp.MustCompile(`"id":"([^"]+)"`).FindStringSubmatch(post(t, address+"/api/benches/"+id[1]+"/clients", `{}`))[1]
	post(t, address+"/api/benches/"+id[1]+"/clients/"+client+"/open", ``)
	post(t, address+"/api/benches/"+id[1]+"/clients/"+client+"/send", `{"hex":"100d00044d5154540402003c000141"}`)
	post(t, address+"/api/benches", `{}`) // one too many
	get(t, address+"/no/such/page")
	during := read()
	for name, want := range map[string]float64{
		`mqttlab_packets_total{direction="in",type="CONNECT"}`:  1,
		`mqttlab_packets_total{direction="out",type="CONNACK"}`: 1,
		`mqttlab_connections`:                         1,
		`mqttlab_connections_opened_total`:            1,
		`mqttlab_benches{kind="own"}`:                 1,
		`mqttlab_sessions`:                            1,
		`mqttlab_bench_limits_total{limit="benches"}`: 1,
		`mqttlab_http_requests_total{method="POST",route="/api/benches",status="201"}`:              1,
		`mqttlab_http_requests_total{method="POST",route="/api/benches",status="409"}`:              1,
		`mqttlab_http_requests_total{method="POST",route="/api/benches/{id}/clients",status="201"}`: 2,
		`mqttlab_http_requests_total{method="GET",route="none",status="404"}`:                       1,
		`mqttlab_http_request_duration_seconds_count{route="/api/benches"}`:                         2,
	} {
		if during[name] != want {
			t.Errorf("%s is %v, want %v", name, during[name], want)
		}
	}
	if before["go_goroutines"] < 1 || before["go_memstats_heap_alloc_bytes"] < 1000 || before["go_gc_heap_live_bytes"] < 1000 {
		t.Error("the runtime is not there")
	}
	_, text := get(t, address+"/metrics")
	if strings.Contains(text, id[1]) || strings.Contains(text, client+`"`) {
		t.Error("the figures name a bench or a client")
	}

	// What a bench did is still counted when it has gone.
	r, _ := http.NewRequest("DELETE", "http://"+address+"/api/benches/"+id[1], nil)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		after := read()
		if after[`mqttlab_packets_total{direction="in",type="CONNECT"}`] != 1 {
			t.Fatal("a counter fell")
		}
		if after["mqttlab_connections"] == 0 && after[`mqttlab_benches{kind="own"}`] == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the bench is still counted")
		}
	}
	if s.Bench(id[1]) != nil {
		t.Error("the bench is still there")
	}
}

// A page that nobody waits for any more is no failure of the server, and one
// that takes too long is one of too much work.
func TestGivenUp(t *testing.T) {
	s := server.New(server.Config{})
	defer s.Close()
	h := s.Handler()
	ask := func(ctx context.Context) (status int, cut any) {
		answer := httptest.NewRecorder()
		defer func() { status, cut = answer.Code, recover() }()
		h.ServeHTTP(answer, httptest.NewRequestWithContext(ctx, "GET", "http://localhost/decode", nil))
		return
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if status, cut := ask(gone); cut != http.ErrAbortHandler {
		t.Errorf("a page for nobody is answered %d, %v", status, cut)
	}
	late, end := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer end()
	if status, cut := ask(late); status != http.StatusServiceUnavailable || cut != nil {
		t.Errorf("a page that takes too long is answered %d, %v", status, cut)
	}
	answer := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), "GET", "http://localhost/metrics", nil)
	r.RemoteAddr = "127.0.0.1:40000"
	h.ServeHTTP(answer, r)
	all := samples(t, answer.Body.String())
	for name, want := range map[string]float64{`status="0"`: 1, `status="503"`: 1, `status="500"`: 0} {
		if got := all[`mqttlab_http_requests_total{method="GET",route="/decode",`+name+`}`]; got != want {
			t.Errorf("%s is counted %v times", name, got)
		}
	}
}

// The figures and the operator's page are for this machine.
func TestOnlyFromHere(t *testing.T) {
	_, address := started(t, server.Config{Hosts: []string{"lab.example"}})
	_, open := started(t, server.Config{Metrics: true})
	for _, path := range []string{"/metrics", "/admin"} {
		if status, _ := get(t, address+path); status != 200 {
			t.Errorf("%s from here: %d", path, status)
		}
		for _, header := range []string{"X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"} {
			if status, _ := get(t, address+path, header, "192.0.2.1"); status != 403 {
				t.Errorf("%s by a proxy that sends %s: %d", path, header, status)
			}
		}
		r, _ := http.NewRequest("GET", "http://"+address+path, nil)
		r.Host = "lab.example"
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != 403 {
			t.Errorf("%s under a public name: %d", path, answer.StatusCode)
		}
	}
	if status, _ := get(t, open+"/metrics", "X-Forwarded-For", "192.0.2.1"); status != 200 {
		t.Errorf("-metrics: %d", status)
	}
	if status, _ := get(t, open+"/admin", "X-Forwarded-For", "192.0.2.1"); status != 403 {
		t.Errorf("-metrics opens /admin, too: %d", status)
	}
}

func TestAdmin(t *testing.T) {
	_, address := started(t, server.Config{Benches: 1})
	id := regexp.MustCompile(`"id":"([a-z0-9]{26})"`).FindStringSubmatch(post(t, address+"/api/benches", `{}`))[1]
	_, page := get(t, address+"/admin")
	if !strings.Contains(page, "<code>"+id[:4]+"…</code>") || strings.Contains(page, id[:8]) {
		t.Error("the bench is not shown, or too much of its id is")
	}
	if _, page := get(t, address+"/admin?lang=zh", "Accept-Language", "zh"); !strings.Contains(page, "服务器运行状况") {
		t.Error("not in Chinese")
	}
}

// locked is a buffer that many may write to.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Nobody can write lines of their own into the log, whatever they call
// themselves and wherever they knock.
func TestLogInjection(t *testing.T) {
	const forged = "\r\ntime=2026-01-01T00:00:00Z level=ERROR msg=forged \x1b[31m\u202e"
	for name, handler := range map[string]func(io.Writer) slog.Handler{
		"text": func(w io.Writer) slog.Handler {
			return slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug})
		},
		"json": func(w io.Writer) slog.Handler {
			return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug})
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log locked
			s, address := started(t, server.Config{Logger: slog.New(handler(&log))})
			get(t, address+"/%0d%0atime=x%20level=ERROR%20msg=forged%1b%5b31m")
			post(t, address+"/api/benches/%0alevel=ERROR/clients", `{}`)
			conn, err := net.Dial("tcp", s.Bench("main").Address())
			if err != nil {
				t.Fatal(err)
			}
			connect := append([]byte{0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, byte(len(forged) >> 8), byte(len(forged))}, forged...)
			conn.Write(append([]byte{0x10, byte(len(connect))}, connect...))
			conn.SetReadDeadline(time.Now().Add(5 * time.Second))
			io.ReadFull(conn, make([]byte, 4))
			conn.Write([]byte{0xff, 0x00}) // no packet: the broker closes
			io.Copy(io.Discard, conn)
			conn.Close()
			text := log.String()
			if !strings.Contains(text, "forged") {
				t.Fatal("nothing was logged that could be tested")
			}
			for line := range strings.Lines(text) {
				if !strings.HasPrefix(line, "time=2") && !strings.HasPrefix(line, `{"time":"2`) || strings.ContainsAny(strings.TrimSuffix(line, "\n"), "\n\r\x1b\u202e") {
					t.Errorf("this line of the log is somebody else's: %q", line)
				}
			}
		})
	}
}

func TestProfiles(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- server.ServeProfiles(ctx, l) }()
	if status, text := get(t, l.Addr().String()+"/debug/pprof/goroutine?debug=1"); status != 200 || !strings.Contains(text, "goroutine profile") {
		t.Error(status, text)
	}
	r, _ := http.NewRequest("GET", "http://"+l.Addr().String()+"/debug/pprof/", nil)
	r.Host = "evil.example"
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("under a foreign name: %d", answer.StatusCode)
	}
	http.DefaultClient.CloseIdleConnections()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}

	// On the pages' own address there are none.
	_, address := started(t, server.Config{})
	if status, _ := get(t, address+"/debug/pprof/"); status != 404 {
		t.Errorf("the pages' address serves profiles: %d", status)
	}
}
