package server_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"mqttlab/server"
)

// call makes a request and returns the answer's status and body.
func call(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(data)
}

// madeBench is what POST /api/benches answers.
type madeBench struct{ ID, MQTT, Page, WebSocket string }

func makeBench(t *testing.T, base, body string) madeBench {
	t.Helper()
	status, text := call(t, "POST", base+"/api/benches", body)
	var made madeBench
	if err := json.Unmarshal([]byte(text), &made); err != nil || status != http.StatusCreated {
		t.Fatalf("%d %s", status, text)
	}
	return made
}

// A bench that was asked for has a page, a broker as it was asked for, a
// WebSocket, and an end.
func TestNewBench(t *testing.T) {
	_, address := started(t, server.Config{Benches: 2})
	base := "http://" + address
	made := makeBench(t, base, `{"broker": {"users": {"ada": "secret"}}}`)
	if status, text := call(t, "GET", base+made.Page, ""); status != 200 || !strings.Contains(text, `data-bench="`+made.ID+`"`) {
		t.Errorf("its page: %d", status)
	}
	client, _, err := websocket.Dial(t.Context(), "ws://"+address+made.WebSocket, &websocket.DialOptions{Subprotocols: []string{"mqtt"}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseNow()
	client.Write(t.Context(), websocket.MessageBinary, []byte("\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01A"))
	if _, answer, err := client.Read(t.Context()); err != nil || string(answer) != "\x20\x02\x00\x05" {
		t.Errorf("CONNECT without a user is answered % x, %v", answer, err)
	}
	if status, text := call(t, "GET", base+"/api/benches/main/packets", ""); strings.Contains(text, "CONNECT") {
		t.Errorf("the bench main has seen it, too: %d %s", status, text)
	}
	if _, text := call(t, "GET", base+"/api/benches/"+made.ID+"/broker", ""); !strings.Contains(text, `"users":{"ada":null}`) || strings.Contains(text, "secret") {
		t.Errorf("its broker: %s", text)
	}
	// Settings are put as they were got, with the password as it was.
	if status, text := call(t, "PUT", base+"/api/benches/"+made.ID+"/broker", `{"broker": {"users": {"ada": null}, "max_qos": 1}}`); status != 200 || !strings.Contains(text, `"max_qos":1`) || strings.Contains(text, "secret") {
		t.Errorf("put: %d %s", status, text)
	}
	again, _, err := websocket.Dial(t.Context(), "ws://"+address+made.WebSocket, &websocket.DialOptions{Subprotocols: []string{"mqtt"}})
	if err != nil {
		t.Fatal(err)
	}
	defer again.CloseNow()
	again.Write(t.Context(), websocket.MessageBinary, []byte("\x10\x1a\x00\x04MQTT\x04\xc2\x00\x00\x00\x01A\x00\x03ada\x00\x06secret"))
	if _, answer, err := again.Read(t.Context()); err != nil || string(answer) != "\x20\x02\x00\x00" {
		t.Errorf("CONNECT with the password is answered % x, %v", answer, err)
	}
	viewer, _, err := websocket.Dial(t.Context(), "ws://"+address+"/api/benches/"+made.ID+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer viewer.CloseNow()
	if status, _ := call(t, "DELETE", base+"/api/benches/"+made.ID, ""); status != http.StatusNoContent {
		t.Errorf("removed: %d", status)
	}
	for err == nil { // it is told, and so is the client
		_, _, err = viewer.Read(t.Context())
	}
	if websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("the viewer is told %v", err)
	}
	if status, _ := call(t, "GET", base+made.Page, ""); status != http.StatusNotFound {
		t.Errorf("the page of a bench that is gone: %d", status)
	}
}

// What is wrong with a request for a bench is said with its place.
func TestNewBenchRefused(t *testing.T) {
	_, address := started(t, server.Config{Benches: 1})
	base := "http://" + address
	for _, test := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "", `{"broker": {"max_qos": 3}}`, 422, `"field":"broker.max_qos"`},
		{"POST", "", "{\n \"brocker\": {}}", 422, `"line":2,"column":2,"field":"brocker"`},
		{"POST", "", `{"broker": {"max_queued": 1000000}}`, 422, `a whole number from 1 to 10000 is wanted`},
		{"POST", "", `{`, 422, `"title":"JSON not understood"`},
		{"POST", "", `{"tcp": true}`, 409, `urn:mqttlab:problem:no-port`},
		{"POST", "", `{}`, 201, `"id":`},
		{"POST", "", ``, 409, `urn:mqttlab:problem:too-many-benches`},
		{"POST", "", ``, 409, `the server has as many benches as it may have: 1"`},
		{"POST", "?lang=zh", ``, 409, `服务器上的工作台已达上限：1 个"`},
		{"DELETE", "/main", ``, 403, `urn:mqttlab:problem:fixed`},
		{"PUT", "/main/broker", `{}`, 422, `the key \"broker\" is missing`},
		{"PUT", "/main/broker", `{"broker": {"users": {"eve": null}}}`, 422, `"field":"broker.users.eve"`},
		{"PUT", "/main/broker", `{"broker": {"unavailable": true}}`, 200, `"unavailable":true`},
	} {
		status, text := call(t, test.method, base+"/api/benches"+test.path, test.body)
		if status != test.status || !strings.Contains(text, test.want) {
			t.Errorf("%s %s %s: %d %s", test.method, test.path, test.body, status, text)
		}
	}
}

