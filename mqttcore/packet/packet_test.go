package packet_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"mqttlab/mqttcore/packet"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// valid holds packets in their canonical form, at least one of each type and version.
var valid = []struct {
	name    string
	version packet.Version
	hex     string
}{
	{"CONNECT 3.1.1 with credentials", 0, "1026 0004 4D515454 04 C2 003C 0009 313233343536373839 0005 61646D696E 0008 70617373776F7264"},
	{"CONNECT 3.1.1 with will", 0, "101d 0004 4d515454 04 2e 000a 0003 636964 0003 6c7774 0007 676f6e65 212121"},
	{"CONNECT 3.1", 0, "1011 0006 4d5149736470 03 02 000a 0003 636964"},
	{"CONNECT 5.0 with properties", 0, "1018 0004 4d515454 05 02 003c 08 11 0000000a 21 0014 0003 636964"},
	{"CONNECT 3.1, 23 characters", packet.V31, "1053 0006 4d5149736470 03 02 000a 0045e6b8a9e6b8a9e6b8a9e6b8a9e6b8a9e6b8a9e6b8a9e6b8a9e6b8a9e6b8a9e6b8a9e6b8a9e6b8a9e6b8a9e6b8a9e6b8a9e6b8a9e6b8a9e6b8a9e6b8a9e6b8a9e6b8a9e6b8a9"},
	{"CONNACK 3.1.1", packet.V311, "2002 0100"},
	{"CONNACK 5.0", packet.V5, "2006 0000 03 21 000a"},
	{"PUBLISH QoS 0 retained", packet.V311, "3113 0004 74657374 68656c6c6f5f65737038323636"},
	{"PUBLISH QoS 2 dup", packet.V311, "3c09 0003 612f62 0007 6869"},
	{"PUBLISH 5.0 with alias and user property", packet.V5, "320f 0000 0001 0a 23 0003 26 0001 61 0001 62"},
	{"PUBACK", packet.V311, "4002 0007"},
	{"PUBACK 5.0 with reason", packet.V5, "4003 0007 10"},
	{"PUBREC", packet.V311, "5002 0007"},
	{"PUBREL", packet.V311, "6202 0007"},
	{"PUBCOMP", packet.V311, "7002 0007"},
	{"SUBSCRIBE", packet.V311, "8209 0001 0004 74657374 00"},
	{"SUBSCRIBE 5.0", packet.V5, "820c 0001 02 0b 05 0004 61 2f 2b 2f 2d"},
	{"SUBACK", packet.V311, "9004 0001 0180"},
	{"UNSUBSCRIBE", packet.V311, "a208 0002 0004 74657374"},
	{"UNSUBACK", packet.V311, "b002 0002"},
	{"UNSUBACK 5.0", packet.V5, "b004 0002 00 11"},
	{"PINGREQ", packet.V311, "c000"},
	{"PINGRESP", packet.V311, "d000"},
	{"DISCONNECT", packet.V311, "e000"},
	{"DISCONNECT 5.0 with will", packet.V5, "e001 04"},
	{"AUTH", packet.V5, "f006 18 04 15 0001 78"},
}

func TestValidPacketsSurviveDecodeAndAppend(t *testing.T) {
	for _, test := range valid {
		t.Run(test.name, func(t *testing.T) {
			in := unhex(t, test.hex)
			d := packet.Decoder{Version: test.version}
			p, err := d.Decode(in)
			if err != nil {
				t.Fatal(err)
			}
			out, err := packet.Append(nil, p, d.Version)
			if err != nil {
				t.Fatal(err)
			}
			if hex.EncodeToString(out) != hex.EncodeToString(in) {
				t.Errorf("appended %x, want %x", out, in)
			}
		})
	}
}

