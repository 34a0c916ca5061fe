package broker_test

import (
	"bytes"
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/topic"
)

// TestDeliveryAgainstModel lets clients that keep the protocol publish and
// subscribe over connections that break at any moment, with acknowledgements
// late and out of order, and holds what arrives against the promises of
// section 4.3: QoS 2 exactly once, QoS 1 at least once, QoS 0 at most once,
// each in the order of publishing [MQTT-4.6.0-6]. In half of the runs the
// Broker itself stops at any moment and begins anew from what was kept.
//
// It takes 10,000 seeds, 400 with -short; -rapid.checks sets a quarter of
// another number.
func TestDeliveryAgainstModel(t *testing.T) {
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue && !testing.Short() {
		flag.Set("rapid.checks", "2500")
		t.Cleanup(func() { flag.Set("rapid.checks", checks.DefValue) })
	}
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) { newWorld(t).play() })
		})
	}
}

type world struct {
	t       *rapid.T
	b       *broker.Broker
	twin    *broker.Broker // hears the same and explains everything
	now     time.Time
	last    broker.ConnID
	clients []*client
	byConn  map[broker.ConnID]*client
	sent    []*sending

	durable *disk // nil: the Broker never stops
}

// sending is a message that an application handed to its client.
type sending struct {
	from    *client
	topic   string
	qos     packet.QoS
	number  int // its payload
	id      uint16
	tried   bool // was on the wire at least once
	release bool // PUBREC came
	done    bool
}

// client keeps the rules for clients of one persistent Session.
type client struct {
	name     string
	version  packet.Version
	subs     []packet.Subscription
	conn     broker.ConnID // 0: no connection
	up, down [][]byte      // on their way to and from the Broker
	late     [][]byte      // acknowledgements not yet sent
	decoder  packet.Decoder
	nextID   uint16
	pending  []*sending        // not acknowledged to the end, in order
	held     map[uint16]bool   // QoS 2 from the Broker, until PUBREL
	open     map[uint16][]byte // by Packet Identifier: what the Broker has under way; nil payload past PUBREC
	received []receipt
}

type receipt struct {
	number int
	qos    packet.QoS
}

var modelTopics = []string{"t/1", "t/2", "u"}

func newWorld(t *rapid.T) *world {
	cfg := broker.Config{ConnectTimeout: -1, MaxInflight: rapid.SampledFrom([]int{0, 1, 2, 5}).Draw(t, "inflight")}
	durable := rapid.Bool().Draw(t, "durable")
	cfg.Durable = durable
	explaining := cfg
	explaining.Explain = true
	w := &world{t: t, b: broker.New(cfg), twin: broker.New(explaining), now: time.Unix(0, 0), byConn: map[broker.ConnID]*client{}}
	if durable {
		w.durable = newDisk(cfg, explaining)
	}
	for i := range rapid.IntRange(2, 3).Draw(t, "clients") {
		c := &client{
			name: fmt.Sprint("c", i), version: rapid.SampledFrom(packet.Versions).Draw(t, "version"),
			held: map[uint16]bool{}, open: map[uint16][]byte{},
		}
		for _, filter := range []string{"t/+", "t/1", "#", "u"} {
			if rapid.Bool().Draw(t, filter) {
				c.subs = append(c.subs, packet.Subscription{Filter: filter, QoS: packet.QoS(rapid.IntRange(0, 2).Draw(t, "qos"))})
			}
		}
		w.clients = append(w.clients, c)
		w.connect(c)
		if len(c.subs) > 0 {
			c.send(&packet.Subscribe{PacketID: 60_000, Subscriptions: c.subs})
		}
		w.drain(c)
	}
	return w
}

func (w *world) play() {
	for range rapid.IntRange(1, 120).Draw(w.t, "steps") {
		c := w.clients[rapid.IntRange(0, len(w.clients)-1).Draw(w.t, "client")]
		switch rapid.IntRange(0, 13).Draw(w.t, "do") {
		case 0, 1, 2:
			w.publish(c)
		case 3, 4:
			w.toBroker(c)
		case 5, 6, 7:
			w.toClient(c)
		case 8, 9:
			c.acknowledge(w.t)
		case 10:
			if rapid.Bool().Draw(w.t, "cut") {
				w.cut(c)
			} else {
				w.connect(c) // takes over if there is a connection
			}
		case 11:
			w.now = w.now.Add(time.Second)
			w.twin = w.twin.Clone() // which goes on just as well
			w.effects(w.b.Tick(w.now), w.twin.Tick(w.now))
		case 12:
			w.commit()
		case 13:
			w.restart()
		}
	}
	w.restart()
	// Everything that broke is mended, and everybody says all.
	for _, c := range w.clients {
		w.cut(c)
		w.connect(c)
	}
	for range 50 {
		for _, c := range w.clients {
			w.drain(c)
		}
	}
	if w.durable != nil {
		w.sameAgain()
	}
	w.check()
}

