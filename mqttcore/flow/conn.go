package flow

import (
	"strings"

	"mqttlab/mqttcore/packet"
)

// Options say what is known of a connection beforehand.
type Options struct {
	Version packet.Version // until a CONNECT says it; 0: 3.1.1
	// Whole: every packet of both sides is there, from the first byte of the
	// connection on. Then a packet that is missing is an error of its sender.
	Whole bool
	// Connected, if known, says whether the client of the packets was accepted
	// before the first of them. If it was, that need not be a CONNECT.
	Connected *bool
}

// Conn is one connection. It keeps a bounded memory: a small record for each
// Packet Identifier in use and at most a mebibyte of topics and filters.
type Conn struct {
	options Options
	version packet.Version
	budget  int // bytes of text that may still be kept
	count   int // packets seen

	begun    bool    // the CONNECT was seen
	gap      bool    // something before could not be read
	mixed    bool    // packets of another connection may be among these
	rival    bool    // an earlier CONNECT waits for a CONNACK, too
	heard    [3]bool // by Party: it has sent something
	opening  opening
	answered bool      // a CONNACK was seen
	early    bool      // the server sent something before it, which is said once
	opened   bool      // the CONNACK accepted
	refused  bool      // the CONNACK refused
	fresh    bool      // the server began a new Session
	closed   [3]bool   // by Party: it has sent DISCONNECT
	failed   [3]bool   // by Party: it has, with a Reason Code of 0x80 or more
	limits   [3]limits // by Party: what it has said it takes
	server   features

	exchanges  [3]map[uint16]*exchange // by Party that began them; 0: not known
	flight     [3]int                  // by Party: messages that count against Receive Maximum
	sequence   int                     // numbers messages and PUBRECs in order
	order      [3]latest               // PUBACK, PUBREC, PUBREL of the client
	resent     [maxRounds]latest       // of the client, by how often a message was sent again
	pings      []int                   // PINGREQs without an answer
	aliases    [3]map[uint16]alias     // by the Party that sets them
	filters    filters
	aliasWrong [3]bool // by Party: it has used one that it may not
	offence    offence
	held       [3]held // by the Party whose answer it is
	asksAbove  bool    // a SUBSCRIBE asked for more than Maximum QoS
	wentAbove  bool    // a PUBLISH had more
	strange    bool    // Session Present 1 for a client that has no Session
	reauth     bool    // authenticates again
	clock      clock

	// Of the packet in hand.
	seen   Seen
	from   packet.Party
	result Result
	lost   bool // its Topic Alias stands for nothing
}

// maxText is how much of topics and filters a Conn keeps.
const maxText = 1 << 20

// New returns a connection of which nothing is known yet.
func New(o Options) *Conn {
	c := &Conn{options: o, version: o.Version, budget: maxText}
	if c.version == 0 {
		c.version = packet.V311
	}
	c.limits[packet.Client] = noLimits
	c.limits[packet.Server] = noLimits
	c.server = allFeatures
	for i := range c.exchanges {
		c.exchanges[i] = map[uint16]*exchange{}
		c.aliases[i] = map[uint16]alias{}
	}
	return c
}

// Add takes the connection's next packet. p may be overwritten afterwards.
func (c *Conn) Add(index int, from packet.Party, p packet.Packet) Result {
	return c.See(Seen{Index: index, From: from, Packet: p})
}

// Gap says that some bytes are missing before the next packet.
func (c *Conn) Gap() { c.gap = true }

// See takes the connection's next packet with all that is known of it.
func (c *Conn) See(s Seen) Result {
	if s.Packet != nil {
		s.Type = s.Packet.Type()
	}
	if s.Version != 0 {
		c.version = s.Version
	}
	c.seen, c.from, c.lost = s, s.From, false
	c.count++
	if s.Packet == nil {
		c.unreadable()
	} else if s.Type.MaySend(s.From, c.version) { // else a finding of its own, and no part of any exchange
		c.take(&s)
	}
	r := c.result
	c.seen, c.result = Seen{}, Result{}
	return r
}

// take takes a packet that reads well from a side that may send it.
func (c *Conn) take(s *Seen) {
	c.from = c.deduce(s.From, s.Packet)
	c.result.From = c.from
	c.ordinary()
	c.keepTime()
	flight := c.flight
	c.handle(s.Packet)
	c.watchQuota(flight)
	c.checkStillOpen()
	c.checkSize(s.Packet)
	c.heard[c.from] = true
}

// unreadable takes a packet that breaks the grammar. What it said is not
// known, so nothing that may hang on it is held against anyone.
func (c *Conn) unreadable() {
	if c.count == 1 && c.seen.Type != packet.CONNECT {
		c.noConnect()
	}
	if c.seen.Type == packet.CONNECT && c.count == 1 {
		c.begun = true
		c.opening = opening{index: c.seen.Index, broken: true, fault: c.seen.Fault}
	}
	if c.seen.From == packet.Client || c.seen.From == 0 && c.seen.Type.Sender(c.version) == packet.Client {
		c.offend()
	}
	c.gap = true
}

func (c *Conn) handle(p packet.Packet) {
	switch p := p.(type) {
	case *packet.Connect:
		c.connect(p)
	case *packet.Connack:
		c.connack(p)
	case *packet.Publish:
		c.publish(p)
	case *packet.Ack:
		c.problemInformation(p.Properties)
		c.acknowledge(p)
	case *packet.Subscribe:
		c.subscribe(p)
	case *packet.Suback:
		c.problemInformation(p.Properties)
		c.suback(p)
	case *packet.Unsubscribe:
		c.unsubscribe(p)
	case *packet.Unsuback:
		c.problemInformation(p.Properties)
		c.unsuback(p)
	case *packet.Ping:
		c.ping(p)
	case *packet.Disconnect:
		c.disconnect(p)
	case *packet.Auth:
		c.problemInformation(p.Properties)
		c.authenticate(p)
	}
}

// blame adds a finding, if it is certain enough to be said.
func (c *Conn) blame(k check, at Place, args ...string) {
	row := &checks[k]
	if k.rule(c.version, c.from) == "" && k != propertyTooLarge {
		return // not a rule of this version
	}
	f := k.finding(c.version, c.from, at, args)
	whole := c.options.Whole && !c.gap
	switch {
	case row.absent && (!c.begun || c.gap || c.mixed || c.from == 0):
		return
	case row.absent && !whole && !c.opened && !c.refused && k != connackFirst:
		return
	case row.absent && !whole, c.mixed:
		f.Unsure = true
		f.Severity = max(f.Severity, Warning)
	}
	if k == connackFirst && f.Unsure {
		f.Severity = Note // CONNACK is what people leave out first
	}
	c.result.Findings = append(c.result.Findings, f)
}

// keep returns a copy of s to hold on to, and false if there is no room left.
func (c *Conn) keep(s string) (string, bool) {
	const overhead = 64
	if len(s)+overhead > c.budget {
		return "", false
	}
	c.budget -= len(s) + overhead
	return clone(s), true
}

// drop gives back the room of a text.
func (c *Conn) drop(s string) { c.budget += len(s) + 64 }

func clone(s string) string { return strings.Clone(s) }
