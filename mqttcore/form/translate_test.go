package form_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"mqttlab/mqttcore/form"
	"mqttlab/mqttcore/packet"
)

func TestIn(t *testing.T) {
	tests := []struct {
		from packet.Version
		hex  string
		to   packet.Version
		want string // "": there is none
	}{
		{packet.V311, "1010 0004 4d515454 04 02 003c 0004 6c616241", packet.V5, "1011 0004 4d515454 05 02 003c 00 0004 6c616241"},
		{packet.V311, "1010 0004 4d515454 04 02 003c 0004 6c616241", packet.V31, "1012 0006 4d5149736470 03 02 003c 0004 6c616241"},
		{packet.V5, "1014 0004 4d515454 05 02 003c 03 210014 0004 6c616241", packet.V311, "1010 0004 4d515454 04 02 003c 0004 6c616241"},
		{packet.V311, "320e 0006 746573742f61 0007 68656c6c", packet.V5, "320f 0006 746573742f61 0007 00 68656c6c"},
		{packet.V5, "820c 0001 02 0b05 0004 612f2b2f 2d", packet.V311, "8209 0001 0004 612f2b2f 01"},
		{packet.V311, "2002 0005", packet.V5, "2003 0087 00"},
		{packet.V5, "2003 0087 00", packet.V311, "2002 0005"},
		{packet.V5, "9005 0001 00 01 87", packet.V311, "9004 0001 01 80"},
		{packet.V311, "b002 0001", packet.V5, "b004 0001 00 00"},
		{packet.V5, "4003 0007 10", packet.V311, "4002 0007"},
		{packet.V5, "f002 18 00", packet.V311, ""},
		{packet.V311, "c000", packet.V5, "c000"},
		{packet.V311, "00", packet.V5, ""},
		{packet.V311, "10", packet.V5, ""},
	}
	for _, test := range tests {
		b, ok := form.In(test.to, unhex(t, test.hex), test.from)
		if got, want := hex.EncodeToString(b), strings.ReplaceAll(test.want, " ", ""); got != want || ok != (want != "") {
			t.Errorf("%s in %s: %s (%t), want %s", test.hex, test.to, got, ok, want)
		}
	}
}
