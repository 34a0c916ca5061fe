package form

import (
	"encoding/hex"
	"fmt"
	"strconv"

	"mqttlab/mqttcore/packet"
)

// form is the JSON of one packet type.
type form interface {
	packet(t packet.Type, v packet.Version) (packet.Packet, error)
}

func newForm(t packet.Type) form {
	switch t {
	case packet.CONNECT:
		return new(connect)
	case packet.CONNACK:
		return new(connack)
	case packet.PUBLISH:
		return new(publish)
	case packet.SUBSCRIBE:
		return new(subscribe)
	case packet.UNSUBSCRIBE:
		return new(unsubscribe)
	case packet.SUBACK, packet.UNSUBACK:
		return new(codes)
	case packet.PINGREQ, packet.PINGRESP:
		return new(ping)
	case packet.DISCONNECT, packet.AUTH:
		return new(reason)
	}
	return new(ack)
}

type connect struct {
	head
	ProtocolName  *string    `json:"protocol_name,omitempty"`  // default: that of the version
	ProtocolLevel *uint8     `json:"protocol_level,omitempty"` // default: that of the version
	Reserved      bool       `json:"reserved,omitempty"`
	CleanSession  bool       `json:"clean_session,omitempty"`
	CleanStart    bool       `json:"clean_start,omitempty"` // 5.0's name of the same bit
	KeepAlive     uint16     `json:"keep_alive,omitempty"`
	Properties    []property `json:"properties,omitempty"`
	ClientID      string     `json:"client_id,omitempty"`
	Will          *will      `json:"will,omitempty"`
	UserName      *string    `json:"username,omitempty"`
	Password      *string    `json:"password,omitempty"`
	PasswordHex   *string    `json:"password_hex,omitempty"`
}

