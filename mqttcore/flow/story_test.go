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

// message is a PUBLISH as Changes takes it, with the size that it has on the wire.
func message(t *testing.T, v packet.Version, p packet.Publish, topic string) flow.Message {
	t.Helper()
	b, err := packet.Append(nil, &p, v)
	if err != nil {
		t.Fatal(err)
	}
	return flow.Message{Publish: &p, Version: v, Topic: topic, Size: len(b)}
}

func TestChanges(t *testing.T) {
	type props = packet.Properties
	number := func(id packet.PropertyID, n uint32) packet.Property { return packet.Property{ID: id, Number: n} }
	user := packet.Property{ID: packet.UserProperty, Key: "k", Text: "v"}
	long := []byte(strings.Repeat("x", 117))
	tests := []struct {
		name     string
		v1, v2   packet.Version
		from, to packet.Publish
		want     []string // key, from → to, rule
	}{
		{"the same", packet.V311, packet.V311, packet.Publish{Topic: "a", Payload: []byte("x")}, packet.Publish{Topic: "a", Payload: []byte("x")}, nil},
		{"31 to 30 bytes and less", packet.V311, packet.V311,
			packet.Publish{Topic: "test/a", QoS: 1, PacketID: 7, Retain: true, Dup: true, Payload: []byte("hello")}, packet.Publish{Topic: "test/a", Payload: []byte("hello")},
			[]string{"copy.length 17 → 15 copy.part.id -2", "copy.dup 1 → 0 MQTT-3.3.1-3", "copy.qos 1 → 0 MQTT-3.8.4-6", "copy.retain-cleared 1 → 0 MQTT-3.3.1-9", "copy.id-gone 7 →  MQTT-2.3.1-5"}},
		{"a Remaining Length of two bytes", packet.V311, packet.V5,
			packet.Publish{Topic: "test/a", QoS: 1, PacketID: 1, Payload: long}, packet.Publish{Topic: "test/a", QoS: 1, PacketID: 2, Payload: long, Properties: props{number(packet.SubscriptionIdentifier, 200), number(packet.SubscriptionIdentifier, 1)}},
			[]string{"copy.length 129 → 136 copy.part.header +1 copy.part.properties +6", "copy.version 3.1.1 → 5.0", "copy.id 1 → 2 MQTT-2.2.1-4", "copy.subscription-id  → 200, 1 MQTT-3.3.4-4"}},
		{"an alias is written out, time is taken off", packet.V5, packet.V5,
			packet.Publish{Properties: props{number(packet.TopicAlias, 2), number(packet.MessageExpiryInterval, 60), user}, Payload: []byte("x")},
			packet.Publish{Topic: "t", Properties: props{number(packet.MessageExpiryInterval, 55), user}, Payload: []byte("x")},
			[]string{"copy.length 21 → 19 copy.part.topic +1 copy.part.properties -3", "copy.alias-resolved 2 →  MQTT-3.3.2-7", "copy.expiry 60 → 55 MQTT-3.3.2-6"}},
		{"the server's alias", packet.V5, packet.V5, packet.Publish{Topic: "t"}, packet.Publish{Properties: props{number(packet.TopicAlias, 1)}},
			[]string{"copy.length 6 → 8 copy.part.topic -1 copy.part.properties +3", "copy.alias-used  → 1 MQTT-3.3.2-11"}},
		{"properties fall away", packet.V5, packet.V311, packet.Publish{Topic: "t", Properties: props{user, user}}, packet.Publish{Topic: "t"},
			[]string{"copy.length 20 → 5 copy.part.properties -15", "copy.version 5.0 → 3.1.1", "copy.properties-gone 2 → "}},
		{"a server that breaks rules", packet.V5, packet.V5, packet.Publish{Topic: "t", Properties: props{user}, Payload: []byte("a")}, packet.Publish{Topic: "t", QoS: 1, PacketID: 1, Payload: []byte("b")},
			[]string{"copy.length 14 → 9 copy.part.id +2 copy.part.properties -7", "copy.qos-raised 0 → 1 MQTT-3.8.4-8", "copy.id-new  → 1 MQTT-2.2.1-4", "copy.property 1 × →  MQTT-3.3.2-17", "copy.payload 1 → 1"}},
		{"sent again, and kept", packet.V311, packet.V311, packet.Publish{Topic: "t", QoS: 1, PacketID: 1}, packet.Publish{Topic: "t", QoS: 1, PacketID: 1, Dup: true, Retain: true},
			[]string{"copy.dup-again 0 → 1 MQTT-3.3.1-1", "copy.retain-set 0 → 1 MQTT-3.3.1-8"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, c := range flow.Changes(message(t, test.v1, test.from, "t"), message(t, test.v2, test.to, "t")) {
				line := fmt.Sprintf("%s %s → %s", c.Key, c.From, c.To)
				if c.Rule != "" {
					line += " " + c.Rule
					if _, ok := spec.Lookup(test.v2, c.Rule); !ok {
						t.Errorf("%s has no %s", test.v2, c.Rule)
					}
				}
				sum := 0
				for _, p := range c.Lengths {
					line += fmt.Sprintf(" %s %+d", p.Key, p.Bytes)
					sum += p.Bytes
				}
				if c.Key == "copy.length" && fmt.Sprintf("%+d", sum) != fmt.Sprintf("%+d", atoi(c.To)-atoi(c.From)) {
					t.Errorf("%s: the parts sum up to %+d", line, sum)
				}
				got = append(got, line)
				for _, suffix := range []string{".chip", ".why"} {
					args := append(slices.Clone(c.Args), "parts", "…")
					if text := spec.Message(spec.English, c.Key+suffix, args...); strings.ContainsAny(text, "⟦{") {
						t.Errorf("%s%s: %s", c.Key, suffix, text)
					}
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(test.want, "\n\t"))
			}
		})
	}
}

