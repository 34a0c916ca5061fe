package bench_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/pipe"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
	"mqttlab/server/ladder"
)

const (
	connectKept = "100d 0004 4d515454 04 00 0000 0001 42" // client id B, session kept
	subOne      = "820b 0001 0006 746573742f23 01"        // test/# QoS 1
	puback1     = "4002 0001"
)

// setWire sets both directions of a client's wire.
func setWire(t testing.TB, b *bench.Bench, id string, up, down pipe.Settings) {
	t.Helper()
	if _, err := b.SetWire(id, &up, &down); err != nil {
		t.Fatal(err)
	}
}

func step(t testing.TB, b *bench.Bench, id string, from packet.Party, s pipe.Step) {
	t.Helper()
	if _, err := b.StepWire(id, from, s); err != nil {
		t.Fatal(err)
	}
}

var held = pipe.Settings{Hold: true}

// The lesson of QoS 1: the PUBACK is withheld, the client comes again, and the
// broker repeats with DUP.
func TestWithheldPuback(t *testing.T) {
	b := bench.New(bench.Config{})
	defer b.Close()
	subscriber := virtual(t, b, "")
	subscriber(connectKept)
	subscriber(subOne)
	setWire(t, b, "v1", held, pipe.Settings{})
	publisher := virtual(t, b, "")
	publisher(connectA)
	publisher(publish1)
	subscriber(puback1)
	wire, err := b.Wire("v1")
	if err != nil || len(wire.WaitingToBroker) != 1 || wire.WaitingToBroker[0].Bytes[0] != 0x40 {
		t.Fatalf("%+v, %v: the PUBACK does not wait", wire, err)
	}
	if _, err := b.CutWire("v1", pipe.RST); err != nil {
		t.Fatal(err)
	}
	setWire(t, b, "v1", pipe.Settings{}, pipe.Settings{})
	if _, err := b.OpenClient("v1"); err != nil {
		t.Fatal(err)
	}
	subscriber(connectKept)
	numbered(t, b)
	holds(t, transcript(b), "v1 < PUBLISH test/a, QoS 1", "v1 ~ sent client PUBACK [held]",
		"close v1 rst cut", "v1 ~ lost", "open v1", "v1 > CONNECT", "v1 < CONNACK", "v1 < PUBLISH test/a, QoS 1, DUP, id 1")
	if strings.Contains(transcript(b), "v1 > PUBACK") {
		t.Error("the broker heard the PUBACK")
	}
}

// A PUBREL that comes twice is answered twice, and the message is delivered once.
func TestRepeatedPubrel(t *testing.T) {
	b := bench.New(bench.Config{})
	defer b.Close()
	send := virtual(t, b, "")
	send(connectA)
	send(subTest)
	setWire(t, b, "v1", pipe.Settings{Rules: []pipe.Rule{{Do: pipe.Duplicate, Type: packet.PUBREL, Times: 1}}}, pipe.Settings{})
	send(publish2)
	send(pubrel1)
	text := transcript(b)
	holds(t, text, "v1 ~ sent client PUBREL [duplicated]", "v1 > PUBREL", "v1 < PUBCOMP", "v1 > PUBREL", "v1 < PUBCOMP")
	if n := strings.Count(text, "v1 < PUBLISH"); n != 1 {
		t.Errorf("delivered %d times", n)
	}
	if wire, _ := b.Wire("v1"); len(wire.ToBroker.Rules) != 0 {
		t.Error("the rule is done with and still there:", wire.ToBroker.Rules)
	}
}

