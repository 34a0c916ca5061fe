package filter_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/packet"
)

const testdata = "../../testdata/filter"

// lines reads a file of testdata, without comments.
func lines(t testing.TB, name string) (list []string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(testdata, name))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			list = append(list, line)
		}
	}
	return list
}

var (
	client = netip.MustParseAddrPort("192.168.1.20:40000")
	other  = netip.MustParseAddrPort("192.168.1.21:40001") // speaks 5.0
	server = netip.MustParseAddrPort("192.168.1.1:1883")
)

// capture returns the packets of packets.txt as a filter sees them, and as a
// pcap of two TCP connections, one packet a second.
func capture(t testing.TB) (views []filter.View, pcap []byte) {
	le := binary.LittleEndian
	pcap = le.AppendUint32(nil, 0xa1b2c3d4)
	pcap = append(pcap, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0) // LINKTYPE_RAW
	var seq [4]uint32
	for i, line := range lines(t, "packets.txt") {
		who, text, _ := strings.Cut(line, " ")
		b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if n, err := packet.Size(b); n != len(b) {
			t.Fatalf("%s: %d bytes of %d, %v", line, len(b), n, err)
		}
		v := filter.View{Number: uint64(i + 1), Time: float64(i), Length: 40 + len(b), Sender: packet.Client, Client: client, Server: server}
		version, side := packet.V311, 0
		if strings.HasSuffix(who, "5") {
			v.Client, v.Stream, version, side = other, 1, packet.V5, 2
		}
		from, to := v.Client, v.Server
		if strings.HasPrefix(who, "server") {
			v.Sender = packet.Server
			from, to = to, from
			side++
		}
		p := annotate.One(b, annotate.Options{Version: version, Sender: v.Sender})
		v.Packet = &p
		views = append(views, v)

		pcap = le.AppendUint32(le.AppendUint32(pcap, uint32(1_700_000_000+i)), 0)
		pcap = le.AppendUint32(le.AppendUint32(pcap, uint32(v.Length)), uint32(v.Length))
		be := binary.BigEndian
		pcap = be.AppendUint16(append(pcap, 0x45, 0), uint16(v.Length))
		pcap = append(pcap, 0, 0, 0x40, 0, 64, 6, 0, 0)
		pcap = append(append(pcap, from.Addr().AsSlice()...), to.Addr().AsSlice()...)
		pcap = be.AppendUint16(be.AppendUint16(pcap, from.Port()), to.Port())
		pcap = be.AppendUint32(be.AppendUint32(pcap, 1000+seq[side]), 1000+seq[side^1])
		pcap = append(pcap, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0)
		pcap = append(pcap, b...)
		seq[side] += uint32(len(b))
	}
	return views, pcap
}

// listen is a Lua script for tshark that applies all filters in one run: a
// process for each would take a minute.
const listen = `
local results = {}
for line in io.lines(os.getenv("FILTERS")) do
	local i = #results + 1
	local ok, tap = pcall(Listener.new, "frame", line)
	if ok then
		results[i] = ""
		function tap.packet(pinfo) results[i] = results[i] .. " " .. pinfo.number end
	else
		results[i] = " refused: " .. tostring(tap):gsub("%s+", " ")
	end
end
local last = Listener.new("frame")
function last.draw()
	for i, r in ipairs(results) do print("result" .. r) end
end
`

// TestTshark compares with tshark which packets each filter selects.
func TestTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Fatal("tshark is missing; make tools installs it")
	}
	views, pcap := capture(t)
	filters := lines(t, "tshark.txt")
	dir := t.TempDir()
	for name, content := range map[string]string{
		"a.pcap": string(pcap), "listen.lua": listen, "filters.txt": strings.Join(filters, "\n") + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tshark := func(args ...string) string {
		cmd := exec.Command("tshark", append([]string{"-r", filepath.Join(dir, "a.pcap"), "-d", "tcp.port==1883,mqtt"}, args...)...)
		cmd.Env = append(os.Environ(), "FILTERS="+filepath.Join(dir, "filters.txt"), "HOME="+dir)
		cmd.Stderr = new(strings.Builder)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %v", err, cmd.Stderr)
		}
		return string(out)
	}
	var want []string
	for line := range strings.Lines(tshark("-q", "-X", "lua_script:"+filepath.Join(dir, "listen.lua"))) {
		if numbers, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "result"); ok {
			want = append(want, strings.TrimSpace(numbers))
		}
	}
	if len(want) != len(filters) {
		t.Fatalf("tshark answered %d of %d filters", len(want), len(filters))
	}
	selected := 0
	for i, expr := range filters {
		f, err := filter.Parse(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if got := numbers(f, views); got != want[i] {
			t.Errorf("%s\n   here: %s\n tshark: %s", expr, got, want[i])
			continue
		}
		again, err := filter.Parse(f.String())
		if err != nil || numbers(again, views) != want[i] {
			t.Errorf("%s prints as %s: %v", expr, f, err)
		}
		if want[i] != "" {
			selected++
		}
	}
	t.Logf("%d packets, %d filters, %d of them select some", len(views), len(filters), selected)
	// The same by -Y itself.
	expr := `mqtt.topic != "a/b" && tcp.srcport == 40000`
	f, err := filter.Parse(expr)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(tshark("-Y", expr, "-T", "fields", "-e", "frame.number")), " ")
	if got != numbers(f, views) {
		t.Errorf("-Y %s: here %s, tshark %s", expr, numbers(f, views), got)
	}
}

func numbers(f *filter.Filter, views []filter.View) string {
	var list []string
	for _, v := range views {
		if f.Match(v) {
			list = append(list, fmt.Sprint(v.Number))
		}
	}
	return strings.Join(list, " ")
}

// TestWiresharkNames checks which fields are said to be Wireshark's.
func TestWiresharkNames(t *testing.T) {
	known, bounds := make(map[string]bool), map[string]int{}
	for _, report := range []string{"fields", "protocols"} {
		out, err := exec.Command("tshark", "-G", report).Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			if column := strings.Split(strings.TrimSpace(line), "\t"); len(column) > 2 {
				known[column[2]] = true
				if column[0] == "F" {
					bounds[column[2]] = map[string]int{"FT_UINT8": 1<<8 - 1, "FT_UINT16": 1<<16 - 1, "FT_UINT32": 1<<32 - 1}[column[3]]
				}
			}
		}
	}
	have, want := make(map[string]bool), make(map[string]bool)
	for _, f := range filter.Fields() {
		have[f.Name], want[f.Name] = f.Wireshark, known[f.Name]
		if want := bounds[f.Name]; f.Wireshark && f.Max != want && f.Type == filter.Number && f.Name != "mqtt.conack.flags.reserved" {
			t.Errorf("%s is at most %d, in Wireshark %d", f.Name, f.Max, want)
		}
		if f.Label == "" || strings.Contains(f.Label, "⟦") {
			t.Errorf("%s has the label %q", f.Name, f.Label)
		}
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("Wireshark has -, FieldInfo.Wireshark +\n%s", diff)
	}
}
