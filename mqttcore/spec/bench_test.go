package spec

import (
	"testing"

	"mqttlab/mqttcore/packet"
)

// The first use of a language's texts is what a person waits for.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		read[map[string]FieldText]("data/en/fields.yaml")
		read[map[string]string]("data/en/statements-5.0.yaml")
		read[[]row]("data/statements-5.0.yaml")
	}
}

func BenchmarkMessage(b *testing.B) {
	for b.Loop() {
		Message(Chinese, "statements.why.internal")
	}
}

func BenchmarkField(b *testing.B) {
	for b.Loop() {
		Field(English, "mqtt.topic", packet.SUBSCRIBE, packet.V311)
	}
}

func BenchmarkLookup(b *testing.B) {
	for b.Loop() {
		if s, ok := Lookup(packet.V5, "MQTT-3.3.1-4"); ok {
			s.Text(Chinese)
		}
	}
}
