package capture

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
)

func TestBounds(t *testing.T) {
	tests := []struct {
		name           string
		events, bytes  int
		append, size   int
		fewest, mostIn int // events that may then be held
	}{
		{"empty", 1000, 1 << 20, 0, 0, 0, 0},
		{"all fit", 10_000, 1 << 20, 2000, 0, 2000, 2000},
		{"too many", 1000, 1 << 30, 100_000, 0, 800, 1000},
		{"many too many", 200_000, 1 << 30, 1_000_000, 0, 190_000, 200_000},
		{"too large", 1 << 30, 1 << 20, 100_000, 1000, 800, 1 << 20 / 1000},
		{"far too large", 1 << 30, 10 << 20, 100, 1 << 20, 8, 10},
		{"one larger than all", 10, 100, 1, 1000, 1, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := New(test.events, test.bytes)
			for i := range test.append {
				if n := l.Append(Event{Kind: Packet, Bytes: fresh(test.size)}); n != uint64(i+1) {
					t.Fatalf("event %d has number %d", i+1, n)
				}
			}
			first, next := l.Bounds()
			if held := int(next - first); held < test.fewest || held > test.mostIn {
				t.Errorf("holds %d events", held)
			}
			if next != uint64(test.append+1) {
				t.Errorf("next is %d", next)
			}
			for i, e := range l.Range(nil, 0, next) {
				if e.N != first+uint64(i) {
					t.Fatalf("event %d has number %d", first+uint64(i), e.N)
				}
			}
		})
	}
}

// fresh returns n bytes that are nowhere else.
func fresh(n int) []byte { return make([]byte, n) }

// TestKeeps puts events of every kind into a log that overflows often, by each
// way that there is, and compares all that it holds with what was put in.
func TestKeeps(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	l := New(1000, 1<<20)
	var want []Event // want[0] has number 1
	wires := []*Source{{Conn: 1, Lane: "v1"}, {Conn: 2, Lane: "t2"}, {Conn: 1 << 40, Lane: "v1"}}
	says := []*broker.Explanation{{Key: "a"}, {Key: "b", Conn: 1, Args: []string{"x", "y"}}, {Key: "b", Conn: 1}}
	var kept []Event // what a reader was given long ago
	latest := []byte("x")
	for at := time.Duration(0); len(want) < 20_000; at += time.Duration(random.IntN(3)) {
		l.Begin(at)
		for range random.IntN(5) {
			who := wires[random.IntN(len(wires))]
			e := Event{N: uint64(len(want) + 1), At: at, Conn: who.Conn, Lane: who.Lane}
			if len(want) > 0 && random.IntN(2) == 0 {
				e.Cause = uint64(random.IntN(len(want)) + 1)
			}
			var n uint64
			switch random.IntN(8) {
			case 0:
				e.Kind, e.Detail = Open, Opened{Name: "x", Virtual: true}
				n = l.Put(&e)
			case 1:
				e.Kind, e.How, e.Detail = Close, RST, "why"
				n = l.Put(&e)
			case 2, 3:
				x := says[random.IntN(len(says))]
				id := uint16(random.IntN(3))
				e.Kind, e.Detail = Explain, x.For(id)
				n = l.PutExplanation(who, e.Cause, x, id)
			default:
				if random.IntN(3) > 0 {
					size := random.IntN(200)
					if random.IntN(100) == 0 {
						size = random.IntN(2 * lendFrom)
					}
					latest = bytes.Repeat([]byte{byte(len(want)), byte(len(want) >> 8), byte(size)}, size/3+1)
				}
				e.Kind, e.From, e.Version, e.Broken = Packet, packet.Server, packet.V5, random.IntN(2) == 0
				e.Bytes = latest[:1+random.IntN(len(latest))]
				if random.IntN(4) == 0 {
					n = l.Put(&e)
				} else {
					n = l.PutPacket(who, e.From, e.Version, e.Broken, e.Cause, e.Bytes)
				}
			}
			if n != e.N {
				t.Fatalf("event %d has number %d", e.N, n)
			}
			e.Bytes = bytes.Clone(e.Bytes)
			want = append(want, e)
		}
		l.End()
		if random.IntN(50) == 0 {
			first, next := l.Bounds()
			from := first + uint64(random.IntN(int(next-first)+1))
			got := l.Range(nil, from, from+uint64(random.IntN(300)))
			for i, e := range got {
				if diff := cmp.Diff(want[from-1+uint64(i)], e); diff != "" {
					t.Fatalf("event %d (-put +got):\n%s", e.N, diff)
				}
			}
			kept = append(kept, got[:min(len(got), 3)]...)
		}
	}
	if first, next := l.Bounds(); first < 15_000 || int(next-first) < 100 {
		t.Errorf("holds %d to %d: the bounds were not tried", first, next)
	}
	for _, e := range kept {
		if diff := cmp.Diff(want[e.N-1], e); diff != "" {
			t.Fatalf("event %d has changed (-put +now):\n%s", e.N, diff)
		}
	}
}

