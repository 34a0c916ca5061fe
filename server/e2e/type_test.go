package e2e

import (
	"testing"
)

// Large type is for a room: everything grows, the ladder's rows with it, and
// nothing is pushed out of the window. It is there again after a reload.
func TestLargeType(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url)
	p.wait("the page is live", `document.querySelector(".live-state")?.dataset.state === "live"`)
	if err := w.mosquitto(t, "mosquitto_pub", "-t", "test/a", "-m", "hello", "-q", "1", "-i", "p").Run(); err != nil {
		t.Fatal(err)
	}
	const rows = `[...document.querySelectorAll(".ladder-row.is-packet")].map(e => e.offsetHeight)`
	p.wait("rows of the usual height", rows+`.join() === "42,42,42,42,42"`)
	p.click("type-switch button")
	p.wait("rows that have grown", rows+`.length > 0 && `+rows+`.every(h => h === 53)`)
	p.checkAccessibility("the bench in large type")
	for _, size := range [][2]int64{{1440, 900}, {1280, 720}, {1920, 1080}} {
		p.view(size[0], size[1], false)
		p.wait("all columns stand in the window", `[...document.querySelectorAll(".bench-build, .bench-packet, .bench-flow")].every(e => {
			const r = e.getBoundingClientRect();
			return r.width >= 250 && r.left >= 0 && r.right <= innerWidth + 1;
		})`)
	}
	p.open(w.url + "/labs")
	if got := eval[string](p, `getComputedStyle(document.documentElement).fontSize`); got != "20px" {
		t.Errorf("on another page letters of %s", got)
	}
	p.click("type-switch button")
	if got := eval[string](p, `getComputedStyle(document.documentElement).fontSize`); got != "16px" {
		t.Errorf("letters of %s after the switch went back", got)
	}
}
