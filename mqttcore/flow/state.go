package flow

import (
	"cmp"
	"slices"

	"mqttlab/mqttcore/packet"
)

// Exchange is what is under way under one Packet Identifier.
type Exchange struct {
	ID     uint16
	By     packet.Party // who began it, and chose the identifier; 0: not known
	QoS    packet.QoS   // of a message
	Awaits packet.Type  // the packet that comes next
	First  int          // the packet that began it, -1 if it was not seen
	Last   int          // the packet that led to where it is
}

// awaits is the packet that each state waits for, 0 for those that are over.
var awaits = [stateCount]packet.Type{
	awaitsPuback:   packet.PUBACK,
	awaitsPubrec:   packet.PUBREC,
	awaitsPubrel:   packet.PUBREL,
	awaitsPubcomp:  packet.PUBCOMP,
	awaitsSuback:   packet.SUBACK,
	awaitsUnsuback: packet.UNSUBACK,
}

// Exchanges lists what is under way now, the client's first, by identifier.
func (c *Conn) Exchanges() []Exchange {
	var list []Exchange
	for _, by := range [...]packet.Party{packet.Client, packet.Server, 0} {
		from := len(list)
		for id, e := range c.exchanges[by] {
			if awaits[e.state] == 0 {
				continue
			}
			x := Exchange{ID: id, By: by, QoS: e.qos, Awaits: awaits[e.state], First: e.first, Last: e.last}
			if e.foreign {
				x.First = -1
			}
			list = append(list, x)
		}
		slices.SortFunc(list[from:], func(a, b Exchange) int { return cmp.Compare(a.ID, b.ID) })
	}
	return list
}

// part says which exchange the packet in hand belongs to.
func (c *Conn) part(e *exchange, id uint16, by packet.Party) {
	x := Exchange{ID: id, By: by, QoS: e.qos, Awaits: awaits[e.state], First: e.first, Last: e.last}
	if e.foreign {
		x.First = -1
	}
	c.result.Exchange = x
}

// KeepAlive returns by when the client has to send something, and when the
// server closes if nothing came. It is false while there are no times, or
// Keep Alive is 0.
func (c *Conn) KeepAlive() (due, closes int64, ok bool) {
	k := &c.clock
	limit := int64(k.keepAlive) * second
	return k.last + limit, k.last + limit + limit/2, k.running && limit > 0
}
