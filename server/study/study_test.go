package study_test

import (
	"encoding/hex"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/lab"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
	"mqttlab/server/play"
	"mqttlab/server/shelf"
	"mqttlab/server/study"
)

const connect = "10 0f 00 04 4d 51 54 54 04 02 00 3c 00 03 61 64 61"

func bytes(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// kept is a Keeper that a test looks into.
type kept struct {
	passed []string
	tries  int
	forgot bool
	busy   func() // while it forgets
}

func (k *kept) Pass(_ string, p lab.Passed) error { k.passed = append(k.passed, p.Step); return nil }
func (k *kept) Try(string, lab.Attempt)           { k.tries++ }

func (k *kept) Forget(string) error {
	k.forgot = true
	if k.busy != nil {
		k.busy()
	}
	return nil
}

func first(t *testing.T) *shelf.Lab {
	t.Helper()
	s, err := shelf.Open()
	if err != nil {
		t.Fatal(err)
	}
	return s.Lab("first-connect")
}

func client(t *testing.T, b *bench.Bench, name string) string {
	t.Helper()
	for _, c := range b.Clients() {
		if c.Name == name {
			return c.ID
		}
	}
	t.Fatalf("there is no client %s", name)
	return ""
}

// A learner goes through a lab on a real bench.
func TestSession(t *testing.T) {
	l := first(t)
	synctest.Test(t, func(t *testing.T) {
		b := bench.New(bench.Config{ID: "x"})
		defer b.Close()
		b.AddClient("of before")
		k := &kept{}
		s, err := study.Start(b, l, new(play.Stage), nil, k)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Stop()
		if all := b.Clients(); len(all) != 1 || all[0].Name != "A" {
			t.Fatalf("clients: %+v", all)
		}
		now := func() string {
			reports, _ := s.Report(spec.English)
			for _, r := range reports {
				if r.Now {
					return r.ID
				}
			}
			return ""
		}
		_, rev := s.Report(spec.English)
		a := client(t, b, "A")
		b.OpenClient(a)
		<-s.Wait(rev) // the session notices by itself
		if now() != "build" {
			t.Fatalf("at %s", now())
		}
		if _, err := s.Answer("20"); !errors.Is(err, study.ErrNothingAsked) {
			t.Errorf("an answer to nothing: %v", err)
		}
		if err := s.Build(bytes("c000"), packet.V311); err != nil || k.tries != 1 {
			t.Errorf("a wrong packet: %v, %d tries", err, k.tries)
		}
		if err := s.Build(bytes(connect), packet.V311); err != nil || now() != "length" {
			t.Fatalf("%v, at %s", err, now())
		}
		if err := s.Build(bytes(connect), packet.V311); !errors.Is(err, study.ErrNothingBuilt) {
			t.Errorf("a packet that nobody asked for: %v", err)
		}
		if _, err := s.Answer("twenty"); !errors.Is(err, study.ErrNoAnswer) {
			t.Errorf("an answer that is no number: %v", err)
		}
		if right, err := s.Answer("21"); err != nil || *right {
			t.Errorf("21 is right: %v", err)
		}
		if right, err := s.Answer("20"); err != nil || !*right {
			t.Errorf("20 is not right: %v", err)
		}
		b.Send(a, bytes(connect))
		if now() != "again" { // a report is never behind the wire
			t.Fatalf("at %s", now())
		}
		if err := s.Undo(); err != nil {
			t.Fatal(err)
		}
		if all := b.Clients(); now() != "again" || len(all) != 1 || all[0].State != "new" {
			t.Errorf("after undo: at %s, %+v", now(), all)
		}
		a = client(t, b, "A")
		b.OpenClient(a)
		b.Send(a, bytes(connect))
		b.Send(a, bytes(connect))
		s.Answer("3")
		if now() != "" || strings.Join(k.passed, " ") != "open build length send again" {
			t.Errorf("at %q, kept %q", now(), k.passed)
		}
		if err := s.Reset(); err != nil || !k.forgot || now() != "open" {
			t.Errorf("after a reset: %v, at %s", err, now())
		}
	})
}

// What happens on the bench while a lab begins anew passes no step of it.
func TestResetMeanwhile(t *testing.T) {
	b := bench.New(bench.Config{ID: "x"})
	defer b.Close()
	k := &kept{}
	s, err := study.Start(b, first(t), new(play.Stage), nil, k)
	if err != nil {
		t.Fatal(err)
	}
	a := client(t, b, "A")
	k.busy = func() {
		b.OpenClient(a) // which is what the first step asks for
		for range 10_000 {
			runtime.Gosched()
		}
	}
	if err := s.Reset(); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	if len(k.passed) > 0 || len(s.Passed()) > 0 {
		t.Errorf("kept %q, passed %v", k.passed, s.Passed())
	}
}

// What has just happened counts, however soon the bench is set up anew.
func TestUndoIsNotBehind(t *testing.T) {
	b := bench.New(bench.Config{ID: "x"})
	defer b.Close()
	for range 50 {
		s, err := study.Start(b, first(t), new(play.Stage), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		b.OpenClient(client(t, b, "A"))
		if err := s.Undo(); err != nil {
			t.Fatal(err)
		}
		s.Stop()
		if len(s.Passed()) != 1 {
			t.Fatal("the step is not passed")
		}
	}
}

func TestRoom(t *testing.T) {
	l := first(t)
	b := bench.New(bench.Config{ID: "x"})
	defer b.Close()
	r := study.Room{Stage: new(play.Stage)}
	if r.Of(b) != nil {
		t.Error("a session out of nothing")
	}
	r.Start(b, l, nil, nil)
	s, err := r.Start(b, l, []lab.Passed{{Step: "open"}}, nil)
	if err != nil || r.Of(b) != s || len(s.Passed()) != 1 {
		t.Errorf("%v, %v", s, err)
	}
	r.Leave(b)
	r.Leave(b)
	if r.Of(b) != nil {
		t.Error("it is still there")
	}
}

// Where the learner is the broker, the cast waits for the learner's answers.
func TestHandAndCast(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	s, err := shelf.Open(fstest.MapFS{
		"hand/en.md": file("---\ntitle: T\nsummary: S\nminutes: 5\nhand: true\ncast: cast.json\n---\n" +
			"## Accept {#accept}\n```check\n- saw: mqtt.msgtype == SUBSCRIBE\n```\n"),
		"hand/cast.json": file(`{"mqttlab": "scenario/1", "clients": [{"id": "S", "name": "sensor"}], "steps": [
			{"client": "S", "do": "open"}, {"client": "S", "do": "send", "hex": "100d 0004 4d515454 0402 003c 0001 73"},
			{"client": "S", "do": "expect", "filter": "mqtt.msgtype == CONNACK", "within": 600},
			{"client": "S", "do": "send", "hex": "8206 0001 0001 61 00"}]}`),
		"hand/solution.json": file(`{"mqttlab": "scenario/1", "clients": [{"id": "S"}], "steps": [
			{"after": 1, "client": "S", "do": "reply", "hex": "20020000"}], "until": 2}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		b := bench.New(bench.Config{ID: "x"})
		defer b.Close()
		stage := new(play.Stage)
		defer stage.Close()
		session, err := study.Start(b, s.Lab("hand"), stage, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer session.Stop()
		synctest.Wait()
		if err := b.Apart(); !errors.Is(err, bench.ErrHand) {
			t.Error(err)
		}
		sensor := client(t, b, "sensor")
		if err := b.Reply("v99", bytes("d000")); !errors.Is(err, bench.ErrNoClient) {
			t.Errorf("a reply to nobody: %v", err)
		}
		if err := b.Reply(sensor, bytes("20020000")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if r, _ := session.Report(spec.English); r[0].Passed == nil {
			t.Errorf("%+v", r[0].Checks)
		}
		if err := b.HangUp(sensor); err != nil {
			t.Fatal(err)
		}
		if err := b.Reply(sensor, bytes("d000")); !errors.Is(err, bench.ErrNotOpen) {
			t.Errorf("a reply on a closed connection: %v", err)
		}
		if err := session.Undo(); err != nil { // the cast begins anew
			t.Fatal(err)
		}
		synctest.Wait()
		if err := b.Reply(client(t, b, "sensor"), bytes("20020000")); err != nil {
			t.Error(err)
		}
		b.Reconfigure(broker.Config{})
		if err := b.Reply(sensor, bytes("d000")); !errors.Is(err, bench.ErrNotHand) {
			t.Errorf("a reply beside a broker: %v", err)
		}
	})
}

// While a prediction is asked for the broker hears nothing.
func TestPredict(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	s, err := shelf.Open(fstest.MapFS{
		"oracle/en.md": file("---\ntitle: T\nsummary: S\nminutes: 5\nclients: [A]\n---\n" +
			"## Foresee {#foresee}\n```question\nkind: predict\nask: What?\nabout: {packet: mqtt.msgtype == CONNACK}\n```\n"),
		"oracle/solution.json": file(`{"mqttlab": "scenario/1", "clients": [{"id": "A"}], "steps": [
			{"do": "answer", "text": "20020000"}, {"client": "A", "do": "open"}, {"client": "A", "do": "send", "hex": "` + connect + `"}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		b := bench.New(bench.Config{ID: "x"})
		defer b.Close()
		session, err := study.Start(b, s.Lab("oracle"), new(play.Stage), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer session.Stop()
		synctest.Wait()
		answered := func() bool {
			n := 0
			_, next := b.Log().Bounds()
			for _, e := range b.Log().Range(nil, 1, next) {
				if e.Kind == capture.Packet && e.From == packet.Server {
					n++
				}
			}
			return n > 0
		}
		a := client(t, b, "A")
		b.OpenClient(a)
		b.Send(a, bytes(connect))
		synctest.Wait()
		if answered() {
			t.Fatal("the broker has answered before the prediction")
		}
		b.AddClient("B") // held as well
		synctest.Wait()
		if w, _ := b.Wire(client(t, b, "B")); !w.ToBroker.Hold {
			t.Error("a client that came later is not held")
		}
		if right, err := session.Answer("20 02 00 00"); right != nil || err != nil {
			t.Errorf("%v, %v", right, err)
		}
		synctest.Wait()
		if r, _ := session.Report(spec.English); !answered() || r[0].Passed == nil {
			t.Errorf("after the prediction: %+v", r[0])
		}
		if w, _ := b.Wire(a); w.ToBroker.Hold {
			t.Error("it is still held")
		}
	})
}
