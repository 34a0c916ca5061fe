package broker_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
)

// heap returns what is in use after a collection.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// TestMessagesPinNoChunks holds that a small message that stays does not keep
// the large piece of memory alive that it was read into.
func TestMessagesPinNoChunks(t *testing.T) {
	const n, chunk = 2000, 256 << 10
	for _, test := range []struct {
		name   string
		before func(a *link)
		retain bool
		bound  int
	}{
		{"retained", func(*link) {}, true, 16 << 20},
		{"queued", func(a *link) { a.say(&packet.Disconnect{}) }, false, 16 << 20},
		{"unacknowledged", func(*link) {}, false, 160 << 20}, // of the first 512,
		{"unacknowledged, then away", func(*link) {}, false, 16 << 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := broker.New(broker.Config{Explain: true})
			a := dial(t, b, 1, packet.V311, false)
			a.say(&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: "q/#", QoS: 1}}})
			test.before(a)
			p := dial(t, b, 2, packet.V5, true)
			name := "q"
			if test.retain {
				name = "r"
			}
			before := heap()
			for i := range n {
				wire := make([]byte, 0, chunk)
				wire, err := packet.Append(wire, &packet.Publish{Topic: fmt.Sprint(name, "/", i), QoS: 1, PacketID: 1, Retain: test.retain, Payload: []byte("x"),
					Properties: packet.Properties{{ID: packet.UserProperty, Key: "k", Text: "v"}, {ID: packet.CorrelationData, Data: []byte("d")}}}, packet.V5)
				if err != nil {
					t.Fatal(err)
				}
				p.raw(wire)
			}
			if test.name == "unacknowledged, then away" {
				b.Closed(time.Time{}, 1, broker.CauseFIN)
			}
			if got := heap() - before; got > test.bound {
				t.Errorf("%d messages of a byte keep %d KiB in memory", n, got>>10)
			}
			runtime.KeepAlive(b)
		})
	}
}

// count returns how many effects are of a kind.
func count(effects []broker.Effect, kind broker.EffectKind, t packet.Type) int {
	n := 0
	for _, e := range effects {
		if e.Kind == kind && e.Type == t {
			n++
		}
	}
	return n
}

// keepRetained has n messages retained under topics of ten levels.
func keepRetained(tb testing.TB, b *broker.Broker, n int, qos packet.QoS) *link {
	p := dial(tb, b, 1000, packet.V311, true)
	for i := range n {
		p.say(&packet.Publish{Topic: fmt.Sprint("a/a/a/a/a/a/a/a/a/a/", i), Retain: true, QoS: qos, PacketID: 1, Payload: []byte{'x'}})
		p.say(&packet.Ack{Kind: packet.PUBREL, PacketID: 1})
	}
	return p
}

// TestOneFilterManyTimes holds that a SUBSCRIBE full of the same filter is
// answered in full, but has what is retained once, and not everything explained.
func TestOneFilterManyTimes(t *testing.T) {
	b := broker.New(broker.Config{Explain: true})
	keepRetained(t, b, 100, 0)
	a := dial(t, b, 1, packet.V311, true)
	const n = 200_000
	p := &packet.Subscribe{PacketID: 1}
	for range n {
		p.Subscriptions = append(p.Subscriptions, packet.Subscription{Filter: "#"})
	}
	before, start := heap(), time.Now()
	effects := a.say(p)
	took, grown := time.Since(start), heap()-before
	t.Logf("%v, %d KiB", took, grown>>10)
	if got := count(effects, broker.EffectSend, packet.PUBLISH); got != 100 {
		t.Errorf("%d retained messages sent", got)
	}
	for _, e := range effects {
		if e.Type == packet.SUBACK && len(e.Wire) != 1+3+2+n {
			t.Errorf("SUBACK of %d bytes", len(e.Wire))
		}
	}
	if got := count(effects, broker.EffectExplain, 0); got != 101 {
		t.Errorf("%d explanations", got)
	}
	last := effects[len(effects)-1].Explanation
	if want := []string{"count", fmt.Sprint(n)}; last == nil || last.Key != "explained.more" || !slices.Equal(last.Args, want) {
		t.Errorf("last of all: %v", last)
	}
	if took > 2*time.Second || grown > 32<<20 {
		t.Errorf("took %v and %d KiB", took, grown>>10)
	}
	if _, due := b.Next(); due {
		t.Error("more is to come")
	}
}

