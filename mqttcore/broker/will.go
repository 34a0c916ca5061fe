package broker

import (
	"time"

	"mqttlab/mqttcore/packet"
)

// will is a Will Message that the Server keeps (section 3.1.2.5).
type will struct {
	message *message
	state   uint8  // of willMachine
	delay   uint32 // Will Delay Interval in seconds (5.0)
}

// keepWill stores the Will of an accepted CONNECT [MQTT-3.1.2-8].
func (b *Broker) keepWill(c *conn, p *packet.Connect) {
	w := &will{state: willMachine.next(willNone, willConnect), message: &message{
		topic: p.Will.Topic, payload: p.Will.Payload, qos: p.Will.QoS, retain: p.Will.Retain,
		conn: c.id, client: c.session.id, version: c.version,
	}}
	w.delay, _ = p.Will.Properties.Number(packet.WillDelayInterval)
	w.message.properties = forwarded(p.Will.Properties)
	w.message.keep()
	b.setWill(c.session, w)
	if b.cfg.Explain {
		e := about(c, keyWillKept)
		e.Topic = p.Will.Topic
		b.explain(c.version, e, "topic", p.Will.Topic, "qos", number(int(p.Will.QoS)), "retain", flag(p.Will.Retain), "delay", number(int(w.delay)))
	}
}

// discardWill forgets a Will without publishing it.
func (b *Broker) discardWill(v packet.Version, s *session, event uint8, key string) {
	if s.will == nil {
		return
	}
	s.will.state = willMachine.next(s.will.state, event)
	if b.cfg.Explain {
		e := Explanation{Key: key, Client: s.id, Topic: s.will.message.topic}
		if s.conn != nil {
			e.Conn = s.conn.id
		}
		b.explain(v, e, "topic", s.will.message.topic)
	}
	b.unschedule(&s.willTimer)
	b.setWill(s, nil)
}

func (b *Broker) willDelayOver(now time.Time, s *session) {
	w := b.takeWill(s)
	if w != nil {
		b.saveSession(s)
		w.state = willMachine.next(w.state, willDelayEnds)
		b.publishWill(now, s, w)
	}
}

// publishWill publishes a Will, which s holds no longer.
func (b *Broker) publishWill(now time.Time, s *session, w *will) {
	m := w.message
	e := Explanation{Key: keyWillPublished, Conn: m.conn, Client: s.id, Topic: m.topic}
	if filter, denied := b.publishDenied(m.topic); denied {
		b.explainPublishDenied(m.version, e, filter)
		return
	}
	if b.cfg.Explain {
		b.explain(m.version, e, "topic", m.topic, "qos", number(int(m.qos)), "retain", flag(m.retain))
	}
	m.expires = expiry(now, m.properties)
	b.accept(now, m, s, nil)
}

func flag(on bool) string {
	if on {
		return "1"
	}
	return "0"
}
