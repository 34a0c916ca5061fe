package form

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"unicode/utf8"

	"mqttlab/mqttcore/packet"
)

// Reading is what bytes say, as the form that would write them.
type Reading struct {
	Form json.RawMessage // nil where the bytes begin no Control Packet
	// Exact: the form writes exactly these bytes. Else it holds what could be
	// read, and the bytes say more, or other things, than a form can.
	Exact   bool
	Version packet.Version // under which the bytes were read
}

// Of returns the form of the packet at the start of b, read under version v
// (0: 3.1.1; a CONNECT says its version itself). It is the inverse of Encode:
// what a canonical packet would not say, such as a reserved bit or a length
// that is wrong but does no harm, stands in its override.
func Of(b []byte, v packet.Version) Reading {
	var trace packet.Trace
	d := packet.Decoder{Version: v, Trace: &trace}
	p, _ := d.Partial(b) // faults are explained elsewhere
	v = d.Version
	if v == 0 {
		v = packet.V311
	}
	r := Reading{Version: v}
	if p == nil {
		return r
	}
	f, override := formOf(p, head{Type: p.Type().String(), Version: v.String()})
	spans := trace.Spans
	canonical, err := f.packet(p.Type(), v)
	if err != nil {
		return r
	}
	if whole, err := packet.Append(nil, canonical, v); err == nil && !bytes.Equal(whole, b) {
		*override = differences(whole, v, spans)
		if out, err := override.Apply(whole, v); err == nil {
			r.Exact = bytes.Equal(out, b)
		}
		if !r.Exact { // half of the differences would be neither the one packet nor the other
			*override = nil
		}
	} else {
		r.Exact = err == nil
	}
	r.Form, err = json.Marshal(f)
	if err != nil {
		return Reading{Version: v}
	}
	return r
}

// differences returns the override that gives the fields of a packet the
// values that they have in spans.
func differences(whole []byte, v packet.Version, spans []packet.Span) Override {
	was := Settables(whole, v)
	o := Override{}
	for _, f := range settables(spans) {
		for _, w := range was {
			if w.Key != f.Key {
				continue
			}
			if w.Value != f.Value && !coversOthers(f.Field) {
				o[f.Key] = f.Value
			}
			if f.Varint && f.Span.Length > len(varint(f.Value, 1)) {
				o[f.Key+".bytes"] = uint32(f.Span.Length)
				delete(o, f.Key) // the value is that of the bytes that follow
				if w.Value != f.Value && f.Field != packet.FieldRemainingLength {
					o[f.Key] = f.Value
				}
			}
		}
	}
	// A Remaining Length that counts bytes of an override counts right.
	if _, ok := o["mqtt.len"]; ok && len(o) > 1 {
		without := Override{}
		for key, value := range o {
			if key != "mqtt.len" {
				without[key] = value
			}
		}
		if out, err := without.Apply(whole, v); err == nil {
			if again := Settables(out, v); len(again) > 2 && equalLength(again, spans) {
				return without
			}
		}
	}
	return o
}

func equalLength(fields []Settable, spans []packet.Span) bool {
	for _, f := range fields {
		if f.Field != packet.FieldRemainingLength {
			continue
		}
		for _, s := range spans {
			if s.Field == packet.FieldRemainingLength {
				return s.Value == f.Value
			}
		}
	}
	return false
}

// coversOthers is whether a field is a byte whose bits are fields of their own.
func coversOthers(f packet.Field) bool {
	switch f {
	case packet.FieldHeader, packet.FieldConnectFlags, packet.FieldAckFlags, packet.FieldRequestedQoS, packet.FieldSubscriptionOptions:
		return true
	}
	return false
}

