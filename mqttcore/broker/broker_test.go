package broker_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
)

// link is one connection of a test that does without names.
type link struct {
	tb testing.TB
	b  *broker.Broker
	id broker.ConnID
	d  packet.Decoder
}

func dial(tb testing.TB, b *broker.Broker, id broker.ConnID, v packet.Version, clean bool) *link {
	l := &link{tb: tb, b: b, id: id}
	b.Open(time.Time{}, id)
	p := packet.NewConnect(v)
	p.ClientID, p.CleanSession = fmt.Sprint("client", id), clean
	l.say(p)
	return l
}

func (l *link) say(p packet.Packet) []broker.Effect {
	v := l.d.Version
	if v == 0 {
		v = packet.V311
	}
	wire, err := packet.Append(nil, p, v)
	if err != nil {
		l.tb.Fatal(err)
	}
	return l.raw(wire)
}

func (l *link) raw(wire []byte) []broker.Effect {
	p, err := l.d.Decode(wire)
	if err != nil {
		var f *packet.Fault
		errors.As(err, &f)
		return l.b.Fault(time.Time{}, l.id, f)
	}
	return l.b.Receive(time.Time{}, l.id, p, wire)
}

func TestEventsOnUnknownConnectionsDoNothing(t *testing.T) {
	b := broker.New(broker.Config{Explain: true})
	var now time.Time
	p := &packet.Ping{Kind: packet.PINGREQ}
	for _, effects := range [][]broker.Effect{
		b.Receive(now, 7, p, nil), b.Fault(now, 7, &packet.Fault{Violation: packet.ReservedType}),
		b.Closed(now, 7, broker.CauseFIN), b.Drop(now, 7, broker.CauseSlow), b.Tick(now),
	} {
		if len(effects) != 0 {
			t.Errorf("effects %v", effects)
		}
	}
	if _, ok := b.Next(); ok {
		t.Error("something is due")
	}
}

// TestStateIsASnapshot holds that a State says as JSON what it said, whatever
// the Broker does afterwards.
func TestStateIsASnapshot(t *testing.T) {
	b := broker.New(broker.Config{})
	a := dial(t, b, 1, packet.V311, false)
	a.say(&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: "t/#", QoS: 2}}})
	p := dial(t, b, 2, packet.V5, true)
	p.say(&packet.Publish{Topic: "t/1", QoS: 2, PacketID: 1, Retain: true, Payload: []byte("x")})
	st := b.State()
	before, err := json.Marshal(st)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(st, b.State()); diff != "" {
		t.Error(diff)
	}
	a.say(&packet.Ack{Kind: packet.PUBREC, PacketID: 1})
	a.say(&packet.Disconnect{})
	p.say(&packet.Publish{Topic: "t/1", Retain: true})
	after, _ := json.Marshal(st)
	if diff := cmp.Diff(string(before), string(after)); diff != "" {
		t.Error(diff)
	}
	for _, want := range []string{`"client":"client1"`, `"filter":"t/#"`, `"state":"awaiting PUBREC"`, `"held":[1]`, `"topic":"t/1","payload":"eA=="`, `"deadline"`} {
		if want != `"deadline"` && !strings.Contains(string(before), want) {
			t.Errorf("%s is missing in %s", want, before)
		}
	}
}

// FuzzReceive lets any bytes come from two clients and holds that the Broker
// neither panics nor sends what breaks a rule.
func FuzzReceive(f *testing.F) {
	f.Add(byte(0), []byte("\x82\x09\x00\x01\x00\x04test\x01\x32\x0a\x00\x04test\x00\x01hi\x40\x02\x00\x01\xe0\x00"))
	f.Add(byte(1), []byte("\x82\x0a\x00\x01\x00\x00\x04test\x02\x34\x0b\x00\x04test\x00\x01\x00hi\x62\x02\x00\x01\x50\x02\x00\x01\x70\x02\x00\x01"))
	f.Add(byte(2), []byte("\x10\x10\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x03cid"))
	f.Fuzz(func(t *testing.T, kind byte, input []byte) {
		b := broker.New(broker.Config{Explain: true})
		v := []packet.Version{packet.V311, packet.V5, packet.V31}[kind%3]
		links := []*link{dial(t, b, 1, v, false), dial(t, b, 2, packet.V5, true)}
		links[1].say(&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: "#", QoS: 2}}})
		readers := []*packet.Decoder{{Version: v}, {Version: packet.V5}}
		for i := 0; len(input) > 0; i++ {
			n, err := packet.Size(input)
			if err != nil || n == 0 || n > len(input) {
				n = len(input)
			}
			for _, e := range links[i%2].raw(input[:n:n]) {
				if e.Kind != broker.EffectSend {
					continue
				}
				p, err := readers[e.Conn-1].Decode(e.Wire)
				if err != nil {
					t.Fatalf("sends % x: %v", e.Wire, err)
				}
				if size, _ := packet.Size(e.Wire); size != len(e.Wire) || p.Type() != e.Type {
					t.Fatalf("sends % x as one %v", e.Wire, e.Type)
				}
			}
			input = input[n:]
		}
		b.Closed(time.Time{}, 1, broker.CauseRST)
		b.State()
		if err := b.CheckTotals(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestHostileSubscriptions holds the time and memory that one client can cost
// against bounds.
func TestHostileSubscriptions(t *testing.T) {
	b := broker.New(broker.Config{})
	a := dial(t, b, 1, packet.V311, true)
	start := time.Now()
	deep := strings.Repeat("/", 65_535)
	for i := range 300 { // some 20 MB of filters, of which 4 MiB are taken
		a.say(&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: strings.Repeat("+/", i) + deep[:65_000-2*i]}}})
	}
	many := &packet.Subscribe{PacketID: 2}
	for i := range 100_000 {
		many.Subscriptions = append(many.Subscriptions, packet.Subscription{Filter: fmt.Sprint("+/", i)})
	}
	refused := 0
	for _, e := range a.say(many) {
		if e.Type == packet.SUBACK {
			for _, code := range e.Wire[6:] {
				if code == byte(packet.SubackFailure) {
					refused++
				}
			}
		}
	}
	t.Logf("built in %v, %d refused", time.Since(start), refused)
	start = time.Now()
	p := dial(t, b, 2, packet.V311, true)
	for range 10 {
		p.say(&packet.Publish{Topic: deep[:65_000]})
		p.say(&packet.Publish{Topic: "x/77"})
	}
	t.Logf("20 messages in %v", time.Since(start))
	if d := time.Since(start); d > 3*time.Second {
		t.Errorf("20 messages took %v", d)
	}
	start = time.Now()
	a.say(&packet.Disconnect{})
	t.Logf("forgotten in %v", time.Since(start))
}

