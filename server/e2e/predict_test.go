package e2e

import (
	"fmt"
	"testing"
)

// sendFrom chooses who sends what the builder holds, and sends it.
func (p *page) sendFrom(name, hex string) {
	p.t.Helper()
	p.waitDraft(hex)
	p.wait("from "+name, fmt.Sprintf(`(() => {
		const select = document.querySelector("#send-as");
		const option = [...select.options].find(o => o.text.startsWith(%q));
		if (!option) return false;
		select.value = option.value;
		select.dispatchEvent(new Event("change", {bubbles: true}));
		return true;
	})()`, name))
	p.click("[data-send]")
	p.waitText(".send-say", "Sent by "+name)
}

// foretell answers the question of the step at hand with bytes.
func (p *page) foretell(hex string) {
	p.t.Helper()
	p.typeInto("[data-now] .lab-question textarea", hex)
	p.click("[data-now] .lab-question [type=submit]")
	p.waitText("[data-now] .lab-question .note", "noted")
}

// A wrong prediction is set beside what came, and may be made anew.
func TestWrongPrediction(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/labs/retained")
	p.click(".lab-intro form button")
	p.now("there")
	p.waitText(".live-state", "live")
	p.waitDraft("10 10 00 04 4d 51 54 54 04 02 00 3c 00 04 6c 61 62 41")
	for _, id := range []string{"a", "p"} {
		p.choose("#b-type", "CONNECT")
		p.typeInto(control("CONNECT", "client_id"), id)
		p.typeInto(control("CONNECT", "keep_alive"), "0")
		p.sendFrom(map[string]string{"a": "A", "p": "P"}[id], fmt.Sprintf("10 0d 00 04 4d 51 54 54 04 02 00 00 00 01 %x", id))
	}
	p.choose("#b-type", "SUBSCRIBE")
	p.typeInto(control("SUBSCRIBE", "filter"), "door")
	p.choose(control("SUBSCRIBE", "qos"), "0")
	p.sendFrom("A", "82 09 00 01 00 04 64 6f 6f 72 00")
	p.now("set")

	// It waits in the wire until something is said.
	publish := "31 0a 00 04 64 6f 6f 72 6f 70 65 6e"
	p.choose("#b-type", "PUBLISH")
	p.choose(control("PUBLISH", "qos"), "0")
	p.typeInto(control("PUBLISH", "topic"), "door")
	p.typeInto(control("PUBLISH", "payload"), "open")
	p.click(control("PUBLISH", "retain"))
	p.sendFrom("P", publish)
	p.waitText(".row-wire", "Held")
	p.foretellWrong(publish)
	p.waitText(".lab-missed", "Byte 1 is the first that differs: 0x31 instead of 0x30.")
	p.checkAccessibility("a prediction that was wrong")
	p.view(390, 844, true)
	p.checkAccessibility("a prediction that was wrong, on a phone")
	p.noSidewaysScroll()
	p.view(1440, 900, false)

	p.foretell("30 0a 00 04 64 6f 6f 72 6f 70 65 6e")
	p.wait("no more of it", `!document.querySelector(".lab-missed")`)
	p.sendFrom("P", publish)
	p.now("gone")
	p.waitText("#step-set", "Right.")
}

// foretellWrong is foretell where the event comes at once, and is another.
func (p *page) foretellWrong(hex string) {
	p.t.Helper()
	p.typeInto("[data-now] .lab-question textarea", hex)
	p.click("[data-now] .lab-question [type=submit]")
}
