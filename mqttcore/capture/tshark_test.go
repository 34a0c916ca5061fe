package capture

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mqttlab/mqttcore/packet"
)

// tshark runs tshark, which make tools installs.
func tshark(t testing.TB, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command("tshark", args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("tshark %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.String()
}

// dissected returns frame number, type, packet identifier and topic of every
// packet that tshark finds, one a line.
func dissected(t testing.TB, file string, decodeAs ...string) []string {
	args := []string{"-r", file, "-Y", "mqtt", "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,",
		"-e", "frame.number", "-e", "mqtt.msgtype", "-e", "mqtt.msgid", "-e", "mqtt.topic"}
	for _, d := range decodeAs {
		args = append(args, "-d", d)
	}
	var lines []string
	for line := range strings.Lines(tshark(t, args...)) {
		lines = append(lines, strings.TrimRight(line, "\n"))
	}
	return lines
}

// described returns of our packets what dissected does of tshark's.
func described(packets []Record) []string {
	type columns struct{ types, ids, topics []string }
	byFrame := map[int]*columns{}
	decoders := map[int]*packet.Decoder{}
	var frames []int
	for _, rec := range packets {
		if rec.Kind != Packet {
			continue
		}
		f := byFrame[rec.Frame]
		if f == nil {
			f = &columns{}
			byFrame[rec.Frame] = f
			frames = append(frames, rec.Frame)
		}
		d := decoders[rec.Conn]
		if d == nil {
			d = &packet.Decoder{}
			decoders[rec.Conn] = d
		}
		p, err := d.Decode(rec.Bytes)
		if err != nil {
			f.topics = append(f.topics, err.Error())
			continue
		}
		f.types = append(f.types, strconv.Itoa(int(p.Type())))
		id := func(id uint16) { f.ids = append(f.ids, strconv.Itoa(int(id))) }
		switch p := p.(type) {
		case *packet.Publish:
			if p.QoS > 0 {
				id(p.PacketID)
			}
			f.topics = append(f.topics, p.Topic)
		case *packet.Ack:
			id(p.PacketID)
		case *packet.Subscribe:
			id(p.PacketID)
			for _, s := range p.Subscriptions {
				f.topics = append(f.topics, s.Filter)
			}
		case *packet.Suback:
			id(p.PacketID)
		}
	}
	slices.Sort(frames)
	var lines []string
	for _, n := range frames {
		f := byFrame[n]
		lines = append(lines, fmt.Sprintf("%d\t%s\t%s\t%s", n, strings.Join(f.types, ","), strings.Join(f.ids, ","), strings.Join(f.topics, ",")))
	}
	return lines
}

func captures(t testing.TB) string { return filepath.Join("..", "..", "testdata", "capture") }

func TestSamePacketsAsTshark(t *testing.T) {
	for _, c := range []struct {
		file     string
		decodeAs string
		conns    int
	}{
		{"mosquitto-mqttv31.pcapng", "tcp.port==21883,mqtt", 6},
		{"mosquitto-mqttv311.pcapng", "tcp.port==21883,mqtt", 6},
		{"mosquitto-mqttv5.pcapng", "tcp.port==21883,mqtt", 6},
	} {
		t.Run(c.file, func(t *testing.T) {
			path := filepath.Join(captures(t), c.file)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			records := readAll(t, data, Options{})
			if notes := notesOf(records); len(notes) > 0 {
				t.Errorf("notes: %q", notes)
			}
			if n := count(records, Open); n != c.conns {
				t.Errorf("%d connections, want %d", n, c.conns)
			}
			if n := count(records, Close); n != c.conns {
				t.Errorf("%d closed, want %d", n, c.conns)
			}
			got, want := described(records), dissected(t, path, c.decodeAs)
			if !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// TestWebSocket compares by way of our own writer: this tshark has no MQTT in
// its WebSocket dissector.
func TestWebSocket(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(captures(t), "websocket.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	records := readAll(t, data, Options{})
	want := []string{
		"8\t1\t\t", "10\t2\t\t", "14\t8\t1\tlab/#", "16\t9\t1\t", "18\t3,3\t7\tlab/a,lab/b", "19\t3\t\tlab/a", "21\t3\t1\tlab/b", "23\t4\t7\t",
		"29\t3\t8\tlab/long", "33\t3\t2\tlab/long", "35\t4\t8\t", "47\t12\t\t", "49\t13\t\t", "51\t14\t\t",
	}
	if got := described(records); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if records[0].Transport != WebSocket || count(records, Note) > 0 {
		t.Errorf("transport %s, notes %q", records[0].Transport, notesOf(records))
	}
	file := rewrite(t, records, WriterOptions{ServerPort: 1883})
	var packets int
	for _, line := range dissected(t, file) {
		packets += strings.Count(strings.Split(line, "\t")[1], ",") + 1
	}
	if packets != count(records, Packet) {
		t.Errorf("tshark finds %d packets in what was written, want %d", packets, count(records, Packet))
	}
}

// rewrite writes records to a file.
func rewrite(t testing.TB, records []Record, o WriterOptions) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "written.pcapng")
	if err := os.WriteFile(file, rewritten(t, records, o), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func rewritten(t testing.TB, records []Record, o WriterOptions) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		if err := w.Write(&records[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestWrittenFilesPleaseTshark: no expert information above a note, no
// analysis flags, right checksums, and the same packets.
func TestWrittenFilesPleaseTshark(t *testing.T) {
	for _, name := range []string{"mosquitto-mqttv31.pcapng", "mosquitto-mqttv311.pcapng", "mosquitto-mqttv5.pcapng", "websocket.pcapng"} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(captures(t), name))
			if err != nil {
				t.Fatal(err)
			}
			records := readAll(t, data, Options{})
			file := rewrite(t, records, WriterOptions{ServerPort: 1883, MSS: 536})
			checked := tshark(t, "-r", file, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE",
				"-Y", "tcp.analysis.flags || tcp.checksum.status == 0 || ip.checksum.status == 0 || _ws.malformed || _ws.expert.severity >= 6291456")
			if checked != "" {
				t.Errorf("tshark complains:\n%s", checked)
			}
			again, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			back := readAll(t, again, Options{})
			if got, want := described(back), dissected(t, file); !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			sameStory(t, back, records)
		})
	}
}

// sameStory compares what two captures tell, but for frame numbers and ports.
func sameStory(t testing.TB, got, want []Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d\nnotes: %q", len(got), len(want), notesOf(got))
	}
	for i := range got {
		g, w := got[i], want[i]
		if g.Kind != w.Kind || g.Conn != w.Conn || g.From != w.From || !bytes.Equal(g.Bytes, w.Bytes) || g.Cause != w.Cause || !g.Time.Equal(w.Time) || g.Client != w.Client {
			t.Fatalf("record %d:\n got %+v\nwant %+v", i, g, w)
		}
	}
}
