package flow

import "mqttlab/mqttcore/packet"

// exchange is what goes on under one Packet Identifier of one side: a message
// with QoS 1 or 2, a SUBSCRIBE or an UNSUBSCRIBE. It is kept after its end,
// until the identifier is used again, so that a late repetition is understood.
type exchange struct {
	state    state
	qos      packet.QoS
	counted  bool   // against Receive Maximum
	foreign  bool   // its beginning was not seen
	repeated bool   // sent more than once
	lost     bool   // its Topic Alias stood for nothing
	sends    int    // how often its first packet was sent
	answers  int    // how often that was answered
	first    int    // the index of its first packet, if not foreign
	last     int    // the index of the packet that led to the state
	sequence int    // of its first packet among all, and then of its PUBREC
	content  uint64 // a hash of the message
	request  *request
}

// state is how far an exchange is.
type state uint8

const (
	idle state = iota
	awaitsPuback
	awaitsPubrec
	awaitsPubrel
	awaitsPubcomp
	ended1  // QoS 1, by PUBACK
	ended2  // QoS 2, by PUBCOMP
	refused // QoS 2, by a PUBREC with a Reason Code of 0x80 or more
	awaitsSuback
	awaitsUnsuback
	endedRequest
	stateCount
)

func (s state) underWay() bool {
	return s >= awaitsPuback && s <= awaitsPubcomp || s == awaitsSuback || s == awaitsUnsuback
}

func (s state) message() bool { return s >= awaitsPuback && s <= refused }

// step is one transition: where an acknowledgement leads, which packet it
// answers, and what is wrong with it, if anything.
type step struct {
	to      state
	answers packet.Type // 0: nothing that was seen
	wrong   check       // firstPacket, the zero check: nothing
}

// The acknowledgements by column.
const (
	onPuback = iota
	onPubrec
	onPubrel
	onPubcomp
	eventCount
)

// steps is the whole of sections 4.3.2 and 4.3.3, as seen from the wire. A
// repeated PUBREC and PUBREL are no breach: the packet that they answer may
// have been repeated, too.
var steps = [stateCount][eventCount]step{
	idle: {
		onPuback:  {idle, 0, ackUnknown},
		onPubrec:  {awaitsPubrel, 0, ackUnknown},
		onPubrel:  {awaitsPubcomp, 0, pubrelWithoutPubrec},
		onPubcomp: {idle, 0, ackUnknown},
	},
	awaitsPuback: {
		onPuback:  {ended1, packet.PUBLISH, 0},
		onPubrec:  {awaitsPuback, 0, wrongAck},
		onPubrel:  {awaitsPuback, 0, pubrelWithoutPubrec},
		onPubcomp: {awaitsPuback, 0, wrongAck},
	},
	awaitsPubrec: {
		onPuback:  {awaitsPubrec, 0, wrongAck},
		onPubrec:  {awaitsPubrel, packet.PUBLISH, 0},
		onPubrel:  {awaitsPubcomp, 0, pubrelWithoutPubrec},
		onPubcomp: {awaitsPubrec, 0, pubcompWithoutPubrel},
	},
	awaitsPubrel: {
		onPuback:  {awaitsPubrel, 0, wrongAck},
		onPubrec:  {awaitsPubrel, packet.PUBLISH, 0},
		onPubrel:  {awaitsPubcomp, packet.PUBREC, 0},
		onPubcomp: {awaitsPubrel, 0, pubcompWithoutPubrel},
	},
	awaitsPubcomp: {
		onPuback:  {awaitsPubcomp, 0, wrongAck},
		onPubrec:  {awaitsPubcomp, packet.PUBLISH, 0},
		onPubrel:  {awaitsPubcomp, 0, 0},
		onPubcomp: {ended2, packet.PUBREL, 0},
	},
	ended1: {
		onPuback:  {ended1, packet.PUBLISH, ackTwice},
		onPubrec:  {ended1, 0, wrongAck},
		onPubrel:  {ended1, 0, pubrelWithoutPubrec},
		onPubcomp: {ended1, 0, ackUnknown},
	},
	ended2: {
		onPuback:  {ended2, 0, wrongAck},
		onPubrec:  {ended2, packet.PUBLISH, 0},
		onPubrel:  {awaitsPubcomp, 0, 0},
		onPubcomp: {ended2, 0, ackTwice},
	},
	refused: {
		onPuback:  {refused, 0, wrongAck},
		onPubrec:  {refused, packet.PUBLISH, 0},
		onPubrel:  {awaitsPubcomp, 0, pubrelWithoutPubrec},
		onPubcomp: {refused, 0, pubcompWithoutPubrel},
	},
	awaitsSuback:   onlyRequest(awaitsSuback),
	awaitsUnsuback: onlyRequest(awaitsUnsuback),
	endedRequest:   onlyRequest(endedRequest),
}

// onlyRequest: the identifier is that of a SUBSCRIBE or UNSUBSCRIBE, which
// no acknowledgement of a message answers.
func onlyRequest(s state) (row [eventCount]step) {
	for i := range row {
		row[i] = step{s, 0, ackUnknown}
	}
	return row
}

// fits says whether the step is one of an exchange as it should be.
func (s step) fits() bool { return s.answers != 0 && s.wrong == 0 }

// anew returns the record for an exchange that begins under an identifier, in
// place of the one before, which is nil if there is none.
func (c *Conn) anew(by packet.Party, id uint16, before *exchange) *exchange {
	if before != nil {
		return before
	}
	e := new(exchange)
	c.exchanges[by][id] = e
	return e
}

