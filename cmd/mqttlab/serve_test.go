package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is wrong with the flags of benches and their brokers is said.
func TestServeRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "broker.json")
	if err := os.WriteFile(file, []byte("{\n  \"max_qos\": 4\n}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"-broker " + file:           "broker.json, line 2, column 14: max_qos: 4 does not fit",
		"-broker " + file + ".none": "cannot be read: no such file",
		"-class-prefix AB":          "-class-prefix is about classes: give -class",
		"-class -class-prefix OIL":  "-class-prefix is at most four letters",
		"-class 9b -class-keep 1s":  "-class-keep is a time",
		"-class-token " + file:      "the first line is to be a token",
		"-class 9b twice":           "unexpected argument \"twice\"",
		"-bench-ports 5-4":          "-bench-ports: \"5-4\" is no range of ports",
		"-benches -1":               "-benches is 0 or more",
		"-bench-idle 1ms":           "-bench-idle 1s or more",
		"-log-level loud":           "-log-level is debug, info, warn or error",
		"-log-format xml":           "-log-format is text or json",
		"-pprof :6060":              "on loopback only",
		"-pprof 192.0.2.1:6060":     "on loopback only",
	} {
		var out, errors bytes.Buffer
		status := run(t.Context(), append([]string{"serve"}, strings.Fields(args)...), streams{out: &out, err: &errors})
		if status != exitUnusable || !strings.Contains(errors.String(), want) {
			t.Errorf("%s: %d %s", args, status, errors.String())
		}
	}
}

// A port that another program has is refused if it was asked for; in the place
// of a default any free one is taken, and that is said.
func TestTakenPort(t *testing.T) {
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	address := other.Addr().String()
	var said strings.Builder
	if _, err := (listening{flag: "-mqtt", address: address, asked: true}).open(t.Context(), streams{err: &said}); err == nil || !strings.Contains(err.Error(), "-mqtt "+address+" is in use by another program") || said.Len() > 0 {
		t.Errorf("asked for: %v %q", err, said.String())
	}
	l, err := listening{flag: "-mqtt", address: address}.open(t.Context(), streams{err: &said})
	if err != nil || !strings.Contains(said.String(), address+" is in use by another program, so a free port was taken; -mqtt") {
		t.Fatalf("a default: %v %q", err, said.String())
	}
	defer l.Close()
	if host, port, _ := net.SplitHostPort(l.Addr().String()); host != "127.0.0.1" || port == "0" || l.Addr().String() == address {
		t.Errorf("took %s", l.Addr())
	}
}

func TestLoopback(t *testing.T) {
	for address, want := range map[string]bool{"127.0.0.1:8080": true, "localhost:0": true, "[::1]:80": true, ":8080": false, "0.0.0.0:80": false, "192.0.2.1:80": false} {
		if loopback(address) != want {
			t.Errorf("%s", address)
		}
	}
}
