package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// BenchmarkKeystroke measures the time from a key to the painted annotation in
// Chromium, alone, while 300 others type, and while they do so in step.
func BenchmarkKeystroke(b *testing.B) {
	for _, name := range []string{"alone", "among300", "among300-in-step"} {
		b.Run(name, func(b *testing.B) {
			crowd := name != "alone"
			w := startWorkbench(b)
			p := openBrowser(b)
			p.view(1440, 900, false)
			p.startKeys(w)
			var answered, failed *atomic.Int64
			if crowd {
				answered, failed = others300(b, w, name == "among300-in-step")
				time.Sleep(time.Duration(len(word)+2) * perOther) // until they know their words
			}
			var before int64
			if crowd {
				before = answered.Load()
			}
			cpu, own := processorTime(b, w.pid), processorTime(b, os.Getpid())
			b.ResetTimer()
			took := p.typeKeys(100 * b.N)
			b.StopTimer()
			report(b, took, "ms")
			if crowd {
				n := float64(answered.Load() - before)
				b.ReportMetric(n/b.Elapsed().Seconds(), "others/s")
				b.ReportMetric((processorTime(b, w.pid)-cpu).Seconds()/n*1e6, "server-cpu-µs/other")
				b.ReportMetric((processorTime(b, os.Getpid())-own).Seconds()/n*1e6, "bench-cpu-µs/other")
				if failed.Load() > 0 {
					b.Errorf("%d requests of the others failed", failed.Load())
				}
			}
		})
	}
}

// startKeys opens a page whose draft is a PUBLISH, for keys.
func (p *page) startKeys(w workbench) {
	p.t.Helper()
	p.open(w.url)
	p.wait("the builder is there", `document.querySelector("packet-builder")?.settled`)
	p.choose("#b-type", "PUBLISH")
	p.wait("the draft is a PUBLISH", `document.querySelector("packet-builder").hex.startsWith("3")`)
	// The page measures itself: from the input event to the frame after
	// the annotation has changed.
	eval[bool](p, `(() => {
		const builder = document.querySelector("packet-builder");
		const input = builder.querySelector('fieldset[data-type="PUBLISH"] [data-key="topic"]');
		window.took = [];
		window.key = (n) => new Promise((done) => {
			const began = performance.now();
			const slot = document.querySelector("#packet-slot");
			const seen = new MutationObserver(() => {
				if (!slot.innerText.includes("test/k" + n)) return;
				seen.disconnect();
				requestAnimationFrame(() => setTimeout(() => { window.took.push(performance.now() - began); done(true); }, 0));
			});
			seen.observe(slot, {subtree: true, childList: true, characterData: true});
			input.value = "test/k" + n;
			input.dispatchEvent(new Event("input", {bubbles: true}));
		});
		return true;
	})()`)
}

// typeKeys types into the topic and returns how long after each key its annotation
// was painted, in milliseconds.
func (p *page) typeKeys(many int) []float64 {
	p.t.Helper()
	eval[bool](p, `(window.took = [], true)`)
	for n := range many {
		eval[bool](p, fmt.Sprintf("(window.key(%d), true)", 1001+n))
		p.wait("the key is seen", fmt.Sprintf("window.took.length === %d", n+1))
	}
	return eval[[]float64](p, "window.took")
}

// report gives the median and the 99th percentile.
func report(b *testing.B, all []float64, unit string) {
	if len(all) == 0 {
		b.Fatal("nothing was measured")
	}
	slices.Sort(all)
	b.ReportMetric(all[len(all)/2], "p50-"+unit)
	b.ReportMetric(all[min(len(all)*99/100, len(all)-1)], "p99-"+unit)
	b.ReportMetric(0, "ns/op")
}

// BenchmarkWatchers measures the time from a packet on the wire to the last of
// 300 pages that watch, at 100 packets a second, and the processor time that
// the server takes for it.
func BenchmarkWatchers(b *testing.B) {
	w := startWorkbench(b)
	const each = 10 * time.Millisecond
	var sent [10_000]atomic.Int64 // when each packet was sent, in nanoseconds
	var last [10_000]atomic.Int64 // when the latest page had it
	var had [10_000]atomic.Int64  // how many pages have had it
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for range others {
		conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(w.url, "http")+"/api/benches/main/live", nil)
		if err != nil {
			b.Fatal(err)
		}
		conn.SetReadLimit(16 << 20)
		all.Go(func() {
			defer conn.CloseNow()
			for {
				_, message, err := conn.Read(ctx)
				if err != nil {
					return
				}
				now := time.Now().UnixNano()
				for {
					at := bytes.Index(message, []byte(`"summary":"PUBLISH w/`))
					if at < 0 {
						break
					}
					message = message[at+len(`"summary":"PUBLISH w/`):]
					if n, err := strconv.Atoi(string(message[:4])); err == nil {
						last[n].Store(max(now, last[n].Load()))
						had[n].Add(1)
					}
				}
			}
		})
	}
	conn, err := net.Dial("tcp", net.JoinHostPort(w.host, w.port))
	if err != nil {
		b.Fatal(err)
	}
	conn.Write([]byte("\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00"))
	time.Sleep(time.Second)
	began, cpu := time.Now(), processorTime(b, w.pid)
	n := 0
	b.ResetTimer()
	for range b.N {
		tick := time.NewTicker(each)
		for range 1000 {
			<-tick.C
			sent[n].Store(time.Now().UnixNano())
			fmt.Fprintf(conn, "\x30\x0d\x00\x06w/%04dhello", n)
			n++
		}
		tick.Stop()
		if n+1000 > len(sent) {
			break
		}
	}
	b.StopTimer()
	share := (processorTime(b, w.pid) - cpu).Seconds() / time.Since(began).Seconds()
	time.Sleep(time.Second)
	cancel()
	conn.Close()
	all.Wait()
	var took []float64
	for i := range n {
		if got := had[i].Load(); got != others {
			b.Fatalf("%d of %d pages had packet %d", got, others, i)
		}
		took = append(took, float64(last[i].Load()-sent[i].Load())/1e6)
	}
	report(b, took, "ms-to-last-page")
	b.ReportMetric(share, "cores")
}

// processorTime is what a process has used of the processors.
func processorTime(b *testing.B, pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Skip("there is no /proc here")
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * (time.Second / 100)
}
