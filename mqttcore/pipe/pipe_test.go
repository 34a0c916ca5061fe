package pipe_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/pipe"
)

var began = time.Unix(1_000_000, 0)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// puback is a PUBACK of a Packet Identifier.
func puback(id int) []byte { return []byte{0x40, 2, 0, byte(id)} }

// run takes everything that leaves p by itself and tells it, a line each:
// milliseconds since began, bytes, what follows them.
func run(p *pipe.Pipe) string {
	var s strings.Builder
	for {
		at, ok := p.Next()
		if !ok {
			return s.String()
		}
		if d, early := p.Take(at.Add(-time.Nanosecond)); early && at.After(began) {
			return fmt.Sprintf("%x leaves before its time", d.Bytes)
		}
		d, ok := p.Take(at)
		if !ok {
			return "Next says when, and Take has nothing"
		}
		fmt.Fprintf(&s, "%d %x", at.Sub(began).Milliseconds(), d.Bytes)
		switch {
		case d.End != 0:
			fmt.Fprintf(&s, "%s\n", d.End)
		case d.Cut != 0:
			fmt.Fprintf(&s, " cut %s\n", d.Cut)
			return s.String()
		default:
			fmt.Fprintln(&s)
		}
	}
}

func notes(w *pipe.Passage) string {
	var all []string
	for _, n := range w.Notes {
		all = append(all, n.Did.String())
	}
	return strings.Join(all, " ")
}

func TestWhatAPipeDoes(t *testing.T) {
	const gap = "10 40020001\n" // what two PUBACKs look like after 10 ms
	connect := unhex("100d 0004 4d515454 04 02 0000 0001 41")
	tests := []struct {
		name  string
		set   pipe.Settings
		puts  [][]byte
		notes string // of the first
		want  string
	}{
		{"plain", pipe.Settings{}, [][]byte{puback(1), puback(2)}, "", "0 40020001\n0 40020002\n"},
		{"delay", pipe.Settings{Delay: 10 * time.Millisecond}, [][]byte{puback(1)}, "delayed", gap},
		{"held", pipe.Settings{Hold: true}, [][]byte{puback(1)}, "held", ""},
		{"drop the next", pipe.Settings{Rules: []pipe.Rule{{Do: pipe.Drop, Times: 1}}}, [][]byte{puback(1), puback(2)}, "dropped", "0 40020002\n"},
		{"drop every", pipe.Settings{Rules: []pipe.Rule{{Do: pipe.Drop}}}, [][]byte{puback(1), puback(2)}, "dropped", ""},
		{"drop by type", pipe.Settings{Rules: []pipe.Rule{{Do: pipe.Drop, Type: packet.PUBACK}}}, [][]byte{{0xc0, 0}, puback(2)}, "", "0 c000\n"},
		{"drop the second and third", pipe.Settings{Rules: []pipe.Rule{{Do: pipe.Drop, Skip: 1, Times: 2}}},
			[][]byte{puback(1), puback(2), puback(3), puback(4)}, "", "0 40020001\n0 40020004\n"},
		{"duplicate", pipe.Settings{Rules: []pipe.Rule{{Do: pipe.Duplicate, Times: 1}}}, [][]byte{puback(1), puback(2)}, "duplicated",
			"0 40020001\n0 40020001\n0 40020002\n"},
		{"flip a bit", pipe.Settings{Rules: []pipe.Rule{{Do: pipe.Corrupt, Change: pipe.Change{Offset: 1, Value: 0x80}}}}, [][]byte{puback(1)}, "corrupted", "0 40820001\n"},
		{"set the last byte", pipe.Settings{Rules: []pipe.Rule{{Do: pipe.Corrupt, Change: pipe.Change{Offset: -1, Set: true, Value: 9}}}}, [][]byte{puback(1)}, "corrupted", "0 40020009\n"},
		{"no such byte", pipe.Settings{Rules: []pipe.Rule{{Do: pipe.Corrupt, Change: pipe.Change{Offset: 4, Value: 1}}}}, [][]byte{puback(1)}, "spared", "0 40020001\n"},
		{"cut inside", pipe.Settings{Rules: []pipe.Rule{{Do: pipe.Cut, How: pipe.RST, Bytes: 3, Skip: 1}}}, [][]byte{puback(1), puback(2)}, "",
			"0 40020001\n0 400200 cut rst\n"},
		{"cut before", pipe.Settings{Rules: []pipe.Rule{{Do: pipe.Cut, How: pipe.FIN}}}, [][]byte{puback(1)}, "cut", "0  cut fin\n"},
		{"split inside the Remaining Length", pipe.Settings{Segment: 1}, [][]byte{unhex("30800161")}, "split", "0 30\n1 80\n2 01\n3 61\n"},
		{"split unevenly", pipe.Settings{Segment: 8}, [][]byte{connect}, "split", "0 100d00044d515454\n1 04020000000141\n"},
		{"throttle", pipe.Settings{Rate: 20}, [][]byte{puback(1), puback(2)}, "throttled", "0 4002\n100 0001\n200 4002\n300 0002\n"},
		{"throttle to less than a turn", pipe.Settings{Rate: 4}, [][]byte{puback(1)}, "throttled", "0 40\n250 02\n500 00\n750 01\n"},
		{"all at once", pipe.Settings{Delay: time.Second, Rate: 1000, Segment: 3}, [][]byte{puback(1)}, "delayed throttled split", "1000 400200\n1003 01\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var p pipe.Pipe
			p.Set(test.set)
			for i, b := range test.puts {
				way := p.Put(began, b)
				if got := notes(way); i == 0 && got != test.notes {
					t.Errorf("notes are %q, want %q", got, test.notes)
				}
			}
			if got := run(&p); got != test.want {
				t.Errorf("leaves:\n%swant:\n%s", got, test.want)
			}
		})
	}
}

