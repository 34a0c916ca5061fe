package e2e

import "testing"

// TestBeTheBroker goes through the lab in which a student answers the clients
// of a script by hand, from the page.
func TestBeTheBroker(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/labs/be-the-broker")
	p.click(`form[action="/labs/be-the-broker"] button`)
	p.now("connack")
	p.waitText(".live-state", "live")
	p.waitText(".send-say", "Ctrl+Enter replies")
	p.wait("nothing says what a broker would do", `document.querySelector(".pane-outcome") && !document.querySelector(".pane-outcome").checkVisibility()`)
	reply := func(hex string) {
		t.Helper()
		p.waitDraft(hex)
		p.click(`[data-hand="reply"]`)
	}
	raw := func(hex string) {
		t.Helper()
		p.choose("#b-type", "raw")
		p.typeInto("#b-raw", hex)
		reply(hex)
	}
	p.choose("#b-type", "CONNACK")
	reply("20 02 00 00")
	p.now("suback")

	// One return code is too few: the first byte that differs is shown.
	raw("90 03 00 0a 01")
	p.waitText("#step-suback .lab-note", "Byte 2 is the first that differs: 0x03 instead of 0x04.")
	raw("90 04 00 0a 01 02")
	p.now("puback")

	p.click(`#step-puback input[value="1"]`)
	p.click(`#step-puback button[type="submit"]`)
	p.waitText("#step-puback .lab-right", "Right")
	p.choose("#b-type", "PUBACK")
	p.typeInto(control("PUBACK", "packet_id"), "11")
	reply("40 02 00 0b")
	p.now("exactly-once")
	raw("50 02 00 0c")
	raw("70 02 00 0c")
	p.now("ping")
	p.choose("#b-type", "PINGRESP")
	reply("d0 00")
	p.now("deliver")

	p.wait("the lamp has come", `[...document.querySelectorAll(".client")].some((row) => row.textContent.includes("lamp") && row.dataset.state === "open")`)
	lamp := eval[string](p, `[...document.querySelectorAll(".client")].find((row) => row.textContent.includes("lamp")).dataset.id`)
	sensor := eval[string](p, `[...document.querySelectorAll(".client")].find((row) => row.textContent.includes("sensor")).dataset.id`)
	p.choose("send-bar select", lamp)
	raw("20 02 00 00")
	p.choose("#b-type", "PUBACK")
	p.typeInto(control("PUBACK", "packet_id"), "77")
	reply("40 02 00 4d")
	p.choose("send-bar select", sensor)
	raw("32 12 00 0a 68 6f 75 73 65 2f 64 6f 6f 72 00 01 6f 70 65 6e")
	p.now("goodbye")
	p.checkAccessibility("a person is the broker")
	p.click(`#step-goodbye input[value="3"]`)
	p.click(`#step-goodbye button[type="submit"]`)
	p.now("")
	p.waitText(".lab-done", "All steps are passed.")
	p.view(390, 844, true)
	p.noWiderThan(390)
}
