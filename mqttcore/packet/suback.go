package packet

// Suback answers a SUBSCRIBE with one code for each of its filters, in their
// order (section 3.9).
type Suback struct {
	PacketID   uint16
	Properties Properties
	Codes      []ReasonCode // before 5.0: the granted QoS, or SubackFailure
}

// Type returns SUBACK.
func (*Suback) Type() Type { return SUBACK }

func (p *Suback) read(c *cursor) {
	*p = Suback{Properties: p.Properties[:0], Codes: p.Codes[:0]}
	p.PacketID = c.packetID()
	if c.version == V5 {
		p.Properties = c.properties(FieldProperties, SUBACK, p.Properties)
	}
	if !c.announced() {
		c.violate(NoReturnCodes, FieldGrantedQoS, c.off, 0)
		return
	}
	for c.announced() {
		if c.version == V5 {
			p.Codes = append(p.Codes, c.reasonCode(FieldSubackReason, SUBACK))
			continue
		}
		code := ReasonCode(c.u8(FieldGrantedQoS))
		if code > GrantedQoS2 && (code != SubackFailure || c.version == V31) {
			c.report(Fault{Violation: SubackReserved, Field: FieldGrantedQoS, Offset: c.off - 1, Length: 1, Hi: -1, Lo: -1, Want: int(code)})
		}
		p.Codes = append(p.Codes, code)
	}
}

func (p *Suback) flags() byte { return 0 }

func (p *Suback) appendBody(dst []byte, v Version) []byte {
	dst = appendUint16(dst, p.PacketID)
	if v == V5 {
		dst = appendProperties(dst, p.Properties)
	}
	return appendCodes(dst, p.Codes)
}

func appendCodes(dst []byte, codes []ReasonCode) []byte {
	for _, code := range codes {
		dst = append(dst, byte(code))
	}
	return dst
}
