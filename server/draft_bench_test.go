//go:build unix

package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
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
	// A letter is typed and deleted again, in turn; of each case's two bodies %s
	// is what the page holds of the other's draft.
	for name, bodies := range map[string][2]string{
		"publish": {`{"form":{"type":"PUBLISH","version":"3.1.1","topic":"test/a","qos":1,"packet_id":7,"payload":"hello"},"was":"32100007746573742f6162000768656c6c6f","held":"%s"}`,
			`{"form":{"type":"PUBLISH","version":"3.1.1","topic":"test/ab","qos":1,"packet_id":7,"payload":"hello"},"was":"320f0006746573742f61000768656c6c6f","held":"%s"}`},
		"connect5": {`{"form":{"type":"CONNECT","version":"5.0","client_id":"12345678","clean_session":true,"keep_alive":60,"properties":[{"name":"session_expiry_interval","value":30}]},"was":"","held":"%s"}`,
			`{"form":{"type":"CONNECT","version":"5.0","client_id":"123456789","clean_session":true,"keep_alive":60,"properties":[{"name":"session_expiry_interval","value":30}]},"was":"","held":"%s"}`},
		"bytes": {`{"hex":"320f0006746573742f61000768656c6c6f","version":"3.1.1","was":"320f0006746573742f61000768656c6c6e","held":"%s"}`,
			`{"hex":"320f0006746573742f61000768656c6c6e","version":"3.1.1","was":"320f0006746573742f61000768656c6c6f","held":"%s"}`},
	} {
		for _, parts := range []string{"whole", "parts"} {
			b.Run(name+"/"+parts, func(b *testing.B) { benchmarkDraft(b, l.Addr().String(), bodies, parts == "parts") })
		}
	}
}

func benchmarkDraft(b *testing.B, address string, bodies [2]string, inParts bool) {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	answers := bufio.NewReaderSize(conn, 64<<10)
	request := func(body, encoding string) []byte {
		return fmt.Appendf(nil, "POST /ui/draft HTTP/1.1\r\nHost: %s\r\nUser-Agent: Mozilla/5.0\r\nContent-Type: application/json\r\n"+
			"Accept: text/html\r\nAccept-Encoding: %s\r\nAccept-Language: en-GB,en;q=0.9\r\nOrigin: http://%s\r\n"+
			"Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\nContent-Length: %d\r\n\r\n%s", address, encoding, address, len(body), body)
	}
	ask := func(request []byte) []byte {
		if _, err := conn.Write(request); err != nil {
			b.Fatal(err)
		}
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			b.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			b.Fatal(answer.Status, err)
		}
		return body
	}
	var held [2]string // what the page holds behind each
	if inParts {
		for i, body := range bodies {
			_, rest, _ := strings.Cut(string(ask(request(fmt.Sprintf(body, ""), "identity"))), ` data-held="`)
			held[i], _, _ = strings.Cut(rest, `"`)
		}
	}
	var asks [2][]byte
	for i, body := range bodies {
		asks[i] = request(fmt.Sprintf(body, held[1-i]), "gzip, deflate, br, zstd")
	}
	size, n := 0, 0
	began := processorTime(b)
	b.ReportAllocs()
	for b.Loop() {
		n++
		size += len(ask(asks[n%2]))
	}
	b.ReportMetric(float64(processorTime(b)-began)/float64(n)/1e3, "cpu-µs/op")
	b.ReportMetric(float64(size)/float64(n), "wire-bytes")
	b.ReportMetric(0, "ns/op")
}

// processorTime is what this process has taken of all processors.
func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