func TestSteps(t *testing.T) {
	var p pipe.Pipe
	p.Set(pipe.Settings{Hold: true})
	for i := 1; i <= 4; i++ {
		p.Put(began, puback(i))
	}
	p.End(began, pipe.FIN)
	step := func(s pipe.Step, want error) {
		t.Helper()
		if _, _, err := p.Step(began, s); !errors.Is(err, want) {
			t.Fatalf("%s %d: %v, want %v", s.Do, s.ID, err, want)
		}
	}
	left := func(want string) {
		t.Helper()
		if got := run(&p); got != want {
			t.Fatalf("leaves %q, want %q", got, want)
		}
	}
	left("")
	step(pipe.Step{Do: pipe.Pass}, nil)
	left("0 40020001\n")
	step(pipe.Step{Do: pipe.Pass, ID: 3}, pipe.ErrNotFirst)
	step(pipe.Step{Do: pipe.Pass, ID: 1}, pipe.ErrGone)
	step(pipe.Step{Do: pipe.Drop, ID: 3}, nil)
	step(pipe.Step{Do: pipe.Duplicate}, nil)
	step(pipe.Step{Do: pipe.Corrupt, Change: pipe.Change{Offset: 3, Value: 0xf0}}, nil)
	step(pipe.Step{Do: pipe.Corrupt, Change: pipe.Change{Offset: 4, Value: 1}}, pipe.ErrNoByte)
	list := p.Waiting()
	if len(list) != 4 || !list[0].Changed || list[1].Changed || list[3].End != pipe.FIN {
		t.Fatalf("%+v waits", list)
	}
	step(pipe.Step{Do: pipe.Corrupt, ID: list[3].ID, Change: pipe.Change{}}, pipe.ErrAnEnd)
	step(pipe.Step{Do: pipe.Edit, ID: list[1].ID, Bytes: []byte{0xc0, 0}}, nil)
	step(pipe.Step{Do: pipe.Pass}, nil)
	step(pipe.Step{Do: pipe.Pass, ID: list[1].ID}, nil)
	left("0 400200f2\n0 c000\n")
	p.Set(pipe.Settings{}) // lets all go
	left("0 40020004\n0 fin\n")
	step(pipe.Step{Do: pipe.Pass}, pipe.ErrNothing)
	if !p.Plain() {
		t.Error("the pipe is not plain again")
	}
}