type will struct {
	Topic      string     `json:"topic"`
	Payload    string     `json:"payload,omitempty"`
	PayloadHex string     `json:"payload_hex,omitempty"`
	QoS        int        `json:"qos,omitempty"`
	Retain     bool       `json:"retain,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

func (f *connect) packet(_ packet.Type, v packet.Version) (packet.Packet, error) {
	p := packet.NewConnect(v)
	if f.ProtocolName != nil {
		p.ProtocolName = *f.ProtocolName
	}
	if f.ProtocolLevel != nil {
		p.ProtocolLevel = *f.ProtocolLevel
	}
	p.Reserved = f.Reserved
	p.CleanSession = f.CleanSession || f.CleanStart
	p.KeepAlive = f.KeepAlive
	p.ClientID = f.ClientID
	var err error
	if p.Properties, err = properties("properties", f.Properties); err != nil {
		return nil, err
	}
	if f.Will != nil {
		p.HasWill = true
		p.Will.Topic = f.Will.Topic
		p.Will.Retain = f.Will.Retain
		p.Will.QoS = packet.QoS(f.Will.QoS)
		if err := inRange("will.qos", f.Will.QoS, 3); err != nil {
			return nil, err
		}
		if p.Will.Payload, err = payload("will.payload", f.Will.Payload, f.Will.PayloadHex); err != nil {
			return nil, err
		}
		if p.Will.Properties, err = properties("will.properties", f.Will.Properties); err != nil {
			return nil, err
		}
	}
	if f.UserName != nil {
		p.HasUserName, p.UserName = true, *f.UserName
	}
	switch {
	case f.Password != nil && f.PasswordHex != nil:
		return nil, mistake("password", "form.both", "key", "password")
	case f.Password != nil:
		p.HasPassword, p.Password = true, []byte(*f.Password)
	case f.PasswordHex != nil:
		p.HasPassword = true
		if p.Password, err = payload("password", "", *f.PasswordHex); err != nil {
			return nil, err
		}
	}
	return p, nil
}

type connack struct {
	head
	SessionPresent bool       `json:"session_present,omitempty"`
	Code           uint8      `json:"code,omitempty"`
	Properties     []property `json:"properties,omitempty"`
}

func (f *connack) packet(packet.Type, packet.Version) (packet.Packet, error) {
	ps, err := properties("properties", f.Properties)
	return &packet.Connack{SessionPresent: f.SessionPresent, Code: packet.ReasonCode(f.Code), Properties: ps}, err
}

type publish struct {
	head
	Dup        bool       `json:"dup,omitempty"`
	QoS        int        `json:"qos,omitempty"`
	Retain     bool       `json:"retain,omitempty"`
	Topic      string     `json:"topic"`
	PacketID   uint16     `json:"packet_id,omitempty"`
	Properties []property `json:"properties,omitempty"`
	Payload    string     `json:"payload,omitempty"`
	PayloadHex string     `json:"payload_hex,omitempty"`
}

func (f *publish) packet(packet.Type, packet.Version) (packet.Packet, error) {
	if err := inRange("qos", f.QoS, 3); err != nil {
		return nil, err
	}
	content, err := payload("payload", f.Payload, f.PayloadHex)
	if err != nil {
		return nil, err
	}
	ps, err := properties("properties", f.Properties)
	return &packet.Publish{
		Dup: f.Dup, QoS: packet.QoS(f.QoS), Retain: f.Retain,
		Topic: f.Topic, PacketID: f.PacketID, Properties: ps, Payload: content,
	}, err
}

type ack struct {
	head
	PacketID   uint16     `json:"packet_id"`
	Code       uint8      `json:"code,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

func (f *ack) packet(t packet.Type, _ packet.Version) (packet.Packet, error) {
	ps, err := properties("properties", f.Properties)
	return &packet.Ack{Kind: t, PacketID: f.PacketID, Code: packet.ReasonCode(f.Code), Properties: ps}, err
}

type subscribe struct {
	head
	PacketID      uint16         `json:"packet_id"`
	Properties    []property     `json:"properties,omitempty"`
	Subscriptions []subscription `json:"subscriptions"`
}

type subscription struct {
	Filter            string `json:"filter"`
	QoS               int    `json:"qos,omitempty"`
	NoLocal           bool   `json:"no_local,omitempty"`
	RetainAsPublished bool   `json:"retain_as_published,omitempty"`
	RetainHandling    int    `json:"retain_handling,omitempty"`
}

func (f *subscribe) packet(packet.Type, packet.Version) (packet.Packet, error) {
	p := &packet.Subscribe{PacketID: f.PacketID}
	for i, s := range f.Subscriptions {
		if err := inRange(fmt.Sprintf("subscriptions[%d].qos", i), s.QoS, 3); err != nil {
			return nil, err
		}
		if err := inRange(fmt.Sprintf("subscriptions[%d].retain_handling", i), s.RetainHandling, 3); err != nil {
			return nil, err
		}
		p.Subscriptions = append(p.Subscriptions, packet.Subscription{
			Filter: s.Filter, QoS: packet.QoS(s.QoS), NoLocal: s.NoLocal,
			RetainAsPublished: s.RetainAsPublished, RetainHandling: byte(s.RetainHandling),
		})
	}
	var err error
	p.Properties, err = properties("properties", f.Properties)
	return p, err
}

type unsubscribe struct {
	head
	PacketID   uint16     `json:"packet_id"`
	Properties []property `json:"properties,omitempty"`
	Filters    []string   `json:"filters"`
}

func (f *unsubscribe) packet(packet.Type, packet.Version) (packet.Packet, error) {
	ps, err := properties("properties", f.Properties)
	return &packet.Unsubscribe{PacketID: f.PacketID, Properties: ps, Filters: f.Filters}, err
}

type codes struct {
	head
	PacketID   uint16     `json:"packet_id"`
	Properties []property `json:"properties,omitempty"`
	Codes      []int      `json:"codes,omitempty"`
}

func (f *codes) packet(t packet.Type, _ packet.Version) (packet.Packet, error) {
	var list []packet.ReasonCode
	for i, c := range f.Codes {
		if err := inRange(fmt.Sprintf("codes[%d]", i), c, 255); err != nil {
			return nil, err
		}
		list = append(list, packet.ReasonCode(c))
	}
	ps, err := properties("properties", f.Properties)
	if t == packet.SUBACK {
		return &packet.Suback{PacketID: f.PacketID, Properties: ps, Codes: list}, err
	}
	return &packet.Unsuback{PacketID: f.PacketID, Properties: ps, Codes: list}, err
}

type ping struct{ head }

func (f *ping) packet(t packet.Type, _ packet.Version) (packet.Packet, error) {
	return &packet.Ping{Kind: t}, nil
}

type reason struct {
	head
	Code       uint8      `json:"code,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

func (f *reason) packet(t packet.Type, _ packet.Version) (packet.Packet, error) {
	ps, err := properties("properties", f.Properties)
	if t == packet.AUTH {
		return &packet.Auth{Code: packet.ReasonCode(f.Code), Properties: ps}, err
	}
	return &packet.Disconnect{Code: packet.ReasonCode(f.Code), Properties: ps}, err
}

// property is one property of 5.0. Value is a number or a string, as the
// property's type asks; binary data is given as Hex.
type property struct {
	Name  string `json:"name"`
	Value any    `json:"value,omitempty"`
	Key   string `json:"key,omitempty"`
	Hex   string `json:"hex,omitempty"`
}

func properties(key string, list []property) (packet.Properties, error) {
	var ps packet.Properties
	for i, f := range list {
		p, err := f.property()
		if err != nil {
			err.Key = fmt.Sprintf("%s[%d].%s", key, i, err.Key)
			return nil, err
		}
		ps = append(ps, p)
	}
	return ps, nil
}

func (f property) property() (packet.Property, *Error) {
	id, ok := packet.ParseProperty(f.Name)
	if !ok {
		return packet.Property{}, mistake("name", "form.property", "name", strconv.Quote(f.Name))
	}
	p := packet.Property{ID: id}
	limit := map[packet.PropertyKind]float64{
		packet.ByteProperty: 1<<8 - 1, packet.TwoByteProperty: 1<<16 - 1,
		packet.FourByteProperty: 1<<32 - 1, packet.VarintProperty: packet.MaxRemainingLength,
	}
	switch kind := id.Kind(); kind {
	case packet.TextProperty, packet.PairProperty:
		text, ok := f.Value.(string)
		if !ok {
			return p, mistake("value", "form.text")
		}
		p.Text, p.Key = text, f.Key
	case packet.DataProperty:
		data, err := hex.DecodeString(f.Hex)
		if err != nil {
			return p, hexMistake("hex", err)
		}
		p.Data = data
	default:
		x, ok := f.Value.(float64)
		if !ok || x < 0 || x > limit[kind] || x != float64(uint32(x)) {
			return p, mistake("value", "form.whole", "most", fmt.Sprintf("%.0f", limit[kind]))
		}
		p.Number = uint32(x)
	}
	return p, nil
}
