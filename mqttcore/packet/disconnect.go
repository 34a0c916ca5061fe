package packet

// Ping is PINGREQ or PINGRESP: two bytes that say "still here" (sections 3.12
// and 3.13).
type Ping struct {
	Kind Type // PINGREQ or PINGRESP
}

// Type returns the Kind.
func (p *Ping) Type() Type { return p.Kind }

func (p *Ping) flags() byte { return 0 }

func (p *Ping) appendBody(dst []byte, _ Version) []byte { return dst }

// Disconnect ends a connection in good order (section 3.14). Before 5.0 only
// a Client sends it, and it is empty.
type Disconnect struct {
	Code       ReasonCode // 5.0
	Properties Properties // 5.0
}

// Type returns DISCONNECT.
func (*Disconnect) Type() Type { return DISCONNECT }

func (p *Disconnect) read(c *cursor) {
	*p = Disconnect{Properties: p.Properties[:0]}
	if c.version != V5 || !c.announced() {
		return
	}
	p.Code = c.reasonCode(FieldDisconnectReason, DISCONNECT)
	if c.announced() {
		p.Properties = c.properties(FieldProperties, DISCONNECT, p.Properties)
	}
}

func (p *Disconnect) flags() byte { return 0 }

func (p *Disconnect) appendBody(dst []byte, v Version) []byte {
	return appendShortReason(dst, v, p.Code, p.Properties)
}

// Auth carries an enhanced authentication exchange (5.0, section 3.15).
type Auth struct {
	Code       ReasonCode
	Properties Properties
}

// Type returns AUTH.
func (*Auth) Type() Type { return AUTH }

func (p *Auth) read(c *cursor) {
	*p = Auth{Properties: p.Properties[:0]}
	if !c.announced() {
		return // Success without properties (section 3.15.2.1)
	}
	p.Code = c.reasonCode(FieldAuthReason, AUTH)
	p.Properties = c.properties(FieldProperties, AUTH, p.Properties)
	c.authProperties(p.Properties, AUTH)
}

func (p *Auth) flags() byte { return 0 }

func (p *Auth) appendBody(dst []byte, _ Version) []byte {
	if p.Code == 0 && len(p.Properties) == 0 {
		return dst
	}
	return appendProperties(append(dst, byte(p.Code)), p.Properties)
}

// authProperties checks that Authentication Data and AUTH come with an
// Authentication Method.
func (c *cursor) authProperties(ps Properties, t Type) {
	if c.done {
		return
	}
	method, data := false, false
	for i := range ps {
		method = method || ps[i].ID == AuthenticationMethod
		data = data || ps[i].ID == AuthenticationData
	}
	switch {
	case method:
	case t == AUTH:
		c.violate(AuthNoMethod, FieldProperties, c.off, 0)
	case data:
		c.violate(AuthDataNoMethod, FieldProperties, c.off, 0)
	}
}
