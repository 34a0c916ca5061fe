package server_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"mqttlab/server"
	"mqttlab/server/limits"
)

// A stop ends everything that is going on, soon, and leaves nothing behind.
func TestShutdown(t *testing.T) {
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	cfg := server.Config{HTTP: listen(), MQTT: listen()}
	s := server.New(cfg)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()

	viewer, _, err := websocket.Dial(t.Context(), "ws://"+cfg.HTTP.Addr().String()+"/api/benches/main/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer viewer.CloseNow()
	client, err := net.Dial("tcp", cfg.MQTT.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	io.WriteString(client, "\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01A")
	if _, err := io.ReadFull(client, make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	half, err := net.Dial("tcp", cfg.HTTP.Addr().String()) // never ends its request
	if err != nil {
		t.Fatal(err)
	}
	defer half.Close()
	io.WriteString(half, "GET / HTTP/1.1\r\n")

	began := time.Now()
	stop()
	gone := make(chan websocket.StatusCode)
	go func() {
		for {
			if _, _, err := viewer.Read(context.Background()); err != nil {
				gone <- websocket.CloseStatus(err)
				return
			}
		}
	}()
	if status := <-gone; status != websocket.StatusGoingAway {
		t.Errorf("the viewer is told %v", status)
	}
	if rest, err := io.ReadAll(client); err != nil || len(rest) > 0 {
		t.Errorf("the MQTT client gets % x and %v", rest, err)
	}
	client.Close()
	<-done
	if took := time.Since(began); took > limits.ShutdownTimeout+limits.LingerTimeout {
		t.Errorf("took %s", took)
	}
}

// What happens over MQTT is in the stream of a page.
func TestWatch(t *testing.T) {
	s, address := started(t, server.Config{})
	viewer, _, err := websocket.Dial(t.Context(), "ws://"+address+"/api/benches/main/live?from=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer viewer.CloseNow()
	client, err := net.Dial("tcp", s.Bench(server.MainBench).Address())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	io.WriteString(client, "\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01A\xe0\x00")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var all strings.Builder
	for _, want := range []string{`"type":"hello"`, `"kind":"open"`, `"summary":"CONNECT A, `, `"kind":"explain"`, `"type":"CONNACK"`, `"client_id":"A"`, `"type":"DISCONNECT"`, `"kind":"close"`} {
		for !strings.Contains(all.String(), want) {
			_, data, err := viewer.Read(ctx)
			if err != nil {
				t.Fatal(want, err, all.String())
			}
			all.Write(data)
		}
	}
	viewer.CloseNow()
}

// The files that a page names may be kept for ever.
func TestStatic(t *testing.T) {
	_, address := started(t, server.Config{})
	page, err := http.Get("http://" + address + "/")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(page.Body)
	page.Body.Close()
	_, after, ok := strings.Cut(string(text), `href="/static/`)
	if !ok {
		t.Fatal("the page names no file")
	}
	path, _, _ := strings.Cut(after, `"`)
	file, err := http.Get("http://" + address + "/static/" + path)
	if err != nil {
		t.Fatal(err)
	}
	file.Body.Close()
	if file.StatusCode != 200 || !strings.Contains(file.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("%s: %s, %s", path, file.Status, file.Header.Get("Cache-Control"))
	}
}

// TestSlowUpload sends a file for longer than other requests may take.
func TestSlowUpload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := server.New(server.Config{})
		defer s.Close()
		body, pipe := io.Pipe()
		go func() {
			for _, part := range []string{"c0 ", "00 ", "d0 ", "00"} {
				io.WriteString(pipe, part)
				time.Sleep(10 * time.Second)
			}
			pipe.Close()
		}()
		r := httptest.NewRequest("POST", "http://localhost/ui/file?name=slow.txt", body)
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "PINGRESP") {
			t.Errorf("a file that takes 40 s to come: %d %.300s", w.Code, w.Body)
		}
	})
}
