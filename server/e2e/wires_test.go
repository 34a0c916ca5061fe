package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// sendBytes sends bytes from a virtual client, as the send bar does.
func (p *page) sendBytes(client, hex string) {
	p.t.Helper()
	p.wait("sent from "+client, fmt.Sprintf(`fetch("/api/benches/main/clients/%s/send", {method: "POST",
		headers: {"Content-Type": "application/json"}, body: JSON.stringify({hex: %q})}).then(a => a.ok)`, client, hex))
}

// stage makes the clients of a preset.
func (p *page) stage(name string) {
	p.t.Helper()
	p.click(".presets:not([open]) > summary")
	p.click("[data-preset=" + name + "]")
	p.click(".presets[open] > summary")
}

// row is the selector of a client in the list.
func row(client string) string { return `.client[data-id="` + client + `"]` }

// openWire opens the drawer of a client's wire, and what is folded in it.
func (p *page) openWire(client string) {
	p.t.Helper()
	p.click(row(client) + " .wire-toggle")
	p.wait("the drawer is open", fmt.Sprintf(`document.querySelector(%q)?.checkVisibility()`, row(client)+" wire-drawer"))
}

// addRule makes a rule for packets to the broker.
func (p *page) addRule(client, do, kind string, more func(box string)) {
	p.t.Helper()
	box := row(client) + " [data-direction=to_broker]"
	p.click(box + " .wire-more:not([open]) > summary")
	p.choose(box+" [data-rule=do]", do)
	p.choose(box+" [data-rule=type]", kind)
	if more != nil {
		more(box)
	}
	p.click(box + " [data-wire=add]")
	p.wait("the rule is there", fmt.Sprintf(`document.querySelectorAll(%q).length === 1`, box+" .wire-rules li"))
}

// QoS 1, with a PUBACK that is withheld: the broker sends again, with DUP.
func TestWithheldPuback(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	p.stage("session")
	p.waitText(".client-id", "keeper")
	p.openWire("v1")
	p.click(row("v1") + " [data-pilot=ack]")
	p.waitText(".wire-badge", "acknowledges")

	// By keyboard: focus, and Space.
	hold := row("v1") + " [data-direction=to_broker] [data-wire=hold]"
	p.do(chromedp.Focus(hold), chromedp.KeyEvent(" "))
	p.waitText(".wire-badge.is-hold", "held → broker")
	if out, err := w.mosquitto(t, "mosquitto_pub", "-t", "test/a", "-m", "hello", "-q", "1").Output(); err != nil {
		t.Fatal(err, string(out))
	}
	p.waitText(row("v1")+" .wire-chip", "PUBACK")
	p.waitText(".wire-badge.is-hold", "waiting: 1")
	p.waitText(".row-wire", "Held")
	p.checkAccessibility("a wire that is held")
	p.view(1440, 900, true)
	p.checkAccessibility("a wire that is held, dark")

	// The PUBACK is lost with the connection.
	p.click(row("v1") + " [data-cut=rst]")
	p.waitText(row("v1")+" .client-state", "cut")
	p.click(hold)
	p.wait("plain again", `!document.querySelector(".wire-badge.is-hold")`)
	p.click(row("v1") + " [data-act=open]")
	p.waitText(row("v1")+" .client-state", "open")
	p.sendBytes("v1", "102300044d51545404c0003c00066b6565706572000561646d696e000870617373776f7264")
	p.waitText(".ladder-row", "DUP")
}

// A PUBREL that the wire repeats is answered twice.
func TestRepeatedPubrel(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(390, 844, false)
	p.open(w.url + "/")
	p.stage("publisher")
	p.waitText(".client-id", "123456789")
	p.openWire("v1")
	p.click(row("v1") + " [data-pilot=ack]")
	p.waitText(".wire-badge", "acknowledges")
	p.addRule("v1", "duplicate", "PUBREL", nil)
	p.waitText(".wire-rules", "Repeat the next PUBREL")
	p.checkAccessibility("a rule, on a phone")
	p.sendBytes("v1", "34100006746573742f610007"+"68656c6c6f21")
	p.wait("two PUBREL are answered", `fetch("/api/benches/main/packets?limit=500").then(a => a.json()).then(a =>
		a.events.filter(e => e.kind === "packet" && e.type === "PUBCOMP").length === 2 &&
		a.events.some(e => e.kind === "wire" && e.type === "PUBREL" && e.notes[0].did === "duplicated"))`)
	p.wait("the rule is done with", `!document.querySelector(".wire-rules li")`)
	p.view(1440, 900, false)
	p.waitText(".row-wire", "Duplicated by the wire")
}

