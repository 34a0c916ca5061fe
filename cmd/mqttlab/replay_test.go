package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"mqttlab/server"
)

// exchange is a scenario with everything that a broker does: three versions,
// QoS 0 to 2, retained, a will, a takeover, a packet in parts, one that is no
// packet.
const exchange = `{"mqttlab": "scenario/1", "clients": [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}, {"id": "c", "name": "C"}], "steps": [
 {"client": "a", "do": "open"},
 {"client": "a", "do": "send", "packet": {"type": "CONNECT", "version": "5.0", "client_id": "A", "clean_start": true}},
 {"client": "a", "do": "expect", "filter": "mqtt.msgtype == 2"},
 {"client": "a", "do": "send", "packet": {"type": "SUBSCRIBE", "version": "5.0", "packet_id": 1, "subscriptions": [{"filter": "t/#", "qos": 2}]}},
 {"client": "a", "do": "expect", "filter": "mqtt.msgtype == 9 && mqtt.msgid == 1"},
 {"client": "b", "do": "open"},
 {"client": "b", "do": "send", "packet": {"type": "CONNECT", "client_id": "B", "clean_session": true, "will": {"topic": "t/will", "payload": "gone"}}},
 {"client": "b", "do": "expect", "filter": "mqtt.msgtype == 2"},
 {"client": "b", "do": "send", "hex": "34 0b 00 03 74 2f"},
 {"after": 0.05, "client": "b", "do": "send", "hex": "61 00 07 68 65 6c 6c"},
 {"client": "b", "do": "expect", "filter": "mqtt.msgtype == 5 && mqtt.msgid == 7"},
 {"client": "b", "do": "send", "hex": "62 02 00 07"},
 {"client": "b", "do": "expect", "filter": "mqtt.msgtype == 7"},
 {"client": "a", "do": "expect", "filter": "mqtt.topic == \"t/a\" && mqtt.qos == 2"},
 {"client": "c", "do": "open"},
 {"client": "c", "do": "send", "packet": {"type": "CONNECT", "client_id": "B", "clean_session": true}},
 {"client": "c", "do": "expect", "filter": "mqtt.msgtype == 2"},
 {"client": "b", "do": "expect", "closed": true},
 {"client": "a", "do": "expect", "filter": "mqtt.topic == \"t/will\""},
 {"client": "c", "do": "send", "hex": "00 00"},
 {"client": "c", "do": "expect", "closed": true},
 {"client": "a", "do": "abort"}
]}`

// startMosquitto starts Debian's mosquitto; a missing one fails the test.
func startMosquitto(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	l.Close()
	config := filepath.Join(t.TempDir(), "mosquitto.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, "listener %s 127.0.0.1\nallow_anonymous true\n", port), 0o600); err != nil {
		t.Fatal(err)
	}
	name, err := exec.LookPath("mosquitto")
	if err != nil {
		name = "/usr/sbin/mosquitto"
	}
	command := exec.CommandContext(t.Context(), name, "-c", config)
	if err := command.Start(); err != nil {
		t.Fatalf("mosquitto (make tools installs it): %v", err)
	}
	t.Cleanup(func() { _ = command.Wait() })
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return address
		}
		if time.Now().After(deadline) {
			t.Fatal("mosquitto does not listen")
		}
	}
}

// startSelf starts a server of our own.
func startSelf(t *testing.T) string {
	t.Helper()
	var listeners [2]net.Listener
	for i := range listeners {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listeners[i] = l
	}
	s := server.New(server.Config{HTTP: listeners[0], MQTT: listeners[1]})
	done := make(chan error, 1)
	go func() { done <- s.Run(t.Context()) }()
	t.Cleanup(func() { <-done })
	return listeners[1].Addr().String()
}

// The same scenario goes well with mosquitto, with ourselves over TCP, and in
// simulated time, at its own speed and without waiting.
func TestReplayOverTCP(t *testing.T) {
	file := filepath.Join(t.TempDir(), "exchange.json")
	if err := os.WriteFile(file, []byte(exchange), 0o600); err != nil {
		t.Fatal(err)
	}
	play := func(t *testing.T, args ...string) string {
		t.Helper()
		var out, errors bytes.Buffer
		status := run(t.Context(), append([]string{"replay", file, "-why=false"}, args...), streams{out: &out, err: &errors})
		if status != exitFine {
			t.Errorf("%v: status %d, %s\n%s", args, status, errors.String(), out.String())
		}
		return regexp.MustCompile(`(?m)^ *[0-9.]+  `).ReplaceAllString(out.String(), "")
	}
	for name, address := range map[string]string{"mosquitto": startMosquitto(t), "mqttlab": startSelf(t)} {
		for _, speed := range []string{"1", "max"} {
			got := play(t, "-broker", address, "-speed", speed)
			for _, want := range []string{
				"A  ──▶  CONNECT A, clean start", "A  ◀──  SUBACK id 1",
				"B  ──▶  bytes of a packet that is not whole yet: 6\nB  ──▶  PUBLISH t/a, QoS 2, id 7, 4 bytes\n",
				"B  ◀──  PUBREC id 7", "A  ◀──  PUBLISH t/a, QoS 2, id 1, 4 bytes\n", "B  is closed by the broker\n",
				"A  ◀──  PUBLISH t/will, QoS 0, 4 bytes\n", "C  is closed by the broker\n", "A  aborts (RST)\n",
			} {
				if !strings.Contains(got, want) {
					t.Errorf("%s, speed %s: no %q in\n%s", name, speed, want, got)
				}
			}
		}
	}
	if got := play(t); !strings.Contains(got, "A  ◀──  PUBLISH t/a, QoS 2, id 1, 4 bytes\n") {
		t.Errorf("simulated:\n%s", got)
	}
}
