//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/packet"
)

// BenchmarkAgainstTsharkJSON runs decode -json and tshark -T json -x on the
// same capture, PUBLISH of QoS 1 and PUBACK by turns, and reports how many
// times as fast a packet is: in processor time, of all processors together,
// and in time on the clock. Start-up is taken out of tshark's time by
// subtracting that for few packets.
func BenchmarkAgainstTsharkJSON(b *testing.B) {
	const few, many, ours = 2, 20_000, 200_000
	dir := b.TempDir()
	file := func(n int) string {
		path := filepath.Join(dir, fmt.Sprint(n, ".pcapng"))
		if err := os.WriteFile(path, traffic(b, n), 0o600); err != nil {
			b.Fatal(err)
		}
		return path
	}
	tshark := func(n int) (processor, clock time.Duration) {
		cmd := exec.Command("tshark", "-n", "-r", file(n), "-T", "json", "-x")
		cmd.Stdout = io.Discard
		began := time.Now()
		if err := cmd.Run(); err != nil {
			b.Fatalf("tshark is needed: %v", err)
		}
		return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), time.Since(began)
	}
	startup, startupClock := tshark(few)
	processor, clock := tshark(many)
	theirs := float64(processor-startup) / (many - few)
	theirsClock := float64(clock-startupClock) / (many - few)
	path := file(ours)
	before := processorTime(b)
	for b.Loop() {
		var said bytes.Buffer
		var lines lineCount
		if status := run(context.Background(), []string{"decode", "-json", path}, streams{out: &lines, err: &said}); status != exitFine || lines < ours {
			b.Fatal(status, lines, &said)
		}
	}
	per := float64(b.N) * ours
	mine := float64(processorTime(b)-before) / per
	mineClock := float64(b.Elapsed()) / per
	b.ReportMetric(mine, "cpu-ns/packet")
	b.ReportMetric(mineClock, "ns/packet")
	b.ReportMetric(theirs, "tshark-cpu-ns/packet")
	b.ReportMetric(theirs/mine, "×tshark-cpu")
	b.ReportMetric(theirsClock/mineClock, "×tshark")
}

// lineCount counts the lines that are written to it.
type lineCount int

func (n *lineCount) Write(p []byte) (int, error) {
	*n += lineCount(bytes.Count(p, []byte("\n")))
	return len(p), nil
}

// processorTime is what this process has taken of all processors.
func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// traffic is a capture of n packets.
func traffic(b *testing.B, n int) []byte {
	var file bytes.Buffer
	w, err := capture.NewWriter(&file, capture.WriterOptions{})
	if err != nil {
		b.Fatal(err)
	}
	l := &largeWriter{w: w, when: testBegan}
	conn := l.open()
	for i := 2; i < n; i += 2 {
		id := uint16(i%60000 + 1)
		l.send(conn, packet.Client, &packet.Publish{
			QoS: 1, PacketID: id, Topic: fmt.Sprintf("plant/hall-%d/line/%d/temperature", i%3, i%7),
			Payload: fmt.Appendf(nil, `{"celsius": %d.%d, "unit": "C"}`, i%40, i%10),
		})
		l.send(conn, packet.Server, &packet.Ack{Kind: packet.PUBACK, PacketID: id})
	}
	if l.err == nil {
		l.err = w.Flush()
	}
	if l.err != nil {
		b.Fatal(l.err)
	}
	return file.Bytes()
}
