package annotate

import (
	"encoding/hex"
	"slices"
	"testing"

	"mqttlab/mqttcore/packet"
)

// TestRepairsAreWhole: what is offered as a repair breaks no rule, also where several faults stand side by side; what
// cannot be mended for certain is not offered.
func TestRepairsAreWhole(t *testing.T) {
	offered := 0
	try := func(b []byte, v packet.Version) {
		for _, f := range One(b, Options{Version: v}).Findings {
			if f.Repair == nil {
				continue
			}
			offered++
			mended, err := hex.DecodeString(f.Repair.Hex)
			if err != nil {
				t.Fatal(err)
			}
			p := One(mended, Options{Version: v})
			if slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Severity == Error }) || p.Length != len(mended) {
				t.Errorf("%x under %v, %s: the repair %s breaks a rule: %v", b, v, f.Code, f.Repair.Hex, p.Findings[0].Text)
			}
		}
	}
	for _, text := range []string{
		"100e00044d5154540402003c00026331", "100f00044d5154540502003c0000026331", "101400044d5154540426003c000263310001770001" + "78",
		"8206000100016100", "820700010000016100", "8210000100000a2473686172652f672f6104", "3207000174000100" + "78", "20020000", "2003000000",
		"620200" + "01", "a2050001000161", "9003000100", "c000", "e000",
	} {
		whole, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		for i := range whole {
			for bits := range 64 { // one bit or two
				b := slices.Clone(whole)
				b[i] ^= 1<<(bits%8) | 1<<(bits/8)
				for _, v := range packet.Versions {
					try(b, v)
				}
			}
		}
	}
	if offered < 1000 {
		t.Errorf("only %d repairs were offered", offered)
	}
}

// TestRulesOfSenders: what a rule says of one side is cited for that side.
func TestRulesOfSenders(t *testing.T) {
	for _, c := range []struct {
		hex    string
		sender packet.Party
		rule   string
	}{
		{"3207000174000000" + "78", packet.Client, "MQTT-2.2.1-3"},
		{"3207000174000000" + "78", packet.Server, "MQTT-2.2.1-4"},
		{"3207000174000000" + "78", 0, "MQTT-2.2.1-3"},
	} {
		b, err := hex.DecodeString(c.hex)
		if err != nil {
			t.Fatal(err)
		}
		p := One(b, Options{Version: packet.V5, Sender: c.sender})
		if !slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Rule == c.rule }) {
			t.Errorf("%s from %v: %v, want %s", c.hex, c.sender, p.Findings, c.rule)
		}
	}
}
