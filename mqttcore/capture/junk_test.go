package capture

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"testing"
)

// BenchmarkOtherTraffic reads a capture in which nothing is MQTT and every
// connection began before it: each must be held and looked at to be sure.
func BenchmarkOtherTraffic(b *testing.B) {
	const conns, rounds = 500, 100
	random := rand.New(rand.NewPCG(1, 2))
	w := newWire()
	body := make([]byte, 1000)
	for round := range rounds {
		for i := range conns {
			for j := range body {
				body[j] = byte(random.Uint32())
			}
			w.addr[0] = netip.AddrPortFrom(clientAddr.Addr(), uint16(40000+i))
			w.at(0, uint32(round*len(body)), flagACK, body)
		}
	}
	data := pcapOf(w.frames, binary.LittleEndian, linkRaw, nil)
	var s Stats
	for b.Loop() {
		r := NewReader(bytes.NewReader(data), Options{})
		for rec := range r.Records() {
			b.Fatalf("%s %s in noise", rec.Kind, rec.Code)
		}
		s = r.Stats()
	}
	b.SetBytes(int64(len(data)))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(conns*rounds), "ns/frame")
	b.ReportMetric(float64(s.Streams), "streams")
	b.ReportMetric(float64(s.MostHeld)/(1<<20), "MiB-held")
}