func (w *world) check() {
	st := w.b.State()
	for _, s := range st.Sessions {
		if len(s.Inflight) > 0 || s.QueuedCount > 0 || len(s.Held) > 0 {
			w.t.Fatalf("%s does not come to rest: %+v", s.Client, s)
		}
	}
	for _, c := range w.clients {
		count := map[int]int{}
		newest := map[string]int{}
		for _, r := range c.received {
			m := w.sent[r.number]
			want, ok := c.effective(m)
			if !ok || r.qos != want {
				w.t.Fatalf("%s got message %d for %s with QoS %d, should %d %v", c.name, r.number, m.topic, r.qos, want, ok)
			}
			// A QoS 1 message may be published twice, and with QoS 0 the first
			// copy may be lost: only then may an older one come after a newer.
			if count[r.number]++; count[r.number] == 1 && (want > 0 || m.qos != 1) {
				stream := fmt.Sprint(m.from.name, m.topic, m.qos)
				if r.number < newest[stream] {
					w.t.Fatalf("%s got message %d after %d", c.name, r.number, newest[stream])
				}
				newest[stream] = r.number
			}
		}
		for _, m := range w.sent {
			if !m.done {
				w.t.Fatalf("message %d of %s with QoS %d was never acknowledged", m.number, m.from.name, m.qos)
			}
			want, ok := c.effective(m)
			n := count[m.number]
			switch {
			case !ok:
			case want == 2 && n != 1, want == 1 && n < 1, want == 0 && m.qos != 1 && n > 1:
				w.t.Fatalf("%s got message %d, QoS %d, %d times", c.name, m.number, want, n)
			}
		}
	}
}

// effective returns the QoS at which c should get m.
func (c *client) effective(m *sending) (qos packet.QoS, ok bool) {
	for _, s := range c.subs {
		if topic.Match(s.Filter, m.topic) {
			qos, ok = max(qos, s.QoS), true
		}
	}
	return min(qos, m.qos), ok
}

func (w *world) publish(c *client) {
	if c.conn == 0 || len(c.pending) > 10 {
		return
	}
	m := &sending{
		from: c, topic: rapid.SampledFrom(modelTopics).Draw(w.t, "topic"),
		qos: packet.QoS(rapid.IntRange(0, 2).Draw(w.t, "qos")), number: len(w.sent),
	}
	w.sent = append(w.sent, m)
	if m.qos == 0 {
		m.done = true
	} else {
		for used := true; used; { // [MQTT-2.3.1-2]
			c.nextID = c.nextID%12 + 1
			used = slices.ContainsFunc(c.pending, func(m *sending) bool { return m.id == c.nextID })
		}
		m.id = c.nextID
		c.pending = append(c.pending, m)
	}
	c.sendMessage(m)
}

func (c *client) sendMessage(m *sending) {
	c.send(&packet.Publish{Topic: m.topic, QoS: m.qos, PacketID: m.id, Dup: m.tried && m.qos > 0, Payload: fmt.Append(nil, m.number)})
	m.tried = true
}

func (c *client) send(p packet.Packet) {
	b, err := packet.Append(nil, p, c.version)
	if err != nil {
		panic(err)
	}
	c.up = append(c.up, b)
}

func (w *world) connect(c *client) {
	if c.conn != 0 {
		c.up, c.down, c.late = nil, nil, nil // the older connection is dead for the client
	}
	w.last++
	c.conn = w.last
	w.byConn[c.conn] = c
	c.decoder = packet.Decoder{Version: c.version}
	w.effects(w.b.Open(w.now, c.conn), w.twin.Open(w.now, c.conn))
	p := packet.NewConnect(c.version)
	p.ClientID = c.name
	if c.version == packet.V5 {
		p.Properties = packet.Properties{{ID: packet.SessionExpiryInterval, Number: 1<<32 - 1}, {ID: packet.ReceiveMaximum, Number: 3}, {ID: packet.TopicAliasMaximum, Number: 2}}
	}
	c.send(p)
	for _, m := range c.pending { // [MQTT-4.4.0-1]
		if m.release {
			c.send(&packet.Ack{Kind: packet.PUBREL, PacketID: m.id})
		} else {
			c.sendMessage(m)
		}
	}
}

func (w *world) cut(c *client) {
	if c.conn == 0 {
		return
	}
	id := c.conn
	c.conn, c.up, c.down, c.late = 0, nil, nil, nil
	w.effects(w.b.Closed(w.now, id, broker.CauseRST), w.twin.Closed(w.now, id, broker.CauseRST))
}

// toBroker lets one packet reach the Broker.
func (w *world) toBroker(c *client) {
	if c.conn == 0 || len(c.up) == 0 {
		return
	}
	wire := c.up[0]
	c.up = c.up[1:]
	d := packet.Decoder{Version: c.version}
	p, err := d.Decode(wire)
	if err != nil {
		w.t.Fatal(err)
	}
	if ack, ok := p.(*packet.Ack); ok {
		w.later(func() { c.acknowledged(ack.Kind, ack.PacketID) })
	}
	w.effects(w.b.Receive(w.now, c.conn, p, wire), w.twin.Receive(w.now, c.conn, p, wire))
}

