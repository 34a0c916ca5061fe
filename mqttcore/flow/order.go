package flow

import (
	"slices"
	"strings"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/topic"
)

// maxRounds is how many times over the order of messages that are sent again
// is watched.
const maxRounds = 4

// checkResendOrder: a Client sends messages again in the order in which it
// first sent them [MQTT-4.6.0-1]. It may go through them several times, so
// each time is looked at by itself.
func (c *Conn) checkResendOrder(p *packet.Publish, e *exchange) {
	round := e.sends - 2
	if c.from != packet.Client || round < 0 || round >= maxRounds {
		return
	}
	before := &c.resent[round]
	if e.first < before.sequence {
		c.blame(resentOrder, field(packet.FieldPacketID), "id", number(p.PacketID), "first", number(e.first),
			"later", number(before.sequence), "to", number(before.index))
		return
	}
	*before = latest{e.first, c.seen.Index}
}

// checkCodeOrder looks for codes of a SUBACK that cannot belong to the filter
// in their place, and would fit in another order [MQTT-3.9.3-1].
func (c *Conn) checkCodeOrder(codes []packet.ReasonCode, r *request, at packet.Field, to int) {
	if r.full || len(codes) != r.count || r.count < 2 {
		return
	}
	moved := fitsSorted(codes, r.qos)
	for i, code := range codes {
		switch {
		case code <= 2 && packet.QoS(code) > r.qos[i] && moved,
			code == packet.SharedSubscriptionsNotSupported && misplaced(r.filters, i, shared),
			code == packet.WildcardSubscriptionsNotSupported && misplaced(r.filters, i, wild):
			c.blame(subackOrder, nth(at, i), "filter", r.filters[i], "to", number(to))
			return
		}
	}
}

// fitsSorted says whether the granted QoS fit those that were asked for in
// some order. Refusals fit anywhere.
func fitsSorted(codes []packet.ReasonCode, asked []packet.QoS) bool {
	var granted []packet.QoS
	for _, code := range codes {
		if code <= 2 {
			granted = append(granted, packet.QoS(code))
		}
	}
	most := slices.Clone(asked)
	slices.Sort(granted)
	slices.Sort(most)
	for i := range granted {
		if granted[len(granted)-1-i] > most[len(most)-1-i] {
			return false
		}
	}
	return true
}

// misplaced says whether filter i is not of the kind, and another one is.
func misplaced(filters []string, i int, kind func(string) bool) bool {
	return !kind(filters[i]) && slices.ContainsFunc(filters, kind)
}

func shared(filter string) bool {
	_, _, is := topic.CutShare(filter)
	return is
}

func wild(filter string) bool { return strings.ContainsAny(filter, "+#") }
