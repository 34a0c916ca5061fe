package pages

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/limits"
	"mqttlab/static"
	"mqttlab/web"
)

func handler() http.Handler {
	r := chi.NewRouter()
	Routes(r, Deps{
		Find: func(id string) (web.BenchView, bool) {
			return web.BenchView{ID: id, MQTTAddr: "127.0.0.1:18830"}, id == "main"
		},
		Event: func(bench string, n uint64, l spec.Lang) (web.EventView, bool) {
			p := annotate.One([]byte{0xC0, 0x00}, annotate.Options{Version: 4})
			return web.EventView{N: n, Lane: "A", From: "client", Packet: p, Explained: []web.Explanation{
				{Text: "<b>heard</b>", Rules: []string{"MQTT-3.12.4-1"}},
			}}, bench == "main" && n == 7
		},
		Problem: func(w http.ResponseWriter, _ *http.Request, err error) {
			status := http.StatusUnprocessableEntity
			if e := (*Error)(nil); errors.As(err, &e) {
				status = e.Status
			}
			w.WriteHeader(status)
			problem := map[string]string{"title": err.Error()}
			if e := (*Error)(nil); errors.As(err, &e) {
				problem["detail"] = e.Detail
			}
			json.NewEncoder(w).Encode(problem)
		},
	})
	return r
}

func do(t *testing.T, method, target, kind, body string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	w := httptest.NewRecorder()
	handler().ServeHTTP(w, r)
	answer, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(answer)
}

