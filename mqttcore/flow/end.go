package flow

import (
	"cmp"
	"slices"

	"mqttlab/mqttcore/packet"
)

// End returns what is only known at the connection's end: the requests that
// nothing answers. Nothing is said of a side whose answers are not in the
// input at all.
func (c *Conn) End() []Late {
	var list []Late
	add := func(k check, index int, by packet.Party, missing packet.Type) {
		if !c.heard[other(by)] {
			return
		}
		f := k.finding(c.version, other(by), Place{}, []string{"type", missing.String()})
		list = append(list, Late{index, f})
	}
	for _, by := range [...]packet.Party{packet.Client, packet.Server} {
		for _, e := range c.exchanges[by] {
			switch e.state {
			case awaitsPuback:
				add(noPuback, e.first, by, packet.PUBACK)
			case awaitsPubrec:
				add(noPubrec, e.first, by, packet.PUBREC)
			case awaitsPubrel:
				add(noPubrel, e.last, other(by), packet.PUBREL)
			case awaitsPubcomp:
				add(noPubcomp, e.last, by, packet.PUBCOMP)
			case awaitsSuback:
				add(noSuback, e.first, by, packet.SUBACK)
			case awaitsUnsuback:
				add(noUnsuback, e.first, by, packet.UNSUBACK)
			}
		}
	}
	for _, index := range c.pings {
		add(noPingresp, index, packet.Client, packet.PINGRESP)
	}
	slices.SortFunc(list, func(a, b Late) int { return cmp.Compare(a.Index, b.Index) })
	return list
}
