package flow

import (
	"mqttlab/mqttcore/packet"
)

// authenticate takes an AUTH (section 4.12). A broken CONNECT says nothing
// about the method, so then nothing is judged.
func (c *Conn) authenticate(p *packet.Auth) {
	if !c.opening.known || c.from == 0 {
		return
	}
	o := &c.opening
	method, _ := p.Properties.Text(packet.AuthenticationMethod)
	switch {
	case !o.hasMethod:
		c.blame(authNotBegun, Place{})
		return
	case method != o.method && p.Code == packet.ReAuthenticate:
		c.blame(reauthMethodChanged, property(packet.AuthenticationMethod), "method", clone(method), "before", o.method)
	case method != o.method:
		c.blame(authMethodChanged, property(packet.AuthenticationMethod), "method", clone(method), "before", o.method)
	}
	if c.answered {
		c.reauth = c.from == packet.Client && p.Code == packet.ReAuthenticate || c.reauth && p.Code != packet.Success
	}
	// Until CONNACK both sides only ever continue [MQTT-4.12.0-2], [MQTT-4.12.0-3].
	if !c.answered && p.Code != packet.ContinueAuthentication {
		c.blame(authCode, field(packet.FieldAuthReason), "code", codeOf(p.Code))
	}
	if !c.answered { // which says enough
		return
	}
	switch {
	case c.from == packet.Client && p.Code == packet.Success:
		c.blame(authServerOnly, field(packet.FieldAuthReason), "code", codeOf(p.Code), "type", p.Type().String())
	case c.from == packet.Server && p.Code == packet.ReAuthenticate:
		c.blame(authClientOnly, field(packet.FieldAuthReason), "code", codeOf(p.Code), "type", p.Type().String())
	}
}

// connackMethod checks the Authentication Method of a successful CONNACK.
func (c *Conn) connackMethod(ps packet.Properties) {
	o := &c.opening
	method, ok := ps.Text(packet.AuthenticationMethod)
	switch {
	case ok && !o.hasMethod:
		c.blame(authNotBegun, property(packet.AuthenticationMethod))
	case o.hasMethod && !ok:
		c.blame(authMethodMissing, Place{}, "before", o.method)
	case o.hasMethod && method != o.method:
		c.blame(authMethodChanged, property(packet.AuthenticationMethod), "method", clone(method), "before", o.method)
	}
}
