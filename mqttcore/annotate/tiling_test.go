package annotate_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// FuzzText holds the annotation to its contract for any text: packets and
// rest cover the bytes, leaves cover each packet, every place is in bounds,
// no message is missing, and a repair is never itself a worse packet.
func FuzzText(f *testing.F) {
	f.Add("10 26 00 04 4D 51 54 54 04 C2 00 3C 00 09", byte(0))
	f.Add("82 09 00 01 00 04 74 65 73 74 00", byte(1))
	f.Add("e0 01 04 f0 00 30 ff ff ff ff 7f", byte(3))
	f.Add("10 18 00 04 4d 51 54 54 05 02 00 3c 08 11 00 00 00 0a 21 00 14 00 03 63 69 64", byte(0))
	f.Fuzz(func(t *testing.T, text string, version byte) {
		o := annotate.Options{}
		if version%4 > 0 {
			o.Version = packet.Versions[version%4-1]
		}
		if version&4 != 0 {
			o.Lang = spec.Chinese
		}
		d := annotate.Text(text, o)
		out := encoded(t, &d)
		if ours := string(d.AppendJSON(nil)); ours != out {
			t.Fatalf("AppendJSON wrote %s\nencoding/json: %s", ours, out)
		}
		if strings.Contains(out, "⟦") {
			t.Fatalf("a message is missing: %s", out)
		}
		next := 0
		for _, p := range d.Packets {
			if p.Offset != next {
				t.Fatalf("packet %d begins at %d, the one before ends at %d", p.Index, p.Offset, next)
			}
			next += p.Length
			checkPacket(t, p)
			if b, err := hex.DecodeString(p.Hex); err == nil {
				checkExplainer(t, b, annotate.Options{Version: o.Version, Lang: o.Lang})
			}
			for _, q := range p.Alternatives {
				checkPacket(t, q)
			}
		}
		if d.Rest != nil {
			if d.Rest.Offset != next {
				t.Fatalf("the rest begins at %d, the packets end at %d", d.Rest.Offset, next)
			}
			next += d.Rest.Length
		}
		if next != d.Source.Bytes {
			t.Fatalf("packets and rest cover %d of %d bytes", next, d.Source.Bytes)
		}
	})
}

func checkPacket(t *testing.T, p annotate.Packet) {
	t.Helper()
	if len(p.Hex) != 2*p.Length {
		t.Fatalf("%d bytes, but hex %s", p.Length, p.Hex)
	}
	if end := checkLeaves(t, p.Fields, 0); end != p.Length {
		t.Fatalf("leaves cover %d of %d bytes of %s", end, p.Length, p.Hex)
	}
	for _, f := range p.Findings {
		if f.Offset < 0 || f.Length < 0 || f.Offset+f.Length > p.Length {
			t.Fatalf("finding %s at %d+%d of %d bytes", f.Code, f.Offset, f.Length, p.Length)
		}
		if f.Repair != nil {
			if b, err := hex.DecodeString(f.Repair.Hex); err != nil || len(b) == 0 {
				t.Fatalf("repair of %s is %q", f.Code, f.Repair.Hex)
			}
		}
	}
}

func checkLeaves(t *testing.T, fields []annotate.Field, next int) int {
	t.Helper()
	for _, f := range fields {
		if len(f.Fields) > 0 && f.Fields[0].Bits == nil {
			next = checkLeaves(t, f.Fields, next)
			continue
		}
		if f.Offset != next {
			t.Fatalf("%s begins at %d, the leaf before ends at %d", f.Name, f.Offset, next)
		}
		next += f.Length
		bit := 7
		for _, b := range f.Fields {
			if b.Bits == nil || b.Bits[0] != bit {
				t.Fatalf("bits of %s: %v, want from %d", f.Name, b.Bits, bit)
			}
			bit = b.Bits[1] - 1
		}
		if len(f.Fields) > 0 && bit != -1 {
			t.Fatalf("bits %d to 0 of %s are in no field", bit, f.Name)
		}
	}
	return next
}

// TestLongPacketsAreFolded explains packets with more fields than anybody
// reads: no byte is lost, and it takes no longer than for a short one.
func TestLongPacketsAreFolded(t *testing.T) {
	subscribe := &packet.Subscribe{PacketID: 1}
	for range 100_000 {
		subscribe.Subscriptions = append(subscribe.Subscriptions, packet.Subscription{Filter: "a#", QoS: 3})
	}
	publish := &packet.Publish{Topic: "a", Payload: []byte("hello")}
	for range 50_000 {
		publish.Properties = append(publish.Properties, packet.Property{ID: packet.UserProperty, Key: "k", Text: "v"})
	}
	for _, p := range []packet.Packet{subscribe, publish} {
		b, err := packet.Append(nil, p, packet.V5)
		if err != nil {
			t.Fatal(err)
		}
		a := annotate.One(b, annotate.Options{Version: packet.V5})
		checkPacket(t, a)
		if n := countFields(a.Fields); n > 3000 {
			t.Errorf("%s: %d fields are listed", a.Type, n)
		}
		if len(a.Findings) > 300 {
			t.Errorf("%s: %d findings are listed", a.Type, len(a.Findings))
		}
		for _, f := range a.Fields {
			if f.Name == "mqtt.properties" {
				if end := checkLeaves(t, f.Fields, f.Offset); end != f.Offset+f.Length {
					t.Errorf("the leaves of the properties end at %d, the properties at %d", end, f.Offset+f.Length)
				}
			}
		}
	}
}

func countFields(list []annotate.Field) int {
	n := len(list)
	for _, f := range list {
		n += countFields(f.Fields)
	}
	return n
}
