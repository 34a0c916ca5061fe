package bench_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mqttlab/mqttcore/packet"
	"mqttlab/server/bench"
)

// BenchmarkPairs has publishers send to one subscriber each over TCP, in
// windows, and counts what arrives. One operation is one message, from its
// publisher's write to its subscriber's read. MQTTLAB_BENCH_ADDRESS measures
// another broker by the same clients.
func BenchmarkPairs(b *testing.B) {
	for _, qos := range []packet.QoS{0, 1, 2} {
		for _, pairs := range []int{1, 10} {
			for _, captured := range []bool{true, false} {
				name := fmt.Sprintf("qos=%d/pairs=%d/capture=%t", qos, pairs, captured)
				b.Run(name, func(b *testing.B) { benchmarkPairs(b, qos, pairs, 100, captured) })
			}
		}
	}
}

// BenchmarkRoundTrip sends one message at a time.
func BenchmarkRoundTrip(b *testing.B) {
	for _, qos := range []packet.QoS{0, 1} {
		b.Run(fmt.Sprintf("qos=%d", qos), func(b *testing.B) { benchmarkPairs(b, qos, 1, 1, true) })
	}
}

func benchmarkPairs(b *testing.B, qos packet.QoS, pairs, window int, captured bool) {
	address := os.Getenv("MQTTLAB_BENCH_ADDRESS")
	if address == "" {
		_, address = started(b, bench.Config{NoCapture: !captured})
	}
	type pair struct{ pub, sub *load }
	var all []pair
	for i := range pairs {
		topic := fmt.Sprintf("bench/%d", i)
		p := pair{newLoad(b, address, fmt.Sprintf("p%d", i), topic), newLoad(b, address, fmt.Sprintf("s%d", i), topic)}
		p.sub.write(&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: topic, QoS: qos}}})
		p.sub.flush()
		p.sub.wait(packet.SUBACK)
		all = append(all, p)
	}
	each := max(b.N/pairs, 1)
	b.ReportAllocs()
	b.ResetTimer()
	var running sync.WaitGroup
	for _, p := range all {
		running.Go(func() { p.sub.consume(each, qos == 0) })
		running.Go(func() { p.pub.publish(qos, each, window, p.sub) })
	}
	running.Wait()
	b.ReportMetric(float64(each*pairs)/b.Elapsed().Seconds(), "msg/s")
}

// BenchmarkConnect opens a connection, has it accepted, and closes it.
func BenchmarkConnect(b *testing.B) {
	_, address := started(b, bench.Config{})
	connect := unhex(b, connectA+disconnect)
	buf := make([]byte, 16)
	b.ReportAllocs()
	for b.Loop() {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		conn.Write(connect)
		if n, err := conn.Read(buf); err != nil || n != 4 {
			b.Fatal(n, err)
		}
		conn.Close()
	}
}

// load is a client for measuring: it does no more than it must.
type load struct {
	tb      testing.TB
	conn    net.Conn
	in      *bufio.Reader
	out     []byte
	topic   string
	frame   []byte
	decoder packet.Decoder
	quiet   atomic.Bool // closed on purpose
	taken   chan int    // by a subscriber: how many messages have come since
}

func newLoad(tb testing.TB, address, id, topic string) *load {
	return newSessionLoad(tb, address, id, topic, true)
}

func newSessionLoad(tb testing.TB, address, id, topic string, clean bool) *load {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(time.Minute))
	l := &load{tb: tb, conn: conn, in: bufio.NewReaderSize(conn, 64<<10), topic: topic, taken: make(chan int, 1<<16)}
	connect := packet.NewConnect(packet.V311)
	connect.ClientID, connect.CleanSession = id, clean
	l.write(connect)
	l.flush()
	l.wait(packet.CONNACK)
	return l
}

func (l *load) write(p packet.Packet) {
	l.out, _ = packet.Append(l.out, p, packet.V311)
}

func (l *load) flush() {
	if len(l.out) > 0 {
		l.conn.Write(l.out)
		l.out = l.out[:0]
	}
}

func (l *load) read() packet.Packet {
	head, err := l.in.Peek(2)
	for n := 2; err == nil; n++ {
		if size, _ := packet.Size(head); size > 0 {
			if cap(l.frame) < size {
				l.frame = make([]byte, size)
			}
			l.frame = l.frame[:size]
			if _, err = io.ReadFull(l.in, l.frame); err == nil {
				var p packet.Packet
				if p, err = l.decoder.Decode(l.frame); err == nil {
					return p
				}
			}
			break
		}
		head, err = l.in.Peek(n + 1)
	}
	if !l.quiet.Load() {
		l.tb.Error(err)
	}
	return nil
}

func (l *load) wait(t packet.Type) {
	for {
		if p := l.read(); p == nil || p.Type() == t {
			return
		}
	}
}

// consume takes n messages and acknowledges them; answers leave when there is
// nothing more to read. It reports what came if somebody listens.
func (l *load) consume(n int, report bool) {
	fresh := 0
	for n > 0 {
		switch p := l.read().(type) {
		case *packet.Publish:
			switch p.QoS {
			case 1:
				l.write(&packet.Ack{Kind: packet.PUBACK, PacketID: p.PacketID})
			case 2:
				l.write(&packet.Ack{Kind: packet.PUBREC, PacketID: p.PacketID})
			}
			n--
			fresh++
		case *packet.Ack: // PUBREL
			l.write(&packet.Ack{Kind: packet.PUBCOMP, PacketID: p.PacketID})
		case nil:
			close(l.taken)
			return
		}
		if l.in.Buffered() == 0 || n == 0 {
			l.flush()
			if report && fresh > 0 {
				l.taken <- fresh
				fresh = 0
			}
		}
	}
}

// publish sends n messages, at most window of them beyond what is
// acknowledged; at QoS 0 beyond what the subscriber has taken.
func (l *load) publish(qos packet.QoS, n, window int, sub *load) {
	payload := make([]byte, 16)
	open := 0
	for sent, done := 0, 0; done < n; {
		for ; open < window && sent < n; open++ {
			sent++
			l.write(&packet.Publish{QoS: qos, Topic: l.topic, PacketID: uint16(sent%60_000 + 1), Payload: payload})
		}
		l.flush()
		if qos == 0 {
			k, ok := <-sub.taken
			if !ok {
				return
			}
			open -= k
			done += k
			continue
		}
		for first := true; first || l.in.Buffered() > 0; first = false {
			p, ok := l.read().(*packet.Ack)
			if !ok {
				return
			}
			if p.Kind == packet.PUBREC {
				l.write(&packet.Ack{Kind: packet.PUBREL, PacketID: p.PacketID})
				continue
			}
			open--
			done++
		}
	}
}
