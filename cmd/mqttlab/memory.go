package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"mqttlab/mqttcore/reading"
	servermetrics "mqttlab/server/metrics"
)

// liveBytes is how much memory the connections of a capture may take, all
// together; what package capture holds counts as well.
const liveBytes = 28 << 20

// forget drops what was learned of the idler half of the connections if all
// of it takes too much memory, and returns how many it dropped.
func forget(r *reading.Reading) int {
	if live() < liveBytes {
		return 0
	}
	runtime.GC()
	if live() < liveBytes {
		return 0
	}
	return r.Forget()
}

// live returns the size of all objects on the heap, garbage included.
func live() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// roomForGarbage is how much garbage a server lets gather before it is
// collected, however little lives beside it.
const roomForGarbage = 64 << 20

// collectLess makes a server with little on its heap collect its garbage less
// often. By Go's own rule it would as soon as as much garbage has gathered as
// lives: where little lives, often, and for the sake of little memory. From
// roomForGarbage on it is Go's own rule. GOGC, if set, is what holds.
func collectLess() {
	if os.Getenv("GOGC") == "" {
		afterCollection(func() { debug.SetGCPercent(garbageRoom(servermetrics.LiveHeap())) })
	}
}

// garbageRoom is the GOGC for a heap of which so many bytes live.
func garbageRoom(live uint64) int {
	return int(max(100, roomForGarbage*100/max(live, 1<<20)))
}

// afterCollection calls f now and after each collection of garbage.
func afterCollection(f func()) {
	f()
	type canary struct{ song *int } // a pointer keeps it from being put beside others
	runtime.AddCleanup(&canary{new(int)}, afterCollection, f)
}