func atoi(s string) (n int) {
	fmt.Sscan(s, &n)
	return n
}

// What a Story tells about messages holds whatever else is under way, and its
// memory stays bounded when clients never come back.
func TestStoryForgets(t *testing.T) {
	s := flow.NewStory()
	n := 0
	see := func(conn uint64, from packet.Party, cause int, p packet.Packet) flow.Told {
		n++
		return s.See(conn, cause, flow.Seen{Index: n, From: from, Version: packet.V311, Packet: p})
	}
	for conn := range uint64(12_000) {
		s.Opened(conn)
		c := packet.NewConnect(packet.V311)
		c.ClientID = fmt.Sprint("c", conn)
		see(conn, packet.Client, 0, c)
		see(conn, packet.Server, n, &packet.Connack{})
		published := see(conn, packet.Client, 0, &packet.Publish{Topic: "t", QoS: 2, PacketID: 1, Payload: []byte(c.ClientID)})
		if published.Group != n || published.First != n {
			t.Fatalf("a PUBLISH of group %d, exchange %d, is no. %d", published.Group, published.First, n)
		}
		copied := see(conn, packet.Server, n, &packet.Publish{Topic: "t", QoS: 1, PacketID: 1, Payload: []byte(c.ClientID)})
		if copied.Original != published.First || copied.Group != published.Group || copied.First != n {
			t.Fatalf("a copy of %d in group %d, exchange %d; want %d", copied.Original, copied.Group, copied.First, published.First)
		}
		cut := s.Closed(conn)
		slices.Sort(cut)
		if !slices.Equal(cut, []int{published.First, copied.First}) {
			t.Fatalf("cut: %v", cut)
		}
	}
	if s.Closed(1) != nil {
		t.Error("a connection ends twice")
	}
}

// A Story remembers the messages that are still looked at, and not many more.
func TestStoryForgetsMessages(t *testing.T) {
	const all, window = 5000, 100
	s := flow.NewStory()
	publish := func(n, message int, from packet.Party) int {
		return s.See(uint64(from), 0, flow.Seen{Index: n, From: from, Version: packet.V311,
			Packet: &packet.Publish{Topic: "t", Payload: fmt.Append(nil, message)}}).Original
	}
	for n := 1; n <= all; n++ {
		publish(n, n, packet.Client)
		s.Forget(n - window)
	}
	for n, known := range map[int]bool{all: true, all - window: true, all - 3*window: false, 1: false} {
		want := 0
		if known {
			want = n
		}
		if got := publish(all+1, n, packet.Server); got != want {
			t.Errorf("the Original of message %d is %d", n, got)
		}
	}
}
