package replay_test

import (
	"fmt"
	"testing"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/server/replay"
)

// crowd returns a broker with so many Sessions, each with a Subscription.
func crowd(sessions int) *broker.Broker {
	b := broker.New(broker.Config{})
	now := time.Unix(0, 0)
	for i := range sessions {
		id := broker.ConnID(i + 1)
		b.Open(now, id)
		connect := packet.NewConnect(packet.V5)
		connect.ClientID = fmt.Sprint("c", i)
		b.Receive(now, id, connect, nil)
		b.Receive(now, id, &packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: fmt.Sprint("t/", i)}}}, nil)
	}
	return b
}

// BenchmarkKeep is what an event costs a bench at full speed whose capture is
// full, by how many things its broker has.
func BenchmarkKeep(b *testing.B) {
	const held = 200_000
	for _, sessions := range []int{2, 100, 400} {
		b.Run(fmt.Sprint("sessions=", sessions), func(b *testing.B) {
			x := crowd(sessions)
			j := replay.New(time.Unix(0, 0), x)
			next := uint64(held)
			for b.Loop() {
				if next++; j.Due(next) {
					j.Keep(x, next-held, next)
				}
			}
		})
	}
}

// TestBounds holds what a Journal keeps of a bench that runs for long.
func TestBounds(t *testing.T) {
	x := crowd(400)
	j := replay.New(time.Unix(0, 0), x)
	for next := uint64(1); next < 2_000_000; next++ {
		first := max(next, 200_000) - 200_000 + 1
		if next%8 == 0 {
			j.Note(replay.Note{Kind: replay.Tick, Event: next})
		}
		if j.Due(next) {
			j.Keep(x, first, next)
		}
		if next%1000 == 0 && next > 200_000 {
			if oldest, ok := j.Oldest(first); !ok || oldest > (first+next*9)/10 {
				t.Fatalf("events %d to %d: the oldest is %d, %v", first, next, oldest, ok)
			}
		}
	}
	if checkpoints, things, notes := j.Held(); checkpoints < 1 || things > 25_000 || notes > 60_000 {
		t.Errorf("%d checkpoints of %d things, %d notes", checkpoints, things, notes)
	}
}

// TestManyNotes lets a bench hear more than can be noted: it begins again.
func TestManyNotes(t *testing.T) {
	x := crowd(1)
	j := replay.New(time.Unix(0, 0), x)
	for i := range 1_000_000 {
		j.Note(replay.Note{Kind: replay.Tick, Event: 100})
		if i%1000 == 0 && j.Due(100) {
			j.Keep(x, 1, 101)
		}
	}
	if _, _, notes := j.Held(); notes > 50_000 {
		t.Errorf("%d notes", notes)
	}
	if oldest, ok := j.Oldest(1); !ok || oldest != 100 {
		t.Error(oldest, ok)
	}
}

// TestTooMuchToKeep has a broker that is too large to be cloned now and then:
// the past begins when somebody asks.
func TestTooMuchToKeep(t *testing.T) {
	x := crowd(10_000)
	j := replay.New(time.Unix(0, 0), x)
	for next := uint64(1); next < 1000; next++ {
		if j.Due(next) {
			j.Keep(x, 1, next)
		}
	}
	if _, ok := j.Plan(500, 1); ok {
		t.Error("there is a plan")
	}
	j.Ask(x, 1, 1000)
	if _, ok := j.Plan(999, 1); !ok {
		t.Error("there is no plan for the latest event")
	}
	if oldest, ok := j.Oldest(1); !ok || oldest != 999 {
		t.Error(oldest, ok)
	}
}