func TestRange(t *testing.T) {
	l := New(1000, 1<<30)
	for range 5000 {
		l.Append(Event{Kind: Open})
	}
	first, next := l.Bounds()
	for _, ask := range [][2]uint64{{0, 1}, {first - 1, first + 1}, {first, first}, {first + 500, first + 530}, {next - 1, next + 5}, {next, next + 1}, {next, first}, {1 << 63, 1<<64 - 1}} {
		got := l.Range(nil, ask[0], ask[1])
		want := max(0, int(min(ask[1], next))-int(min(max(ask[0], first), 1<<62)))
		if len(got) != want {
			t.Errorf("%v: %d events, want %d", ask, len(got), want)
		}
		if len(got) > 0 && got[0].N != max(ask[0], first) {
			t.Errorf("%v begins with %d", ask, got[0].N)
		}
	}
}

func TestWait(t *testing.T) {
	l := New(10, 1<<20)
	waiting := l.Wait(1)
	select {
	case <-waiting:
		t.Fatal("nothing has happened yet")
	default:
	}
	l.Append(Event{})
	<-waiting
	<-l.Wait(1)
}

// Readers and writers at once, for the race detector.
func TestConcurrent(t *testing.T) {
	l := New(1000, 1<<20)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			who := Source{Conn: 1}
			data := []byte{0xc0, 0}
			for i := range 500 {
				l.Append(Event{Kind: Packet})
				l.Begin(time.Duration(i))
				l.PutPacket(&who, packet.Client, 0, false, 0, data)
				l.End()
			}
		})
		all.Go(func() {
			for range 100 {
				first, next := l.Bounds()
				for _, e := range l.Range(nil, first, next) {
					if e.Conn == 1 && !bytes.Equal(e.Bytes, []byte{0xc0, 0}) {
						t.Error(e)
					}
				}
			}
		})
	}
	all.Wait()
	if _, next := l.Bounds(); next != 4001 {
		t.Error(next)
	}
}

// BenchmarkMessage keeps what a QoS 0 message leaves behind: the packet, why
// it goes to whom, and the packet again.
func BenchmarkMessage(b *testing.B) {
	l := New(200_000, 64<<20)
	chunk := make([]byte, 0, 256<<10)
	from, to := Source{Conn: 1, Lane: "t1"}, Source{Conn: 2, Lane: "t2"}
	matched, delivered := &broker.Explanation{Key: "m", Conn: 1}, &broker.Explanation{Key: "d", Conn: 1, Target: 2}
	b.ReportAllocs()
	for at := time.Duration(0); b.Loop(); at++ {
		l.Begin(at)
		for range 100 {
			if len(chunk)+24 > cap(chunk) {
				chunk = chunk[:0]
			}
			data := chunk[len(chunk) : len(chunk)+24]
			chunk = chunk[:len(chunk)+24]
			n := l.PutPacket(&from, packet.Client, packet.V5, false, 0, data)
			l.PutExplanation(&from, n, matched, 0)
			l.PutExplanation(&from, n, delivered, 0)
			l.PutPacket(&to, packet.Server, packet.V5, false, n, data)
		}
		l.End()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/message")
}

// What a log takes is counted from its first event on.
func TestBytes(t *testing.T) {
	l := New(1000, 1<<20)
	if n := l.Bytes(); n != 0 {
		t.Errorf("nothing takes %d bytes", n)
	}
	for _, size := range []int{10, 1000} {
		before := l.Bytes()
		l.Append(Event{Kind: Packet, Bytes: fresh(size)})
		if n := l.Bytes() - before; n < size || n > size+500 {
			t.Errorf("a packet of %d bytes takes %d", size, n)
		}
	}
}
