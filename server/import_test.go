package server_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"mqttlab/server"
)

// A capture file is a bench to be read: with its flow, its filter, its exports.
func TestImport(t *testing.T) {
	_, address := started(t, server.Config{Benches: 2})
	base := "http://" + address
	data, err := os.ReadFile("../testdata/capture/mosquitto-mqttv311.pcapng")
	if err != nil {
		t.Fatal(err)
	}
	status, text := call(t, "POST", base+"/api/benches/import", string(data))
	if status != http.StatusCreated {
		t.Fatalf("%d %s", status, text)
	}
	_, id, _ := strings.Cut(text, `"id":"`)
	id, _, _ = strings.Cut(id, `"`)
	for path, want := range map[string]string{
		"/packets": `"type":"CONNECT"`,
		"/packets?filter=mqtt.msgtype%20%3D%3D%203": `"type":"PUBLISH"`,
		"/capture.json":  `"kind":"packet"`,
		"/scenario.json": `"do": "send"`,
		"/state":         `"sessions":[]`,
		"":               `"state":"closed"`,
	} {
		if status, text := call(t, "GET", base+"/api/benches/"+id+path, ""); status != 200 || !strings.Contains(text, want) {
			t.Errorf("%s: %d %.500s", path, status, text)
		}
	}
	if status, text := call(t, "GET", base+"/ui/benches/"+id+"/settings", ""); status != 200 || strings.Contains(text, `type="submit"`) {
		t.Errorf("settings: %d", status)
	}
	for _, test := range []struct {
		path, body string
		status     int
		want       string
	}{
		{"/" + id + "/clients", "{}", 409, "urn:mqttlab:problem:read-only"},
		{"/" + id + "/broker", `{"broker": {}}`, 409, "urn:mqttlab:problem:read-only"},
		{"/import", "no capture", 422, "urn:mqttlab:problem:no-capture"},
	} {
		method := "POST"
		if strings.HasSuffix(test.path, "/broker") {
			method = "PUT"
		}
		if status, text := call(t, method, base+"/api/benches"+test.path, test.body); status != test.status || !strings.Contains(text, test.want) {
			t.Errorf("%s: %d %s", test.path, status, text)
		}
	}
}
