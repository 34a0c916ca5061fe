package broker

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestIDSetAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s idSet
		s.last = uint16(rapid.IntRange(0, maxPacketID).Draw(t, "last"))
		model := map[uint16]bool{}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			id := uint16(rapid.OneOf(rapid.IntRange(1, maxPacketID), rapid.SampledFrom([]int{1, 2, 63, 64, 4095, 4096, 65_534, 65_535})).Draw(t, "id"))
			switch rapid.IntRange(0, 3).Draw(t, "do") {
			case 0:
				s.add(id)
				model[id] = true
			case 1:
				s.remove(id)
				delete(model, id)
			default:
				want := s.last + 1
				for want == 0 || model[want] {
					want++
				}
				if got := s.take(); got != want {
					t.Fatalf("took %d, want %d", got, want)
				}
				model[want] = true
			}
			if s.n != len(model) || s.has(id) != model[id] {
				t.Fatalf("%d identifiers, want %d; %d: %v", s.n, len(model), id, s.has(id))
			}
		}
		for _, id := range s.list(maxPacketID) {
			delete(model, id)
		}
		if len(model) != 0 {
			t.Fatalf("not listed: %v", model)
		}
	})
}

// TestLastFreeID takes and frees with all identifiers but one in use, where a
// search by trial would look at 65,534 each time.
func TestLastFreeID(t *testing.T) {
	var s idSet
	for range maxPacketID {
		s.take()
	}
	if id := s.take(); id != 0 {
		t.Fatalf("took %d when none was free", id)
	}
	start := time.Now()
	for i := range 1_000_000 {
		id := uint16(i%maxPacketID) + 1
		s.remove(id)
		if got := s.take(); got != id {
			t.Fatalf("took %d, want %d", got, id)
		}
	}
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("a million took %v", d)
	}
	for id := range maxPacketID {
		s.remove(uint16(id + 1))
	}
	pages := slices.DeleteFunc(slices.Clone(s.pages[:]), func(p *idPage) bool { return p == nil })
	if s.n != 0 || len(pages) > 1 {
		t.Errorf("%d identifiers, %d pages are left", s.n, len(pages))
	}
}

func TestQueueKeepsOrderAndLetsGo(t *testing.T) {
	var q queue
	next, want := 0, 0
	for range 1000 {
		for range 7 {
			next++
			q.push(queued{ids: []uint32{uint32(next)}})
		}
		for range 6 {
			want++
			if got := q.pop().ids[0]; int(got) != want {
				t.Fatalf("popped %d, want %d", got, want)
			}
		}
	}
	for q.len() > 0 {
		want++
		if got := q.pop().ids[0]; int(got) != want {
			t.Fatalf("popped %d, want %d", got, want)
		}
	}
	if want != next || cap(q.list) > 64 {
		t.Errorf("popped %d of %d, room for %d is kept", want, next, cap(q.list))
	}
}
