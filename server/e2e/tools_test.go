package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// setFile chooses a file in a file input.
func (p *page) setFile(selector, file string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	err := chromedp.Do(ctx, chromedp.SetUploadFiles(selector, []string{file}))
	if err != nil {
		p.t.Fatal(err)
	}
}

// The settings of the broker are made on the page, and a client then gets
// what they say.
func TestSettingsDialog(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t, "422 (Unprocessable Entity)")
	p.view(1440, 900, false)
	p.open(w.url)
	p.click(`[data-dialog="settings"]`)
	p.waitText(".settings legend", "Who may connect")
	p.checkAccessibility("the settings")
	p.typeInto("#setting-users", "ada:secret")
	p.typeInto("#setting-max_qos", "7")
	p.click(`.settings [type="submit"]`)
	p.waitText(".settings .tool-said", "a whole number from 0 to 2")
	p.wait("the field is marked", `document.activeElement.id === "setting-max_qos" && document.activeElement.getAttribute("aria-invalid") === "true"`)
	p.typeInto("#setting-max_qos", "1")
	p.click(`.settings [type="submit"]`)
	p.waitText(".toast", "begun anew")
	p.waitText(".ladder-rows", "began anew")
	if err := w.mosquitto(t, "mosquitto_sub", "-t", "a", "-C", "1", "-W", "5").Run(); err == nil {
		t.Error("a client without a user is let in")
	}
	p.waitText(".ladder-rows", "CONNACK")
	// Passwords are not shown again, and kept where they are not touched.
	p.click(`[data-dialog="settings"]`)
	p.wait("the users are there", `document.querySelector("#setting-users")?.value === "ada" && document.querySelector("#setting-max_qos").value === "1"`)
	p.do(chromedp.KeyEvent("\x1b"))
	p.view(390, 844, true)
	p.click(`[data-dialog="settings"]`)
	p.waitText(".settings legend", "Who may connect")
	p.checkAccessibility("the settings on a phone, dark")
}

// A scenario is replayed from the page; what then was captured is offered as
// files; a capture file is a bench of its own; a new bench is made and removed.
func TestFilesDialog(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t, "422 (Unprocessable Entity)")
	p.view(1440, 900, false)
	p.open(w.url)
	scenario := filepath.Join(t.TempDir(), "scenario.json")
	text := `{"mqttlab": "scenario/1", "title": "from a file", "clients": [{"id": "a", "name": "Alma"}], "steps": [
		{"client": "a", "do": "open"},
		{"client": "a", "do": "send", "packet": {"type": "CONNECT", "client_id": "alma", "clean_session": true}},
		{"client": "a", "do": "expect", "filter": "mqtt.msgtype == 2"}]}`
	if err := os.WriteFile(scenario, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p.click(`[data-dialog="files"]`)
	p.checkAccessibility("the files")
	p.setFile("#replay-file", scenario)
	p.click(`[data-replay] [type="submit"]`)
	p.waitText(".toast", "Replayed to its end")
	if eval[bool](p, `document.querySelector("dialog[open]") !== null`) {
		t.Error("the dialog hides the flow")
	}
	p.waitText(".ladder-rows", "alma, clean session")
	for _, name := range []string{"capture.pcapng", "capture.json", "scenario.json"} {
		got := eval[string](p, `(() => { const r = new XMLHttpRequest(); r.open("GET", document.querySelector('.downloads a[href$="`+name+`"]').href, false); r.send(); return r.status + " " + r.responseText.length })()`)
		if !strings.HasPrefix(got, "200 ") || got == "200 0" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if err := os.WriteFile(scenario, []byte(strings.Replace(text, `"do": "open"`, `"do": "fly"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	p.click(`[data-dialog="files"]`)
	p.setFile("#replay-file", scenario)
	p.click(`[data-replay] [type="submit"]`)
	p.waitText("[data-replay] .tool-said", `steps[0].do: "fly" is not one of`)

	capture, err := filepath.Abs("../../testdata/capture/" + someCapture(t))
	if err != nil {
		t.Fatal(err)
	}
	p.setFile("#import-file", capture)
	p.click(`[data-import] [type="submit"]`)
	p.wait("the page of the capture", `location.pathname.startsWith("/b/")`)
	p.waitText(".ladder-rows", "CONNECT")
	p.click(`.ladder-row`)
	p.waitText("#packet-slot", "Fields")
	p.checkAccessibility("a capture")
	p.waitText(".address", "a capture file")
	if shown := eval[int](p, `[...document.querySelectorAll("[data-new-client], .presets, .wire-toggle, .client-actions, send-bar, [data-dialog=settings]")].filter(e => e.checkVisibility()).length`); shown > 0 {
		t.Errorf("%d controls of what cannot be done with a capture", shown)
	}
	p.view(390, 844, true)
	eval[bool](p, `(location.reload(), true)`)
	p.wait("its flow, on a phone", `document.querySelector("[data-show=flow]")?.ariaPressed === "true"`)
	p.view(1440, 900, false)
	eval[bool](p, `(window.confirm = (asked) => !(window.asked = asked), true)`)
	p.click("[data-remove-bench]")
	p.wait("it is asked first", `window.asked?.includes("all that it has captured")`)
	p.answers()
	p.click("[data-remove-bench]")
	p.wait("the bench main", `location.pathname === "/" && document.querySelector(".live-state")?.dataset.state === "live"`)

	p.click(`[data-dialog="make"]`)
	p.checkAccessibility("a new bench")
	p.click(`[data-make] [type="submit"]`)
	p.wait("the page of the new bench", `location.pathname.startsWith("/b/")`)
	p.waitText("[data-mqtt-address]", "/mqtt/")
	p.waitText(".live-state", "live")
	p.view(390, 844, true)
	p.click(`[data-dialog="files"]`)
	p.checkAccessibility("the files on a phone, dark")
}

// someCapture is a capture of the test data that is small and whole.
func someCapture(t *testing.T) string {
	t.Helper()
	all, err := filepath.Glob("../../testdata/capture/*.pcap*")
	if err != nil || len(all) == 0 {
		t.Fatal("no captures", err)
	}
	for _, file := range all {
		if strings.Contains(file, "mosquitto") {
			return filepath.Base(file)
		}
	}
	return filepath.Base(all[0])
}
