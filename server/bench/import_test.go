package bench_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"mqttlab/mqttcore/broker"
	core "mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/pipe"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
)

var importSize = bench.Config{ID: "imported", CaptureEvents: 10_000, CaptureBytes: 10 << 20}

// A capture file becomes what a bench would have captured: the same packets,
// in order, with their times and addresses.
func TestImport(t *testing.T) {
	data, err := os.ReadFile("../../testdata/capture/mosquitto-mqttv5.pcapng")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	reader := core.NewReader(bytes.NewReader(data), core.Options{})
	var first, last core.Record
	for rec := range reader.Records() {
		if rec.Kind == core.Packet {
			want = append(want, rec.From.String()+string(rec.Bytes))
		}
		if first.Time.IsZero() {
			first = *rec
		}
		if rec.Kind == core.Packet {
			last = *rec
		}
	}
	b, err := bench.Import(t.Context(), importSize, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if !b.Began().Equal(first.Time) {
		t.Errorf("it began %s, not %s", b.Began(), first.Time)
	}
	var got []string
	var at capture.Event
	for _, e := range b.Log().Range(nil, 1, 1<<62) {
		if e.Kind == capture.Packet {
			got = append(got, e.From.String()+string(e.Bytes))
			at = e
			if e.Version != packet.V5 || e.Broken {
				t.Errorf("event %d is read as %s, broken %t", e.N, e.Version, e.Broken)
			}
		}
		if e.Kind == capture.Open && !strings.Contains(e.Detail.(capture.Opened).Local, "1883") {
			t.Errorf("a connection to %s", e.Detail.(capture.Opened).Local)
		}
	}
	if len(got) == 0 || strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%d packets, want %d", len(got), len(want))
	}
	if d := last.Time.Sub(first.Time); at.At != d {
		t.Errorf("the last packet is at %s, want %s", at.At, d)
	}
	for _, c := range b.Clients() {
		if c.ClientID == "" || c.Version != "5.0" || c.State != "closed" || c.Remote == "" {
			t.Errorf("%+v", c)
		}
	}
	// Nothing new happens there.
	if _, err := b.AddClient("x"); !errors.Is(err, bench.ErrReadOnly) {
		t.Error(err)
	}
	if err := b.Reconfigure(broker.Config{}); !errors.Is(err, bench.ErrReadOnly) {
		t.Error(err)
	}
	if err := b.RemoveClient("t1"); !errors.Is(err, bench.ErrReadOnly) {
		t.Error(err)
	}
	_, next := b.Log().Bounds()
	if _, err := b.SetWire("t1", &pipe.Settings{Hold: true}, nil); !errors.Is(err, bench.ErrReadOnly) {
		t.Error(err)
	}
	if _, after := b.Log().Bounds(); after != next {
		t.Errorf("%d events more", after-next)
	}
}

func TestImportRefuses(t *testing.T) {
	whole, err := os.ReadFile("../../testdata/capture/mosquitto-mqttv311.pcapng")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		file string
		want error
	}{
		"text":    {"hello, this is no capture", bench.ErrNoCapture},
		"empty":   {"", bench.ErrNoCapture},
		"no MQTT": {string(whole[:300]), bench.ErrNoMQTT},
	} {
		b, err := bench.Import(t.Context(), importSize, strings.NewReader(test.file))
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
		if b != nil {
			b.Close()
		}
	}
	// A file that breaks off is shown as far as it goes.
	b, err := bench.Import(t.Context(), importSize, bytes.NewReader(whole[:len(whole)*2/3]))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if !strings.Contains(transcript(b), "import.broken") {
		t.Error(transcript(b))
	}
	// One that is longer than may be is shown in part, and it is said.
	small := importSize
	small.CaptureBytes = 500
	few, err := bench.Import(t.Context(), small, bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	defer few.Close()
	if !strings.Contains(transcript(few), "import.more") {
		t.Error(transcript(few))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	long := bytes.Repeat([]byte{0xc0, 0}, 5000)
	if _, err := bench.Import(ctx, importSize, bytes.NewReader(long)); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits: %v", err)
	}
}
