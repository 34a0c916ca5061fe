package flow

import "mqttlab/mqttcore/packet"

// alias is a Topic Alias in use (section 3.3.2.3.4).
type alias struct {
	topic string
	kept  bool // false if there was no room for the topic
	index int  // the packet that set it
}

// resolve returns the topic of a PUBLISH, "" if it is not known, and follows
// its Topic Alias. Each side has aliases of its own.
func (c *Conn) resolve(p *packet.Publish) string {
	n, ok := p.Properties.Number(packet.TopicAlias)
	if !ok {
		return p.Topic
	}
	id := uint16(n)
	c.checkAlias(int(n))
	if p.Topic != "" {
		c.setAlias(id, p.Topic)
		return p.Topic
	}
	a, ok := c.aliases[c.from][id]
	if !ok && c.from == 0 {
		a, ok = c.onlyAlias(id)
	} else if !ok {
		a, ok = c.aliases[0][id] // set by a packet of unknown direction
	}
	switch {
	case !ok:
		c.aliasWrong[c.from], c.lost = true, true
		c.blame(aliasUnknown, property(packet.TopicAlias), "alias", number(id))
	case a.kept:
		c.result.link(Link{To: a.index, Kind: AliasUsed, Place: property(packet.TopicAlias), Key: "flow.alias",
			Args: []string{"alias", number(id), "topic", a.topic, "to", number(a.index)}})
	}
	return a.topic
}

func (c *Conn) setAlias(id uint16, topic string) {
	before, again := c.aliases[c.from][id]
	link := Link{To: c.seen.Index, Kind: AliasSet, Place: property(packet.TopicAlias), Key: "flow.alias-set", Args: []string{"alias", number(id), "topic", clone(topic)}}
	if again && before.kept {
		if before.topic != topic {
			link.To, link.Key = before.index, "flow.alias-changed"
			link.Args = append(link.Args, "before", before.topic, "to", number(before.index))
		}
		c.drop(before.topic)
	}
	text, kept := c.keep(topic)
	c.aliases[c.from][id] = alias{text, kept, c.seen.Index}
	c.result.link(link)
}

// onlyAlias finds the alias that a packet of unknown direction uses, if only
// one side has set it.
func (c *Conn) onlyAlias(id uint16) (alias, bool) {
	a, isA := c.aliases[packet.Client][id]
	b, isB := c.aliases[packet.Server][id]
	if isA && !isB {
		return a, true
	}
	return b, isB && !isA
}

// refusesAlias: who has named a Topic Alias Maximum takes all aliases up to
// it [MQTT-3.3.2-10], [MQTT-3.3.2-12].
func (c *Conn) refusesAlias(code packet.ReasonCode) {
	if code == packet.TopicAliasInvalid && c.from != 0 && c.limits[c.from].known && !c.aliasWrong[other(c.from)] {
		c.blame(aliasRefused, field(packet.FieldDisconnectReason), "max", number(c.limits[c.from].aliasMaximum))
	}
}

// checkAlias holds a Topic Alias against the receiver's Topic Alias Maximum.
func (c *Conn) checkAlias(n int) {
	l := c.limits[other(c.from)]
	switch {
	case c.from == 0 || !l.known:
	case l.aliasMaximum == 0:
		c.aliasWrong[c.from] = true
		c.blame(aliasNotAllowed, property(packet.TopicAlias), "alias", number(n))
	case n > l.aliasMaximum:
		c.aliasWrong[c.from] = true
		c.blame(aliasAboveMaximum, property(packet.TopicAlias), "alias", number(n), "max", number(l.aliasMaximum))
	}
}
