package flow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// FuzzInput feeds random packets of random senders: whatever comes, the
// results are in bounds, have messages, and cite rules that exist.
func FuzzInput(f *testing.F) {
	f.Add([]byte("\x01\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a\x02\x20\x02\x00\x00\x01\x32\x05\x00\x01x\x00\x07\x02\x40\x02\x00\x07"), byte(3))
	f.Add([]byte("\x01\x10\x0e\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x01a\x02\x20\x03\x00\x00\x00\x01\x30\x07\x00\x01x\x03\x23\x00\x01"), byte(2))
	f.Fuzz(func(t *testing.T, data []byte, how byte) {
		version := packet.Versions[how%3]
		in := flow.NewInput(flow.Options{Version: version, Whole: how&4 != 0})
		d := packet.Decoder{Version: version}
		index := 0
		check := func(fd flow.Finding) {
			text := spec.Message(spec.English, fd.Key, fd.Args...)
			if strings.Contains(text, "⟦") {
				t.Fatalf("no message: %s", text)
			}
			if _, ok := spec.Lookup(d.Version, fd.Rule); !ok && !strings.HasPrefix(fd.Rule, "§") {
				t.Fatalf("%s cites %q, which %s does not have", fd.Code, fd.Rule, d.Version)
			}
		}
		for len(data) > 1 && index < 300 {
			seen := flow.Seen{Index: index, From: packet.Party(data[0] % 3), At: int64(index) * 1e9, Timed: true, Type: packet.Type(data[1] >> 4)}
			data = data[1:]
			n, err := packet.Size(data)
			if err != nil || n == 0 || n > len(data) {
				in.Gap()
				continue
			}
			if p, err := d.Decode(data[:n]); err == nil {
				seen.Packet = p
			}
			r := in.See(seen)
			for _, l := range r.Links {
				if l.To < 0 || l.To > index {
					t.Fatalf("link to %d from %d", l.To, index)
				}
				if text := spec.Message(spec.English, l.Key, l.Args...); strings.Contains(text, "⟦") {
					t.Fatalf("no message: %s", text)
				}
			}
			for _, fd := range r.Findings {
				check(fd)
			}
			data = data[n:]
			index++
		}
		for _, l := range in.End() {
			if l.Index < 0 || l.Index >= index {
				t.Fatalf("late finding for packet %d of %d", l.Index, index)
			}
			check(l.Finding)
		}
	})
}

// TestBounded fills a connection with everything that is remembered.
func TestBounded(t *testing.T) {
	c := flow.New(flow.Options{Version: packet.V5, Whole: true})
	connect := packet.NewConnect(packet.V5)
	connect.CleanSession, connect.ClientID = true, "a"
	c.Add(0, packet.Client, connect)
	c.Add(1, packet.Server, &packet.Connack{Properties: packet.Properties{{ID: packet.TopicAliasMaximum, Number: 65535}}})
	long := strings.Repeat("x", 60000)
	index := 2
	for i := range 3000 {
		topic := fmt.Sprint(long, i)
		c.Add(index, packet.Client, &packet.Publish{Topic: topic, Properties: packet.Properties{{ID: packet.TopicAlias, Number: uint32(i + 1)}}})
		c.Add(index+1, packet.Client, &packet.Subscribe{PacketID: uint16(i + 1), Subscriptions: []packet.Subscription{{Filter: topic}}})
		c.Add(index+2, packet.Client, &packet.Ping{Kind: packet.PINGREQ})
		index += 3
	}
	if kept := flow.Kept(c); kept > 1<<20+200 {
		t.Errorf("%d bytes of topics and filters are kept", kept)
	}
	// What had no room is not held against anyone.
	r := c.Add(index, packet.Client, &packet.Publish{Properties: packet.Properties{{ID: packet.TopicAlias, Number: 2999}}})
	if r.Topic != "" || len(r.Findings) > 0 {
		t.Errorf("alias without room: %+v", r)
	}
	if r := c.Add(index+1, packet.Server, &packet.Publish{Topic: "elsewhere"}); len(r.Findings) > 0 {
		t.Errorf("delivery after an overflow: %+v", r.Findings)
	}
	r = c.Add(index+2, packet.Server, &packet.Suback{PacketID: 2999, Codes: []packet.ReasonCode{0}})
	if len(r.Links) != 1 || len(r.Findings) > 0 {
		t.Errorf("SUBACK for a SUBSCRIBE without room: %+v", r)
	}
}

// Every check has a message, and cites what exists in the versions it is for.
func TestChecks(t *testing.T) {
	for _, c := range flow.Checks() {
		if !spec.HasMessage("flow." + c.Slug) {
			t.Errorf("no message flow.%s", c.Slug)
		}
		for v, rules := range map[packet.Version][]string{packet.V311: c.V311, packet.V5: c.V5} {
			for _, rule := range rules {
				if _, ok := spec.Lookup(v, rule); !ok && rule != "" && !strings.HasPrefix(rule, "§") {
					t.Errorf("%s cites %s, which %s does not have", c.Slug, rule, v)
				}
			}
		}
	}
}

// unseen are the statements that the catalogue gives to a connection's
// packets and that are not checked, with the reason.
var unseen = map[packet.Version]map[string]string{
	packet.V311: {
		"MQTT-3.1.3-9":  "why a server rejects an identifier is its own affair",
		"MQTT-3.2.2-6":  "a code that does not exist is a fault of the CONNACK itself",
		"MQTT-3.1.4-4":  "a server may refuse a good CONNECT for reasons of its own",
		"MQTT-3.14.4-1": "closing is TCP's; packets after DISCONNECT are MQTT-3.14.4-2",
	},
	packet.V5: {
		"MQTT-3.1.2-2":  "which versions a server wants is its own affair",
		"MQTT-3.1.3-8":  "why a server rejects an identifier is its own affair",
		"MQTT-3.1.4-5":  "a server may refuse a good CONNECT for reasons of its own",
		"MQTT-3.14.4-2": "closing is TCP's; packets after DISCONNECT are MQTT-3.14.4-1",
		"MQTT-4.12.0-1": "a permission; packets after a refusal are MQTT-3.2.2-7",
	},
}

// Every statement that a connection's packets can show is checked, or listed
// above.
func TestEveryConnectionStatement(t *testing.T) {
	for _, v := range []packet.Version{packet.V311, packet.V5} {
		checked := flow.Statements(v)
		for _, s := range spec.Statements(v) {
			_, excused := unseen[v][s.ID]
			if is := slices.Contains(checked, s.ID); s.Judged == spec.JudgedByConnection && is == excused {
				t.Errorf("%s %s: checked %v, excused %v", v, s.ID, is, excused)
			}
		}
		for _, id := range checked {
			if _, ok := spec.Lookup(v, id); !ok {
				t.Errorf("%s has no %s", v, id)
			}
		}
	}
}
