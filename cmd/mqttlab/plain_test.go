package main

import (
	"os"
	"path/filepath"
	"testing"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// TestPlain: the short way of a packet says what the long one would.
func TestPlain(t *testing.T) {
	var all [][]byte
	files, _ := filepath.Glob("../../testdata/capture/*.pcapng")
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		for rec := range capture.NewReader(file, capture.Options{}).Records() {
			if rec.Kind == capture.Packet {
				all = append(all, append([]byte(nil), rec.Bytes...))
			}
		}
		file.Close()
	}
	for _, topic := range []string{"a", "a/b", "/a", "a/", "$a", "a b", "a\\b", "a\u007fb", "a\x01", "é", "a\ufffe"} {
		for _, retain := range []bool{false, true} {
			for _, v := range packet.Versions {
				b, err := packet.Append(nil, &packet.Publish{Topic: topic, Retain: retain}, v)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, b)
			}
		}
	}
	plains := 0
	for _, b := range all {
		for _, v := range packet.Versions {
			d := packet.Decoder{Version: v}
			p, err := d.Decode(b)
			if err != nil || !plain(p) {
				continue
			}
			plains++
			for _, from := range []packet.Party{0, packet.Client, packet.Server} {
				full := annotate.One(b, annotate.Options{Version: v, Sender: from})
				for _, f := range full.Findings {
					if f.Severity != annotate.Note {
						t.Errorf("% x: %+v", b, f)
					}
				}
				if short := annotate.Summary(b, v, spec.English); short != full.Summary && from != packet.Server {
					t.Errorf("% x: %q, in full %q", b, short, full.Summary)
				}
			}
		}
	}
	if plains < 20 {
		t.Errorf("only %d of %d packets are plain", plains, len(all))
	}
}
