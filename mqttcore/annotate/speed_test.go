package annotate_test

import (
	"testing"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
)

// BenchmarkOne explains one small PUBLISH, and writes it as JSON.
func BenchmarkOne(b *testing.B) {
	wire, err := packet.Append(nil, &packet.Publish{QoS: 1, PacketID: 300, Topic: "plant/hall-1/temperature", Payload: []byte("21.5")}, packet.V311)
	if err != nil {
		b.Fatal(err)
	}
	o := annotate.Options{Version: packet.V311, Sender: packet.Client}
	b.Run("explain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			annotate.One(wire, o)
		}
	})
	b.Run("json", func(b *testing.B) {
		p := annotate.One(wire, o)
		var line []byte
		b.ReportAllocs()
		for b.Loop() {
			line = p.AppendJSON(line[:0])
		}
	})
}
