// Package limits holds what one bench, one connection and one viewer may use,
// in one place. Everything from the wire or a request is hostile: whatever
// grows with input has a bound here.
package limits

import "time"

// MQTT connections.
const (
	PacketBytes       = 1 << 20          // a longer Control Packet closes its connection
	FrameBytes        = 16 << 20         // a longer WebSocket message closes its connection
	OutQueueBytes     = 16 << 20         // unsent bytes of one connection before it is closed
	AllQueueBytes     = 256 << 20        // unsent bytes of all connections of a bench before the slowest is closed
	ConnectTimeout    = 10 * time.Second // from the open connection to its CONNECT
	LingerTimeout     = 2 * time.Second  // for the last bytes to leave a connection that the server closes
	UpstreamTimeout   = 5 * time.Second  // to connect to a broker elsewhere
	EarlyBytes        = 4 << 20          // of a client that sends before that connection is there
	DrainTimeout      = 10 * time.Second // for what a slow wire still carries to the client of such a connection
	ClientsPerBench   = 5000             // connections and virtual clients of one bench together
	ClientsPerAddress = 1000             // connections of one address, which may be a school's; those from this machine do not count
	VirtualPerBench   = 100              // virtual clients of one bench
	ClosedKept        = 50               // TCP clients that are still listed after they have gone
	SendBytes         = 1 << 20          // bytes of one send of a virtual client
	NameBytes         = 64               // name of a virtual client
)

// The capture of one bench.
const (
	CaptureEvents = 200_000
	CaptureBytes  = 64 << 20
)

// Benches that somebody has asked for. They are smaller than the bench main,
// so that all of them together stay within a machine.
const (
	NewBenches          = 64            // at a time, on a server that listens on loopback only
	NewBenchesPerMinute = 20            // from one address
	BenchIdle           = 2 * time.Hour // unused, before it is removed
	BenchCaptureEvents  = 50_000        // as CaptureEvents
	BenchCaptureBytes   = 16 << 20      // as CaptureBytes
	BenchOutQueueBytes  = 2 << 20       // as OutQueueBytes
	BenchClients        = 500           // as ClientsPerBench
	Imports             = 8             // of them, captures that were opened, which are as large as the bench main
	ImportBytes         = 64 << 20      // of a capture file
)

// Benches of a class, of which there may be some hundred, and what a student
// may ask of the machine that all share.
const (
	ClassCaptureEvents = 4000      // as CaptureEvents
	ClassCaptureBytes  = 1 << 20   // as CaptureBytes
	ClassOutQueueBytes = 256 << 10 // as OutQueueBytes
	ClassClients       = 40        // as ClientsPerBench
	StudentCalls       = 20        // requests a second, of one student
	StudentBurst       = 150       // and at once: a page is some fifty
	StudentBytes       = 64 << 10  // of a request's body that count as one request more
	StudentAtOnce      = 16        // requests under way, of one student
	StudentSockets     = 16        // WebSockets, of one student
	StudentMQTT        = 64 << 10  // bytes a second that the MQTT clients of one student send over WebSocket
	StrangerCalls      = 20        // requests a second that change something, of one address
	StrangerBurst      = 600       // and at once: a school joins behind one address
	BoardTick          = 250 * time.Millisecond
)

// HTTP and the live stream.
const (
	BodyBytes         = 1 << 20 // body of a request; pasted text
	HeaderBytes       = 16 << 10
	ReadHeaderTimeout = 5 * time.Second
	RequestTimeout    = 15 * time.Second
	UploadTimeout     = 5 * time.Minute // of a capture file, which may be 64 MiB over a slow line
	IdleTimeout       = 2 * time.Minute
	HTTPPerAddress    = 4000 // connections of one address, which may be a school's; those from this machine do not count
	ShutdownTimeout   = 3 * time.Second
	PacketsPerGet     = 1000                  // events of one GET …/packets
	FoundPerGet       = 5000                  // packets of one GET …/find
	PacketsDefault    = 100                   // … where the request names no limit
	ViewersPerBench   = 600                   // WebSockets of one bench, of which half may be an address's, which may be a school's
	LiveTick          = 50 * time.Millisecond // at most one message a tick and viewer
	LiveEvents        = 256                   // events of one live message
	LiveBehind        = 10_000                // events that a viewer may lag before it is told of a gap
	ViewerReadBytes   = 4 << 10               // message from a viewer
	ViewerWriteWait   = 5 * time.Second       // for a viewer to take a message
	ViewerPing        = 30 * time.Second
	LadderIdle        = time.Minute // unused, before what the ladder of a bench knows is let go
)
