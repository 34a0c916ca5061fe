package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"mqttlab/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// started returns a running server's HTTP address.
func started(t testing.TB, cfg server.Config) (*server.Server, string) {
	t.Helper()
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	cfg.HTTP, cfg.MQTT = listen(), listen()
	s := server.New(cfg)
	done := make(chan error, 1)
	go func() { done <- s.Run(t.Context()) }() // ends before the cleanups
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s, cfg.HTTP.Addr().String()
}

// TestHTTP runs the conversations of testdata/http, each with a server of its
// own. A conversation is paragraphs such as
//
//	POST /api/benches/main/clients {"name":"A"}
//	Host: localhost
//	201 application/json
//	  "name":"A"
//	! "removed"
//	Cache-Control: no-store
//
// a request line with a body, headers to send, status and media type of the
// answer, and then in any order what the body contains or does not, and
// headers of the answer. A line that begins with # says why.
func TestHTTP(t *testing.T) {
	files, err := filepath.Glob("testdata/http/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no conversations", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, address := started(t, server.Config{Hosts: []string{"lab.example"}})
			line := 1
			for part := range strings.SplitSeq(string(text), "\n\n") {
				converse(t, address, fmt.Sprintf("%s:%d", file, line), part)
				line += strings.Count(part, "\n") + 2
			}
		})
	}
}

// converse makes one request and checks the answer.
func converse(t *testing.T, address, where, part string) {
	t.Helper()
	var lines []string
	scanner := bufio.NewScanner(strings.NewReader(part))
	for scanner.Scan() {
		if line := scanner.Text(); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return
	}
	words := strings.SplitN(lines[0], " ", 3)
	body := ""
	if len(words) == 3 {
		body = words[2]
	}
	if n := 0; strings.HasPrefix(body, "LONG") {
		fmt.Sscanf(body, "LONG %d", &n)
		body = strings.Repeat(" ", n)
	}
	req, err := http.NewRequest(words[0], "http://"+address+words[1], strings.NewReader(body))
	if err != nil {
		t.Fatal(where, err)
	}
	i := 1
	for ; i < len(lines) && (lines[i][0] < '0' || lines[i][0] > '9'); i++ {
		name, value, _ := strings.Cut(lines[i], ": ")
		if name == "Host" {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	answer, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(where, err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(where, err)
	}
	status, kind, _ := strings.Cut(lines[i], " ")
	if got := fmt.Sprint(answer.StatusCode); got != status {
		t.Errorf("%s: %s answers %s, want %s: %s", where, lines[0], got, status, data)
	}
	if got := answer.Header.Get("Content-Type"); !strings.HasPrefix(got, kind) {
		t.Errorf("%s: %s is %s, want %s", where, lines[0], got, kind)
	}
	for _, line := range lines[i+1:] {
		if want, ok := strings.CutPrefix(line, "  "); ok {
			if !strings.Contains(string(data), want) {
				t.Errorf("%s: %s lacks %s in %s", where, lines[0], want, data)
			}
		} else if not, ok := strings.CutPrefix(line, "! "); ok {
			if strings.Contains(string(data), not) {
				t.Errorf("%s: %s has %s in %s", where, lines[0], not, data)
			}
		} else {
			name, value, _ := strings.Cut(line, ": ")
			if got := answer.Header.Get(name); !strings.Contains(got, value) {
				t.Errorf("%s: %s has %s: %s, want %s", where, lines[0], name, got, value)
			}
		}
	}
}
