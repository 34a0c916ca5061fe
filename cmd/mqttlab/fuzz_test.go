package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzDecodeCommand gives any file to decode: text in any layout and encoding,
// captures, raw bytes. It ends with one of its three statuses and says why;
// what -json writes is JSON whose packets are as long as they say, and what a
// filter lets through is what passes without one.
func FuzzDecodeCommand(f *testing.F) {
	for _, text := range []string{"10 0c 00 04 4d 51 54 54 04 02 00 3c 00 00\n", "c0 00", "\xff\xfec\x000\x00 \x000\x000\x00", "\xc0\x00\xd0\x00", "", "\x1f\x8b\x08\x00", "{}"} {
		f.Add([]byte(text))
	}
	dir := f.TempDir()
	if err := writeCaptures(dir); err != nil {
		f.Fatal(err)
	}
	for name := range scenes {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		decode := func(args ...string) (string, string, int) {
			var out, said bytes.Buffer
			status := run(context.Background(), append([]string{"decode", "-json"}, args...), streams{in: bytes.NewReader(data), out: &out, err: &said})
			if status != exitFine && status != exitFindings && status != exitUnusable {
				t.Fatalf("status %d", status)
			}
			if status == exitUnusable && said.Len() == 0 {
				t.Error("it cannot be used, and nobody says why")
			}
			return out.String(), said.String(), status
		}
		all, _, status := decode()
		for d := json.NewDecoder(strings.NewReader(all)); ; { // one document, or one a line
			var one any
			if err := d.Decode(&one); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%v: %.300s", err, all)
			}
			measured(t, one)
		}
		if some, said, again := decode("-Y", "mqtt"); (again == exitUnusable) != (status == exitUnusable) || strings.Count(some, `"type":`) > strings.Count(all, `"type":`) {
			t.Errorf("status %d without a filter, %d with one that all pass: %s", status, again, said)
		}
	})
}

// measured looks at all objects that have a length and bytes.
func measured(t *testing.T, in any) {
	switch in := in.(type) {
	case []any:
		for _, one := range in {
			measured(t, one)
		}
	case map[string]any:
		length, isLong := in["length"].(float64)
		text, isHex := in["hex"].(string)
		if isLong && isHex {
			if b, err := hex.DecodeString(text); err != nil || len(b) != int(length) {
				t.Errorf("%.0f bytes have %d in hex, %v", length, len(b), err)
			}
		}
		for _, one := range in {
			measured(t, one)
		}
	}
}
