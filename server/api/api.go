// Package api is the JSON interface: what pages, scripts and other programs
// call. Handlers return errors; problem.go says in one table what each error
// tells the caller.
package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/benches"
	"mqttlab/server/live"
	"mqttlab/server/play"
)

// API serves the JSON interface to the benches of a server.
type API struct {
	Benches *benches.Registry
	Hub     func(*bench.Bench) *live.Hub
	Stage   *play.Stage
	Logger  *slog.Logger
	Labs    Labs
	Classes Classes

	searches gate
}

var (
	errNoUpgrade = errors.New("the live stream is a WebSocket, and the request does not ask for one")
	errNoRoute   = errors.New("the interface has no call of this method and path")
)

// Routes adds the interface's routes to r.
func (a *API) Routes(root chi.Router) {
	a.searches = newGate()
	r := chi.NewRouter()
	r.NotFound(a.handle(func(http.ResponseWriter, *http.Request) error { return errNoRoute }).ServeHTTP)
	r.MethodNotAllowed(a.handle(func(w http.ResponseWriter, req *http.Request) error {
		return WrongMethod(w, req, r, strings.TrimPrefix(req.URL.Path, "/api"))
	}).ServeHTTP)
	r.Method("POST", "/decode", a.handle(a.decode))
	r.Method("POST", "/encode", a.handle(a.encode))
	r.Method("POST", "/benches", a.handle(a.newBench))
	r.Method("POST", "/benches/import", a.handle(a.importBench))
	r.Method("GET", "/benches/{id}", a.onBench(a.bench))
	r.Method("DELETE", "/benches/{id}", a.onBench(a.removeBench))
	r.Method("GET", "/benches/{id}/broker", a.onBroker(a.broker))
	r.Method("PUT", "/benches/{id}/broker", a.onBroker(a.setBroker))
	r.Method("GET", "/benches/{id}/capture.pcapng", a.onBench(a.pcapng))
	r.Method("GET", "/benches/{id}/capture.json", a.onBench(a.jsonLines))
	r.Method("GET", "/benches/{id}/scenario.json", a.onBench(a.scenario))
	r.Method("POST", "/benches/{id}/replay", a.onBench(a.replay))
	r.Method("GET", "/benches/{id}/replay", a.onBench(a.replayed))
	r.Method("DELETE", "/benches/{id}/replay", a.onBench(a.stopReplay))
	r.Method("GET", "/benches/{id}/state", a.onBroker(a.state))
	r.Method("GET", "/benches/{id}/why", a.onBroker(a.why))
	r.Method("GET", "/benches/{id}/packets", a.searching(a.packets))
	r.Method("GET", "/benches/{id}/outline", a.searching(a.outline))
	r.Method("GET", "/benches/{id}/rows", a.searching(a.rows))
	r.Method("GET", "/benches/{id}/find", a.searching(a.find))
	r.Method("GET", "/filter/complete", a.handle(a.complete))
	r.Method("GET", "/benches/{id}/live", a.onBench(a.live))
	r.Method("POST", "/benches/{id}/clients", a.onBench(a.addClient))
	r.Method("DELETE", "/benches/{id}/clients/{cid}", a.onBench(a.removeClient))
	r.Method("POST", "/benches/{id}/clients/{cid}/open", a.onBench(a.openClient))
	r.Method("POST", "/benches/{id}/clients/{cid}/send", a.onBench(a.send))
	r.Method("POST", "/benches/{id}/clients/{cid}/close", a.onBench(a.closeClient))
	r.Method("POST", "/benches/{id}/clients/{cid}/abort", a.onBench(a.abortClient))
	r.Method("POST", "/benches/{id}/clients/{cid}/reply", a.onBench(a.replyByHand))
	r.Method("POST", "/benches/{id}/clients/{cid}/hangup", a.onBench(a.hangUp))
	a.wireRoutes(r)
	if a.Labs.Shelf != nil {
		a.labRoutes(r)
	}
	if a.Classes.Room != nil {
		a.classRoutes(r)
		a.studentRoutes(r)
	}
	root.Mount("/api", r)
}

// WrongMethod says which methods a path of r takes.
func WrongMethod(w http.ResponseWriter, req *http.Request, r chi.Routes, path string) *Problem {
	var allowed []string
	for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
		if r.Match(chi.NewRouteContext(), method, path) {
			allowed = append(allowed, method)
		}
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return Say(http.StatusMethodNotAllowed, "method", "", "method", fmt.Sprintf("%.20q", req.Method), "methods", strings.Join(allowed, ", "))
}

// handler answers, or returns what is wrong.
type handler func(w http.ResponseWriter, r *http.Request) error

func (a *API) handle(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			a.Fail(w, r, err)
		}
	})
}

// Fail answers with what an error tells the caller.
func (a *API) Fail(w http.ResponseWriter, r *http.Request, err error) {
	p := ProblemOf(err)
	switch {
	case p.Status == http.StatusServiceUnavailable: // there is too much to do: a limit, and no fault
		a.Logger.Warn("request refused", "method", r.Method, "path", r.URL.Path, "error", err)
	case p.Status >= 500:
		a.Logger.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	WriteProblem(w, r, p)
}

// onBench finds the bench that the path names.
func (a *API) onBench(h func(w http.ResponseWriter, r *http.Request, b *bench.Bench) error) http.Handler {
	return a.handle(func(w http.ResponseWriter, r *http.Request) error {
		b := a.Benches.Get(chi.URLParam(r, "id"))
		if b == nil {
			return benches.ErrUnknown
		}
		return h(w, r, b)
	})
}

// onBroker is onBench for what asks the bench's own broker.
func (a *API) onBroker(h func(w http.ResponseWriter, r *http.Request, b *bench.Bench) error) http.Handler {
	return a.onBench(func(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
		if err := b.Apart(); err != nil {
			return err
		}
		return h(w, r, b)
	})
}

// reply answers with v as JSON; an annotated packet writes its own.
func reply(w http.ResponseWriter, status int, v any) error {
	var data []byte
	if own, ok := v.(interface{ AppendJSON(dst []byte) []byte }); ok {
		data = own.AppendJSON(nil)
	} else {
		var err error
		if data, err = json.Marshal(v); err != nil {
			return err
		}
		data = annotate.Inert(data)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(append(data, '\n'))
	return nil
}

// number reads a number of the query; without one it is what fallback says.
func number(r *http.Request, name string, fallback uint64) (uint64, error) {
	s := r.URL.Query().Get(name)
	if s == "" {
		return fallback, nil
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, Say(http.StatusBadRequest, "query", "query.number", "name", name).at(name)
	}
	return n, nil
}

// LanguageCookie keeps the language that somebody chose on a page.
const LanguageCookie = "lang"

// Lang returns the language of the answer: what the query asks for, else the
// chosen one, else what the browser prefers, else English.
func Lang(r *http.Request) spec.Lang {
	if l, ok := language(r.URL.Query().Get("lang")); ok {
		return l
	}
	if c, err := r.Cookie(LanguageCookie); err == nil {
		if l, ok := language(c.Value); ok {
			return l
		}
	}
	return acceptLanguage(r.Header.Get("Accept-Language"))
}
