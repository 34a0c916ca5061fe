package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"syscall"

	"mqttlab/server"
	"mqttlab/server/bench"
)

const serveText = `Serves the workbench's pages and, behind its own address, an MQTT broker whose
every packet they show. Both listen on this machine only, unless told otherwise.
Port 0 takes any free port. Ctrl+C stops.
`

// serve runs the server until ctx ends.
func serve(ctx context.Context, args []string, std streams) int {
	f := flags("serve", "[serve] [-http ADDRESS] [-mqtt ADDRESS] [-host NAME] [-log-level LEVEL]", serveText, std)
	httpAddr := f.String("http", "127.0.0.1:8080", "`address` of the pages")
	mqttAddr := f.String("mqtt", "127.0.0.1:1883", "`address` of the MQTT broker")
	hosts := f.String("host", "", "`names`, separated by commas, under which the pages are asked for, beside localhost")
	level := f.String("log-level", "info", "what to log to standard error: `debug, info, warn or error`")
	if status, ok := parse(f, args, std); !ok {
		return status
	}
	if f.NArg() > 0 {
		return fail(std, "serve", "unexpected argument %q; mqttlab serve -h lists the flags", f.Arg(0))
	}
	var logLevel slog.Level
	if err := logLevel.UnmarshalText([]byte(*level)); err != nil {
		return fail(std, "serve", "-log-level is debug, info, warn or error, not %q", *level)
	}
	web, err := listen(ctx, "-http", *httpAddr)
	if err != nil {
		return fail(std, "serve", "%v", err)
	}
	mqtt, err := listen(ctx, "-mqtt", *mqttAddr)
	if err != nil {
		web.Close()
		return fail(std, "serve", "%v", err)
	}
	s := server.New(server.Config{
		HTTP: web, MQTT: mqtt, Hosts: names(*hosts),
		Logger: slog.New(slog.NewTextHandler(std.err, &slog.HandlerOptions{Level: logLevel})),
	})
	fmt.Fprintf(std.out, "Workbench: http://%s/\nMQTT:      %s\n", bench.Reachable(web.Addr()), bench.Reachable(mqtt.Addr()))
	if err := s.Run(ctx); err != nil {
		return fail(std, "serve", "%v", err)
	}
	return exitFine
}

func names(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// listen listens on an address, or says in words what to do.
func listen(ctx context.Context, flagName, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		host, _, _ := net.SplitHostPort(address)
		return nil, fmt.Errorf("%s %s is in use by another program; stop that one, or take any free port with %s %s",
			flagName, address, flagName, net.JoinHostPort(host, "0"))
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s %s: this user may not listen there; take a port above 1023", flagName, address)
	}
	var bad *net.AddrError
	if errors.As(err, &bad) {
		return nil, fmt.Errorf("%s %q is no address (%s); write it as 127.0.0.1:8080", flagName, address, bad.Err)
	}
	return nil, fmt.Errorf("%s %s: %w", flagName, address, err)
}
