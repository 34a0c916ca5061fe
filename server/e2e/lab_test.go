package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// now waits until a step of the lab is the one at hand; "" for none.
func (p *page) now(step string) {
	p.t.Helper()
	p.wait("the step at hand is "+step, fmt.Sprintf(`(document.querySelector(".lab-step[data-now]")?.dataset.step ?? "") === %s`, quote(step)))
}

// TestLab goes through the first lab as a student does.
func TestLab(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/labs")
	p.waitText("h1", "Labs")
	p.checkAccessibility("labs")
	p.picture("labs")
	p.click(`.lab-entry a[href="/labs/first-connect"]`)
	p.waitText("h1", "Your first CONNECT")
	p.checkAccessibility("a lab before it is begun")
	p.click(`form[action="/labs/first-connect"] button`)
	p.now("open")
	p.waitText(".live-state", "live")
	p.checkAccessibility("a lab that was begun")
	for _, how := range []func(){func() { p.keys(kb.Escape) }, func() { p.click(".flow-head h2") }} {
		p.click(".lab-menu > summary")
		p.waitText(".lab-menu-list", "All labs")
		how()
		p.wait("the menu is shut", `!document.querySelector(".lab-menu").open`)
	}

	p.click(`.client [data-act="open"]`)
	p.now("build")
	p.waitText("#step-open .lab-after", "Opening the connection made no MQTT packet")
	const covered = `(() => { const box = (e) => e.getBoundingClientRect(), s = box(document.querySelector(%s));
		const word = document.createElement("p"); // as toast.js makes it, but it stays
		word.className = "toast"; word.textContent = "Passed: Open the connection"; document.querySelector("#toasts").replaceChildren(word);
		const t = box(word); return t.left < s.right && t.right > s.left && t.top < s.bottom && t.bottom > s.top })()`
	p.waitText(".toast", "Passed")
	if eval[bool](p, fmt.Sprintf(covered, quote("[data-send]"))) {
		t.Error("the word of what was passed covers Send")
	}
	p.view(390, 844, false)
	if eval[bool](p, fmt.Sprintf(covered, quote(".views"))) {
		t.Error("the word of what was passed covers the views' buttons")
	}
	p.view(1440, 900, false)

	// Handed in too early: the first byte that differs is shown, not the answer.
	p.click(`[data-lab="build"]`)
	p.waitText("#step-build .lab-note", "Byte 2 is the first that differs: 0x10 instead of 0x0f.")
	if text := p.text("#step-build .lab-bytes"); len(text) == 0 {
		t.Error("the bytes are not shown")
	}
	p.checkAccessibility("a packet that is not right")
	p.picture("lab")
	p.view(390, 844, true)
	p.noWiderThan(390)
	p.checkAccessibility("a lab on a phone, dark")
	p.view(1440, 900, false)
	p.typeInto(control("CONNECT", "client_id"), "ada")
	p.waitDraft("10 0f 00 04 4d 51 54 54 04 02 00 3c 00 03 61 64 61")
	p.click(`[data-lab="build"]`)
	p.now("length")

	// A wrong answer is said so and can be mended.
	p.typeInto(`#step-length input[name="answer"]`, "15")
	p.click(`#step-length button[type="submit"]`)
	p.waitText("#step-length [data-lab-wrong]", "Not right")
	p.typeInto(`#step-length input[name="answer"]`, "20")
	p.click(`#step-length button[type="submit"]`)
	p.now("send")

	p.click("[data-send]")
	p.now("again")
	p.click(`#step-again input[value="3"]`)
	p.click(`#step-again button[type="submit"]`)
	p.waitText("#step-again .lab-right", "Right")
	p.click("[data-send]")
	p.now("")
	p.waitText(".lab-done", "All steps are passed.")
	p.checkAccessibility("a lab that is done")

	// What is passed outlives the page, in the language that was chosen.
	p.open(eval[string](p, `location.href`) + "?lang=zh")
	p.waitText(".lab-done", "所有步骤都已通过")
	p.now("")
}

// TestLabIsKeptApart: what is typed in one step survives what happens on the
// wire meanwhile, and setting the bench up again keeps what is passed.
func TestLabIsKeptApart(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/labs/first-connect")
	p.click(`form[action="/labs/first-connect"] button`)
	p.now("open")
	p.click(`.client [data-act="open"]`)
	p.now("build")
	p.typeInto(control("CONNECT", "client_id"), "ada")
	p.waitDraft("10 0f 00 04 4d 51 54 54 04 02 00 3c 00 03 61 64 61")
	p.click(`[data-lab="build"]`)
	p.now("length")
	p.typeInto(`#step-length input[name="answer"]`, "1")
	rev := eval[string](p, `document.querySelector("[data-rev]").dataset.rev`)
	p.click(`.client [data-act="abort"]`)
	p.click(`.lab-menu > summary`)
	p.click(`[data-lab="undo"]`)
	p.wait("the steps were drawn anew", fmt.Sprintf(`document.querySelector("[data-rev]").dataset.rev !== %s`, quote(rev)))
	if typed := eval[string](p, `document.querySelector('#step-length input[name="answer"]').value`); typed != "1" {
		t.Errorf("what was typed is now %q", typed)
	}
	p.now("length")
	p.wait("the client is fresh", `document.querySelectorAll(".client").length === 1 && document.querySelector(".client").dataset.state === "new"`)
}