// testFile is a capture of mosquitto's clients.
func testFile(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../testdata/capture/mosquitto-mqttv5.pcapng")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const formKind = "application/x-www-form-urlencoded"

func TestAnswers(t *testing.T) {
	huge := strings.Repeat("00 ", limits.BodyBytes/3+10)
	for name, c := range map[string]struct {
		method, target, kind, body string
		status                     int
		holds                      []string
	}{
		"bench":           {"GET", "/", "", "", 200, []string{`data-bench="main"`, "-p 18830 -t", ">CONNECT</span>"}},
		"decode, empty":   {"GET", "/decode", "", "", 200, []string{"Every byte has a name", "CONNECT, misprinted"}},
		"decode, link":    {"GET", "/decode?hex=c000", "", "", 200, []string{">PINGREQ</span>", ">c000</textarea>"}},
		"decode, no JS":   {"POST", "/decode", formKind, url.Values{"text": {"82 09 00 01 00 04 74 65 73 74 00"}}.Encode(), 200, []string{">SUBSCRIBE</span>", "Packet Identifier"}},
		"decode, nothing": {"POST", "/decode", formKind, "text=", 200, []string{"0 bytes"}},
		"decode, version": {"GET", "/decode?hex=c000&version=9", "", "", 422, []string{"There is no such version"}},
		"decode, huge":    {"POST", "/decode", formKind, "text=" + huge, 413, []string{"at most 1 MiB"}},
		"gallery":         {"GET", "/dev/gallery", "", "", 200, []string{"Cut short", "&lt;script&gt;"}},
		"reference":       {"GET", "/reference", "", "", 200, []string{`id="CONNECT"`, "15 of 15", "hex=c000", `aria-current="page"`}},
		"rules":           {"GET", "/reference/rules-3.1.1", "", "", 200, []string{`id="MQTT-3.1.2-3"`, "Binds the server"}},
		"rules, filtered": {"GET", "/reference/rules-5.0?q=topic+alias", "", "", 200, []string{"Topic Alias", `value="topic alias"`}},
		"sections":        {"GET", "/reference/rules-3.1", "", "", 200, []string{`id="MQTT-3.1-3.8"`}},
		"properties":      {"GET", "/reference/properties", "", "", 200, []string{`id="receive_maximum"`, "27 of 27"}},
		"codes":           {"GET", "/reference/codes", "", "", 200, []string{`id="5.0-0x87"`, `id="3.1.1-0x05-CONNACK"`}},
		"glossary":        {"GET", "/reference/glossary?q=zzz", "", "", 200, []string{"Nothing here contains that", "0 of"}},
		"no part":         {"GET", "/reference/nonsense", "", "", 404, []string{"Nothing is here"}},
		"Chinese":         {"GET", "/reference/properties?lang=zh", "", "", 200, []string{`lang="zh"`, "参考", "遗嘱属性"}},
		"Chinese packet":  {"GET", "/decode?hex=c000&lang=zh", "", "", 200, []string{"字段，按传输顺序"}},
		"language":        {"GET", "/language?to=zh&back=/decode", "", "", 303, nil},
		"file":            {"POST", "/ui/file?name=a.pcapng&filter=mqtt.msgtype+%3D%3D+3", "application/octet-stream", testFile(t), 200, []string{"a.pcapng", "PUBLISH", `data-filter="tcp.stream == 0"`}},
		"file, links":     {"POST", "/ui/file?name=a.pcapng", "application/octet-stream", testFile(t), 200, []string{`id="file-packet-0"`, `<a class="flow-link" href="#file-packet-0"><bdi>answers the CONNECT of packet 0</bdi></a>`}},
		"file, filtered":  {"POST", "/ui/file?name=a.pcapng&filter=mqtt.msgtype+%3D%3D+2", "application/octet-stream", testFile(t), 200, []string{"<bdi>answers the CONNECT of packet 0</bdi></li>"}},
		"file, answers":   {"POST", "/ui/file?name=a.bin", "application/octet-stream", "\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01a\x20\x02\x00\x00\x82\x06\x00\x01\x00\x01a\x00\xd0\x00", 200, []string{"No SUBACK for it comes in this input", "No PINGREQ is waiting", `#MQTT-3.8.4-1`}},
		"file, filter":    {"POST", "/ui/file?name=a&filter=mqtt.msgtipe", "application/octet-stream", "", 200, []string{"mqtt.msgtype", `role="alert"`}},
		"file, text":      {"POST", "/ui/file?name=a", "application/octet-stream", "c0 00", 200, []string{">PINGREQ</span>"}},
		"file, rubbish":   {"POST", "/ui/file?name=a", "application/octet-stream", "\x00\xff\x00\xfe rubbish", 200, []string{"No MQTT was found"}},
		"file, empty":     {"POST", "/ui/file?name=a", "application/octet-stream", "", 200, []string{"No MQTT was found"}},
		"file, no JS":     {"POST", "/decode/file", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\n\xc0\x00\xd0\x00\r\n--x--\r\n", 200, []string{"a.bin", "PINGRESP"}},
		"no file":         {"POST", "/decode/file", "multipart/form-data; boundary=x", "--x--\r\n", 422, []string{"There is no file"}},
		"its packet":      {"POST", "/ui/bytes", "application/json", `{"hex":"c000","version":"5.0","from":"client"}`, 200, []string{`data-scope="file"`, "MQTT 5.0"}},
		"no bytes":        {"POST", "/ui/bytes", "application/json", `{"hex":"c"}`, 422, nil},
		"other reading":   {"POST", "/ui/decode", "application/json", `{"text":"10 26 00 04","reading":99}`, 200, []string{"data-bytes"}},
		"no page":         {"GET", "/nowhere", "", "", 404, []string{"Nothing is here"}},
		"packet":          {"POST", "/ui/draft", "application/json", `{"form":{"type":"PUBLISH","topic":"a","payload":"b"},"was":"3003000161"}`, 200, []string{`data-bytes="300400016162"`, "3 → 4"}},
		"packet, wrong":   {"POST", "/ui/draft", "application/json", `{"form":{"type":"PUBLISH","nonsense":1}}`, 422, []string{"nonsense"}},
		"packet, huge":    {"POST", "/ui/draft", "application/json", `"` + huge, 413, nil},
		"draft, override": {"POST", "/ui/draft", "application/json", `{"form":{"type":"PINGREQ","override":{"mqtt.len":1}}}`, 200, []string{`data-bytes="c001"`, "The broker goes on waiting: bytes missing: 1."}},
		"draft, no field": {"POST", "/ui/draft", "application/json", `{"form":{"type":"PINGREQ","override":{"mqtt.qos":1}}}`, 422, []string{"override.mqtt.qos"}},
		"draft, early":    {"POST", "/ui/draft", "application/json", `{"hex":"c000","version":"3.1.1","connected":false}`, 200, []string{"The client is not connected, so this would be its first packet", "Sent on a new connection", "The broker closes the connection"}},
		"draft, anybody":  {"POST", "/ui/draft", "application/json", `{"hex":"c000","version":"3.1.1"}`, 200, []string{"If this is the first packet", "Sent by a connected client", "d0 00"}},
		"draft, later":    {"POST", "/ui/draft", "application/json", `{"hex":"c000","version":"3.1.1","connected":true}`, 200, []string{"Sent by a connected client", "d0 00"}},
		"raw, later":      {"POST", "/ui/decode", "application/json", `{"text":"c000","builder":true,"connected":true}`, 200, []string{">PINGREQ</span>"}},
		"raw, early":      {"POST", "/ui/decode", "application/json", `{"text":"c000","builder":true,"connected":false}`, 200, []string{"The client is not connected, so this would be its first packet"}},
		"draft, twice":    {"POST", "/ui/draft", "application/json", `{"form":{"type":"CONNECT","client_id":"a"},"connected":true}`, 200, []string{"Sent by a connected client", "The broker closes the connection"}},
		"draft, bytes":    {"POST", "/ui/draft", "application/json", `{"hex":"8f060001000161ff","version":"3.1.1"}`, 200, []string{`data-follows="exactly"`, `{&#34;type&#34;:&#34;SUBSCRIBE&#34;`, `&#34;mqtt.hdr_reserved&#34;:15`, "MQTT-2.2.2-2", "The broker closes the connection"}},
		"draft, several":  {"POST", "/ui/draft", "application/json", `{"hex":"c000e000","version":"3.1.1"}`, 200, []string{`data-follows="not"`, `data-scope="bench2"`, ">DISCONNECT</span>"}},
		"draft, cut":      {"POST", "/ui/draft", "application/json", `{"hex":"c0","version":"3.1.1"}`, 200, []string{`data-follows="partly"`, "The broker goes on waiting for the rest"}},
		"draft, empty":    {"POST", "/ui/draft", "application/json", `{"hex":"","version":"5.0"}`, 200, []string{`data-follows="not"`, "x-end"}},
		"draft, pasted":   {"POST", "/ui/draft", "application/json", `{"hex":"c000","version":"3.1.1","paste":"0xe0, 0x00","from":0,"to":2}`, 200, []string{`data-bytes="e000"`}},
		"draft, over":     {"POST", "/ui/draft", "application/json", `{"hex":"c000","version":"3.1.1","paste":"e0","from":0,"to":-1}`, 200, []string{`data-bytes="e000"`}},
		"draft, no paste": {"POST", "/ui/draft", "application/json", `{"hex":"c000","paste":"no bytes","from":0,"to":99}`, 422, []string{"No bytes in what you paste"}},
		"draft, no JSON":  {"POST", "/ui/draft", "text/plain", `{"hex":"c000"}`, 415, []string{"text/plain"}},
		"draft, rubbish":  {"POST", "/ui/draft", "application/json", `{"hex":"c000"}x`, 400, []string{"ends at byte 14"}},
		"draft, no hex":   {"POST", "/ui/draft", "application/json", `{"hex":"c"}`, 422, []string{"These are no bytes"}},
		"bench, link":     {"GET", "/?hex=32+05+00+01+61+00+07&version=3.1.1", "", "", 200, []string{`data-form="{&#34;type&#34;:&#34;PUBLISH&#34;`}},
		"bytes":           {"POST", "/ui/decode", "application/json", `{"text":"c000 d0 0"}`, 200, []string{`data-problem="1"`, ">PINGREQ</span>"}},
		"bytes, no JSON":  {"POST", "/ui/decode", "text/plain", `c000`, 415, []string{"text/plain"}},
		"bytes, no kind":  {"POST", "/ui/decode", "", `{"text":"c000"}`, 415, []string{"no Content-Type"}},
		"bytes, rubbish":  {"POST", "/ui/decode", "application/json", `{"text":"c000"} {"text":"d000"}`, 400, []string{"ends at byte 15"}},
		"bytes, spaces":   {"POST", "/ui/decode", "application/json", " {\"text\":\"c000\"}\r\n ", 200, []string{">PINGREQ</span>"}},
		"bytes, endless":  {"POST", "/ui/decode", "application/json", `{"text":"c000"}` + strings.Repeat(" ", limits.BodyBytes), 413, nil},
		"packet, rubbish": {"POST", "/ui/bytes", "application/json", `{"hex":"c000"}x`, 400, []string{"ends at byte 14"}},
		"event":           {"GET", "/ui/benches/main/packets/7", "", "", 200, []string{"No. 7, from A", "&lt;b&gt;heard"}},
		"event, gone":     {"GET", "/ui/benches/main/packets/8", "", "", 404, []string{"no longer held"}},
		"event, no n":     {"GET", "/ui/benches/main/packets/x", "", "", 400, nil},
		"asset":           {"GET", static.URL("css/tokens.css"), "", "", 200, []string{"--paper"}},
		"no asset":        {"GET", static.URL("css/none.css"), "", "", 404, nil},
		"no listing":      {"GET", static.URL("css/"), "", "", 404, nil},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := do(t, c.method, c.target, c.kind, c.body)
			if status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
			if connected := strings.Contains(c.body, `"connected":true`); connected && (strings.Contains(body, "this is the first packet") || strings.Contains(body, "be its first packet")) {
				t.Errorf("a connected client's draft speaks of its first packet:\n%.600s", body)
			}
			for _, s := range c.holds {
				if !strings.Contains(body, s) {
					t.Errorf("the answer lacks %q:\n%.600s", s, body)
				}
			}
		})
	}
}

