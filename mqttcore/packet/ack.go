package packet

// Ack is PUBACK, PUBREC, PUBREL or PUBCOMP: the packets that carry a QoS 1
// or QoS 2 exchange to its end (sections 3.4 to 3.7).
type Ack struct {
	Kind       Type // PUBACK, PUBREC, PUBREL or PUBCOMP
	PacketID   uint16
	Code       ReasonCode // 5.0
	Properties Properties // 5.0
}

// Type returns the Kind.
func (p *Ack) Type() Type { return p.Kind }

var ackReasonFields = [...]Field{PUBACK: FieldPubackReason, PUBREC: FieldPubrecReason, PUBREL: FieldPubrelReason, PUBCOMP: FieldPubcompReason}

func (p *Ack) read(c *cursor, t Type) {
	p.Kind, p.Code, p.Properties = t, 0, p.Properties[:0]
	p.PacketID = c.packetID()
	if c.version != V5 || !c.announced() {
		return
	}
	// Reason Code and Property Length may be left out from the end (section 3.4.2.1).
	p.Code = c.reasonCode(ackReasonFields[t], t)
	if c.announced() {
		p.Properties = c.properties(FieldProperties, t, p.Properties)
	}
}

// announced says whether the Remaining Length promises more bytes.
func (c *cursor) announced() bool { return !c.done && c.off < c.total }

func (p *Ack) flags() byte {
	f, _ := p.Kind.Flags()
	return f
}

func (p *Ack) appendBody(dst []byte, v Version) []byte {
	dst = appendUint16(dst, p.PacketID)
	return appendShortReason(dst, v, p.Code, p.Properties)
}

// appendShortReason appends Reason Code and properties, leaving out what
// 5.0 lets one leave out, and all of it before 5.0.
func appendShortReason(dst []byte, v Version, code ReasonCode, ps Properties) []byte {
	switch {
	case v != V5 || (code == 0 && len(ps) == 0):
		return dst
	case len(ps) == 0:
		return append(dst, byte(code))
	}
	return appendProperties(append(dst, byte(code)), ps)
}
