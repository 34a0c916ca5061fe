package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/settings"
	"mqttlab/mqttcore/spec"
	"mqttlab/server"
	"mqttlab/server/bench"
	"mqttlab/server/benches"
	"mqttlab/server/limits"
	"mqttlab/server/store"
)

// serve runs the server until ctx ends.
func serve(ctx context.Context, args []string, std streams) int {
	f := flags("serve", "[serve] [-http ADDRESS] [-mqtt ADDRESS] [-tls-cert FILE -tls-key FILE [-mqtts ADDRESS]] [-data DIR [-durability commit|interval|TIME|off]] [-broker FILE] [-upstream URL [-upstream-ca FILE]] [-benches N [-bench-ports PORTS]] [-labs DIR] [-class [NAME]] [-host NAME] [-origin ORIGIN] [-per-address N] [-log-level LEVEL] [-log-format text|json] [-metrics] [-pprof ADDRESS]", &std)
	httpAddr := f.String("http", "127.0.0.1:8080", "")
	mqttAddr := f.String("mqtt", "127.0.0.1:1883", "")
	certFile := f.String("tls-cert", "", "")
	keyFile := f.String("tls-key", "", "")
	mqttsAddr := f.String("mqtts", "127.0.0.1:8883", "")
	data := f.String("data", "", "")
	durability := f.String("durability", "commit", "")
	brokerFile := f.String("broker", "", "")
	newBenches := f.Int("benches", 0, "")
	idle := f.Duration("bench-idle", limits.BenchIdle, "")
	rate := f.Int("bench-rate", limits.NewBenchesPerMinute, "")
	ports := f.String("bench-ports", "", "")
	upstream := f.String("upstream", "", "")
	upstreamCA := f.String("upstream-ca", "", "")
	ownLabs := f.String("labs", "", "")
	hosts := f.String("host", "", "")
	origins := f.String("origin", "", "")
	perAddress := f.Int("per-address", limits.ClientsPerAddress, "")
	classes := addClassFlags(f)
	operate := operatingFlags(f)
	if status, ok := classes.named(f, args, std); !ok {
		return status
	}
	if f.NArg() > 0 {
		return fail(std, "serve", unexpected(f))
	}
	if *perAddress < 1 {
		return fail(std, "serve", wrong("per-address", "n", strconv.Itoa(*perAddress)))
	}
	var ownLabsFS fs.FS
	if *ownLabs != "" {
		if _, err := os.ReadDir(*ownLabs); err != nil {
			return fail(std, "serve", because(err, "flag", "flag", "-labs"))
		}
		ownLabsFS = os.DirFS(*ownLabs)
	}
	logger, err := operate.logger(std.err)
	if err != nil {
		return fail(std, "serve", err)
	}
	cfg := server.Config{Labs: ownLabsFS, Hosts: names(*hosts), Origins: names(*origins), PerAddress: *perAddress, Logger: logger, Metrics: *operate.metrics, Commands: func(l spec.Lang) []server.Command { return commandHelp(ctx, l) }}
	if cfg.Durability, err = store.ParseDurability(*durability); err != nil {
		return fail(std, "serve", because(err, "flag", "flag", "-durability"))
	}
	if cfg.Data = *data; cfg.Data == "" && given(f, "durability") {
		return fail(std, "serve", wrong("durability"))
	}
	if *brokerFile != "" {
		if cfg.Broker, err = readBroker(*brokerFile); err != nil {
			return fail(std, "serve", err)
		}
	}
	switch {
	case *upstream != "":
		if cfg.Upstream, err = parseUpstream(*upstream, *upstreamCA); err != nil {
			return fail(std, "serve", err)
		}
		if cfg.Data != "" || *brokerFile != "" {
			return fail(std, "serve", wrong("upstream-data"))
		}
	case *upstreamCA != "":
		return fail(std, "serve", wrong("upstream-ca"))
	}
	if cfg.BenchPorts, err = benches.ParsePorts(*ports); err != nil {
		return fail(std, "serve", because(err, "flag", "flag", "-bench-ports"))
	}
	if *newBenches < 0 || *rate < 1 || *idle < time.Second {
		return fail(std, "serve", wrong("benches"))
	}
	if cfg.Classes, err = classes.config(f, *data); err != nil {
		return fail(std, "serve", err)
	}
	collectLess()
	cfg.Benches, cfg.BenchRate, cfg.BenchIdle = *newBenches, *rate, *idle
	cfg.BenchHost, _, _ = net.SplitHostPort(*mqttAddr)
	if !given(f, "benches") && loopback(*httpAddr) {
		cfg.Benches = limits.NewBenches
	}
	scheme := "http"
	addresses := []listening{
		{"-http", *httpAddr, given(f, "http"), &cfg.HTTP},
		{"-mqtt", *mqttAddr, given(f, "mqtt"), &cfg.MQTT},
	}
	if *certFile != "" || *keyFile != "" {
		if cfg.TLS, err = server.LoadTLS(*certFile, *keyFile, time.Now()); err != nil {
			return fail(std, "serve", err)
		}
		scheme = "https"
		addresses = append(addresses, listening{"-mqtts", *mqttsAddr, given(f, "mqtts"), &cfg.MQTTS})
	} else if given(f, "mqtts") {
		return fail(std, "serve", wrong("mqtts"))
	}
	profiles, err := operate.profiles(ctx, logger)
	if err != nil {
		return fail(std, "serve", err)
	}
	for i, a := range addresses {
		l, err := a.open(ctx, std)
		if err != nil {
			for _, open := range addresses[:i] {
				(*open.to).Close()
			}
			return fail(std, "serve", err)
		}
		*a.to = l
	}
	s, err := server.Open(cfg)
	if err != nil {
		for _, open := range addresses {
			(*open.to).Close()
		}
		return fail(std, "serve", err)
	}
	std.begins("workbench", scheme+"://"+bench.Reachable(cfg.HTTP.Addr())+"/")
	std.begins("mqtt", bench.Reachable(cfg.MQTT.Addr()))
	if cfg.MQTTS != nil {
		std.begins("mqtts", bench.Reachable(cfg.MQTTS.Addr()))
	}
	if cfg.Upstream != nil {
		std.begins("upstream", cfg.Upstream.String())
	}
	if profiles != nil {
		std.begins("profiles", "http://"+profiles.String()+"/debug/pprof/")
	}
	if cfg.Classes != nil {
		if err := classes.begin(s, scheme, cfg, std); err != nil {
			s.Close()
			return fail(std, "serve", err)
		}
	}
	if err := s.Run(ctx); err != nil {
		return fail(std, "serve", err)
	}
	return exitFine
}

