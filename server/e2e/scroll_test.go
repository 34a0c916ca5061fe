package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// BenchmarkScroll measures what a frame takes while somebody scrolls through
// 100,000 packets: with the wheel, at the scroll bar, with keys held down; and
// how much memory the page has in the end.
func BenchmarkScroll(b *testing.B) {
	w := startWorkbench(b)
	if _, err := w.exchange(b, func(messages int) bool { return messages < 25_000 }); err != nil { // of four packets each
		b.Fatal(err)
	}
	p := openBrowser(b)
	p.view(1440, 900, false)
	p.open(w.url)
	p.waitText(".live-state", "live")
	p.wait("all packets are known", `document.querySelector("flow-ladder").layout.packets >= 100000`)
	p.wait("the last rows are drawn", `document.querySelectorAll(".ladder-row.is-packet").length > 8`)
	eval[bool](p, frameMeter)

	// What would be measured otherwise is a clock that runs through.
	p.frames(func() {
		eval[bool](p, `(requestAnimationFrame(() => { const until = performance.now() + 70; while (performance.now() < until); }), true)`)
		p.wait("the page was busy", `Math.max(...window.frameTimes) > 50`)
	})

	before := p.heap()
	height := eval[float64](p, `document.querySelector(".ladder-scroll").scrollHeight`)
	ways := []struct {
		name string
		do   func(p *page)
	}{
		{"wheel", func(p *page) {
			at := eval[[]float64](p, `(() => { const r = document.querySelector(".ladder-scroll").getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()`)
			for _, speed := range []int64{1000, 4000, 12_000} { // pixels a second
				p.do(call(input.SynthesizeScrollGesture, input.SynthesizeScrollGestureParams{
					X: at[0], Y: at[1], YDistance: -2 * float64(speed), Speed: speed, GestureSourceType: input.GestureSourceTypeMouse}))
			}
			p.wait("the wheel has moved the rows", `document.querySelector(".ladder-scroll").scrollTop > 30000`)
		}},
		{"drag", func(p *page) { // slowly for a while, then through all in five seconds
			eval[bool](p, fmt.Sprintf(`(() => {
				const s = document.querySelector(".ladder-scroll");
				let frame = 0;
				const step = () => {
					s.scrollTop = frame < 150 ? frame * 100 : (frame - 150) * %f / 300;
					if (++frame < 450) requestAnimationFrame(step); else window.dragged = true;
				};
				window.dragged = false;
				requestAnimationFrame(step);
				return true;
			})()`, height))
			p.wait("it was dragged to the end", `window.dragged`)
		}},
		{"keys", func(p *page) {
			p.do(chromedp.Focus(".ladder-scroll"))
			p.hold("ArrowDown", 40, 150)
			p.hold("PageDown", 34, 60)
			p.hold("End", 35, 1)
			p.hold("PageUp", 33, 60)
			p.wait("the keys have chosen a row near the end", `document.querySelector("flow-ladder").chosen > 100000`)
		}},
	}
	for _, way := range ways {
		b.Run(way.name, func(b *testing.B) {
			p := &page{b, p.ctx}
			var all []float64
			for range b.N {
				eval[bool](p, `(document.querySelector(".ladder-scroll").scrollTop = 0, true)`)
				p.wait("the first row is there", `document.querySelector("#row-1, #row-2")`)
				all = append(all, p.frames(func() { way.do(p) })...)
			}
			slices.Sort(all)
			late, _ := slices.BinarySearch(all, 20.0)
			b.ReportMetric(all[len(all)/2], "p50-frame-ms")
			b.ReportMetric(all[len(all)*95/100], "p95-frame-ms")
			b.ReportMetric(all[len(all)-1], "longest-frame-ms")
			b.ReportMetric(100*float64(len(all)-late)/float64(len(all)), "%late-frames")
			b.ReportMetric(0, "ns/op")
		})
	}
	b.Run("heap", func(b *testing.B) {
		b.ReportMetric(before, "MiB-before")
		b.ReportMetric(p.heap(), "MiB-after")
		b.ReportMetric(0, "ns/op")
	})
}

// BenchmarkFlood measures what somebody who types meets while a client
// publishes as fast as the broker takes it: from a key to the painted
// annotation, and for how long at a time the page is busy with other things.
func BenchmarkFlood(b *testing.B) {
	w := startWorkbench(b)
	p := openBrowser(b)
	p.view(1440, 900, false)
	p.startKeys(w)
	passed, stop := w.flood(b)
	defer stop()
	p.wait("the bench is full", `document.querySelector("flow-ladder").layout.first > 1`)
	eval[bool](p, `(() => {
		window.longTasks = [];
		new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((task) => task.duration))).observe({type: "longtask"});
		return true;
	})()`)
	before := passed.Load()
	b.ResetTimer()
	took := p.typeKeys(100 * b.N)
	b.StopTimer()
	while := b.Elapsed()
	report(b, took, "ms")
	long := eval[[]float64](p, `window.longTasks`)
	var sum float64
	for _, task := range long {
		sum += task
	}
	b.ReportMetric(slices.Max(append(long, 0)), "longest-task-ms")
	b.ReportMetric(sum/float64(while.Milliseconds())*100, "%long-tasks")
	b.ReportMetric(float64(passed.Load()-before)/while.Seconds(), "msg/s")
	b.ReportMetric(p.heap(), "MiB")
}

