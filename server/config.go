// Package server is everything of mqttlab that does I/O: the HTTP side with
// its pages, JSON interface and live stream, and the MQTT side with its
// benches. It is started by cmd/mqttlab.
//
//	config.go      what a server is to be
//	server.go      start and stop
//	data.go        the bench that outlives the program
//	routes.go      every route, in one table
//	tls.go         certificates
//	door.go        how many connections of one address come in
//	middleware.go  what every request passes; compress.go packs answers
//	pageview.go    what the pages show of a bench; flowview.go of its packets
//	labs.go        what pages and interface need of labs; classes.go of classes
//	observe.go     how the server is doing; profiles.go Go's profiles; version.go
//	limits/        what input may use
//	bench/         brokers, connections, virtual clients
//	benches/       the benches by id; new ones
//	export/        a capture as files for other programs
//	play/          scenarios, on a bench
//	store/         what outlives the program, in a file
//	syserr/        names for what the system says is wrong
//	capture/       the numbered log of a bench
//	ladder/        captured events in words
//	shelf/         the labs
//	study/         learners at labs
//	class/         classes: who is in them, and how far
//	classroom/     who asks, and which benches they may have
//	metrics/       figures for those who look after it
//	live/          the WebSocket stream
//	api/           the JSON interface
//	pages/         HTML
package server

import (
	"crypto/tls"
	"io/fs"
	"log/slog"
	"net"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/benches"
	"mqttlab/server/store"
	"mqttlab/web"
)

// Command is a command of the program, as its help says it.
type Command = web.Command

// Config says what a server is to be.
type Config struct {
	HTTP       net.Listener // for pages and the JSON interface
	MQTT       net.Listener // for the bench "main"; nil: no TCP clients
	MQTTS      net.Listener // the same over TLS; nil: none
	TLS        *tls.Config  // for MQTTS, and then HTTP speaks HTTPS; nil: neither
	Hosts      []string     // Host names, beside those of loopback, under which pages are asked for
	PerAddress int          // MQTT connections of one address, but for this machine's own; 0: limits.ClientsPerAddress
	Origins    []string     // of pages elsewhere whose scripts may speak MQTT over WebSocket; "*": all
	// Data is where the bench "main" keeps what must outlive the program: persistent
	// sessions, what waits for them, retained messages. "": it keeps nothing.
	Data       string
	Durability store.Durability // of Data
	// Broker is the configuration of the bench "main".
	Broker broker.Config
	// Upstream is a broker elsewhere in front of which the bench "main" stands;
	// nil: it has its own. It excludes Data.
	Upstream *bench.Upstream
	// Benches is how many benches may be asked for at a time beside "main"; 0: none.
	Benches    int
	BenchRate  int                       // of them, from one address in a minute; 0: limits.NewBenchesPerMinute
	BenchIdle  time.Duration             // unused for so long, they are removed; 0: limits.BenchIdle
	BenchPorts benches.Ports             // for their TCP listeners, of those that ask for one
	BenchHost  string                    // where those listen
	Labs       fs.FS                     // a teacher's own labs, beside those that come with mqttlab; nil: none
	Classes    *Classes                  // nil: there are none
	Metrics    bool                      // GET /metrics for all who reach the server, not from this machine only
	Commands   func(spec.Lang) []Command // the program's command line, for the pages of help; nil: it has none
	// Logger is told what happens. Nil: nobody is.
	Logger *slog.Logger
}

// Classes says how classes are kept.
type Classes struct {
	Dir      string        // where; class.Memory for nowhere
	Keep     time.Duration // each, after it was made; 0: for ever
	Prefix   string        // of all codes
	Operator string        // the token of whoever may make classes; "": nobody may
}
