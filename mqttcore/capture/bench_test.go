package capture

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/gopacket/gopacket/reassembly"

	"mqttlab/mqttcore/packet"
)

// generator is a pcap file of any length: conns clients that each connect and
// then publish, packet by packet, 145 bytes on the wire's MQTT layer.
type generator struct {
	conns, packets int
	made           int
	frames         [][]byte // per connection: record header, IP, TCP, PUBLISH
	rest           []byte
	start          []byte
}

func newGenerator(conns, packets int) *generator {
	w := newWire()
	w.addr[1] = netip.AddrPortFrom(serverAddr.Addr(), 1883)
	g := &generator{conns: conns, packets: packets}
	body := publish("sensors/house/kitchen/temperature", strings.Repeat("x", 145-2-2-33-1))
	for i := range conns {
		w.addr[0] = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 40000)
		w.seq = [2]uint32{1000, 9000}
		w.open().data(0, connect...).data(1, connack...)
		frame := pcapOf([]wireFrame{{began.Add(time.Hour), appendSegment(nil, w.addr[0], w.addr[1], w.seq[0], w.seq[1], flagACK|flagPSH, 1460, body)}}, binary.LittleEndian, linkRaw, nil)
		g.frames = append(g.frames, frame[24:])
	}
	g.start = w.pcap()
	g.rest = g.start
	return g
}

func (g *generator) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(g.rest) == 0 {
			if g.made == g.packets {
				break
			}
			f := g.frames[g.made%g.conns]
			if g.made >= g.conns {
				const seqAt = 16 + 20 + 4
				binary.BigEndian.PutUint32(f[seqAt:], binary.BigEndian.Uint32(f[seqAt:])+145)
			}
			g.made++
			g.rest = f
		}
		k := copy(p[n:], g.rest)
		g.rest = g.rest[k:]
		n += k
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// BenchmarkMillion reads a capture of a million packets on 1000 connections
// and decodes each.
func BenchmarkMillion(b *testing.B) {
	const packets = 1_000_000
	var size int64
	b.ReportAllocs()
	for b.Loop() {
		r := NewReader(newGenerator(1000, packets), Options{})
		d := packet.Decoder{Version: packet.V311}
		n := 0
		for rec := range r.Records() {
			if rec.Kind == Packet {
				if _, err := d.Decode(rec.Bytes); err != nil {
					b.Fatal(err)
				}
				n++
			}
		}
		if r.Err() != nil || n != packets+2000 {
			b.Fatal(n, r.Err())
		}
		size = r.Stats().Bytes
	}
	perOp := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
	b.ReportMetric(perOp/packets, "ns/packet")
	b.ReportMetric(perOp/1e9, "s/million")
	b.SetBytes(size)
}

// TestMemoryIsBounded reads a capture of about 100 MB with more connections
// than are remembered.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("reads many packets")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	file := newGenerator(20_000, 500_000)
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	r := NewReader(file, Options{})
	most, n := uint64(0), 0
	for rec := range r.Records() {
		if n++; rec.Kind != 0 && n%50_000 == 0 {
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapInuse-min(now.HeapInuse, before.HeapInuse))
		}
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	t.Logf("%d MiB more heap in use at most, %d bytes held at most, %d streams", most>>20, r.Stats().MostHeld, r.Stats().Streams)
	if most > 64<<20 {
		t.Errorf("%d MiB of heap, want at most 64", most>>20)
	}
}

// BenchmarkAgainstTshark compares the time per packet with tshark -V on the
// same file, start-up taken out.
func BenchmarkAgainstTshark(b *testing.B) {
	const packets = 20_000
	data, err := io.ReadAll(newGenerator(100, packets))
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	long, short := filepath.Join(dir, "long.pcap"), filepath.Join(dir, "short.pcap")
	for file, content := range map[string][]byte{long: data, short: data[:24]} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	timed := func(file string) time.Duration {
		began := time.Now()
		cmd := exec.Command("tshark", "-r", file, "-V")
		cmd.Stdout = io.Discard
		if err := cmd.Run(); err != nil {
			b.Fatal(err)
		}
		return time.Since(began)
	}
	theirs := float64((timed(long) - timed(short)).Nanoseconds()) / packets
	trace := &packet.Trace{}
	for b.Loop() {
		r := NewReader(bytes.NewReader(data), Options{})
		d := packet.Decoder{Version: packet.V311, Trace: trace}
		for rec := range r.Records() {
			if rec.Kind == Packet {
				_, _ = d.Decode(rec.Bytes)
			}
		}
	}
	ours := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / packets
	b.ReportMetric(ours, "ns/packet")
	b.ReportMetric(theirs, "tshark-ns/packet")
	b.ReportMetric(theirs/ours, "×tshark")
}

// BenchmarkReassembly sets own TCP code against gopacket's on the same file.
func BenchmarkReassembly(b *testing.B) {
	const packets = 100_000
	data, err := io.ReadAll(newGenerator(100, packets))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("own", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r := NewReader(bytes.NewReader(data), Options{})
			n := 0
			for range r.Records() {
				n++
			}
			if n < packets {
				b.Fatal(n)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/packets, "ns/packet")
	})
	b.Run("gopacket", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f := &factory{}
			assembler := reassembly.NewAssembler(reassembly.NewStreamPool(f))
			r, err := pcapgo.NewReader(bytes.NewReader(data))
			if err != nil {
				b.Fatal(err)
			}
			var ip layers.IPv4
			var tcp layers.TCP
			var payload gopacket.Payload
			parser := gopacket.NewDecodingLayerParser(layers.LayerTypeIPv4, &ip, &tcp, &payload)
			var decoded []gopacket.LayerType
			for {
				frame, info, err := r.ZeroCopyReadPacketData()
				if err == io.EOF {
					break
				}
				if err != nil {
					b.Fatal(err)
				}
				if err := parser.DecodeLayers(frame, &decoded); err != nil {
					b.Fatal(err)
				}
				context := contextOf(info)
				assembler.AssembleWithContext(ip.NetworkFlow(), &tcp, &context)
			}
			assembler.FlushAll()
			if f.bytes < packets*145 {
				b.Fatal(f.bytes)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/packets, "ns/packet")
	})
}

// factory counts what gopacket's assembler puts together.
type factory struct{ bytes int }

func (f *factory) New(_, _ gopacket.Flow, _ *layers.TCP, _ reassembly.AssemblerContext) reassembly.Stream {
	return f
}

func (f *factory) Accept(*layers.TCP, gopacket.CaptureInfo, reassembly.TCPFlowDirection, reassembly.Sequence, *bool, reassembly.AssemblerContext) bool {
	return true
}

func (f *factory) ReassembledSG(sg reassembly.ScatterGather, _ reassembly.AssemblerContext) {
	n, _ := sg.Lengths()
	f.bytes += len(sg.Fetch(n))
}

func (f *factory) ReassemblyComplete(reassembly.AssemblerContext) bool { return true }

type contextOf gopacket.CaptureInfo

func (c *contextOf) GetCaptureInfo() gopacket.CaptureInfo { return gopacket.CaptureInfo(*c) }
