package main

import (
	"runtime"
	"runtime/metrics"

	"mqttlab/mqttcore/reading"
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
