package bench_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/pipe"
	"mqttlab/server/bench"
)

const (
	connect5   = "1010 0004 4d515454 05 02 0000 00 0003 616263" // 5.0, client id abc
	subscribe5 = "820c 0001 00 0006 746573742f23 02"            // test/# QoS 2
	publish5   = "3410 0006 746573742f61 0001 00 68656c6c6f"    // QoS 2, id 1
	connect4s  = "100d 0004 4d515454 04 02 0004 0001 41"        // keep alive 4 s
)

func fly(t testing.TB, b *bench.Bench, id string, ack, ping bool) {
	t.Helper()
	if _, err := b.SetAutopilot(id, &ack, &ping, nil); err != nil {
		t.Fatal(err)
	}
}

func TestAutopilotAcknowledges(t *testing.T) {
	for _, test := range []struct{ name, connect, subscribe, publish, id string }{
		{"3.1.1", connectA, subTest, publish2, "A"},
		{"5.0", connect5, subscribe5, publish5, "abc"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := bench.New(bench.Config{})
			defer b.Close()
			send := virtual(t, b, "")
			fly(t, b, "v1", true, false)
			send(test.connect)
			send(test.subscribe)
			send(test.publish)
			numbered(t, b)
			text := transcript(b)
			// Both ways at once: the client's message up, its copy down.
			holds(t, text, "v1 > PUBLISH", "v1 < PUBREC", "v1 > PUBREL", "v1 < PUBCOMP")
			holds(t, text, "v1 < PUBLISH", "v1 > PUBREC", "v1 < PUBREL", "v1 > PUBCOMP")
			if state := b.State(); len(state.Sessions) != 1 || strings.Contains(text, "broken") {
				t.Error(text)
			}
			if c := b.Clients()[0]; c.Autopilot != "ack" {
				t.Error("the client does not say that it flies:", c)
			}
		})
	}
}

func TestAutopilotPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bench.New(bench.Config{})
		defer b.Close()
		send := virtual(t, b, "")
		fly(t, b, "v1", false, true)
		send(connect4s)
		time.Sleep(3*time.Second - time.Millisecond)
		synctest.Wait()
		if strings.Contains(transcript(b), "PINGREQ") {
			t.Error("pinged before three quarters of the Keep Alive")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := strings.Count(transcript(b), "v1 > PINGREQ"); n != 20 {
			t.Errorf("pinged %d times in not quite 63 seconds, every 3", n)
		}
		fly(t, b, "v1", false, false)
		time.Sleep(6 * time.Second)
		synctest.Wait()
		holds(t, transcript(b), "close v1 timeout")
	})
}

// A silent client keeps its connection, and catches up when it wakes.
func TestSilentClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bench.New(bench.Config{})
		defer b.Close()
		send := virtual(t, b, "")
		fly(t, b, "v1", true, true)
		send(connect4s)
		send(subTest)
		yes, no := true, false
		b.SetAutopilot("v1", nil, nil, &yes)
		if err := b.Send("v1", unhex(t, pingreq)); err != bench.ErrSilent {
			t.Error("a silent client spoke:", err)
		}
		publisher := virtual(t, b, "")
		publisher(connectB)
		publisher(publish2)
		publisher(pubrel1)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if strings.Contains(transcript(b), "v1 > PUBREC") {
			t.Error("a silent client answered")
		}
		b.SetAutopilot("v1", nil, nil, &no)
		holds(t, transcript(b), "v1 < PUBLISH test/a, QoS 2", "v2 < PUBREC", "v1 > PUBREC", "v1 < PUBREL", "v1 > PUBCOMP")
		b.SetAutopilot("v1", nil, nil, &yes)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		holds(t, transcript(b), "v1 > PUBCOMP", "close v1 timeout")
	})
}

// What a silent client does not read is bounded.
func TestSilentClientIsBounded(t *testing.T) {
	b := bench.New(bench.Config{})
	defer b.Close()
	send := virtual(t, b, "")
	send(connectA)
	send(subTest)
	yes := true
	b.SetAutopilot("v1", nil, nil, &yes)
	publisher := virtual(t, b, "")
	publisher(connectB)
	large := "30 8a8006" + "0006 746573742f61" + strings.Repeat("00", 98_306)
	for range 40 {
		publisher(large)
	}
	holds(t, transcript(b), "v1 < PUBLISH", "close v1 server wire-full")
}

// A client that gets bytes which are no packet closes the connection.
func TestAutopilotClosesOnMalformed(t *testing.T) {
	b := bench.New(bench.Config{})
	defer b.Close()
	send := virtual(t, b, "")
	fly(t, b, "v1", true, false)
	setWire(t, b, "v1", pipe.Settings{}, pipe.Settings{Rules: []pipe.Rule{{Do: pipe.Corrupt, Type: packet.PINGRESP, Change: pipe.Change{Offset: 0, Value: 1}}}})
	send(connect5)
	send(pingreq)
	holds(t, transcript(b), "v1 < PINGRESP", "v1 ~ sent server PINGRESP [corrupted]", "v1 > DISCONNECT", "close v1 ")
}
