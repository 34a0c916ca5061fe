package benches

import (
	"errors"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"mqttlab/mqttcore/broker"
	"mqttlab/server/bench"
	"mqttlab/server/limits"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func from(s string) limits.Owner { return limits.Address(netip.MustParseAddr(s)) }

func TestBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New(Config{Max: 5, Rate: 2})
		defer r.Close()
		main := bench.New(bench.Config{ID: "main"})
		r.Add(main)
		ask := func(address string) (*bench.Bench, error) {
			return r.Ask(Request{From: from(address), Broker: r.Base()})
		}
		first, err := ask("192.0.2.1")
		if err != nil || r.Get(first.ID()) != first {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^[a-z2-7]{26}$`).MatchString(first.ID()) {
			t.Errorf("the id %s", first.ID())
		}
		if _, err := ask("192.0.2.1"); err != nil {
			t.Fatal(err)
		}
		if _, err := ask("192.0.2.1"); !errors.Is(err, ErrRate) {
			t.Errorf("the third in a minute: %v", err)
		}
		time.Sleep(30 * time.Second)
		if _, err := ask("192.0.2.1"); err != nil {
			t.Errorf("after half a minute: %v", err)
		}
		time.Sleep(time.Minute)
		if _, err := ask("192.0.2.1"); !errors.Is(err, ErrShare) || !strings.Contains(err.Error(), "3 of them are yours, and 2 are left") {
			t.Errorf("more than a share: %v", err)
		}
		for range 2 {
			if _, err := ask("192.0.2." + strconv.Itoa(2+r.asked.Taken())); err != nil {
				t.Errorf("what the first has left: %v", err)
			}
		}
		if _, err := ask("192.0.2.2"); !errors.Is(err, ErrMany) {
			t.Errorf("the sixth: %v", err)
		}
		if err := r.Remove(first.ID()); err != nil || r.Get(first.ID()) != nil {
			t.Errorf("removed: %v", err)
		}
		if err := r.Remove(first.ID()); !errors.Is(err, ErrUnknown) {
			t.Errorf("removed twice: %v", err)
		}
		if err := r.Remove("main"); !errors.Is(err, ErrFixed) {
			t.Errorf("main removed: %v", err)
		}
		synctest.Wait()
		if _, err := first.AddClient(""); !errors.Is(err, bench.ErrStopped) {
			t.Errorf("a removed bench goes on: %v", err)
		}
		if _, err := ask("192.0.2.2"); err != nil {
			t.Errorf("in the place of one that is gone: %v", err)
		}
		// A network of version 6 is one address: a machine has all of it.
		r.asked.Most = 10
		for i, want := range []error{nil, nil, ErrRate} {
			if _, err := ask("2001:db8::" + strconv.Itoa(i+1)); !errors.Is(err, want) {
				t.Errorf("version 6, %d: %v", i, err)
			}
		}
		if r.BaseOf(main).MaxQueued <= r.Base().MaxQueued {
			t.Error("main has the caps of the others")
		}
	})
}

// However many captures one opens, and however slowly, others open theirs.
func TestSharesOfCaptures(t *testing.T) {
	r := New(Config{Max: 64, Rate: 100})
	defer r.Close()
	importing := func(o limits.Owner, fill func(bench.Config) (*bench.Bench, error)) error {
		_, err := r.Import(o, fill)
		return err
	}
	fine := func(cfg bench.Config) (*bench.Bench, error) { return bench.New(cfg), nil }
	greedy := limits.Student("greedy")
	coming := make(chan struct{})
	slow := func(cfg bench.Config) (*bench.Bench, error) {
		<-coming
		return fine(cfg)
	}
	done := make(chan error)
	for range limits.Imports {
		go func() { done <- importing(greedy, slow) }()
	}
	refused := 0
	for range limits.Imports / 2 {
		if err := <-done; !errors.Is(err, ErrShare) {
			t.Errorf("one too many: %v", err)
		}
		refused++
	}
	for _, o := range []limits.Owner{limits.Student("second"), limits.Student("third"), from("192.0.2.1")} {
		if err := importing(o, fine); err != nil {
			t.Error(err)
		}
	}
	close(coming)
	for range limits.Imports - refused {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if err := importing(greedy, func(bench.Config) (*bench.Bench, error) { return nil, bench.ErrNoMQTT }); !errors.Is(err, ErrShare) {
		t.Error(err)
	}
	if err := importing(limits.Student("fourth"), func(bench.Config) (*bench.Bench, error) { return nil, bench.ErrNoMQTT }); !errors.Is(err, bench.ErrNoMQTT) {
		t.Error(err)
	}
	if n := r.imports.Taken(); n != limits.Imports-1 {
		t.Errorf("%d places are taken", n)
	}
}

func TestNone(t *testing.T) {
	r := New(Config{})
	if _, err := r.Ask(Request{From: from("127.0.0.1")}); !errors.Is(err, ErrOff) {
		t.Error(err)
	}
	r.Close()
	r = New(Config{Max: 1})
	r.Close()
	if _, err := r.Ask(Request{From: from("127.0.0.1")}); !errors.Is(err, bench.ErrStopped) {
		t.Error(err)
	}
}

func TestIdleOnesGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		removed := 0
		r := New(Config{Max: 9, Idle: time.Hour, Removed: func(*bench.Bench) { removed++ }})
		defer r.Close()
		ask := func() *bench.Bench {
			b, err := r.Ask(Request{From: from("127.0.0.1"), Broker: r.Base()})
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		idle, used, watched, connected := ask(), ask(), ask(), ask()
		release := r.Hold(watched)
		l := newPipeListener()
		connected.Listen(l)
		client := l.dial()
		client.Write([]byte("\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01A")) // Keep Alive 0
		for range 8 {
			time.Sleep(15 * time.Minute)
			r.Get(used.ID())
		}
		synctest.Wait()
		if r.Has(idle) || removed != 1 {
			t.Errorf("the idle one is there: %t; removed: %d", r.Has(idle), removed)
		}
		if !r.Has(used) || !r.Has(watched) || !r.Has(connected) {
			t.Error("one in use was removed")
		}
		release()
		client.Close()
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if r.Has(used) || r.Has(watched) || r.Has(connected) {
			t.Error("they stay for ever")
		}
	})
}

func TestPorts(t *testing.T) {
	for text, want := range map[string]Ports{"": {}, "20000-20100": {20000, 20100}, "1883": {1883, 1883}} {
		if got, err := ParsePorts(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"x", "0-5", "5-4", "1-70000", "-", "1-2-3", "-5"} {
		if _, err := ParsePorts(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	r := New(Config{Max: 9, Host: "127.0.0.1", Ports: Ports{port, port}})
	defer r.Close()
	q := Request{From: from("127.0.0.1"), TCP: true}
	b, err := r.Ask(q)
	if err != nil || b.Address() != "127.0.0.1:"+strconv.Itoa(port) {
		t.Fatalf("%v", err)
	}
	if _, err := r.Ask(q); !errors.Is(err, ErrNoPort) {
		t.Errorf("no port is left: %v", err)
	}
	if err := r.Remove(b.ID()); err != nil {
		t.Fatal(err)
	}
	r.ending.Wait()
	if _, err := r.Ask(q); err != nil {
		t.Errorf("the port is not free again: %v", err)
	}
	if n := r.asked.Taken(); n != 1 {
		t.Errorf("%d places are taken", n)
	}
}

// The smaller caps hold for what is asked for, however it is said.
func TestCapsAreSmall(t *testing.T) {
	base := New(Config{}).Base()
	if all := base.MaxAllPendingBytes + base.MaxAllFilterBytes + base.MaxRetainedBytes + limits.BenchCaptureBytes; all > 64<<20 {
		t.Errorf("a bench may hold %d bytes", all)
	}
	if cfg := broker.New(base).Config(); cfg.MaxQueued != base.MaxQueued {
		t.Error(cfg)
	}
}

// BenchmarkIdleBench measures the memory of a bench that nobody uses.
func BenchmarkIdleBench(b *testing.B) { benchmarkIdle(b) }
