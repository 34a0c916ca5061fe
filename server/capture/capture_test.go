package capture

import (
	"sync"
	"testing"
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
		{"too many", 1000, 1 << 30, 100_000, 0, 1000 - segmentEvents, 1000 + segmentEvents},
		{"too large", 1 << 30, 1 << 20, 100_000, 1000, 512, 1<<20/1000 + segmentEvents},
		{"one larger than all", 10, 100, 1, 1000, 1, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := New(test.events, test.bytes)
			for i := range test.append {
				if n := l.Append(Event{Kind: Packet, Bytes: make([]byte, test.size)}); n != uint64(i+1) {
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
			for range 5000 {
				l.Append(Event{Kind: Packet})
			}
		})
		all.Go(func() {
			for range 500 {
				first, next := l.Bounds()
				l.Range(nil, first, next)
			}
		})
	}
	all.Wait()
	if _, next := l.Bounds(); next != 20_001 {
		t.Error(next)
	}
}

func BenchmarkAppend(b *testing.B) {
	l := New(200_000, 64<<20)
	data := make([]byte, 20)
	b.ReportAllocs()
	for b.Loop() {
		l.Append(Event{Kind: Packet, Bytes: data})
	}
}
