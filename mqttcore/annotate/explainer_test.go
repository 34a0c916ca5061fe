package annotate_test

import (
	"encoding/hex"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// explainer is used by all tests one after the other, as one is for all
// packets of a capture.
var explainer annotate.Explainer

// checkExplainer compares what an Explainer says of a packet with what One does.
func checkExplainer(t *testing.T, b []byte, o annotate.Options) {
	t.Helper()
	want := annotate.One(b, o)
	if all := hex.EncodeToString(b[:want.Length]); want.Hex != all {
		t.Fatalf("the hex of %s is %s", all, want.Hex)
	}
	explainer.Read(b, flow.Result{}, o)
	text := string(explainer.AppendJSON(nil))
	if diff := cmp.Diff(string(want.AppendJSON(nil)), text); diff != "" {
		t.Fatalf("% x, %+v: JSON:\n%s", b, o, diff)
	}
	got := explainer.Packet()
	if diff := cmp.Diff(string(want.AppendJSON(nil)), string(got.AppendJSON(nil))); diff != "" {
		t.Fatalf("% x, %+v: packet:\n%s", b, o, diff)
	}
	if again := string(explainer.AppendJSON(nil)); again != text {
		t.Fatalf("% x: the JSON is another once the packet was asked for:\n%s\n%s", b, text, again)
	}
}

// TestExplainer reads the packets of all golden dumps under every version and
// language, right, cut short and with bytes changed, in a random order.
func TestExplainer(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(packets, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files in %s: %v", packets, err)
	}
	var all [][]byte
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		given, _, _ := strings.Cut(string(content), "---\n")
		for _, p := range annotate.Text(paste(given), annotate.Options{}).Packets {
			b, err := hex.DecodeString(p.Hex)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, b)
		}
	}
	for range 5000 {
		b := append([]byte(nil), all[rand.IntN(len(all))]...)
		switch rand.IntN(3) {
		case 0:
			b = b[:1+rand.IntN(len(b))]
		case 1:
			b[rand.IntN(len(b))] = byte(rand.IntN(256))
		}
		checkExplainer(t, b, annotate.Options{
			Version: packet.Versions[rand.IntN(len(packet.Versions))], Sender: packet.Party(rand.IntN(3)),
			Lang: spec.Languages()[rand.IntN(len(spec.Languages()))], Index: rand.IntN(1 << rand.IntN(62)), Offset: rand.IntN(1 << rand.IntN(62)),
		})
	}
}
