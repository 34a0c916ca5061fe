package broker

import (
	"time"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/topic"
)

// ConnID names a network connection. The caller chooses it; it is not 0 and
// not used twice in the life of a Broker.
type ConnID uint64

// Broker is an MQTT Server. Its methods are the events; each returns the
// effects in order, in a slice that is valid until the next call.
type Broker struct {
	cfg           Config
	conns         map[ConnID]*conn
	sessions      map[string]*session
	subs          topic.Index[*session, *subscription]
	shared        topic.Index[string, *group] // by filter and ShareName
	retained      topic.Store[*retained]
	retainedBytes int
	pendingBytes  int         // the cost of all messages in all outbounds
	filterBytes   int         // of all Subscriptions
	keptBytes     int         // of Client Identifiers, Wills and the topics of aliases
	dying         int         // Sessions that have ended, with Subscriptions still in the index
	away          sessionList // whose Clients are
	timers        timerQueue
	sequence      uint64 // counts whatever must have an order
	assigned      uint64 // Client Identifiers given by the Server

	effects      []Effect
	changes      []Record
	slab         []byte
	explanations []Explanation // a slab of them
	arguments    []string      // a slab of their Args
	explained    int           // in this event
	repeats      repeats
	lent         int // deliveries of messages in the bytes they came in

	// Scratch space.
	targets    []target
	stored     []*retained
	message    message
	outPublish packet.Publish
	ackPacket  packet.Ack
	spare      *delivery // a list, by next
	spares     int
	newAlias   bool // the PUBLISH encoded last gives a topic its alias
}

// maxSpares is how many deliveries are kept to be used again.
const maxSpares = 4096

// New returns a Server without Sessions.
func New(cfg Config) *Broker {
	return &Broker{
		cfg:      cfg.withDefaults(),
		conns:    make(map[ConnID]*conn),
		sessions: make(map[string]*session),
	}
}

// begins makes room for the effects of an event.
func (b *Broker) begins() {
	if cap(b.effects) > maxKeptEffects {
		b.effects = nil // it would keep what was sent in memory
	}
	b.effects = b.effects[:0]
	b.explained = 0
	if cap(b.changes) > maxKeptEffects {
		b.changes = nil
	}
	clear(b.changes)
	b.changes = b.changes[:0]
}

const maxKeptEffects = 4096

// SetExplain switches explanations on or off. Nothing else depends on them but
// Reason Strings.
func (b *Broker) SetExplain(on bool) { b.cfg.Explain = on }

// Config returns the configuration with its defaults filled in.
func (b *Broker) Config() Config { return b.cfg }

// Open tells that a network connection exists.
func (b *Broker) Open(now time.Time, id ConnID) []Effect {
	b.begins()
	if b.conns[id] != nil {
		return nil
	}
	c := &conn{id: id, heard: now}
	c.timer = timer{kind: timerConn, conn: c}
	b.conns[id] = c
	if b.cfg.ConnectTimeout > 0 {
		b.schedule(&c.timer, now.Add(b.cfg.ConnectTimeout))
	}
	return b.said()
}

// Receive tells that a packet came. Its strings and payload may alias wire,
// the bytes it was read from, which must stay as they are: the Broker keeps
// them as long as it needs them. The packet itself is not kept.
func (b *Broker) Receive(now time.Time, id ConnID, p packet.Packet, wire []byte) []Effect {
	b.begins()
	c := b.conns[id]
	if c == nil {
		return nil
	}
	c.heard = now
	if c.session == nil {
		if connect, ok := p.(*packet.Connect); ok {
			b.connect(now, c, connect)
		} else {
			b.refuseFirst(c, p.Type())
		}
		return b.said()
	}
	switch p := p.(type) {
	case *packet.Publish:
		b.publish(now, c, p, wire)
	case *packet.Ack:
		b.acknowledged(now, c, p)
	case *packet.Subscribe:
		b.subscribe(now, c, p)
	case *packet.Unsubscribe:
		b.unsubscribe(c, p)
	case *packet.Ping:
		if p.Kind != packet.PINGREQ {
			b.refuseDirection(now, c, p.Kind)
			break
		}
		if b.cfg.Explain {
			b.explain(c.version, about(c, keyPing))
		}
		b.sendWire(c, packet.PINGRESP, 0, pingresp)
	case *packet.Disconnect:
		b.disconnect(now, c, p)
	case *packet.Connect:
		b.refuseSecond(now, c)
	case *packet.Auth:
		b.refuseAuth(now, c)
	default:
		b.refuseDirection(now, c, p.Type())
	}
	return b.said()
}

var pingresp = []byte{byte(packet.PINGRESP) << 4, 0}

// Fault tells that what came could not be decoded [MQTT-4.8.0-1].
func (b *Broker) Fault(now time.Time, id ConnID, f *packet.Fault) []Effect {
	b.begins()
	if c := b.conns[id]; c != nil {
		b.refuseFault(now, c, f)
	}
	return b.said()
}

// Closed tells that a network connection ended without the Broker's doing.
func (b *Broker) Closed(now time.Time, id ConnID, cause Cause) []Effect {
	b.begins()
	if c := b.conns[id]; c != nil {
		if b.cfg.Explain {
			b.explain(c.version, about(c, keyConnectionLost), "cause", cause.String())
		}
		b.ended(now, c)
	}
	return b.said()
}

// Drop makes the Server end a connection for a reason of its own.
func (b *Broker) Drop(now time.Time, id ConnID, cause Cause) []Effect {
	b.begins()
	if c := b.conns[id]; c != nil {
		if b.cfg.Explain {
			b.explain(c.version, about(c, keyConnectionDropped), "cause", cause.String())
		}
		b.hangUp(now, c, cause.code())
	}
	return b.said()
}

// Tick tells the time. It does what is due by now, or a piece of it: Next then
// says that more is due at once.
func (b *Broker) Tick(now time.Time) []Effect {
	b.begins()
	for {
		t := b.timers.due(now)
		if t == nil {
			return b.said()
		}
		b.unschedule(t)
		switch t.kind {
		case timerConn:
			b.silent(now, t.conn)
		case timerExpiry:
			b.expireSession(now, t.session)
		case timerWill:
			b.willDelayOver(now, t.session)
		case timerRetained:
			b.expireRetained(t.retained)
		case timerForget:
			b.forgetSubscriptions(now, t.session)
			return b.said()
		case timerRecall:
			b.recall(now, t.session)
			return b.said() // what else is due follows with the next Tick
		}
	}
}

// Next returns when Tick is next due, and false if nothing is waiting. Tick
// may then find that there is nothing to do yet.
func (b *Broker) Next() (time.Time, bool) {
	if len(b.timers) == 0 {
		return time.Time{}, false
	}
	return b.timers[0].due, true
}
