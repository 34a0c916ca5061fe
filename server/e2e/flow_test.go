package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// event returns the number of the first event that the page holds for which a
// JavaScript condition on e is true.
func (p *page) event(what, condition string) int {
	p.t.Helper()
	js := `document.querySelector("flow-ladder").held.find(e => ` + condition + `)`
	p.wait(what, js)
	return eval[int](p, js+".n")
}

// row brings an event's row into sight without choosing it.
func (p *page) row(n int) string {
	p.t.Helper()
	eval[bool](p, fmt.Sprintf(`(() => { const l = document.querySelector("flow-ladder"); l.follow = false; l.intoSight(l.layout.rowOf(%d)); l.draw(); return true })()`, n))
	selector := fmt.Sprintf("#row-%d", n)
	p.wait(selector, `document.querySelector("`+selector+`:not(.is-waiting)")`)
	return selector
}

// conversation lets real clients subscribe and publish at every QoS.
func conversation(t *testing.T, w workbench, p *page) {
	t.Helper()
	for qos := range 3 {
		name := fmt.Sprintf("s%d", qos)
		sub := w.mosquitto(t, "mosquitto_sub", "-t", "test/#", "-q", fmt.Sprint(qos), "-C", "4", "-i", name)
		if err := sub.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { sub.Process.Kill(); sub.Wait() })
		p.ladderSays("client: CONNECT "+name, "client: SUBSCRIBE test/#", "server: SUBACK")
	}
	other := w.mosquitto(t, "mosquitto_sub", "-t", "other/+", "-q", "1", "-C", "1", "-i", "elsewhere")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Process.Kill(); other.Wait() })
	p.ladderSays("client: SUBSCRIBE other/+", "server: SUBACK")
	for qos := range 3 {
		if err := w.mosquitto(t, "mosquitto_pub", "-t", "test/a", "-m", fmt.Sprintf("hello %d", qos), "-q", fmt.Sprint(qos), "-i", fmt.Sprintf("p%d", qos)).Run(); err != nil {
			t.Fatal(err)
		}
	}
	p.ladderSays("client: PUBLISH test/a, QoS 2", "server: PUBLISH test/a, QoS 2", "client: PUBCOMP")
}

func TestJoinedLadder(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	p.waitText(".live-state", "live")
	conversation(t, w, p)

	// A copy says how it differs, and lights up with all of its message.
	original := p.event("the PUBLISH", `e.type === "PUBLISH" && e.from === "client" && e.summary.includes("QoS 2")`)
	copied := p.event("the copy with QoS 0", fmt.Sprintf(`e.original === %d && e.summary.includes("QoS 0")`, original))
	row := p.row(copied)
	p.waitText(row, "QoS 2 → 0")
	p.waitText(row, "id 1 gone")
	eval[bool](p, fmt.Sprintf(`(document.querySelector("%s").dispatchEvent(new PointerEvent("pointerover", {bubbles: true})), true)`, row))
	p.wait("its message lights up, other rows step back", fmt.Sprintf(`(() => {
		const rows = [...document.querySelectorAll(".ladder-row")];
		const groups = (c) => new Set(rows.filter(r => r.classList.contains(c)).map(r => r.dataset.group));
		return groups("is-related").size === 1 && groups("is-related").has("%d") && groups("is-dim").size > 0 && !groups("is-dim").has("%[1]d");
	})()`, original))
	p.wait("exchanges stand in brackets", `document.querySelector(".bracket.is-done.is-begun")`)
	p.wait("exchanges say that they are complete", `[...document.querySelectorAll(".row-state.is-done")].some(s => s.textContent.includes("complete"))`)

	// Its view says why, with the rule, and links to the original.
	p.click(row)
	p.waitText("#packet-slot .changes", "the lower one holds")
	p.waitText("#packet-slot .changes", "MQTT-3.8.4-6")
	p.checkAccessibility("a copy beside its original")
	p.click(fmt.Sprintf(`#packet-slot .joined-to [data-event="%d"]`, original))
	p.waitText("[data-show-packet=event]", fmt.Sprint(original))
	p.wait("all packets of the message", `document.querySelectorAll("#packet-slot .members li").length === 11`)

	// Who gets it, and why not.
	eval[bool](p, `(document.querySelector(".why-clients").parentElement.open = true)`)
	p.wait("s1 got it", `[...document.querySelectorAll(".why-clients > li")].some(li => li.innerText.includes("s1") && li.innerText.includes("got No."))`)
	eval[bool](p, `([...document.querySelectorAll(".why-clients > li")].find(li => li.innerText.includes("elsewhere")).querySelector("[data-why]").click(), true)`)
	p.waitText(".why-answer", "elsewhere does not get the message for test/a")
	p.wait("the level that differs is marked", `document.querySelector(".levels td.is-wrong")?.textContent === "other"`)
	p.checkAccessibility("why not")

	// The grid is filled by these exchanges.
	p.click("[data-panel=grid]")
	p.wait("nine fields", `document.querySelectorAll(".qos-grid td:not(.is-empty) [data-event]").length === 9`)
	p.checkAccessibility("the QoS grid")

	// The broker's state, now and then.
	p.click("[data-panel=state]")
	p.waitText(".panel-body .session", "elsewhere")
	before := p.event("the SUBSCRIBE of s1", `e.type === "SUBSCRIBE" && e.summary.includes("test/# QoS 1")`)
	eval[bool](p, fmt.Sprintf(`(() => { const s = document.querySelector("#scrub-at"); s.focus(); s.value = %d; s.dispatchEvent(new Event("input", {bubbles: true})); return true })()`, before))
	p.wait("elsewhere has not come yet", `!document.querySelector(".panel-body").innerText.includes("elsewhere") && document.querySelector(".panel-body").innerText.includes("s1")`)
	p.wait("later rows step back", `document.querySelector(".ladder-row.is-later") && !document.querySelector("#row-`+fmt.Sprint(before)+`").matches(".is-later")`)
	p.do(chromedp.KeyEvent(kb.ArrowRight))
	p.waitText(".scrub-said", fmt.Sprint(before+1))
	p.checkAccessibility("the state at a moment")
	p.click("[data-scrub-live]")
	p.waitText(".panel-body", "elsewhere")

	p.view(390, 844, false)
	if wide := eval[int](p, `document.documentElement.scrollWidth`); wide > 390 {
		t.Errorf("on a phone the page is %d pixels wide", wide)
	}
	p.checkAccessibility("the state on a phone")
}

