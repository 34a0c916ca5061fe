package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestOutage cuts a page's network, its WebSocket in the middle of messages,
// while packets come: for a moment, for longer than the stream goes back, and
// once more. In the end, and after a reload, the page has what the API has.
func TestOutage(t *testing.T) {
	w := startWorkbench(t)
	c := newCable(t, strings.TrimPrefix(w.url, "http://"))
	p := openBrowser(t, "ERR_", "WebSocket connection") // which it says of an outage
	p.view(1440, 900, false)
	p.open("http://" + c.listener.Addr().String())
	p.waitText(".live-state", "live")

	enough := make(chan struct{})
	type sum struct {
		messages int
		err      error
	}
	all := make(chan sum)
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		messages, err := w.exchange(t, func(messages int) bool {
			select {
			case <-enough:
				return false
			case <-tick.C:
				return messages < 25_000
			}
		})
		all <- sum{messages, err}
	}()
	packets := func(more int) {
		t.Helper()
		have := eval[int](p, `document.querySelector("flow-ladder").layout.packets`)
		p.wait("more packets", fmt.Sprintf(`document.querySelector("flow-ladder").layout.packets > %d`, have+more))
	}
	for _, missed := range []int{500, 12_000, 500} {
		packets(1000)
		c.cut()
		p.wait("the page says that it is cut off", `document.querySelector(".live-state").dataset.state === "lost"`)
		has := eval[int](p, `document.querySelector("flow-ladder").newest`)
		for w.outline(t, has).End < has+missed {
			time.Sleep(20 * time.Millisecond)
		}
		c.mend()
		p.waitText(".live-state", "live")
	}
	packets(1000)
	close(enough)
	sent := <-all
	if sent.err != nil {
		t.Fatal(sent.err)
	}

	rows := w.rows(t)
	published := 0
	for _, e := range rows {
		if e.Type == "PUBLISH" && e.From == "client" {
			if want := fmt.Sprintf("%x", fmt.Sprintf("%05d", published)); !strings.HasSuffix(e.Hex, want) {
				t.Fatalf("message %d is %s, want %s at its end", published, e.Hex, want)
			}
			published++
		}
	}
	if published != sent.messages {
		t.Fatalf("the bench holds %d messages, %d were sent", published, sent.messages)
	}
	p.hasAll(w, rows)
	p.open("http://" + c.listener.Addr().String())
	p.waitText(".live-state", "live")
	p.hasAll(w, rows)

	// A row whose request fails is asked for again; one that the stream brings
	// meanwhile does not wait for it.
	eval[bool](p, `(() => {
		const { fetch } = window;
		window.fetch = () => { window.fetch = fetch; return Promise.reject(new TypeError("cut off")) };
		return true;
	})()`)
	p.row(rows[1234].N)
	if whole := eval[bool](p, `window.fetch.toString().includes("native")`); !whole {
		t.Error("no request has failed")
	}
	eval[bool](p, fmt.Sprintf(`(() => {
		const ladder = document.querySelector("flow-ladder"), { store } = ladder, event = store.events.get(%d);
		store.fetch = async () => {};
		store.events.delete(event.n);
		ladder.clear();
		ladder.draw();
		if (!document.querySelector("#row-%[1]d.is-waiting")) return false;
		ladder.add([event]);
		return true;
	})()`, rows[1234].N))
	p.wait("the row that came is drawn", fmt.Sprintf(`document.querySelector("#row-%d:not(.is-waiting)")`, rows[1234].N))
}

