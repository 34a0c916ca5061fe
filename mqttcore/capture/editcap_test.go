package capture

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// TestFormatsOfEditcap reads one capture in every format that Wireshark's own
// editcap (of the package that tshark needs) writes and we read.
func TestFormatsOfEditcap(t *testing.T) {
	source := filepath.Join(captures(t), "mosquitto-mqttv5.pcapng")
	data, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	want := described(readAll(t, data, Options{}))
	for _, format := range []string{"pcap", "nsecpcap", "modpcap", "rh6_1pcap", "suse6_3pcap", "nokiapcap", "snoop", "pcapng"} {
		file := filepath.Join(t.TempDir(), format)
		if out, err := exec.Command("editcap", "-F", format, source, file).CombinedOutput(); err != nil {
			t.Errorf("editcap -F %s: %v\n%s", format, err, out)
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		records, r := collect(data, Options{})
		if r.Err() != nil || !slices.Equal(described(records), want) {
			t.Errorf("%s: %v, %d packets, want %d", format, r.Err(), count(records, Packet), len(want))
		}
	}
}
