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
	"mqttlab/server/benches"
	"mqttlab/server/classroom"
	"mqttlab/server/limits"
	"mqttlab/server/live"
	"mqttlab/server/metrics"
	"mqttlab/server/play"
	"mqttlab/server/shelf"
	"mqttlab/server/store"
	"mqttlab/server/study"
)

// MainBench is the id of the bench that is always there.
const MainBench = "main"

// Server is one mqttlab.
type Server struct {
	cfg     Config
	logger  *slog.Logger
	benches *benches.Registry
	stage   play.Stage
	http    *http.Server
	shelf   *shelf.Shelf
	study   study.Room
	classes *classroom.Room // nil: there are none
	store   *store.Store    // of the bench main; nil: nothing is kept
	failed  chan error      // what ends Run

	requests *metrics.Requests
	totals   metrics.Totals
	began    time.Time

	mu   sync.Mutex
	hubs map[*bench.Bench]*live.Hub
}

// New is Open for a Config without Data and Classes, with which nothing can go wrong.
func New(cfg Config) *Server {
	cfg.Data, cfg.Classes = "", nil
	s, _ := Open(cfg)
	return s
}

// Open returns a server that listens already, through cfg's listeners, and
// serves MQTT. Run serves HTTP.
func Open(cfg Config) (*Server, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{cfg: cfg, logger: cfg.Logger, hubs: make(map[*bench.Bench]*live.Hub), failed: make(chan error, 2), requests: metrics.NewRequests(), began: time.Now()}
	s.study.Stage = &s.stage
	s.benches = benches.New(benches.Config{Max: cfg.Benches, Rate: cfg.BenchRate, Idle: cfg.BenchIdle, Host: cfg.BenchHost, Ports: cfg.BenchPorts,
		Logger: s.logger, Removed: s.removed})
	var err error
	if s.shelf, err = openShelf(cfg.Labs); err != nil {
		return nil, err
	}
	if s.classes, err = s.openClasses(); err != nil {
		return nil, err
	}
	b, err := s.openMain()
	if err != nil {
		return nil, errors.Join(err, s.closeClasses())
	}
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
	return s, nil
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
		if !s.benches.Has(b) { // it was removed just now
			h.Close()
			return h
		}
		s.hubs[b] = h
	}
	return h
}

// removed ends what goes on at a bench that has been removed.
func (s *Server) removed(b *bench.Bench) {
	s.study.Leave(b)
	s.totals.Gone(b)
	s.mu.Lock()
	h := s.hubs[b]
	delete(s.hubs, b)
	s.mu.Unlock()
	if h != nil {
		h.Close()
	}
	s.stage.Forget(b)
}

// Run serves until ctx ends, then stops: no new requests and connections,
// those that are there are told, and after limits.ShutdownTimeout they are
// cut. It returns nil after an orderly stop.
func (s *Server) Run(ctx context.Context) error {
	go func() {
		l := newDoor(s.cfg.HTTP, limits.HTTPPerAddress)
		if s.cfg.TLS != nil {
			s.fail(s.http.ServeTLS(l, "", ""))
			return
		}
		s.fail(s.http.Serve(l))
	}()
	var err error
	select {
	case err = <-s.failed:
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
	all.Go(func() {
		s.stage.Close()
		s.benches.Close()
	})
	if s.classes != nil {
		all.Go(s.classes.Stop)
	}
	all.Wait()
	s.study.Close()
	err = errors.Join(err, s.closeClasses())
	if s.store != nil {
		err = errors.Join(err, s.store.Close())
	}
	return err
}

// fail ends Run.
func (s *Server) fail(err error) {
	select {
	case s.failed <- err:
	default: // it ends already
	}
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
