package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// Every type in every version that has it is built without a fault of the
// form, and reads as what it is.
func TestBuildEveryVersion(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	types := strings.Fields("CONNECT CONNACK PUBLISH PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK UNSUBSCRIBE UNSUBACK PINGREQ PINGRESP DISCONNECT AUTH")
	for _, version := range []string{"3.1", "3.1.1", "5.0"} {
		p.choose("#b-version", version)
		for _, name := range types {
			if name == "AUTH" && version != "5.0" {
				continue
			}
			p.choose("#b-type", name)
			p.wait(name+" in "+version, fmt.Sprintf(`document.querySelector(".builder-problem").hidden &&
				document.querySelector('%s').dataset.type === "%s" && document.querySelector('%[1]s').dataset.version === "%[3]s"`, draft, name, version))
		}
	}
	p.choose("#b-type", "AUTH")
	p.choose("#b-version", "3.1.1")
	p.wait("there is no AUTH before 5.0", `document.querySelector("#b-type").value === "CONNECT"`)
}

// TestBuildProperties builds packets of 5.0 with properties and talks to the
// broker with them.
func TestBuildProperties(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	p.choose("#b-version", "5.0")
	p.waitDraft("10 11 00 04 4d 51 54 54 05 02 00 3c 00 00 04 6c 61 62 41")
	p.choose(`fieldset[data-type="CONNECT"] [data-property-add]`, "receive_maximum")
	p.typeInto(`[data-property="receive_maximum"] input`, "20")
	p.waitDraft("10 14 00 04 4d 51 54 54 05 02 00 3c 03 21 00 14 00 04 6c 61 62 41")
	p.checkAccessibility("builder with a property")
	p.click("[data-send]")
	p.ladderSays("client: CONNECT labA", "server: CONNACK")

	p.choose("#b-type", "SUBSCRIBE")
	p.click(control("SUBSCRIBE", "no_local"))
	p.choose(control("SUBSCRIBE", "qos"), "0")
	p.waitDraft("82 0c 00 01 00 00 06 74 65 73 74 2f 23 04")
	p.click("[data-send]")
	p.ladderSays("server: SUBACK")

	p.choose("#b-type", "PUBLISH")
	p.choose(control("PUBLISH", "qos"), "0")
	p.typeInto(control("PUBLISH", "payload"), "x")
	for i, pair := range [][2]string{{"a", "1"}, {"b", "2"}} {
		p.choose(`fieldset[data-type="PUBLISH"] [data-property-add]`, "user_property")
		row := fmt.Sprintf(`[data-property="user_property"]:nth-child(%d) [data-part=`, i+1)
		p.typeInto(row+`"key"]`, pair[0])
		p.typeInto(row+`"value"]`, pair[1])
	}
	p.waitDraft("30 18 00 06 74 65 73 74 2f 61 0e 26 00 01 61 00 01 31 26 00 01 62 00 01 32 78")
	p.click(`[data-property="user_property"]:nth-child(1) [data-property-remove]`)
	p.waitDraft("30 11 00 06 74 65 73 74 2f 61 07 26 00 01 62 00 01 32 78")
	p.do(chromedp.Focus(`[data-property="user_property"] [data-part="key"]`))
	p.wait("the property's seven bytes are lit", `document.querySelectorAll('`+draft+` .x.is-lit').length === 7`)

	// A packet of another version than the connection's is pointed out.
	p.choose("#b-version", "3.1.1")
	p.waitText(".send-say", "speaks 5.0")
}
