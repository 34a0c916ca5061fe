package main

import (
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/packet"
)

var (
	testClient = netip.MustParseAddrPort("192.0.2.1:40000")
	testServer = netip.MustParseAddrPort("192.0.2.2:1883")
	testBegan  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

// scenes are the captures that the scripts find in their directory: one
// connection each, "c" and "s" before what client and server send.
var scenes = map[string][]string{
	// A PUBLISH of QoS 3, a topic with a leading slash, and no PINGRESP.
	"faults.pcapng": {
		"c100d00044d5154540402003c000161", "s20020000", "c36070001610001" + "2121", "c300400022f6d", "cc000",
	},
	// 5.0: the topic stands for an alias from the second PUBLISH on.
	"alias.pcapng": {
		"c100e00044d5154540502003c00000161", "s200600000322000a", "c300b000573656e2f61" + "03230001", "c30060000" + "03230001", "ce000",
	},
	// Begins in mid-stream.
	"middle.pcapng": {"c3005000161" + "6869", "s3005000161" + "6869", "cc000", "sd000"},
}

func writeCaptures(dir string) error {
	for name, parts := range scenes {
		file, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		w, err := capture.NewWriter(file, capture.WriterOptions{})
		if err != nil {
			return err
		}
		rec := capture.Record{Kind: capture.Open, Conn: 1, Client: testClient, Server: testServer, Time: testBegan}
		if name != "middle.pcapng" {
			if err := w.Write(&rec); err != nil {
				return err
			}
		}
		rec.Kind = capture.Packet
		for _, part := range parts {
			rec.Time = rec.Time.Add(time.Second)
			rec.From = map[byte]packet.Party{'c': packet.Client, 's': packet.Server}[part[0]]
			if rec.Bytes, err = hex.DecodeString(part[1:]); err != nil {
				return err
			}
			if err := w.Write(&rec); err != nil {
				return err
			}
		}
		rec = capture.Record{Kind: capture.Close, Conn: 1, From: packet.Client, Cause: capture.CauseFIN, Time: rec.Time}
		if err := w.Write(&rec); err != nil {
			return err
		}
		if err := w.Flush(); err != nil {
			return err
		}
		if err := file.Close(); err != nil {
			return err
		}
	}
	return nil
}

func TestProgress(t *testing.T) {
	var none *progress
	none.show()
	none.clear()
	var out capturedText
	now := testBegan
	p := &progress{w: &out, s: &source{size: 100_000_000, read: 50_000_000}, now: func() time.Time { return now }}
	p.show()
	p.show() // too soon
	if want := "\r[###############...............]  50 % of 100 MB"; string(out) != want {
		t.Errorf("%q, want %q", out, want)
	}
	p.clear()
}

type capturedText []byte

func (c *capturedText) Write(p []byte) (int, error) {
	*c = append(*c, p...)
	return len(p), nil
}
