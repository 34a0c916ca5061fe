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
// stream and reports how many times as fast as mochi each is, and as paho over
// the stream of 5.0, which is all that it speaks. What counts is each codec's
// median round, so that other work on the machine does not. fast-packets are
// those that brokers read by the million.
func BenchmarkDecodeRatio(b *testing.B) {
	type runner struct {
		decode  func([]byte) error
		packets [][]byte
		codec   string
	}
	var runners []runner
	for _, v := range []packet.Version{packet.V311, packet.V5} {
		for _, c := range codecs {
			if c.name == "paho" && v != packet.V5 {
				continue
			}
			runners = append(runners, runner{c.decode(v), stream(b, v), c.name})
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
	total, last := map[string]time.Duration{}, map[string]time.Duration{} // last: of 5.0
	for i, r := range runners {
		slices.Sort(rounds[i])
		last[r.codec] = rounds[i][len(rounds[i])/2]
		total[r.codec] += last[r.codec]
	}
	per := float64(50 * 2 * len(runners[0].packets))
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(fastAllocs(b), "allocs/fast-packet")
	b.ReportMetric(float64(total["mqttlab"])/per, "ns/packet")
	b.ReportMetric(float64(total["traced"])/per, "traced-ns/packet")
	b.ReportMetric(float64(total["mochi"])/per, "mochi-ns/packet")
	b.ReportMetric(float64(total["mochi"])/float64(total["mqttlab"]), "×mochi")
	b.ReportMetric(float64(total["mochi"])/float64(total["traced"]), "×mochi-traced")
	b.ReportMetric(float64(last["paho"])/float64(last["mqttlab"]), "×paho")
}

// TestFastPathDoesNotAllocate holds the decoder to its promise.
func TestFastPathDoesNotAllocate(t *testing.T) {
	if n := fastAllocs(t); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// fastAllocs is the most that decoding one of the packets allocates that
// brokers read by the million.
func fastAllocs(tb testing.TB) (most float64) {
	for _, v := range []packet.Version{packet.V311, packet.V5} {
		d := packet.Decoder{Version: v}
		for _, b := range stream(tb, v) {
			p, err := d.Decode(b)
			if err != nil {
				tb.Fatal(err)
			}
			if p.Type() == packet.CONNECT || p.Type() == packet.SUBSCRIBE {
				continue
			}
			if n := testing.AllocsPerRun(20, func() { _, _ = d.Decode(b) }); n > most {
				tb.Logf("%s %s: %v allocations", v, p.Type(), n)
				most = n
			}
		}
	}
	return most
}
