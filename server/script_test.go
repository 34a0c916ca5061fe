package server_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode"

	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/packet"
	"mqttlab/server"
	"mqttlab/server/class"
)

// script is what a page must never take for its own, however it is quoted.
const script = `'"><img src=x onerror=alert(1)><script>alert(1)</script>`

// unseen is what a terminal obeys, and what turns text round.
const unseen = "\u009b31m\u202e\u2066\x7f"

// hostile are packets with script in each text that a client chooses.
func hostile(t *testing.T) (all [][]byte) {
	t.Helper()
	user := packet.Property{ID: packet.UserProperty, Key: script, Text: script}
	connect := packet.NewConnect(packet.V5)
	connect.CleanSession, connect.KeepAlive, connect.ClientID, connect.Properties = true, 60, script, packet.Properties{user, {ID: packet.ReceiveMaximum, Number: 1}}
	connect.HasUserName, connect.UserName, connect.HasPassword, connect.Password = true, script, true, []byte(script)
	connect.HasWill, connect.Will = true, packet.Will{Topic: script, Payload: []byte(script), Properties: packet.Properties{{ID: packet.ContentType, Text: script}}}
	said, _ := json.Marshal(map[string]any{script: script, "more": []string{script}})
	said = []byte(strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(said)))
	for _, p := range []packet.Packet{
		connect,
		&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: script + "/#", QoS: 1}, {Filter: "$share/" + strings.ReplaceAll(script, "/", "") + "/a"}}},
		&packet.Publish{Retain: true, Topic: script, Payload: []byte(script),
			Properties: packet.Properties{user, {ID: packet.ContentType, Text: script}, {ID: packet.ResponseTopic, Text: script},
				{ID: packet.UserProperty, Key: unseen, Text: script + unseen}}},
		&packet.Publish{QoS: 1, PacketID: 3, Topic: script, Payload: []byte(script)},
		&packet.Publish{QoS: 1, PacketID: 4, Topic: script, Payload: said}, // waits for the one before
		&packet.Publish{QoS: 1, PacketID: 5, Topic: script, Payload: said},
		&packet.Unsubscribe{PacketID: 2, Filters: []string{script}},
	} {
		b, err := packet.Append(nil, p, packet.V5)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

// filmed is a capture of hostile packets with comments of the same kind.
func filmed(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	w, err := capture.NewWriter(&b, capture.WriterOptions{Application: script, Comment: script})
	if err != nil {
		t.Fatal(err)
	}
	rec := capture.Record{Kind: capture.Open, Conn: 1, Time: time.Unix(1, 0), Client: netip.MustParseAddrPort("192.0.2.1:40000"), Server: netip.MustParseAddrPort("192.0.2.2:1883"),
		From: packet.Client, Comments: []string{script}}
	all := append([][]byte{nil}, hostile(t)...)
	for _, p := range []*packet.Publish{{Topic: script}, {}, {QoS: 1, PacketID: 3, Topic: "b"}} { // the first names the alias, the second is known by it, the third is sent twice
		if p.QoS == 0 {
			p.Properties = packet.Properties{{ID: packet.TopicAlias, Number: 1}}
		}
		b, err := packet.Append(nil, p, packet.V5)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	for i, data := range all {
		if i > 0 {
			rec.Kind, rec.Bytes = capture.Packet, data
		}
		if err := w.Write(&rec); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// hostileLab is a teacher's own lab that says script wherever it says anything.
func hostileLab() fstest.MapFS {
	said, _ := json.Marshal(script) // YAML, too
	text := strings.NewReplacer("SAID", string(said), "SCRIPT", script).Replace(`---
title: SAID
summary: SAID
minutes: 5
version: 3.1.1
broker: {users: {SAID: SAID}, anonymous: true}
clients: [A]
---
SCRIPT [SCRIPT](javascript:alert(1)) <script>alert(1)</script>

SCRIPT

## SCRIPT {#open}
SCRIPT <script>alert(1)</script>
` + "```" + `question
kind: choice
ask: SAID
options: [SAID, b]
answer: 1
why: SAID
` + "```\n```" + `check
- saw: {opened: A}
  text: SAID
` + "```\n```hint\nSCRIPT\n```\n```after\nSCRIPT\n```" + `
## Then SCRIPT {#then}
` + "```" + `check
- saw: mqtt.topic == SAID
  by: A
` + "```\n```question\nkind: text\nask: SAID\nanswer: SAID\nwhy: SAID\n```\n")
	return fstest.MapFS{"hostile/en.md": {Data: []byte(text)}, "hostile/solution.json": {Data: []byte(strings.ReplaceAll(`{"mqttlab": "scenario/1", "clients": [{"id": "A"}], "steps": [
		{"client": "A", "do": "open"}, {"do": "answer", "text": "1"},
		{"client": "A", "do": "send", "packet": {"type": "CONNECT", "version": "3.1.1", "client_id": "a", "clean_session": true, "keep_alive": 60}},
		{"client": "A", "do": "send", "packet": {"type": "PUBLISH", "topic": SAID, "payload": SAID}}, {"do": "answer", "text": SAID}]}`, "SAID", string(said)))}}
}

// reader asks for pages and checks that none takes over what somebody wrote.
type reader struct {
	t             *testing.T
	pages, showed int
}

func (r *reader) read(what string, w *httptest.ResponseRecorder) string {
	r.t.Helper()
	text, kind := w.Body.String(), w.Header().Get("Content-Type")
	switch {
	case strings.HasPrefix(kind, "text/html"):
		r.pages++
		if strings.Contains(text, "&lt;img src=x") {
			r.showed++
		}
		for _, raw := range []string{"<img src=x", "<script>alert", `'"><`, "javascript:"} {
			if i := strings.Index(text, raw); i >= 0 {
				r.t.Errorf("%s takes over what somebody wrote: %s", what, text[max(0, i-100):min(len(text), i+100)])
			}
		}
	case strings.HasPrefix(kind, "application/json"), strings.HasPrefix(kind, "application/problem+json"), strings.HasPrefix(kind, "application/x-ndjson"):
		if i := strings.IndexFunc(text, func(c rune) bool { return c != '\n' && !unicode.IsGraphic(c) }); i >= 0 {
			r.t.Errorf("%s: a terminal obeys %q", what, text[max(0, i-40):min(len(text), i+20)])
		}
	case w.Body.Len() > 0 && !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment"):
		r.t.Errorf("%s is %q", what, kind)
	}
	return text
}

// Whatever somebody writes into a packet, a name, a file, a lab, a form or an
// address, no page and no fragment has it but as text, and nothing hides in any
// JSON. Every place where a page shows what is foreign is gone through.
func TestNoScriptOfClients(t *testing.T) {
	s, err := server.Open(server.Config{Benches: 20, BenchRate: 1000, Labs: hostileLab(), Classes: &server.Classes{Dir: class.Memory, Operator: operator}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	said, _ := json.Marshal(script)
	in := strings.NewReplacer("SAID", string(said), "SCRIPT", url.PathEscape(script), "QUERY", url.QueryEscape(script))
	r := &reader{t: t}
	at := func(header http.Header) func(method, path, body string) string {
		v := visitor{t, s.Handler(), "127.0.0.1:5000", header}
		return func(method, path, body string) string {
			t.Helper()
			path = in.Replace(path)
			return r.read(method+" "+path, v.ask(method, path, in.Replace(body)))
		}
	}
	for _, lang := range []string{"en", "zh"} {
		language := http.Header{"Accept-Language": {lang}}
		ask := at(language)
		find := func(text, pattern string) string {
			t.Helper()
			found := regexp.MustCompile(pattern).FindStringSubmatch(text)
			if found == nil {
				t.Fatalf("no %s in %.500s", pattern, text)
			}
			return found[1]
		}

		// What clients say, on a bench, and what is said of it.
		bench := find(ask("POST", "/api/benches", `{"broker":{"users":{SAID:SAID},"anonymous":true}}`), `"id":"([^"]+)"`)
		api, ui := "/api/benches/"+bench, "/ui/benches/"+bench
		client := find(ask("POST", api+"/clients", `{"name":SAID}`), `"id":"([^"]+)"`)
		ask("POST", api+"/clients/"+client+"/open", "{}")
		for _, b := range hostile(t) {
			text := hex.EncodeToString(b)
			ask("POST", api+"/clients/"+client+"/send", `{"hex":"`+text+`"}`)
			ask("GET", "/decode?hex="+text, "")
			ask("GET", "/illustrated?version=5.0&hex="+text, "")
			ask("GET", "/?version=5.0&hex="+text, "")
			for _, body := range []string{`{"hex":"HEX","version":"5.0"}`, `{"hex":"HEX","version":"3.1.1"}`, `{"hex":"HEX","version":SAID}`, `{"hex":SAID,"version":"5.0"}`} {
				body = strings.ReplaceAll(body, "HEX", text)
				ask("POST", "/ui/draft", body)
				ask("POST", "/ui/copy", body)
				ask("POST", "/ui/versions", body)
				ask("POST", "/ui/bytes", strings.TrimSuffix(body, "}")+`,"origin":SAID,"from":SAID}`)
				ask("POST", "/api/decode", body)
			}
			ask("POST", "/ui/decode", `{"text":"`+text+` zz `+`","version":"5.0","builder":true}`)
			ask("POST", "/ui/decode", `{"text":"`+text+text+text[:len(text)-20]+`","version":"5.0"}`)
			ask("POST", "/ui/draft", `{"hex":"`+text+`","version":"5.0","was":"c000"}`)
		}
		for deadline := time.Now().Add(10 * time.Second); !strings.Contains(ask("GET", api+"/packets", ""), `"UNSUBACK"`); {
			if time.Now().After(deadline) {
				t.Fatal("the client is not answered")
			}
		}
		for n := 1; n <= 16; n++ {
			ask("GET", fmt.Sprintf("%s/packets/%d", ui, n), "")
			ask("GET", fmt.Sprintf("%s/why?event=%d&client=%s", ui, n, client), "")
			ask("GET", fmt.Sprintf("%s/state?at=%d", ui, n), "")
			ask("GET", fmt.Sprintf("%s/why?event=%d&client=%s", api, n, client), "")
		}
		for _, path := range []string{"/state", "/grid", "/settings", "/why?event=SCRIPT&client=SCRIPT", "/packets/SCRIPT", "/lab"} {
			ask("GET", ui+path, "")
		}
		for _, path := range []string{"", "/broker", "/state", "/rows", "/outline", "/wire", "/packets?filter=QUERY", "/find?filter=QUERY", "/capture.json", "/capture.pcapng", "/scenario.json", "/scenario.json?expect=1"} {
			ask("GET", api+path, "")
		}
		ask("GET", "/b/"+bench, "")
		ask("PUT", api+"/broker", `{"broker":{SAID:SAID}}`)
		ask("POST", api+"/clients/"+client+"/send", `{"packet":{"type":SAID,SAID:SAID}}`)
		ask("POST", "/api/encode", `{"type":"PUBLISH","topic":SAID,"properties":{SAID:SAID}}`)
		ask("POST", "/ui/draft", `{"form":{"type":"PUBLISH","version":"5.0","topic":SAID,"payload":SAID,"properties":{"user_property":[[SAID,SAID]],"content_type":SAID}}}`)

		// Scenarios, captures and other files.
		played := find(ask("POST", "/api/benches", `{}`), `"id":"([^"]+)"`)
		ask("POST", "/api/benches/"+played+"/replay?speed=max", `{"mqttlab": "scenario/1", "title": SAID, "broker": {"users": {SAID: SAID}}, "clients": [{"id": SAID, "name": SAID}],
			"steps": [{"client": SAID, "do": "open"}, {"client": SAID, "do": "send", "hex": "c000", "note": SAID}, {"client": SAID, "do": "expect", "filter": "mqtt.topic == \"a\"", "within": 0.01}]}`)
		ask("POST", "/api/benches/"+played+"/replay", `{"mqttlab": "scenario/1", "title": SAID, "clients": [{"id": "a"}], "steps": [{"client": SAID, "do": SAID, "filter": SAID, SAID: SAID}]}`)
		for _, path := range []string{"/b/%", "/api/benches/%", "/api/benches/%/replay", "/ui/benches/%/state", "/ui/benches/%/settings", "/ui/benches/%/packets/2"} {
			ask("GET", strings.ReplaceAll(path, "%", played), "")
		}
		film := filmed(t)
		shown := find(ask("POST", "/api/benches/import?name=QUERY", film), `"id":"([^"]+)"`)
		for _, path := range []string{"/b/%", "/api/benches/%", "/api/benches/%/rows", "/api/benches/%/capture.json", "/ui/benches/%/packets/2", "/ui/benches/%/packets/3", "/ui/benches/%/packets/4", "/ui/benches/%/settings"} {
			ask("GET", strings.ReplaceAll(path, "%", shown), "")
		}
		for _, query := range []string{"", "&filter=QUERY", "&filter=mqtt.topc", "&filter=" + url.QueryEscape(`mqtt.topic == "<img src=x>" && mqtt.topc == "<img src=x>"`), "&filter=mqtt.topic+%3D%3D+QUERY", "&filter=mqtt.QUERY+%3D%3D+1", "&version=QUERY", "&version=5.0"} {
			for _, file := range []string{film, film[:len(film)-9], strings.Join([]string{string(hostile(t)[0]), string(hostile(t)[2])}, ""), script, hex.EncodeToString(hostile(t)[2]) + " # " + script} {
				ask("POST", "/ui/file?name=QUERY"+query, file)
			}
		}
		for _, name := range []string{"file", script} {
			for _, file := range []string{film, script, "\x10"} {
				var form bytes.Buffer
				w := multipart.NewWriter(&form)
				w.WriteField("filter", map[bool]string{true: "", false: script}[file == film])
				part, _ := w.CreateFormFile(name, script)
				part.Write([]byte(file))
				w.Close()
				v := visitor{t, s.Handler(), "127.0.0.1:5000", language}
				r.read("POST /decode/file", v.say("POST", "/decode/file", w.FormDataContentType(), form.String()))
			}
		}

		// Labs, and a class whose name, students and teacher say the same.
		ask("GET", "/labs", "")
		ask("GET", "/labs/hostile", "")
		boss := language.Clone()
		boss.Set("Authorization", "Bearer "+operator)
		made := at(boss)("POST", "/api/classes", `{"name":SAID}`)
		code, id := find(made, `"code":"([^"]+)"`), find(made, `"id":"([^"]+)"`)
		teaching, learning := language.Clone(), language.Clone()
		v := visitor{t, s.Handler(), "127.0.0.1:5000", teaching}
		_, link, _ := strings.Cut(find(made, `"link":"([^"]+)"`), "/class/")
		cookies(teaching, v.ask("GET", "/class/"+link, ""))
		const nickname = `\'\"><img src=x onerror=a>`
		body := `{"code":"` + code + `","nickname":"` + strings.ReplaceAll(nickname, `\'`, `'`) + `"}`
		joined := visitor{t, s.Handler(), "127.0.0.1:5000", learning}.ask("POST", "/api/join", body)
		cookies(learning, joined)
		own, student := find(joined.Body.String(), `"bench":"([^"]+)"`), at(learning)
		student("PUT", "/api/benches/"+own+"/lab", `{"lab":"hostile"}`)
		student("GET", "/ui/benches/"+own+"/lab", "")
		student("POST", "/api/benches/"+own+"/lab/answer", `{"step":"open","options":[2],"text":SAID}`)
		student("GET", "/ui/benches/"+own+"/lab", "")
		student("POST", "/api/benches/"+own+"/lab/answer", `{"step":"open","options":[1]}`)
		student("POST", "/api/benches/"+own+"/clients/v1/open", `{}`)
		connect, _ := packet.Append(nil, packet.NewConnect(packet.V311), packet.V311)
		almost, _ := packet.Append(nil, &packet.Publish{Topic: script + "b"}, packet.V311)
		student("POST", "/api/benches/"+own+"/clients/v1/send", `{"hex":"`+hex.EncodeToString(append(connect, almost...))+`"}`)
		for _, path := range []string{"/class", "/", "/labs", "/labs/hostile", "/b/" + own, "/ui/benches/" + own + "/lab", "/ui/benches/" + own + "/settings", "/api/class", "/api/class/record.json", "/api/class/record.csv", "/reference", "/decode"} {
			student("GET", path, "")
		}
		teacher := at(teaching)
		teacher("PUT", "/api/classes/"+id, `{"name":SAID,"paused":true}`)
		teacher("POST", "/api/classes/"+id+"/push", `{"text":SAID}`)
		for _, path := range []string{"/class", "/class/" + id, "/api/classes/" + id, "/api/classes/" + id + "/grades.csv", "/api/classes/" + id + "/grades.json", "/b/" + own} {
			teacher("GET", path, "")
		}
		student("GET", "/class", "")
		for _, path := range []string{"/join/" + code, "/join/SCRIPT"} {
			ask("GET", path, "")
			ask("POST", path, "nickname=QUERY&personal=QUERY")
			ask("POST", path, "nickname="+url.QueryEscape(script[:20])+"%00")
		}
		ask("POST", "/class/new", "name=QUERY&token=QUERY")
		ask("GET", "/class?left=QUERY", "")
		ask("GET", "/class/teach?once=QUERY", "")

		// What is asked.
		for _, path := range []string{"/decode?text=QUERY", "/decode?text=10+zz+QUERY", "/decode?text=10+0c+QUERY&version=5.0", "/decode?hex=QUERY&version=QUERY", "/illustrated?hex=QUERY", "/illustrated?hex=c000&version=QUERY",
			"/reference?q=QUERY", "/reference/SCRIPT", "/labs/SCRIPT", "/b/SCRIPT", "/help/SCRIPT", "/language?lang=QUERY&back=QUERY", "/ui/benches/SCRIPT/state", "/SCRIPT", "/?hex=QUERY&version=QUERY", "/?form=QUERY",
			"/api/SCRIPT", "/api/filter/complete?filter=QUERY", "/api/benches/SCRIPT", "/class/SCRIPT", "/admin", "/dev/gallery", "/decode?QUERY=QUERY"} {
			ask("GET", path, "")
		}
		ask("POST", "/ui/decode", `{"text":SAID,"version":SAID}`)
		ask("POST", "/ui/decode", `{"text":"10 0e SCRIPT `+"\\n"+`0000 10 0c `+"\\u009b"+` 00 04 zz","version":"auto"}`)
		ask("POST", "/ui/decode", `{SAID:SAID}`)
	}
	if r.pages < 300 || r.showed < 150 {
		t.Errorf("%d pages, of which %d show such text", r.pages, r.showed)
	}
}

// cookies keeps what a browser keeps.
func cookies(header http.Header, w *httptest.ResponseRecorder) {
	for _, c := range w.Result().Cookies() {
		header.Add("Cookie", c.Name+"="+c.Value)
	}
}