// Whatever a pipe is told, as long as no rule changes packets: what comes in
// goes out, in order, in segments no longer than asked for, no faster than the
// rate, and no earlier than the delay.
func TestNothingIsLostOrEarly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p pipe.Pipe
		now := began
		var in, out []byte
		sent := map[*pipe.Passage]time.Time{}
		var set pipe.Settings
		take := func() {
			for {
				d, ok := p.Take(now)
				if !ok {
					return
				}
				if set.Segment > 0 && len(d.Bytes) > set.Segment {
					t.Fatalf("a segment of %d bytes, %d at most", len(d.Bytes), set.Segment)
				}
				if now.Before(sent[d.Passage]) {
					t.Fatalf("leaves %v early", sent[d.Passage].Sub(now))
				}
				out = append(out, d.Bytes...)
			}
		}
		for range rapid.IntRange(1, 30).Draw(t, "calls") {
			switch rapid.IntRange(0, 4).Draw(t, "call") {
			case 0:
				set = pipe.Settings{
					Hold:    rapid.Bool().Draw(t, "hold"),
					Delay:   time.Duration(rapid.IntRange(0, 50).Draw(t, "delay")) * time.Millisecond,
					Rate:    rapid.SampledFrom([]int{0, 0, 1, 7, 100, 5000}).Draw(t, "rate"),
					Segment: rapid.SampledFrom([]int{0, 0, 1, 2, 5, 1000}).Draw(t, "segment"),
				}
				p.Set(set)
			case 1, 2:
				b := rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "bytes")
				in = append(in, b...)
				way := p.Put(now, b)
				sent[way] = now.Add(set.Delay)
			case 3:
				now = now.Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "wait")) * time.Millisecond)
				take()
			case 4:
				if _, way, err := p.Step(now, pipe.Step{Do: pipe.Pass}); err == nil {
					sent[way] = now
				}
			}
		}
		set.Hold, set.Delay = false, 0
		p.Set(set)
		start, before := now, len(out)
		for {
			at, ok := p.Next()
			if !ok {
				break
			}
			if at.After(now) {
				now = at
			}
			take()
		}
		if !bytes.Equal(in, out) {
			t.Fatalf("out comes\n%x, in went\n%x", out, in)
		}
		if set.Rate > 0 {
			turn := float64(max(1, set.Rate/10))
			if most := float64(set.Rate)*now.Sub(start).Seconds() + turn + 1; float64(len(out)-before) > most {
				t.Fatalf("%d bytes in %v at %d bytes a second", len(out)-before, now.Sub(start), set.Rate)
			}
		}
		if p.Full() || len(p.Waiting()) > 0 {
			t.Fatal("an empty pipe is full, or lists what waits")
		}
	})
}

func TestBounds(t *testing.T) {
	var p pipe.Pipe
	p.Set(pipe.Settings{Hold: true})
	for range pipe.MaxWaiting {
		if p.Full() {
			t.Fatal("full too early")
		}
		p.Put(began, puback(1))
	}
	if !p.Full() {
		t.Error("a thousand packets wait, and more may come")
	}
	if _, _, err := p.Step(began, pipe.Step{Do: pipe.Duplicate}); !errors.Is(err, pipe.ErrTooMany) {
		t.Errorf("one more by hand: %v", err)
	}
	if lost := p.Clear(); lost != pipe.MaxWaiting || p.Full() {
		t.Errorf("%d were lost", lost)
	}
	p.Put(began, make([]byte, pipe.MaxBytes))
	if !p.Full() {
		t.Error("2 MiB wait, and more may come")
	}
}

