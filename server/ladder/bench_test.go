package ladder

import (
	"testing"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/capture"
)

// trafficLog is a full capture of a publisher, a subscriber and their
// acknowledgements.
func trafficLog(b *testing.B) *capture.Log {
	b.Helper()
	log := capture.New(200_000, 1<<30)
	publish, _ := packet.Append(nil, &packet.Publish{Topic: "sensors/kitchen/temperature", QoS: 1, PacketID: 1, Payload: []byte("21.5")}, packet.V311)
	ack, _ := packet.Append(nil, &packet.Ack{Kind: packet.PUBACK, PacketID: 1}, packet.V311)
	for range 50_000 {
		n := log.Append(capture.Event{Kind: capture.Packet, From: packet.Client, Conn: 1, Lane: "t1", Version: packet.V311, Bytes: publish})
		log.Append(capture.Event{Kind: capture.Packet, From: packet.Server, Conn: 2, Lane: "t2", Version: packet.V311, Bytes: publish, Cause: n})
		log.Append(capture.Event{Kind: capture.Packet, From: packet.Server, Conn: 1, Lane: "t1", Version: packet.V311, Bytes: ack, Cause: n})
		log.Append(capture.Event{Kind: capture.Packet, From: packet.Client, Conn: 2, Lane: "t2", Version: packet.V311, Bytes: ack})
	}
	return log
}

// BenchmarkIndex reads a full capture of 200,000 packets.
func BenchmarkIndex(b *testing.B) {
	log := trafficLog(b)
	_, next := log.Bounds()
	b.ReportAllocs()
	for b.Loop() {
		NewIndex(log).look(next - 1)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/200_000, "ns/event")
}

// BenchmarkRow puts one delivery into words, beside its original.
func BenchmarkRow(b *testing.B) {
	log := trafficLog(b)
	ix := NewIndex(log)
	e := log.Range(nil, 100_002, 100_003)[0]
	ix.look(e.N)
	b.ReportAllocs()
	for b.Loop() {
		encode(ix.Render(spec.English, &e))
	}
}

// BenchmarkFind looks through 10,000 packets for one that is not there.
func BenchmarkFind(b *testing.B) {
	log := trafficLog(b)
	ix := NewIndex(log)
	q, err := ParseQuery(`mqtt.topic == "nowhere"`)
	if err != nil {
		b.Fatal(err)
	}
	ix.look(1)
	b.ReportAllocs()
	var seen uint64
	for b.Loop() {
		found := ix.Find(q, 1, 1, false, nil)
		seen += found.Next - 1
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(seen), "ns/packet")
}
