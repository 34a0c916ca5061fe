package server

import (
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"time"

	"mqttlab/server/api"
	"mqttlab/server/bench"
	"mqttlab/server/benches"
	"mqttlab/server/classroom"
	"mqttlab/server/metrics"
	"mqttlab/web"
)

// limitsOfBenches are those that are shown, in this order.
var limitsOfBenches = []string{benches.LimitBenches, benches.LimitShare, benches.LimitRate, benches.LimitPorts}

// operates says whether a request comes from the operator: from this machine,
// or with the token that mqttlab prints where there are classes.
func (s *Server) operates(r *http.Request) bool {
	return classroom.FromHere(r) || s.classes != nil && s.classes.IsOperator(r)
}

// metrics answers how the server is doing, for Prometheus.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	if !s.cfg.Metrics && !s.operates(r) {
		api.WriteProblem(w, r, api.Say(http.StatusForbidden, "not-here", ""))
		return
	}
	w.Header().Set("Content-Type", metrics.MediaType)
	w.Header().Set("Cache-Control", "no-store")
	m := metrics.NewWriter(w)
	metrics.WriteBenches(m, s.totals.Of(s.allBenches))
	kinds := map[string]int{"main": 0, "own": 0, "capture": 0}
	for _, b := range s.benches.List() {
		kinds[kindOf(b)]++
	}
	m.Family("mqttlab_benches", metrics.Gauge, "Benches that there are: main; of people's own; that show a capture file.")
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		m.Sample(float64(kinds[kind]), "kind", kind)
	}
	m.Single("mqttlab_viewers", metrics.Gauge, "Pages that watch a bench.", float64(s.viewers(nil)))
	m.Family("mqttlab_bench_limits_total", metrics.Counter, "New benches refused, by the limit that was hit.")
	hit := s.benches.Limits()
	for _, name := range limitsOfBenches {
		m.Sample(float64(hit[name]), "limit", name)
	}
	s.requests.Write(m)
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	m.Single("go_goroutines", metrics.Gauge, "Goroutines.", float64(runtime.NumGoroutine()))
	m.Single("go_memstats_heap_alloc_bytes", metrics.Gauge, "Bytes of heap in use.", float64(memory.HeapAlloc))
	m.Single("go_gc_heap_live_bytes", metrics.Gauge, "Bytes of heap that the latest collection of garbage left.", float64(metrics.LiveHeap()))
	m.Single("go_memstats_sys_bytes", metrics.Gauge, "Bytes of memory that the program has from the system.", float64(memory.Sys))
	m.Single("go_memstats_gc_total", metrics.Counter, "Collections of garbage.", float64(memory.NumGC))
	m.Single("process_start_time_seconds", metrics.Gauge, "When the server began, in seconds since 1970.", float64(s.began.UnixMilli())/1000)
	m.Family("mqttlab_build_info", metrics.Gauge, "1; what was built is in the labels.")
	m.Sample(1, "version", Version(), "goversion", runtime.Version())
}

func (s *Server) allBenches() []*bench.Bench {
	var all []*bench.Bench
	for _, b := range s.benches.List() {
		all = append(all, b.Bench)
	}
	return all
}

func kindOf(b benches.Listed) string {
	switch {
	case b.Fixed:
		return "main"
	case b.Read:
		return "capture"
	}
	return "own"
}

// viewers is how many watch a bench; nil stands for all.
func (s *Server) viewers(b *bench.Bench) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for of, h := range s.hubs {
		if b == nil || of == b {
			n += h.Viewers()
		}
	}
	return n
}

// shownID is how much of a bench's id the operator is shown: enough to tell
// them apart, too little to get in.
const shownID = 4

// adminView is how the server is doing, for its operator.
func (s *Server) adminView(r *http.Request) (web.AdminView, bool) {
	if !s.operates(r) {
		return web.AdminView{}, false
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	all := s.totals.Of(s.allBenches)
	now := time.Now()
	view := web.AdminView{
		Version: Version(), Now: now, Up: now.Sub(s.began), Goroutines: runtime.NumGoroutine(), Heap: memory.HeapAlloc, System: memory.Sys,
		Connections: all.Connections, Opened: all.Opened, PacketsIn: all.In.Total(), PacketsOut: all.Out.Total(),
		Events: all.Events, Dropped: all.Dropped, Viewers: s.viewers(nil), Requests: s.requests.Total(),
	}
	for _, why := range []string{bench.ReasonSlow, bench.ReasonCrowded, bench.ReasonFull, bench.ReasonAddress} {
		view.Limits = append(view.Limits, web.AdminLimit{Name: why, Hit: all.Ended[why]})
	}
	hit := s.benches.Limits()
	for _, name := range limitsOfBenches {
		view.Limits = append(view.Limits, web.AdminLimit{Name: name, Hit: hit[name]})
	}
	for _, status := range []int{http.StatusRequestEntityTooLarge, http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		view.Limits = append(view.Limits, web.AdminLimit{Name: "http_" + strconv.Itoa(status), Hit: s.requests.Answered(status)})
	}
	for _, b := range s.benches.List() {
		st := b.Bench.Stats()
		id := b.Bench.ID()
		if !b.Fixed {
			id = id[:min(shownID, len(id))] + "…"
		}
		view.Benches = append(view.Benches, web.AdminBench{ID: id, Kind: kindOf(b), Connections: st.Connections, Viewers: s.viewers(b.Bench),
			Events: st.Events - st.Dropped, Dropped: st.Dropped, Bytes: st.Captured + st.Unsent, Sessions: st.Sessions, Retained: st.Retained, Idle: b.Idle})
	}
	return view, true
}
