package filter_test

import (
	"encoding/hex"
	"testing"

	"mqttlab/mqttcore/filter"
)

// BenchmarkMatch filters 100,000 packets; packets/s is the figure to read.
func BenchmarkMatch(b *testing.B) {
	few, _ := capture(b)
	const packets = 100_000
	views := make([]filter.View, packets)
	for i := range views {
		views[i] = few[i%len(few)]
		views[i].Number = uint64(i + 1)
		views[i].Bytes, _ = hex.DecodeString(views[i].Packet.Hex)
	}
	for name, expr := range map[string]string{
		"type":     "mqtt.msgtype == PUBLISH",
		"exists":   "mqtt.msgid",
		"topic":    `mqtt.msgtype == 3 && mqtt.topic contains "a/"`,
		"regexp":   `mqtt.topic matches "^a/.*c$"`,
		"finding":  `mqttlab.severity >= warning`,
		"frame":    "frame.number > 50000 && tcp.port == 1883",
		"long":     `(mqtt.qos > 0 || mqtt.retain == 1) && !(mqtt.topic == "x/y") && mqtt.msg[0:2] != 68:69 && len(mqtt.topic) in {1..9}`,
		"hexbytes": `mqtt.msg contains "hello"`,
	} {
		f, err := filter.Parse(expr)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for i := range views {
					v := views[i]
					if name == "hexbytes" { // nobody kept the bytes
						v.Bytes = nil
					}
					f.Match(v)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/packets, "ns/packet")
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := filter.Parse(`mqtt.msgtype == PUBLISH && (mqtt.topic contains "a/" || mqtt.qos in {1, 2})`); err != nil {
			b.Fatal(err)
		}
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("under the race detector sync.Pool forgets on purpose")
	}
	views, _ := capture(t)
	for _, expr := range []string{
		`mqtt.msgtype == 3 && mqtt.topic contains "a/"`, `mqtt.msg == "hello" || mqtt.topic[0:2] == "a/"`, "count(mqtt.topic) > 1", `tcp.port == 1883 && ip.src == 10.0.0.0/8`,
		`lower(mqtt.topic) == "a" || mqttlab.finding == "a" || string(mqtt.len) == "1"`,
	} {
		f, err := filter.Parse(expr)
		if err != nil {
			t.Fatal(err)
		}
		n := testing.AllocsPerRun(200, func() {
			for _, v := range views {
				f.Match(v)
			}
		})
		if n > 1 { // the pool may be emptied in between
			t.Errorf("%s allocates %v times for %d packets", expr, n, len(views))
		}
	}
}
