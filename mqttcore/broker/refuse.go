package broker

import (
	"time"

	"mqttlab/mqttcore/packet"
)

// refusal is why a CONNECT is refused, and the code for it in each version.
type refusal struct {
	key     string
	code311 packet.ReasonCode // 0: 3.1.1 has none, the connection is just closed [MQTT-3.2.2-6]
	code5   packet.ReasonCode
	args    []string
}

// refuse answers a CONNECT with a CONNACK that says no, and closes
// [MQTT-3.2.2-5; 5.0: MQTT-3.2.2-7].
func (b *Broker) refuse(c *conn, p *packet.Connect, r refusal) {
	code := r.code311
	if c.version == packet.V5 {
		code = r.code5
	}
	if b.cfg.Explain {
		e := about(c, r.key)
		e.Client = p.ClientID
		b.explain(c.version, e, append(r.args, "code", hexCode(code))...)
	}
	b.refuseWith(c, code)
}

func (b *Broker) refuseWith(c *conn, code packet.ReasonCode) {
	if code != 0 {
		connack := packet.Connack{Code: code}
		b.sendBecause(c, &connack, &connack.Properties, 0, b.latest())
	}
	b.close(c)
}

// refuseFirst closes a connection whose first packet is no CONNECT [MQTT-3.1.0-1].
func (b *Broker) refuseFirst(c *conn, t packet.Type) {
	if b.cfg.Explain {
		b.explain(c.version, about(c, keyNotConnect), "type", t.String())
	}
	b.close(c)
}

// refuseSecond closes a connection after a second CONNECT [MQTT-3.1.0-2].
func (b *Broker) refuseSecond(now time.Time, c *conn) {
	if b.cfg.Explain {
		b.explain(c.version, about(c, keySecondConnect))
	}
	b.hangUp(now, c, packet.ProtocolError)
}

// refuseDirection closes a connection on which a Client sent what only a
// Server may send (table 2-1).
func (b *Broker) refuseDirection(now time.Time, c *conn, t packet.Type) {
	if b.cfg.Explain {
		b.explain(c.version, about(c, keyWrongDirection), "type", t.String())
	}
	b.hangUp(now, c, packet.ProtocolError)
}

// refuseAuth closes a connection on which AUTH came: no Client got as far as
// an Authentication Method (5.0, section 4.12).
func (b *Broker) refuseAuth(now time.Time, c *conn) {
	if b.cfg.Explain {
		b.explain(c.version, about(c, keyAuthUnasked))
	}
	b.hangUp(now, c, packet.ProtocolError)
}

// refuseFault closes a connection on which something came that cannot be
// decoded. Before CONNECT is accepted a CONNACK says so where the version has
// a code for it; a Client of 3.1.1 is otherwise just closed [MQTT-3.1.4-1].
func (b *Broker) refuseFault(now time.Time, c *conn, f *packet.Fault) {
	if c.session != nil {
		b.explainFault(c, f, c.version, keyFault)
		b.hangUp(now, c, f.Violation.Code())
		return
	}
	c.version = f.Version
	var code packet.ReasonCode
	switch {
	case f.Violation == packet.Incomplete:
	case f.Version == packet.V5: // only a CONNECT can have told the version
		code = fitting(f.Violation.Code(), packet.CONNACK)
	case f.Violation == packet.ProtocolLevel:
		code = packet.UnacceptableProtocolVersion
	case f.Violation == packet.EmptyClientIDNoClean, f.Violation == packet.ClientIDLength31:
		code = packet.IdentifierRejected
	}
	if code == 0 {
		b.explainFault(c, f, f.Version, keyFaultConnect)
	} else {
		b.explainFault(c, f, f.Version, keyFaultRefused, "code", hexCode(code))
	}
	b.refuseWith(c, code)
}

func (b *Broker) explainFault(c *conn, f *packet.Fault, v packet.Version, key string, args ...string) {
	if !b.cfg.Explain {
		return
	}
	e := about(c, key)
	if rule := f.Rule(); rule != "" {
		e.Rules = []string{rule}
	}
	if f.Violation == packet.EmptyClientIDNoClean {
		e.Rules = append(e.Rules, "MQTT-3.1.3-8")
	}
	for _, rule := range rulesOf(key, v) {
		if rule != f.Rule() {
			e.Rules = append(e.Rules, rule)
		}
	}
	b.explain(v, e, append(args, "fault", f.Violation.String(), "offset", number(f.Offset))...)
}