// acknowledged is called when the Broker will not forget any more that c
// acknowledged something.
func (c *client) acknowledged(kind packet.Type, id uint16) {
	switch kind {
	case packet.PUBACK, packet.PUBCOMP:
		delete(c.open, id)
	case packet.PUBREC:
		if _, ok := c.open[id]; ok {
			c.open[id] = nil
		}
	}
}

// effects takes what the Broker does, which its explaining twin must do too.
func (w *world) effects(list, twin []broker.Effect) {
	if err := w.b.CheckTotals(); err != nil {
		w.t.Fatal(err)
	}
	why := ""
	for _, e := range twin {
		if e.Kind == broker.EffectExplain {
			x := e.Said()
			why += fmt.Sprintln(x.Key, x.Args)
		}
	}
	twin = slices.DeleteFunc(slices.Clone(twin), func(e broker.Effect) bool { return e.Kind == broker.EffectExplain })
	if len(list) != len(twin) {
		w.t.Fatalf("%d effects, with explanations %d", len(list), len(twin))
	}
	for i, e := range list {
		if e.Kind != twin[i].Kind || e.Conn != twin[i].Conn || !bytes.Equal(e.Wire, twin[i].Wire) {
			w.t.Fatalf("effect %+v, with explanations %+v", e, twin[i])
		}
		w.later(func() { w.happens(e, why) })
	}
	w.keep()
}

// happens lets an effect reach its client.
func (w *world) happens(e broker.Effect, why string) {
	c := w.byConn[e.Conn]
	switch {
	case e.Kind == broker.EffectSend:
		if e.Conn == c.conn {
			c.down = append(c.down, e.Wire)
		}
		w.watch(c, e.Wire)
	case e.Kind == broker.EffectClose && e.Conn == c.conn:
		w.t.Fatalf("the Broker closes %s: %s", c.name, why)
	}
}

// watch checks the Packet Identifiers and DUP of what the Broker sends.
func (w *world) watch(c *client, wire []byte) {
	d := packet.Decoder{Version: c.version}
	p, err := d.Decode(wire)
	if err != nil {
		w.t.Fatal(err)
	}
	m, ok := p.(*packet.Publish)
	if !ok || m.QoS == 0 {
		return
	}
	payload, open := c.open[m.PacketID]
	switch {
	case m.Dup && (!open || !bytes.Equal(payload, m.Payload)):
		w.t.Fatalf("%s: DUP 1 on what was not sent before: %d %s (%s)", c.name, m.PacketID, m.Payload, payload)
	case !m.Dup && open:
		w.t.Fatalf("%s: Packet Identifier %d is in use", c.name, m.PacketID)
	}
	c.open[m.PacketID] = slices.Clone(m.Payload)
}

// toClient lets one packet reach the client.
func (w *world) toClient(c *client) {
	if c.conn == 0 || len(c.down) == 0 {
		return
	}
	wire := c.down[0]
	c.down = c.down[1:]
	p, err := c.decoder.Decode(wire)
	if err != nil {
		w.t.Fatal(err)
	}
	switch p := p.(type) {
	case *packet.Publish:
		c.take(w.t, p)
	case *packet.Ack:
		c.settle(p)
	}
}

func (c *client) take(t *rapid.T, p *packet.Publish) {
	var number int
	if _, err := fmt.Sscan(string(p.Payload), &number); err != nil {
		t.Fatal(err)
	}
	if p.QoS < 2 || !c.held[p.PacketID] {
		c.received = append(c.received, receipt{number, p.QoS})
	}
	switch p.QoS {
	case 1:
		c.reply(packet.PUBACK, p.PacketID)
	case 2:
		c.held[p.PacketID] = true
		c.reply(packet.PUBREC, p.PacketID)
	}
}

func (c *client) settle(p *packet.Ack) {
	i := slices.IndexFunc(c.pending, func(m *sending) bool { return m.id == p.PacketID })
	switch {
	case p.Kind == packet.PUBREL:
		delete(c.held, p.PacketID)
		c.reply(packet.PUBCOMP, p.PacketID)
	case i < 0:
	case p.Kind == packet.PUBREC:
		c.pending[i].release = true
		c.send(&packet.Ack{Kind: packet.PUBREL, PacketID: p.PacketID})
	default:
		c.pending[i].done = true
		c.pending = slices.Delete(c.pending, i, i+1)
	}
}

func (c *client) reply(kind packet.Type, id uint16) {
	b, _ := packet.Append(nil, &packet.Ack{Kind: kind, PacketID: id}, c.version)
	c.late = append(c.late, b)
}

// acknowledge sends one of the late acknowledgements, any of them.
func (c *client) acknowledge(t *rapid.T) {
	if len(c.late) == 0 {
		return
	}
	i := rapid.IntRange(0, len(c.late)-1).Draw(t, "ack")
	c.up = append(c.up, c.late[i])
	c.late = slices.Delete(c.late, i, i+1)
}

// drain moves everything that c has to say and to hear.
func (w *world) drain(c *client) {
	for w.commit(); len(c.up)+len(c.down)+len(c.late) > 0; w.commit() {
		c.up = append(c.up, c.late...)
		c.late = nil
		w.toBroker(c)
		w.toClient(c)
	}
}
