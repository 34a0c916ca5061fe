package bench_test

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"

	"mqttlab/mqttcore/packet"
	"mqttlab/server/bench"
)

// BenchmarkPeers measures this broker, its capture on, beside Debian's
// mosquitto and mochi-mqtt: the same load, by turns, in the same run, since
// only their ratio means something on a machine that does other work as well.
// ×mosquitto and ×mochi say how many times theirs ours is: rates above 1 and
// latencies and memory below 1 are better.
func BenchmarkPeers(b *testing.B) {
	const turn = 700 * time.Millisecond
	for _, s := range []shape{
		{name: "pairs/qos=0", pubs: 10, subs: 10, window: 100},
		{name: "pairs/qos=1", pubs: 10, subs: 10, window: 100, qos: 1},
		{name: "pairs/qos=2", pubs: 10, subs: 10, window: 100, qos: 2},
		{name: "single/qos=0", pubs: 1, subs: 1, window: 1},
		{name: "single/qos=1", pubs: 1, subs: 1, window: 1, qos: 1},
		{name: "single/qos=2", pubs: 1, subs: 1, window: 1, qos: 2},
		{name: "fan-in=50/qos=0", pubs: 50, subs: 1, window: 20},
		{name: "fan-in=50/qos=1", pubs: 50, subs: 1, window: 20, qos: 1},
		{name: "fan-in=50/qos=2", pubs: 50, subs: 1, window: 20, qos: 2},
		{name: "fan-out=100/qos=0", pubs: 1, subs: 100, window: 20},
		{name: "fan-out=100/qos=1", pubs: 1, subs: 100, window: 20, qos: 1},
		{name: "fan-out=100/qos=2", pubs: 1, subs: 100, window: 20, qos: 2},
		{name: "fan-out=500/qos=0", pubs: 1, subs: 500, window: 20},
	} {
		b.Run(s.name, func(b *testing.B) {
			against(b, "msg/s", func(p *contender) float64 {
				r := s.run(b, p.address, turn)
				p.report(b, "lost", r.lost)
				p.report(b, "reordered", r.reordered)
				return r.rate
			})
		})
	}
	b.Run("latency", func(b *testing.B) {
		s := shape{pubs: 10, subs: 10, window: 100, rate: 200}
		for _, part := range []struct {
			unit string
			of   float64
		}{{"p50-µs", 0.5}, {"p99-µs", 0.99}} {
			b.Run(part.unit, func(b *testing.B) {
				against(b, part.unit, func(p *contender) float64 {
					took := s.run(b, p.address, 2*turn).took
					slices.Sort(took)
					return float64(took[int(float64(len(took)-1)*part.of)].Nanoseconds()) / 1e3
				})
			})
		}
	})
	b.Run("connect", func(b *testing.B) {
		against(b, "conn/s", func(p *contender) float64 { return connects(b, p.address, turn) })
	})
	b.Run("retained=100000", func(b *testing.B) {
		against(b, "msg/s", func(p *contender) float64 {
			rate, lost := retained(b, p.address, 100_000)
			p.report(b, "lost", lost)
			return rate
		})
	})
	b.Run("idle", func(b *testing.B) {
		var client float64 // our own side of a connection, measured where the broker is elsewhere
		against(b, "B/conn", func(p *contender) float64 {
			used := idle(b, p)
			if p.process != 0 {
				client = used.here
				return used.there
			}
			return used.here - client
		})
	})
}

// contender is a broker to be measured.
type contender struct {
	name    string
	address string
	process int // id; 0: in this process
}

func (p *contender) report(b *testing.B, what string, n int) {
	if n > 0 {
		b.ReportMetric(float64(n), what+"-"+p.name)
	}
}

