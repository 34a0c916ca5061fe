package metrics

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// bounds are the upper ends of the histogram's buckets, in seconds.
var bounds = [...]float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

// Requests counts what HTTP is asked for, by the pattern of the route: a path
// holds ids that are nobody's business, and there is no end of paths.
type Requests struct {
	mu     sync.Mutex
	counts map[request]uint64
	took   map[string]*histogram // by route; none of those whose answer has no end
	now    int                   // under way
}

type request struct {
	method, route string
	status        int
}

type histogram struct {
	buckets [len(bounds) + 1]uint64 // the last is for all that took longer
	sum     float64                 // seconds
}

// NewRequests returns Requests of which there were none.
func NewRequests() *Requests {
	return &Requests{counts: make(map[request]uint64), took: make(map[string]*histogram)}
}

// Middleware counts the requests that pass. It is for the root of a chi router.
func (q *Requests) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		q.mu.Lock()
		q.now++
		q.mu.Unlock()
		began, ended := time.Now(), false
		defer func() {
			status := answer.Status()
			switch {
			case !ended:
				status = 0 // the handler gave up: the connection is closed without an answer
			case status == 0:
				status = http.StatusOK
			}
			q.done(request{method(r.Method), route(r), status}, time.Since(began))
		}()
		next.ServeHTTP(answer, r)
		ended = true
	})
}

func (q *Requests) done(one request, took time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.now--
	q.counts[one]++
	if one.status == http.StatusSwitchingProtocols {
		return // how long somebody stays is no latency
	}
	h := q.took[one.route]
	if h == nil {
		h = new(histogram)
		q.took[one.route] = h
	}
	i, _ := slices.BinarySearch(bounds[:], took.Seconds())
	h.buckets[i]++
	h.sum += took.Seconds()
}

// method is a method that there is, or "other".
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodPatch:
		return m
	}
	return "other"
}

// route is the pattern that a request was routed by, or "none".
func route(r *http.Request) string {
	if c := chi.RouteContext(r.Context()); c != nil {
		if pattern := c.RoutePattern(); pattern != "" {
			return pattern
		}
	}
	return "none"
}

// Write writes what was counted.
func (q *Requests) Write(w *Writer) {
	q.mu.Lock()
	defer q.mu.Unlock()
	w.Single("mqttlab_http_requests_under_way", Gauge, "HTTP requests and WebSockets under way.", float64(q.now))
	w.Family("mqttlab_http_requests_total", Counter, "HTTP requests answered; WebSockets count when they end, with status 101, and status 0 is a connection that was cut.")
	for _, one := range slices.SortedFunc(maps.Keys(q.counts), func(a, b request) int {
		return cmp.Or(cmp.Compare(a.route, b.route), cmp.Compare(a.method, b.method), cmp.Compare(a.status, b.status))
	}) {
		w.Sample(float64(q.counts[one]), "method", one.method, "route", one.route, "status", strconv.Itoa(one.status))
	}
	w.Family("mqttlab_http_request_duration_seconds", Histogram, "Seconds from the end of a request's headers to the end of the answer, but for WebSockets.")
	for _, at := range slices.Sorted(maps.Keys(q.took)) {
		h := q.took[at]
		below := uint64(0)
		for i, n := range h.buckets {
			end := "+Inf"
			if i < len(bounds) {
				end = strconv.FormatFloat(bounds[i], 'g', -1, 64)
			}
			below += n
			w.sample("_bucket", float64(below), []string{"route", at, "le", end})
		}
		w.sample("_sum", h.sum, []string{"route", at})
		w.sample("_count", float64(below), []string{"route", at})
	}
}

// Total is how many requests have been answered.
func (q *Requests) Total() (n uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, k := range q.counts {
		n += k
	}
	return n
}

// Answered is how many of them were answered with a status.
func (q *Requests) Answered(status int) (n uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for one, k := range q.counts {
		if one.status == status {
			n += k
		}
	}
	return n
}
