package metrics

import "runtime/metrics"

// LiveHeap returns how many bytes of the heap the latest collection of garbage
// left; 0 before the first.
func LiveHeap() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
