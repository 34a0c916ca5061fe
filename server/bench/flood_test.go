package bench_test

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/server/bench"
)

// What one client does must not be felt by another. Each flood runs while a
// steady client sends itself a message at a time; its round trips say what the
// flood costs others. The bounds are wide: a test shares its machine.
const (
	worstTrip  = 2 * time.Second
	medianTrip = 100 * time.Millisecond
)

// steadily runs flood, and checks the round trips of another client meanwhile.
func steadily(t *testing.T, address string, flood func()) {
	t.Helper()
	steady := dial(t, address)
	steady.send(connectB + subTest)
	steady.expect("20020000 9003000102")
	message := unhex(t, publish0)
	done := make(chan struct{})
	go func() {
		defer close(done)
		flood()
	}()
	var trips []time.Duration
	for over := false; !over; time.Sleep(time.Millisecond) {
		select {
		case <-done:
			over = true // once more behind the flood
		default:
		}
		steady.SetDeadline(time.Now().Add(20 * time.Second))
		began := time.Now()
		steady.Write(message)
		if _, err := io.ReadFull(steady, message); err != nil {
			t.Fatal(err)
		}
		trips = append(trips, time.Since(began))
	}
	slices.Sort(trips)
	median, worst := trips[len(trips)/2], trips[len(trips)-1]
	t.Logf("%d round trips of another client: median %s, worst %s", len(trips), median, worst)
	if median > medianTrip || worst > worstTrip {
		t.Errorf("another client's round trip took %s, at worst %s", median, worst)
	}
}

// subscribe is a SUBSCRIBE for filters.
func subscribe(qos packet.QoS, filters ...string) []byte {
	p := &packet.Subscribe{PacketID: 1}
	for _, f := range filters {
		p.Subscriptions = append(p.Subscriptions, packet.Subscription{Filter: f, QoS: qos})
	}
	b, _ := packet.Append(nil, p, packet.V311)
	return b
}

// exchange sends packets and reads until a PINGREQ behind them is answered.
func (p peer) exchange(packets ...[]byte) bool {
	p.t.Helper()
	p.SetDeadline(time.Now().Add(10 * time.Second))
	go func() {
		for _, one := range packets {
			p.Write(one)
		}
		p.Write(unhex(p.t, pingreq))
	}()
	answer := make([]byte, 64<<10)
	for last := byte(0); ; {
		n, err := p.Read(answer)
		if err != nil {
			p.t.Error(err)
			return false
		}
		before := last
		if n > 1 {
			before = answer[n-2]
		}
		if last = answer[n-1]; before == 0xd0 && last == 0 {
			return true
		}
	}
}

func TestFloodOfConnects(t *testing.T) {
	b, address := started(t, bench.Config{})
	steadily(t, address, func() {
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for until, n := time.Now().Add(time.Second), 0; time.Now().Before(until); n++ {
					c, err := net.Dial("tcp", address)
					if err != nil {
						t.Error(err)
						return
					}
					connect := packet.NewConnect(packet.V311)
					connect.ClientID, connect.CleanSession = fmt.Sprintf("flood%d-%d", i, n%100), true
					wire, _ := packet.Append(nil, connect, packet.V311)
					c.Write(append(wire, wire...)) // a second one is against the rules [MQTT-3.1.0-2]
					io.Copy(io.Discard, c)
					c.Close()
				}
			})
		}
		all.Wait()
	})
	eventually(t, "all are gone", func() bool { return len(b.State().Sessions) == 1 })
}

// One read may bring a hundred thousand of the shortest packets. They are heard
// in several stretches, each of which is one moment in the capture, and between
// them others have their turn.
func TestShortestPackets(t *testing.T) {
	b, address := started(t, bench.Config{CaptureEvents: 2_000_000})
	p := dial(t, address)
	p.send(connectA)
	p.expect("20020000")
	pings := []byte(strings.Repeat("\xc0\x00", 512<<10))
	go p.Write(pings)
	if _, err := io.CopyN(io.Discard, p, int64(len(pings))); err != nil {
		t.Fatal(err)
	}
	if n := longestStretch(b); n > 80_000 {
		t.Errorf("%d events come in one stretch", n)
	}
}

// longestStretch is how many events at most came in one stretch, without
// others having their turn: they are of one moment.
func longestStretch(b *bench.Bench) (longest int) {
	stretch, at := 0, time.Duration(-1)
	for _, e := range b.Log().Range(nil, 1, 1<<62) {
		if e.At != at {
			stretch, at = 0, e.At
		}
		stretch++
		longest = max(longest, stretch)
	}
	return longest
}

// Connections that never say who they are end by the time limit, and take
// little until then.
func TestHalfOpen(t *testing.T) {
	const n = 500
	b, address := started(t, bench.Config{Broker: broker.Config{ConnectTimeout: time.Second}})
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc + m.StackInuse
	}
	before := heap()
	steadily(t, address, func() {
		half := unhex(t, connectA)[:9]
		conns := make([]net.Conn, n)
		for i := range conns {
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			conns[i] = c
			if i%2 == 0 {
				c.Write(half)
			}
		}
		if each := (int64(heap()) - int64(before)) / n; each > 32<<10 {
			t.Errorf("each takes %d bytes", each)
		}
		for _, c := range conns {
			c.SetDeadline(time.Now().Add(20 * time.Second))
			if rest, err := io.ReadAll(c); err != nil || len(rest) > 0 {
				t.Errorf("got % x and %v", rest, err)
			}
		}
	})
	holds(t, transcript(b), ". connect.timeout", "close t")
}

