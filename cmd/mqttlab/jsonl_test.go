package main

import (
	"encoding/json"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/reading"
)

// TestAppendRecord compares the hand-written beginning of a packet's line with
// what encoding/json makes of a jsonRecord.
func TestAppendRecord(t *testing.T) {
	var a again
	for _, rec := range []capture.Record{
		{Kind: capture.Packet, Transport: capture.File, Offset: 12},
		{Kind: capture.Packet, Transport: capture.TCP, Frame: 7, Time: testBegan, Conn: 3, Client: testClient, Server: testServer, From: packet.Client},
		{Kind: capture.Part, Transport: capture.WebSocket, Frame: 8, Time: testBegan.Add(123456789), From: packet.Server,
			Client: netip.MustParseAddrPort("[2001:db8::1]:65535"), Server: netip.MustParseAddrPort("[::ffff:192.0.2.1]:1")},
	} {
		times := []time.Duration{0, 1, 10, 999, 1000, 1001, -1, -999, -1000, time.Millisecond, 1500 * time.Millisecond, 987654321987654321}
		for i := range 10_000 { // of every size
			times = append(times, time.Duration(rand.Int64N(1<<(1+i%62))))
		}
		for _, since := range times {
			if !rec.Time.IsZero() {
				rec.Time = testBegan.Add(since % (100 * time.Hour))
			}
			want, err := json.Marshal(newJSONRecord(&rec, since))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(a.appendRecord(nil, &seen{Step: reading.Step{Record: rec, Since: since}})) + "}"; got != string(want) {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		}
	}
}