func event(t packet.Type) int { return int(t - packet.PUBACK) }

// exchangeOf finds the exchange that an acknowledgement belongs to, and who
// began it. Without a direction it is the only one that fits.
func (c *Conn) exchangeOf(p *packet.Ack) (*exchange, packet.Party) {
	if c.from != 0 {
		begun := other(c.from)
		if p.Kind == packet.PUBREL {
			begun = c.from
		}
		if e := c.exchanges[begun][p.PacketID]; e != nil {
			return e, begun
		}
		// It may answer a PUBLISH of unknown direction, if it fits.
		if e := c.exchanges[0][p.PacketID]; e != nil && steps[e.state][event(p.Kind)].fits() {
			return e, begun
		}
		return nil, begun
	}
	var found *exchange
	var party packet.Party
	for i := range c.exchanges {
		e := c.exchanges[i][p.PacketID]
		if e == nil || !steps[e.state][event(p.Kind)].fits() {
			continue
		}
		if found != nil {
			return nil, 0
		}
		found, party = e, packet.Party(i)
	}
	return found, party
}

// acknowledge takes a PUBACK, PUBREC, PUBREL or PUBCOMP.
func (c *Conn) acknowledge(p *packet.Ack) {
	e, begun := c.exchangeOf(p)
	if e == nil && c.from == 0 {
		return
	}
	if e == nil {
		e = &exchange{foreign: true}
		if p.Kind == packet.PUBREC || p.Kind == packet.PUBREL {
			e.qos = 2
			c.exchanges[begun][p.PacketID] = e
		}
	}
	if begun != 0 && c.exchanges[0][p.PacketID] == e { // now it is known who began it
		delete(c.exchanges[0], p.PacketID)
		c.exchanges[begun][p.PacketID] = e
	}
	s := steps[e.state][event(p.Kind)]
	refusing := p.Kind == packet.PUBREC && p.Code >= 0x80
	if refusing && s.to == awaitsPubrel {
		s.to = refused // [MQTT-4.3.3-4]: no PUBREL follows
	}
	c.judgeAck(p, e, s, begun)
	if e.lost && s.answers == packet.PUBLISH && p.Code < 0x80 {
		c.blame(aliasCarried, Place{}, "type", p.Kind.String(), "to", number(e.first))
	}
	switch {
	case s.answers == packet.PUBLISH && !e.foreign:
		c.result.answers(e.first, s.answers)
		e.answers++
	case s.answers != 0 && s.answers != packet.PUBLISH:
		c.result.answers(e.last, s.answers)
	}
	if s.to == e.state {
		c.result.Again = s.wrong == 0 || s.wrong == ackTwice
		c.part(e, p.PacketID, begun)
		return
	}
	e.state, e.last = s.to, c.seen.Index
	c.settle(e, begun)
	if p.Kind == packet.PUBREC {
		c.sequence++
		e.sequence = c.sequence
	}
	c.part(e, p.PacketID, begun)
}

// judgeAck blames what is wrong with an acknowledgement.
func (c *Conn) judgeAck(p *packet.Ack, e *exchange, s step, begun packet.Party) {
	wrong := s.wrong
	args := func() []string { return []string{"type", p.Kind.String(), "id", number(p.PacketID)} }
	// An exchange of an earlier connection of the Session goes on in this one.
	resumed := e.foreign && !c.knowsSession(begun)
	switch {
	case wrong == 0:
		c.checkOrder(p, e)
	case resumed, p.Kind == packet.PUBREL && p.Code == packet.PacketIdentifierNotFound, wrong == ackTwice && e.answers < e.sends:
	case wrong == wrongAck:
		c.blame(wrongAck, Place{}, append(args(), "qos", number(e.qos), "to", number(e.first), "right", ackFor(e.qos).String())...)
	default:
		c.blame(wrong, field(packet.FieldPacketID), args()...)
	}
}

func ackFor(qos packet.QoS) packet.Type {
	if qos == 1 {
		return packet.PUBACK
	}
	return packet.PUBREC
}

// knowsSession says whether a side can have no exchange from an earlier
// connection. A Client of 3.1.1 with Clean Session 0 may remember what the
// Server has forgotten.
func (c *Conn) knowsSession(begun packet.Party) bool {
	return c.fresh && (begun == packet.Server || c.opening.clean || c.version == packet.V5)
}

// settle stops counting an exchange that is over.
func (c *Conn) settle(e *exchange, begun packet.Party) {
	if e.counted && !e.state.underWay() {
		e.counted = false
		c.flight[begun]--
	}
}

// latest is the last acknowledgement of its type, by the place in order of
// what it answers.
type latest struct{ sequence, index int }

// checkOrder: a Client acknowledges in the order in which messages came
// [MQTT-4.6.0-2] to [MQTT-4.6.0-4].
func (c *Conn) checkOrder(p *packet.Ack, e *exchange) {
	order := [...]check{pubackOrder, pubrecOrder, pubrelOrder}
	i := event(p.Kind)
	if c.from != packet.Client || i >= len(order) || e.foreign || e.repeated || e.answers > 0 && i != onPubrel || c.version == packet.V31 {
		return
	}
	before := &c.order[i]
	if e.sequence < before.sequence {
		c.blame(order[i], field(packet.FieldPacketID), "type", p.Kind.String(), "id", number(p.PacketID), "to", number(before.index))
		return
	}
	*before = latest{e.sequence, c.seen.Index}
}