// What is typed while the server is away is explained when it is back, and
// nothing older is sent meanwhile. Of a bench that has ended the page says so.
func TestTypedWhileAway(t *testing.T) {
	w := startWorkbench(t)
	c := newCable(t, strings.TrimPrefix(w.url, "http://"))
	p := openBrowser(t, "ERR_", "WebSocket connection", "404")
	p.view(1440, 900, false)
	p.open("http://" + c.listener.Addr().String())
	p.waitText(".live-state", "live")
	c.cut()
	p.typeInto(control("CONNECT", "client_id"), "away")
	p.waitText(".toast", "does not answer")
	p.click("[data-send]")
	p.wait("it says so once", `document.querySelectorAll(".toast").length === 1`)
	p.wait("the draft is pale", `document.querySelector(".packet-slot.is-stale")`)
	c.mend()
	p.waitText(".packet-slot:not(.is-stale) .packet-name", "away")
	p.waitText(".live-state", "live")

	answer, err := http.Post(w.url+"/api/benches", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var made struct{ ID, Page string }
	if err := json.NewDecoder(answer.Body).Decode(&made); err != nil {
		t.Fatal(err)
	}
	p.open(w.url + made.Page)
	p.waitText(".live-state", "live")
	remove, err := http.NewRequest(http.MethodDelete, w.url+"/api/benches/"+made.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	removed, err := http.DefaultClient.Do(remove)
	if err != nil {
		t.Fatal(err)
	}
	removed.Body.Close()
	p.waitText(".live-state", "this bench is gone")
	p.checkAccessibility("a bench that is gone")
	p.open(w.url + made.Page)
	p.waitText("h1", "This bench is not here")
	p.checkAccessibility("the page of a bench that is gone")
}

// rowOfAPI is what is compared of an event.
type rowOfAPI struct {
	N       int    `json:"n"`
	Kind    string `json:"kind"`
	Lane    string `json:"lane"`
	From    string `json:"from"`
	Type    string `json:"type"`
	Summary string `json:"summary"`
	Hex     string `json:"hex"`
}

// hasAll compares what a page has of the bench with what the API has: the kind
// of each event, and the rows that the page holds or fetches when they are
// looked at.
func (p *page) hasAll(w workbench, rows []rowOfAPI) {
	p.t.Helper()
	p.wait("the page is complete", fmt.Sprintf(`document.querySelector("flow-ladder").layout.next === %d`, rows[len(rows)-1].N+1))
	outline := w.outline(p.t, 1)
	if first := eval[int](p, `document.querySelector("flow-ladder").layout.first`); first != outline.First {
		p.t.Errorf("the page's first row is %d, the bench's %d", first, outline.First)
	}
	kinds := eval[string](p, `(() => { const { kinds, count } = document.querySelector("flow-ladder").layout; return [...kinds.subarray(0, count)].map((kind) => "xopecm"[kind]).join("") })()`)
	if kinds != outline.Kinds {
		p.t.Errorf("the page knows %d events, which are not the %d of the bench", len(kinds), len(outline.Kinds))
	}
	for i := 1; i <= 20; i++ { // they come into sight, and are held thereafter
		p.row(rows[(len(rows)-1)*i/20].N)
	}
	held := eval[[]rowOfAPI](p, `document.querySelector("flow-ladder").held`)
	if len(held) < 500 {
		p.t.Errorf("the page holds %d rows", len(held))
	}
	for _, e := range held {
		if want := rows[e.N-rows[0].N]; e != want {
			p.t.Fatalf("the page holds %+v, the bench %+v", e, want)
		}
	}
}

type outlineOfAPI struct {
	First int    `json:"first"`
	Next  int    `json:"next"`
	End   int    `json:"end"`
	Kinds string `json:"kinds"`
}

// outline asks for the kinds of all events from a number on.
func (w workbench) outline(t testing.TB, from int) outlineOfAPI {
	t.Helper()
	all := outlineOfAPI{Next: from}
	for {
		var out outlineOfAPI
		w.get(t, fmt.Sprintf("outline?from=%d", all.Next), &out)
		out.Kinds = all.Kinds + out.Kinds
		if all = out; all.Next >= all.End {
			return all
		}
	}
}

// rows asks for all events that the bench holds.
func (w workbench) rows(t testing.TB) []rowOfAPI {
	t.Helper()
	var all []rowOfAPI
	for from := 1; ; from = all[len(all)-1].N + 1 {
		var some struct {
			Next   int        `json:"next"`
			Events []rowOfAPI `json:"events"`
		}
		w.get(t, fmt.Sprintf("rows?limit=1000&from=%d", from), &some)
		all = append(all, some.Events...)
		if len(all) == 0 || all[len(all)-1].N+1 == some.Next {
			return all
		}
	}
}

// get asks the API about the bench main.
func (w workbench) get(t testing.TB, path string, into any) {
	t.Helper()
	answer, err := http.Get(w.url + "/api/benches/main/" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", path, answer.Status, err)
	}
}

// cable leads from a browser to the server, and can be cut.
type cable struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	whole bool
	conns map[net.Conn]bool
}

func newCable(t testing.TB, to string) *cable {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{listener: listener, to: to, whole: true, conns: map[net.Conn]bool{}}
	t.Cleanup(func() { listener.Close(); c.cut() })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil || !c.lead(near, far) {
				near.Close()
			}
		}
	}()
	return c
}

// lead copies between two connections, unless the cable is cut.
func (c *cable) lead(near, far net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.whole {
		far.Close()
		return false
	}
	c.conns[near], c.conns[far] = true, true
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		go func() {
			io.Copy(way[0], way[1])
			near.Close()
			far.Close()
			c.mu.Lock()
			defer c.mu.Unlock()
			delete(c.conns, near)
			delete(c.conns, far)
		}()
	}
	return true
}

// cut breaks all connections off, without a goodbye, and lets no new one through.
func (c *cable) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.whole = false
	for conn := range c.conns {
		conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}
}

func (c *cable) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.whole = true
}