// A mebibyte byte by byte must not take a quarter of an hour by the clock.
func TestSplittingIsBounded(t *testing.T) {
	var p pipe.Pipe
	p.Set(pipe.Settings{Segment: 1})
	p.Put(began, make([]byte, 100_000))
	now := began
	for {
		at, ok := p.Next()
		if !ok {
			break
		}
		now = at
		p.Take(now)
	}
	if took := now.Sub(began); took > 3*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestFramer(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"packets", "c000 40020001", "c000 40020001"},
		{"a packet that is not whole", "c000 4002", "c000"},
		{"not even a length", "40", ""},
		{"type 0", "c000 00", "c000 !00"},
		{"flags that no packet has", "c000 4f02", "c000 !4f02"},
		{"Remaining Length of five bytes", "30ffffffff01", "!30ffffffff01"},
		{"longer than may be", "3065", "!3065"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := pipe.Framer{Max: 100}
			var got []string
			for _, b := range unhex(test.in) { // byte by byte
				f.Add([]byte{b})
				for {
					p, whole := f.Next(packet.V311)
					if p == nil {
						break
					}
					mark := "!"
					if whole {
						mark = ""
					}
					got = append(got, mark+hex.EncodeToString(p))
				}
			}
			// What is no packet is returned as soon as that is seen, so its bytes may come in pieces.
			joined := strings.ReplaceAll(strings.Join(got, " "), " !", "!")
			want := strings.ReplaceAll(test.want, " !", "!")
			if i := strings.Index(joined, "!"); i >= 0 {
				joined = joined[:i+1] + strings.ReplaceAll(joined[i+1:], "!", "")
			}
			if !strings.HasPrefix(joined, strings.SplitAfter(want, "!")[0]) {
				t.Errorf("got %s, want %s", joined, want)
			}
		})
	}
}

// Packets of one kind are taken out from among the others, however the stream
// comes; all else stays as it is.
func TestFramerPull(t *testing.T) {
	stream := unhex("c000 40020001 c000 c001 00 c000 3004 0001 61 c0 c000")
	for size := 1; size <= len(stream); size++ {
		var f pipe.Framer
		pulled := 0
		for rest := stream; len(rest) > 0; {
			n := min(size, len(rest))
			f.Add(rest[:n])
			rest = rest[n:]
			pulled += f.Pull(unhex("c000"))
		}
		var left []byte
		for b, whole := f.Next(packet.V311); b != nil; b, whole = f.Next(packet.V311) {
			if left = append(left, b...); !whole {
				break
			}
		}
		left = append(left, f.Rest()...)
		if want := unhex("40020001 c001 00 3004 0001 61 c0"); pulled != 4 || !bytes.Equal(left, want) {
			t.Errorf("in pieces of %d: %d are taken out, %x stays", size, pulled, left)
		}
	}
}

// However a stream comes, its bytes come out again, in order.
func FuzzFramer(f *testing.F) {
	f.Add(unhex("c00040020001"), byte(1))
	f.Add(unhex("30ffffffff01"), byte(3))
	f.Fuzz(func(t *testing.T, data []byte, step byte) {
		var framer pipe.Framer
		var out []byte
		for rest := data; len(rest) > 0; {
			n := min(int(step)+1, len(rest))
			framer.Add(rest[:n])
			rest = rest[n:]
			for {
				b, whole := framer.Next(packet.V5)
				if b == nil {
					break
				}
				if size, err := packet.Size(b); whole && (err != nil || size != len(b)) {
					t.Fatalf("%x is called a whole packet", b)
				}
				out = append(out, b...)
			}
		}
		if out = append(out, framer.Rest()...); !bytes.Equal(out, data) {
			t.Fatalf("%x comes out of %x", out, data)
		}
	})
}
