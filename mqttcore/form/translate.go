package form

import "mqttlab/mqttcore/packet"

// In returns the packet at the start of b, read under version v, as version to
// writes it: with the Protocol Name and level of that version, and without what
// it does not have. It returns false if that version has no such packet, or too
// little of b could be read.
func In(to packet.Version, b []byte, v packet.Version) ([]byte, bool) {
	d := packet.Decoder{Version: v}
	p, err := d.Partial(b)
	if p == nil || p.Type() == packet.AUTH && to != packet.V5 {
		return nil, false
	}
	if err != nil && p.Type() == packet.CONNECT && p.(*packet.Connect).ProtocolName == "" {
		return nil, false // cut off before there is anything to say
	}
	from := d.Version
	if from == 0 {
		from = packet.V311
	}
	switch p := p.(type) {
	case *packet.Connect:
		usual := packet.NewConnect(to)
		p.ProtocolName, p.ProtocolLevel = usual.ProtocolName, usual.ProtocolLevel
	case *packet.Connack:
		p.Code = returnCode(p.Code, to)
		if to == packet.V31 {
			p.SessionPresent = false
		}
	case *packet.Subscribe:
		if to != packet.V5 {
			for i := range p.Subscriptions {
				p.Subscriptions[i].Reserved = 0
			}
		}
	case *packet.Suback:
		if to != packet.V5 {
			for i, code := range p.Codes {
				if code >= packet.SubackFailure {
					p.Codes[i] = packet.SubackFailure
				}
			}
		}
	case *packet.Unsuback:
		if to == packet.V5 && from != packet.V5 {
			p.Codes = []packet.ReasonCode{0} // for one filter: the old packet does not say how many there were
		}
	}
	out, err := packet.Append(nil, p, to)
	return out, err == nil
}

// returnCodes are the return codes of CONNACK before 5.0, with the Reason
// Codes that say the same.
var returnCodes = map[packet.ReasonCode]packet.ReasonCode{1: 0x84, 2: 0x85, 3: 0x88, 4: 0x86, 5: 0x87}

func returnCode(c packet.ReasonCode, to packet.Version) packet.ReasonCode {
	for before, since := range returnCodes {
		switch {
		case to == packet.V5 && c == before:
			return since
		case to != packet.V5 && c == since:
			return before
		}
	}
	return c
}
