package hexdump_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mqttlab/mqttcore/hexdump"
)

// someBytes are one to three well-formed packets, with text and without, with long runs of one byte.
func someBytes(r *rand.Rand) []byte {
	str := func(s string) []byte { return append([]byte{byte(len(s) >> 8), byte(len(s))}, s...) }
	words := []string{"test", "sensors/a", "21.5", "dead/beef", `{"t":21}`, "温度", "home/kitchen/light", "a b"}
	word := func() string { return words[r.IntN(len(words))] }
	noise := make([]byte, r.IntN(60))
	for i := range noise {
		noise[i] = byte(r.IntN(256))
	}
	var out []byte
	for range 1 + r.IntN(3) {
		first, body := byte(0x30), []byte(nil)
		switch r.IntN(6) {
		case 0:
			first, body = 0x10, append([]byte("\x00\x04MQTT\x04\x02\x00\x3c"), str(word())...)
		case 1:
			first, body = 0x82, append(append([]byte{0x12, byte(r.IntN(256))}, str(word())...), 0)
		case 2:
			body = append(str(word()), strings.Repeat(word(), 1+r.IntN(8))...)
		case 3:
			first, body = 0x32, append(append(str(word()), 0, 7), noise...)
		case 4:
			first, body = 0x40, []byte{byte(r.IntN(256)), byte(1 + r.IntN(255))}
		case 5:
			body = append(str("t"), make([]byte, r.IntN(50))...)
		}
		out = append(out, first, byte(len(body)))
		out = append(out, body...)
		if len(body) > 127 {
			out = append(out[:len(out)-len(body)-1], byte(len(body)|0x80), byte(len(body)>>7))
			out = append(out, body...)
		}
	}
	return out
}

// each writes every byte in a format, with a separator.
func each(b []byte, format, separator string) string {
	parts := make([]string, len(b))
	for i, v := range b {
		parts[i] = fmt.Sprintf(format, v)
	}
	return strings.Join(parts, separator)
}

// indexed writes every byte in a format that takes its place as well.
func indexed(b []byte, format, separator string) string {
	parts := make([]string, len(b))
	for i, v := range b {
		parts[i] = fmt.Sprintf(format, i, v)
	}
	return strings.Join(parts, separator)
}

// wrapped breaks a text into lines of a width.
func wrapped(s string, width int) string {
	var lines []string
	for len(s) > width {
		lines = append(lines, s[:width])
		s = s[width:]
	}
	return strings.Join(append(lines, s), "\n")
}

