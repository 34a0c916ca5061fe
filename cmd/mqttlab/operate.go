package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"log/slog"
	"net"
	"strings"

	"mqttlab/server"
)

// operating are the flags for whoever looks after a server.
type operating struct {
	level, format, pprof *string
	metrics              *bool
}

func operatingFlags(f *flag.FlagSet) operating {
	return operating{
		level:   f.String("log-level", "info", "what to log to standard error: `debug, info, warn or error`"),
		format:  f.String("log-format", "text", "how to log: `text or json`, a line each"),
		pprof:   f.String("pprof", "", "loopback `address`, such as 127.0.0.1:6060, at which Go's profiles are served, at /debug/pprof/"),
		metrics: f.Bool("metrics", false, "give GET /metrics, for Prometheus, to all who reach the pages, not to this machine only"),
	}
}

// logger makes the logger that the flags ask for. What it writes is one line an
// entry, whatever clients call themselves: control characters are escaped.
func (o operating) logger(w io.Writer) (*slog.Logger, error) {
	var options slog.HandlerOptions
	var level slog.Level
	if err := level.UnmarshalText([]byte(*o.level)); err != nil {
		return nil, wrong("log-level", "value", *o.level)
	}
	options.Level = level
	switch *o.format {
	case "text":
		return slog.New(slog.NewTextHandler(w, &options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, &options)), nil
	}
	return nil, wrong("log-format", "value", *o.format)
}

// profiles serves Go's profiles until ctx ends, if they are asked for. It
// returns their address.
func (o operating) profiles(ctx context.Context, logger *slog.Logger) (net.Addr, error) {
	if *o.pprof == "" {
		return nil, nil
	}
	if !loopback(*o.pprof) {
		return nil, wrong("pprof", "address", *o.pprof)
	}
	l, err := listen(ctx, "-pprof", *o.pprof)
	if err != nil {
		return nil, err
	}
	go func() {
		if err := server.ServeProfiles(ctx, l); err != nil {
			logger.Error("profiles are no longer served", "error", err)
		}
	}()
	return l.Addr(), nil
}

// commandHelp is what the help of each command says, for the pages of help.
func commandHelp(ctx context.Context) []server.Command {
	all := make([]server.Command, 0, len(commands))
	for _, c := range commands {
		var says bytes.Buffer
		c.run(ctx, []string{"-h"}, streams{in: strings.NewReader(""), out: &says, err: &says})
		all = append(all, server.Command{Name: c.name, Help: says.String()})
	}
	return all
}
