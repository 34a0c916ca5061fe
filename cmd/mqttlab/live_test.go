package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/packet"
)

// TestLivePipe: what tcpdump -w - has written is shown before it writes more,
// from the first packet on.
func TestLivePipe(t *testing.T) {
	var file bytes.Buffer
	w, err := capture.NewWriter(&file, capture.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	in, feed := io.Pipe()
	out, show := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- decode(context.Background(), nil, streams{in: in, out: show, err: io.Discard})
		show.Close()
	}()
	stuck := time.AfterFunc(20*time.Second, func() { out.CloseWithError(io.ErrNoProgress) })
	defer stuck.Stop()
	lines := bufio.NewScanner(out)
	rec := capture.Record{Kind: capture.Open, Conn: 1, Client: testClient, Server: testServer, Time: testBegan}
	if err := w.Write(&rec); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		from  packet.Party
		bytes string
		want  string
	}{
		{packet.Client, "\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a", "CONNECT a"},
		{packet.Server, "\x20\x02\x00\x00", "CONNACK"},
		{packet.Client, "\xc0\x00", "PINGREQ"},
	} {
		rec.Kind, rec.From, rec.Bytes = capture.Packet, step.from, []byte(step.bytes)
		if err := w.Write(&rec); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if _, err := feed.Write(file.Bytes()); err != nil {
			t.Fatal(err)
		}
		file.Reset()
		for found := false; !found; {
			if !lines.Scan() {
				t.Fatalf("%s is not shown as it comes: %v", step.want, lines.Err())
			}
			found = strings.Contains(lines.Text(), step.want)
		}
	}
	feed.Close()
	_, _ = io.Copy(io.Discard, out)
	if status := <-ended; status != exitFine {
		t.Errorf("exit status %d", status)
	}
}
