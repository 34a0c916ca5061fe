package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// ladderSays waits until the ladder has packets with these summaries, in this
// order (others may stand between).
func (p *page) ladderSays(summaries ...string) {
	p.t.Helper()
	p.wait("the ladder says "+strings.Join(summaries, "; "), fmt.Sprintf(`(() => {
		const rows = document.querySelector("flow-ladder").held.filter(e => e.kind === "packet").map(e => e.from + ": " + e.summary);
		let i = 0;
		for (const want of %s) {
			while (i < rows.length && !rows[i].startsWith(want)) i++;
			if (i++ >= rows.length) return false;
		}
		return true;
	})()`, quoteAll(summaries)))
}

func quoteAll(list []string) string {
	var quoted []string
	for _, s := range list {
		quoted = append(quoted, quote(s))
	}
	return "[" + strings.Join(quoted, ",") + "]"
}

func TestSendAndWatch(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	p.waitDraft("10 10 00 04 4d 51 54 54 04 02 00 3c 00 04 6c 61 62 41")
	p.waitText(".live-state", "live")
	p.waitText(".ladder-empty", "mosquitto_pub -h 127.0.0.1 -p "+w.port)
	p.checkAccessibility("empty bench")

	// A virtual client: connect, subscribe, both with Ctrl+Enter or the button.
	p.click("[data-send]")
	p.ladderSays("client: CONNECT labA", "server: CONNACK")
	p.choose("#b-type", "SUBSCRIBE")
	p.typeInto(control("SUBSCRIBE", "filter"), "test/#")
	p.choose(control("SUBSCRIBE", "qos"), "2")
	p.waitDraft("82 0b 00 01 00 06 74 65 73 74 2f 23 02")
	p.click("[data-send]")
	p.ladderSays("client: SUBSCRIBE test/# QoS 2", "server: SUBACK id 1")

	// Real clients beside it.
	subscriber := w.mosquitto(t, "mosquitto_sub", "-t", "test/#", "-q", "2", "-C", "1", "-i", "sub")
	if err := subscriber.Start(); err != nil {
		t.Fatal(err)
	}
	p.ladderSays("client: CONNECT sub", "client: SUBSCRIBE test/# QoS 2", "server: SUBACK")
	if err := w.mosquitto(t, "mosquitto_pub", "-t", "test/a", "-m", "hello", "-q", "2", "-i", "pub").Run(); err != nil {
		t.Fatal(err)
	}
	if err := subscriber.Wait(); err != nil {
		t.Fatal(err)
	}
	p.ladderSays("client: CONNECT pub", "server: CONNACK", "client: PUBLISH test/a, QoS 2", "server: PUBREC", "client: PUBREL", "server: PUBCOMP", "client: DISCONNECT")
	p.ladderSays("server: PUBLISH test/a, QoS 2", "client: PUBREC", "server: PUBREL", "client: PUBCOMP")
	p.waitText(".ladder", "test/# matches test/a")

	// The virtual client answers by hand, byte by byte.
	p.choose("#b-type", "raw")
	p.typeInto("#b-raw", "50 02 00 01")
	p.waitDraft("50 02 00 01")
	p.click("[data-send]")
	p.ladderSays("client: PUBREC id 1", "server: PUBREL id 1")

	// Select a packet: it is annotated beside the ladder.
	selectRow := func(holds string) {
		eval[bool](p, `(() => { const row = [...document.querySelectorAll(".ladder-row")].find(r => r.textContent.includes(`+quote(holds)+`)); row.dispatchEvent(new MouseEvent("mousedown", {bubbles: true})); row.click(); return true })()`)
	}
	selectRow("PUBREL")
	p.waitText("#packet-slot", "PUBREL")
	p.waitText("#packet-slot", "Packet Identifier")
	p.checkAccessibility("bench with traffic")
	// For the picture: a message in the builder, and one that was delivered.
	p.choose("#b-type", "PUBLISH")
	p.typeInto(control("PUBLISH", "topic"), "test/a")
	p.typeInto(control("PUBLISH", "payload"), "hello")
	p.wait("the draft says hello", `document.querySelector("packet-builder").hex.endsWith("68656c6c6f")`)
	selectRow("test/a, QoS 2")
	p.waitText("#packet-slot", "Topic Name")
	p.picture("bench-light")
	p.view(1440, 900, true)
	p.checkAccessibility("bench with traffic, dark")
	p.picture("bench-dark")
	p.view(390, 844, false)
	if wide := eval[int](p, `document.documentElement.scrollWidth`); wide > 390 {
		t.Errorf("on a phone the page is %d pixels wide", wide)
	}
	p.checkAccessibility("bench on a phone")
	p.picture("bench-phone")
	p.view(1440, 900, false)
	p.choose("#b-type", "raw")

	// Close without DISCONNECT; then rubbish, which is refused with its rule.
	p.click(`.client [data-act="close"]`)
	p.wait("closed by FIN", `document.querySelector("flow-ladder").held.some(e => e.kind === "close" && e.how === "fin")`)
	p.typeInto("#b-raw", "c0 00")
	p.waitDraft("c0 00")
	p.click("[data-send]")
	p.wait("the rule is named", `document.querySelector("flow-ladder").held.some(e => e.kind === "explain" && e.rules?.includes("MQTT-3.1.0-1"))`)

	// A reload shows what the bench still holds.
	p.open(w.url + "/")
	p.ladderSays("client: CONNECT labA", "client: PUBLISH test/a, QoS 2", "client: PINGREQ")
}

// TestRubbishOnTheWire sends bytes that are no MQTT to the listener; the
// ladder names the rule, and the server goes on.
func TestRubbishOnTheWire(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	p.waitText(".live-state", "live")
	w.sendRaw(t, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	w.sendRaw(t, "\x10\x0c\x00\x04MQTT\x04\x03\x00\x00\x00\x00")
	// A Client Identifier that would turn the text around it about.
	w.sendRaw(t, "\x10\x11\x00\x04MQTT\x04\x02\x00\x00\x00\x05a\u202eb"+"\xe0\x00")
	p.waitText(".client-name", `a\u202eb`)
	p.wait("MQTT-3.1.2-3 is named", `document.querySelector("flow-ladder").held.some(e => e.kind === "explain" && e.rules?.includes("MQTT-3.1.2-3"))`)
	p.wait("both are closed", `document.querySelector("flow-ladder").held.filter(e => e.kind === "close").length >= 2`)
	if err := w.mosquitto(t, "mosquitto_pub", "-t", "a", "-m", "still here", "-q", "1").Run(); err != nil {
		t.Fatal(err)
	}
	p.ladderSays("client: PUBLISH a, QoS 1", "server: PUBACK")
}
