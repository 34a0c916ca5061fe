package e2e

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// openFile gives a file to the decode page as its button does.
func (p *page) openFile(path string) {
	p.t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatal(err)
	}
	eval[bool](p, fmt.Sprintf(`(() => {
		const bytes = Uint8Array.from(atob(%s), c => c.charCodeAt(0));
		const all = new DataTransfer();
		all.items.add(new File([bytes], %s));
		const input = document.querySelector("#decode-file");
		input.files = all.files;
		return input.dispatchEvent(new Event("change", {bubbles: true}));
	})()`, quote(base64.StdEncoding.EncodeToString(content)), quote(filepath.Base(path))))
}

func (p *page) noWiderThan(pixels int) {
	p.t.Helper()
	if wide := eval[int](p, `document.documentElement.scrollWidth`); wide > pixels {
		p.t.Errorf("the page is %d pixels wide, the window %d", wide, pixels)
	}
}

func TestDecodeFile(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/decode")
	p.openFile(filepath.Join("..", "..", "testdata", "capture", "mosquitto-mqttv5.pcapng"))
	p.waitText(".packet-list", "CONNECT")
	p.waitText(".packet-list", "PUBLISH")

	// A packet names those that it belongs to, and a link leads there.
	p.waitText(".capture-flow", "answers the CONNECT of packet 0")
	p.click("tr:has(.capture-flow) .packet-link")
	p.waitText(".capture-packet > .capture-flow", "answers the CONNECT of packet 0")
	p.click(".flow-link")
	p.wait("packet 0 is selected", `document.querySelector("#file-packet-0 .packet-link[aria-current]") !== null`)
	p.waitText(".capture-packet", "Protocol Name")

	// The filter answers a mistake with its place and a mend, and then selects.
	p.typeInto("#file-filter", "mqtt.msgtyp == PUBLISH")
	p.do(chromedp.KeyEvent(kb.Enter))
	p.waitText(".filter-mistake mark", "mqtt.msgtyp")
	p.click(".capture [data-filter]")
	p.wait("only PUBLISH is listed", `document.querySelectorAll(".packet-list .type-badge").length > 0 &&
		[...document.querySelectorAll(".packet-list .type-badge")].every(e => e.textContent === "PUBLISH")`)

	// A packet is read byte by byte; the arrow keys go on.
	p.click(".packet-link")
	p.waitText(".capture-packet", "Topic Name")
	first := eval[string](p, `document.querySelector(".packet-link[aria-current]").dataset.origin`)
	p.do(chromedp.KeyEvent(kb.ArrowDown))
	p.wait("the next packet", `document.querySelector(".packet-link[aria-current]").dataset.origin !== `+quote(first))
	p.checkAccessibility("decode with a file")
	p.picture("decode-file")
	p.view(390, 844, true)
	p.noWiderThan(390)
	p.checkAccessibility("decode with a file on a phone, dark")
}

func TestDecodeOtherReading(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/decode?text=1000+0c00+0004+4d51")
	if eval[bool](p, `document.querySelector(".readings") === null`) {
		t.Fatal("no other reading is offered")
	}
	before := p.text(".source-title small")
	p.click(".readings button")
	p.wait("it is read in the other way", `document.querySelector(".source-title small").innerText !== `+quote(before))
}