// TestRetainedComeInPieces holds the work of one event against a bound when
// 100,000 retained messages match each of 1,000 filters.
func TestRetainedComeInPieces(t *testing.T) {
	b := broker.New(broker.Config{Explain: true})
	other := keepRetained(t, b, 100_000, 0)
	a := dial(t, b, 1, packet.V311, true)
	p := &packet.Subscribe{PacketID: 1}
	for i := range 1000 {
		filter := ""
		for bit := range 10 {
			filter += string("a+"[i>>bit&1]) + "/"
		}
		p.Subscriptions = append(p.Subscriptions, packet.Subscription{Filter: filter + "+"})
	}
	var most time.Duration
	sent, start := 0, time.Now()
	effects := a.say(p)
	for range 500 {
		if len(effects) > 1024+1+101 {
			t.Fatalf("%d effects of one event", len(effects))
		}
		sent += count(effects, broker.EffectSend, packet.PUBLISH)
		most, start = max(most, time.Since(start)), time.Now()
		if _, due := b.Next(); !due {
			t.Fatal("nothing more is due")
		}
		effects = b.Tick(time.Time{})
	}
	t.Logf("%d messages in 500 pieces, the longest took %v", sent, most)
	if sent < 300_000 || most > 2*time.Second {
		t.Errorf("%d messages in 500 pieces, the longest took %v", sent, most)
	}
	if got := count(other.say(&packet.Ping{Kind: packet.PINGREQ}), broker.EffectSend, packet.PINGRESP); got != 1 {
		t.Error("another client has no answer")
	}
	a.say(&packet.Disconnect{})
	if _, due := b.Next(); due {
		t.Error("it goes on without the client")
	}
}

// TestRetainedOnceAndInOrder holds that pieces, a full queue, a connection
// lost meanwhile and news on the same topics neither lose nor double anything.
func TestRetainedOnceAndInOrder(t *testing.T) {
	const n = 10_000
	b := broker.New(broker.Config{})
	other := keepRetained(t, b, n, 1)
	a := dial(t, b, 1, packet.V311, false)
	effects := a.say(&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: "a/#", QoS: 1}}})
	replaced, removed := fmt.Sprint("a/a/a/a/a/a/a/a/a/a/", n-1), fmt.Sprint("a/a/a/a/a/a/a/a/a/a/", n-2)
	var got []string
	news := 0
	in := packet.Decoder{Version: packet.V311}
	id := broker.ConnID(1)
	for step := 0; ; step++ {
		var acks []uint16
		for _, e := range effects {
			if e.Conn != id || e.Type != packet.PUBLISH {
				continue
			}
			p, err := in.Decode(e.Wire)
			if err != nil {
				t.Fatal(err)
			}
			m := p.(*packet.Publish)
			acks = append(acks, m.PacketID)
			switch {
			case m.Dup:
			case m.Retain:
				got = append(got, m.Topic)
			default:
				news++
			}
		}
		effects = nil
		if step == 3 {
			effects = append(effects, other.say(&packet.Publish{Topic: replaced, Retain: true, QoS: 1, PacketID: 1, Payload: []byte("new")})...)
			effects = append(effects, other.say(&packet.Publish{Topic: removed, Retain: true, QoS: 1, PacketID: 1})...)
		}
		if step == 4 {
			b.Closed(time.Time{}, id, broker.CauseFIN)
			id = 2
			for range 20 {
				b.Tick(time.Time{})
			}
			if q := b.State().Sessions[0].QueuedCount; q > 2000 {
				t.Errorf("%d messages wait", q)
			}
			b.Open(time.Time{}, id)
			again := packet.NewConnect(packet.V311)
			again.ClientID, again.CleanSession = "client1", false
			effects = append(effects, b.Receive(time.Time{}, id, again, nil)...)
			continue
		}
		for _, x := range acks {
			effects = append(effects, b.Receive(time.Time{}, id, &packet.Ack{Kind: packet.PUBACK, PacketID: x}, nil)...)
		}
		_, due := b.Next()
		if !due && len(effects) == 0 {
			break
		}
		effects = append(effects, b.Tick(time.Time{})...)
	}
	if len(got) != n-2 || news != 2 {
		t.Fatalf("%d retained messages came, and %d new ones", len(got), news)
	}
	for i, name := range got {
		if name != fmt.Sprint("a/a/a/a/a/a/a/a/a/a/", i) {
			t.Fatalf("%s came as number %d", name, i)
		}
	}
}

// TestManySubscriptionsEndInPieces holds that a Session with many
// Subscriptions is gone at once, but not all of them from the index.
func TestManySubscriptionsEndInPieces(t *testing.T) {
	const n = 20_000
	b := broker.New(broker.Config{Explain: true})
	p := &packet.Subscribe{PacketID: 1}
	for i := range n {
		p.Subscriptions = append(p.Subscriptions, packet.Subscription{Filter: fmt.Sprintf("many/%d/+", i)})
	}
	a := dial(t, b, 1, packet.V5, true)
	a.say(p)
	a.say(&packet.Disconnect{})
	if got := len(b.State().Sessions); got != 0 {
		t.Errorf("%d sessions", got)
	}
	// The same Client again, with some of the same filters.
	b.Open(time.Time{}, 2)
	again := packet.NewConnect(packet.V5)
	again.ClientID = "client1"
	b.Receive(time.Time{}, 2, again, nil)
	b.Receive(time.Time{}, 2, &packet.Subscribe{PacketID: 1, Subscriptions: p.Subscriptions[:2]}, nil)
	pub := dial(t, b, 3, packet.V311, true)
	for i, want := range []int{1, 1, 0} {
		if got := count(pub.say(&packet.Publish{Topic: fmt.Sprintf("many/%d/x", i)}), broker.EffectSend, packet.PUBLISH); got != want {
			t.Errorf("topic %d goes to %d, not %d", i, got, want)
		}
	}
	pieces := 0
	for _, due := b.Next(); due; _, due = b.Next() {
		b.Tick(time.Time{})
		pieces++
	}
	if pieces != 10 {
		t.Errorf("%d pieces", pieces)
	}
	if err := b.CheckTotals(); err != nil {
		t.Error(err)
	}
	if got := count(pub.say(&packet.Publish{Topic: "many/1/x"}), broker.EffectSend, packet.PUBLISH); got != 1 {
		t.Error("the new subscription is gone")
	}
}

