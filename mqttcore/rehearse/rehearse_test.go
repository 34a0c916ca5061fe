package rehearse_test

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/rehearse"
)

// transcript writes an Outcome in one line: keys of explanations, the hex of
// what is sent, "close".
func transcript(o rehearse.Outcome) (string, []string) {
	var said, rules []string
	for _, s := range o.Steps {
		switch {
		case s.Explained != nil:
			said = append(said, s.Explained.Key)
			rules = append(rules, s.Explained.Rules...)
		case s.Closed:
			said = append(said, "close")
		default:
			said = append(said, hex.EncodeToString(s.Sent))
		}
	}
	return strings.Join(said, " "), rules
}

func TestRun(t *testing.T) {
	tests := []struct {
		name, hex string
		version   packet.Version
		connected bool
		said      string // a part of the transcript
		rule      string
		closed    bool
		missing   int
	}{
		{"a good CONNECT", "1010 0004 4d515454 04 02 003c 0004 6c616241", 0, false, "20020000", "", false, 0},
		{"reserved connect flag", "100c 0004 4d515454 04 03 0000 0000", 0, false, "fault.connect close", "MQTT-3.1.2-3", true, 0},
		{"level 9", "100c 0004 4d515454 09 02 0000 0000", 0, false, "20020001 close", "MQTT-3.1.2-2", true, 0},
		{"ping", "c000", packet.V311, true, "d000", "", false, 0},
		{"QoS 3 in 3.1.1", "3605 0001 61 0001", packet.V311, true, "fault.packet close", "MQTT-3.3.1-4", true, 0},
		{"QoS 3 in 5.0", "3606 0001 61 0001 00", packet.V5, true, "fault.packet e00181 close", "MQTT-3.3.1-4", true, 0},
		{"a server's packet", "20020000", packet.V311, true, "fault.direction close", "", true, 0},
		{"two packets, the second wrong", "c000 f000", packet.V311, true, "d000 fault.packet close", "", true, 0},
		{"cut short", "3013 0004 74657374 6865", packet.V311, true, "", "", false, 11},
		{"one byte", "30", packet.V311, true, "", "", false, -1},
		{"reserved flags, seen before the rest is there", "8f13 00", packet.V311, true, "fault.packet close", "MQTT-2.2.2-2", true, 0},
		{"a Remaining Length without end", "30ffffffff7f", packet.V311, true, "close", "", true, 0},
		{"too large", "30ffff7f", packet.V311, true, "connection.dropped close", "", true, 0},
		{"nothing", "", packet.V311, false, "", "", false, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, err := hex.DecodeString(strings.ReplaceAll(test.hex, " ", ""))
			if err != nil {
				t.Fatal(err)
			}
			o := rehearse.Run(b, rehearse.Options{Version: test.version, MaxPacket: 1 << 20})
			said, rules := transcript(o)
			if !strings.Contains(said, test.said) || test.said == "" && said != "" {
				t.Errorf("said %q, want %q", said, test.said)
			}
			if test.rule != "" && !slices.Contains(rules, test.rule) {
				t.Errorf("rules %v, want %s among them", rules, test.rule)
			}
			if o.Closed != test.closed || o.Missing != test.missing || o.Connected != test.connected {
				t.Errorf("closed %t, missing %d, connected %t; want %t, %d, %t", o.Closed, o.Missing, o.Connected, test.closed, test.missing, test.connected)
			}
		})
	}
}

func FuzzRun(f *testing.F) {
	f.Add([]byte("\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00"), byte(4))
	f.Add([]byte("\x82\x06\x00\x01\x00\x01a\x00\x30\x03\x00\x01a"), byte(4))
	f.Fuzz(func(t *testing.T, b []byte, v byte) {
		o := rehearse.Run(b, rehearse.Options{Version: packet.Version(3 + v%3), MaxPacket: 1 << 20})
		if closes := len(o.Steps) > 0 && slices.ContainsFunc(o.Steps, func(s rehearse.Step) bool { return s.Closed }); closes != o.Closed {
			t.Fatalf("%x: closed %t, steps %v", b, o.Closed, o.Steps)
		}
	})
}
