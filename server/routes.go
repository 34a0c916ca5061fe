package server

import (
	"io"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"mqttlab/server/api"
	"mqttlab/server/bench"
	"mqttlab/server/pages"
)

// Handler returns the HTTP side of the server.
//
//	GET  /healthz                      is it alive
//	GET  /metrics                      how is it, for Prometheus
//	GET  /admin                        how is it, for the operator
//	GET  /mqtt, /mqtt/{bench}          MQTT over WebSocket
//	     /api/…                        api.Routes
//	     /, /decode, /ui/…, /static/…  pages.Routes
func (s *Server) Handler() http.Handler {
	r := chi.NewRouter()
	service := &api.API{Benches: s.benches, Hub: s.hub, Stage: &s.stage, Logger: s.logger, Labs: s.labCalls(), Classes: s.classCalls()}
	r.Use(behindProxy, s.requests.Middleware, s.logRequests, compress, s.recoverPanics, securityHeaders, s.checkHost, refuseCrossOrigin)
	if s.classes != nil {
		r.Use(s.classes.Gate(s.refuse(service)))
	}
	r.Use(middleware.GetHead, deadline)
	r.MethodNotAllowed(func(w http.ResponseWriter, req *http.Request) { // also of methods that HTTP does not know
		api.WriteProblem(w, req, api.WrongMethod(w, req, r, req.URL.Path))
	})
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		io.WriteString(w, "ok\n")
	})
	r.Get("/metrics", s.metrics)
	r.Get("/mqtt", s.mqtt)
	r.Get("/mqtt/{bench}", s.mqtt)
	service.Routes(r)
	pages.Routes(r, s.pageDeps(service))
	return r
}

// mqtt serves MQTT over WebSocket.
func (s *Server) mqtt(w http.ResponseWriter, r *http.Request) {
	id := chi.URLParam(r, "bench")
	if id == "" {
		id = MainBench
	}
	b := s.Bench(id)
	switch {
	case b == nil:
		api.WriteProblem(w, r, api.Say(http.StatusNotFound, "no-bench", "no-bench.mqtt"))
	case !bench.OffersMQTT(r):
		api.WriteProblem(w, r, api.Say(http.StatusBadRequest, "subprotocol", "", "address", r.Host+r.URL.Path))
	case !bench.Welcome(r, s.cfg.Origins):
		api.WriteProblem(w, r, api.Say(http.StatusForbidden, "cross-origin", "cross-origin.mqtt", "origin", clip(r.Header.Get("Origin"))))
	default:
		b.ServeWebSocket(w, r, s.cfg.Origins)
	}
}
