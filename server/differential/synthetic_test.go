package differential

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/packet"
)

// synthetic writes a capture of one connection for each of the sessions and
// returns its path. Every packet in it keeps the rules.
func synthetic(t *testing.T) string {
	t.Helper()
	var list []conversation
	for _, v := range packet.Versions {
		for _, session := range sessions(v) {
			var c conversation
			for _, p := range session {
				b, err := packet.Append(nil, p, v)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := (&packet.Decoder{Version: v}).Decode(b); err != nil {
					t.Fatalf("%s %s breaks a rule: %v", v, p.Type(), err)
				}
				c = append(c, b)
			}
			list = append(list, c)
		}
	}
	return write(t, "synthetic.pcapng", list)
}

// conversation is the packets of one connection.
type conversation [][]byte

// write makes a capture of the conversations and returns its path.
func write(t *testing.T, name string, list []conversation) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := capture.NewWriter(f, capture.WriterOptions{MSS: 60000})
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Unix(1_700_000_000, 0).UTC()
	put := func(rec capture.Record) {
		clock = clock.Add(time.Millisecond)
		rec.Time = clock
		if err := w.Write(&rec); err != nil {
			t.Fatal(err)
		}
	}
	server := netip.AddrPortFrom(netip.MustParseAddr("192.0.2.1"), port)
	for i, c := range list {
		client := netip.AddrPortFrom(netip.MustParseAddr("192.0.2.2"), uint16(40000+i))
		put(capture.Record{Kind: capture.Open, Conn: i, Client: client, Server: server})
		for _, b := range c {
			from := packet.Type(b[0] >> 4).Sender(packet.V5)
			if from == 0 {
				from = packet.Client
			}
			put(capture.Record{Kind: capture.Packet, Conn: i, From: from, Bytes: b})
		}
		put(capture.Record{Kind: capture.Close, Conn: i, From: packet.Client, Cause: capture.CauseFIN})
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return path
}

// sessions lists what is said on each connection of a version, CONNECT first.
func sessions(v packet.Version) [][]packet.Packet {
	least, full := packet.NewConnect(v), packet.NewConnect(v)
	least.CleanSession = true
	if v == packet.V31 {
		least.ClientID = "x" // 3.1 has no empty one
	}
	full.KeepAlive = 65535
	full.ClientID = "客户端-ñ-🌡"
	full.HasWill, full.HasUserName, full.HasPassword = true, true, true
	full.Will = packet.Will{QoS: 2, Retain: true, Topic: "will/ü", Payload: []byte("gone"), Properties: properties(v, 0, false)}
	full.UserName, full.Password = "müller", []byte("geheim")
	full.Properties = properties(v, packet.CONNECT, false)

	all := []packet.Packet{full}
	for _, most := range []bool{false, true} {
		all = append(all, everything(v, most)...)
	}
	empty := packet.NewConnect(v)
	*empty = *full
	empty.Will.Payload, empty.Will.QoS, empty.Will.Retain = nil, 0, false
	empty.UserName, empty.Password = "", nil
	empty.Properties, empty.Will.Properties = properties(v, packet.CONNECT, true), properties(v, 0, true)
	binary := packet.NewConnect(v)
	*binary = *empty
	binary.Will.Payload, binary.Will.QoS = []byte{0, 0x80, 0xff, '\n'}, 1
	if v == packet.V5 {
		binary.Will.Properties = nil
	}

	list := [][]packet.Packet{all, {empty, &packet.Connack{}}, {binary, &packet.Connack{}}}
	few := append([]packet.Packet{least, &packet.Connack{}}, edges(v)...)
	list = append(list, few)
	for _, code := range packet.ReasonCodes(packet.CONNACK, v) {
		list = append(list, []packet.Packet{least, &packet.Connack{Code: code}})
	}
	return list
}

// everything returns one packet of each type but CONNECT, with each property
// that it may carry.
func everything(v packet.Version, most bool) []packet.Packet {
	id := uint16(1)
	if most {
		id = 65535
	}
	props := func(t packet.Type) packet.Properties { return properties(v, t, most) }
	list := []packet.Packet{
		&packet.Connack{SessionPresent: v != packet.V31, Properties: props(packet.CONNACK)},
		&packet.Publish{Topic: "a/b", Payload: []byte("hello"), Properties: props(packet.PUBLISH)},
		&packet.Publish{Topic: "a/b", QoS: 1, PacketID: id, Payload: []byte("hello"), Properties: props(packet.PUBLISH)},
		&packet.Publish{Topic: "a/b", QoS: 2, Dup: true, Retain: true, PacketID: id, Properties: props(packet.PUBLISH)},
	}
	for _, t := range []packet.Type{packet.PUBACK, packet.PUBREC, packet.PUBREL, packet.PUBCOMP} {
		list = append(list, &packet.Ack{Kind: t, PacketID: id, Properties: props(t)})
	}
	list = append(list,
		&packet.Subscribe{PacketID: id, Properties: props(packet.SUBSCRIBE), Subscriptions: subscriptions(v)},
		&packet.Suback{PacketID: id, Properties: props(packet.SUBACK), Codes: packet.ReasonCodes(packet.SUBACK, v)},
		&packet.Unsubscribe{PacketID: id, Properties: props(packet.UNSUBSCRIBE), Filters: []string{"a/#", "温度/+", "#"}},
		&packet.Unsuback{PacketID: id, Properties: props(packet.UNSUBACK), Codes: packet.ReasonCodes(packet.UNSUBACK, v)},
		&packet.Ping{Kind: packet.PINGREQ},
		&packet.Ping{Kind: packet.PINGRESP},
		&packet.Disconnect{Properties: props(packet.DISCONNECT)},
	)
	if v == packet.V5 {
		list = append(list, &packet.Auth{Code: packet.ContinueAuthentication, Properties: props(packet.AUTH)})
	}
	return list
}

