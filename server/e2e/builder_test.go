package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const firstDraft = "10 10 00 04 4d 51 54 54 04 02 00 3c 00 04 6c 61 62 41"

// cell selects the cell of a byte of the draft.
func cell(i int) string { return fmt.Sprintf(`[data-edit] .x[data-i="%d"]`, i) }

// openBuilder opens a page and waits for its draft.
func openBuilder(t *testing.T, path, hex string) *page {
	t.Helper()
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + path)
	p.waitDraft(hex)
	return p
}

func (p *page) focus(selector string) {
	p.t.Helper()
	p.do(chromedp.Focus(selector))
}

// keys presses keys one after the other, without modifiers.
func (p *page) keys(keys ...string) {
	p.t.Helper()
	for _, k := range keys {
		p.do(chromedp.KeyEvent(k))
	}
}

// press presses a key with modifiers.
func (p *page) press(key string, modifiers ...chromedp.Modifier) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(key, chromedp.KeyModifiers(modifiers...)))
}

// clickCentred clicks, in the middle of the window where nothing lies over it.
func (p *page) clickCentred(selector string) {
	p.t.Helper()
	p.wait(selector+" is there", fmt.Sprintf(`document.querySelector(%s)`, quote(selector)))
	eval[bool](p, fmt.Sprintf(`(document.querySelector(%s).scrollIntoView({block: "center"}), true)`, quote(selector)))
	p.click(selector)
}

func (p *page) waitValue(selector, want string) {
	p.t.Helper()
	p.wait(selector+" is "+want, fmt.Sprintf(`(e => (e.type === "checkbox" ? String(e.checked) : e.value) === %s)(document.querySelector(%s))`, quote(want), quote(selector)))
}

// clipboard sends an event of the clipboard to the focused element, and returns
// what is then on it.
func (p *page) clipboard(kind, text string) string {
	p.t.Helper()
	return eval[string](p, fmt.Sprintf(`(() => { const data = new DataTransfer(); data.setData("text/plain", %s);
		document.activeElement.dispatchEvent(new ClipboardEvent(%s, {clipboardData: data, bubbles: true, cancelable: true}));
		return data.getData("text/plain") })()`, quote(text), quote(kind)))
}

