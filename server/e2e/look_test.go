package e2e

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const example = "102600044d51545404c2003c0009313233343536373839000561646d696e000870617373776f7264"

// The guide sends the CONNECT that it has built, whatever is done to the form
// meanwhile, and its client stays. One that has gone sends CONNECT first.
func TestFirstClient(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	p.click("[data-first-client]")
	p.wait("the third step", `document.querySelectorAll(".guide .is-done").length === 2`)
	p.choose("#b-type", "PUBLISH")
	p.waitText(".ladder-row.is-packet", "CONNACK")
	p.waitText(".wire-badge", "pings")
	p.wait("the first packet is the guide's CONNECT", `document.querySelector(".ladder-row.is-packet .type-badge")?.innerText === "CONNECT"`)

	p.click(row("v1") + " [data-act=abort]")
	p.waitText(".send-say", "not connected")
	p.checkAccessibility("a client that is not connected")
	p.click("[data-connect]")
	p.waitText(".send-say", "has sent a CONNECT")
	p.wait("the same CONNECT again", `[...document.querySelectorAll(".ladder-row.is-packet")].filter(r => /CONNECT\s+labA/.test(r.innerText)).length === 2`)
	p.wait("nothing is missing now", `document.querySelector("[data-connect]").hidden`)

	// The guide stays until what it asks for has come back.
	for _, kind := range []string{"SUBSCRIBE", "PUBLISH"} {
		p.waitText(".guide", kind)
		p.choose("#b-type", kind)
		p.click("[data-send]")
		p.waitText(".ladder-row.is-packet", kind)
	}
	p.wait("the guide is done", `document.querySelector(".guide").hidden`)
}

// Without a client, one is made that connects.
func TestConnectFirst(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(390, 844, true)
	p.open(w.url + "/")
	p.choose("#b-type", "SUBSCRIBE")
	p.click("[data-connect]")
	p.waitText(".client-state", "open · 3.1.1")
	p.click("[data-send]")
	p.click("[data-show=flow]")
	p.waitText(".ladder-row.is-packet", "SUBACK")
}

// No page is wider than its window, down to 200 % of zoom and to a phone, and
// the navigation is there whole.
func TestEveryWidth(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	for _, width := range []int64{390, 720, 1024} {
		p.view(width, 844, false)
		for _, path := range []string{"/", "/decode?hex=" + example, "/labs", "/labs/first-connect", "/reference", "/help", "/help/api", "/illustrated?hex=" + example} {
			p.open(w.url + path)
			p.wait("the style sheet", `getComputedStyle(document.querySelector(".bar")).position === "sticky"`)
			p.noSidewaysScroll()
			if !eval[bool](p, `(() => { const nav = document.querySelector(".bar nav"); return nav.scrollWidth <= nav.clientWidth })()`) {
				t.Errorf("%s: the navigation is cut at %d pixels", path, width)
			}
		}
		p.checkAccessibility(fmt.Sprintf("illustrated, %d pixels", width))
	}
}

// On a phone a shared link shows the packet before what else could be opened.
func TestDecodeOnPhone(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(390, 844, false)
	p.open(w.url + "/decode?hex=" + example)
	p.wait("the packet stands first", `document.querySelector("#result").compareDocumentPosition(document.querySelector(".file-form")) & Node.DOCUMENT_POSITION_FOLLOWING`)
	p.view(1440, 900, false)
	p.wait("beside the text on a wide page", `document.querySelector(".decode-input .file-form")`)
	p.view(390, 844, false)
	p.open(w.url + "/decode")
	p.wait("first while there is nothing to read", `document.querySelector(".decode-input .file-form")`)

	// The packets of a file, and a mistake in its filter, stand right below it.
	p.openFile(filepath.Join("..", "..", "testdata", "capture", "mosquitto-mqttv5.pcapng"))
	p.waitText(".capture-list", "PUBLISH")
	below := `document.querySelector("#result").getBoundingClientRect().top - document.querySelector(".file-form").getBoundingClientRect().bottom < 100`
	p.wait("the packets right below the filter", below)
	p.checkAccessibility("the packets of a file, on a phone")
	p.typeInto("#file-filter", "mqtt.msgtyp == PUBLISH")
	p.click(".file-filter [type=submit]")
	p.waitText(".filter-mistake", "mqtt.msgtyp")
	p.wait("the mistake right below the filter", below)
	p.click("[data-filter]")
	p.waitText(".capture-list", "PUBLISH")
	p.wait("examples last", `document.querySelector(".decode").lastElementChild.matches(".examples")`)
	p.typeInto("#decode-text", "c0 00")
	p.waitText(".packet-name", "PINGREQ")
	p.wait("what was read, another file, examples", `[...document.querySelector(".decode").children].map(e => e.classList[0]).join(" ") === "decode-input decode-result file-form examples"`)

	// Without JavaScript it is the same.
	p.withoutScript()
	p.open(w.url + "/decode?hex=" + example)
	p.wait("what was read first", `document.querySelector(".decode-input + .decode-result + .file-form + .examples")`)
	p.view(1440, 900, false)
	p.wait("two columns", `(() => { const at = (s) => document.querySelector(s).getBoundingClientRect();
		return at(".decode-result").left > at(".decode-input").right && Math.abs(at(".file-form").left - at(".decode-input").left) < 5 && at(".examples").top > at(".file-form").bottom })()`)
}

