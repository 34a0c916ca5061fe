package server

import (
	"io"
	"net/http"

	"github.com/go-chi/chi/v5"

	"mqttlab/server/api"
	"mqttlab/server/pages"
)

// Handler returns the HTTP side of the server.
//
//	GET  /healthz                      is it alive
//	     /api/…                        api.Routes
//	     /, /decode, /ui/…, /static/…  pages.Routes
func (s *Server) Handler() http.Handler {
	r := chi.NewRouter()
	r.Use(s.logRequests, s.recoverPanics, s.checkHost, securityHeaders, http.NewCrossOriginProtection().Handler, deadline)
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		io.WriteString(w, "ok\n")
	})
	service := &api.API{Benches: &s.benches, Hub: s.hub, Logger: s.logger}
	service.Routes(r)
	pages.Routes(r, s.pageDeps(service))
	return r
}
