package server

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/pprof"

	"mqttlab/server/classroom"
	"mqttlab/server/limits"
)

// ServeProfiles serves Go's profiles through l until ctx ends. They tell all
// of a program, so l is to listen on loopback, and other names than loopback's
// are refused: a page elsewhere whose name resolves to this machine does not
// reach them.
func ServeProfiles(ctx context.Context, l net.Listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	server := &http.Server{ReadHeaderTimeout: limits.ReadHeaderTimeout, IdleTimeout: limits.IdleTimeout, MaxHeaderBytes: limits.HeaderBytes,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !classroom.IsLoopback(r.Host) {
				http.Error(w, "profiles are served under loopback's names only", http.StatusMisdirectedRequest)
				return
			}
			mux.ServeHTTP(w, r)
		})}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
