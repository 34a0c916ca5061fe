package capture

import (
	"bytes"
	"net/netip"
	"time"

	"mqttlab/mqttcore/packet"
)

// flow names a TCP connection by its two ends, the lower address first.
type flow struct{ a, b address }

// flowOf returns the flow of a segment and its sender: 0 for a, 1 for b.
func flowOf(s *segment) (flow, int) {
	if bytes.Compare(s.from[:], s.to[:]) <= 0 {
		return flow{s.from, s.to}, 0
	}
	return flow{s.to, s.from}, 1
}

// state says what is done with a connection's bytes.
type state uint8

const (
	stateUndecided state = iota // held until it is known whether they are MQTT
	stateMQTT
	stateUpgrade   // an HTTP request for a WebSocket was seen
	stateWebSocket // MQTT in WebSocket frames
	stateIgnored   // not MQTT
	stateClosed
)

// conn is a TCP connection.
type conn struct {
	key        flow
	newer      *conn // in the order of use
	older      *conn
	id         int // 0 until it is known to carry MQTT
	stream     int // numbers all TCP connections from 1
	state      state
	transport  Transport
	version    packet.Version
	v4         bool
	client     int8 // the side that is the client, -1 unknown
	finBy      int8 // 1 + the side whose FIN came first, 0 none
	notes      int
	guessed    bool // nothing says who the client is
	synFrame   int  // 0 none seen
	synWhen    time.Time
	lastFrame  int
	lastWhen   time.Time
	clientAddr netip.AddrPort
	serverAddr netip.AddrPort
	ws         *wsConn
	halves     [2]half
}

// table remembers the connections used last.
type table struct {
	conns  map[flow]*conn
	limit  int
	last   *conn // that of the segment before
	newest *conn
	oldest *conn
}

func (t *table) init(limit int) {
	t.conns, t.limit = map[flow]*conn{}, limit
}

// find returns the connection of key, nil if there is none, and makes it the
// newest.
func (t *table) find(key *flow) *conn {
	if t.last != nil && t.last.key == *key {
		return t.last
	}
	c := t.conns[*key]
	if c != nil && c != t.newest {
		t.unlink(c)
		t.push(c)
	}
	if c != nil {
		t.last = c
	}
	return c
}

func (t *table) add(c *conn) {
	t.conns[c.key] = c
	t.push(c)
	t.last = c
}

func (t *table) remove(c *conn) {
	delete(t.conns, c.key)
	t.unlink(c)
	if t.last == c {
		t.last = nil
	}
}

func (t *table) push(c *conn) {
	c.older, c.newer = t.newest, nil
	if t.newest != nil {
		t.newest.newer = c
	} else {
		t.oldest = c
	}
	t.newest = c
}

func (t *table) unlink(c *conn) {
	if c.newer != nil {
		c.newer.older = c.older
	} else {
		t.newest = c.older
	}
	if c.older != nil {
		c.older.newer = c.newer
	} else {
		t.oldest = c.newer
	}
	c.newer, c.older = nil, nil
}