// TestHeldKey: while a key is held down, rows are chosen one after the other,
// and only the packet of the last of them is fetched and shown.
func TestHeldKey(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	p.waitText(".live-state", "live")
	conversation(t, w, p)
	shown := func(n int) {
		t.Helper()
		p.wait(fmt.Sprintf("packet %d is shown", n), fmt.Sprintf(`document.querySelector('[data-show-packet="event"]').textContent.match(/\d+/)?.[0] === "%d"`, n))
	}
	last := eval[int](p, `(() => {
		const ladder = document.querySelector("flow-ladder");
		ladder.go(ladder.layout.at(ladder.layout.packetFrom(0, 1)));
		return ladder.chosen;
	})()`)
	shown(last)
	for _, key := range []string{"ArrowDown", "ArrowUp"} {
		first := last
		last = eval[int](p, fmt.Sprintf(`(() => {
			performance.clearResourceTimings();
			const rows = document.querySelector(".ladder-scroll");
			for (let i = 0; i < 7; i++) rows.dispatchEvent(new KeyboardEvent("keydown", {key: %q, repeat: true, bubbles: true}));
			return document.querySelector("flow-ladder").chosen;
		})()`, key))
		if last == first {
			t.Fatalf("%s chose no other row than %d", key, first)
		}
		shown(last)
		fetched := eval[[]string](p, `performance.getEntriesByType("resource").map((r) => r.name.match(/packets\/(\d+)/)?.[1]).filter(Boolean)`)
		if want := []string{fmt.Sprint(last)}; !slices.Equal(fetched, want) {
			t.Errorf("with %s, the packets %v were fetched; want %v", key, fetched, want)
		}
		if marked := eval[[]string](p, `[...document.querySelectorAll(".ladder-row.is-chosen[aria-selected=true]")].map((row) => row.id)`); !slices.Equal(marked, []string{fmt.Sprintf("row-%d", last)}) {
			t.Errorf("%v are marked, not row %d", marked, last)
		}
	}
}

