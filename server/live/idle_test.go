package live_test

import (
	"testing"
	"testing/synctest"
	"time"

	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/limits"
	"mqttlab/server/live"
)

// What a ladder knows of a bench may take as much memory as the capture. It
// goes when nobody has asked for a while, and comes back when somebody does.
func TestLadderIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bench.New(bench.Config{ID: "idle"})
		h := live.NewHub(b)
		defer b.Close()
		defer h.Close()
		first := h.Cache()
		time.Sleep(limits.LadderIdle - time.Second)
		if h.Cache() != first {
			t.Error("the ladder has gone too early")
		}
		time.Sleep(limits.LadderIdle - time.Second)
		if h.Cache() != first {
			t.Error("the ladder has gone though it was asked for")
		}
		time.Sleep(limits.LadderIdle + time.Second)
		second := h.Cache()
		if second == first {
			t.Error("the ladder is still there")
		}
		_, next := b.Log().Bounds()
		if from, events := second.Range(spec.English, 1, next); from != 1 || len(events) != int(next-1) {
			t.Errorf("the new ladder has %d events from %d", len(events), from)
		}
	})
}

// It stays as long as somebody watches.
func TestLadderStaysForViewers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bench.New(bench.Config{ID: "watched"})
		h := live.NewHub(b)
		defer b.Close()
		defer h.Close()
		first := h.Cache()
		leave := h.Watch(spec.English)
		time.Sleep(3 * limits.LadderIdle)
		if h.Cache() != first {
			t.Error("the ladder has gone while somebody watches")
		}
		leave()
		time.Sleep(limits.LadderIdle + time.Second)
		if h.Cache() == first {
			t.Error("the ladder is still there after the last viewer")
		}
	})
}
