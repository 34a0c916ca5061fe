package packet

import (
	"encoding/hex"
	"testing"
)

func TestBegun(t *testing.T) {
	for _, test := range []struct {
		bytes string
		want  Violation // Incomplete: it may become a packet
	}{
		{"", Incomplete},
		{"10", Incomplete},
		{"100d", Incomplete},
		{"100d00044d515454", Incomplete},
		{"30ff", Incomplete},
		{"30ffffff", Incomplete},
		{"30ffffff7f00", Incomplete},
		{"8007", ReservedFlags}, // SUBSCRIBE has the flags 0010
		{"80", ReservedFlags},
		{"00", ReservedType},
		{"30ffffffff", RemainingLengthTooLong},
		{"36", QoS3},
	} {
		b, err := hex.DecodeString(test.bytes)
		if err != nil {
			t.Fatal(err)
		}
		d := Decoder{Version: V311}
		got := Incomplete
		if fault := d.Begun(b); fault != nil {
			got = fault.Violation
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.bytes, got, test.want)
		}
	}
}
