package hexdump_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"mqttlab/mqttcore/hexdump"
)

// seeds are the dumps of the tutorials that mqttlab began from, as their authors print them, and
// other dumps seen in the wild.
var seeds = []struct{ text, want string }{
	{
		"10 26 00 04 4D 51 54 54 04 C2 00 3C 00 09 31 32 33 34 35 36 37 38 39 00 05 61 64 6D 69 6E 00 08 70 61 73 73 77 6F 72 64",
		"102600044d51545404c2003c0009313233343536373839000561646d696e000870617373776f7264",
	},
	{"82 09 00 01 00 04 74 65 73 74 00", "8209000100047465737400"},
	{
		"31 15 00 06 74 65 73 74 2F 61 68 65 6C 6C 6F 5F 65 73 70 38 32 36 36",
		"31150006746573742f6168656c6c6f5f65737038323636",
	},
	{"31 13 00 04 74 65 73 74 68 65 6C 6C 6F 5F 65 73 70 38 32 36 36", "311300047465737468656c6c6f5f65737038323636"},
	{"20 02 00 00", "20020000"},
	{"90 03 00 01 00", "9003000100"},
	{"C0 00", "c000"},
	{"E0 00", "e000"},
	{"00 08 70 61 73 73 73 77 6f 72 64", "00087061737373776f7264"},
	{"c0 00", "c000"},
	{"1f 0f 00 04 4d 51 54 54 04 02 00 0a 00 03 63 69 64", "1f0f00044d5154540402000a0003636964"},
	{"10 0c 00 04 4d 51 54 54 04 03 00 00 00 00", "100c00044d515454040300000000"},
	{"0a c0", "0ac0"},
	{"1A 0D 0A", "1a0d0a"},
}

// TestSeeds reads each seed in every spelling and layout that keeps its digits: byte for byte, without
// a problem.
func TestSeeds(t *testing.T) {
	for _, s := range seeds {
		raw, err := hex.DecodeString(s.want)
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"as printed":       s.text,
			"lower case":       strings.ToLower(s.text),
			"stream":           strings.ReplaceAll(s.text, " ", ""),
			"colons":           strings.ReplaceAll(s.text, " ", ":"),
			"0x list":          "0x" + strings.ReplaceAll(s.text, " ", ", 0x"),
			"escaped":          `\x` + strings.ReplaceAll(s.text, " ", `\x`),
			"hexdump -C":       hex.Dump(raw),
			"with a label":     "发送：" + s.text,
			"in code quotes":   "The client sends `" + s.text + "` first.",
			"in a C array":     "uint8_t p[] = { 0x" + strings.ReplaceAll(s.text, " ", ", 0x") + " };",
			"in a Python call": `s.send(bytes.fromhex("` + s.text + `"))`,
			"full width":       strings.ReplaceAll(s.text, " ", "\u3000"),
			"Windows lines":    strings.ReplaceAll(s.text, " ", "\r\n"),
		} {
			r := hexdump.Read(text)
			if got := hex.EncodeToString(r.Bytes); got != s.want || len(r.Problems) > 0 {
				t.Errorf("%s: %q\nread as %s: %s, problems %v\nwant %s", name, text, r.Format, got, r.Problems, s.want)
			}
			checkReadings(t, text)
		}
	}
}

// TestSourcePointsAtTheDigits: for plain spaced hex the characters of each byte are its two digits.
func TestSourcePointsAtTheDigits(t *testing.T) {
	for _, s := range seeds {
		r := hexdump.Read("  " + s.text)
		for i, b := range r.Bytes {
			digits := ("  " + s.text)[r.Source[i].From:r.Source[i].To]
			if got := strings.ToLower(digits); got != hex.EncodeToString([]byte{b}) {
				t.Errorf("byte %d (%02x) points at %q", i, b, digits)
			}
		}
	}
}
