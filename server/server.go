package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"mqttlab/server/bench"
	"mqttlab/server/limits"
	"mqttlab/server/live"
)

// MainBench is the id of the bench that is always there.
const MainBench = "main"

// Server is one mqttlab.
type Server struct {
	cfg     Config
	logger  *slog.Logger
	benches bench.Registry
	http    *http.Server

	mu   sync.Mutex
	hubs map[*bench.Bench]*live.Hub
}

// New returns a server that listens already, through cfg's listeners, and
// serves MQTT. Run serves HTTP.
func New(cfg Config) *Server {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{cfg: cfg, logger: cfg.Logger, hubs: make(map[*bench.Bench]*live.Hub)}
	b := bench.New(bench.Config{ID: MainBench, Logger: s.logger})
	s.benches.Add(b)
	if cfg.MQTT != nil {
		b.Listen(cfg.MQTT)
	}
	if cfg.MQTTS != nil && cfg.TLS != nil {
		b.ListenTLS(cfg.MQTTS, cfg.TLS)
	}
	s.http = &http.Server{
		Handler:           s.Handler(),
		TLSConfig:         cfg.TLS.Clone(),
		ReadHeaderTimeout: limits.ReadHeaderTimeout,
		ReadTimeout:       limits.RequestTimeout,
		WriteTimeout:      limits.RequestTimeout + time.Second,
		IdleTimeout:       limits.IdleTimeout,
		MaxHeaderBytes:    limits.HeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.logger.Handler(), slog.LevelDebug),
	}
	return s
}

// Bench returns a bench by its id, or nil.
func (s *Server) Bench(id string) *bench.Bench { return s.benches.Get(id) }

// hub returns the live stream of a bench.
func (s *Server) hub(b *bench.Bench) *live.Hub {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hubs[b]
	if h == nil {
		h = live.NewHub(b)
		s.hubs[b] = h
	}
	return h
}

// Run serves until ctx ends, then stops: no new requests and connections,
// those that are there are told, and after limits.ShutdownTimeout they are
// cut. It returns nil after an orderly stop.
func (s *Server) Run(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() {
		if s.cfg.TLS != nil {
			failed <- s.http.ServeTLS(s.cfg.HTTP, "", "")
			return
		}
		failed <- s.http.Serve(s.cfg.HTTP)
	}()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		s.logger.Debug("stopping")
	}
	return errors.Join(ignoreClosed(err), s.Close())
}

// Close stops the server.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), limits.ShutdownTimeout)
	defer cancel()
	var all sync.WaitGroup
	var err error
	all.Go(func() {
		if err = s.http.Shutdown(ctx); err != nil {
			err = fmt.Errorf("stopping HTTP: %w", errors.Join(err, s.http.Close()))
		}
	})
	all.Go(func() {
		s.mu.Lock()
		hubs := make([]*live.Hub, 0, len(s.hubs))
		for _, h := range s.hubs {
			hubs = append(hubs, h)
		}
		s.mu.Unlock()
		for _, h := range hubs {
			all.Go(h.Close)
		}
	})
	all.Go(s.benches.Close)
	all.Wait()
	return err
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
