package server_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mqttlab/server"
	"mqttlab/server/api"
)

// examples are the bodies and queries that the reference shows for a call: the
// lines of its doc comment that are indented.
func examples(doc string) (all []string) {
	for line := range strings.Lines(doc) {
		if example, ok := strings.CutPrefix(line, "\t"); ok {
			all = append(all, strings.TrimSpace(example))
		}
	}
	return all
}

// TestReferenceExamples does what the reference of the JSON interface shows:
// every call with each of its examples, or with none if it has none. A call that
// needs a body shows one, therefore.
func TestReferenceExamples(t *testing.T) {
	c := openSchool(t, func(cfg *server.Config) { cfg.Benches, cfg.BenchRate, cfg.BenchIdle = 200, 1000, time.Hour })
	capture, err := os.ReadFile(filepath.Join("..", "testdata", "capture", "mosquitto-mqttv5.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	for _, call := range api.Calls() {
		t.Run(call.Method+strings.ReplaceAll(call.Path, "/", " "), func(t *testing.T) {
			c := *c
			c.t = t
			who, path := c.prepare(call)
			if strings.HasSuffix(path, "/live") {
				if _, status := who.dial(path); status != 101 {
					t.Errorf("answers %d", status)
				}
				done++
				return
			}
			tries := examples(call.Doc)
			switch {
			case call.Name == "importBench":
				tries = []string{string(capture)}
			case len(tries) == 0:
				tries = []string{""}
			}
			for _, example := range tries {
				address, body := path, strings.Replace(example, "ABC DEF", c.code, 1)
				if query, ok := strings.CutPrefix(example, "?"); ok {
					values := url.Values{}
					for pair := range strings.SplitSeq(query, "&") {
						name, value, _ := strings.Cut(pair, "=")
						values.Set(name, value)
					}
					address, body = path+"?"+values.Encode(), ""
				}
				if got := who.send(call.Method, address, body); got.status >= 300 {
					t.Errorf("%.200s answers %d: %s", example, got.status, got.body)
				}
				done++
			}
		})
	}
	if done < 75 {
		t.Errorf("%d calls were done", done)
	}
}

// prepare makes what a call is about, and says who may call it, and at which
// address.
func (c *school) prepare(call api.Call) (*person, string) {
	c.t.Helper()
	path := call.Path
	switch {
	case path == "/api/classes":
		return c.as("Bearer " + operator), path
	case strings.HasPrefix(path, "/api/classes/"):
		made := c.as("Bearer "+operator).want(201, "POST", "/api/classes", `{"name": "another"}`)
		another := *c
		another.id, another.code, another.token = made["id"].(string), made["code"].(string), made["token"].(string)
		return another.teacher(), strings.NewReplacer("{class}", another.id, "{student}", another.join("Ada").id).Replace(path)
	case strings.HasPrefix(path, "/api/class"):
		return c.join(strings.ToLower(call.Name)), path
	}
	me := c.as("")
	if !strings.HasPrefix(path, "/api/benches/{id}") {
		return me, path
	}
	bench := "/api/benches/" + me.want(201, "POST", "/api/benches", "{}")["id"].(string)
	path = strings.Replace(path, "/api/benches/{id}", bench, 1)
	client := ""
	switch {
	case call.Name == "replyByHand" || call.Name == "hangUp":
		me.want(200, "PUT", bench+"/lab", `{"lab": "be-the-broker"}`)
		for client == "" {
			for _, one := range me.want(200, "GET", bench, "")["clients"].([]any) {
				if one := one.(map[string]any); one["state"] == "open" {
					client = one["id"].(string)
				}
			}
		}
	case call.Name == "buildLab": // it is the second step that asks for a packet
		me.want(200, "PUT", bench+"/lab", `{"lab": "first-connect"}`)
		client = me.want(200, "GET", bench, "")["clients"].([]any)[0].(map[string]any)["id"].(string)
		me.want(200, "POST", bench+"/clients/"+client+"/open", "")
	case call.Name == "answerLab":
		me.want(200, "PUT", bench+"/lab", `{"lab": "claim-court"}`)
	case strings.Contains(path, "/lab"):
		me.want(200, "PUT", bench+"/lab", `{"lab": "first-connect"}`)
	default:
		client = me.want(201, "POST", bench+"/clients", "{}")["id"].(string)
		if call.Name == "openClient" {
			break
		}
		at := bench + "/clients/" + client
		me.want(200, "POST", at+"/open", "")
		if call.Name == "send" {
			break
		}
		for _, packet := range []string{"10 0d 00 04 4d 51 54 54 04 02 00 3c 00 01 61", "82 06 00 01 00 01 74 00", "30 04 00 01 74 21"} {
			me.want(200, "POST", at+"/send", `{"hex": "`+packet+`"}`)
		}
		if call.Name == "stepWire" || call.Name == "waiting" {
			me.want(200, "PUT", at+"/wire", `{"to_broker": {"hold": true}}`)
			me.want(200, "POST", at+"/send", `{"hex": "`+strings.Repeat("c0 00", 6)+`"}`)
		}
	}
	return me, strings.NewReplacer("{cid}", client, "{name}", "will", "{direction}", "to_broker", "{packet}", "1").Replace(path)
}