// The state of a moment is asked for at a packet, and shown below the flow.
func TestMomentOnPhone(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(390, 844, false)
	p.open(w.url + "/")
	p.stage("publisher")
	p.click("[data-show=flow]")
	p.click(".ladder-row.is-packet")
	p.wait("the packet in sight", `document.querySelector("[data-show=packet]").ariaPressed === "true"`)
	p.click("[data-moment]")
	p.wait("the flow in sight", `document.querySelector("[data-show=flow]").ariaPressed === "true"`)
	p.waitText(".flow-panel", "Sessions")
}

// The heads of many lanes keep names that can be read, and do not cover each other.
func TestManyLanes(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	for _, name := range []string{"publisher", "subscriber", "will", "same-id"} {
		p.stage(name)
	}
	p.wait("all lanes", `document.querySelectorAll(".lane[data-lane]").length === 6`)
	p.waitText(".lane-clock", "s")
	if covered := eval[string](p, `(() => { const heads = [...document.querySelectorAll(".lane")].map(e => [e.innerText, e.getBoundingClientRect()]);
		for (const [a, r] of heads) for (const [b, s] of heads) {
			if (r !== s && r.left < s.right - 1 && s.left < r.right - 1 && r.top < s.bottom - 1 && s.top < r.bottom - 1) return a + " and " + b;
		} return "" })()`); covered != "" {
		t.Errorf("heads cover each other: %s", covered)
	}
	if narrow := eval[int](p, `Math.min(...[...document.querySelectorAll(".lane bdi")].map(e => Math.min(1, e.clientWidth / Math.min(e.scrollWidth, 44)) * 100))`); narrow < 100 {
		t.Errorf("a name has %d %% of the room that it needs", narrow)
	}
}

// By keyboard Tab takes the fields of a packet as one, and its bits; the arrows
// move among them, and the explanation covers none.
func TestKeysAmongFields(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/?hex=" + example)
	p.waitText(".packet-name", "123456789")
	for _, kind := range []string{".field", ".bit"} {
		p.do(chromedp.Focus(".bench-packet " + kind))
		seen := fmt.Sprintf(`(() => { const e = document.activeElement, r = e.getBoundingClientRect();
			return e.matches(%q) && r.top >= document.querySelector(".packet-tabs").getBoundingClientRect().bottom && r.bottom <= document.querySelector(".explain").getBoundingClientRect().top })()`, kind)
		for range 12 {
			p.keys(kb.ArrowDown)
			p.wait("the next one is in sight", seen)
		}
		p.wait("the twelfth", fmt.Sprintf(`[...document.querySelectorAll(".bench-packet %s")].indexOf(document.activeElement) === 12`, kind))
		p.keys(kb.Tab)
		p.wait("Tab leaves", fmt.Sprintf(`!document.activeElement.matches(%q)`, kind))
		p.press(kb.Tab, chromedp.ModifierShift)
		p.wait("and comes back", fmt.Sprintf(`document.activeElement.matches(%q)`, kind))
	}
}

// A link may hold several packets: the draft says which, each a link to it.
func TestSeveralPacketsInALink(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(390, 844, false)
	p.open(w.url + "/?hex=c000" + example + "e000")
	p.waitText(".draft-index", "PINGREQ")
	p.waitText(".draft-index", "DISCONNECT")
	p.checkAccessibility("several packets")
	p.click("[data-show=packet]")
	p.wait("the packet is in sight", `Math.abs(document.querySelector(".draft-index").getBoundingClientRect().left) < 1`)
	p.click(".draft-index li:nth-child(2) a")
	p.wait("the second packet is in sight", `(() => { const r = document.querySelectorAll(".draft .packet-name")[1].getBoundingClientRect();
		return r.top >= document.querySelector(".packet-tabs").getBoundingClientRect().bottom && r.bottom < innerHeight })()`)
}

// Without JavaScript the bench says so, and where to go.
func TestBenchWithoutScript(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.withoutScript()
	p.open(w.url + "/")
	if height := eval[float64](p, `document.querySelector(".no-script").getBoundingClientRect().height`); height < 30 {
		t.Errorf("the notice is %v pixels high", height)
	}
	if eval[bool](p, `document.querySelector(".no-script").getBoundingClientRect().bottom > document.querySelector(".bench").getBoundingClientRect().top + 1`) {
		t.Error("the bench covers the notice")
	}
}

