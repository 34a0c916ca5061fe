package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"log/slog"
	"net"
	"strings"

	"mqttlab/mqttcore/spec"
	"mqttlab/server"
)

// operating are the flags for whoever looks after a server.
type operating struct {
	level, format, pprof *string
	metrics              *bool
}

func operatingFlags(f *flag.FlagSet) operating {
	return operating{
		level:   f.String("log-level", "info", ""),
		format:  f.String("log-format", "text", ""),
		pprof:   f.String("pprof", "", ""),
		metrics: f.Bool("metrics", false, ""),
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

// commandHelp is what the help of each command says in a language, for the pages of help.
func commandHelp(ctx context.Context, l spec.Lang) []server.Command {
	help := make([]server.Command, 0, len(commands))
	for _, c := range commands {
		var says bytes.Buffer
		c.run(ctx, []string{"-h"}, streams{in: strings.NewReader(""), out: &says, err: &says, lang: l})
		help = append(help, server.Command{Name: c.name, Help: says.String()})
	}
	return help
}