// frameMeter makes window.frameTimes grow, while window.metering, by the time
// from each frame to the next.
const frameMeter = `(() => {
	let last = 0;
	const step = (now) => {
		if (window.metering && last > 0) window.frameTimes.push(now - last);
		last = window.metering ? now : 0;
		requestAnimationFrame(step);
	};
	requestAnimationFrame(step);
	return true;
})()`

// frames returns what each frame took, in milliseconds, while something is done.
func (p *page) frames(do func()) []float64 {
	p.t.Helper()
	eval[bool](p, `(window.frameTimes = [], window.metering = true)`)
	do()
	times := eval[[]float64](p, `(window.metering = false, window.frameTimes)`)
	if len(times) == 0 {
		p.t.Fatal("no frame was seen")
	}
	return times
}

// hold presses a key so many times, as often as a key repeats that is held down.
func (p *page) hold(key string, code int64, times int) {
	p.t.Helper()
	repeat := time.NewTicker(time.Second / 30)
	defer repeat.Stop()
	for i := range times {
		p.do(call(input.DispatchKeyEvent, input.DispatchKeyEventParams{
			Type: input.DispatchKeyEventTypeRawKeyDown, Key: key, Code: key, WindowsVirtualKeyCode: code, AutoRepeat: new(i > 0)}))
		<-repeat.C
	}
	p.do(call(input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyUp, Key: key, Code: key, WindowsVirtualKeyCode: code}))
}

// heap is what the page has in memory when its garbage is collected, in MiB:
// JavaScript's objects, the document's, and buffers.
func (p *page) heap() float64 {
	p.t.Helper()
	var used runtime.GetHeapUsageResult
	p.do(call(heapprofiler.CollectGarbage, cdp.Empty{}), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) (err error) {
		used, err = chromedp.Call(ctx, runtime.GetHeapUsage, cdp.Empty{})
		return err
	}))
	return (used.UsedSize + used.EmbedderHeapUsedSize + used.BackingStorageSize) / (1 << 20)
}

// call is a command to the browser whose answer does not matter.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, command, params)
		return err
	})
}

// connect opens a connection and is a client with a name there.
func (w workbench) connect(t testing.TB, name string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", net.JoinHostPort(w.host, w.port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "\x10%c\x00\x04MQTT\x04\x02\x00\x00\x00%c%s", 12+len(name), len(name), name)
	if _, err := io.ReadFull(conn, make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// subscribe subscribes to the topic t/x.
func subscribe(t testing.TB, conn net.Conn, qos byte) {
	t.Helper()
	conn.Write([]byte{0x82, 8, 0, 1, 0, 3, 't', '/', 'x', qos})
	if _, err := io.ReadFull(conn, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
}

// exchange has one client publish messages with QoS 1 and another one get
// them: four packets each. Its payloads are the numbers from 00000. It goes on,
// a hundred messages at a time, while more says so, and returns how many there were.
func (w workbench) exchange(t testing.TB, more func(messages int) bool) (messages int, err error) {
	publisher, subscriber := w.connect(t, "publisher"), w.connect(t, "subscriber")
	subscribe(t, subscriber, 1)
	const size, atOnce = 14, 100
	for more(messages) {
		var out bytes.Buffer
		for i := range atOnce {
			fmt.Fprintf(&out, "\x32\x0c\x00\x03t/x\x00%c%05d", i+1, messages+i)
		}
		publisher.Write(out.Bytes())
		got, acks := make([]byte, atOnce*size), []byte(nil)
		if _, err := io.ReadFull(subscriber, got); err != nil {
			return messages, err
		}
		for one := range slices.Chunk(got, size) {
			acks = append(acks, 0x40, 2, one[7], one[8])
		}
		subscriber.Write(acks)
		if _, err := io.ReadFull(publisher, make([]byte, atOnce*4)); err != nil {
			return messages, err
		}
		messages += atOnce
	}
	return messages, nil
}

// flood has one client publish as fast as it can, and another one get it all,
// until it is stopped. It counts what has arrived.
func (w workbench) flood(t testing.TB) (passed *atomic.Int64, stop func()) {
	t.Helper()
	publisher, subscriber := w.connect(t, "publisher"), w.connect(t, "subscriber")
	subscribe(t, subscriber, 0)
	const message = "\x30\x0a\x00\x03t/xhello"
	out := bytes.Repeat([]byte(message), 1000)
	passed = new(atomic.Int64)
	go func() {
		for {
			if _, err := publisher.Write(out); err != nil {
				return
			}
		}
	}()
	go func() {
		in := make([]byte, 64<<10)
		for rest := 0; ; {
			n, err := subscriber.Read(in)
			if err != nil {
				return
			}
			rest += n
			passed.Add(int64(rest / len(message)))
			rest %= len(message)
		}
	}()
	return passed, func() { publisher.Close(); subscriber.Close() }
}
