package bench_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mqttlab/server/bench"
	"mqttlab/server/limits"
)

// virtual opens a virtual client of a name.
func virtual(t *testing.T, b *bench.Bench, name string) func(hex string) {
	t.Helper()
	c, err := b.AddClient(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.OpenClient(c.ID); err != nil {
		t.Fatal(err)
	}
	return func(hex string) {
		t.Helper()
		if err := b.Send(c.ID, unhex(t, hex)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestVirtualClients(t *testing.T) {
	b := bench.New(bench.Config{})
	defer b.Close()
	subscriber, publisher := virtual(t, b, ""), virtual(t, b, "")
	subscriber(connectA)
	subscriber(subTest)
	publisher(connectB)
	publisher(publish2)
	publisher(pubrel1)
	publisher(disconnect)
	if _, err := b.CloseClient("v1"); err != nil {
		t.Fatal(err)
	}
	numbered(t, b)
	holds(t, transcript(b),
		"open v1", "open v2",
		"v1 > CONNECT A", ". ", "v1 < CONNACK",
		"v1 > SUBSCRIBE test/#", ". ", "v1 < SUBACK",
		"v2 > CONNECT B", "v2 < CONNACK",
		"v2 > PUBLISH test/a, QoS 2", ". publish", "v1 < PUBLISH test/a, QoS 2", "v2 < PUBREC",
		"v2 > PUBREL", "v2 < PUBCOMP",
		"v2 > DISCONNECT", "close v2 server",
		"close v1 fin")
	names := ""
	for _, c := range b.Clients() {
		names += c.ID + "=" + c.Name + "/" + c.ClientID + "/" + c.Version + "/" + c.State + "/" + c.How + " "
	}
	if want := "v1=A/A/3.1.1/closed/fin v2=B/B/3.1.1/closed/server "; names != want {
		t.Errorf("clients are %s, want %s", names, want)
	}
}

// However the bytes are cut, the packets are the same.
func TestSplit(t *testing.T) {
	all := connectA + subTest + publish0 + publish2 + pubrel1 + pingreq + disconnect
	whole := bench.New(bench.Config{})
	defer whole.Close()
	virtual(t, whole, "")(all)
	want := transcript(whole)
	for _, size := range []int{1, 2, 3, 7, 20} {
		b := bench.New(bench.Config{})
		defer b.Close()
		send := virtual(t, b, "")
		for digits := strings.ReplaceAll(all, " ", ""); digits != ""; {
			n := min(2*size, len(digits))
			send(digits[:n])
			digits = digits[n:]
		}
		if got := transcript(b); got != want {
			t.Errorf("in parts of %d bytes:\n%s\nwhole:\n%s", size, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct{ name, bytes, rule string }{
		{"not CONNECT first", pingreq, "MQTT-3.1.0-1"},
		{"reserved type", connectA + "0000", "§2.2.1"},
		{"HTTP", "474554202f", "MQTT-2.2.2-2"},
		{"one byte of TLS", "16", "MQTT-2.2.2-2"},
		{"flags of a packet that has hardly begun", connectA + "80", "MQTT-2.2.2-2"},
		{"Remaining Length of five bytes", connectA + "30ffffffff", "§2.2.3"},
		{"QoS 3", connectA + "3605 0001 61 0001", "MQTT-3.3.1-4"},
		{"second CONNECT", connectA + connectA, "MQTT-3.1.0-2"},
		{"a server's packet", connectA + "d000", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := bench.New(bench.Config{})
			defer b.Close()
			virtual(t, b, "")(test.bytes)
			numbered(t, b)
			text := transcript(b)
			holds(t, text, "open v1", "v1 > ", ". ", "close v1 server")
			if !strings.Contains(text, test.rule) {
				t.Errorf("%s is not named in\n%s", test.rule, text)
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	b := bench.New(bench.Config{})
	defer b.Close()
	send := virtual(t, b, "")
	send(connectA)
	send("30 fbff3f 0001 61") // 1 + 3 + 1,048,571 bytes: one less than the limit
	send("00")
	if got := b.Clients()[0].State; got != "open" {
		t.Fatal("closed below the limit:", transcript(b))
	}
	send = virtual(t, b, "")
	send(connectB)
	send("30 fdff3f 0001 61") // one more than the limit
	holds(t, transcript(b), "v2 > CONNECT", "v2 > broken, 7 bytes", "close v2 server")
}

func TestLeftOver(t *testing.T) {
	b := bench.New(bench.Config{})
	defer b.Close()
	virtual(t, b, "")(connectA + "30ff")
	b.AbortClient("v1")
	virtual(t, b, "")(connectB + disconnect + "c000")
	holds(t, transcript(b), "v1 > CONNECT", "v1 > broken, 2 bytes", "close v1 rst",
		"v2 > DISCONNECT", "close v2 server", "v2 > broken, 2 bytes")
}

func TestTakeover(t *testing.T) {
	b := bench.New(bench.Config{})
	defer b.Close()
	virtual(t, b, "")(connectA)
	virtual(t, b, "")(connectA)
	holds(t, transcript(b), "v2 > CONNECT", ". ", "close v1 server", "v2 < CONNACK")
}

func TestWill(t *testing.T) {
	b := bench.New(bench.Config{})
	defer b.Close()
	watch := virtual(t, b, "")
	watch(connectB)
	watch("8206 0001 0001 77 00") // w
	virtual(t, b, "")(willA)
	b.AbortClient("v2")
	numbered(t, b)
	holds(t, transcript(b), "close v2 rst", ". ", "v1 < PUBLISH w")
}

// Timers, on a clock that the test turns.
func TestSilence(t *testing.T) {
	tests := []struct {
		name, bytes string
		after       time.Duration
	}{
		{"no CONNECT", "", limits.ConnectTimeout},
		{"half a CONNECT", "100d0004", limits.ConnectTimeout},
		{"Keep Alive", connect2s, 3 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := bench.New(bench.Config{})
				defer b.Close()
				virtual(t, b, "")(test.bytes)
				time.Sleep(test.after - time.Millisecond)
				synctest.Wait()
				if got := b.Clients()[0].State; got != "open" {
					t.Fatal("closed too early:", transcript(b))
				}
				time.Sleep(2 * time.Millisecond)
				synctest.Wait()
				holds(t, transcript(b), "open v1", ". ", "close v1 timeout")
				if b.Clients()[0].How != "timeout" {
					t.Error("the client does not say how it went:", b.Clients())
				}
			})
		})
	}
}

func TestKeptAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bench.New(bench.Config{})
		defer b.Close()
		send := virtual(t, b, "")
		send(connect2s)
		for range 5 {
			time.Sleep(2 * time.Second)
			send(pingreq)
		}
		if got := b.Clients()[0].State; got != "open" {
			t.Error("closed in spite of PINGREQ:", transcript(b))
		}
	})
}

func TestClientErrors(t *testing.T) {
	b, address := started(t, bench.Config{})
	p := dial(t, address)
	p.send(connectA)
	p.expect("20020000")
	if _, err := b.AddClient(""); err != nil {
		t.Fatal(err)
	}
	check := func(what string, got, want error) {
		t.Helper()
		if !errors.Is(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	_, err := b.OpenClient("v9")
	check("open nobody", err, bench.ErrNoClient)
	_, err = b.OpenClient("t1")
	check("open a TCP client", err, bench.ErrNotVirtual)
	check("send, not open", b.Send("v1", nil), bench.ErrNotOpen)
	_, err = b.CloseClient("v1")
	check("close, not open", err, bench.ErrNotOpen)
	_, err = b.OpenClient("v1")
	check("open", err, nil)
	_, err = b.OpenClient("v1")
	check("open again", err, bench.ErrOpenAlready)
	check("send too much", b.Send("v1", make([]byte, limits.SendBytes+1)), bench.ErrTooLong)
	_, err = b.AddClient(strings.Repeat("x", limits.NameBytes+1))
	check("long name", err, bench.ErrTooLong)
	for range limits.VirtualPerBench - 1 {
		_, err = b.AddClient("")
		check("add", err, nil)
	}
	_, err = b.AddClient("")
	check("one too many", err, bench.ErrFull)
	check("remove", b.RemoveClient("v1"), nil)
	check("remove again", b.RemoveClient("v1"), bench.ErrNoClient)
	check("remove a TCP client", b.RemoveClient("t1"), nil)
	p.closed()
	b.Close()
	_, err = b.AddClient("")
	check("after the end", err, bench.ErrStopped)
}