func TestFilterAndPause(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	p.waitText(".live-state", "live")
	conversation(t, w, p)
	shown := func(types ...string) {
		t.Helper()
		p.wait("only "+strings.Join(types, ", ")+" is shown", fmt.Sprintf(`(() => {
			const rows = [...document.querySelectorAll(".ladder-row:not(.is-explain) .type-badge")].map(b => b.textContent);
			return rows.length > 0 && rows.every(r => %s.includes(r)) && document.querySelectorAll(".ladder-row.is-waiting").length === 0;
		})()`, quoteAll(types)))
	}

	// Completions, by keyboard.
	p.do(chromedp.Focus("#flow-find"), chromedp.KeyEvent("mqtt.msgt"))
	p.wait("the field is offered", `document.querySelector(".find-list li code")?.textContent === "mqtt.msgtype"`)
	p.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Enter))
	p.wait("it is written out", `document.querySelector("#flow-find").value === "mqtt.msgtype "`)
	p.do(chromedp.KeyEvent("== SUB"))
	p.wait("the value is offered", `document.querySelector(".find-list li code")?.textContent === "SUBSCRIBE"`)
	p.checkAccessibility("completions")
	p.do(chromedp.KeyEvent(kb.Escape))
	p.typeInto("#flow-find", `mqtt.msgtype == SUBSCRIBE`)
	p.waitText(".find-said", "4 of ")
	shown("SUBSCRIBE")

	// What comes later is filtered, too.
	if err := w.mosquitto(t, "mosquitto_sub", "-t", "late", "-W", "1", "-i", "late").Run(); err == nil {
		t.Log("mosquitto_sub ended by itself")
	}
	p.waitText(".find-said", "5 of ")

	// A mistake is shown at its place, with a mend.
	// What is half typed, and can be completed, is no mistake yet.
	p.typeInto("#flow-find", "mqtt.q")
	p.wait("completions, and no complaint", `!document.querySelector("#find-list").hidden && document.querySelector(".find-mistake") && !document.querySelector(".find-mistake").checkVisibility()`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.wait("the complaint", `document.querySelector(".find-mistake").checkVisibility()`)

	p.typeInto("#flow-find", `mqtt.topik == "test/a"`)
	p.waitText(".find-mistake mark", "mqtt.topik")
	p.checkAccessibility("a mistake in the filter")
	p.click(".find-said button")
	p.wait("it is mended", `document.querySelector("#flow-find").value === 'mqtt.topic == "test/a"'`)
	shown("PUBLISH")

	// Plain words are searched for, and it is said how.
	p.typeInto("#flow-find", "hello 2")
	p.waitText(".find-plain code", `mqtt.msg contains "hello 2"`)
	p.waitText(".find-said", "4 of ")
	p.do(chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent(kb.Escape))
	p.wait("all is shown again", `document.querySelector("#flow-find").value === "" && document.querySelector("flow-ladder").layout.numbers === null`)

	// Paused, the rows stay; the rest is counted and comes at once afterwards.
	p.click("[data-pause]")
	rows := eval[int](p, `document.querySelector("flow-ladder").layout.rows`)
	if err := w.mosquitto(t, "mosquitto_pub", "-t", "test/b", "-m", "meanwhile", "-i", "meanwhile").Run(); err != nil {
		t.Fatal(err)
	}
	p.wait("packets wait", `document.querySelector("flow-ladder").waiting >= 5`)
	p.waitText(".tail-pill", "wait")
	if now := eval[int](p, `document.querySelector("flow-ladder").layout.rows`); now != rows {
		t.Errorf("paused with %d rows, now %d", rows, now)
	}
	p.checkAccessibility("paused")
	p.click(".tail-pill")
	p.wait("they are there", fmt.Sprintf(`document.querySelector("flow-ladder").layout.rows > %d && document.querySelector("flow-ladder").layout.next > document.querySelector("flow-ladder").newest`, rows))

	// The next finding.
	w.sendRaw(t, "\x10\x0c\x00\x04MQTT\x04\x03\x00\x00\x00\x00")
	p.event("a broken CONNECT", `e.severity === "error"`)
	p.click("[data-next-finding]")
	p.wait("it is chosen", `(() => { const l = document.querySelector("flow-ladder"); return ["error", "warning"].includes(l.store.events.get(l.chosen)?.severity) })()`)
}

// TestFilterAfterFilter: a search that is under way holds up neither the next
// one nor what comes after it.
func TestFilterAfterFilter(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	p.waitText(".live-state", "live")
	conversation(t, w, p)
	// The server takes its time for the first search.
	eval[bool](p, `(() => {
		const real = window.fetch;
		window.fetch = (...request) => window.answer || !String(request[0]).includes("/find?") ? real(...request) :
			new Promise(answer => { window.answer = () => answer(real(...request)); });
		return true })()`)
	p.typeInto("#flow-find", `mqtt.msgtype == CONNECT`)
	p.wait("it is searched for", `window.answer`)
	p.typeInto("#flow-find", `mqtt.msgtype == SUBSCRIBE`)
	p.waitText(".find-said", "4 of ")
	eval[bool](p, `(window.answer(), true)`)
	if err := w.mosquitto(t, "mosquitto_pub", "-t", "test/b", "-m", "meanwhile", "-i", "meanwhile").Run(); err != nil {
		t.Fatal(err)
	}
	p.typeInto("#flow-find", `mqtt.msgtype == CONNECT`)
	p.waitText(".find-said", "8 of ")
}

