package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// draft is the packet that the builder's form makes, slot where it is shown.
const (
	draft = `.packet[data-scope="bench"]`
	slot  = "#packet-slot"
)

func (p *page) waitDraft(hex string) {
	p.t.Helper()
	hex = strings.ToLower(strings.ReplaceAll(hex, " ", ""))
	p.wait("draft "+hex, fmt.Sprintf(`document.querySelector("packet-builder").hex === "%s"`, hex))
}

// control selects a form control of a packet type by its key in the JSON form.
func control(packetType, key string) string {
	return fmt.Sprintf(`fieldset[data-type="%s"] [data-key="%s"]`, packetType, key)
}

func TestBuildFieldByField(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	p.waitDraft("10 10 00 04 4d 51 54 54 04 02 00 3c 00 04 6c 61 62 41")

	// One letter more: it and both lengths before it change at the keystroke.
	p.do(chromedp.Focus(control("CONNECT", "client_id")), chromedp.KeyEvent(kb.End), chromedp.KeyEvent("B"))
	p.waitDraft("10 11 00 04 4d 51 54 54 04 02 00 3c 00 05 6c 61 62 41 42")
	if at := eval[string](p, `document.activeElement.dataset.key`); at != "client_id" {
		t.Errorf("the focus moved to %q", at)
	}

	// Flags make their fields appear.
	for _, use := range []string{"use.will", "use.username", "use.password"} {
		p.click(control("CONNECT", use))
	}
	p.typeInto(control("CONNECT", "client_id"), "123456789")
	p.typeInto(control("CONNECT", "will.topic"), "lwt")
	p.typeInto(control("CONNECT", "will.payload"), "gone offline")
	p.typeInto(control("CONNECT", "username"), "admin")
	p.typeInto(control("CONNECT", "password"), "password")
	p.waitDraft("10 39 00 04 4d 51 54 54 04 c6 00 3c 00 09 31 32 33 34 35 36 37 38 39 00 03 6c 77 74" +
		"00 0c 67 6f 6e 65 20 6f 66 66 6c 69 6e 65 00 05 61 64 6d 69 6e 00 08 70 61 73 73 77 6f 72 64")
	p.waitText(draft, "57 = 10 + 11 + 5 + 14 + 7 + 10")

	// The two bytes of flags are eight named cells each.
	if n := eval[int](p, `document.querySelectorAll('`+draft+` .bits .bit-digits td').length`); n != 16 {
		t.Errorf("%d bit cells, want 16", n)
	}

	p.checkLinks("mqtt.willtopic", control("CONNECT", "will.topic"))
	p.checkLinks("mqtt.kalive", control("CONNECT", "keep_alive"))
	p.checkAccessibility("bench with a CONNECT")
	p.picture("build")
}

// checkLinks points at the byte, at the tree's row and at the form control of
// a field in turn, and wants all three lit each time; then holds and lets go.
func (p *page) checkLinks(field, formControl string) {
	p.t.Helper()
	lit := fmt.Sprintf(`document.querySelector('%[1]s .x[data-f="%[2]s"]').matches(".is-lit") &&
		document.querySelector('%[1]s .field[data-f="%[2]s"]').matches(".is-lit") &&
		document.querySelector('%[3]s').closest("[data-fields]").matches(".is-lit")`, draft, field, formControl)
	hover := func(selector string) {
		eval[bool](p, fmt.Sprintf(`(document.querySelector(%s).scrollIntoView({block: "center"}),
			document.querySelector(%[1]s).dispatchEvent(new PointerEvent("pointerover", {bubbles: true, pointerType: "mouse"})), true)`, quote(selector)))
	}
	// The mouse rests where nothing scrolls away below it: that would hover, too.
	p.do(chromedp.MouseClickXY(700, 5))
	for _, part := range []string{
		fmt.Sprintf(`%s .x[data-f="%s"]`, draft, field),
		fmt.Sprintf(`%s .field[data-f="%s"]`, draft, field),
		formControl,
	} {
		hover(draft + " .packet-name")
		p.wait("nothing lit", `document.querySelectorAll(".x.is-lit").length === 0`)
		hover(part)
		p.wait(part+" lights "+field+" everywhere", lit)
	}
	p.do(chromedp.Focus(fmt.Sprintf(`%s .x[data-f="%s"]`, draft, field)))
	p.wait("focus lights, too", lit)
	p.click(fmt.Sprintf(`%s .x[data-f="%s"]`, draft, field))
	p.wait("click holds", fmt.Sprintf(`document.querySelector('%s .x[data-f="%s"]').matches(".is-held")`, draft, field))
	p.wait("its explanation is shown", fmt.Sprintf(`document.querySelector('%s .explain [data-explains="%s"]').matches(".is-shown")`, draft, field))
	p.do(chromedp.KeyEvent("\x1b"))
	p.wait("Escape lets go", `document.querySelectorAll(".is-held").length === 0`)
}

func TestBuildEveryType(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	p.waitDraft("10 10 00 04 4d 51 54 54 04 02 00 3c 00 04 6c 61 62 41")
	type set [][2]string // key and value, in the order of typing
	tests := []struct {
		packetType string
		values     set
		hex        string
	}{
		{"PUBLISH", set{{"topic", "test/a"}, {"payload", "hell"}, {"qos", "1"}, {"packet_id", "7"}}, "32 0e 00 06 74 65 73 74 2f 61 00 07 68 65 6c 6c"},
		{"SUBSCRIBE", set{{"packet_id", "1"}, {"filter", "test"}, {"qos", "0"}}, "82 09 00 01 00 04 74 65 73 74 00"},
		{"UNSUBSCRIBE", set{{"packet_id", "2"}, {"filter", "test"}}, "a2 08 00 02 00 04 74 65 73 74"},
		{"PUBACK", set{{"packet_id", "7"}}, "40 02 00 07"},
		{"PUBREC", set{{"packet_id", "258"}}, "50 02 01 02"},
		{"PUBREL", set{{"packet_id", "7"}}, "62 02 00 07"},
		{"PUBCOMP", set{{"packet_id", "7"}}, "70 02 00 07"},
		{"PINGREQ", set{}, "c0 00"},
		{"DISCONNECT", set{}, "e0 00"},
	}
	for _, test := range tests {
		p.choose("#b-type", test.packetType)
		for _, v := range test.values {
			selector := control(test.packetType, v[0])
			if v[0] == "qos" {
				p.choose(selector, v[1])
			} else {
				p.typeInto(selector, v[1])
			}
		}
		p.waitDraft(test.hex)
	}

	// Any bytes, right or wrong.
	p.choose("#b-type", "raw")
	p.typeInto("#b-raw", "1f 0f 00 04 4d 51 54 54 04 02 00 0a 00 03 63 69 64")
	p.waitText(slot, "MQTT-2.2.2-2")
	p.typeInto("#b-raw", "c0 0")
	p.waitText(slot, "stands alone")
}