// TestViolations names, for each check, a packet that fails it and nothing before it.
func TestViolations(t *testing.T) {
	tests := []struct {
		violation packet.Violation
		version   packet.Version
		hex       string
		offset    int
		rule      string
	}{
		{packet.ReservedFlags, 0, "1f0f 0004 4d515454 04 02 000a 0003 636964", 0, "MQTT-2.2.2-2"},
		{packet.ReservedConnectFlag, 0, "100c 0004 4d515454 04 03 0000 0000", 9, "MQTT-3.1.2-3"},
		{packet.ReservedType, packet.V311, "0ac0", 0, "§2.2.1"},
		{packet.RemainingLengthNotMinimal, packet.V311, "c08000", 1, "§2.2.3"},
		{packet.RemainingLengthTooLong, packet.V311, "c080808080 00", 1, "§2.2.3"},
		{packet.QoS3, packet.V311, "3605 0001 61 0001", 0, "MQTT-3.3.1-4"},
		{packet.TopicWildcard, packet.V311, "3005 0003 612f23", 6, "MQTT-3.3.2-2"},
		{packet.PacketIDZero, packet.V311, "3206 0001 61 0000 78", 5, "MQTT-2.3.1-1"},
		{packet.PacketIDZero, packet.V311, "4002 0000", 2, "MQTT-2.3.1-6"},
		{packet.PacketIDZero, packet.V311, "9003 0000 00", 2, "MQTT-2.3.1-7"},
		{packet.PacketIDZero, packet.V5, "8207 0000 00 0001 61 00", 2, "MQTT-2.2.1-3"},
		{packet.PacketIDZero, packet.V5, "7002 0000", 2, "MQTT-2.2.1-5"},
		{packet.PacketIDZero, packet.V5, "b004 0000 00 00", 2, "MQTT-2.2.1-6"},
		{packet.PastEnd, packet.V311, "3003 0004 61", 2, "§2.2.3"},
		{packet.TrailingBytes, packet.V311, "c001 00", 2, "§2.2.3"},
		{packet.Incomplete, packet.V311, "3005 0003 61", 5, ""},
		{packet.NoFilters, packet.V311, "8202 0001", 4, "MQTT-3.8.3-3"},
		{packet.FilterHash, packet.V311, "8208 0001 0003 612362 00", 7, "MQTT-4.7.1-2"},
		{packet.SubscribeQoS3, packet.V311, "8206 0001 0001 61 03", 7, "MQTT-3.8.3-4"},
		{packet.EmptyClientIDNoClean, 0, "100c 0004 4d515454 04 00 0000 0000", 14, "MQTT-3.1.3-7"},
		{packet.InvalidUTF8, packet.V311, "3004 0002 c080", 4, "MQTT-1.5.3-1"},
		{packet.TopicWildcard, 0, "1014 0004 4d515454 04 06 000a 0000 0003 612f2b 0001 78", 18, "MQTT-4.7.1-1"},
		{packet.TopicWildcard, 0, "1016 0004 4d515454 05 06 000a 00 0000 00 0003 612f2b 0001 78", 20, "MQTT-4.7.0-1"},
		{packet.ClientIDLength31, 0, "1026 0006 4d5149736470 03 02 000a 0018 616161616161616161616161616161616161616161616161", 16, "MQTT 3.1 §3.1"},
		{packet.ProtocolLevel, 0, "100e 0004 4d515454 06 02 003c 00 00 0001 63", 8, "MQTT-3.1.2-2"},
		{packet.SubackReserved, packet.V31, "9003 0001 80", 4, "MQTT 3.1 §3.9"},
		{packet.ReservedFlags, packet.V31, "8006 0001 0001 61 00", 0, "MQTT-2.2.2-2"},
		{packet.NoReturnCodes, packet.V5, "9003 0001 00", 5, "MQTT-3.8.4-6"},
		{packet.NoReturnCodes, packet.V5, "b003 0001 00", 5, "MQTT-3.11.3-1"},
		{packet.PropertyTwice, packet.V5, "300a 0001 61 06 230001 230002 78", 9, "§3.3.2.3.4"},
		{packet.PropertyTwice, 0, "1018 0004 4d515454 05 06 000a 00 0000 04 0101 0100 0001 77 0001 78", 18, "§3.1.3.2.3"},
		{packet.PropertyValue, 0, "1010 0004 4d515454 05 02 000a 03 210000 0000", 14, "§3.1.2.11.3"},
		{packet.PropertyValue, packet.V5, "2005 0000 02 2402", 6, "§3.2.2.3.4"},
		{packet.PropertyValue, packet.V5, "8209 0001 02 0b00 0001 74 00", 6, "§3.8.2.1.2"},
		{packet.PropertyValue, packet.V5, "3007 0001 74 03 230000", 7, "MQTT-3.3.2-8"},
		{packet.PropertyNotHere, packet.V5, "4006 0001 00 02 2401", 6, "§2.2.2.2"},
		{packet.PayloadNotUTF8, packet.V5, "3007 0001 74 02 0101 ff", 8, "§3.3.2.3.2"},
		{packet.PayloadNotUTF8, 0, "1016 0004 4d515454 05 06 000a 00 0000 02 0101 0001 77 0001 ff", 23, "§3.1.3.2.3"},
		{packet.AuthDataNoMethod, packet.V5, "2007 0000 04 16 0001 64", 9, "§3.2.2.3.18"},
	}
	for _, test := range tests {
		t.Run(test.violation.String(), func(t *testing.T) {
			in := unhex(t, test.hex)
			for _, trace := range []*packet.Trace{nil, {}} {
				d := packet.Decoder{Version: test.version, Trace: trace}
				p, err := d.Decode(in)
				if p != nil || err == nil {
					t.Fatalf("trace %t: decoded %v without fault", trace != nil, p)
				}
				fault := err.(*packet.Fault)
				if fault.Violation != test.violation || fault.Offset != test.offset || fault.Rule() != test.rule {
					t.Errorf("trace %t: got %v (byte %d, %q), want %v (byte %d, %q)", trace != nil,
						fault.Violation, fault.Offset, fault.Rule(), test.violation, test.offset, test.rule)
				}
			}
		})
	}
}

