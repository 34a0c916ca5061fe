package bench_test

import (
	"bytes"
	"io"
	"net/netip"
	"runtime"
	"testing"
	"time"

	core "mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/packet"
	"mqttlab/server/bench"
	"mqttlab/server/limits"
)

// Capture files of a few megabytes that are made to take more memory than they
// look like: what shows them is held to the capture's own bounds.
func TestImportBombs(t *testing.T) {
	connect, err := packet.Append(nil, packet.NewConnect(packet.V311), packet.V311)
	if err != nil {
		t.Fatal(err)
	}
	film := func(conns, packets int, data []byte, comments ...string) *io.PipeReader {
		r, w := io.Pipe()
		go func() {
			out, err := core.NewWriter(w, core.WriterOptions{})
			for i := 0; i < conns && err == nil; i++ {
				rec := core.Record{Kind: core.Open, Conn: i + 1, Time: time.Unix(int64(i), 0), From: packet.Client, Comments: comments,
					Client: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 40000), Server: netip.MustParseAddrPort("192.0.2.2:1883")}
				err = out.Write(&rec)
				rec.Kind, rec.Bytes = core.Packet, data
				for k := 0; k < packets && err == nil; k++ {
					err = out.Write(&rec)
				}
			}
			if err == nil {
				err = out.Flush()
			}
			w.CloseWithError(err)
		}()
		return r
	}
	for name, file := range map[string]*io.PipeReader{
		"many connections":   film(150_000, 1, connect),
		"many packets":       film(1, 1_000_000, []byte{0xc0, 0}),
		"many large packets": film(10, 200, append([]byte{0x30, 0x80, 0x80, 0x20, 0, 1, 'a'}, bytes.Repeat([]byte{'x'}, 512<<10-3)...)),
		"long comments":      film(2000, 1, connect, string(bytes.Repeat([]byte("#"), 60_000))),
	} {
		t.Run(name, func(t *testing.T) {
			defer file.Close() // ends who writes it
			began, before := time.Now(), heap()
			b, err := bench.Import(t.Context(), bench.Config{CaptureEvents: limits.CaptureEvents, CaptureBytes: limits.CaptureBytes}, file)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			held := heap() - before
			first, next := b.Log().Bounds()
			t.Logf("%d events, %d clients, %d MB held, %v", next-first, len(b.Clients()), held>>20, time.Since(began))
			if held > limits.CaptureBytes*3/2 {
				t.Errorf("%d MB are held", held>>20)
			}
			if n := len(b.Clients()); n > limits.ClientsPerBench {
				t.Errorf("%d clients are listed", n)
			}
			runtime.KeepAlive(b)
		})
	}
}

// heap is how many bytes are in use.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