// TestCompletionsWhileTyping: what the list offers can be taken, though more was
// typed since and the answer for that has not come, or comes only now.
func TestCompletionsWhileTyping(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	p.waitText(".live-state", "live")
	offered := `!document.querySelector("#find-list").hidden && [...document.querySelectorAll(".find-list li code")].some(c => c.textContent === "mqtt.msgtype")`
	p.do(chromedp.Focus("#flow-find"), chromedp.KeyEvent("mqtt.msg"))
	p.wait("the field is offered", offered+` && document.querySelector("#flow-find").value === "mqtt.msg"`)
	eval[bool](p, `(() => {
		const real = window.fetch;
		window.answers = [];
		window.fetch = (...request) => String(request[0]).includes("/filter/complete") ?
			new Promise(answer => window.answers.push(() => answer(real(...request)))) : real(...request);
		return true })()`)
	p.do(chromedp.KeyEvent("typ"))
	p.wait("it is offered still", offered+` && window.answers.length >= 3`)
	p.do(chromedp.KeyEvent(kb.ArrowDown))
	eval[bool](p, `(window.answers.forEach(answer => answer()), true)`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.wait("it is written out", `document.querySelector("#flow-find").value === "mqtt.msgtype "`)
}

// TestExchangesAreCut: what is not answered says so.
func TestExchangesAreCut(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, true)
	p.open(w.url + "/")
	p.waitText(".live-state", "live")
	// A subscriber that never acknowledges, and goes.
	conn, err := net.Dial("tcp", net.JoinHostPort(w.host, w.port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "\x10\x0d\x00\x04MQTT\x04\x00\x00\x3c\x00\x01A"+"\x82\x06\x00\x01\x00\x01x\x01")
	p.ladderSays("client: SUBSCRIBE x QoS 1", "server: SUBACK")
	if err := w.mosquitto(t, "mosquitto_pub", "-t", "x", "-m", "1", "-q", "1", "-i", "p").Run(); err != nil {
		t.Fatal(err)
	}
	copied := p.event("the message goes out", `e.type === "PUBLISH" && e.from === "server" && e.exchange`)
	row := p.row(copied)
	p.waitText(row, "awaits PUBACK")
	p.wait("its client's Keep Alive counts down", `[...document.querySelectorAll(".lane-clock")].some(c => /^[45]\d s$/.test(c.textContent))`)
	p.view(1440, 1800, true)
	for range 3 { // however many are not answered, the times can be read
		if err := w.mosquitto(t, "mosquitto_pub", "-t", "x", "-m", "1", "-q", "1", "-i", "p").Run(); err != nil {
			t.Fatal(err)
		}
	}
	p.wait("brackets beside the times", `(() => { const edges = (what, side) => [...document.querySelectorAll(what)].map(e => e.getBoundingClientRect()[side]);
		const open = edges(".bracket.is-open", "left"); return open.length === 3 && Math.min(...open) >= Math.max(...edges(".row-time", "right")) })()`)
	conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
	p.waitText(p.row(copied), "no PUBACK came")
	p.checkAccessibility("an exchange that was cut")
}

// TestNothingIsLost: a page that was cut off, or that meets another run of the
// program, has all that the bench holds in the end.
func TestNothingIsLost(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	p.waitText(".live-state", "live")
	publish := func(topic string) {
		t.Helper()
		if err := w.mosquitto(t, "mosquitto_pub", "-t", topic, "-m", "x", "-q", "1", "-i", "pub").Run(); err != nil {
			t.Fatal(err)
		}
	}
	complete := `(() => { const l = document.querySelector("flow-ladder"); return l.layout.next > l.newest && l.layout.count > 0 })()`
	publish("first")
	p.ladderSays("client: PUBLISH first")
	for range 3 {
		eval[bool](p, `(document.querySelector("bench-page").live.socket?.close(), true)`)
		publish("second")
	}
	p.waitText(".live-state", "live")
	publish("third")
	p.ladderSays("client: PUBLISH first", "client: PUBLISH second", "client: PUBLISH second", "client: PUBLISH second", "client: PUBLISH third")
	p.wait("no row is missing", complete)
	packets := eval[int](p, `document.querySelector("flow-ladder").layout.packets`)

	// The page takes the bench for another one than that of its rows.
	eval[bool](p, `(() => { const b = document.querySelector("bench-page"), l = document.querySelector("flow-ladder");
		l.instance = b.live.instance = "an earlier run"; l.store.events.clear(); l.layout.append("ppppp"); b.live.socket.close(); return true })()`)
	p.wait("all begins anew", fmt.Sprintf(`document.querySelector("flow-ladder").layout.packets === %d && %s`, packets, complete))
	p.ladderSays("client: PUBLISH first", "client: PUBLISH third")
	p.wait("every row is drawn", `document.querySelectorAll(".ladder-row.is-packet").length > 5 && !document.querySelector(".ladder-row.is-waiting")`)
}

// TestHundredThousandPackets scrolls through a full capture. Times are told,
// not judged: what is judged is that memory and document stay bounded and
// that every row can be had.
func TestHundredThousandPackets(t *testing.T) {
	if testing.Short() {
		t.Skip("many packets")
	}
	w := startWorkbench(t)
	conn, err := net.Dial("tcp", net.JoinHostPort(w.host, w.port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const pings = 50_000
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		io.CopyN(io.Discard, conn, 4+2*pings)
	}()
	io.WriteString(conn, "\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01A")
	for range 50 {
		conn.Write(bytes.Repeat([]byte{0xc0, 0}, pings/50))
		time.Sleep(5 * time.Millisecond)
	}
	<-answered
	p := openBrowser(t)
	p.view(1440, 900, false)
	began := time.Now()
	p.open(w.url + "/")
	p.wait("all packets are known", `document.querySelector("flow-ladder")?.layout?.packets >= 100000`)
	p.wait("the last rows are drawn", `document.querySelectorAll(".ladder-row.is-packet").length > 8`)
	t.Logf("from opening the page to its last rows: %v", time.Since(began).Round(time.Millisecond))

	var times []float64
	eval[bool](p, `(() => {
		const s = document.querySelector(".ladder-scroll"), times = window.frameTimes = [], height = s.scrollHeight;
		s.scrollTop = 0;
		let last = performance.now(), frame = 0;
		const step = (now) => {
			times.push(now - last); last = now;
			s.scrollTop = frame < 150 ? frame * 300 : (frame - 150) * height / 150;
			if (++frame < 300) requestAnimationFrame(step); else window.scrolled = true;
		};
		requestAnimationFrame(step);
		return true;
	})()`)
	p.wait("scrolled", "window.scrolled")
	times = eval[[]float64](p, `window.frameTimes.slice(2).sort((a, b) => a - b)`)
	at := func(q float64) float64 { return times[int(q*float64(len(times)-1))] }
	t.Logf("frames while scrolling 100,000 packets: median %.1f ms, p95 %.1f ms, p99 %.1f ms, longest %.1f ms", at(0.5), at(0.95), at(0.99), at(1))
	t.Logf("JavaScript heap: %.1f MB, rows held: %d", eval[float64](p, `performance.memory.usedJSHeapSize / 1e6`), eval[int](p, `document.querySelector("flow-ladder").store.events.size`))
	if rows := eval[int](p, `document.querySelectorAll(".ladder-row").length`); rows > 120 {
		t.Errorf("%d rows are in the document", rows)
	}
	if held := eval[int](p, `document.querySelector("flow-ladder").store.events.size`); held > 13_000 {
		t.Errorf("the page holds %d rows", held)
	}

	// Anywhere in between, rows come by their numbers; also after a reload.
	for _, n := range []int{20, 40_007, 99_990} {
		p.waitText(p.row(n), "PING")
	}
	p.open(w.url + "/")
	p.wait("all packets are known again", `document.querySelector("flow-ladder")?.layout?.packets >= 100000`)
	p.waitText(p.row(12_345), "PING")
	p.typeInto("#flow-find", "frame.number == 54321")
	p.waitText(".find-said", "1 of ")
}

// TestGalleryOfFlow: every state of the flow's fragments, and the diagrams.
func TestGalleryOfFlow(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	for _, dark := range []bool{false, true} {
		p.view(1440, 900, dark)
		for _, path := range []string{"/dev/gallery", "/reference/machines"} {
			p.open(w.url + path)
			p.checkAccessibility(path)
		}
	}
	if n := eval[int](p, `document.querySelectorAll("svg.machine .machine-arrow").length`); n != 27 {
		t.Errorf("%d transitions are drawn, want 27", n)
	}
	p.view(390, 844, false)
	if wide := eval[int](p, `document.documentElement.scrollWidth`); wide > 390 {
		t.Errorf("on a phone the diagrams are %d pixels wide", wide)
	}
}
