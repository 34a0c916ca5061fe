package flow

import (
	"fmt"

	"mqttlab/mqttcore/packet"
)

// opening is what a CONNECT said.
type opening struct {
	known         bool // false if it was broken or is not there
	broken        bool
	fault         *packet.Fault
	index         int
	clean         bool
	emptyID       bool
	id            string
	hasWill       bool
	willQoS       packet.QoS
	willRetain    bool
	problem       bool // Request Problem Information
	response      bool // Request Response Information
	sessionExpiry uint32
	hasMethod     bool
	method        string // "" too if it is too long to keep
}

func (c *Conn) connect(p *packet.Connect) {
	if c.begun {
		c.blame(secondConnect, Place{})
		c.offend()
		return
	}
	c.version = packet.Version(p.ProtocolLevel)
	c.begun = true
	o := opening{known: true, index: c.seen.Index, clean: p.CleanSession, emptyID: p.ClientID == "", id: clone(p.ClientID),
		hasWill: p.HasWill, willQoS: p.Will.QoS, willRetain: p.Will.Retain, problem: true}
	if n, ok := p.Properties.Number(packet.RequestProblemInformation); ok {
		o.problem = n != 0
	}
	n, _ := p.Properties.Number(packet.RequestResponseInformation)
	o.response = n != 0
	o.sessionExpiry, _ = p.Properties.Number(packet.SessionExpiryInterval)
	if method, ok := p.Properties.Text(packet.AuthenticationMethod); ok {
		o.hasMethod, o.method = true, clone(method)
	}
	c.opening = o
	c.limits[packet.Client] = limitsOf(p.Properties)
	c.clock.keepAlive = p.KeepAlive
}

func (c *Conn) connack(p *packet.Connack) {
	switch {
	case c.answered:
		c.blame(secondConnack, Place{})
		return
	case !c.begun:
		c.answered, c.opened, c.refused = true, false, p.Code != 0
		c.learn(p)
		return
	}
	c.answered = true
	if c.opening.known && !c.rival {
		c.result.answers(c.opening.index, packet.CONNECT)
	}
	if p.Code != 0 {
		c.refused = true
		return
	}
	c.opened = true
	c.learn(p)
	if c.opening.broken {
		c.acceptBroken()
	}
	c.fresh = c.opening.known && (c.opening.clean || !p.SessionPresent && c.version != packet.V31)
	if !c.opening.known {
		return
	}
	if p.SessionPresent && c.opening.clean && c.version != packet.V31 {
		c.blame(sessionPresentClean, field(packet.FieldSessionPresent), "connect", number(c.opening.index))
		c.strange = true
	}
	c.connack5(p)
}

// acceptBroken: the server has accepted a CONNECT that breaks the grammar.
// Elsewhere than in a whole connection that may be a slip of the pen.
func (c *Conn) acceptBroken() {
	if !c.options.Whole {
		return
	}
	k := acceptedBroken
	if f := c.opening.fault; f != nil {
		switch f.Violation {
		case packet.EmptyClientIDNoClean:
			k = acceptedEmptyID
		case packet.ProtocolLevel:
			k = acceptedLevel
		}
	}
	c.blame(k, Place{}, "to", number(c.opening.index))
}

// connack5 checks what a CONNACK of 5.0 owes to the CONNECT.
func (c *Conn) connack5(p *packet.Connack) {
	if c.version != packet.V5 {
		return
	}
	o := &c.opening
	switch _, assigned := p.Properties.Text(packet.AssignedClientIdentifier); {
	case o.emptyID && !assigned:
		c.blame(noAssignedID, Place{})
	case !o.emptyID && assigned:
		c.blame(assignedNeedless, property(packet.AssignedClientIdentifier))
	}
	if o.hasWill && o.willQoS > c.server.maximumQoS {
		c.blame(willQoSTooHigh, property(packet.MaximumQoS), "will", number(o.willQoS), "max", number(c.server.maximumQoS))
	}
	if o.hasWill && o.willRetain && !c.server.retain {
		c.blame(willRetainUnavailable, property(packet.RetainAvailable))
	}
	if _, ok := p.Properties.Text(packet.ResponseInformation); ok && !o.response {
		c.blame(responseUnasked, property(packet.ResponseInformation))
	}
	c.connackMethod(p.Properties)
}