func typedArray(b []byte) string {
	object := map[string]int{}
	for i, v := range b {
		object[fmt.Sprint(i)] = int(v)
	}
	parts := make([]string, len(b))
	for i := range b {
		parts[i] = fmt.Sprintf("%q:%d", fmt.Sprint(i), object[fmt.Sprint(i)])
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// terminal writes bytes as serial terminals do: as characters where they can be printed, and else as hex in
// brackets.
func terminal(b []byte, separator string) string {
	parts := make([]string, len(b))
	for i, v := range b {
		if parts[i] = string(v); v <= ' ' || v > '~' || v == '<' || v == '>' {
			parts[i] = fmt.Sprintf("<%02X>", v)
		}
	}
	return strings.Join(parts, separator)
}

// layouts are ways in which programs, editors and people write bytes.
var layouts = map[string]func(b []byte) string{
	"BOM, hex.Dump":             func(b []byte) string { return "\ufeff" + hex.Dump(b) },
	"no-break spaces, hex.Dump": func(b []byte) string { return strings.ReplaceAll(hex.Dump(b), " ", "\u00a0") },
	"tabs, hex.Dump":            func(b []byte) string { return strings.ReplaceAll(hex.Dump(b), "  ", "\t") },
	"cat -n, hex.Dump":          func(b []byte) string { return numberedLines(hex.Dump(b)) },
	"quoted, hex.Dump":          func(b []byte) string { return "> " + strings.ReplaceAll(strings.TrimSpace(hex.Dump(b)), "\n", "\n> ") },
	"Windows lines, hex.Dump":   func(b []byte) string { return strings.ReplaceAll(hex.Dump(b), "\n", "\r\n") },
	"zero-width spaces":         func(b []byte) string { return each(b, "%02x", "\u200b") },
	"0x without separators":     func(b []byte) string { return each(b, "0x%02x", "") },
	"0X in capitals":            func(b []byte) string { return each(b, "0X%02X", ", ") },
	"HTML": func(b []byte) string {
		return "<code>" + strings.ReplaceAll(wrapped(each(b, "%02x ", ""), 48), "\n", "<br>") + "</code>"
	},
	"broken within bytes":         func(b []byte) string { return wrapped(hex.EncodeToString(b), 13) },
	"broken within spaced bytes":  func(b []byte) string { return wrapped(each(b, "%02x", " "), 31) },
	"Basic":                       func(b []byte) string { return "Dim p() As Byte = {" + each(b, "&H%02X", ", ") + "}" },
	"serial terminal":             func(b []byte) string { return terminal(b, "") },
	"serial terminal, spaced":     func(b []byte) string { return terminal(b, " ") },
	"Basic list":                  func(b []byte) string { return each(b, "&H%02X", ", ") },
	"PLC":                         func(b []byte) string { return each(b, "16#%02X", ", ") },
	"assembler":                   func(b []byte) string { return "db " + each(b, "0%02Xh", ", ") },
	"Kotlin":                      func(b []byte) string { return "byteArrayOf(" + each(b, "0x%02X.toByte()", ", ") + ")" },
	"Arduino binary":              func(b []byte) string { return "byte p[] = { " + each(b, "B%08b", ", ") + " };" },
	"Python bin":                  func(b []byte) string { return each(b, "0b%b", ", ") },
	"Python hexlify":              func(b []byte) string { return "b'" + hex.EncodeToString(b) + "'" },
	"Python fromhex, three lines": func(b []byte) string { return "p = bytes.fromhex(\"\"\"\n" + each(b, "%02x", " ") + "\n\"\"\")" },
	"perl":                        func(b []byte) string { return `perl -e 'print "` + each(b, `\x%02x`, "") + `"' | nc localhost 1883` },
	"python -c": func(b []byte) string {
		return `python3 -c "import sys; sys.stdout.buffer.write(b'` + each(b, `\x%02x`, "") + `')"`
	},
	"curly quotes":        func(b []byte) string { return `echo -en ‘` + each(b, `\x%02x`, "") + `’ | nc localhost 1883` },
	"PostgreSQL":          func(b []byte) string { return `\x` + hex.EncodeToString(b) },
	"typed array as JSON": typedArray,
	"Node Buffer as JSON": func(b []byte) string {
		list := make([]int, len(b))
		for i, v := range b {
			list[i] = int(v)
		}
		data, _ := json.Marshal(map[string]any{"type": "Buffer", "data": list})
		return string(data)
	},
	"indices":         func(b []byte) string { return indexed(b, "[%d] = 0x%02X", "\n") },
	"places":          func(b []byte) string { return indexed(b, "%d: %02x", "\n") },
	"modem, hex":      func(b []byte) string { return fmt.Sprintf("AT+NSOSD=0,%d,%X\r\nOK", len(b), b) },
	"log with tabs":   func(b []byte) string { return fmt.Sprintf("TX\t%d\t% x", len(b), b) },
	"CSV":             func(b []byte) string { return fmt.Sprintf("1,0.000123,192.168.1.2,192.168.1.3,%x", b) },
	"CSV with quotes": func(b []byte) string { return fmt.Sprintf("\"1\",\"0.000123\",\"%x\"\n\"2\",\"0.2\",\"\"", b) },
	"PuTTY log":       func(b []byte) string { return "=~=~= PuTTY log 2023.05.06 15:04:05 =~=~=\n" + each(b, "%02x", " ") },
	"colours": func(b []byte) string {
		return "\x1b[0;32mI (1234) MQTT: " + strings.ReplaceAll(wrapped(each(b, "%02x ", ""), 48), "\n", "\x1b[0m\n\x1b[0;32mI (1234) MQTT: ") + "\x1b[0m"
	},
	"Apple data":   func(b []byte) string { return fmt.Sprintf("{length = %d, bytes = 0x%x}", len(b), b) },
	"base64, MIME": func(b []byte) string { return wrapped(base64.StdEncoding.EncodeToString(b), 76) },
	"fields of tshark": func(b []byte) string {
		return fmt.Sprintf("ip.src\ttcp.srcport\ttcp.payload\n127.0.0.1\t4000\t\n10.0.0.5\t1883\t\n127.0.0.1\t4000\t%x\n10.0.0.5\t1883\t\n", b)
	},
	"JSON of tshark": func(b []byte) string {
		return `[{"_source":{"layers":{"tcp":{"tcp.srcport":"40000","tcp.payload": "` + each(b, "%02x", ":") + `"}}}}]`
	},
	"PDML of tshark": func(b []byte) string {
		return `<field name="tcp.payload" showname="TCP payload" size="9" pos="66" show="" value="` + hex.EncodeToString(b) + `"/>`
	},
}

// numberedLines is cat -n.
func numberedLines(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i := range lines {
		lines[i] = fmt.Sprintf("%6d\t%s", i+1, lines[i])
	}
	return strings.Join(lines, "\n")
}

// TestLayouts: packets written in each layout are read back, byte for byte and without a problem, and every
// character is accounted for.
func TestLayouts(t *testing.T) {
	for _, group := range []map[string]func([]byte) string{layouts, debuggers, languages} {
		for name, write := range group {
			r := rand.New(rand.NewPCG(1, 2))
			for range 60 {
				want := someBytes(r)
				checkReadsAs(t, name, write(want), want)
			}
		}
	}
}

func checkReadsAs(t *testing.T, name, text string, want []byte) {
	t.Helper()
	got := hexdump.Read(text)
	if !bytes.Equal(got.Bytes, want) || len(got.Problems) > 0 {
		t.Errorf("%s: read as %s\n%s\ngot  %x\nwant %x\nproblems %v", name, got.Format, shorten(text), got.Bytes, want, got.Problems)
	}
	checkReadings(t, text)
}

// toolOptions cuts options at spaces, but for one that holds a format.
func toolOptions(s string) []string {
	if strings.Contains(s, "%") {
		return []string{s}
	}
	return strings.Fields(s)
}

// TestTools: what the tools themselves print of packets is read back.
func TestTools(t *testing.T) {
	tools := map[string][]string{
		"xxd": {"", "-u", "-g1", "-g0", "-g4", "-g8", "-c8", "-c 24 -g 2", "-p", "-b", "-i", "-a", "-d", "-o 16", "-e", "-e -g2"},
		"od": {
			"-x", "-tx1", "-tx1z", "-tx1c", "-tx1 -Ax", "-tx1 -Ad", "-tx2z", "-tx4z", "-tx1 -w8", "-tx1 -w32", "-An -vtx1", "-An -vtu1", "-An -vtd1", "-An -vto1",
			"-b", "-c", "-o", "-d", "-i", "-D", "-s", "-l", "-td1", "-tu1", "-tu2", "-x --endian=big",
			"-tx1 -tc", "-tc -tx1", "-ta -tx1", "-tx1 -ta", "-c -tx1", "-tx1 -tu1", "-An -tx1 -tc", "-An -tx1z", "-An -tx1 -ta", "-c -ta -tx1", "-Ad -c", "-Ax -c", "-An -c", "-v -tx1z -w24", "-to2", "-tx8", "-tx8z", "-N 4096 -tx1",
		},
		"hexdump": {
			"", "-C", "-x", "-b", "-c", "-o", "-d", "-v", "-Cv", `-e16/1 "%02x " "\n"`, `-ve1/1 "%02X "`, `-ve1/1 "0x%02x,"`,
			`-e"%07.7_ax  " 8/1 "%02x " "\n"`,
		},
		"base64": {"", "-w 20"},
	}
	r := rand.New(rand.NewPCG(3, 4))
	file := filepath.Join(t.TempDir(), "packet")
	for range 12 {
		want := someBytes(r)
		if err := os.WriteFile(file, want, 0o600); err != nil {
			t.Fatal(err)
		}
		for tool, options := range tools {
			for _, option := range options {
				text, err := exec.Command(tool, append(toolOptions(option), file)...).Output()
				if err != nil {
					t.Fatalf("%s %s (make tools installs it): %v", tool, option, err)
				}
				name := tool + " " + option
				offered := false
				for _, reading := range hexdump.Readings(string(text)) { // of words, the other order may come first
					offered = offered || bytes.Equal(reading.Bytes, want)
				}
				if !offered {
					checkReadsAs(t, name, string(text), want)
				}
				checkReadings(t, string(text))
			}
		}
	}
}
