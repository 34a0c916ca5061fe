package bench

import (
	"errors"
	"slices"
	"time"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/capture"
	"mqttlab/server/limits"
)

// ErrKept reports that the broker of a bench cannot begin anew, because it
// keeps sessions that are to outlive the program.
var ErrKept = errors.New("the broker of this bench keeps its sessions in a file, so it cannot begin anew while it runs")

// complete fills in what a bench decides of its broker's configuration.
func complete(cfg broker.Config, explain, durable bool) broker.Config {
	cfg.Explain, cfg.Durable = explain, durable
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = limits.ConnectTimeout
	}
	if cfg.MaxPacketSize == 0 || cfg.MaxPacketSize > limits.PacketBytes {
		cfg.MaxPacketSize = limits.PacketBytes
	}
	cfg.Reason = reasonString
	return cfg
}

// reasonString is an explanation in English, the language of MQTT's own names.
func reasonString(x *broker.Explanation) string {
	args := slices.Clone(x.Args)
	for i := 1; i < len(args); i += 2 {
		args[i] = annotate.Visible(args[i])
	}
	return spec.Message(spec.English, x.Key, args...)
}

// BrokerConfig returns the configuration of the broker, with its defaults
// filled in and the passwords in it.
func (b *Bench) BrokerConfig() broker.Config {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.broker.Config()
}

// Durable says whether the bench keeps sessions that outlive the program.
func (b *Bench) Durable() bool { return b.keeper != nil }

// Reconfigure gives the bench a new broker, which knows of nothing that was:
// no sessions, no retained messages. Every connection is closed first, with a
// word to those clients whose version has one; the capture goes on, and says
// so. Nothing of a configuration changes in a broker that runs, because what
// it has announced in a CONNACK must stay true.
func (b *Bench) Reconfigure(cfg broker.Config) error { return b.restart(cfg, true) }

// Prepare is Reconfigure, but says nothing where nothing has happened yet.
func (b *Bench) Prepare(cfg broker.Config) error { return b.restart(cfg, false) }

func (b *Bench) restart(cfg broker.Config, tell bool) error {
	b.mu.Lock()
	now := b.now()
	defer b.release(now)
	return b.renew(now, cfg, tell)
}

// renew closes every connection and puts a new broker in the place of the old.
// It needs mu.
func (b *Bench) renew(now time.Time, cfg broker.Config, tell bool) error {
	switch {
	case b.stopped:
		return ErrStopped
	case b.upstream != nil:
		return ErrUpstream
	case b.readOnly:
		return ErrReadOnly
	case b.keeper != nil:
		return ErrKept
	}
	ids := make([]broker.ConnID, 0, len(b.wires))
	for id := range b.wires {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		b.apply(now, b.dropped(now, id, broker.CauseShutdown, 0), 0, capture.Server)
	}
	if _, next := b.log.Held(); tell || next > 1 {
		b.tell(now, "bench.restarted")
	}
	b.hand = false
	b.broker = broker.New(complete(cfg, !b.mute, false))
	b.packetBytes = int(b.broker.Config().MaxPacketSize)
	if b.journal != nil {
		_, next := b.log.Held()
		b.journal.Begin(b.broker, next)
	}
	return nil
}

// tell records something that the bench itself has to say: the message key,
// with args. It needs mu.
func (b *Bench) tell(now time.Time, key string, args ...string) {
	b.record(now, &capture.Event{Kind: capture.Explain, Detail: &broker.Explanation{Key: key, Args: args}})
}

// Note records something that is to be read in the flow: the message key, with
// args that alternate a placeholder's name and its value.
func (b *Bench) Note(key string, args ...string) {
	b.mu.Lock()
	now := b.now()
	defer b.release(now)
	if !b.stopped && !b.readOnly {
		b.tell(now, key, args...)
	}
}

// Sockets returns how many connections from outside are open.
func (b *Bench) Sockets() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, w := range b.wires {
		if w.conn != nil {
			n++
		}
	}
	return n
}