// TestFlagsNotUsed: 3.1 calls the flags of most packets not used, and fixes none of them.
func TestFlagsNotUsed(t *testing.T) {
	for _, h := range []string{"1010 0006 4d5149736470 03 02 000a 0002 6331", "2002 0000", "4002 0001", "5002 0001", "7002 0001", "9003 0001 00", "b002 0001", "c000", "d000", "e000"} {
		for flags := range byte(16) {
			b := unhex(t, h)
			b[0] |= flags
			for _, v := range packet.Versions {
				d := packet.Decoder{Version: v}
				if v == packet.V5 && (b[0]>>4 == byte(packet.CONNACK) || b[0]>>4 == byte(packet.SUBACK) || b[0]>>4 == byte(packet.UNSUBACK)) {
					continue // without properties
				}
				if _, err := d.Decode(b); (err == nil) != (v == packet.V31 || b[0]>>4 == byte(packet.CONNECT) || flags == 0) {
					t.Errorf("%s, flags %04b under %v: %v", h, flags, v, err)
				}
			}
		}
	}
	for _, v := range packet.Versions { // whatever the Decoder has read before
		d := packet.Decoder{Version: v}
		if _, err := d.Decode(unhex(t, "1f0f 0004 4d515454 04 02 000a 0003 636964")); err == nil {
			t.Errorf("a CONNECT of 3.1.1 with flags, after one of %v", v)
		}
	}
	for first, good := range map[byte]bool{0x82: true, 0x83: true, 0x8a: true, 0x8b: true, 0x80: false, 0x84: false, 0x86: false} {
		b := unhex(t, "8206 0001 0001 61 00")
		b[0] = first
		d := packet.Decoder{Version: packet.V31}
		if _, err := d.Decode(b); (err == nil) != good {
			t.Errorf("SUBSCRIBE with %02x under 3.1: %v", first, err)
		}
	}
}

