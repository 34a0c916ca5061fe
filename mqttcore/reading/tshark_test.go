package reading_test

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/reading"
	"mqttlab/mqttcore/spec"
)

// filters are about what a packet has from its capture, not from its bytes.
// %port is the server's.
var filters = []string{
	"mqtt && tcp.stream == 0", "mqtt && tcp.stream == 1", "mqtt && tcp.stream > 2", "mqtt && tcp.stream in {1 .. 3}",
	"mqtt && frame.number < 20", "mqtt && frame.number in {4, 6, 8}",
	"mqtt && frame.len > 100", "mqtt && frame.len == 70", "mqtt && frame.len < 75 && frame.len >= 70",
	"mqtt && frame.time_relative < 0.001", "mqtt && frame.time_relative >= 0.2", "mqtt && frame.time_relative > 0.3 && mqtt.msgtype == 3",
	"mqtt && ip.src == 127.0.0.1", "mqtt && ip.dst == 127.0.0.0/8", "mqtt && ip.addr == 10.0.0.1", "mqtt && !ip.addr == 10.0.0.1", "mqtt && ipv6",
	"mqtt && tcp.port == %port", "mqtt && tcp.srcport == %port", "mqtt && tcp.dstport == %port", "mqtt && tcp.srcport > %port",
	"mqtt.topic && tcp.srcport == %port", "mqtt && tcp.dstport != %port && frame.number > 30",
}

// TestFiltersAsTshark: over captures, too, a filter selects the frames that
// it selects in tshark.
func TestFiltersAsTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Fatal("tshark is missing; make tools installs it")
	}
	for name, port := range map[string]string{"mosquitto-mqttv31": "21883", "mosquitto-mqttv311": "21883", "mosquitto-mqttv5": "21883", "shifted": "21883"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("../../testdata/capture", name+".pcapng")
			if name == "shifted" {
				file = shifted(t)
			}
			here := map[string][]string{}
			for _, text := range filters {
				text = strings.ReplaceAll(text, "%port", port)
				here[text] = nil
			}
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parsed := map[string]*filter.Filter{}
			for text := range here {
				if parsed[text], err = filter.Parse(text); err != nil {
					t.Fatal(text, err)
				}
			}
			r := reading.New(0)
			for rec := range capture.NewReader(bytes.NewReader(content), capture.Options{Ports: []uint16{21883}}).Records() {
				s := r.Take(rec)
				if rec.Kind != capture.Packet {
					continue
				}
				p := s.Explain(spec.English)
				for text, f := range parsed {
					frame := strconv.Itoa(rec.Frame)
					if list := here[text]; f.Match(s.View(p)) && (len(list) == 0 || list[len(list)-1] != frame) {
						here[text] = append(list, frame)
					}
				}
			}
			some := 0
			there := selected(t, file, port, here)
			for text := range here {
				if want := there[text]; strings.Join(want, " ") != strings.Join(here[text], " ") {
					t.Errorf("%s\n   here: %s\n tshark: %s", text, here[text], want)
				}
				if len(here[text]) > 0 {
					some++
				}
			}
			if some < 12 {
				t.Errorf("only %d filters select anything", some)
			}
		})
	}
}

// listen is a Lua script for tshark that applies all filters in one run.
const listen = `
local results = {}
for line in io.lines(os.getenv("FILTERS")) do
	results[line] = ""
	local tap = Listener.new("frame", line)
	function tap.packet(pinfo) results[line] = results[line] .. " " .. pinfo.number end
end
local last = Listener.new("frame")
function last.draw()
	for filter, numbers in pairs(results) do print("result\t" .. filter .. "\t" .. numbers) end
end
`

// selected returns the frames that each filter selects in tshark.
func selected(t *testing.T, file, port string, filters map[string][]string) map[string][]string {
	t.Helper()
	dir := t.TempDir()
	script, list := filepath.Join(dir, "listen.lua"), filepath.Join(dir, "filters.txt")
	for name, content := range map[string]string{script: listen, list: strings.Join(slices.Collect(maps.Keys(filters)), "\n") + "\n"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("tshark", "-r", file, "-d", "tcp.port=="+port+",mqtt", "-q", "-X", "lua_script:"+script)
	cmd.Env = append(os.Environ(), "FILTERS="+list, "HOME="+dir)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		if column := strings.Split(strings.TrimSpace(line), "\t"); column[0] == "result" {
			all[column[1]] = nil
			if len(column) > 2 {
				all[column[1]] = strings.Fields(column[2])
			}
		}
	}
	if len(all) != len(filters) {
		t.Fatalf("tshark answered %d of %d filters: %s", len(all), len(filters), out)
	}
	return all
}

// shifted is a capture that begins with frames that have nothing to do with
// MQTT: another TCP connection and a UDP packet. Times, numbers and streams
// count from there.
func shifted(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	run := func(name string, args ...string) {
		t.Helper()
		if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", name, err, out)
		}
	}
	text := filepath.Join(dir, "other.txt")
	if err := os.WriteFile(text, []byte("000000 47 45 54 20 2f 20\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tcp, udp := filepath.Join(dir, "tcp.pcap"), filepath.Join(dir, "udp.pcap")
	mqtt, all := filepath.Join(dir, "mqtt.pcap"), filepath.Join(dir, "all.pcap")
	run("text2pcap", "-q", "-T", "50000,80", text, tcp)
	run("text2pcap", "-q", "-u", "50000,53", text, udp)
	run("editcap", "-F", "pcap", "../../testdata/capture/mosquitto-mqttv311.pcapng", mqtt)
	for _, other := range []string{tcp, udp} { // shortly before the first frame of MQTT
		first, err := exec.Command("tshark", "-r", mqtt, "-c", "1", "-T", "fields", "-e", "frame.time_epoch").Output()
		if err != nil {
			t.Fatal(err)
		}
		its, err := exec.Command("tshark", "-r", other, "-c", "1", "-T", "fields", "-e", "frame.time_epoch").Output()
		if err != nil {
			t.Fatal(err)
		}
		a, _ := strconv.ParseFloat(strings.TrimSpace(string(first)), 64)
		b, _ := strconv.ParseFloat(strings.TrimSpace(string(its)), 64)
		run("editcap", "-F", "pcap", "-t", strconv.FormatFloat(a-b-0.25, 'f', 6, 64), other, other+".moved")
	}
	run("mergecap", "-F", "pcap", "-w", all, tcp+".moved", udp+".moved", mqtt)
	return all
}
