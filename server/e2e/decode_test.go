package e2e

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pasted returns the text of a golden file of testdata/packets.
func pasted(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "testdata", "packets", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(string(content), "---\n")
	for strings.HasPrefix(text, "#") {
		_, text, _ = strings.Cut(text, "\n")
	}
	return text
}

func TestDecodePastedDumps(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/decode")
	p.checkAccessibility("decode, empty")
	tests := []struct {
		name string
		says []string
	}{
		{"connect-credentials", []string{"38 = 10 + 11 + 7 + 10", "123456789", "admin", "clear text", "User Name Flag", "90 s"}},
		{"subscribe", []string{"9 = 2 + 6 + 1", "SUBSCRIBE", "90 03 00 01 00"}},
		{"publish-retained-two-levels", []string{"21 = 2 + 6 + 13", "test/#", "RETAIN", "hello_esp8266"}},
		{"connack-called-heartbeat", []string{"CONNACK", "Only a server sends CONNACK", "C0 00"}},
		{"misprint-password", []string{"0x64 would begin a PUBREL", "passswor", "00 09"}},
		{"connect-all-flags", []string{"78 = 10 + 32 + 5 + 14 + 7 + 10", "30 bytes", "1 to 23"}},
		{"reserved-header-bits", []string{"MQTT-2.2.2-2", "must be 0000"}},
		{"reserved-connect-flag", []string{"MQTT-3.1.2-3"}},
		{"type-zero", []string{"0x0A begins no packet", "0xC0 0x00"}},
		{"modem-length", []string{"0x8C 0x01", "belongs to the modem"}},
		{"ping-first", []string{"MQTT-3.1.0-1"}},
		{"cut-short", []string{"23 are missing"}},
		{"not-hex", []string{"is no hex digit"}},
		{"odd-digit", []string{"stands alone"}},
		{"no-hex", []string{"No bytes were found"}},
		{"length-five-bytes", []string{"four bytes"}},
		{"xxd", []string{"xxd", "SUBSCRIBE"}},
		{"hexdump-c", []string{"hexdump -C", "CONNECT"}},
		{"qos2", []string{"PUBREC", "PUBREL", "PUBCOMP"}},
	}
	for _, test := range tests {
		eval[bool](p, `(document.querySelector("textarea").value = `+quote(pasted(t, test.name))+`,
			document.querySelector("textarea").dispatchEvent(new Event("input", {bubbles: true})), true)`)
		for _, say := range test.says {
			p.wait(test.name+" says "+say, `document.querySelector("main").textContent.replace(/\s+/g, " ").includes(`+quote(say)+`)`)
		}
	}
	p.checkAccessibility("decode with packets")
	p.view(390, 844, true)
	p.noWiderThan(390)
	p.checkAccessibility("decode with packets on a phone, dark")
}

// A payload is read as what somebody asks for; a link leads to the packet of
// the same connection that a packet belongs to.
func TestDecodePayloadAndLinks(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/decode?text=" + url.QueryEscape("32 0f 00 01 61 00 07 7b 22 74 22 3a 32 31 2e 35 7d\n40 02 00 07"))
	p.click(`[data-scope="p0"] .field[data-f="mqtt.msg"]`)
	p.click(`[data-scope="p0"] .payload-views details:first-of-type summary`)
	p.waitText(`[data-scope="p0"] .payload-views pre`, `"t": 21.5`)
	eval[bool](p, `(scrollTo(0, 0), true)`) // nothing lies half under the page's header
	p.checkAccessibility("decode with a payload")
	p.click(`[data-scope="p1"] .pane-links a`)
	p.wait("the PUBLISH is in sight", `location.hash === "#p0-title"`)
}
