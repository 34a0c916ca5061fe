package web

import (
	"strings"
	"testing"

	"mqttlab/mqttcore/packet"
)

// A line's end is a space, whatever the next line begins with; between two
// Chinese characters it is none.
func TestLinesOfProse(t *testing.T) {
	for text, want := range map[string]string{
		"send a\n**PINGREQ** now":      "<p>send a\n<strong>PINGREQ</strong> now</p>",
		"send\n`c0 00`":                "<p>send\n<code>c0 00</code></p>",
		"see\n[*this* page](/labs)":    "<p>see\n<a href=\"/labs\"><em>this</em> page</a></p>",
		"**send**\nit":                 "<p><strong>send</strong>\nit</p>",
		"send\nit":                     "<p>send\nit</p>",
		"发送\n**报文**":                   "<p>发送<strong>报文</strong></p>",
		"发送\n报文":                       "<p>发送报文</p>",
		"发送\n`c0 00`":                  "<p>发送\n<code>c0 00</code></p>",
		"send\n[MQTT-3.1.0-1] **now**": "<p>send\n<a href=\"" + string(ruleLink(packet.V311, "MQTT-3.1.0-1")) + "\">[MQTT-3.1.0-1]</a> <strong>now</strong></p>",
	} {
		var b strings.Builder
		if err := prosePage(text, packet.V311).Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(b.String()); got != want {
			t.Errorf("%q: %s, not %s", text, got, want)
		}
	}
}