// A form is not searched for its file for ever, whatever it has in front of it.
func TestEndlessForm(t *testing.T) {
	const parts = 10_000
	var form strings.Builder
	for i := range parts {
		fmt.Fprintf(&form, "--x\r\nContent-Disposition: form-data; name=\"f%d\"\r\n\r\n%s\r\n", i, strings.Repeat("x", 100))
	}
	body := strings.NewReader(form.String())
	r := httptest.NewRequest("POST", "/decode/file", body)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	w := httptest.NewRecorder()
	handler().ServeHTTP(w, r)
	if w.Code != 422 || body.Len() < form.Len()*9/10 {
		t.Errorf("status %d, %d of %d bytes are read", w.Code, form.Len()-body.Len(), form.Len())
	}
}

// Behind a proxy that speaks TLS, addresses and cookies are for TLS, too.
func TestBehindTLS(t *testing.T) {
	pages := chi.NewRouter()
	Routes(pages, Deps{}) // with a bench that MQTT comes to over WebSocket only
	for scheme, secure := range map[string]bool{"": false, "http": false, "https": true} {
		ask := func(target string) *httptest.ResponseRecorder {
			r := httptest.NewRequest("GET", target, nil)
			r.Header.Set("X-Forwarded-Proto", scheme)
			w := httptest.NewRecorder()
			pages.ServeHTTP(w, r)
			return w
		}
		if page := ask("/").Body.String(); strings.Contains(page, "wss://example.com/mqtt/main") != secure || strings.Contains(page, "ws://example.com/mqtt/main") == secure {
			t.Errorf("%q: the bench has another address", scheme)
		}
		if cookie := ask("/language?to=zh").Result().Cookies()[0]; cookie.Secure != secure {
			t.Errorf("%q: %s", scheme, cookie)
		}
	}
}