// drag presses the mouse on one element, moves it to another and lets go.
func (p *page) drag(from, to string) {
	p.t.Helper()
	middle := func(selector string) (x, y float64) {
		at := eval[[]float64](p, fmt.Sprintf(`(r => [r.x + r.width / 2, r.y + r.height / 2])(document.querySelector(%s).getBoundingClientRect())`, quote(selector)))
		return at[0], at[1]
	}
	x0, y0 := middle(from)
	x1, y1 := middle(to)
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		for _, e := range []input.DispatchMouseEventParams{
			{Type: "mousePressed", X: x0, Y: y0, Button: "left", Buttons: 1, ClickCount: 1},
			{Type: "mouseMoved", X: (x0 + x1) / 2, Y: (y0 + y1) / 2, Button: "left", Buttons: 1},
			{Type: "mouseMoved", X: x1, Y: y1, Button: "left", Buttons: 1},
			{Type: "mouseReleased", X: x1, Y: y1, Button: "left", ClickCount: 1},
		} {
			if _, err := chromedp.Call(ctx, input.DispatchMouseEvent, e); err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestBytesAreEdited(t *testing.T) {
	p := openBuilder(t, "/", firstDraft)

	// Overwrite: two digits a byte, and on to the next; the form follows.
	p.focus(cell(10))
	p.keys("0", "1", "2", "c")
	p.waitDraft("10 10 00 04 4d 51 54 54 04 02 01 2c 00 04 6c 61 62 41")
	p.waitValue(control("CONNECT", "keep_alive"), "300")
	p.wait("the focus is behind what was typed", `document.activeElement.dataset.i === "12"`)

	// Backspace takes the byte before; the form says that it does not follow.
	p.keys(kb.End, kb.Backspace)
	p.wait("a byte is gone", `document.querySelector("packet-builder").hex.length === 34`)
	p.waitText(slot, "The broker goes on waiting: bytes missing: 1")

	// Undo and redo, in the bytes and in the form alike.
	p.press("z", chromedp.ModifierCtrl)
	p.waitDraft("10 10 00 04 4d 51 54 54 04 02 01 2c 00 04 6c 61 62 41")
	p.waitValue(control("CONNECT", "keep_alive"), "300") // typing before the form follows takes the bytes back
	p.focus(control("CONNECT", "client_id"))
	p.keys(kb.End, "B")
	p.waitDraft("10 11 00 04 4d 51 54 54 04 02 01 2c 00 05 6c 61 62 41 42")
	p.press("z", chromedp.ModifierCtrl)
	p.waitDraft("10 10 00 04 4d 51 54 54 04 02 01 2c 00 04 6c 61 62 41")
	p.press("z", chromedp.ModifierCtrl)
	p.press("z", chromedp.ModifierCtrl)
	p.waitDraft(firstDraft)
	p.waitValue(control("CONNECT", "keep_alive"), "60")
	p.press("z", chromedp.ModifierCtrl, chromedp.ModifierShift)
	p.press("z", chromedp.ModifierCtrl, chromedp.ModifierShift)
	p.press("z", chromedp.ModifierCtrl, chromedp.ModifierShift)
	p.waitDraft("10 11 00 04 4d 51 54 54 04 02 01 2c 00 05 6c 61 62 41 42")
	p.waitValue(control("CONNECT", "client_id"), "labAB")

	// Insert, at the end, too.
	p.focus(cell(14))
	p.keys(kb.Insert)
	p.wait("insert mode is shown", `document.querySelector('[data-hex-do="mode"]').getAttribute("aria-pressed") === "true"`)
	p.keys("7", "a")
	p.waitDraft("10 11 00 04 4d 51 54 54 04 02 01 2c 00 05 7a 6c 61 62 41 42")
	p.waitText(slot, "do not fit the form")
	p.keys(kb.Insert)
	p.focus(cell(1))
	p.keys("1", "2")
	p.focus(cell(13))
	p.keys("0", "6")
	p.waitDraft("10 12 00 04 4d 51 54 54 04 02 01 2c 00 06 7a 6c 61 62 41 42")
	p.waitValue(control("CONNECT", "client_id"), "zlabAB")
	p.press(kb.End, chromedp.ModifierCtrl)
	p.keys("4", "3")
	p.waitDraft("10 12 00 04 4d 51 54 54 04 02 01 2c 00 06 7a 6c 61 62 41 42 43")
	p.wait("the new byte has a cell of its own", `document.querySelector('#packet-slot .x-end').dataset.i === "21"`)
	p.checkAccessibility("bench with left-over bytes")
}

// What is said of a draft is true for the client that is to send it, now.
func TestDraftKnowsItsClient(t *testing.T) {
	p := openBuilder(t, "/", firstDraft)
	p.choose("#b-type", "PINGREQ")
	p.waitDraft("c0 00")
	p.waitText(slot, "The client is not connected, so this would be its first packet")
	p.waitText(slot, "Sent on a new connection")
	p.click("[data-connect]")
	p.wait("the draft is a connected client's", `!document.querySelector("#packet-slot").textContent.includes("first packet")`)
	p.waitText(slot, "Sent by a connected client")
	p.choose("#b-type", "CONNECT")
	p.waitText(slot, "The broker closes the connection")
}

func TestBytesAreSelectedAndPasted(t *testing.T) {
	p := openBuilder(t, "/", firstDraft)

	// Dragging across a field selects and holds it.
	p.drag(cell(14), cell(17))
	p.wait("four bytes are selected", `document.querySelectorAll('.x[aria-selected="true"]').length === 4`)
	p.wait("the field is held", `document.querySelector('[data-edit] .x[data-f="mqtt.clientid"]').matches(".is-held")`)
	p.waitText(".hex-where", "14–17")
	if got := p.clipboard("copy", ""); got != "6c 61 62 41" {
		t.Errorf("copied %q", got)
	}

	// Shift+arrows extend; Delete removes all of it.
	p.keys("\x1b", "\x1b")
	p.focus(cell(14))
	p.press(kb.ArrowRight, chromedp.ModifierShift)
	p.press(kb.ArrowRight, chromedp.ModifierShift)
	p.wait("three bytes are selected", `document.querySelectorAll('.x[aria-selected="true"]').length === 3`)
	p.keys(kb.Delete)
	p.waitDraft("10 10 00 04 4d 51 54 54 04 02 00 3c 00 04 41")
	p.press("z", chromedp.ModifierCtrl)
	p.waitDraft(firstDraft)

	// Any text with bytes takes the place of what is selected.
	p.focus(cell(0))
	p.press("a", chromedp.ModifierCtrl)
	p.clipboard("paste", "00000000: 320e 0006 7465 7374 2f61 0007 6865 6c6c  2...test/a..hell")
	p.waitDraft("32 0e 00 06 74 65 73 74 2f 61 00 07 68 65 6c 6c")
	p.waitValue("#b-type", "PUBLISH")
	p.waitValue(control("PUBLISH", "packet_id"), "7")
	p.waitValue(control("PUBLISH", "payload"), "hell")
	p.waitValue(control("PUBLISH", "qos"), "1")

	// Several packets are no form, and are sent as they are.
	p.focus(cell(0))
	p.press("a", chromedp.ModifierCtrl)
	p.clipboard("paste", "c0 00 e0 00")
	p.waitDraft("c0 00 e0 00")
	p.waitValue("#b-type", "raw")
	p.press("z", chromedp.ModifierCtrl)
	p.waitValue("#b-type", "PUBLISH")
}

func TestFormFollowsEveryType(t *testing.T) {
	p := openBuilder(t, "/", firstDraft)
	for _, test := range []struct {
		hex, packetType, key, value string
	}{
		{"82 0a 00 01 00 01 61 00 00 01 62 02", "SUBSCRIBE", "filter", "a"},
		{"a2 08 00 02 00 04 74 65 73 74", "UNSUBSCRIBE", "filter", "test"},
		{"40 02 00 09", "PUBACK", "packet_id", "9"},
		{"90 04 00 01 00 80", "SUBACK", "packet_id", "1"},
		{"20 02 01 00", "CONNACK", "session_present", "true"},
		{"10 11 00 04 4d 51 54 54 05 02 00 3c 03 21 00 14 00 01 63", "CONNECT", "client_id", "c"},
		{"e0 01 04", "DISCONNECT", "code", "4"},
	} {
		p.focus(cell(0))
		p.press("a", chromedp.ModifierCtrl)
		p.clipboard("paste", test.hex)
		p.waitDraft(test.hex)
		p.waitValue("#b-type", test.packetType)
		p.waitValue(control(test.packetType, test.key), test.value)
		if test.packetType == "CONNECT" {
			p.waitValue("#b-version", "5.0")
			p.waitValue(`[data-property="receive_maximum"] input`, "20")
		}
		// What the form then says is what the bytes say.
		p.wait("the form writes the bytes", `(() => { const b = document.querySelector("packet-builder"); return b.follows === "exactly" })()`)
		eval[bool](p, `(document.querySelector("packet-builder").changed(), true)`)
		p.wait("it was asked", `document.querySelector("packet-builder").edited === false`)
		p.waitDraft(test.hex)
	}
}

func TestBitsFlip(t *testing.T) {
	p := openBuilder(t, "/", firstDraft)
	bit := func(at string) string { return fmt.Sprintf(`[data-flip="%s"]`, at) }

	// With what it obliges to: the user name follows, the flags say so.
	p.clickCentred(bit("9.7"))
	p.waitDraft("10 17 00 04 4d 51 54 54 04 82 00 3c 00 04 6c 61 62 41 00 05 61 64 6d 69 6e")
	p.waitValue(control("CONNECT", "use.username"), "true")
	p.waitText(".bit-obliges td.is-on", "User Name")
	p.clickCentred(bit("9.7"))
	p.waitDraft(firstDraft)

	// The bare bit, and what is not in the form: the form's overrides follow.
	p.clickCentred(bit("0.0"))
	p.waitDraft("11" + firstDraft[2:])
	p.waitText(slot, "MQTT-2.2.2-2")
	p.waitText(".pane-outcome", "The broker closes the connection")
	p.waitValue(`[data-break="mqtt.hdr_reserved"] input`, "1")
	p.clickCentred(bit("0.0"))
	p.waitDraft(firstDraft)
}

func TestBreakARule(t *testing.T) {
	p := openBuilder(t, "/", firstDraft)
	p.clickCentred(".breaks > summary")
	p.choose(".breaks [data-break-add]", "mqtt.len")
	p.waitValue(`[data-break="mqtt.len"] input`, "16")

	// What is set stays, whatever else changes.
	p.focus(control("CONNECT", "client_id"))
	p.keys(kb.End, "B")
	p.waitDraft("10 10 00 04 4d 51 54 54 04 02 00 3c 00 05 6c 61 62 41 42")
	p.waitText(slot, "Client Identifier length")
	p.typeInto(`[data-break="mqtt.len"] input`, "17")
	p.choose(`[data-break="mqtt.len"] select`, "4")
	p.waitDraft("10 91 80 80 00 00 04 4d 51 54 54 04 02 00 3c 00 05 6c 61 62 41 42")
	p.waitText(".pane-outcome", "The broker closes the connection")
	p.clickCentred(".division > summary")
	p.waitText(".division", "more bytes than it needs")
	eval[bool](p, `(document.querySelector(".bench-packet").scrollTop = 0, true)`) // nothing lies half under the pane's head
	p.checkAccessibility("bench with a broken rule")

	// A field's explanation sets it, too.
	p.clickCentred(cell(13))
	p.wait("explained", `document.querySelector('.explain-item.is-shown [data-do="set"]')`)
	p.do(chromedp.MouseClickXY(700, 5)) // the mouse rests where it points at nothing
	p.focus(`[data-explains="mqtt.kalive"] [data-do="set"]`)
	p.keys(kb.Enter)
	p.typeInto(`[data-break="mqtt.kalive"] input`, "7")
	p.waitDraft("10 91 80 80 00 00 04 4d 51 54 54 04 02 00 07 00 05 6c 61 62 41 42")

	// Without overrides all is well again.
	for range 2 {
		p.clickCentred(".break-row [data-property-remove]")
	}
	p.waitDraft("10 11 00 04 4d 51 54 54 04 02 00 3c 00 05 6c 61 62 41 42")
}

func TestRipple(t *testing.T) {
	p := openBuilder(t, "/", firstDraft)
	p.focus(control("CONNECT", "client_id"))
	p.keys(kb.End, "B")
	p.waitText(".ripple", "Remaining Length 16 → 17")
	p.waitText(".ripple", "Client Identifier length 4 → 5")
	changed := eval[string](p, `[...document.querySelectorAll(".x-changed")].map(e => e.dataset.i).join()`)
	if changed != "1,13,18" {
		t.Errorf("bytes %s are marked as changed, want 1,13,18", changed)
	}
	p.waitText(".sum-total", "16")
	if got := strings.Join(strings.Fields(p.text(".sum-total")), " "); !strings.HasPrefix(got, "16 →17") {
		t.Errorf("the sum says %q", got)
	}
}

func TestExamplesCopiesAndLinks(t *testing.T) {
	p := openBuilder(t, "/", firstDraft)
	p.choose("#b-preset", "wildcard")
	p.waitDraft("82 0b 00 01 00 06 74 65 73 74 2f 23 01")
	p.waitValue(control("SUBSCRIBE", "filter"), "test/#")

	// The same packet in the other versions, made while somebody looks, and kept up.
	p.clickCentred(".pane-versions > summary")
	p.waitText(".version-news", "Properties")
	p.choose("#b-preset", "first")
	p.waitDraft(firstDraft)
	p.waitText(".version-news", "Protocol Name")
	p.checkAccessibility("bench with versions")

	// Copies, and a link that holds the packet.
	p.clickCentred(`[data-do="copy-as"]`)
	p.waitText(".copy-item", "unsigned char packet[18]")
	p.waitText(".copy-item", "xxd -r -p | nc 127.0.0.1")
	p.checkAccessibility("copies")
	link := eval[string](p, `document.querySelector('[data-do="copy-link"]').dataset.href`)
	p.open(eval[string](p, `location.origin`) + strings.Replace(link, "&", "e000&", 1))
	p.waitDraft(firstDraft + "e0 00")
	p.waitValue("#b-type", "raw")
	p.open(eval[string](p, `location.origin`) + link)
	p.waitDraft(firstDraft)
	p.waitValue("#b-type", "CONNECT")
	p.waitValue(control("CONNECT", "client_id"), "labA")
	p.keys("\t")
	p.focus(cell(3))
	p.keys("?")
	p.wait("the keys are explained", `document.querySelector("#hex-help").matches(":popover-open")`)
	p.checkAccessibility("help for the keys")
	p.keys("\x1b")
	p.wait("Escape closes it", `!document.querySelector("#hex-help").matches(":popover-open")`)
}

func TestIllustrated(t *testing.T) {
	const path = "/illustrated?version=3.1.1&hex=101700044d51545404c2003c000161000561646d696e0001+62"
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + path)
	p.waitText("h1", "CONNECT")
	p.checkAccessibility("illustrated packet")
	p.view(390, 844, true)
	p.checkAccessibility("illustrated packet, narrow and dark")
	p.noSidewaysScroll()
	p.open(w.url + path + "#p0-mqtt.kalive")
	p.wait("the link leads to its field", `document.querySelector("#p0-mqtt\\.kalive").matches(":target") && document.querySelector("#p0-mqtt\\.kalive").getBoundingClientRect().top < 200`)

	// Without JavaScript, and on paper.
	p.withoutScript()
	p.open(w.url + path)
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		return err
	}))
	text := eval[string](p, `document.querySelector("main").innerText`)
	for _, want := range []string{"Keep Alive", "after 90 s of silence", "Divide", "must follow", "The same packet in 3.1", "unsigned char", "CONNACK (20 02 00 00)"} {
		if !strings.Contains(text, want) {
			t.Errorf("without JavaScript and in print the page lacks %q", want)
		}
	}
	if eval[bool](p, `document.querySelector(".bar").checkVisibility()`) {
		t.Error("the navigation is printed")
	}
}

// withoutScript switches JavaScript off for the pages that follow.
func (p *page) withoutScript() {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
}

// noSidewaysScroll wants the page to be no wider than its window.
func (p *page) noSidewaysScroll() {
	p.t.Helper()
	if wide := eval[int](p, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
		p.t.Errorf("%s is %d pixels wider than its window", eval[string](p, "location.href"), wide)
	}
}
