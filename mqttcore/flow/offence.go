package flow

import "mqttlab/mqttcore/packet"

// offence is a packet of the client for which the server has to close the
// connection.
type offence struct {
	is    bool
	index int
	said  bool
}

// offend notes that the packet in hand is an offence.
func (c *Conn) offend() {
	if !c.offence.is {
		c.offence = offence{is: true, index: c.seen.Index}
	}
}

// checkStillOpen: a server that answers what came after an offence has not
// closed the connection [MQTT-4.8.0-1] (5.0: [MQTT-4.13.1-1]). Only the
// packets of a whole connection show that; elsewhere the offence may as well
// be a slip of whoever wrote it down.
func (c *Conn) checkStillOpen() {
	o := &c.offence
	if !o.is || o.said || !c.options.Whole || c.from != packet.Server {
		return
	}
	for _, l := range c.result.Links {
		if l.Kind == Answers && l.To > o.index {
			o.said = true
			f := stillOpen.finding(c.version, c.from, Place{}, []string{"to", number(o.index)})
			c.result.Findings = append(c.result.Findings, f)
			return
		}
	}
}