// What a wire did is told in one line, and in full to who taps it, or chooses
// the packet.
func TestWireNoteUnfolds(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(390, 844, true)
	p.open(w.url + "/")
	p.stage("publisher")
	p.waitText(".client-id", "123456789")
	p.openWire("v1")
	box := row("v1") + " [data-direction=to_broker]"
	p.click(box + " .wire-more > summary")
	corrupting := fmt.Sprintf(`document.querySelector(%q).checkVisibility()`, box+" [data-rule=xor]")
	p.wait("nothing to corrupt", "!"+corrupting)
	p.click(box + " [data-wire=hold]")
	p.waitText(".wire-badge.is-hold", "held")
	p.sendBytes("v1", "34100006746573742f610007"+"68656c6c6f21")
	p.waitText(box+" .wire-chip", "PUBLISH")
	p.wait("what waits can be corrupted", corrupting)
	p.click(box + " [data-step=corrupt]")
	p.waitText(box+" .wire-chip", "changed")
	p.view(1280, 720, true) // where the builder stands below the clients
	p.wait("the chip is in sight", fmt.Sprintf(`document.querySelector(".bench-clients").clientHeight > 400 && document.querySelector(%q)`, box+" .wire-chip"))
	p.click(box + " [data-edit-waiting]")
	p.wait("the form is in sight", `document.querySelector("packet-builder").clientHeight > 100`)
	p.click("[data-edit-do=cancel]")
	p.view(390, 844, true)
	p.click("[data-show=build]")
	p.click(box + " [data-step=pass]")

	p.click("[data-show=flow]")
	p.waitText(".row-wire", "changed by the wire")
	cut := `[...document.querySelectorAll(".row-wire-text")].some(e => e.scrollWidth > e.clientWidth)`
	p.wait("a line is cut", cut)
	p.click(".row-wire")
	whole := `document.querySelectorAll(".row-wire.is-unfolded").length > 1 && [...document.querySelectorAll(".row-wire.is-unfolded")].every(e => e.scrollHeight <= e.clientHeight && e.scrollWidth <= e.clientWidth)`
	p.wait("all of it is there", whole)
	p.waitText(".row-wire.is-unfolded", "0x34 xor 0x01 = 0x35")
	p.waitText(".row-wire.is-unfolded", "test/a")
	p.checkAccessibility("what a wire did, unfolded")
	p.click(".row-wire.is-unfolded")
	p.wait("one line again", `!document.querySelector(".row-wire.is-unfolded")`)

	p.view(1440, 900, false)
	p.click(`.ladder-row.is-packet:has(.t-publish)`)
	p.wait("the packet's story", whole)
}

// A CONNECT byte by byte, also inside its Remaining Length, is a CONNECT.
func TestSplitConnect(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/language?to=zh&back=/")
	p.open(w.url + "/")
	p.click("[data-new-client]")
	p.wait("there is a client", fmt.Sprintf(`document.querySelector(%q)`, row("v1")))
	p.openWire("v1")
	box := row("v1") + " [data-direction=to_broker]"
	p.click(box + " .wire-more > summary")
	p.typeInto(box+" [data-set=segment]", "1\t")
	p.wait("the wire splits", `document.querySelector(".wire-badge.is-split")`)
	p.click(row("v1") + " [data-act=open]")
	p.wait("open", fmt.Sprintf(`document.querySelector(%q).dataset.state === "open"`, row("v1")))
	p.sendBytes("v1", "102600044d51545404c2003c0009313233343536373839000561646d696e000870617373776f7264")
	p.waitText(row("v1")+" .client-id", "123456789")
	p.wait("CONNACK", `[...document.querySelectorAll(".ladder-row")].some(e => e.innerText.includes("CONNACK"))`)
	p.wait("told", `[...document.querySelectorAll(".row-wire")].some(e => e.innerText.includes("CONNECT"))`)
}

