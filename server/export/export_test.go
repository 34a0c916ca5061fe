package export

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/scenario"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
	"mqttlab/server/ladder"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// Packets of 3.1.1 and 5.0.
var (
	connectA  = unhex("100d 0004 4d515454 04 02 0000 0001 41")
	connectT  = unhex("100d 0004 4d515454 04 02 0000 0001 54")
	connectW  = unhex("1013 0004 4d515454 04 06 0000 0001 57 0001 77 0001 78")
	subscribe = unhex("8208 0001 0003 742f23 02")
	publish   = unhex("300a 0003 742f61 68656c6c6f")
	broken    = unhex("8008 0001 0003 742f23 02") // SUBSCRIBE without its reserved bit
)

// lived is a bench on which much has happened: a virtual client, one over TCP,
// one that was cut off, a long packet, bytes that are no packet.
func lived(t *testing.T) *bench.Bench {
	t.Helper()
	b := bench.New(bench.Config{ID: "lived", Broker: broker.Config{DenySubscribe: []string{"secret/#"}}})
	t.Cleanup(b.Close)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.Listen(l)
	drive := func(id string, packets ...[]byte) {
		t.Helper()
		if _, err := b.OpenClient(id); err != nil {
			t.Fatal(err)
		}
		for _, p := range packets {
			time.Sleep(2 * time.Millisecond)
			if err := b.Send(id, p); err != nil {
				t.Fatal(err)
			}
		}
	}
	v, _ := b.AddClient("A")
	w, _ := b.AddClient("W\u202e<b>")
	drive(v.ID, connectA, subscribe)
	drive(w.ID, connectW, append(unhex("30c409 0003 742f62"), bytes.Repeat([]byte("x"), 1215)...))
	client, err := net.Dial("tcp", b.Address())
	if err != nil {
		t.Fatal(err)
	}
	client.Write(connectT)
	if _, err := io.ReadFull(client, make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	client.Write(append(bytes.Clone(publish), publish...))
	client.Write(broken)
	io.ReadAll(client)
	client.Close()
	if _, err := b.AbortClient(w.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.CloseClient(v.ID); err != nil {
		t.Fatal(err)
	}
	return b
}

// packets returns a bench's packets as "client:hex" and "server:hex".
func packets(b *bench.Bench) (list []string) {
	for _, e := range b.Log().Range(nil, 1, 1<<62) {
		if e.Kind == capture.Packet {
			list = append(list, e.From.String()+":"+hex.EncodeToString(e.Bytes))
		}
	}
	return list
}

// tshark runs tshark over a file; a missing tshark fails the test.
func tshark(t *testing.T, file string, args ...string) []string {
	t.Helper()
	out, err := exec.Command("tshark", append([]string{"-n", "-r", file}, args...)...).Output()
	if err != nil {
		t.Fatalf("tshark (make tools installs it): %v", err)
	}
	return strings.Split(strings.TrimRight(string(out), "\n"), "\n")
}

// What Wireshark reads is what the bench saw: bytes, addresses, ports, times,
// and the explanations; and it finds nothing wrong with the TCP around it.
func TestPCAPNG(t *testing.T) {
	b := lived(t)
	for name, port := range map[string]uint16{"own port": 0, "port 1883": 1883} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "capture.pcapng")
			f, err := os.Create(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := PCAPNG(t.Context(), f, b, spec.English, port); err != nil {
				t.Fatal(err)
			}
			f.Close()
			_, own, _ := net.SplitHostPort(b.Address())
			shown := own
			if port != 0 {
				shown = strconv.Itoa(int(port))
			}
			as := "tcp.port==" + shown + ",mqtt"
			if wrong := tshark(t, file, "-d", as, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-Y",
				"tcp.analysis.flags || tcp.checksum.status == 0 || ip.checksum.status == 0"); wrong[0] != "" {
				t.Errorf("tshark complains:\n%s", strings.Join(wrong, "\n"))
			}
			// The bytes of both directions, in order, are those of the bench.
			var got []string
			for _, line := range tshark(t, file, "-d", as, "-Y", "tcp.len > 0", "-T", "fields", "-e", "tcp.dstport", "-e", "tcp.payload") {
				to, payload, _ := strings.Cut(line, "\t")
				from := "server:"
				if to == shown {
					from = "client:"
				}
				got = append(got, from+strings.ReplaceAll(payload, ":", ""))
			}
			if want := packets(b); strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("tshark reads\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			types := tshark(t, file, "-d", as, "-Y", "mqtt", "-T", "fields", "-e", "mqtt.msgtype", "-e", "mqtt.topic")
			if all := strings.Join(types, " "); !strings.Contains(all, "3\tt/a") || !strings.Contains(all, "2\t") {
				t.Errorf("tshark's types: %q", types)
			}
			comments := strings.Join(tshark(t, file, "-Y", "frame.comment", "-T", "fields", "-e", "frame.number", "-e", "frame.comment"), "\n")
			for _, want := range []string{"client A of the bench's page", "MQTT-3.1.4-4", "MQTT-2.2.2-2", `client W\u202e<b> of`} {
				if !strings.Contains(comments, want) {
					t.Errorf("no %s in the comments:\n%s", want, comments)
				}
			}
			// Times are the real ones, and never go back.
			last := 0.0
			for _, line := range tshark(t, file, "-T", "fields", "-e", "frame.time_epoch", "-e", "ip.src") {
				at, _, _ := strings.Cut(line, "\t")
				now, err := strconv.ParseFloat(at, 64)
				if err != nil || now < last || now < float64(b.Began().Unix())-1 || now > float64(time.Now().Unix())+1 {
					t.Errorf("a frame at %s (%v)", line, err)
				}
				last = now
			}
			ends := strings.Join(tshark(t, file, "-Y", "tcp.flags.syn == 1 && tcp.flags.ack == 0", "-T", "fields", "-e", "ip.src", "-e", "ip.dst", "-e", "tcp.dstport"), "\n")
			for _, want := range []string{"127.0.1.2\t127.0.0.1\t" + shown, "127.0.1.3\t127.0.0.1\t" + shown, "127.0.0.1\t127.0.0.1\t" + shown} {
				if !strings.Contains(ends, want) {
					t.Errorf("no connection %q in\n%s", want, ends)
				}
			}
			if rst := tshark(t, file, "-Y", "tcp.flags.reset == 1", "-T", "fields", "-e", "ip.src"); len(rst) != 1 || rst[0] != "127.0.1.3" {
				t.Errorf("resets by %q", rst)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	b := lived(t)
	var out bytes.Buffer
	if err := JSON(t.Context(), &out, b, ladder.NewIndex(b.Log()), spec.English); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if _, next := b.Log().Bounds(); len(lines) != int(next-1) {
		t.Errorf("%d lines for %d events", len(lines), next-1)
	}
	for i, line := range lines {
		var e ladder.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.N != uint64(i+1) {
			t.Errorf("line %d: %v: %s", i+1, err, line)
		}
		if e.Kind == "packet" && (e.Packet == nil || len(e.Packet.Fields) == 0) {
			t.Errorf("line %d has no annotated packet", i+1)
		}
	}
}

// What is exported as a scenario says the same to another broker, which gives
// the same answers, with and without waiting for them.
func TestScenario(t *testing.T) {
	b := lived(t)
	for _, expect := range []bool{false, true} {
		var out bytes.Buffer
		if err := Scenario(t.Context(), &out, b, broker.Config{}, expect); err != nil {
			t.Fatal(err)
		}
		s, err := scenario.Parse(out.Bytes(), scenario.Options{})
		if err != nil {
			t.Fatalf("%v in\n%s", err, out.String())
		}
		if len(s.Clients) != 3 || !strings.Contains(out.String(), `"note": "CONNECT A, clean session`) || !strings.Contains(out.String(), `"deny_subscribe": ["secret/#"]`) {
			t.Errorf("%s", out.String())
		}
		if strings.Contains(out.String(), "\u202e") && !strings.Contains(out.String(), `"name"`) {
			t.Error("hostile names are in notes")
		}
		r := scenario.Run(s, broker.Config{})
		if r.Failure != nil {
			t.Fatalf("replayed: %v in\n%s", r.Failure, out.String())
		}
		var got []string
		for _, e := range r.Events {
			if e.Kind == scenario.EventPacket {
				got = append(got, e.From.String()+":"+hex.EncodeToString(e.Bytes))
			}
		}
		if want := packets(b); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("expect %t: replayed\n%s\nwant\n%s", expect, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// A capture whose beginning was dropped is exported from what is left of it.
func TestDropped(t *testing.T) {
	b := bench.New(bench.Config{ID: "dropped", CaptureEvents: 300})
	defer b.Close()
	v, _ := b.AddClient("")
	if _, err := b.OpenClient(v.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.Send(v.ID, connectA); err != nil {
		t.Fatal(err)
	}
	for range 500 {
		if err := b.Send(v.ID, unhex("c000")); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := Scenario(t.Context(), &out, b, broker.Config{}, false); err != nil {
		t.Fatal(err)
	}
	if s, err := scenario.Parse(out.Bytes(), scenario.Options{}); err != nil || len(s.Steps) != 0 || !strings.Contains(s.Title, "no longer held") {
		t.Errorf("%v %s", err, out.String())
	}
	file := filepath.Join(t.TempDir(), "capture.pcapng")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := PCAPNG(t.Context(), f, b, spec.English, 0); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if n := len(tshark(t, file, "-Y", "mqtt.msgtype == 12")); n < 30 {
		t.Errorf("%d PINGREQ are left", n)
	}
}

// Nobody waits for the rest.
func TestCancelled(t *testing.T) {
	b := lived(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range map[string]error{
		"pcapng":   PCAPNG(ctx, io.Discard, b, spec.English, 0),
		"JSON":     JSON(ctx, io.Discard, b, ladder.NewIndex(b.Log()), spec.English),
		"scenario": Scenario(ctx, io.Discard, b, broker.Config{}, false),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
