package packet

// Partial reads like Decode, but returns what could be read of a packet that
// breaks a rule or is cut short, too: its fields before the fault, and all
// those behind it whose place is still known. It returns nil where the first
// byte names no Control Packet of the version. The error is that of Decode.
func (d *Decoder) Partial(b []byte) (Packet, error) {
	c := cursor{b: b, version: d.Version, trace: d.Trace}
	if c.version == 0 {
		c.version = V311
	}
	if c.trace == nil { // without one, the first fault ends the reading
		c.trace = new(Trace)
	}
	c.trace.Reset()
	p := d.read(&c)
	if p == nil && len(b) > 0 {
		p = d.kept(c.kind, c.version)
	}
	if c.kind == CONNECT {
		d.Version = c.version
	}
	if c.first != nil {
		return p, c.first
	}
	return p, nil
}

// kept returns what is left in d of a packet that was not read to its end.
func (d *Decoder) kept(t Type, v Version) Packet {
	switch {
	case t == 0, t == AUTH && v != V5:
		return nil
	case t == CONNECT:
		return &d.connect
	case t == CONNACK:
		return &d.connack
	case t == PUBLISH:
		return &d.publish
	case t <= PUBCOMP:
		d.ack.Kind = t // where the fixed header is wrong nothing else was read
		return &d.ack
	case t == SUBSCRIBE:
		return &d.subscribe
	case t == SUBACK:
		return &d.suback
	case t == UNSUBSCRIBE:
		return &d.unsubscribe
	case t == UNSUBACK:
		return &d.unsuback
	case t == DISCONNECT:
		return &d.disconnect
	case t == AUTH:
		return &d.auth
	}
	d.ping.Kind = t
	return &d.ping
}
