package bench

import (
	"fmt"
	"slices"
	"time"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/pipe"
	"mqttlab/server/capture"
	"mqttlab/server/limits"
)

// Client is a client of the bench as the JSON contract shows it.
type Client struct {
	ID       string        `json:"id"` // "v1" for a virtual client, "t5" for a TCP connection
	Name     string        `json:"name"`
	Kind     string        `json:"kind"`  // "virtual" or "tcp"
	State    string        `json:"state"` // "new", "open" or "closed"
	Conn     broker.ConnID `json:"conn"`  // the open or latest connection; 0: none yet
	ClientID string        `json:"client_id"`
	Version  string        `json:"version"` // "3.1", "3.1.1", "5.0", or "" before CONNECT
	Remote   string        `json:"remote"`  // "127.0.0.1:40000", "127.0.0.1:40000 (WebSocket, TLS)"
	How      string        `json:"how"`     // how the latest connection ended
	Removed  bool          `json:"removed,omitempty"`

	// What its wire does to each direction, as words: "hold", "delay", "rate",
	// "split", "rules". "": the wire lets everything pass.
	ToBroker  string `json:"to_broker,omitempty"`
	ToClient  string `json:"to_client,omitempty"`
	Autopilot string `json:"autopilot,omitempty"` // "ack", "ping" or "ack ping": what a virtual client does by itself
	Silent    bool   `json:"silent,omitempty"`    // it neither reads nor answers
}

type client struct {
	id, name, remote string
	virtual          bool
	state            string
	how              capture.How
	conn             broker.ConnID
	wire             *wire // the open connection

	up, down pipe.Settings // of its wire, from and to it
	pilot    Autopilot
	silent   bool // neither reads nor answers

	connected bool // a CONNECT was seen on the latest connection
	keepAlive uint16
	clientID  string
	version   packet.Version
}

func (c *client) snapshot() Client {
	s := Client{ID: c.id, Name: c.name, Kind: "tcp", State: c.state, Conn: c.conn,
		ClientID: c.clientID, Version: versionName(c.version), Remote: c.remote, How: c.how.String()}
	if c.virtual {
		s.Kind = "virtual"
	}
	s.ToBroker, s.ToClient, s.Autopilot, s.Silent = inWords(&c.up), inWords(&c.down), c.pilot.String(), c.silent
	return s
}

func versionName(v packet.Version) string {
	if v == 0 {
		return ""
	}
	return v.String()
}

func (c *client) opened(w *wire) {
	c.wire, c.conn, c.state = w, w.id, "open"
	c.how, c.connected, c.clientID, c.version, c.keepAlive = capture.NotClosed, false, "", 0, 0
}

func (c *client) connect(id string, v packet.Version) {
	c.connected, c.clientID, c.version = true, clip(id), v
	if !c.virtual && c.clientID != "" {
		c.name = annotate.Visible(c.clientID) // for people, in lists and headings
	}
}

// clip copies a name from the wire: the first characters of it, for a list.
func clip(s string) string {
	for i := range s {
		if i > limits.NameBytes {
			return s[:i] + "…"
		}
	}
	return string([]byte(s)) // not to hold on to the chunk it lies in
}

func (c *client) closed(how capture.How) {
	c.state, c.how, c.wire = "closed", how, nil
}

// changed records what a client now is, unless it has been removed: its
// connection may end after that, when there is something to be kept first. It
// needs mu.
func (b *Bench) changed(now time.Time, c *client) {
	if !b.mute && b.clients[c.id] == c {
		b.record(now, &capture.Event{Kind: capture.Client, Conn: c.conn, Lane: c.id, Detail: c.snapshot()})
	}
}

func (b *Bench) newTCPClient(w *wire) *client {
	remote := w.conn.RemoteAddr().String()
	if w.carrier != "" {
		remote += " (" + w.carrier + ")"
	}
	c := &client{id: fmt.Sprintf("t%d", w.id), name: remote, remote: remote, up: b.coming.ToBroker, down: b.coming.ToClient}
	b.add(c)
	return c
}

func (b *Bench) add(c *client) {
	b.clients[c.id] = c
	b.order = append(b.order, c)
}

func (b *Bench) remove(now time.Time, c *client) {
	delete(b.clients, c.id)
	b.order = slices.DeleteFunc(b.order, func(other *client) bool { return other == c })
	gone := c.snapshot()
	gone.Removed = true
	if !b.mute {
		b.record(now, &capture.Event{Kind: capture.Client, Conn: c.conn, Lane: c.id, Detail: gone})
	}
}

// forgetOld removes the TCP clients that went first, when many have gone.
func (b *Bench) forgetOld(now time.Time) {
	if len(b.clients) <= len(b.wires)+limits.ClosedKept+limits.VirtualPerBench {
		return
	}
	for _, c := range b.order {
		if !c.virtual && c.wire == nil {
			b.remove(now, c)
			return
		}
	}
}

// Clients lists the clients in the order in which they came.
func (b *Bench) Clients() []Client {
	clients, _, _ := b.Snapshot()
	return clients
}

// Names returns what the clients are called, by their ids.
func (b *Bench) Names() map[string]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	names := make(map[string]string, len(b.order))
	for _, c := range b.order {
		names[c.id] = c.name
	}
	return names
}

// Snapshot returns the clients together with the numbers of the first held
// and the next event, at one moment.
func (b *Bench) Snapshot() (clients []Client, first, next uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	clients = make([]Client, len(b.order))
	for i, c := range b.order {
		clients[i] = c.snapshot()
	}
	first, next = b.log.Bounds()
	return clients, first, next
}
