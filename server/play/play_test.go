package play_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/scenario"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
	"mqttlab/server/ladder"
	"mqttlab/server/play"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func parse(t *testing.T, steps string) *scenario.Scenario {
	t.Helper()
	s, err := scenario.Parse([]byte(`{"mqttlab": "scenario/1", "title": "a test", "clients": [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}], `+steps+`}`), scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// told is what clients sent and were sent, and what is said of the play.
func told(b *bench.Bench) string {
	var out strings.Builder
	for _, e := range b.Log().Range(nil, 1, 1<<62) {
		switch x, _ := e.Detail.(*broker.Explanation); {
		case e.Kind == capture.Packet:
			fmt.Fprintf(&out, "%.3f %s %s %s\n", e.At.Seconds(), e.Lane, e.From, ladder.Render(spec.English, &e).Summary)
		case e.Kind == capture.Explain && strings.HasPrefix(x.Key, "replay."):
			fmt.Fprintf(&out, "%.3f %s\n", e.At.Seconds(), ladder.Text(spec.English, x))
		}
	}
	return out.String()
}

const first = `"broker": {"max_qos": 1}, "steps": [
	{"at": 0, "client": "a", "do": "open"},
	{"at": 1, "client": "a", "do": "send", "packet": {"type": "CONNECT", "client_id": "A", "clean_session": true}},
	{"client": "a", "do": "expect", "filter": "mqtt.msgtype == 2"},
	{"client": "a", "do": "send", "packet": {"type": "SUBSCRIBE", "packet_id": 1, "subscriptions": [{"filter": "t", "qos": 2}]}},
	{"after": 2, "client": "b", "do": "open"},
	{"client": "b", "do": "send", "packet": {"type": "CONNECT", "client_id": "B", "clean_session": true}},
	{"client": "b", "do": "send", "packet": {"type": "PUBLISH", "topic": "t", "payload": "x"}},
	{"client": "a", "do": "expect", "filter": "mqtt.topic == \"t\""},
	{"client": "b", "do": "close"}, {"client": "a", "do": "abort"}]`

// While time stands still on a bench what is played there waits, and then goes
// on as if nothing had been.
func TestPlayRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tell := func(rest time.Duration) string {
			b := bench.New(bench.Config{})
			defer b.Close()
			var stage play.Stage
			defer stage.Close()
			if _, err := stage.Start(b, parse(t, first), 1, true); err != nil {
				t.Fatal(err)
			}
			time.Sleep(1500 * time.Millisecond)
			if rest > 0 {
				b.Rest(true)
				before := told(b)
				time.Sleep(rest)
				if after := told(b); after != before {
					t.Errorf("it goes on meanwhile:\n%s", after)
				}
				b.Rest(false)
			}
			time.Sleep(10 * time.Second)
			if status := stage.Status(b); status.State != play.Done {
				t.Errorf("%+v", status)
			}
			return told(b)
		}
		if plain, rested := tell(0), tell(time.Hour); plain != rested {
			t.Errorf("got\n%swant\n%s", rested, plain)
		}
		// One that is stopped meanwhile ends.
		b := bench.New(bench.Config{})
		defer b.Close()
		var stage play.Stage
		defer stage.Close()
		b.Rest(true)
		if _, err := stage.Start(b, parse(t, first), 1, true); err != nil {
			t.Fatal(err)
		}
		stage.End(b)
		if status := stage.Status(b); status.State != play.Stopped {
			t.Errorf("%+v", status)
		}
	})
}