// ordinary checks that a packet comes at a time when its sender may send.
func (c *Conn) ordinary() {
	t, by := c.seen.Type, c.from
	switch {
	case c.count == 1 && t != packet.CONNECT:
		c.noConnect()
	case by != 0 && c.closed[by]:
		c.blame(c.afterClose(by), Place{}, "type", t.String())
	case c.refused && by == packet.Server && t != packet.CONNACK:
		k := afterRefusal
		if c.version == packet.V5 && c.opening.hasMethod {
			k = afterAuthRefusal
		}
		c.blame(k, Place{}, "type", t.String())
	case c.strange && by == packet.Client && t != packet.DISCONNECT:
		c.strange = false // said once
		c.blame(sessionPresentIgnored, Place{}, "type", t.String())
	case c.refused && by == packet.Client && t != packet.CONNECT:
		c.blame(sentToRefuser, Place{}, "type", t.String())
	case by == packet.Server && !c.answered && c.begun && !c.early:
		c.beforeConnack(t)
	case by == packet.Client && !c.answered && c.opening.hasMethod && t != packet.CONNECT && t != packet.AUTH && t != packet.DISCONNECT:
		c.blame(onlyAuthYet, Place{}, "type", t.String())
	}
}

// noConnect speaks of an input's first packet, which is no CONNECT.
func (c *Conn) noConnect() {
	t := c.seen.Type
	if t == 0 || c.gap || t.Sender(c.version) == packet.Server || c.seen.From == packet.Server {
		if c.options.Whole && !c.gap && t == packet.CONNACK {
			c.result.Findings = append(c.result.Findings, connackWithoutConnect.finding(c.version, packet.Server, Place{}, nil))
		}
		return
	}
	connected := c.options.Connected
	if connected != nil && *connected {
		return
	}
	f := firstPacket.finding(c.version, packet.Client, Place{}, []string{"type", t.String()})
	if !c.options.Whole || c.seen.From != packet.Client && t.Sender(c.version) != packet.Client {
		f.Severity, f.Key = Note, "finding.first-packet"
		if connected != nil {
			f.Key = "finding.first-packet.now"
		}
	}
	c.result.Findings = append(c.result.Findings, f)
}

func (c *Conn) beforeConnack(t packet.Type) {
	switch {
	case t == packet.CONNACK || t == packet.AUTH:
		return
	case t == packet.DISCONNECT:
		c.blame(disconnectBeforeConnack, Place{})
	default:
		c.blame(connackFirst, Place{}, "type", t.String())
	}
	c.early = true
}

func (c *Conn) disconnect(p *packet.Disconnect) {
	if c.from != 0 {
		c.closed[c.from] = true
		c.failed[c.from] = p.Code >= 0x80
	}
	switch {
	case c.from == packet.Client && p.Code.ServersOnly():
		c.blame(reasonServerOnly, field(packet.FieldDisconnectReason), "code", codeOf(p.Code), "type", p.Type().String())
	case c.from == packet.Server && p.Code == packet.DisconnectWithWill:
		c.blame(reasonClientOnly, field(packet.FieldDisconnectReason), "code", codeOf(p.Code), "type", p.Type().String())
	}
	c.refusesAlias(p.Code)
	c.refusesQoS(p.Code)
	expiry, ok := p.Properties.Number(packet.SessionExpiryInterval)
	if ok && expiry != 0 && c.from == packet.Client && c.opening.known && c.opening.sessionExpiry == 0 {
		c.blame(sessionExpiryRaised, property(packet.SessionExpiryInterval), "seconds", number(expiry))
	}
}

func codeOf(c packet.ReasonCode) string { return fmt.Sprintf("0x%02X", byte(c)) }

// afterClose is the breach of a packet that comes after its sender's
// DISCONNECT.
func (c *Conn) afterClose(by packet.Party) check {
	switch {
	case c.version == packet.V5 && c.failed[by] && c.reauth:
		return afterReauthFailed
	case c.version == packet.V5 && c.failed[by]:
		return afterErrorDisconnect
	}
	return afterDisconnect
}

// over says whether the connection is closed, as far as its packets show.
func (c *Conn) over() bool {
	return c.refused || c.closed[packet.Client] || c.closed[packet.Server]
}
