package broker_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
)

// heap returns what is in use after a collection.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// TestMessagesPinNoChunks holds that a small message that stays does not keep
// the large piece of memory alive that it was read into.
func TestMessagesPinNoChunks(t *testing.T) {
	const n, chunk = 2000, 256 << 10
	for _, test := range []struct {
		name   string
		before func(a *link)
		retain bool
		bound  int
	}{
		{"retained", func(*link) {}, true, 16 << 20},
		{"queued", func(a *link) { a.say(&packet.Disconnect{}) }, false, 16 << 20},
		{"unacknowledged", func(*link) {}, false, 160 << 20}, // of the first 512,
		{"unacknowledged, then away", func(*link) {}, false, 16 << 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := broker.New(broker.Config{Explain: true})
			a := dial(t, b, 1, packet.V311, false)
			a.say(&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: "q/#", QoS: 1}}})
			test.before(a)
			p := dial(t, b, 2, packet.V5, true)
			name := "q"
			if test.retain {
				name = "r"
			}
			before := heap()
			for i := range n {
				wire := make([]byte, 0, chunk)
				wire, err := packet.Append(wire, &packet.Publish{Topic: fmt.Sprint(name, "/", i), QoS: 1, PacketID: 1, Retain: test.retain, Payload: []byte("x"),
					Properties: packet.Properties{{ID: packet.UserProperty, Key: "k", Text: "v"}, {ID: packet.CorrelationData, Data: []byte("d")}}}, packet.V5)
				if err != nil {
					t.Fatal(err)
				}
				p.raw(wire)
			}
			if test.name == "unacknowledged, then away" {
				b.Closed(time.Time{}, 1, broker.CauseFIN)
			}
			if got := heap() - before; got > test.bound {
				t.Errorf("%d messages of a byte keep %d KiB in memory", n, got>>10)
			}
			runtime.KeepAlive(b)
		})
	}
}
