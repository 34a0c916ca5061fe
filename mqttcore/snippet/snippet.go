// Package snippet writes bytes as texts that people paste elsewhere: into a
// program, a terminal, a mail. Package hexdump reads all of them back.
package snippet

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// Kind is a way to write bytes.
type Kind string

// The kinds, in the order in which people ask for them.
const (
	Hex    Kind = "hex"    // two digits a byte, blanks between
	C      Kind = "c"      // an array of C
	Go     Kind = "go"     // a slice of Go
	Python Kind = "python" // bytes of Python
	Shell  Kind = "shell"  // a command that sends them
	Base64 Kind = "base64"
)

// Kinds lists every kind.
func Kinds() []Kind { return []Kind{Hex, C, Go, Python, Shell, Base64} }

// Options say what the bytes are.
type Options struct {
	Name string // of the variable; "": packet
	Host string // of the broker that the shell command sends to; "": localhost
	Port string // "": 1883
}

// Text writes b. Every text ends without a line break.
func Text(k Kind, b []byte, o Options) string {
	if o.Name == "" {
		o.Name = "packet"
	}
	switch k {
	case C:
		return fmt.Sprintf("unsigned char %s[%d] = {\n%s};", o.Name, len(b), lines(b, "    ", "0x%02x", ", ", ","))
	case Go:
		return fmt.Sprintf("var %s = []byte{\n%s}", o.Name, lines(b, "\t", "0x%02x", ", ", ","))
	case Python:
		if len(b) <= perLine {
			return fmt.Sprintf("%s = bytes.fromhex(\"%s\")", o.Name, spaced(b))
		}
		return fmt.Sprintf("%s = bytes.fromhex(\n%s)", o.Name, lines(b, "    \"", "%02x", " ", "\""))
	case Shell:
		return fmt.Sprintf("echo '%s' | xxd -r -p | nc %s %s", spaced(b), or(o.Host, "localhost"), or(o.Port, "1883"))
	case Base64:
		return base64.StdEncoding.EncodeToString(b)
	}
	return spaced(b)
}

const perLine = 12 // as xxd -i has it; fits where 80 characters do

// lines writes b in rows of perLine bytes.
func lines(b []byte, indent, format, between, end string) string {
	var s strings.Builder
	for from := 0; from < len(b); from += perLine {
		s.WriteString(indent)
		for i, c := range b[from:min(from+perLine, len(b))] {
			if i > 0 {
				s.WriteString(between)
			}
			fmt.Fprintf(&s, format, c)
		}
		s.WriteString(end + "\n")
	}
	return s.String()
}

func spaced(b []byte) string {
	digits := make([]string, len(b))
	for i := range b {
		digits[i] = hex.EncodeToString(b[i : i+1])
	}
	return strings.Join(digits, " ")
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
