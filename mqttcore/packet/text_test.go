package packet_test

import (
	"bytes"
	"testing"

	"mqttlab/mqttcore/packet"
)

// TestOneBadCharacter puts one bad character at every place of Topic Names of
// every short length, since they are looked at eight bytes at a time.
func TestOneBadCharacter(t *testing.T) {
	bad := map[byte]packet.Violation{
		0: packet.NulCharacter, 0x80: packet.InvalidUTF8, 0xff: packet.InvalidUTF8,
		'+': packet.TopicWildcard, '#': packet.TopicWildcard,
	}
	for n := 1; n <= 40; n++ {
		for _, filler := range []byte{0x01, ' ', '"', '$', '*', ',', 'x', 0x7f} {
			wire := append([]byte{0x30, byte(n + 2), 0, byte(n)}, bytes.Repeat([]byte{filler}, n)...)
			for _, trace := range []*packet.Trace{nil, {}} {
				d := packet.Decoder{Version: packet.V311, Trace: trace}
				if _, err := d.Decode(wire); err != nil {
					t.Fatalf("%d × %q: %v", n, filler, err)
				}
				for i := range n {
					for char, violation := range bad {
						wire[4+i] = char
						_, err := d.Decode(wire)
						fault, _ := err.(*packet.Fault)
						if fault == nil || fault.Violation != violation || fault.Offset != 4+i {
							t.Fatalf("%q among %d × %q, at %d: got %v", char, n, filler, i, err)
						}
					}
					wire[4+i] = filler
				}
			}
		}
	}
}
