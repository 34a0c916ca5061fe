package bench_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
)

// TestWhyAgreesWithWhatHappened asks of every PUBLISH, and every client, why it
// got the message, and holds the verdict against what the capture says.
func TestWhyAgreesWithWhatHappened(t *testing.T) {
	seen := map[broker.Verdict]int{}
	for seed := range uint64(8) {
		synctest.Test(t, func(t *testing.T) {
			b := bench.New(bench.Config{Broker: broker.Config{MaxInflight: 3, MaxExplained: 100_000}})
			defer b.Close()
			wander(t, b, rand.New(rand.NewPCG(seed, 11)), 500)
			events := b.Log().Range(nil, 1, 1<<62)
			for _, e := range events {
				if e.Kind != capture.Packet || e.From != packet.Client || e.Broken || e.Bytes[0]>>4 != byte(packet.PUBLISH) {
					continue
				}
				for _, id := range []string{"c0", "c1", "c2", "c3", "nobody"} {
					m, why, err := b.Why(t.Context(), e.N, bench.Asked{Client: id})
					if err != nil {
						t.Fatal(err)
					}
					if m.Event != e.N || len(why.Reasons) == 0 {
						t.Fatalf("%+v %+v", m, why)
					}
					seen[why.Verdict]++
					got := broker.Verdict("")
					for _, later := range events[e.N:] {
						x, ok := later.Detail.(*broker.Explanation)
						if !ok || later.Cause != e.N || x.TargetClient != id {
							continue
						}
						switch x.Key {
						case "publish.delivered", "publish.overlap":
							if got == "" {
								got = broker.Delivered
							}
						case "deliver.queued_away", "deliver.queued_window":
							got = broker.Queued
						case "deliver.too_large", "deliver.dropped_away":
							got = broker.Dropped
						}
					}
					reached := why.Verdict == broker.Delivered || why.Verdict == broker.Queued || why.Verdict == broker.Dropped
					if why.Verdict == broker.Refused {
						continue // what went out instead is the publisher's Will
					}
					if reached != (got != "") {
						t.Errorf("event %d, %s: %s, but it was %q", e.N, id, why.Verdict, got)
					}
				}
			}
		})
	}
	for _, v := range []broker.Verdict{broker.Delivered, broker.Queued, broker.Dropped, broker.Unmatched, broker.NoSession, broker.Refused} {
		if seen[v] == 0 {
			t.Errorf("nothing was %s: %v", v, seen)
		}
	}
}

// TestWhyOfWhatAPublishLedTo asks by way of a delivered copy, an explanation
// and a Will.
func TestWhyOfWhatAPublishLedTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bench.New(bench.Config{})
		defer b.Close()
		a, _ := b.AddClient("A")
		other, _ := b.AddClient("B")
		for _, c := range []bench.Client{a, other} {
			b.OpenClient(c.ID)
		}
		b.Send(a.ID, unhex(t, willA))
		b.Send(other.ID, unhex(t, connectB))
		b.Send(other.ID, unhex(t, "8206 0001 0001 23 00")) // # QoS 0
		b.Send(a.ID, unhex(t, publish0))
		events := b.Log().Range(nil, 1, 1<<62)
		publish := events[slices.IndexFunc(events, func(e capture.Event) bool { return e.Kind == capture.Packet && e.Bytes[0] == 0x30 })]
		for _, e := range events[publish.N-1:] {
			asked := bench.Asked{}
			if e.Kind != capture.Packet || e.From != packet.Server {
				asked.Lane = other.ID
			}
			m, why, err := b.Why(t.Context(), e.N, asked)
			if err != nil || why.Verdict != broker.Delivered || why.Client != "B" || m.Event != publish.N || why.Published.Client != "A" {
				t.Errorf("event %d: %+v %+v %v", e.N, m, why, err)
			}
		}
		if _, _, err := b.Why(t.Context(), publish.N, bench.Asked{}); !errors.Is(err, bench.ErrWhichOne) {
			t.Error(err)
		}
		if _, _, err := b.Why(t.Context(), 3, bench.Asked{Client: "B"}); !errors.Is(err, bench.ErrNoPublish) {
			t.Error(err)
		}
		if _, _, err := b.Why(t.Context(), 1000, bench.Asked{Client: "B"}); !errors.Is(err, bench.ErrNotHeld) {
			t.Error(err)
		}

		b.AbortClient(a.ID)
		will := b.Log().Range(nil, 1, 1<<62)[len(events):]
		for _, e := range will {
			if e.Kind == capture.Client {
				continue
			}
			_, why, err := b.Why(t.Context(), e.N, bench.Asked{Client: "B"})
			if err != nil || why.Verdict != broker.Delivered || !why.Published.Will || why.Published.Topic != "w" {
				t.Errorf("event %d: %+v %v", e.N, why, err)
			}
		}

		// A Will that its delay brings: nobody sends anything then.
		b.OpenClient(a.ID)
		b.Send(a.ID, unhex(t, "101f 0004 4d515454 05 06 0000 05 11 00000064 0001 41 05 18 00000005 0001 77 0001 78"))
		b.AbortClient(a.ID)
		_, next := b.Log().Bounds()
		time.Sleep(6 * time.Second)
		synctest.Wait()
		late := b.Log().Range(nil, next, 1<<62)
		if len(late) == 0 {
			t.Fatal("no Will came")
		}
		for _, e := range late {
			_, why, err := b.Why(t.Context(), e.N, bench.Asked{Client: "B"})
			if err != nil || why.Verdict != broker.Delivered || !why.Published.Will {
				t.Errorf("event %d: %+v %v", e.N, why, err)
			}
		}
	})
}
