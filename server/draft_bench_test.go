package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"mqttlab/server"
)

// BenchmarkDraft measures what the server does at a keystroke in the builder,
// over TCP, as a browser asks: with the middleware and packed. The processor
// time is that of the whole process; its client does next to nothing.
func BenchmarkDraft(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s := server.New(server.Config{HTTP: l})
	ctx, stop := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	defer func() {
		stop()
		<-done
	}()
	for _, c := range []struct{ name, body string }{
		{"publish", `{"form":{"type":"PUBLISH","version":"3.1.1","topic":"test/a1","qos":1,"packet_id":7,"payload":"hello"},"was":"320f0006746573742f61000768656c6c6f"}`},
		{"connect5", `{"form":{"type":"CONNECT","version":"5.0","client_id":"123456789","clean_session":true,"keep_alive":60,"properties":[{"name":"session_expiry_interval","value":30}]},"was":""}`},
		{"bytes", `{"hex":"320f0006746573742f61000768656c6c6f","version":"3.1.1","was":"320f0006746573742f61000768656c6c6e"}`},
	} {
		b.Run(c.name, func(b *testing.B) {
			conn, err := net.DialTimeout("tcp", l.Addr().String(), time.Second)
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			ask := fmt.Appendf(nil, "POST /ui/draft HTTP/1.1\r\nHost: %s\r\nUser-Agent: Mozilla/5.0\r\nContent-Type: application/json\r\n"+
				"Accept: text/html\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9\r\nOrigin: http://%s\r\n"+
				"Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\nContent-Length: %d\r\n\r\n%s", l.Addr(), l.Addr(), len(c.body), c.body)
			answers := bufio.NewReaderSize(conn, 64<<10)
			size := 0
			began := processorTime(b)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := conn.Write(ask); err != nil {
					b.Fatal(err)
				}
				answer, err := http.ReadResponse(answers, nil)
				if err != nil {
					b.Fatal(err)
				}
				n, err := io.Copy(io.Discard, answer.Body)
				if err != nil || answer.StatusCode != http.StatusOK {
					b.Fatal(answer.Status, err)
				}
				size = int(n)
			}
			b.ReportMetric(float64(processorTime(b)-began)/float64(b.N)/1e3, "cpu-µs/op")
			b.ReportMetric(float64(size), "wire-bytes")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// processorTime is what this process has taken of all processors.
func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