// readBroker reads a file of settings.
func readBroker(name string) (broker.Config, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return broker.Config{}, because(errors.Unwrap(err), "unreadable", "flag", "-broker", "name", name)
	}
	cfg, err := settings.Parse(data, settings.Options{})
	if err != nil {
		return cfg, because(err, "settings", "name", "-broker "+name)
	}
	return cfg, nil
}

// loopback says whether only this machine reaches an address.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// listening is where to listen, and what the listener is for.
type listening struct {
	flag, address string
	asked         bool // by a flag
	to            *net.Listener
}

// open listens. If another program has the port that was nobody's wish, such
// as mosquitto has 1883 on many machines, a free one does as well; it is said.
func (a listening) open(ctx context.Context, std streams) (net.Listener, error) {
	l, err := listen(ctx, a.flag, a.address)
	if taken := (*takenError)(nil); a.asked || !errors.As(err, &taken) {
		return l, err
	}
	host, _, _ := net.SplitHostPort(a.address)
	if l, err = listen(ctx, a.flag, net.JoinHostPort(host, "0")); err == nil {
		fmt.Fprintf(std.err, "mqttlab: %s\n", errorText(std.lang, wrong("took-free", "address", a.address, "flag", a.flag)))
	}
	return l, err
}

// takenError says that another program listens at an address already.
type takenError struct{ flag, address string }

func (e *takenError) Error() string { return e.Text(spec.English) }

// Text says it in a language.
func (e *takenError) Text(l spec.Lang) string {
	host, _, _ := net.SplitHostPort(e.address)
	return errorText(l, wrong("taken", "flag", e.flag, "address", e.address, "other", net.JoinHostPort(host, "0")))
}

// begins prints a line of what is there when the server has begun.
func (std streams) begins(key, what string) {
	fmt.Fprintln(std.out, spec.Message(std.lang, "cli.start."+key)+" "+what)
}

// given says whether a flag stands on the command line.
func given(f *flag.FlagSet, name string) (found bool) {
	f.Visit(func(set *flag.Flag) { found = found || set.Name == name })
	return found
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
		return nil, &takenError{flagName, address}
	case errors.Is(err, syscall.EACCES):
		return nil, wrong("forbidden", "flag", flagName, "address", address)
	}
	var bad *net.AddrError
	if errors.As(err, &bad) {
		return nil, wrong("no-address", "flag", flagName, "address", address)
	}
	return nil, because(err, "flag", "flag", flagName+" "+address)
}
