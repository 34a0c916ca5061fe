package main

import (
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/reading"
)

// TestRender compares the hand-written beginning of a packet's line with what
// encoding/json makes of a jsonRecord.
func TestRender(t *testing.T) {
	for _, rec := range []capture.Record{
		{Kind: capture.Packet, Transport: capture.File, Offset: 12},
		{Kind: capture.Packet, Transport: capture.TCP, Frame: 7, Time: testBegan, Conn: 3, Client: testClient, Server: testServer, From: packet.Client},
		{Kind: capture.Part, Transport: capture.WebSocket, Frame: 8, Time: testBegan.Add(123456789), From: packet.Server,
			Client: netip.MustParseAddrPort("[2001:db8::1]:65535"), Server: netip.MustParseAddrPort("[::ffff:192.0.2.1]:1")},
	} {
		for _, since := range []time.Duration{0, 1, 10, 999, 1000, 1001, -1, -999, -1000, time.Millisecond, 1500 * time.Millisecond, 987654321987654321} {
			j := &jsonReport{}
			want, err := json.Marshal(newJSONRecord(&rec, since))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(j.render(nil, &seen{Step: reading.Step{Record: rec, Since: since}})); got != string(want)+"\n" {
				t.Errorf("got  %swant %s", got, want)
			}
		}
	}
}
