package snippet_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mqttlab/mqttcore/hexdump"
	"mqttlab/mqttcore/snippet"
)

// packets are what the texts are tried with: short, of more than a line, long,
// and with every byte that a shell or a language could mistake.
func packets() map[string][]byte {
	awkward := "\x30\x0c\x00\x04a'\"$\\`\n\x00\xff\x80!"
	return map[string][]byte{
		"PINGREQ": {0xc0, 0},
		"CONNECT": []byte("\x10\x26\x00\x04MQTT\x04\xc2\x00\x3c\x00\x09123456789\x00\x05admin\x00\x08password"),
		"PUBLISH": []byte("\x30\x93\x03\x00\x04test" + strings.Repeat("hello ", 68) + "\x00"),
		"awkward": []byte(awkward),
	}
}

// TestReadBack: what is copied can be pasted on the decode page.
func TestReadBack(t *testing.T) {
	for name, b := range packets() {
		for _, kind := range snippet.Kinds() {
			text := snippet.Text(kind, b, snippet.Options{})
			if got := hexdump.Read(text).Bytes; !bytes.Equal(got, b) {
				t.Errorf("%s as %s is read as %x, want %x:\n%s", name, kind, got, b, text)
			}
		}
	}
}

// output runs a program and returns what it writes; a missing one fails.
func output(t *testing.T, stdin string, name string, args ...string) []byte {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Stdin = strings.NewReader(stdin)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, &stderr)
	}
	return out
}

// TestLanguages: a compiler, an interpreter and a shell make the same bytes of
// the texts.
func TestLanguages(t *testing.T) {
	b := packets()["awkward"]
	want := hex.EncodeToString(b)
	dir := t.TempDir()

	shell, tail, ok := strings.Cut(snippet.Text(snippet.Shell, b, snippet.Options{Host: "broker", Port: "18830"}), " | nc ")
	if !ok || tail != "broker 18830" {
		t.Errorf("the command ends with %q", tail)
	}
	if _, err := exec.LookPath("xxd"); err == nil { // part of vim, not of the tools that tests install
		if got := hex.EncodeToString(output(t, "", "sh", "-c", shell)); got != want {
			t.Errorf("%s writes %s, want %s", shell, got, want)
		}
	} else {
		quoted := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(shell, " | xxd -r -p"), "echo '"), "'")
		if got := strings.ReplaceAll(quoted, " ", ""); got != want {
			t.Errorf("%s would write %s, want %s", shell, got, want)
		}
	}

	program := filepath.Join(dir, "main.go")
	source := "package main\n\nimport \"fmt\"\n\n" + snippet.Text(snippet.Go, b, snippet.Options{}) + "\n\nfunc main() { fmt.Printf(\"%x\", packet) }\n"
	if err := os.WriteFile(program, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := string(output(t, "", "go", "run", program)); got != want {
		t.Errorf("Go writes %s, want %s", got, want)
	}

	if _, err := exec.LookPath("python3"); err == nil {
		for name, b := range packets() {
			if got := string(output(t, snippet.Text(snippet.Python, b, snippet.Options{})+"\nprint(packet.hex(), end='')", "python3", "-")); got != hex.EncodeToString(b) {
				t.Errorf("%s: Python writes %s", name, got)
			}
		}
	}
}

// FuzzReadBack: a packet of any type, flags and content is read back from each
// text that shows it.
func FuzzReadBack(f *testing.F) {
	for _, b := range packets() {
		f.Add(b[0], b[2:])
	}
	f.Fuzz(func(t *testing.T, first byte, rest []byte) {
		if first < 0x10 || len(rest) >= 1<<14 {
			return // no Control Packet type; a length of three bytes
		}
		b := []byte{first, byte(len(rest))}
		if len(rest) > 127 {
			b = []byte{first, byte(len(rest)) | 0x80, byte(len(rest) >> 7)}
		}
		b = append(b, rest...)
		for _, kind := range snippet.Kinds() {
			text := snippet.Text(kind, b, snippet.Options{})
			if kind == snippet.Base64 && strings.Trim(text, "0123456789abcdefABCDEF\n") == "" {
				continue // it is hex as well
			}
			if got := hexdump.Read(text).Bytes; !bytes.Equal(got, b) {
				t.Errorf("%x as %s is read as %x:\n%s", b, kind, got, text)
			}
		}
	})
}
