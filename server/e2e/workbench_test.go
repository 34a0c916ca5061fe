// Package e2e uses the workbench as a person does: the real program, a real
// Chromium, and real MQTT clients.
package e2e

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// binary is the program under test, built once.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "mqttlab-e2e-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "mqttlab")
	build := exec.Command("go", "build", "-o", binary, "mqttlab/cmd/mqttlab")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// workbench is a running program.
type workbench struct {
	url  string // of the page
	host string // of the MQTT listener
	port string
	pid  int
	more *bufio.Scanner // what the program prints behind its addresses
}

// startWorkbench starts the program on free ports and reads its addresses
// from what it prints. It is stopped as by Ctrl+C, and must then end by itself.
func startWorkbench(t testing.TB, flags ...string) workbench {
	t.Helper()
	if t, ok := t.(*testing.T); ok {
		t.Parallel() // each test has a program and a browser of its own
	}
	command := exec.Command(binary, append([]string{"-http", "127.0.0.1:0", "-mqtt", "127.0.0.1:0"}, flags...)...)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := command.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- command.Wait() }()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("after Ctrl+C the program ends with: %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Error("the program does not end after Ctrl+C")
			_ = command.Process.Kill()
		}
	})
	w := workbench{pid: command.Process.Pid}
	lines := bufio.NewScanner(out)
	for (w.url == "" || w.port == "") && lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		switch value = strings.TrimSpace(value); name {
		case "Workbench":
			w.url = strings.TrimSuffix(value, "/")
		case "MQTT":
			w.host, w.port, err = net.SplitHostPort(value)
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	w.more = lines
	if w.url == "" || w.port == "" {
		t.Fatal("the program does not say its addresses")
	}
	return w
}

// mosquitto runs one of mosquitto's clients against the workbench until it
// ends or the test does.
func (w workbench) mosquitto(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, name, append([]string{"-h", w.host, "-p", w.port}, args...)...)
	command.Stderr = os.Stderr
	return command
}

// sendRaw opens a connection, sends text, and waits until the server closes.
func (w workbench) sendRaw(t *testing.T, text string) {
	t.Helper()
	conn, err := net.Dial("tcp", net.JoinHostPort(w.host, w.port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.Copy(io.Discard, conn); err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the server does not close after %q: %v", text, err)
	}
}
