package main

import (
	"runtime"
	"testing"
	"time"
)

// A small heap gets room, a large one is collected as Go does it.
func TestRoomForGarbage(t *testing.T) {
	for live, want := range map[uint64]int{0: 6400, 1 << 20: 6400, 16 << 20: 400, 64 << 20: 100, 1 << 30: 100} {
		if got := garbageRoom(live); got != want {
			t.Errorf("%d bytes live: %d, want %d", live, got, want)
		}
	}
}

func TestAfterCollection(t *testing.T) {
	called := make(chan struct{}, 100)
	afterCollection(func() { called <- struct{}{} })
	for range 4 { // once now, then after each
		select {
		case <-called:
		case <-time.After(10 * time.Second):
			t.Fatal("not called")
		}
		runtime.GC()
	}
}
