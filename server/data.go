package server

import (
	"mqttlab/server/bench"
	"mqttlab/server/store"
)

// openMain makes the bench "main": the one that the data directory holds, if
// there is a directory.
func (s *Server) openMain() (*bench.Bench, error) {
	cfg := bench.Config{ID: MainBench, Broker: s.cfg.Broker, Upstream: s.cfg.Upstream, MaxPerAddress: s.cfg.PerAddress, Logger: s.logger}
	if s.cfg.Data == "" {
		return bench.New(cfg), nil
	}
	kept, records, err := store.Open(s.cfg.Data, MainBench, s.cfg.Durability)
	if err != nil {
		return nil, err
	}
	cfg.Store, cfg.Failed = kept, s.fail
	b := bench.New(cfg)
	if err := b.Restore(records); err != nil {
		b.Close()
		kept.Close()
		return nil, kept.Damaged(err)
	}
	s.store = kept
	return b, nil
}
