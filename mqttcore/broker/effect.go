package broker

import (
	"slices"

	"mqttlab/mqttcore/packet"
)

// EffectKind says what the caller is to do.
type EffectKind uint8

// The kinds of Effect.
const (
	EffectSend    EffectKind = iota + 1 // send Wire on Conn
	EffectClose                         // close Conn once what was sent has left; no event for it is needed, and none is heard any more
	EffectExplain                       // tell people what was decided
)

// String returns "send", "close" or "explain".
func (k EffectKind) String() string { return [...]string{"", "send", "close", "explain"}[k] }

// Effect is one thing that the Broker wants done. An explanation of a
// decision stands before what it leads to.
type Effect struct {
	Kind        EffectKind
	Type        packet.Type // of a Send
	PacketID    uint16      // of a Send, where its type has one; of an Explain see Said
	Conn        ConnID
	Wire        []byte       // of a Send: one whole Control Packet, never changed again
	Explanation *Explanation // of an Explain; it may be kept, but not changed
}

// Said returns the explanation of an Explain with all that it says. Of many
// that differ in nothing but a Packet Identifier, Explanation is the same one.
func (e *Effect) Said() *Explanation { return e.Explanation.For(e.PacketID) }

// Explanation says what was decided and by which rule. Its text is the
// message Key of package spec, filled in with Args.
type Explanation struct {
	Key          string   `json:"key"`
	Args         []string `json:"args,omitempty"`  // alternating a placeholder's name and its value
	Rules        []string `json:"rules,omitempty"` // statements such as "MQTT-3.1.4-2", or sections such as "§2.2.3"
	Conn         ConnID   `json:"conn,omitempty"`  // whose doing is explained
	Client       string   `json:"client,omitempty"`
	Topic        string   `json:"topic,omitempty"`
	Filter       string   `json:"filter,omitempty"` // topic.Explain(Filter, Topic) says why they match
	PacketID     uint16   `json:"packet_id,omitempty"`
	Target       ConnID   `json:"target,omitempty"` // who is concerned: the receiver of a delivery, the older connection
	TargetClient string   `json:"target_client,omitempty"`
}

// For returns the explanation for a Packet Identifier, which is its placeholder
// "id"; for none, 0, the explanation itself.
func (x *Explanation) For(id uint16) *Explanation {
	if id == 0 {
		return x
	}
	mine := *x
	mine.PacketID = id
	mine.Args = append(slices.Clone(x.Args), "id", number(int(id)))
	return &mine
}

// explain yields an explanation under the rules of version v. Callers ask
// b.cfg.Explain first, so that nothing is built in vain.
func (b *Broker) explain(v packet.Version, e Explanation, args ...string) {
	if b.explained >= b.cfg.MaxExplained {
		b.explained++
		return
	}
	b.yield(b.keep(v, &e, args))
}

// said ends an event. What was not explained, because it would have been too
// much, is told by its number.
func (b *Broker) said() []Effect {
	if n := b.explained - b.cfg.MaxExplained; n > 0 && b.cfg.Explain {
		e := Explanation{Key: keyMore}
		for i := len(b.effects) - 1; i >= 0; i-- {
			if x := b.effects[i].Explanation; x != nil {
				e.Conn, e.Client = x.Conn, x.Client
				break
			}
		}
		b.yield(b.keep(packet.V5, &e, []string{"count", number(n)}))
	}
	return b.effects
}

// yield adds an explanation to the effects.
func (b *Broker) yield(x *Explanation) {
	b.explained++
	b.effects = append(b.effects, Effect{Kind: EffectExplain, Conn: x.Conn, Explanation: x})
}

// Explanations and their arguments are allocated many at a time: there are
// several to each packet. The first slabs are smaller, since a Broker may live
// for one packet only.
const (
	explanationSlab = 32
	argumentSlab    = 256
)

// keep makes an explanation that may be kept.
func (b *Broker) keep(v packet.Version, e *Explanation, args []string) *Explanation {
	if len(b.explanations) == cap(b.explanations) {
		b.explanations = make([]Explanation, 0, min(explanationSlab, max(4, 2*cap(b.explanations))))
	}
	b.explanations = append(b.explanations, *e)
	x := &b.explanations[len(b.explanations)-1]
	if n := len(args); n > 0 {
		if cap(b.arguments)-len(b.arguments) < n {
			b.arguments = make([]string, 0, max(min(argumentSlab, max(32, 2*cap(b.arguments))), n))
		}
		start := len(b.arguments)
		b.arguments = append(b.arguments, args...)
		x.Args = b.arguments[start:len(b.arguments):len(b.arguments)]
	}
	if x.Rules == nil {
		x.Rules = rulesOf(x.Key, v)
	}
	return x
}

// about begins an explanation of what c did.
func about(c *conn, key string) Explanation {
	e := Explanation{Key: key, Conn: c.id}
	if c.session != nil {
		e.Client = c.session.id
	}
	return e
}

func (b *Broker) sendWire(c *conn, t packet.Type, id uint16, wire []byte) {
	if c.maxPacket > 0 && len(wire) > int(c.maxPacket) { // [5.0: MQTT-3.1.2-24]; PUBLISH was looked at before
		if b.cfg.Explain {
			b.explain(c.version, about(c, keyTooLargeAnswer), "type", t.String(), "bytes", number(len(wire)), "max", number(int(c.maxPacket)))
		}
		return
	}
	b.effects = append(b.effects, Effect{Kind: EffectSend, Type: t, PacketID: id, Conn: c.id, Wire: wire})
}

func (b *Broker) send(c *conn, p packet.Packet, id uint16) {
	b.sendWire(c, p.Type(), id, b.encode(p, c.version, 256))
}

func (b *Broker) ack(c *conn, t packet.Type, id uint16, code packet.ReasonCode) {
	b.ackPacket = packet.Ack{Kind: t, PacketID: id, Code: code}
	b.sendWire(c, t, id, b.encode(&b.ackPacket, c.version, 8))
}

// slabSize is how many bytes of outgoing packets are allocated at a time.
const slabSize = 16 << 10

// encode writes a packet of about size bytes into memory that is not used again.
func (b *Broker) encode(p packet.Packet, v packet.Version, size int) []byte {
	b.reserve(size)
	start := len(b.slab)
	out, err := packet.Append(b.slab, p, v)
	if err != nil {
		return nil // no packet that the Broker makes is longer than one it received
	}
	b.slab = out
	return out[start:len(out):len(out)]
}

func (b *Broker) reserve(size int) {
	if cap(b.slab)-len(b.slab) < size {
		b.slab = make([]byte, 0, max(size, min(slabSize, max(256, 2*cap(b.slab)))))
	}
}

// copyWire returns a copy of wire in memory that is not used again.
func (b *Broker) copyWire(wire []byte) []byte {
	b.reserve(len(wire))
	start := len(b.slab)
	b.slab = append(b.slab, wire...)
	return b.slab[start:len(b.slab):len(b.slab)]
}