func TestPlay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bench.New(bench.Config{})
		defer b.Close()
		var stage play.Stage
		defer stage.Close()
		if got := stage.Status(b); got.State != "" {
			t.Errorf("before anything: %+v", got)
		}
		status, err := stage.Start(b, parse(t, first), 2, true)
		if err != nil || status.State != play.Running || status.Steps != 10 || status.Clients["b"] != "v2" {
			t.Fatalf("%+v, %v", status, err)
		}
		if _, err := stage.Start(b, parse(t, first), 1, true); !errors.Is(err, play.ErrBusy) {
			t.Errorf("two at a time: %v", err)
		}
		time.Sleep(10 * time.Second)
		if status := stage.Status(b); status.State != play.Done || status.Step != 10 {
			t.Errorf("%+v", status)
		}
		want := `0.000 A scenario is played: a test
0.500 v1 client CONNECT A, clean session, keep alive 0 s
0.500 v1 server CONNACK Connection Accepted
0.500 v1 client SUBSCRIBE t QoS 2, id 1
0.500 v1 server SUBACK id 1, Success - Maximum QoS 1
1.500 v2 client CONNECT B, clean session, keep alive 0 s
1.500 v2 server CONNACK Connection Accepted
1.500 v2 client PUBLISH t, QoS 0, 1 byte
1.500 v1 server PUBLISH t, QoS 0, 1 byte
1.500 The scenario has been played to its end.
`
		if got := told(b); got != want {
			t.Errorf("%s\nwant\n%s", got, want)
		}
		// Once more: with the same clients.
		if status, err := stage.Start(b, parse(t, first), 0, false); err != nil || status.Clients["b"] != "v2" {
			t.Errorf("again: %+v, %v", status, err)
		}
		synctest.Wait()
		if status := stage.Status(b); status.State != play.Done {
			t.Errorf("%+v", status)
		}
	})
}

func TestEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bench.New(bench.Config{})
		defer b.Close()
		var stage play.Stage
		defer stage.Close()
		for _, test := range []struct{ steps, state, failure, note string }{
			{`"steps": [{"client": "a", "do": "open"}, {"client": "a", "do": "expect", "filter": "mqtt", "within": 3}]`, play.Failed, "step 2 (line 1): A was not sent a packet with mqtt within 3 s", "A was not sent a packet with mqtt within 3 s"},
			{`"steps": [{"client": "b", "do": "open"}, {"client": "b", "do": "send", "hex": "c000"}, {"client": "b", "do": "expect", "closed": true}, {"client": "b", "do": "send", "hex": "c000"}]`, play.Failed, "step 4 (line 1): B has no open connection to send on", "step 4 (send): B has no open connection"},
			{`"until": 100, "steps": []`, play.Stopped, "", "The scenario was stopped."},
		} {
			if _, err := stage.Start(b, parse(t, test.steps), 1, true); err != nil {
				t.Fatal(err)
			}
			time.Sleep(4 * time.Second)
			stage.Stop(b)
			synctest.Wait()
			if got := stage.Status(b); got.State != test.state || got.Failure != test.failure {
				t.Errorf("%+v", got)
			}
			if !strings.Contains(told(b), test.note) {
				t.Errorf("no %q in\n%s", test.note, told(b))
			}
		}
		if _, err := stage.Start(b, parse(t, `"steps": [{"client": "a", "do": "reply", "hex": "20020000"}]`), 1, true); !errors.Is(err, play.ErrLab) {
			t.Error(err)
		}
		if _, err := stage.Start(b, parse(t, `"until": 1000, "steps": []`), 1, true); err != nil {
			t.Error(err)
		}
		stage.Close() // ends it
		if _, err := stage.Start(b, parse(t, `"steps": []`), 1, true); !errors.Is(err, bench.ErrStopped) {
			t.Error(err)
		}
	})
}

// A page asks how far a scenario is while its clients are still being made.
func TestStatusMeanwhile(t *testing.T) {
	b := bench.New(bench.Config{})
	defer b.Close()
	var stage play.Stage
	defer stage.Close()
	clients := make([]string, 30)
	for i := range clients {
		clients[i] = fmt.Sprintf(`{"id": "c%d"}`, i)
	}
	s, err := scenario.Parse([]byte(`{"mqttlab": "scenario/1", "clients": [`+strings.Join(clients, ",")+`], "steps": []}`), scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan struct{})
	go func() {
		defer close(started)
		for range 300 {
			if status, err := stage.Start(b, s, 0, false); err != nil || len(status.Clients) != len(clients) {
				t.Errorf("%+v, %v", status, err)
			}
			stage.End(b)
		}
	}()
	for {
		select {
		case <-started:
			return
		default:
			if _, err := json.Marshal(stage.Status(b)); err != nil {
				t.Error(err)
			}
		}
	}
}
