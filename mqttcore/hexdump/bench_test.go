package hexdump_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"mqttlab/mqttcore/hexdump"
)

const mebibyte = 1 << 20

// hostile are texts of one size made to be slow: each aims at a loop that could become
// quadratic.
func hostile(size int) map[string]string {
	fill := func(s string) string { return strings.Repeat(s, size/len(s)+1)[:size] }
	m := map[string]string{}
	for name, s := range map[string]string{
		"spaced": "10 ", "stream": "10", "lone digits": "1 ", "odd": "102 ", "bad": "1g ", "bad pairs": "10 1g ",
		"one word": "g", "prose": "be add face ", "lines": "c0 00\n", "blank lines": "c0 00\n\n", "spaces": " ", "newlines": "\n",
		"quotes": `"`, "single quotes": "'", "mixed quotes": `"'`, "escaped quotes": `\"`, "escapes": `\x10`, "escape quotes": `"\x1`,
		"backslashes": `\`, "comments": "/*", "slashes": "/", "brackets": "[", "lists": "[16,38]", "nested": "{[(", "commas": "1,",
		"stars": "*\n", "dump": "00000000  10 26 00 04 4d 51 54 54  04 c2 00 3c 00 09 31 32  |.&..MQTT...<..12|\n",
		"offsets": "00000000 10 ", "repeat": "00000000  10\n*\n7fffffff\n", "octal": "0000000 020 046\n", "colon": "00:",
		"times": "12:34:56 ", "addresses": "1.1.1.1 ", "tabs": "10\t", "ellipsis": "10 … ", "dots": "...", "base64": "QUJD", "equals": "=",
		"base64 lines": "QUJD\n", "raw": `"tcp.payload_raw": ["10`, "yaml": "data: !!binary |\n", "percent": "%10a", "wide": "１０ ",
		"Chinese": "固定10 26报头", "sent": "send: 10 26\n", "direction": "c->c->", "esp": "I (1) a: 10 26\n", "binary": "0000000000010000 ",
		"nibbles": "0001 0000 ", "follow": "Follow: tcp,raw\n10\n\t20\n", "zero": "00 ", "Buffer": "<Buffer 10 ", "invalid": "\xff", "nul": "\x00",
		"bars": "|10|26|", "at": "AT+CIPSEND=0\n", "ipd": "+IPD,", "zeros": "0", "od -c": "0000000   a   b\n",
		"self": "00000000  30 30 20 33 30 20 33 30 20 33 30 20", "minus": "-", "chars": "'a',", "casts": "(byte)",
		"triple quotes": `"""`, "nested quotes": `"'\x`, "typed arrays": `{"0":1,`, "0x joined": "0x0x", "tags": "<b", "colours": "[0m",
		"csv": "1,10260004\n", "pdml": `name="tcp.payload" `, "counts": "TX 1 10\n", "curly": "‘\\x1", "wrapped": "10 2\n", "16#": "16#1 ", "db": "db 10h\n",
		"gdb": "0x10 <buf>:\t16 '\\020'\n", "gdb p": `$1 = "\0", '\0' <repeats 9 times>, `, "repeats": "{0x0 <repeats 99999 times>}", "od rows": "  \\n  \\t\n",
		"od formats": "0000000   a\n          61\n", "od under": "        \\n\n", "byte lines": "a: 10\n", "told": "Sending PUBLISH (d0, q0)\n", "rust": `b"\0\x1\05"`,
		"windbg": "00000000`00000000  10 26-00\n", "quads": "00000000  00000000`00000000\n", "one star": "10 26 00 04\n*\n",
	} {
		m[name] = fill(s)
	}
	m["one dump line"] = "00000000  " + fill("33 30 20 ")
	m["one dump line of dots"] = "00000000  " + fill("00 ")[:size/2] + " " + fill(".")[:size/2]
	m["escapes, then quotes"] = fill(`"\x10`)[:size/2] + fill(`"`)[:size/2]
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "%08x  10 26\n", i*2)
	}
	m["long dump"] = b.String()
	return m
}

// TestHostileTextIsFast: reading stays linear, and the notes bounded, whatever the text.
func TestHostileTextIsFast(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 15 MiB")
	}
	limit := 3 * time.Second // usually below 0.1 s; a quadratic loop would take minutes
	for name, text := range hostile(mebibyte / 4) {
		start := time.Now()
		rs := hexdump.Readings(text)
		took := time.Since(start)
		if took > limit {
			t.Errorf("%s: %v", name, took)
		}
		if testing.Verbose() {
			t.Logf("%-24s %8v %s, %d bytes", name, took.Round(time.Millisecond), rs[0].Format, len(rs[0].Bytes))
		}
		for _, r := range rs {
			if len(r.Problems) > 1000 || len(r.Skipped) > 4000 {
				t.Errorf("%s: %d problems, %d skipped", name, len(r.Problems), len(r.Skipped))
			}
		}
	}
}

func BenchmarkReadings(b *testing.B) {
	raw := make([]byte, mebibyte/3)
	for i := range raw {
		raw[i] = byte(i * 7)
	}
	for name, text := range map[string]string{
		"plain 1MiB":   strings.TrimSpace(strings.Repeat("10 26 00 04 ", mebibyte/12)),
		"stream 1MiB":  hex.EncodeToString(raw),
		"hexdump 1MiB": hex.Dump(raw[:mebibyte/5]),
		"packet":       "10 26 00 04 4D 51 54 54 04 C2 00 3C 00 09 31 32 33 34 35 36 37 38 39 00 05 61 64 6D 69 6E 00 08 70 61 73 73 77 6F 72 64",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				hexdump.Readings(text)
			}
		})
	}
}
