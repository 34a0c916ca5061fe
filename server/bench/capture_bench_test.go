//go:build unix

package bench_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"mqttlab/server/bench"
)

// BenchmarkCapture says what the capture and its explanations cost: short
// turns with and without them alternate in one run. %slower compares the
// rates, %cpu the processor time of a message; clients and broker are in one
// process, and the clients' work counts with either.
func BenchmarkCapture(b *testing.B) {
	const turn = 300 * time.Millisecond
	for _, s := range []shape{
		{name: "pairs/qos=0", pubs: 10, subs: 10, window: 100},
		{name: "pairs/qos=1", pubs: 10, subs: 10, window: 100, qos: 1},
		{name: "pairs/qos=2", pubs: 10, subs: 10, window: 100, qos: 2},
		{name: "single/qos=0", pubs: 1, subs: 1, window: 1},
		{name: "fan-in=50/qos=0", pubs: 50, subs: 1, window: 20},
		{name: "fan-out=100/qos=0", pubs: 1, subs: 100, window: 20},
	} {
		b.Run(s.name, func(b *testing.B) {
			var with, without spent
			for range max(b.N, 4) {
				without.add(b, s, bench.Config{NoCapture: true}, turn)
				with.add(b, s, bench.Config{}, turn)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(with.rate(), "msg/s")
			b.ReportMetric(100*(without.rate()/with.rate()-1), "%slower")
			b.ReportMetric(100*(with.cpu()/without.cpu()-1), "%cpu")
			b.ReportMetric(with.cpu(), "cpu-ns/msg")
		})
	}
}

// spent is what messages took.
type spent struct {
	messages        float64
	wall, processor time.Duration
}

func (u *spent) rate() float64 { return u.messages / u.wall.Seconds() }
func (u *spent) cpu() float64  { return float64(u.processor) / u.messages }

func (u *spent) add(b *testing.B, s shape, cfg bench.Config, turn time.Duration) {
	stop := &cleanups{TB: b}
	defer stop.run()
	_, address := started(stop, cfg)
	began, before := time.Now(), processor(b)
	out := s.run(b, address, turn)
	took := time.Since(began)
	u.messages += out.rate * took.Seconds()
	u.wall += took
	u.processor += processor(b) - before
	if out.lost > 0 || out.reordered > 0 {
		b.Error(fmt.Sprint(out.lost, " lost, ", out.reordered, " reordered"))
	}
}

// processor is the time that this process has spent on processors.
func processor(b *testing.B) time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
