package broker

import (
	"slices"
	"strconv"
	"time"

	"mqttlab/mqttcore/packet"
)

// Cause says how a network connection ended, or why it is to end.
type Cause uint8

// The causes. The last ones are the Server's own and are for Drop.
const (
	CauseUnknown   Cause = iota
	CauseFIN             // the other side closed it
	CauseRST             // the other side aborted it
	CauseTimeout         // the transport gave up
	CauseSlow            // the Client does not read what it is sent
	CauseShutdown        // the Server stops
	CauseAdmin           // somebody wants it closed
	CauseTooLarge        // a packet announces more bytes than the caller takes
	CauseTextFrame       // text came over a WebSocket [MQTT-6.0.0-1]
	CauseRestart         // the Server stopped without closing it, and goes on
)

var causes = [...]struct {
	name string
	code packet.ReasonCode
}{
	CauseUnknown:   {"unknown", packet.UnspecifiedError},
	CauseFIN:       {"FIN", packet.UnspecifiedError},
	CauseRST:       {"RST", packet.UnspecifiedError},
	CauseTimeout:   {"timeout", packet.UnspecifiedError},
	CauseSlow:      {"slow", packet.QuotaExceeded},
	CauseShutdown:  {"shutdown", packet.ServerShuttingDown},
	CauseAdmin:     {"administrative", packet.AdministrativeAction},
	CauseTooLarge:  {"packet too large", packet.PacketTooLarge},
	CauseTextFrame: {"WebSocket text frame", packet.ProtocolError},
	CauseRestart:   {"restart of the server", packet.UnspecifiedError},
}

// Causes lists every Cause.
func Causes() []Cause {
	list := make([]Cause, len(causes))
	for i := range causes {
		list[i] = Cause(i)
	}
	return list
}

// String returns a short name such as "FIN".
func (c Cause) String() string { return causes[c].name }

func (c Cause) code() packet.ReasonCode { return causes[c].code }

// conn is a network connection. Nothing in it outlives it.
type conn struct {
	id      ConnID
	session *session // nil until CONNECT is accepted
	version packet.Version
	heard   time.Time // when the last packet came
	timer   timer

	keepAlive uint16        // seconds, as in force
	patience  time.Duration // silence allowed; 0: any
	quota     int           // PUBLISH packets with QoS over 0 that may still be sent
	window    int           // what quota began with
	acked     *repeatedAcks // nil until it has acknowledged something

	// 5.0
	maxPacket     uint32            // of the Client; 0: any
	aliases       []string          // topics by Topic Alias, from the Client
	aliasMax      int               // Topic Alias Maximum of the Client
	aliasOf       map[string]uint16 // Topic Aliases by topic, to the Client
	aliasBytes    int               // of the topics of both
	noProblemInfo bool              // Request Problem Information was 0
}

// close asks the caller to close c, and forgets it.
func (b *Broker) close(c *conn) {
	b.effects = append(b.effects, Effect{Kind: EffectClose, Conn: c.id})
	b.forget(c)
}

func (b *Broker) forget(c *conn) {
	b.unschedule(&c.timer)
	delete(b.conns, c.id)
	b.keptBytes -= c.aliasBytes
	c.aliasBytes = 0
	b.repeats.forget(c.id)
}

// hangUp closes c by the Server's decision, which 5.0 tells the Client
// [5.0: MQTT-4.13.1-1]. The Will is published.
func (b *Broker) hangUp(now time.Time, c *conn, code packet.ReasonCode) {
	if c.session != nil && c.version == packet.V5 {
		disconnect := packet.Disconnect{Code: fitting(code, packet.DISCONNECT)}
		b.sendBecause(c, &disconnect, &disconnect.Properties, 0, b.latest())
	}
	b.effects = append(b.effects, Effect{Kind: EffectClose, Conn: c.id})
	b.ended(now, c)
}

// fitting returns code if a packet of type t may carry it in 5.0, or else
// Protocol Error.
func fitting(code packet.ReasonCode, t packet.Type) packet.ReasonCode {
	if slices.Contains(packet.ReasonCodes(t, packet.V5), code) {
		return code
	}
	return packet.ProtocolError
}

// disconnect handles DISCONNECT.
func (b *Broker) disconnect(now time.Time, c *conn, p *packet.Disconnect) {
	s := c.session
	if p.Code.ServersOnly() { // [5.0: MQTT-3.14.2-1]
		if b.cfg.Explain {
			b.explain(c.version, about(c, keyDisconnectCode), "code", hexCode(p.Code))
		}
		b.hangUp(now, c, packet.ProtocolError)
		return
	}
	if expiry, ok := p.Properties.Number(packet.SessionExpiryInterval); ok {
		if s.expiry == 0 && expiry != 0 { // [5.0: MQTT-3.1.2-11.2], a Protocol Error
			if b.cfg.Explain {
				b.explain(c.version, about(c, keyExpiryRaised), "seconds", number(int(expiry)))
			}
			b.hangUp(now, c, packet.ProtocolError)
			return
		}
		s.expiry = b.boundExpiry(expiry)
	}
	if p.Code == packet.NormalDisconnection {
		if b.cfg.Explain {
			b.explain(c.version, about(c, keyDisconnect))
		}
		b.discardWill(c.version, s, willDisconnect, keyWillDiscarded)
	} else if b.cfg.Explain { // any other code is a reason for the Will
		b.explain(c.version, about(c, keyDisconnectFor), "code", hexCode(p.Code))
	}
	b.effects = append(b.effects, Effect{Kind: EffectClose, Conn: c.id})
	b.ended(now, c)
}

func number(n int) string { return strconv.Itoa(n) }

func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64)
}

func hexCode(c packet.ReasonCode) string {
	const digits = "0123456789ABCDEF"
	return string([]byte{'0', 'x', digits[c>>4], digits[c&15]})
}
