package server_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"mqttlab/server"
)

// What one bench exports, another one plays.
func TestReplay(t *testing.T) {
	_, address := started(t, server.Config{Benches: 2})
	base := "http://" + address
	text, err := os.ReadFile("../mqttcore/scenario/testdata/first.json")
	if err != nil {
		t.Fatal(err)
	}
	steps, _, _ := strings.Cut(string(text), `    {"client": "b", "do": "expect", "closed"`) // which takes a quarter of a minute
	short := strings.TrimRight(steps, ", \n") + "]}"
	first := makeBench(t, base, "")
	play := func(id, query, body, want string) {
		t.Helper()
		status, text := call(t, "POST", base+"/api/benches/"+id+"/replay"+query, body)
		if status != http.StatusAccepted {
			t.Fatalf("%d %s", status, text)
		}
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			_, text := call(t, "GET", base+"/api/benches/"+id+"/replay", "")
			if strings.Contains(text, `"state":"running"`) && time.Now().Before(deadline) {
				continue
			}
			if !strings.Contains(text, want) {
				t.Errorf("%s: %s", query, text)
			}
			return
		}
	}
	play(first.ID, "?speed=max", short, `"state":"done","title":"A hears what B says, B goes without a word","step":10,"steps":10`)
	_, exported := call(t, "GET", base+"/api/benches/"+first.ID+"/scenario.json?expect=1", "")
	if !strings.Contains(exported, `"users": {"ada":null}`) || strings.Contains(exported, first.ID) {
		t.Errorf("%s", exported)
	}
	// On another bench the password is not known.
	second := makeBench(t, base, "")
	if status, text := call(t, "POST", base+"/api/benches/"+second.ID+"/replay", exported); status != 422 || !strings.Contains(text, `"field":"broker.users.ada"`) {
		t.Errorf("%d %s", status, text)
	}
	play(first.ID, "?speed=max", exported, `"state":"done"`)
	play(second.ID, "?speed=max&broker=keep", strings.Replace(exported, `{"ada":null}`, `null`, 1), `"state":"done"`)
	for _, test := range []struct {
		query, body string
		status      int
		want        string
	}{
		{"?speed=0", short, 400, `"field":"speed"`},
		{"", `{"mqttlab": "scenario/1"}`, 422, `the key \"clients\" is missing`},
		{"", strings.Repeat(" ", 17<<20), 413, `"title":"Too much"`},
		{"", `{"mqttlab": "scenario/1", "clients": [{"id": "a"}], "steps": [{"client": "a", "do": "reply", "hex": "2002"}]}`, 422, "urn:mqttlab:problem:lab"},
	} {
		if status, text := call(t, "POST", base+"/api/benches/"+first.ID+"/replay"+test.query, test.body); status != test.status || !strings.Contains(text, test.want) {
			t.Errorf("%s: %d %s", test.query, status, text)
		}
	}
	if status, _ := call(t, "POST", base+"/api/benches/"+first.ID+"/replay", short); status != http.StatusAccepted {
		t.Error(status)
	}
	if status, text := call(t, "POST", base+"/api/benches/"+first.ID+"/replay", short); status != http.StatusConflict {
		t.Errorf("two at a time: %d %s", status, text)
	}
	if status, _ := call(t, "DELETE", base+"/api/benches/"+first.ID+"/replay", ""); status != http.StatusNoContent {
		t.Error(status)
	}
	call(t, "DELETE", base+"/api/benches/"+second.ID, "")
}