// TestForeignProtocol: of a protocol level that no version has nothing else is judged, but for that of Mosquitto's bridges.
func TestForeignProtocol(t *testing.T) {
	for h, want := range map[string]int{
		"100f 0004 4d515454 06 03 003c 00 0000 ff ff": 1,
		"100d 0004 4d515454 84 03 003c 0001 63":       2, // the reserved flag
	} {
		trace := &packet.Trace{}
		d := packet.Decoder{Trace: trace}
		if _, err := d.Decode(unhex(t, h)); err == nil || len(trace.Faults) != want || trace.Faults[0].Violation != packet.ProtocolLevel {
			t.Errorf("%s: %v, faults %v", h, err, trace.Faults)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, test := range valid {
		f.Add(unhex(f, test.hex), byte(test.version))
	}
	f.Fuzz(func(t *testing.T, in []byte, version byte) {
		v := packet.Versions[int(version)%len(packet.Versions)]
		fast := packet.Decoder{Version: v}
		trace := &packet.Trace{}
		traced := packet.Decoder{Version: v, Trace: trace}
		p, err := fast.Decode(in)
		q, tracedErr := traced.Decode(in)
		if (err == nil) != (tracedErr == nil) {
			t.Fatalf("fast path says %v, traced path %v", err, tracedErr)
		}
		checkTiling(t, in, trace)
		if err != nil {
			if *err.(*packet.Fault) != *tracedErr.(*packet.Fault) {
				t.Fatalf("fast path says %v, traced path %v", err, tracedErr)
			}
			return
		}
		out, err := packet.Append(nil, p, fast.Version)
		if err != nil {
			t.Fatal(err)
		}
		again, err := packet.Append(nil, q, traced.Version)
		if err != nil || hex.EncodeToString(again) != hex.EncodeToString(out) {
			t.Fatalf("the two paths read different packets: %x and %x (%v)", out, again, err)
		}
		second := packet.Decoder{Version: fast.Version}
		r, err := second.Decode(out)
		if err != nil {
			t.Fatalf("appended %x does not decode: %v", out, err)
		}
		if third, _ := packet.Append(nil, r, second.Version); hex.EncodeToString(third) != hex.EncodeToString(out) {
			t.Fatalf("not stable: %x, then %x", out, third)
		}
	})
}

// checkTiling checks that the leaves of a trace cover the packet's bytes, and
// the bits of every byte of flags, exactly once and in order.
func checkTiling(t *testing.T, in []byte, trace *packet.Trace) {
	t.Helper()
	next, nextBit := 0, -1
	for i, s := range trace.Spans {
		parent := i+1 < len(trace.Spans) && trace.Spans[i+1].Depth > s.Depth
		if s.Bits {
			if nextBit < 0 {
				nextBit = 7
			}
			if int(s.Hi) != nextBit || s.Offset != next-1 {
				t.Fatalf("bits of %s at %d: %d to %d, expected from %d", s.Field.Name(), s.Offset, s.Hi, s.Lo, nextBit)
			}
			nextBit = int(s.Lo) - 1
			continue
		}
		if nextBit >= 0 {
			t.Fatalf("bits from %d of the byte before %s are in no field", nextBit, s.Field.Name())
		}
		bitsFollow := parent && trace.Spans[i+1].Bits
		if parent && !bitsFollow {
			continue
		}
		if s.Offset != next {
			t.Fatalf("%s begins at %d, the field before ends at %d", s.Field.Name(), s.Offset, next)
		}
		next += s.Length
	}
	want := len(in)
	if n, err := packet.Size(in); err == nil && n > 0 && n < want {
		want = n
	}
	if next != want {
		t.Fatalf("fields cover %d of %d bytes", next, want)
	}
}
