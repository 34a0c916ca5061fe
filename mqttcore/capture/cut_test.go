package capture

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"testing"

	"mqttlab/mqttcore/packet"
)

// framesOf returns the frames of a committed capture.
func framesOf(t testing.TB, name string) (frames []wireFrame, link uint32) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(captures(t), name))
	if err != nil {
		t.Fatal(err)
	}
	in := newInput(bytes.NewReader(data))
	source, err := in.open(Options{}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	var f frame
	for {
		if err = source.next(&f); err == io.EOF {
			return frames, link
		}
		if err != nil {
			t.Fatal(err)
		}
		frames, link = append(frames, wireFrame{f.when, bytes.Clone(f.data)}), f.link
	}
}

var realCaptures = []string{"mosquitto-mqttv31.pcapng", "mosquitto-mqttv311.pcapng", "mosquitto-mqttv5.pcapng"}

// sentAs says what was sent: who, to whom, what.
func sentAs(rec *Record) string {
	return rec.Client.String() + rec.From.String() + string(rec.Bytes)
}

// TestBeginsInMidstream cuts off the beginning of real captures at every
// frame. No packet may be invented, and all that is wholly behind the cut must
// be found, on connections of which two packets are left to tell them by.
func TestBeginsInMidstream(t *testing.T) {
	for _, name := range realCaptures {
		frames, link := framesOf(t, name)
		whole := readAll(t, pcapOf(frames, binary.LittleEndian, link, nil), Options{})
		for cut := range frames {
			records := readAll(t, pcapOf(frames[cut:], binary.LittleEndian, link, nil), Options{})
			got := map[string]int{}
			for _, rec := range records {
				if rec.Kind == Packet {
					got[sentAs(&rec)]++
				}
			}
			left := map[string]int{}
			for _, rec := range whole {
				if rec.Kind == Packet && rec.Frame > cut {
					left[rec.Client.String()]++
				}
			}
			for _, rec := range whole {
				if rec.Kind != Packet {
					continue
				}
				key := sentAs(&rec)
				if rec.Frame > cut && left[rec.Client.String()] >= 2 && got[key] == 0 {
					t.Errorf("%s from frame %d: lost %s of frame %d, %d left\n%s", name, cut+1, packet.Type(rec.Bytes[0]>>4), rec.Frame, left[rec.Client.String()], told(records))
				}
				got[key] = max(0, got[key]-1)
			}
			for key, n := range got {
				if n > 0 {
					t.Errorf("%s from frame %d: invented % x", name, cut+1, key[max(0, len(key)-20):])
				}
			}
			if t.Failed() {
				break
			}
		}
	}
}

// TestOneFrameMissing takes each frame out of real captures: what the others
// brought is found all the same.
func TestOneFrameMissing(t *testing.T) {
	for _, name := range realCaptures {
		frames, link := framesOf(t, name)
		whole := readAll(t, pcapOf(frames, binary.LittleEndian, link, nil), Options{})
		for out := range frames {
			var rest []wireFrame
			rest = append(append(rest, frames[:out]...), frames[out+1:]...)
			got := map[string]int{}
			records := readAll(t, pcapOf(rest, binary.LittleEndian, link, nil), Options{})
			for _, rec := range records {
				if rec.Kind == Packet {
					got[sentAs(&rec)]++
				}
			}
			for _, rec := range whole {
				if rec.Kind != Packet {
					continue
				}
				key := sentAs(&rec)
				if got[key] == 0 && rec.Frame != out+1 {
					t.Errorf("%s without frame %d: lost %s of frame %d\n%s", name, out+1, packet.Type(rec.Bytes[0]>>4), rec.Frame, told(records))
				}
				got[key] = max(0, got[key]-1)
			}
			for key, n := range got {
				if n > 0 {
					t.Errorf("%s without frame %d: invented % x", name, out+1, key[max(0, len(key)-20):])
				}
			}
			if t.Failed() {
				break
			}
		}
	}
}