func TestQoS0AllocatesLittle(t *testing.T) {
	b, p, wire := fanOut(t, 100, 0, 0, 100)
	publish, err := p.d.Decode(wire)
	if err != nil {
		t.Fatal(err)
	}
	if allocs := testing.AllocsPerRun(100, func() { b.Receive(time.Time{}, p.id, publish, wire) }); allocs > 1 {
		t.Errorf("%v allocations for one message to 100 subscribers", allocs)
	}
}

// fanOut makes a Broker with n subscribers, and a publisher's message.
func fanOut(tb testing.TB, n int, qos, granted packet.QoS, size int) (*broker.Broker, *link, []byte) {
	b := broker.New(broker.Config{})
	for i := range n {
		l := dial(tb, b, broker.ConnID(i+2), packet.V311, true)
		l.say(&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: "bench/+", QoS: granted}}})
	}
	p := dial(tb, b, 1, packet.V311, true)
	wire, err := packet.Append(nil, &packet.Publish{Topic: "bench/topic", QoS: qos, PacketID: 1, Payload: make([]byte, size)}, packet.V311)
	if err != nil {
		tb.Fatal(err)
	}
	return b, p, wire
}

func BenchmarkFanOut(bench *testing.B) {
	for _, n := range []int{1, 100, 500} {
		for qos := range packet.QoS(3) {
			bench.Run(fmt.Sprintf("subscribers=%d/qos=%d", n, qos), func(bench *testing.B) {
				b, p, wire := fanOut(bench, n, qos, qos, 100)
				var now time.Time
				ack := &packet.Ack{}
				pubrel := &packet.Ack{Kind: packet.PUBREL, PacketID: 1}
				var ids []struct {
					conn broker.ConnID
					id   uint16
				}
				bench.ReportAllocs()
				for bench.Loop() {
					m, err := p.d.Decode(wire)
					if err != nil {
						bench.Fatal(err)
					}
					ids = ids[:0]
					for _, e := range b.Receive(now, p.id, m, wire) {
						if e.Type == packet.PUBLISH && qos > 0 {
							ids = append(ids, struct {
								conn broker.ConnID
								id   uint16
							}{e.Conn, e.PacketID})
						}
					}
					// Everybody acknowledges to the end.
					for _, x := range ids {
						if qos == 1 {
							*ack = packet.Ack{Kind: packet.PUBACK, PacketID: x.id}
							b.Receive(now, x.conn, ack, nil)
							continue
						}
						*ack = packet.Ack{Kind: packet.PUBREC, PacketID: x.id}
						b.Receive(now, x.conn, ack, nil)
						*ack = packet.Ack{Kind: packet.PUBCOMP, PacketID: x.id}
						b.Receive(now, x.conn, ack, nil)
					}
					if qos == 2 {
						b.Receive(now, p.id, pubrel, nil)
					}
				}
				bench.ReportMetric(float64(bench.Elapsed().Nanoseconds())/float64(bench.N*n), "ns/delivery")
			})
		}
	}
}

// BenchmarkIdleConnections measures what a Client costs that is connected,
// has one Subscription and says nothing.
func BenchmarkIdleConnections(bench *testing.B) {
	var before, after runtime.MemStats
	var b *broker.Broker
	const n = 20_000
	for bench.Loop() {
		b = broker.New(broker.Config{})
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range n {
			// The decoder is the caller's.
			l := dial(bench, b, broker.ConnID(i+1), packet.V311, true)
			l.say(&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: fmt.Sprint("device/", i, "/#"), QoS: 1}}})
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		bench.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "bytes/connection")
	}
	runtime.KeepAlive(b)
}

// BenchmarkRetained measures a Subscription that 100,000 retained messages match.
func BenchmarkRetained(bench *testing.B) {
	b := broker.New(broker.Config{})
	p := dial(bench, b, 1, packet.V311, true)
	const n = 100_000
	for i := range n {
		p.say(&packet.Publish{Topic: fmt.Sprintf("r/%d/%d", i%100, i), Retain: true, Payload: []byte("payload")})
	}
	s := dial(bench, b, 2, packet.V311, true)
	for bench.Loop() {
		count := len(s.say(&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: "r/+/+"}}}))
		for _, due := b.Next(); due; _, due = b.Next() {
			count += len(b.Tick(time.Time{}))
		}
		if count != n+1 {
			bench.Fatal(count)
		}
	}
}
