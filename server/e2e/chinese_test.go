package e2e

import (
	_ "embed"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"mqttlab/mqttcore/spec/alike"
)

//go:embed chinese.js
var chineseScript string

// checkChinese reports what of the page as it stands is English.
func (p *page) checkChinese(state string) {
	p.t.Helper()
	allowed, err := json.Marshal(alike.Names())
	if err != nil {
		p.t.Fatal(err)
	}
	for _, text := range eval[[]string](p, "("+strings.TrimSpace(chineseScript[strings.Index(chineseScript, "(allowed)"):])+")("+string(allowed)+")") {
		p.t.Errorf("%s: %s", state, text)
	}
}

// No page has a sentence in English for who reads Chinese.
func TestChinesePages(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t, "404 (Not Found)", "status of 4")
	p.view(1440, 900, false)
	p.open(w.url + "/language?to=zh&back=/")
	pages := []string{"/", "/decode", "/labs", "/class", "/reference", "/help", "/admin", "/dev/gallery", "/nowhere", "/b/nowhere", "/illustrated?hex=c000"}
	seen := map[string]bool{}
	for len(pages) > 0 {
		path := pages[0]
		pages = pages[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		p.open(w.url + path)
		p.wait(path+" is Chinese", `document.documentElement.lang.startsWith("zh")`)
		p.checkChinese(path)
		pages = append(pages, eval[[]string](p, `[...document.querySelectorAll('a[href^="/"]')].map(a => a.pathname).filter(h => /^\/(reference|help|labs|class)\b/.test(h))`)...)
	}
	// What is wrong in a pasted text, and in what was asked for.
	for _, text := range []string{"30 0c 00 04 74 65 73 74 6 8g 65 6c 6c 6f 21", "00000000  10 26 00 04 4d 51 54 54  04 c2 00 3c 00 09 31 32  |.&..MQTT...<..12|", "没有字节", "82 09 00 01 00 04 74 65"} {
		p.open(w.url + "/decode?text=" + url.QueryEscape(text))
		p.checkChinese("decoding " + text)
	}
	for _, call := range []string{`"POST", "/api/encode", {type: "CONNECT", nonsense: 1}`, `"POST", "/api/encode", {type: "PUBLISH", topic: 7}`, `"POST", "/api/benches/main/clients/v9/open", {}`,
		`"PUT", "/api/benches/main/broker", {max_qos: 7}`, `"PUT", "/api/benches/main/broker", {max_qoss: 1}`, `"GET", "/api/nowhere"`, `"GET", "/api/benches/main/state?at=99"`,
		`"DELETE", "/decode"`, `"POST", "/ui/draft", {form: {type: "PING"}}`, `"POST", "/api/benches/main/replay", {mqttlab: "scenario/1", clients: [], steps: [{do: "fly"}]}`,
		`"POST", "/api/benches/main/clients/v9/wire/step", {direction: "up"}`, `"POST", "/api/benches/main/lab/answer", {}`} {
		said := eval[map[string]any](p, `((method, path, body) => { const r = new XMLHttpRequest(); r.open(method, path, false);
			r.setRequestHeader("Content-Type", "application/json"); r.send(body && JSON.stringify(body)); return JSON.parse(r.responseText) })(`+call+`)`)
		for _, part := range []string{"title", "detail", "mend"} {
			if text, _ := said[part].(string); text != "" && !regexp.MustCompile(`\p{Han}`).MatchString(text) {
				t.Errorf("%s: %s is %q", call, part, text)
			}
		}
		if said["title"] == nil {
			t.Errorf("%s is no problem: %v", call, said)
		}
	}
	if len(seen) < 40 {
		t.Errorf("only %d pages were looked at", len(seen))
	}
}

// Chinese letters are wide: a note that is unfolded is high enough for them.
func TestChineseNotesUnfold(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	for _, width := range []int64{390, 1440} {
		p.view(width, 844, false)
		p.open(w.url + "/language?to=zh&back=/")
		p.open(w.url + "/")
		p.stage("publisher")
		if width == 390 {
			p.click("[data-show=flow]")
		}
		p.waitText(".ladder-row.is-packet", "CONNACK")
		p.click(".ladder-row.is-packet")
		p.wait("its notes are whole", `document.querySelectorAll(".row-note.is-unfolded").length === 3 &&
			[...document.querySelectorAll(".row-note.is-unfolded")].every(e => e.scrollHeight < e.clientHeight + 9)`) // half a line
	}
}
