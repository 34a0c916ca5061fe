package packet

// Connack is the Server's answer to a CONNECT (section 3.2).
type Connack struct {
	Reserved       byte       // bits 7 to 1 of the Connect Acknowledge Flags, must be 0
	SessionPresent bool       // bit 0; in 3.1 it has no meaning
	Code           ReasonCode // before 5.0 the Connect Return code, 0 to 5
	Properties     Properties
}

// Type returns CONNACK.
func (*Connack) Type() Type { return CONNACK }

func (p *Connack) read(c *cursor) {
	*p = Connack{Properties: p.Properties[:0]}
	if c.version == V31 { // which has no Session Present: the byte is unused
		unused := c.u8(FieldAckReserved)
		p.Reserved, p.SessionPresent = unused>>1, unused&1 != 0
	} else {
		ackFlags := c.u8(FieldAckFlags)
		c.down()
		p.Reserved = c.bits(ackFlags, FieldAckReserved, 7, 1)
		p.SessionPresent = c.bit(ackFlags, FieldSessionPresent, 0)
		if p.Reserved != 0 {
			c.violateBits(ReservedAckFlags, FieldAckReserved, 7, 1)
		}
		c.up()
	}
	if c.version == V5 {
		p.Code = c.reasonCode(FieldConnackReason, CONNACK)
	} else {
		p.Code = ReasonCode(c.u8(FieldReturnCode))
		if p.Code > NotAuthorized311 {
			c.report(Fault{Violation: ReturnCodeReserved, Field: FieldReturnCode, Offset: c.off - 1, Length: 1, Hi: -1, Lo: -1, Want: int(p.Code)})
		}
	}
	if p.SessionPresent && p.Code != 0 && c.version != V31 && !c.done {
		c.report(Fault{Violation: SessionPresentOnRefusal, Field: FieldSessionPresent, Offset: c.off - 2, Length: 1, Hi: 0, Lo: 0})
	}
	if c.version == V5 {
		p.Properties = c.properties(FieldProperties, CONNACK, p.Properties)
		c.authProperties(p.Properties, CONNACK)
	}
}

func (p *Connack) flags() byte { return 0 }

func (p *Connack) appendBody(dst []byte, v Version) []byte {
	dst = append(dst, p.Reserved<<1|bit(p.SessionPresent, 0), byte(p.Code))
	if v == V5 {
		dst = appendProperties(dst, p.Properties)
	}
	return dst
}
