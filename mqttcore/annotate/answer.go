package annotate

import "mqttlab/mqttcore/packet"

// answer sets a to what the other side sends back to this packet if all goes
// well, and reports false if nothing is due or the packet is broken.
func (r *reading) answer(a *Answer) bool {
	if r.packet == nil {
		return false
	}
	*a = Answer{}
	var reply packet.Packet
	key := "answer"
	switch p := r.packet.(type) {
	case *packet.Connect:
		reply = &packet.Connack{}
		key = "answer.connect"
		if !p.CleanSession {
			key = "answer.connect.session"
		}
	case *packet.Publish:
		switch p.QoS {
		case 0:
			a.Text = r.phrase("answer.none.qos0", "", "")
			return true
		case 1:
			reply = &packet.Ack{Kind: packet.PUBACK, PacketID: p.PacketID}
		case 2:
			reply = &packet.Ack{Kind: packet.PUBREC, PacketID: p.PacketID}
		}
	case *packet.Ack:
		switch p.Kind {
		case packet.PUBREC:
			if p.Code >= 0x80 {
				return false
			}
			reply = &packet.Ack{Kind: packet.PUBREL, PacketID: p.PacketID}
		case packet.PUBREL:
			reply = &packet.Ack{Kind: packet.PUBCOMP, PacketID: p.PacketID}
		default:
			return false
		}
	case *packet.Subscribe:
		suback := &packet.Suback{PacketID: p.PacketID}
		for _, s := range p.Subscriptions {
			suback.Codes = append(suback.Codes, packet.ReasonCode(s.QoS))
		}
		reply = suback
		key = "answer.subscribe"
	case *packet.Unsubscribe:
		reply = &packet.Unsuback{PacketID: p.PacketID, Codes: make([]packet.ReasonCode, len(p.Filters))}
	case *packet.Ping:
		if p.Kind != packet.PINGREQ {
			return false
		}
		reply = &packet.Ping{Kind: packet.PINGRESP}
	case *packet.Disconnect:
		a.Text = r.phrase("answer.none.disconnect", "", "")
		return true
	default:
		return false
	}
	var room [64]byte
	b, err := packet.Append(room[:0], reply, r.version)
	if err != nil {
		return false
	}
	a.Hex, a.Text = r.hex(b), r.phrase(key, "type", reply.Type().String())
	return true
}