// What was sent and what the broker heard are told apart, and the broker's
// input is all there, at the time when it came.
func TestCaptureTellsWhatTheBrokerHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bench.New(bench.Config{})
		defer b.Close()
		send := virtual(t, b, "")
		send(connectA)
		setWire(t, b, "v1", pipe.Settings{Delay: 200 * time.Millisecond,
			Rules: []pipe.Rule{{Do: pipe.Corrupt, Type: packet.PUBLISH, Change: pipe.Change{Offset: -1, Value: 0x20}}}}, pipe.Settings{})
		send(publish0)
		time.Sleep(time.Second)
		synctest.Wait()
		var sent, heard capture.Event
		for _, e := range b.Log().Range(nil, 1, 1<<62) {
			switch {
			case e.Kind == capture.Wire:
				sent = e
			case e.Kind == capture.Packet && e.From == packet.Client && e.Bytes[0] == 0x30:
				heard = e
			}
		}
		if sent.N == 0 || heard.Cause != sent.N || heard.At-sent.At != 200*time.Millisecond {
			t.Fatalf("sent as event %d at %v, heard because of %d at %v", sent.N, sent.At, heard.Cause, heard.At)
		}
		wired := sent.Detail.(*capture.Wired)
		if string(wired.Bytes) != string(unhex(t, publish0)) || string(heard.Bytes[10:]) != "hellO" {
			t.Errorf("sent % x, heard % x", wired.Bytes, heard.Bytes)
		}
		told := ladder.Render(spec.English, &sent)
		if told.Kind != "wire" || told.From != "client" || told.Type != "PUBLISH" ||
			told.Text != "Byte 14 changed by the wire: 0x6f xor 0x20 = 0x4f. Delayed by 200 ms." {
			t.Errorf("told as %+v", told)
		}
		if chinese := ladder.Render(spec.Chinese, &sent); !strings.Contains(chinese.Text, "延迟 200 毫秒") {
			t.Error("in Chinese:", chinese.Text)
		}
	})
}

// To a client: what the broker sent is the Packet, what the client got is told beside it.
func TestToClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bench.New(bench.Config{})
		defer b.Close()
		send := virtual(t, b, "")
		setWire(t, b, "v1", pipe.Settings{}, pipe.Settings{Hold: true})
		send(connectA)
		send(pingreq)
		step(t, b, "v1", packet.Server, pipe.Step{Do: pipe.Corrupt, Change: pipe.Change{Offset: 3, Set: true, Value: 5}})
		step(t, b, "v1", packet.Server, pipe.Step{Do: pipe.Pass})
		time.Sleep(30 * time.Millisecond)
		setWire(t, b, "v1", pipe.Settings{}, pipe.Settings{})
		holds(t, transcript(b), "v1 < CONNACK", "v1 ~ sent server CONNACK [held]", "v1 < PINGRESP", "v1 ~ sent server PINGRESP [held]",
			"v1 ~ changed server CONNACK [corrupted]", "v1 ~ arrived server CONNACK [delivered]", "v1 ~ arrived server PINGRESP [delivered]")
		for _, e := range b.Log().Range(nil, 1, 1<<62) {
			r := ladder.Render(spec.English, &e)
			if r.Stage == "arrived" && r.Type == "CONNACK" && (r.Hex != "20020005" || r.SentHex != "20020000" || !strings.Contains(r.Text, "offset: 3.")) {
				t.Errorf("told as %+v", r)
			}
			if r.Stage == "arrived" && r.Type == "PINGRESP" && r.Text != "Arrived 30 ms after it was sent." {
				t.Error("told as", r.Text)
			}
		}
		if c := b.Clients()[0]; c.ToClient != "" {
			t.Error("the wire is not plain:", c)
		}
	})
}

// Edited while it waits: the bytes that were sent stay known, what was told last
// stands against them, and edited back it is as it was sent.
func TestEditedWhileHeld(t *testing.T) {
	b := bench.New(bench.Config{})
	defer b.Close()
	send := virtual(t, b, "")
	send(connectA)
	setWire(t, b, "v1", held, pipe.Settings{})
	send(publish0)
	sent := unhex(t, publish0)
	for _, edit := range []struct {
		hex  string
		want string
		sent []byte
	}{
		{"300e0006746573742f6168656c6c6f21", "15 → 16 bytes; at offset 1: 0d → 0e, 15: + 21.", sent},
		{"300d0006746573742f6148656c6c6f", "15 bytes; at offset 10: 68 → 48.", sent},
		{publish0, "Edited again: it is as it was sent.", nil},
	} {
		step(t, b, "v1", packet.Client, pipe.Step{Do: pipe.Edit, Bytes: unhex(t, edit.hex)})
		list := b.Log().Range(nil, 1, 1<<62)
		e := &list[len(list)-1]
		if told := ladder.Render(spec.English, e); told.Stage != "changed" || told.Hex != hex.EncodeToString(unhex(t, edit.hex)) || !strings.HasSuffix(told.Text, edit.want) {
			t.Errorf("told as %+v", told)
		}
		if got := e.Detail.(*capture.Wired).Sent; string(got) != string(edit.sent) {
			t.Errorf("sent % x, want % x", got, edit.sent)
		}
	}
	if wire, err := b.Wire("v1"); err != nil || len(wire.WaitingToBroker) != 1 || wire.WaitingToBroker[0].Changed || string(wire.WaitingToBroker[0].Sent) != string(sent) {
		t.Errorf("%+v, %v waits", wire.WaitingToBroker, err)
	}
}