// BenchmarkForget measures the end of a Session with 100,000 Subscriptions.
func BenchmarkForget(bench *testing.B) {
	const n = 100_000
	b := broker.New(broker.Config{})
	p := &packet.Subscribe{PacketID: 1}
	for i := range n {
		p.Subscriptions = append(p.Subscriptions, packet.Subscription{Filter: fmt.Sprintf("many/%d/+", i)})
	}
	id := broker.ConnID(0)
	var piece time.Duration
	for bench.Loop() {
		bench.StopTimer()
		id++
		a := dial(bench, b, id, packet.V311, true)
		b.Receive(time.Time{}, id, p, nil)
		bench.StartTimer()
		a.say(&packet.Disconnect{})
		bench.StopTimer()
		for _, due := b.Next(); due; _, due = b.Next() {
			start := time.Now()
			b.Tick(time.Time{})
			piece = max(piece, time.Since(start))
		}
		bench.StartTimer()
	}
	bench.ReportMetric(float64(piece.Nanoseconds()), "ns/worst-piece")
}

// TestEndedConnectionsLeaveNothing holds that however many connections there
// have been, what was explained to them is not kept.
func TestEndedConnectionsLeaveNothing(t *testing.T) {
	b := broker.New(broker.Config{Explain: true})
	listener := dial(t, b, 1, packet.V311, true)
	listener.say(&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: "t/#"}}})
	next := broker.ConnID(2)
	come := func(n int) {
		for ; n > 0; n-- {
			l := dial(t, b, next, packet.V311, true)
			next++
			l.say(&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: "t/+", QoS: 1}}})
			for id := range uint16(8) {
				l.say(&packet.Publish{Topic: fmt.Sprint("t/", id), QoS: packet.QoS(1 + id%2), PacketID: 1 + id})
				l.say(&packet.Ack{Kind: packet.PUBREL, PacketID: 1 + id})
				l.say(&packet.Ack{Kind: packet.PUBACK, PacketID: 1 + id})
			}
			l.say(&packet.Disconnect{})
		}
	}
	come(10)
	before := heap()
	come(1000)
	if grown := heap() - before; grown > 64<<10 {
		t.Errorf("1000 connections that have ended leave %d bytes", grown)
	}
	runtime.KeepAlive(b)
}

// TestManyIdentifiers holds what one message costs that thousands of
// Subscriptions of one Session match, each with an identifier of its own: in the
// work of routing it, and in what waits for a Client that is away.
func TestManyIdentifiers(t *testing.T) {
	const levels, bound = 11, 1 << 20
	b := broker.New(broker.Config{Explain: true, MaxPendingBytes: bound})
	a, _ := connects(t, b, 1, "a", nil)
	for i := range 1 << levels {
		filter := ""
		for bit := range levels {
			filter += string("a+"[i>>bit&1]) + "/"
		}
		a.say(&packet.Subscribe{PacketID: 1, Properties: packet.Properties{{ID: packet.SubscriptionIdentifier, Number: uint32(i + 1)}},
			Subscriptions: []packet.Subscription{{Filter: filter + "x", QoS: 1}}})
	}
	publisher, _ := connects(t, b, 2, "p", nil)
	message := &packet.Publish{Topic: strings.Repeat("a/", levels) + "x", QoS: 1, PacketID: 1}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	ids := 0
	for _, e := range publisher.say(message) {
		if e.Conn == 1 && e.Type == packet.PUBLISH {
			p, err := (&packet.Decoder{Version: packet.V5}).Decode(e.Wire)
			if err != nil {
				t.Fatal(err)
			}
			for _, property := range p.(*packet.Publish).Properties {
				if property.ID == packet.SubscriptionIdentifier {
					ids++
				}
			}
		}
	}
	runtime.ReadMemStats(&after)
	if used := int(after.TotalAlloc - before.TotalAlloc); ids != 1<<levels || used > 2<<20 {
		t.Errorf("a message with %d identifiers took %d KiB", ids, used>>10)
	}
	b.Closed(time.Time{}, 1, broker.CauseRST)
	held := heap()
	for range 1500 {
		publisher.say(message)
	}
	if held = heap() - held; held > 2*bound {
		t.Errorf("%d KiB wait for the Client", held>>10)
	}
	if err := b.CheckTotals(); err != nil {
		t.Error(err)
	}
}
