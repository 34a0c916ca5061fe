package web

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"testing"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

func render(t *testing.T, p annotate.Packet) string {
	t.Helper()
	var b bytes.Buffer
	if err := PacketView(p, View{Scope: "t"}).Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestEveryByteHasACellAndAField(t *testing.T) {
	for _, s := range galleryPackets(spec.English) {
		if s.rest != nil {
			continue
		}
		pv := newPacketView(s.packet, View{})
		for i, owner := range pv.Owner {
			if owner == nil {
				t.Errorf("%s: byte %d has no field", s.name, i)
			}
		}
		cells := strings.Count(render(t, s.packet), `class="x `)
		if want := min(len(pv.Raw), maxCells+perRow); cells > want || len(pv.Raw) <= maxCells && cells != want {
			t.Errorf("%s: %d cells for %d bytes", s.name, cells, len(pv.Raw))
		}
		seen := map[string]bool{}
		for _, n := range pv.All {
			if seen[n.Key] {
				t.Errorf("%s: two fields have the key %s", s.name, n.Key)
			}
			seen[n.Key] = true
		}
	}
}

func TestLengthsAddUp(t *testing.T) {
	for _, s := range galleryPackets(spec.English) {
		if s.rest != nil || len(s.packet.Fields) == 0 {
			continue
		}
		pv := newPacketView(s.packet, View{})
		if pv.remaining() == nil || pv.missing() > 0 {
			continue
		}
		sum := 0
		for _, p := range pv.parts() {
			sum += p.Length
		}
		if got := pv.remaining().shown(); strconv.Itoa(sum) != got {
			t.Errorf("%s: the parts add up to %d, the Remaining Length is %s", s.name, sum, got)
		}
	}
}

func TestHostileTextIsInert(t *testing.T) {
	hostile := `<img src=x onerror=alert(1)>` + "\u202e\x00\x1b"
	b, err := packet.Append(nil, &packet.Publish{Topic: hostile, Payload: []byte(hostile)}, packet.V311)
	if err != nil {
		t.Fatal(err)
	}
	html := render(t, annotate.One(b, annotate.Options{Version: packet.V311}))
	for _, bad := range []string{"<img", "\u202e", "\x00", "\x1b"} {
		if strings.Contains(html, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
}

func TestCitations(t *testing.T) {
	for text, want := range map[string]string{
		"closes [MQTT-3.1.0-2].": `closes <a href="/reference/rules-3.1.1#MQTT-3.1.0-2">[MQTT-3.1.0-2]</a>.`,
		"short [MQTT-1.5.5-1]":   `short <a href="/reference/rules-5.0#MQTT-1.5.5-1">[MQTT-1.5.5-1]</a>`,
		"none [MQTT-9.9.9-9]":    `none [MQTT-9.9.9-9]`,
	} {
		var b bytes.Buffer
		if err := prosePage(text, packet.V311).Render(context.Background(), &b); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(b.String()); got != "<p>"+want+"</p>" {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func TestVisible(t *testing.T) {
	if got, want := visible("a\x00b\u202ec\x7f\xffé"), `a\x00b\u202ec\x7f\xffé`; got != want {
		t.Errorf("visible: %q, want %q", got, want)
	}
}