// Where the system forces its colours, it is still seen which page this is,
// which packet is chosen and which client sends.
func TestForcedColours(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	p.stage("publisher")
	p.waitText(".ladder-row.is-packet", "CONNACK")
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}},
		})
		return err
	}))
	p.click(".ladder-row.is-packet")
	p.wait("the chosen packet is outlined", `(() => { const row = document.querySelector(".ladder-row.is-chosen"); return row && getComputedStyle(row).outlineStyle === "solid" })()`)
	for _, differ := range [][2]string{
		{".bar nav a[aria-current]", ".bar nav a:not([aria-current])"},
		{".packet-tabs [aria-pressed=true]", ".packet-tabs [aria-pressed=false]"},
	} {
		if eval[bool](p, fmt.Sprintf(`getComputedStyle(document.querySelector(%q)).borderBottomColor === getComputedStyle(document.querySelector(%q)).borderBottomColor`, differ[0], differ[1])) {
			t.Errorf("%s looks like %s", differ[0], differ[1])
		}
	}
	if eval[string](p, `getComputedStyle(document.querySelector(".client-pick[aria-pressed=true]")).outlineStyle`) != "solid" {
		t.Error("the client that sends is not outlined")
	}
}

// A dump of several lines keeps its columns in the box, a long line of hex
// wraps; on a phone what was read follows the box.
func TestDumpKeepsItsColumns(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(390, 844, false)
	p.open(w.url + "/decode")
	p.typeInto("#decode-text", example+example)
	p.waitText(".source-title", "80 bytes, 2 packets")
	p.wait("one line wraps", `(() => { const t = document.querySelector("#decode-text"); return t.scrollWidth <= t.clientWidth })()`)
	p.typeInto("#decode-text", "00000000  10 26 00 04 4d 51 54 54  04 c2 00 3c 00 09 31 32  |.&..MQTT...<..12|\n"+
		"00000010  33 34 35 36 37 38 39 00  05 61 64 6d 69 6e 00 08  |3456789..admin..|\n"+
		"00000020  70 61 73 73 77 6f 72 64                           |password|")
	p.waitText(".source-title", "hexdump -C")
	p.wait("the lines do not wrap", `(() => { const t = document.querySelector("#decode-text"); return t.scrollWidth > t.clientWidth && t.scrollHeight <= t.clientHeight })()`)
	p.wait("what was read is in sight", `document.querySelector(".source").getBoundingClientRect().top + scrollY < 600`)
	p.noSidewaysScroll()
}

// Without bytes the illustrated page takes some, and has examples; what it
// cannot read is marked.
func TestIllustratedBegins(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(390, 844, true)
	p.open(w.url + "/illustrated")
	p.checkAccessibility("illustrated without bytes")
	p.noSidewaysScroll()
	p.typeInto("#ill-hex", "hello")
	p.click("[action='/illustrated'] [type=submit]")
	p.waitText(".problems", "Line 1")
	p.wait("what was given is still there", `document.querySelector("#ill-hex").value === "hello"`)
	p.typeInto("#ill-hex", "82 09 00 01\n00 04 74 65 73 74 00")
	p.click("[action='/illustrated'] [type=submit]")
	p.waitText(".ill-head h1", "SUBSCRIBE")
	p.open(w.url + "/illustrated")
	p.click(".examples a")
	p.waitText(".ill-head h1", "CONNECT")
}

// Where the settings hold while the program runs, the dialog says why, and
// nothing in it can be changed.
func TestSettingsThatHold(t *testing.T) {
	elsewhere := startWorkbench(t)
	for _, c := range []struct {
		flag, value, reason string
		shown               bool
	}{
		{"-data", t.TempDir(), "on disk (-data)", true},
		{"-upstream", "tcp://" + net.JoinHostPort(elsewhere.host, elsewhere.port), "in front of a broker elsewhere", false},
	} {
		t.Run(c.flag, func(t *testing.T) {
			w := startWorkbench(t, c.flag, c.value)
			p := openBrowser(t)
			p.view(1440, 900, false)
			p.open(w.url)
			p.click(`[data-dialog="settings"]`)
			p.waitText(".settings > p", c.reason)
			p.waitText(".settings > p", "A new bench")
			if shown := eval[bool](p, `document.querySelector(".settings fieldset") !== null`); shown != c.shown {
				t.Errorf("are there settings: %v", shown)
			}
			if eval[bool](p, `document.querySelector(".settings :is(input, textarea):not(:disabled), .settings [type=submit]") !== null`) {
				t.Error("a setting looks as if it could be changed")
			}
			p.checkAccessibility("settings that hold: " + c.flag)
		})
	}
}

// A wire's drawer opens without moving the columns.
func TestDrawerMovesNothing(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	p.stage("publisher")
	p.waitText(".ladder-row.is-packet", "CONNACK")
	const place = `document.querySelector(".bench-packet").getBoundingClientRect().left`
	before := eval[float64](p, place)
	p.click(".wire-toggle")
	p.wait("the drawer", `document.querySelector(".wire-drawer [data-wire]")?.checkVisibility()`)
	p.click(".wire-more summary")
	if after := eval[float64](p, place); after != before {
		t.Errorf("the packet moves from %v to %v", before, after)
	}
	p.wait("the drawer is not cut", `(() => { const c = document.querySelector(".bench-clients"); return c.scrollWidth <= c.clientWidth })()`)
}