// The Content-Security-Policy lets nothing inline run or style.
func TestNothingInline(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<style|<[^>]+\s(style|on[a-z]+)=|<script(\s[^>]*)?>[^<]|javascript:`)
	for _, target := range []string{"/", "/decode?hex=20020000", "/dev/gallery", "/nowhere"} {
		_, body := do(t, "GET", target, "", "")
		body = strings.ReplaceAll(body, `<script id="messages" type="application/json">`, "") // data, which nothing runs
		if at := inline.FindStringIndex(body); at != nil {
			t.Errorf("%s: inline code or style: %s", target, body[at[0]:min(at[1]+80, len(body))])
		}
	}
}

// Every file that a page names is there.
func TestFilesExist(t *testing.T) {
	link := regexp.MustCompile(`(?:src|href)="(` + static.Prefix + `[^"]+)"`)
	for _, target := range []string{"/", "/decode"} {
		_, body := do(t, "GET", target, "", "")
		links := link.FindAllStringSubmatch(body, -1)
		if len(links) < 5 {
			t.Errorf("%s names %d files", target, len(links))
		}
		for _, l := range links {
			if status, _ := do(t, "GET", l[1], "", ""); status != 200 {
				t.Errorf("%s: %s answers %d", target, l[1], status)
			}
		}
	}
}