// formOf is the form of a packet, and where its override stands.
func formOf(p packet.Packet, h head) (form, *Override) {
	switch p := p.(type) {
	case *packet.Connect:
		f := ofConnect(p, h)
		return f, &f.Override
	case *packet.Connack:
		f := &connack{head: h, SessionPresent: p.SessionPresent, Code: uint8(p.Code), Properties: ofProperties(p.Properties)}
		return f, &f.Override
	case *packet.Publish:
		f := &publish{
			head: h, Dup: p.Dup, QoS: int(p.QoS), Retain: p.Retain, Topic: text(p.Topic), PacketID: p.PacketID,
			Properties: ofProperties(p.Properties),
		}
		f.Payload, f.PayloadHex = textOrHex(p.Payload)
		return f, &f.Override
	case *packet.Ack:
		f := &ack{head: h, PacketID: p.PacketID, Code: uint8(p.Code), Properties: ofProperties(p.Properties)}
		return f, &f.Override
	case *packet.Subscribe:
		f := &subscribe{head: h, PacketID: p.PacketID, Properties: ofProperties(p.Properties), Subscriptions: []subscription{}}
		for _, s := range p.Subscriptions {
			f.Subscriptions = append(f.Subscriptions, subscription{
				Filter: text(s.Filter), QoS: int(s.QoS), NoLocal: s.NoLocal,
				RetainAsPublished: s.RetainAsPublished, RetainHandling: int(s.RetainHandling),
			})
		}
		return f, &f.Override
	case *packet.Unsubscribe:
		f := &unsubscribe{head: h, PacketID: p.PacketID, Properties: ofProperties(p.Properties), Filters: []string{}}
		for _, filter := range p.Filters {
			f.Filters = append(f.Filters, text(filter))
		}
		return f, &f.Override
	case *packet.Suback:
		f := &codes{head: h, PacketID: p.PacketID, Properties: ofProperties(p.Properties), Codes: ofCodes(p.Codes)}
		return f, &f.Override
	case *packet.Unsuback:
		f := &codes{head: h, PacketID: p.PacketID, Properties: ofProperties(p.Properties), Codes: ofCodes(p.Codes)}
		return f, &f.Override
	case *packet.Disconnect:
		f := &reason{head: h, Code: uint8(p.Code), Properties: ofProperties(p.Properties)}
		return f, &f.Override
	case *packet.Auth:
		f := &reason{head: h, Code: uint8(p.Code), Properties: ofProperties(p.Properties)}
		return f, &f.Override
	}
	f := &ping{head: h}
	return f, &f.Override
}

func ofConnect(p *packet.Connect, h head) *connect {
	f := &connect{
		head: h, Reserved: p.Reserved, KeepAlive: p.KeepAlive,
		Properties: ofProperties(p.Properties), ClientID: text(p.ClientID),
	}
	v, _ := packet.ParseVersion(h.Version)
	usual := packet.NewConnect(v)
	if p.ProtocolName != usual.ProtocolName {
		name := text(p.ProtocolName)
		f.ProtocolName = &name
	}
	if v == packet.V5 {
		f.CleanStart = p.CleanSession
	} else {
		f.CleanSession = p.CleanSession
	}
	if p.HasWill {
		f.Will = &will{Topic: text(p.Will.Topic), QoS: int(p.Will.QoS), Retain: p.Will.Retain, Properties: ofProperties(p.Will.Properties)}
		f.Will.Payload, f.Will.PayloadHex = textOrHex(p.Will.Payload)
	}
	if p.HasUserName {
		name := text(p.UserName)
		f.UserName = &name
	}
	if p.HasPassword {
		plain, digits := textOrHex(p.Password)
		if digits == "" {
			f.Password = &plain
		} else {
			f.PasswordHex = &digits
		}
	}
	return f
}

func ofCodes(codes []packet.ReasonCode) []int {
	list := []int{}
	for _, c := range codes {
		list = append(list, int(c))
	}
	return list
}

func ofProperties(ps packet.Properties) []property {
	var list []property
	for i := range ps {
		p := &ps[i]
		f := property{Name: p.ID.Name()}
		switch p.ID.Kind() {
		case 0:
			continue // an identifier that no property has
		case packet.TextProperty:
			f.Value = text(p.Text)
		case packet.PairProperty:
			f.Key, f.Value = text(p.Key), text(p.Text)
		case packet.DataProperty:
			f.Hex = hex.EncodeToString(p.Data)
		default:
			f.Value = float64(p.Number)
		}
		list = append(list, f)
	}
	return list
}

// text copies a string of a packet, which aliases the packet's bytes. What is
// no UTF-8 cannot stand in JSON; the form is then not exact.
func text(s string) string {
	return string(bytes.ToValidUTF8([]byte(s), []byte("\uFFFD")))
}

// textOrHex returns bytes as text, or else as hex digits.
func textOrHex(b []byte) (string, string) {
	if utf8.Valid(b) {
		return string(b), ""
	}
	return "", hex.EncodeToString(b)
}