// Clients that send each byte by itself are slow, but only they.
func TestByteAtATime(t *testing.T) {
	_, address := started(t, bench.Config{})
	steadily(t, address, func() {
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() {
				p := dial(t, address)
				connect := unhex(t, connectA)
				connect[len(connect)-1] = 'a' + byte(i)
				for _, one := range append(connect, []byte(strings.Repeat("\x30\x03\x00\x01x", 2000))...) {
					p.Write([]byte{one})
				}
				p.exchange()
			})
		}
		all.Wait()
	})
}

func TestManyLevels(t *testing.T) {
	const levels = 65_000
	_, address := started(t, bench.Config{})
	steadily(t, address, func() {
		p := dial(t, address)
		p.send(connectA)
		p.expect("20020000")
		for _, filter := range []string{
			strings.Repeat("/", levels),
			strings.Repeat("/", levels) + "#",
			strings.Repeat("+/", levels/2) + "#",
			"/#",
		} {
			if !p.exchange(subscribe(0, filter)) {
				return
			}
		}
		publish, _ := packet.Append(nil, &packet.Publish{Topic: strings.Repeat("/", levels), Payload: []byte("x")}, packet.V311)
		for range 20 {
			if !p.exchange(publish) {
				return
			}
		}
	})
}

func TestManySubscriptions(t *testing.T) {
	const n, each = 100_000, 1000
	b, address := started(t, bench.Config{})
	p := dial(t, address)
	p.send(connectA)
	p.expect("20020000")
	steadily(t, address, func() {
		for i := 0; i < n; i += each {
			var filters []string
			for k := range each {
				filters = append(filters, fmt.Sprintf("many/%d/+", i+k))
			}
			if !p.exchange(subscribe(0, filters...)) {
				return
			}
		}
		publish, _ := packet.Append(nil, &packet.Publish{Topic: "many/77777/x", Payload: []byte("x")}, packet.V311)
		p.exchange(publish, publish)
	})
	held := 0 // asked for between the floods: no page takes a whole State with the lock held, as this does
	for _, s := range b.State().Sessions {
		if s.Client == "A" {
			held = len(s.Subscriptions)
		}
	}
	if held != n {
		t.Errorf("%d subscriptions", held)
	}
	steadily(t, address, func() {
		p.SetDeadline(time.Now().Add(10 * time.Second))
		p.send(disconnect) // ends them all, a piece at a time
		p.closed()
		other := dial(t, address)
		other.send(connectA)
		for range 100 {
			if !other.exchange() {
				return
			}
		}
	})
}

// A subscriber that acknowledges nothing: the packet identifiers run out, and
// what waits behind them is bounded.
func TestPacketIDsRunOut(t *testing.T) {
	_, address := started(t, bench.Config{})
	steadily(t, address, func() {
		sub := dial(t, address)
		sub.send(connectA)
		sub.expect("20020000")
		sub.exchange(subscribe(1, "ids"))
		sub.SetDeadline(time.Time{})
		go io.Copy(io.Discard, sub)
		pub := dial(t, address)
		connect := unhex(t, connectA)
		connect[len(connect)-1] = 'P'
		var batch []byte
		pub.exchange(connect)
		for i := range 200_000 {
			batch, _ = packet.Append(batch, &packet.Publish{QoS: 1, Topic: "ids", PacketID: uint16(i%60_000 + 1)}, packet.V311)
			if len(batch) > 32<<10 {
				if !pub.exchange(batch) {
					return
				}
				batch = batch[:0]
			}
		}
	})
}

// Many retained messages, and then somebody who asks for all of them.
func TestRetainedBomb(t *testing.T) {
	_, address := started(t, bench.Config{})
	steadily(t, address, func() {
		pub := dial(t, address)
		pub.send(connectA)
		pub.expect("20020000")
		payload := make([]byte, 1000)
		all := int64(5) // bytes: SUBACK, and then what is retained
		for i := 0; i < 10_000; i += 100 {
			var batch []byte
			for k := range 100 {
				batch, _ = packet.Append(batch, &packet.Publish{Retain: true, Topic: fmt.Sprintf("bomb/%d", i+k), Payload: payload}, packet.V311)
			}
			all += int64(len(batch))
			if !pub.exchange(batch) {
				return
			}
		}
		for range 3 { // what is retained comes in pieces, and PINGRESP would come between them
			pub.Write(subscribe(0, "bomb/#"))
			if _, err := io.CopyN(io.Discard, pub, all); err != nil {
				t.Error(err)
			}
		}
	})
}

// One SUBSCRIBE full of the same filter, and one of 1,000 filters that each
// match all of 20,000 retained messages, from clients that do not read.
func TestRetainedForManyFilters(t *testing.T) {
	_, address := started(t, bench.Config{})
	steadily(t, address, func() {
		pub := dial(t, address)
		pub.send(connectA)
		pub.expect("20020000")
		for i := 0; i < 20_000; i += 1000 {
			var batch []byte
			for k := range 1000 {
				batch, _ = packet.Append(batch, &packet.Publish{Retain: true, Topic: fmt.Sprintf("a/a/a/a/a/a/a/a/a/a/%d", i+k), Payload: []byte("x")}, packet.V311)
			}
			if !pub.exchange(batch) {
				return
			}
		}
		same := make([]string, 200_000)
		for i := range same {
			same[i] = "#"
		}
		var each []string
		for i := range 1000 {
			filter := ""
			for bit := range 10 {
				filter += string("a+"[i>>bit&1]) + "/"
			}
			each = append(each, filter+"+")
		}
		for i, filters := range [][]string{same, each} {
			sub := dial(t, address)
			connect := unhex(t, connectA)
			connect[len(connect)-1] = byte('x' + i)
			sub.Write(connect)
			sub.expect("20020000")
			sub.Write(subscribe(0, filters...))
			time.Sleep(2 * time.Second)
		}
	})
}
