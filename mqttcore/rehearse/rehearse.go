// Package rehearse tries bytes on a broker that exists for this one question:
// what would a Server do if a Client sent them? It asks the broker itself
// rather than judging anything again.
package rehearse

import (
	"errors"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
)

// Outcome is what the Server does, in order.
type Outcome struct {
	Connected bool // the Client was connected when the bytes came
	Steps     []Step
	Closed    bool // the Server closed the connection
	Missing   int  // bytes for which the Server goes on waiting; -1: it cannot tell how many
}

// Step is one thing that the Server did: exactly one of its members is set.
type Step struct {
	Explained *broker.Explanation
	Sent      []byte // one Control Packet to the Client
	Closed    bool
}

// Options bound a rehearsal.
type Options struct {
	Broker    broker.Config
	Connected *bool          // whether the Client is connected when the bytes come; nil: unless they begin with a CONNECT
	Version   packet.Version // of the connection, if the bytes do not say it; 0: 3.1.1
	MaxPacket int            // the Server closes on a packet of more bytes; 0: no bound
}

// clientID is that of a Client that is connected beforehand.
const clientID = "rehearsal"

const conn broker.ConnID = 1

// Run lets a Client send b, whole, on a connection of its own.
func Run(b []byte, o Options) Outcome {
	if len(b) == 0 {
		return Outcome{}
	}
	r := run{o: o, d: packet.Decoder{Version: o.Version}}
	if r.d.Version == 0 {
		r.d.Version = packet.V311
	}
	o.Broker.Explain = true
	r.b = broker.New(o.Broker)
	r.b.Open(now, conn)
	connected := packet.Type(b[0]>>4) != packet.CONNECT
	if o.Connected != nil {
		connected = *o.Connected
	}
	r.out.Connected = connected && r.connect()
	r.receive(b)
	return r.out
}

// now is a moment like any other: nothing in a rehearsal waits.
var now = time.Unix(0, 0)

type run struct {
	o   Options
	b   *broker.Broker
	d   packet.Decoder
	out Outcome
}

// connect brings the Client as far as a CONNACK.
func (r *run) connect() bool {
	p := packet.NewConnect(r.d.Version)
	p.ClientID, p.CleanSession = clientID, true
	for user, password := range r.o.Broker.Users {
		p.HasUserName, p.UserName = true, user
		p.HasPassword, p.Password = true, []byte(password)
		break
	}
	for _, e := range r.b.Receive(now, conn, p, nil) {
		if e.Kind == broker.EffectClose {
			return false
		}
	}
	return true
}

func (r *run) receive(b []byte) {
	for len(b) > 0 && !r.out.Closed {
		size, err := packet.Size(b)
		switch {
		case err == nil && r.o.MaxPacket > 0 && size > r.o.MaxPacket:
			r.did(r.b.Drop(now, conn, broker.CauseTooLarge))
			return
		case err == nil && size > 0 && size <= len(b):
			r.packet(b[:size])
			b = b[size:]
		default:
			r.partial(b, size)
			return
		}
	}
}

func (r *run) packet(b []byte) {
	p, err := r.d.Decode(b)
	var fault *packet.Fault
	if errors.As(err, &fault) {
		r.did(r.b.Fault(now, conn, fault))
		return
	}
	r.did(r.b.Receive(now, conn, p, b))
}

// partial looks at a packet that is not whole: its fixed header may be wrong
// already, else the Server waits for the rest.
func (r *run) partial(b []byte, size int) {
	if fault := r.d.Begun(b); fault != nil {
		r.did(r.b.Fault(now, conn, fault))
		return
	}
	r.out.Missing = -1
	if size > 0 {
		r.out.Missing = size - len(b)
	}
}

// did notes the effects that concern the Client, and all that was explained.
func (r *run) did(effects []broker.Effect) {
	for _, e := range effects {
		switch e.Kind {
		case broker.EffectExplain:
			r.out.Steps = append(r.out.Steps, Step{Explained: e.Explanation})
		case broker.EffectSend:
			r.out.Steps = append(r.out.Steps, Step{Sent: e.Wire})
		case broker.EffectClose:
			r.out.Steps = append(r.out.Steps, Step{Closed: true})
			r.out.Closed = true
		}
	}
}
