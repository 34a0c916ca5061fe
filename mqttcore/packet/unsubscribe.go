package packet

// Unsubscribe ends Subscriptions (section 3.10).
type Unsubscribe struct {
	PacketID   uint16
	Properties Properties
	Filters    []string
}

// Type returns UNSUBSCRIBE.
func (*Unsubscribe) Type() Type { return UNSUBSCRIBE }

func (p *Unsubscribe) read(c *cursor) {
	*p = Unsubscribe{Properties: p.Properties[:0], Filters: p.Filters[:0]}
	p.PacketID = c.packetID()
	if c.version == V5 {
		p.Properties = c.properties(FieldProperties, UNSUBSCRIBE, p.Properties)
	}
	if !c.announced() {
		c.violate(NoUnsubscribeFilters, FieldFilter, c.off, 0)
		return
	}
	for c.announced() {
		p.Filters = append(p.Filters, c.filter())
	}
}

func (p *Unsubscribe) flags() byte { return 0b0010 }

func (p *Unsubscribe) appendBody(dst []byte, v Version) []byte {
	dst = appendUint16(dst, p.PacketID)
	if v == V5 {
		dst = appendProperties(dst, p.Properties)
	}
	for _, f := range p.Filters {
		dst = appendText(dst, f)
	}
	return dst
}

// Unsuback answers an UNSUBSCRIBE; in 5.0 with one code for each of its
// filters, in their order (section 3.11).
type Unsuback struct {
	PacketID   uint16
	Properties Properties
	Codes      []ReasonCode // 5.0
}

// Type returns UNSUBACK.
func (*Unsuback) Type() Type { return UNSUBACK }

func (p *Unsuback) read(c *cursor) {
	*p = Unsuback{Properties: p.Properties[:0], Codes: p.Codes[:0]}
	p.PacketID = c.packetID()
	if c.version != V5 {
		return
	}
	p.Properties = c.properties(FieldProperties, UNSUBACK, p.Properties)
	if !c.announced() {
		c.violate(NoReturnCodes, FieldUnsubackReason, c.off, 0)
		return
	}
	for c.announced() {
		p.Codes = append(p.Codes, c.reasonCode(FieldUnsubackReason, UNSUBACK))
	}
}

func (p *Unsuback) flags() byte { return 0 }

func (p *Unsuback) appendBody(dst []byte, v Version) []byte {
	dst = appendUint16(dst, p.PacketID)
	if v == V5 {
		dst = appendCodes(appendProperties(dst, p.Properties), p.Codes)
	}
	return dst
}
