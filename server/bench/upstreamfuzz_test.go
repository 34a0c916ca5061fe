package bench_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"testing"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
	"mqttlab/server/ladder"
)

// FuzzUpstream lets a broker elsewhere say anything, in pieces of any size, and
// hang up. Each byte is shown once and in order, and passed on; what is shown as
// a packet is one; and whoever watches is told of it in JSON.
func FuzzUpstream(f *testing.F) {
	there, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { there.Close() })
	for _, said := range []string{"20020000 9003000102" + publish0 + "d000", "2002", "20ffffff7f", "30ffffffff", "0000", "f000", "30800000", "30ffff3f00",
		publish2 + "62020001 40020001", "2013 0000 10 270000ffff 210001 22000a 240129002a00", "3403000000 e000 e000" + connectA, "90050001010203b0020001"} {
		f.Add(unhex(f, said), uint8(3), true)
		f.Add(unhex(f, said), uint8(0), false)
	}
	f.Fuzz(func(t *testing.T, said []byte, piece uint8, greets bool) {
		b, address := started(t, bench.Config{Upstream: &bench.Upstream{Address: there.Addr().String()}})
		client := dial(t, address)
		far, err := there.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if hello := unhex(t, connectA); greets {
			client.Write(hello)
			if _, err := io.ReadFull(far, hello); err != nil || !bytes.Equal(hello, unhex(t, connectA)) {
				t.Fatalf("the broker hears % x, %v", hello, err)
			}
		}
		go func() {
			defer far.Close()
			size := max(1, int(piece))
			for rest := said; len(rest) > 0; rest = rest[min(size, len(rest)):] {
				if _, err := far.Write(rest[:min(size, len(rest))]); err != nil {
					return
				}
			}
			far.(*net.TCPConn).CloseWrite()
			io.Copy(io.Discard, far)
		}()
		got, err := io.ReadAll(client)
		client.Close()
		if err != nil {
			t.Error(err)
		}
		why := ""
		eventually(t, "it ends", func() bool {
			for _, e := range b.Log().Range(nil, 1, 1<<62) {
				if e.Kind == capture.Close {
					why = e.Detail.(bench.Reason).Code
				}
			}
			return why != ""
		})
		shown := bytesOf(b, packet.Server)
		if !bytes.Equal(got, shown) {
			t.Errorf("% x is passed on, % x is shown", got, shown)
		}
		if !bytes.HasPrefix(said, shown) || len(shown) < len(said) && why != bench.ReasonTooLarge {
			t.Errorf("% x is shown of % x (%s)", shown, said, why)
		}
		for _, e := range b.Log().Range(nil, 1, 1<<62) {
			if e.Kind != capture.Packet || e.Broken {
				continue
			}
			if size, err := packet.Size(e.Bytes); err != nil || size != len(e.Bytes) {
				t.Errorf("% x is shown as a packet of %d bytes, %v", e.Bytes, size, err)
			}
		}
		numbered(t, b)
		transcript(b)
		_, next := b.Log().Bounds()
		_, events := ladder.NewCache(b.Log()).Range(spec.English, 1, next)
		for _, e := range events {
			if !json.Valid(e) {
				t.Errorf("no JSON: %s", e)
			}
		}
	})
}