// against measures all three, mosquitto first, and reports each figure and our ratios.
func against(b *testing.B, unit string, measure func(p *contender) float64) {
	figures := map[string]float64{}
	for _, start := range []func(testing.TB) *contender{startMosquitto, startMochi, startOurs} {
		stop := &cleanups{TB: b}
		p := start(stop)
		figures[p.name] = measure(p)
		stop.run()
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(figures["ours"], unit)
	for _, peer := range []string{"mosquitto", "mochi"} {
		b.ReportMetric(figures[peer], peer+"-"+unit)
		b.ReportMetric(figures["ours"]/figures[peer], "×"+peer)
	}
}

// cleanups ends one broker before the next begins.
type cleanups struct {
	testing.TB
	all []func()
}

func (c *cleanups) Cleanup(f func()) { c.all = append(c.all, f) }

func (c *cleanups) run() {
	for _, f := range slices.Backward(c.all) {
		f()
	}
}

func startOurs(tb testing.TB) *contender {
	_, address := started(tb, bench.Config{})
	return &contender{name: "ours", address: address}
}

func startMochi(tb testing.TB) *contender {
	s := mochi.New(&mochi.Options{Logger: slog.New(slog.DiscardHandler)})
	s.AddHook(new(auth.AllowHook), nil)
	address := freeAddress(tb)
	if err := s.AddListener(listeners.NewTCP(listeners.Config{ID: "tcp", Address: address})); err != nil {
		tb.Fatal(err)
	}
	if err := s.Serve(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return &contender{name: "mochi", address: address}
}

// startMosquitto starts Debian's, without persistence and without the limit
// on queues that would make it drop messages.
func startMosquitto(tb testing.TB) *contender {
	program, err := exec.LookPath("mosquitto")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/mosquitto"); err != nil {
			tb.Fatal("mosquitto is needed")
		}
	}
	address := freeAddress(tb)
	_, port, _ := strings.Cut(address, ":")
	dir, err := os.MkdirTemp("", "mosquitto")
	if err != nil {
		tb.Fatal(err)
	}
	config := filepath.Join(dir, "mosquitto.conf")
	os.WriteFile(config, []byte("listener "+port+" 127.0.0.1\nallow_anonymous true\npersistence false\nlog_type none\n"+
		"max_queued_messages 0\nmax_inflight_messages 1000\nset_tcp_nodelay true\n"), 0o600)
	cmd := exec.Command(program, "-c", config)
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		os.RemoveAll(dir)
	})
	eventually(tb, "mosquitto listens", func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return &contender{name: "mosquitto", address: address, process: cmd.Process.Pid}
}

func freeAddress(tb testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// connects opens connections, has them accepted and closes them, four at a time.
func connects(tb testing.TB, address string, turn time.Duration) float64 {
	connect := packet.NewConnect(packet.V311)
	connect.CleanSession = true
	var done atomic.Int64
	var running sync.WaitGroup
	began := time.Now()
	for i := range 4 {
		running.Go(func() {
			answer := make([]byte, 4)
			for n := 0; time.Since(began) < turn; n++ {
				mine := *connect
				mine.ClientID = fmt.Sprintf("c%d-%d", i, n)
				wire, _ := packet.Append(nil, &mine, packet.V311)
				conn, err := net.Dial("tcp", address)
				if err != nil {
					tb.Error(err)
					return
				}
				conn.SetDeadline(time.Now().Add(10 * time.Second))
				conn.Write(wire)
				if _, err := io.ReadFull(conn, answer); err != nil {
					tb.Error(err)
				}
				conn.Close()
				done.Add(1)
			}
		})
	}
	running.Wait()
	return float64(done.Load()) / time.Since(began).Seconds()
}

// retained has n retained messages kept, and says how fast they come to one
// who subscribes to them all.
func retained(tb testing.TB, address string, n int) (rate float64, lost int) {
	pub := newLoad(tb, address, "keeper", "")
	payload := make([]byte, 16)
	for i := range n {
		pub.write(&packet.Publish{QoS: 1, Retain: true, Topic: fmt.Sprintf("kept/%d/%d", i%1000, i), PacketID: 1, Payload: payload})
		if i%20 == 19 || i == n-1 {
			pub.flush()
			for range i%20 + 1 {
				pub.wait(packet.PUBACK)
			}
		}
	}
	sub := newLoad(tb, address, "asker", "")
	sub.quiet.Store(true)
	sub.conn.SetDeadline(time.Now().Add(20 * time.Second))
	began := time.Now()
	sub.write(&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: "kept/#"}}})
	sub.flush()
	came := 0
	for came < n {
		p := sub.read()
		if p == nil {
			break
		}
		if p.Type() == packet.PUBLISH {
			came++
		}
	}
	return float64(came) / time.Since(began).Seconds(), n - came
}

// memory is bytes per connection, in this process and in the broker's own.
type memory struct{ here, there float64 }

// idle says what a connection takes that was accepted and does nothing.
func idle(tb testing.TB, p *contender) memory {
	const n = 1000
	here := func() float64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc + m.StackInuse)
	}
	there := func() float64 {
		if p.process == 0 {
			return 0
		}
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.process))
		fields := strings.Fields(string(text))
		if len(fields) < 2 {
			return 0
		}
		pages, _ := strconv.Atoi(fields[1])
		return float64(pages * os.Getpagesize())
	}
	conns := make([]net.Conn, n)
	before := memory{here(), there()}
	for i := range conns {
		connect := packet.NewConnect(packet.V311)
		connect.ClientID, connect.CleanSession = fmt.Sprintf("idle%d", i), true
		wire, _ := packet.Append(nil, connect, packet.V311)
		conn, err := net.Dial("tcp", p.address)
		if err != nil {
			tb.Fatal(err)
		}
		conns[i] = conn
		conn.Write(wire)
		io.ReadFull(conn, wire[:4])
	}
	after := memory{here(), there()}
	for _, conn := range conns {
		conn.Close()
	}
	return memory{(after.here - before.here) / n, (after.there - before.there) / n}
}
