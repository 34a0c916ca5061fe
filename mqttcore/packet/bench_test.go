package packet_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	paho "github.com/eclipse/paho.golang/packets"
	mochi "github.com/mochi-mqtt/server/v2/packets"

	"mqttlab/mqttcore/packet"
)

// stream is a connection's worth of packets as brokers see them: mostly
// PUBLISH and acks, 145 bytes a packet on average with the payloads below.
func stream(tb testing.TB, v packet.Version) [][]byte {
	var list [][]byte
	add := func(p packet.Packet) {
		b, err := packet.Append(nil, p, v)
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, b)
	}
	var properties packet.Properties
	if v == packet.V5 {
		properties = packet.Properties{
			{ID: packet.MessageExpiryInterval, Number: 3600},
			{ID: packet.ContentType, Text: "application/json"},
			{ID: packet.UserProperty, Key: "trace", Text: "4bf92f3577b34da6"},
		}
	}
	connect := packet.NewConnect(v)
	connect.ClientID, connect.CleanSession, connect.KeepAlive = "sensor-0017", true, 60
	connect.HasUserName, connect.UserName = true, "plant"
	connect.HasPassword, connect.Password = true, []byte("secret")
	add(connect)
	add(&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: "plant/+/set", QoS: 1}, {Filter: "plant/all/#", QoS: 2}}})
	for i := range 40 {
		id := uint16(i + 2)
		topic := fmt.Sprintf("plant/hall-%d/line/%d/temperature", i%3, i%7)
		add(&packet.Publish{QoS: packet.QoS(i % 3), PacketID: id, Topic: topic, Properties: properties, Payload: bytes.Repeat([]byte("x"), 40+i*8)})
		add(&packet.Ack{Kind: packet.PUBACK, PacketID: id})
		if i%3 == 2 {
			add(&packet.Ack{Kind: packet.PUBREL, PacketID: id})
		}
	}
	add(&packet.Ping{Kind: packet.PINGREQ})
	return list
}

// codec decodes one packet of a connection of version v.
type codec struct {
	name   string
	decode func(v packet.Version) func(b []byte) error
}

var codecs = []codec{
	{"mqttlab", func(v packet.Version) func([]byte) error {
		d := packet.Decoder{Version: v}
		return func(b []byte) error { _, err := d.Decode(b); return err }
	}},
	{"traced", func(v packet.Version) func([]byte) error {
		d := packet.Decoder{Version: v, Trace: &packet.Trace{}}
		return func(b []byte) error { _, err := d.Decode(b); return err }
	}},
	{"mochi", func(v packet.Version) func([]byte) error {
		return func(b []byte) error { return mochiDecode(v, b) }
	}},
	{"paho", func(v packet.Version) func([]byte) error {
		var r bytes.Reader
		return func(b []byte) error {
			r.Reset(b)
			_, err := paho.ReadPacket(&r)
			return err
		}
	}},
}

func mochiDecode(v packet.Version, b []byte) error {
	pk := mochi.Packet{ProtocolVersion: byte(v)}
	if err := pk.FixedHeader.Decode(b[0]); err != nil {
		return err
	}
	length, n, err := mochi.DecodeLength(bytes.NewReader(b[1:]))
	if err != nil {
		return err
	}
	pk.FixedHeader.Remaining = length
	body := b[1+n:]
	switch pk.FixedHeader.Type {
	case mochi.Connect:
		return pk.ConnectDecode(body)
	case mochi.Publish:
		return pk.PublishDecode(body)
	case mochi.Puback:
		return pk.PubackDecode(body)
	case mochi.Pubrel:
		return pk.PubrelDecode(body)
	case mochi.Subscribe:
		return pk.SubscribeDecode(body)
	case mochi.Pingreq:
		return pk.PingreqDecode(body)
	case mochi.Disconnect:
		return pk.DisconnectDecode(body)
	}
	return fmt.Errorf("type %d is not in the stream", pk.FixedHeader.Type)
}

// BenchmarkDecode measures the codecs side by side on the same streams. The
// figures to read are the ratios to mochi, reported by BenchmarkDecodeRatio.
func BenchmarkDecode(b *testing.B) {
	for _, v := range []packet.Version{packet.V311, packet.V5} {
		packets := stream(b, v)
		for _, c := range codecs {
			if c.name == "paho" && v != packet.V5 {
				continue // it speaks 5.0 only
			}
			b.Run(c.name+"/"+v.String(), func(b *testing.B) {
				decode := c.decode(v)
				i := 0
				b.ReportAllocs()
				for b.Loop() {
					if err := decode(packets[i]); err != nil {
						b.Fatal(err)
					}
					if i++; i == len(packets) {
						i = 0
					}
				}
			})
		}
	}
}

// BenchmarkDecodeRatio runs the codecs in turns over the mixed 3.1.1 and 5.0
// stream and reports how many times as fast as mochi each is. What counts is
// each codec's median round, so that other work on the machine does not.
func BenchmarkDecodeRatio(b *testing.B) {
	type runner struct {
		decode  func([]byte) error
		packets [][]byte
		codec   int
	}
	var runners []runner
	for _, v := range []packet.Version{packet.V311, packet.V5} {
		for i, c := range codecs[:3] {
			runners = append(runners, runner{c.decode(v), stream(b, v), i})
		}
	}
	rounds := make([][]time.Duration, len(runners))
	for b.Loop() {
		for i, r := range runners {
			start := time.Now()
			for range 50 {
				for _, p := range r.packets {
					if err := r.decode(p); err != nil {
						b.Fatal(err)
					}
				}
			}
			rounds[i] = append(rounds[i], time.Since(start))
		}
	}
	total := map[string]time.Duration{}
	for i, r := range runners {
		slices.Sort(rounds[i])
		total[codecs[r.codec].name] += rounds[i][len(rounds[i])/2]
	}
	per := float64(50 * 2 * len(runners[0].packets))
	b.ReportMetric(float64(total["mqttlab"])/per, "ns/packet")
	b.ReportMetric(float64(total["traced"])/per, "traced-ns/packet")
	b.ReportMetric(float64(total["mochi"])/per, "mochi-ns/packet")
	b.ReportMetric(float64(total["mochi"])/float64(total["mqttlab"]), "×mochi")
	b.ReportMetric(float64(total["mochi"])/float64(total["traced"]), "×mochi-traced")
}

// TestFastPathDoesNotAllocate holds the decoder to its promise for the
// packets that brokers read by the million.
func TestFastPathDoesNotAllocate(t *testing.T) {
	for _, v := range []packet.Version{packet.V311, packet.V5} {
		d := packet.Decoder{Version: v}
		for _, b := range stream(t, v) {
			p, err := d.Decode(b)
			if err != nil {
				t.Fatal(err)
			}
			if p.Type() == packet.CONNECT || p.Type() == packet.SUBSCRIBE {
				continue
			}
			if n := testing.AllocsPerRun(20, func() { _, _ = d.Decode(b) }); n != 0 {
				t.Errorf("%s %s: %v allocations", v, p.Type(), n)
			}
		}
	}
}
