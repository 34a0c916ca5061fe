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

const serveText = `Serves the workbench's pages and, behind its own address, an MQTT broker whose
every packet they show. Both listen on this machine only, unless told otherwise.
Port 0 takes any free port, and so does the default of -http or -mqtt if another
program has it. Ctrl+C stops.

With a certificate (-tls-cert, -tls-key) the pages are served over HTTPS, and
MQTT over TLS as well, at an address of its own (-mqtts); -mqtt stays without TLS.
MQTT over WebSocket is under the address of the pages, at /mqtt. A browser lets
every page of every site ask for it, so pages of another origin are refused
unless -origin names it.

Beside the main bench, pages and scripts may ask for others (-benches), each
with a broker of its own and an id that cannot be guessed: who knows it may use
it. They are smaller than the main one, and removed when nobody uses them.

With -upstream tcp://host:port the bench stands in front of a broker elsewhere,
such as Mosquitto: each client has a connection of its own to it, and what passes
is shown, and can be held, slowed and cut, as with the bench's own broker.

With -data the broker keeps persistent sessions, the QoS 1 and 2 messages under
way and waiting, and retained messages in that directory; without, they end with
the program. Nothing is acknowledged to a client before it is kept, so that
neither kill -9 nor a crash takes what was acknowledged. What a power cut may
take is for -durability to say:
  commit    nothing; each commit, which is of many packets under load, waits for the disk
  interval  what was acknowledged in the last 100 ms; a time such as 20ms sets another interval
  off       whatever the system had not yet written
`

// serve runs the server until ctx ends.
func serve(ctx context.Context, args []string, std streams) int {
	f := flags("serve", "[serve] [-http ADDRESS] [-mqtt ADDRESS] [-tls-cert FILE -tls-key FILE [-mqtts ADDRESS]] [-data DIR [-durability commit|interval|TIME|off]] [-broker FILE] [-upstream URL [-upstream-ca FILE]] [-benches N [-bench-ports PORTS]] [-labs DIR] [-class [NAME]] [-host NAME] [-origin ORIGIN] [-per-address N] [-log-level LEVEL] [-log-format text|json] [-metrics] [-pprof ADDRESS]", serveText+classText, std)
	httpAddr := f.String("http", "127.0.0.1:8080", "`address` of the pages")
	mqttAddr := f.String("mqtt", "127.0.0.1:1883", "`address` of the MQTT broker")
	certFile := f.String("tls-cert", "", "`file` with the certificate, PEM: HTTPS for the pages, and MQTT over TLS")
	keyFile := f.String("tls-key", "", "`file` with the private key of the certificate, PEM")
	mqttsAddr := f.String("mqtts", "127.0.0.1:8883", "`address` of the MQTT broker over TLS, where there is a certificate")
	data := f.String("data", "", "`directory` for what outlives the program; without it, nothing does")
	durability := f.String("durability", "commit", "what a power cut may take of -data: `commit, interval, a time such as 20ms, or off`")
	brokerFile := f.String("broker", "", "`file` with the broker's settings, JSON: users, allowed topics, maximum QoS and so on")
	newBenches := f.Int("benches", 0, fmt.Sprintf("`number` of benches that pages and scripts may ask for, beside the main one; without it %d if the pages are served to this machine only, else none", limits.NewBenches))
	idle := f.Duration("bench-idle", limits.BenchIdle, "`time` after which such a bench is removed if nobody uses it")
	rate := f.Int("bench-rate", limits.NewBenchesPerMinute, "`number` of such benches that one address may ask for in a minute")
	ports := f.String("bench-ports", "", "TCP `ports` for those of them that ask for one, such as 20000-20100, on the host of -mqtt; without it there are none, and MQTT comes to them over WebSocket. Unlike their ids ports can be guessed")
	upstream := f.String("upstream", "", "`address` of a broker elsewhere, such as tcp://localhost:1884 or tls://broker.example:8883: the bench main then stands in front of it in the place of a broker of its own")
	upstreamCA := f.String("upstream-ca", "", "`file` with the certificate, PEM, of the authority that the broker of a tls:// -upstream is to be trusted by; without it, those that this machine knows")
	ownLabs := f.String("labs", "", "`directory` with labs of your own, one folder each; mqttlab lab -h says how they are written")
	hosts := f.String("host", "", "`names`, separated by commas, under which the pages are asked for, beside localhost")
	origins := f.String("origin", "", "`origins`, separated by commas, of pages elsewhere that may speak MQTT over WebSocket, such as http://localhost:5173; * for all")
	perAddress := f.Int("per-address", limits.ClientsPerAddress, "`number` of MQTT connections that one address may have; those from this machine do not count")
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
	cfg := server.Config{Labs: ownLabsFS, Hosts: names(*hosts), Origins: names(*origins), PerAddress: *perAddress, Logger: logger, Metrics: *operate.metrics, Commands: commandHelp(ctx)}
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
		fmt.Fprintf(std.err, "mqttlab: %s\n", wrong("took-free", "address", a.address, "flag", a.flag).(*said).Text(std.lang))
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
