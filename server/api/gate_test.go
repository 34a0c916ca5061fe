package api

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// However many search, only a few do so at a time, each has its turn, and who
// has waited for too long is told so.
func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := make(gate, 2)
		var inside, most, served atomic.Int32
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				err := g.pass(t.Context(), func() error {
					most.Store(max(most.Load(), inside.Add(1)))
					time.Sleep(time.Second)
					inside.Add(-1)
					served.Add(1)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if err := g.pass(ctx, func() error { return nil }); !errors.Is(err, errBusy) || ProblemOf(err).Status != http.StatusServiceUnavailable {
			t.Errorf("one too many: %v", err)
		}
		all.Wait()
		if most.Load() != 2 || served.Load() != 50 {
			t.Errorf("%d at a time, %d served", most.Load(), served.Load())
		}
	})
}

// What JSON should have been is said in JSON's words, not in Go's.
func TestJSONKinds(t *testing.T) {
	tests := []struct{ body, detail string }{
		{`[]`, "the body is an array here; it must be an object"},
		{`"x"`, "the body is a string here; it must be an object"},
		{`{"rules":{}}`, "rules is an object here; it must be an array"},
		{`{"on":1}`, "on is a number here; it must be true or false"},
		{`{"deep":{"n":"1"}}`, "deep.n is a string here; it must be a whole number that is not too large"},
		{`{"deep":{"n":1e30}}`, "deep.n is a number here; it must be a whole number that is not too large"},
		{`{"deep":true}`, "deep is true or false here; it must be an object"},
		{`{"text":7}`, "text is a number here; it must be a string"},
	}
	for _, test := range tests {
		var in struct {
			Rules []int  `json:"rules"`
			On    *bool  `json:"on"`
			Text  string `json:"text"`
			Deep  *struct {
				N int `json:"n"`
			} `json:"deep"`
		}
		err := decode(httptest.NewRecorder(), httptest.NewRequest("POST", "/", strings.NewReader(test.body)), &in)
		var p *Problem
		if !errors.As(err, &p) || p.Detail != test.detail || p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %v", test.body, err)
		}
	}
}
