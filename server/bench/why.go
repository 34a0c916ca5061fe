package bench

import (
	"context"
	"errors"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/server/capture"
	"mqttlab/server/replay"
)

// What can be wrong with asking why.
var (
	ErrNoPublish = errors.New("this event publishes nothing: it is no PUBLISH of a client, none led to it, and no Will either")
	ErrWhichOne  = errors.New("the event alone does not say for which client")
)

// Asked says for whom a message is, or is not.
type Asked struct {
	Lane   string // id of a client of the bench …
	Client string // … or a Client Identifier; if both are empty, the receiver of a delivered copy
}

// Why says why a client got the message that an event published, or why not.
// The event is a PUBLISH from a client, or anything that one led to, such as a
// delivered copy or an explanation, or what led to the publication of a Will.
// The moment is the one right before.
func (b *Bench) Why(ctx context.Context, event uint64, client Asked) (Moment, broker.Why, error) {
	about := b.log.Range(nil, event, event+1)
	if len(about) == 1 {
		event = b.led(&about[0])
	}
	m, plan, done, err := b.plan(ctx, event, (*replay.Journal).PlanBefore)
	if err != nil {
		return m, broker.Why{}, err
	}
	defer done()
	if len(about) == 0 {
		return m, broker.Why{}, replay.ErrForgotten
	}
	before, e, hear, err := plan.RunBefore(ctx, b.log)
	if m, err = b.shows(m, event, before, e, err); err != nil {
		return m, broker.Why{}, err
	}
	published, ok := publishes(before, &e, hear, &about[0])
	if !ok {
		return m, broker.Why{}, ErrNoPublish
	}
	id, ok := b.named(before, &about[0], client)
	if !ok {
		return m, broker.Why{}, ErrWhichOne
	}
	return m, before.Why(published, id, hear), nil
}

// led returns the number of the event that led to an event, or its own.
func (b *Bench) led(e *capture.Event) uint64 {
	switch {
	case e.Kind == capture.Packet && e.From == packet.Client:
		return e.N
	case e.Cause > 0:
		return e.Cause
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.journal != nil {
		if n, ok := b.journal.Led(e.N); ok {
			return n
		}
	}
	return e.N
}

// named finds the Client Identifier of who is asked about.
func (b *Bench) named(before *broker.Broker, e *capture.Event, client Asked) (string, bool) {
	switch {
	case client.Client != "":
		return client.Client, true
	case client.Lane == "":
		id := before.ClientOf(e.Conn)
		return id, id != "" && e.Kind == capture.Packet && e.From == packet.Server
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.clients[client.Lane]
	if c == nil {
		return client.Lane, true
	}
	if id := before.ClientOf(c.conn); id != "" {
		return id, true
	}
	return c.clientID, c.clientID != ""
}

// publishes finds the message that an event publishes: the PUBLISH itself, or
// the Will that the broker says it publishes. Of several Wills it is the one
// that the event asked for is about.
func publishes(b *broker.Broker, e *capture.Event, hear func(*broker.Broker) []broker.Effect, asked *capture.Event) (broker.Published, bool) {
	if e.Kind == capture.Packet && e.From == packet.Client && !e.Broken {
		d := packet.Decoder{Version: e.Version}
		if p, err := d.Decode(e.Bytes); err == nil {
			if publish, ok := p.(*packet.Publish); ok {
				return b.PublishedBy(e.Conn, publish), true
			}
		}
	}
	var wills []broker.Published
	for _, effect := range hear(b.Explaining()) {
		if will, ok := broker.PublishedWill(effect.Explanation); ok {
			wills = append(wills, will)
		}
	}
	x, _ := asked.Detail.(*broker.Explanation)
	for _, will := range wills {
		if x != nil && x.Topic == will.Topic && x.Client == will.Client {
			return will, true
		}
	}
	if len(wills) == 0 {
		return broker.Published{}, false
	}
	return wills[0], true
}