// Split into single bytes, all is as if it were not.
func TestSplitWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plain := bench.New(bench.Config{})
		defer plain.Close()
		virtual(t, plain, "")(connectA + subTest + publish2 + pubrel1)
		b := bench.New(bench.Config{})
		defer b.Close()
		send := virtual(t, b, "")
		setWire(t, b, "v1", pipe.Settings{Segment: 1}, pipe.Settings{Segment: 1})
		send(connectA + subTest + publish2 + pubrel1)
		time.Sleep(time.Second)
		synctest.Wait()
		lines := slices.DeleteFunc(strings.SplitAfter(transcript(b), "\n"), func(line string) bool { return strings.Contains(line, "~") })
		if got := strings.Join(lines, ""); got != transcript(plain) {
			t.Errorf("in single bytes:\n%s\nwhole:\n%s", got, transcript(plain))
		}
	})
}

func TestCutInsidePublish(t *testing.T) {
	b := bench.New(bench.Config{})
	defer b.Close()
	watch := virtual(t, b, "")
	watch(connectB)
	watch("8206 0001 0001 77 00") // w
	doomed := virtual(t, b, "")
	doomed(willA)
	setWire(t, b, "v2", pipe.Settings{Rules: []pipe.Rule{{Do: pipe.Cut, Type: packet.PUBLISH, How: pipe.RST, Bytes: 9, Times: 1}}}, pipe.Settings{})
	doomed(publish0)
	numbered(t, b)
	holds(t, transcript(b), "v2 ~ sent client PUBLISH [cut]", "v2 > broken, 9 bytes", "close v2 rst cut", ". ", "v1 < PUBLISH w")
}

// The end of a connection travels behind what was sent, and is held with it.
func TestHeldEnd(t *testing.T) {
	b := bench.New(bench.Config{})
	defer b.Close()
	send := virtual(t, b, "")
	send(connectA)
	setWire(t, b, "v1", held, pipe.Settings{})
	send(pingreq)
	if _, err := b.CloseClient("v1"); err != nil {
		t.Fatal(err)
	}
	if err := b.Send("v1", unhex(t, pingreq)); !errors.Is(err, bench.ErrNotOpen) {
		t.Error("sent after the end:", err)
	}
	if c := b.Clients()[0]; c.State != "open" {
		t.Error("the broker has heard of the end:", c)
	}
	step(t, b, "v1", packet.Client, pipe.Step{Do: pipe.Pass})
	step(t, b, "v1", packet.Client, pipe.Step{Do: pipe.Pass})
	holds(t, transcript(b), "v1 > PINGREQ", "v1 < PINGRESP", "close v1 fin")
}

// Behind a broker that closes, what it said last still comes, as slowly as the
// wire is.
func TestSlowGoodbye(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bench.New(bench.Config{})
		defer b.Close()
		send := virtual(t, b, "")
		setWire(t, b, "v1", pipe.Settings{}, pipe.Settings{Delay: time.Second})
		send("100d 0004 4d515454 07 02 0000 0001 41") // no such version
		time.Sleep(2 * time.Second)
		synctest.Wait()
		holds(t, transcript(b), "v1 < CONNACK", "v1 ~ sent server CONNACK [delayed]", "close v1 server", "v1 ~ arrived server CONNACK")
	})
}

func TestWireBounds(t *testing.T) {
	b := bench.New(bench.Config{})
	defer b.Close()
	send := virtual(t, b, "")
	send(connectA)
	setWire(t, b, "v1", held, held)
	send(strings.Repeat(pingreq, pipe.MaxWaiting))
	if err := b.Send("v1", unhex(t, pingreq)); !errors.Is(err, bench.ErrWireFull) {
		t.Error("one more:", err)
	}
	for range pipe.MaxWaiting {
		step(t, b, "v1", packet.Client, pipe.Step{Do: pipe.Pass})
	}
	if c := b.Clients()[0]; c.State != "open" {
		t.Fatal("closed too early:", transcript(b))
	}
	send(pingreq)
	step(t, b, "v1", packet.Client, pipe.Step{Do: pipe.Pass})
	holds(t, transcript(b), "v1 < PINGRESP", "close v1 server wire-full", "v1 ~ lost")
}

