package bench_test

import (
	"fmt"
	"sync"
	"testing"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/server/bench"
	"mqttlab/server/store"
)

// BenchmarkStore has pairs exchange QoS 1 and 2 messages in windows of 100,
// as BenchmarkPairs does, through a bench that keeps nothing and through one
// with each durability. All sessions are persistent. The subscriber's
// acknowledgement is waited for, so one operation is a message put into the
// store and taken out of it.
func BenchmarkStore(b *testing.B) {
	for _, qos := range []packet.QoS{1, 2} {
		for _, pairs := range []int{1, 10} {
			for _, durability := range []string{"none", "off", "100ms", "commit"} {
				b.Run(fmt.Sprintf("qos=%d/pairs=%d/store=%s", qos, pairs, durability), func(b *testing.B) {
					benchmarkStore(b, qos, pairs, durability)
				})
			}
		}
	}
}

func benchmarkStore(b *testing.B, qos packet.QoS, pairs int, durability string) {
	var cfg bench.Config
	var counted *counting
	if durability != "none" {
		d, err := store.ParseDurability(durability)
		if err != nil {
			b.Fatal(err)
		}
		kept, _, err := store.Open(b.TempDir(), "bench", d)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { kept.Close() })
		counted = &counting{Store: kept}
		cfg.Store = counted
	}
	_, address := started(b, cfg)
	type pair struct{ pub, sub *load }
	var all []pair
	for i := range pairs {
		topic := fmt.Sprintf("bench/%d", i)
		p := pair{newSessionLoad(b, address, fmt.Sprintf("p%d", i), topic, false), newSessionLoad(b, address, fmt.Sprintf("s%d", i), topic, false)}
		p.sub.write(&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: topic, QoS: qos}}})
		p.sub.flush()
		p.sub.wait(packet.SUBACK)
		all = append(all, p)
	}
	each := max(b.N/pairs, 1)
	b.ResetTimer()
	var running sync.WaitGroup
	for _, p := range all {
		running.Go(func() { p.sub.consume(each, false) })
		running.Go(func() { p.pub.publish(qos, each, 100, p.sub) })
	}
	running.Wait()
	b.ReportMetric(float64(each*pairs)/b.Elapsed().Seconds(), "msg/s")
	if counted != nil {
		counted.mu.Lock()
		b.ReportMetric(float64(each*pairs)/float64(counted.commits), "msg/commit")
		counted.mu.Unlock()
	}
}

// counting counts the commits of a Store.
type counting struct {
	bench.Store
	mu      sync.Mutex
	commits int
}

func (c *counting) Commit(changes []broker.Record) error {
	c.mu.Lock()
	c.commits++
	c.mu.Unlock()
	return c.Store.Commit(changes)
}