// A wire that is cut inside a PUBLISH: the will is published.
func TestCutInsidePublish(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	p.stage("will")
	p.waitText(".client-id", "1111111111")
	p.openWire("v2")
	p.addRule("v2", "cut-rst", "PUBLISH", func(box string) { p.typeInto(box+" [data-rule=bytes]", "9") })
	p.waitText(".wire-rules", "Cut (RST) inside the next PUBLISH, after 9 of its bytes")
	p.sendBytes("v2", "300d0006746573742f6168656c6c6f")
	p.waitText(row("v2")+" .client-state", "cut")
	p.wait("the will", `fetch("/api/benches/main/packets?limit=500").then(a => a.json()).then(a =>
		a.events.some(e => e.kind === "packet" && e.lane === "v1" && e.from === "server" && e.summary.includes("lwt")) &&
		a.events.some(e => e.kind === "packet" && e.lane === "v2" && e.length === 9))`)
	p.waitText(".row-wire", "The wire is cut after 9 of its bytes (RST)")
}

// A row has its wire from the first, before anything else is heard of the client.
func TestWireOfNewRow(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.open(w.url + "/")
	p.waitDraft(firstDraft)
	p.wait("the wire's path", `(() => {
		const pane = document.querySelector("clients-pane");
		pane.take({id: "v9", name: "new", kind: "virtual", state: "new"});
		const path = document.querySelector(".client[data-id=v9] wire-drawer").path;
		pane.clients.delete("v9");
		pane.draw();
		return path.endsWith("/clients/v9");
	})()`)
}

// A packet that waits is edited in the builder and released by keyboard: the
// broker hears the other bytes, the ladder says which they are, and the draft
// that was there before comes back.
func TestEditWaiting(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	p.waitDraft(firstDraft)
	p.stage("publisher")
	p.waitText(".client-id", "123456789")
	p.openWire("v1")
	box := row("v1") + " [data-direction=to_broker]"
	p.click(box + " [data-wire=hold]")
	p.waitText(".wire-badge.is-hold", "held → broker")
	p.sendBytes("v1", "300d0006746573742f6168656c6c6f"+"c000")
	p.wait("both wait", fmt.Sprintf(`document.querySelectorAll(%q).length === 2`, box+" .wire-chip"))

	// The second one cannot be released before the first.
	p.focus(box + " .wire-chip:nth-child(2) [data-edit-waiting]")
	p.keys(kb.Enter)
	p.waitDraft("c0 00")
	p.waitText("wire-edit", "Edited packet: the PINGREQ of Publisher, waiting on its way to the broker")
	p.waitText("wire-edit", "Another packet waits before it")
	p.wait("it cannot be released", `document.querySelector("[data-edit-do=release]").disabled && document.querySelector("send-bar").hidden`)
	p.wait("the focus is on what is said of it", `document.activeElement.id === "wire-edit-title"`)
	p.click("[data-edit-do=cancel]")
	p.waitDraft(firstDraft)
	p.wait("the focus is where it was", fmt.Sprintf(`document.activeElement === document.querySelector(%q)`, box+" .wire-chip:nth-child(2) [data-edit-waiting]"))

	// The first one: a byte in the grid, a letter more in the form.
	p.focus(box + " .wire-chip:nth-child(1) [data-edit-waiting]")
	p.keys(kb.Enter)
	p.waitDraft("30 0d 00 06 74 65 73 74 2f 61 68 65 6c 6c 6f")
	p.waitValue(control("PUBLISH", "topic"), "test/a")
	p.focus(cell(10))
	p.keys("4", "8")
	p.waitDraft("30 0d 00 06 74 65 73 74 2f 61 48 65 6c 6c 6f")
	p.waitValue(control("PUBLISH", "payload"), "Hello") // typing before the form follows takes the byte back
	p.focus(control("PUBLISH", "topic"))
	p.keys(kb.End, "b")
	p.waitDraft("30 0e 00 07 74 65 73 74 2f 61 62 48 65 6c 6c 6f")
	p.wait("the direction still says that it is held", fmt.Sprintf(`document.querySelector(%q).matches(".is-held")`, box))
	p.checkAccessibility("a packet that waits, edited")
	p.press(kb.Enter, chromedp.ModifierCtrl)
	p.waitDraft(firstDraft)
	p.wait("it is sent no second time, and the bar is gone", `document.querySelector("wire-edit").hidden && !document.querySelector("send-bar").hidden`)
	p.waitText(".row-wire.is-changed", "Edited: 15 → 16 bytes; at offset 1: 0d → 0e, 3: 06 → 07, 10: 68 → 62 48.")
	p.wait("the broker heard them", `fetch("/api/benches/main/packets?limit=500").then(a => a.json()).then(a =>
		a.events.filter(e => e.kind === "packet" && e.from === "client" && e.type === "PUBLISH").map(e => e.hex).join() === "300e0007746573742f616248656c6c6f")`)
	p.wait("the other waits", fmt.Sprintf(`document.querySelectorAll(%q).length === 1 && document.activeElement.closest(".wire-chip")`, box+" .wire-chip"))
	p.focus(control("CONNECT", "client_id"))
	p.wait("the draft's own past is there", `document.querySelector("packet-builder").canUndo === false`)
}