// A TCP client whose wire is held has to wait with what it sends, and goes on
// when the wire lets go.
func TestBackPressure(t *testing.T) {
	b, address := started(t, bench.Config{})
	p := dial(t, address)
	p.send(connectA)
	p.expect("20020000")
	setWire(t, b, "t1", held, pipe.Settings{})
	p.SetWriteBuffer(64 << 10)
	large := string(unhex(t, "30 8a8006 0006 746573742f61")) + strings.Repeat("x", 98_306)
	done := make(chan error, 1)
	go func() {
		_, err := p.Write([]byte(strings.Repeat(large, 400) + "\xc0\x00"))
		done <- err
	}()
	eventually(t, "the wire is full", func() bool { w, _ := b.Wire("t1"); return len(w.WaitingToBroker) > 20 })
	select {
	case err := <-done:
		t.Fatal("39 MB were taken by a wire that holds 2:", err)
	case <-time.After(200 * time.Millisecond):
	}
	setWire(t, b, "t1", pipe.Settings{}, pipe.Settings{})
	p.SetDeadline(time.Now().Add(60 * time.Second))
	p.expect("d000")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	eventually(t, "the wire is plain", func() bool { w, _ := b.Wire("t1"); return len(w.WaitingToBroker) == 0 })
}

// A TCP client sees separate writes, and a real RST.
func TestSplitAndResetTCP(t *testing.T) {
	b, address := started(t, bench.Config{})
	p := dial(t, address)
	eventually(t, "the client is there", func() bool { return len(b.Clients()) == 1 })
	setWire(t, b, "t1", pipe.Settings{}, pipe.Settings{Segment: 1})
	p.send(connectA)
	var sizes []int
	for got := 0; got < 4; {
		buf := make([]byte, 16)
		n, err := p.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, n)
		got += n
	}
	if len(sizes) < 3 { // the system may join two when this test is slow
		t.Errorf("reads of %v bytes", sizes)
	}
	if _, err := b.CutWire("t1", pipe.RST); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("after the cut: %v", err)
	}
	holds(t, transcript(b), "t1 < CONNACK", "t1 ~ arrived server CONNACK", "close t1 rst cut")
}

func TestCutFIN(t *testing.T) {
	b, address := started(t, bench.Config{})
	p := dial(t, address)
	p.send(connectA)
	p.expect("20020000")
	if _, err := b.CutWire("t1", pipe.FIN); err != nil {
		t.Fatal(err)
	}
	p.closed()
	holds(t, transcript(b), "close t1 fin cut")
}

// A bench with wires of all states ends at once.
func TestCloseWithWires(t *testing.T) {
	b, address := started(t, bench.Config{})
	for i := range 4 {
		p := dial(t, address)
		p.send(connectA[:len(connectA)-2] + fmt.Sprintf("%02x", 0x41+i))
		p.expect("20020000")
	}
	setWire(t, b, "t1", held, held)
	setWire(t, b, "t2", pipe.Settings{Delay: time.Hour}, pipe.Settings{Delay: time.Hour})
	setWire(t, b, "t3", pipe.Settings{Rate: 1}, pipe.Settings{Rate: 1})
	began := time.Now()
	b.Close()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

// What is set for those who come holds from their first byte, and for each of them.
func TestWiresOfThoseWhoCome(t *testing.T) {
	b, address := started(t, bench.Config{})
	b.SetComing(&pipe.Settings{Segment: 1, Rules: []pipe.Rule{{Do: pipe.Drop, Type: packet.PINGREQ, Times: 1}}}, nil)
	for i := range 2 {
		p := dial(t, address)
		p.send(connectA[:len(connectA)-2] + fmt.Sprintf("%02x", 0x41+i) + pingreq + pingreq)
		p.expect("20020000 d000")
	}
	b.SetComing(&pipe.Settings{}, nil)
	p := dial(t, address)
	p.send(connectB[:len(connectB)-2] + "43" + pingreq + pingreq)
	p.expect("20020000 d000 d000")
	shows(t, b, "open t1", "t1 ~ sent client CONNECT [split]", "t1 ~ sent client PINGREQ [dropped]", "t1 > CONNECT", "t1 < PINGRESP",
		"open t2", "t2 ~ sent client PINGREQ [dropped]", "open t3", "t3 > PINGREQ", "t3 > PINGREQ")
}