func subscriptions(v packet.Version) []packet.Subscription {
	list := []packet.Subscription{{Filter: "#"}, {Filter: "a/+/c", QoS: 1}, {Filter: "ü/温度", QoS: 2}}
	if v == packet.V5 {
		list = append(list,
			packet.Subscription{Filter: "$share/g/a", QoS: 2, RetainAsPublished: true, RetainHandling: 1},
			packet.Subscription{Filter: "b", QoS: 1, NoLocal: true, RetainHandling: 2},
			packet.Subscription{Filter: "c", NoLocal: true, RetainAsPublished: true})
	}
	return list
}

// edges returns packets at the limits: short forms, long lengths, every code.
func edges(v packet.Version) []packet.Packet {
	pub := func(topic string, payload []byte, ps ...packet.Property) packet.Packet {
		return &packet.Publish{Topic: topic, Payload: payload, Properties: ps}
	}
	list := []packet.Packet{
		pub("e", nil), // nothing behind the topic
		pub("/", []byte{0}),
		pub(strings.Repeat("long/", 40)+"🌡", []byte("Remaining Length of two bytes")),
		pub("binary", []byte{0xff, 0xfe, 0, '\n', '"', '\\'}),
		pub("json", []byte(`{"t": 21.5, "unit": "°C"}`)),
		pub("three", slices.Repeat([]byte("x"), 1<<14)),
		pub("four", slices.Repeat([]byte("y"), 1<<21)),
	}
	if v != packet.V5 {
		return list
	}
	alias := func(n uint32) packet.Property { return packet.Property{ID: packet.TopicAlias, Number: n} }
	list = append(list,
		pub("alias/one", []byte("1"), alias(1)), pub("", []byte("2"), alias(1)),
		pub("alias/two", []byte("3"), alias(1)), pub("", []byte("4"), alias(1)),
		pub("alias/max", nil, alias(65535)), pub("", nil, alias(65535)),
		&packet.Disconnect{})
	for _, t := range []packet.Type{packet.PUBACK, packet.PUBREC, packet.PUBREL, packet.PUBCOMP} {
		for _, code := range packet.ReasonCodes(t, v) {
			list = append(list, &packet.Ack{Kind: t, PacketID: 7, Code: code})
		}
	}
	for _, code := range packet.ReasonCodes(packet.DISCONNECT, v) {
		list = append(list, &packet.Disconnect{Code: code})
	}
	for _, code := range packet.ReasonCodes(packet.AUTH, v) {
		list = append(list, &packet.Auth{Code: code, Properties: packet.Properties{{ID: packet.AuthenticationMethod, Text: "m"}}})
	}
	return list
}

// properties returns every property that a packet of type t may carry (0: the
// Will's), those that may be repeated twice, with small values or the greatest.
func properties(v packet.Version, t packet.Type, most bool) packet.Properties {
	if v != packet.V5 {
		return nil
	}
	var ps packet.Properties
	for _, id := range packet.AllProperties() {
		if !id.In(t) {
			continue
		}
		p := packet.Property{ID: id, Number: 1, Text: "text/é✓", Data: []byte("data"), Key: "key"}
		if most {
			p = packet.Property{ID: id, Number: 1, Text: strings.Repeat("长", 100), Data: []byte{0, 0xff, 0x80}}
			switch id.Kind() {
			case packet.TwoByteProperty:
				p.Number = 1<<16 - 1
			case packet.FourByteProperty:
				p.Number = 1<<32 - 1
			case packet.VarintProperty:
				p.Number = packet.MaxRemainingLength
			}
		}
		ps = append(ps, p)
		if id == packet.UserProperty || id == packet.SubscriptionIdentifier && t == packet.PUBLISH {
			p.Number, p.Key, p.Text = 200, "ключ", ""
			ps = append(ps, p)
		}
	}
	return ps
}