// A guess at an id learns that there is no such bench, the same everywhere and
// whatever the guess looks like.
func TestGuesses(t *testing.T) {
	_, address := started(t, server.Config{Benches: 2})
	base := "http://" + address
	made := makeBench(t, base, "")
	call(t, "DELETE", base+"/api/benches/"+made.ID, "")
	there := makeBench(t, base, "")
	guesses := []string{made.ID, "nowhere", "MAIN", strings.ToUpper(there.ID), there.ID[:25], there.ID + "a", strings.Repeat("a", 26), "%2e%2e", "main%00"}
	for _, path := range []struct{ method, before, behind string }{
		{"GET", "/b/", ""}, {"GET", "/mqtt/", ""}, {"GET", "/api/benches/", ""}, {"DELETE", "/api/benches/", ""},
		{"GET", "/api/benches/", "/live"}, {"GET", "/api/benches/", "/state"}, {"GET", "/api/benches/", "/packets"},
		{"GET", "/api/benches/", "/broker"}, {"PUT", "/api/benches/", "/broker"}, {"POST", "/api/benches/", "/clients"},
		{"POST", "/api/benches/", "/clients/v1/send"}, {"GET", "/ui/benches/", "/packets/1"},
	} {
		first := ""
		for _, guess := range guesses {
			status, text := call(t, path.method, base+path.before+guess+path.behind, "")
			if _, rest, ok := strings.Cut(text, `"instance"`); ok { // which says the guess again
				_, after, _ := strings.Cut(rest, `,`)
				text = strings.Replace(text, rest, after, 1)
			}
			text = strings.ReplaceAll(text, strings.ReplaceAll(guess, "%", "%25"), "")
			if status != http.StatusNotFound {
				t.Errorf("%s %s%s%s answers %d", path.method, path.before, guess, path.behind, status)
			}
			if strings.HasPrefix(path.before, "/b/") {
				continue // the page names itself in the links of its languages
			}
			if first == "" {
				first = text
			} else if text != first {
				t.Errorf("%s %s%s%s answers\n%s\nbut others\n%s", path.method, path.before, guess, path.behind, text, first)
			}
		}
	}
	if status, _ := call(t, "GET", base+there.Page, ""); status != 200 {
		t.Errorf("the one that is there: %d", status)
	}
}

// A bench with a TCP address of its own is another broker than main.
func TestBenchOverTCP(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	cfg := server.Config{Benches: 1, BenchHost: "127.0.0.1"}
	cfg.BenchPorts.First, cfg.BenchPorts.Last = port, port
	_, address := started(t, cfg)
	made := makeBench(t, "http://"+address, `{"tcp": true, "broker": {"versions": ["5.0"]}}`)
	client, err := net.Dial("tcp", made.MQTT)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	client.SetDeadline(time.Now().Add(10 * time.Second))
	io.WriteString(client, "\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01A")
	if answer, err := io.ReadAll(client); err != nil || string(answer) != "\x20\x02\x00\x01" {
		t.Errorf("a version that is not served is answered % x, %v", answer, err)
	}
}
