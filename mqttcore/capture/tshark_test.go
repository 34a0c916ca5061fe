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
		{"websocket.pcapng", "tcp.port==21884,http", 1},
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
