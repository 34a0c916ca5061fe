package lab

import (
	"net/netip"
	"strings"
	"sync"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/packet"
)

// samples are packets by which two filters are told apart: of each type and
// version, with and without what a packet may have, both ways.
var samples = sync.OnceValue(func() (all []filter.View) {
	client, broker := netip.MustParseAddrPort("192.0.2.7:50123"), netip.MustParseAddrPort("192.0.2.1:1883")
	for _, v := range []packet.Version{packet.V311, packet.V31, packet.V5} {
		for _, p := range samplePackets(v) {
			b, err := packet.Append(nil, p.packet, v)
			if err != nil {
				panic("a sample that is no packet: " + err.Error())
			}
			explained := annotate.One(b, annotate.Options{Version: v, Sender: p.from})
			n := len(all)
			all = append(all, filter.View{Packet: &explained, Bytes: b, Number: uint64(3*n + 4), Time: float64(n) * 0.37, Length: 40 + len(b),
				Stream: n % 2, Sender: p.from, Client: client, Server: broker, Name: string(rune('A' + n%2))})
		}
	}
	return all
})

type sample struct {
	from   packet.Party
	packet packet.Packet
}

// samplePackets are the samples of a version.
func samplePackets(v packet.Version) (all []sample) {
	add := func(from packet.Party, packets ...packet.Packet) {
		for _, p := range packets {
			all = append(all, sample{from, p})
		}
	}
	connect := func(change func(*packet.Connect)) packet.Packet {
		c := packet.NewConnect(v)
		c.CleanSession, c.KeepAlive, c.ClientID = true, 60, "s1"
		change(c)
		return c
	}
	will := packet.Will{QoS: 1, Retain: true, Topic: "lab/gone", Payload: []byte("lost")}
	add(packet.Client,
		connect(func(*packet.Connect) {}),
		connect(func(c *packet.Connect) { c.CleanSession, c.KeepAlive, c.ClientID = false, 0, "lab" }),
		connect(func(c *packet.Connect) { c.HasUserName, c.UserName = true, "ada" }),
		connect(func(c *packet.Connect) { c.HasWill, c.Will = true, will }),
		connect(func(c *packet.Connect) {
			c.HasUserName, c.UserName, c.HasPassword, c.Password = true, "ada", true, []byte("secret")
		}),
		connect(func(c *packet.Connect) { c.HasUserName, c.HasPassword = true, true }), // both are empty
		connect(func(c *packet.Connect) {
			c.HasUserName, c.UserName, c.HasPassword, c.Password, c.HasWill, c.Will = true, "lab", true, []byte("lab/a"), true, will
		}))
	add(packet.Server, &packet.Connack{}, &packet.Connack{SessionPresent: v != packet.V31})
	if v == packet.V5 {
		add(packet.Client, connect(func(c *packet.Connect) { c.HasPassword, c.Password = true, []byte("alone") }))
		add(packet.Server, &packet.Connack{Code: packet.NotAuthorized}, &packet.Disconnect{Code: packet.MalformedPacket},
			&packet.Ack{Kind: packet.PUBACK, PacketID: 9, Code: packet.NoMatchingSubscribers},
			&packet.Publish{Topic: "lab/a", Payload: []byte("x"), Properties: packet.Properties{{ID: packet.UserProperty, Key: "lab", Text: "lab/a"}, {ID: packet.SubscriptionIdentifier, Number: 3}}})
	} else {
		add(packet.Server, &packet.Connack{Code: 4}, &packet.Connack{Code: 5})
	}
	for _, from := range []packet.Party{packet.Client, packet.Server} {
		for i, topic := range []string{"lab/a", "house/kitchen/light", "t", "s1"} {
			for qos := packet.QoS(0); qos <= 2; qos++ {
				add(from, &packet.Publish{QoS: qos, Dup: qos > 0 && i == 1, Retain: i == 2, Topic: topic, PacketID: uint16(i + 1), Payload: []byte(strings.Repeat("lab", i))})
			}
		}
		for _, kind := range []packet.Type{packet.PUBACK, packet.PUBREC, packet.PUBREL, packet.PUBCOMP} {
			add(from, &packet.Ack{Kind: kind, PacketID: 1}, &packet.Ack{Kind: kind, PacketID: 3})
		}
	}
	add(packet.Client,
		&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: "lab/#", QoS: 1}}},
		&packet.Subscribe{PacketID: 2, Subscriptions: []packet.Subscription{{Filter: "lab/a", QoS: 0}, {Filter: "+", QoS: 2}}},
		&packet.Unsubscribe{PacketID: 3, Filters: []string{"lab/#"}},
		&packet.Ping{Kind: packet.PINGREQ}, &packet.Disconnect{})
	add(packet.Server,
		&packet.Suback{PacketID: 1, Codes: []packet.ReasonCode{1}}, &packet.Suback{PacketID: 2, Codes: []packet.ReasonCode{0, 0x80}},
		&packet.Unsuback{PacketID: 3, Codes: unsubacked(v)}, &packet.Ping{Kind: packet.PINGRESP})
	return all
}

// unsubacked are UNSUBACK's codes, of which only 5.0 has any.
func unsubacked(v packet.Version) []packet.ReasonCode {
	if v == packet.V5 {
		return []packet.ReasonCode{packet.Success}
	}
	return nil
}

// shows tells which samples a filter shows.
func shows(f *filter.Filter) string {
	var b strings.Builder
	for _, view := range samples() {
		if f.Match(view) {
			b.WriteByte('1')
		} else {
			b.WriteByte('0')
		}
	}
	return b.String()
}

// alike is whether two filters show the same packets, however they are written.
func alike(a, b *filter.Filter) bool { return shows(a) == shows(b) }
