package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
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

// A CONNECT byte by byte, also inside its Remaining Length, is a CONNECT.
func TestSplitConnect(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/language?lang=zh&to=/")
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
	p.waitText(".wire-rules", "Cut (RST) inside the next PUBLISH, after bytes: 9")
	p.sendBytes("v2", "300d0006746573742f6168656c6c6f")
	p.waitText(row("v2")+" .client-state", "cut")
	p.wait("the will", `fetch("/api/benches/main/packets?limit=500").then(a => a.json()).then(a =>
		a.events.some(e => e.kind === "packet" && e.lane === "v1" && e.from === "server" && e.summary.includes("lwt")) &&
		a.events.some(e => e.kind === "packet" && e.lane === "v2" && e.length === 9))`)
	p.waitText(".row-wire", "The wire is cut after 9 of its bytes (RST)")
}
