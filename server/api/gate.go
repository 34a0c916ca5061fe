package api

import (
	"context"
	"errors"
	"net/http"
	"runtime"

	"mqttlab/server/bench"
)

var errBusy = errors.New("too many searches wait for their turn")

// gate lets a few searches through at a time. Each takes a core for a while,
// and a class searches at once: the broker, and whoever asks for less, must
// not wait behind all of them.
type gate chan struct{}

func newGate() gate { return make(gate, max(1, runtime.GOMAXPROCS(0)/2)) }

// pass waits for its turn and calls f.
func (g gate) pass(ctx context.Context, f func() error) error {
	select {
	case g <- struct{}{}:
	case <-ctx.Done():
		return errBusy
	}
	defer func() { <-g }()
	return f()
}

// searching is onBench for what looks through many events. The answer is sent
// when the next search may already begin: whoever reads it slowly holds up
// nobody.
func (a *API) searching(h func(w http.ResponseWriter, r *http.Request, b *bench.Bench) error) http.Handler {
	return a.onBench(func(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
		answer := held{header: w.Header()}
		if err := a.searches.pass(r.Context(), func() error { return h(&answer, r, b) }); err != nil {
			return err
		}
		if answer.status != 0 {
			w.WriteHeader(answer.status)
		}
		for _, part := range answer.parts {
			w.Write(part)
		}
		return nil
	})
}

// held is an answer that is not sent yet. It keeps what it is given.
type held struct {
	header http.Header
	status int
	parts  [][]byte
}

func (h *held) Header() http.Header    { return h.header }
func (h *held) WriteHeader(status int) { h.status = status }

func (h *held) Write(b []byte) (int, error) {
	h.parts = append(h.parts, b)
	return len(b), nil
}