// On a phone, in Chinese: what waits for a client, put in and left to wait, and
// one whose connection ends meanwhile.
func TestEditWaitingOnPhone(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(390, 844, false)
	p.open(w.url + "/language?to=zh&back=/")
	p.open(w.url + "/")
	p.stage("publisher")
	p.waitText(".client-id", "123456789")
	p.openWire("v1")
	box := row("v1") + " [data-direction=to_client]"
	p.click(box + " [data-wire=hold]")
	p.wait("held", `document.querySelector(".wire-badge.is-hold")`)
	p.sendBytes("v1", "c000")
	p.waitText(box+" .wire-chip", "PINGRESP")
	p.clickCentred(box + " [data-edit-waiting]")
	p.waitText("wire-edit", "等待")
	p.wait("the bar is in sight, and nothing is wider than the page", `(r => r.top >= 0 && r.bottom <= innerHeight && r.left >= 0 && r.right <= innerWidth)(document.querySelector("wire-edit").getBoundingClientRect())
		&& document.documentElement.scrollWidth === innerWidth`)
	p.checkAccessibility("a packet that waits, edited on a phone")
	p.choose("#b-type", "raw")
	p.typeInto("#b-raw", "20 02 00 05")
	p.wait("the bytes are the draft", `document.querySelector("packet-builder").hex === "20020005"`)
	p.click("[data-edit-do=keep]")
	p.waitText(box+" .wire-chip", "CONNACK")
	p.waitText(box+" .wire-chip", "已改动")
	p.clickCentred(box + " [data-edit-waiting]")
	p.wait("its bytes are the draft", `document.querySelector("packet-builder").hex === "20020005" && !document.querySelector("wire-edit").hidden`)
	p.wait("the connection is cut", `fetch("/api/benches/main/clients/v1/wire/cut", {method: "POST",
		headers: {"Content-Type": "application/json"}, body: JSON.stringify({how: "rst"})}).then(a => a.ok)`)
	p.waitText("wire-edit", "它已经不在等待")
	p.wait("nothing is to be put anywhere", `document.querySelector("[data-edit-do=release]").disabled && document.querySelector("[data-edit-do=keep]").disabled`)
	p.click("[data-edit-do=cancel]")
	p.wait("the draft is back", `document.querySelector("packet-builder").hex === "101000044d5154540402003c00046c616241"`)
	p.click("[data-show=flow]")
	p.waitText(".row-wire.is-changed", "被编辑：长度 2 → 4 字节")
}
