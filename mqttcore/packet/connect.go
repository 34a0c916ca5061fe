package packet

import "unicode/utf8"

// Connect asks the Server for a Session; it is the first packet of every
// connection (section 3.1).
type Connect struct {
	ProtocolName  string // "MQTT", in 3.1 "MQIsdp"
	ProtocolLevel byte   // 5.0: Protocol Version
	Reserved      bool   // bit 0 of the Connect Flags, must be clear [MQTT-3.1.2-3]
	CleanSession  bool   // 5.0: Clean Start
	KeepAlive     uint16 // seconds; 0 switches the mechanism off
	Properties    Properties
	ClientID      string
	HasWill       bool
	Will          Will
	HasUserName   bool
	UserName      string
	HasPassword   bool
	Password      []byte
}

// Will is the message that the Server publishes when the connection ends
// without a DISCONNECT (section 3.1.2.5). Without HasWill its QoS and Retain
// still stand in the Connect Flags, where they must be zero.
type Will struct {
	QoS        QoS
	Retain     bool
	Properties Properties
	Topic      string
	Payload    []byte
}

// NewConnect returns a CONNECT with the Protocol Name and level of version v.
func NewConnect(v Version) *Connect {
	name := "MQTT"
	if v == V31 {
		name = "MQIsdp"
	}
	return &Connect{ProtocolName: name, ProtocolLevel: byte(v)}
}

// Type returns CONNECT.
func (*Connect) Type() Type { return CONNECT }

func (p *Connect) read(c *cursor) {
	*p = Connect{Properties: p.Properties[:0], Will: Will{Properties: p.Will.Properties[:0]}}

	p.ProtocolName, p.ProtocolLevel = c.protocol()

	flags := c.u8(FieldConnectFlags)
	c.down()
	p.HasUserName = c.bit(flags, FieldUserNameFlag, 7)
	p.HasPassword = c.bit(flags, FieldPasswordFlag, 6)
	p.Will.Retain = c.bit(flags, FieldWillRetain, 5)
	p.Will.QoS = QoS(c.bits(flags, FieldWillQoS, 4, 3))
	p.HasWill = c.bit(flags, FieldWillFlag, 2)
	p.CleanSession = c.bit(flags, FieldCleanSession, 1)
	p.Reserved = c.bit(flags, FieldConnectReserved, 0)
	p.checkFlags(c)
	c.up()
	p.KeepAlive = c.u16(FieldKeepAlive)
	if c.version == V5 {
		p.Properties = c.properties(FieldProperties, CONNECT, p.Properties)
		c.authProperties(p.Properties, CONNECT)
	}

	p.ClientID = c.text(FieldClientIDLength, FieldClientID)
	p.checkClientID(c)
	if p.HasWill {
		if c.version == V5 {
			p.Will.Properties = c.properties(FieldWillProperties, inWill, p.Will.Properties)
		}
		p.Will.Topic = c.text(FieldWillTopicLength, FieldWillTopic)
		c.topicName(p.Will.Topic, FieldWillTopic)
		p.Will.Payload = c.binary(FieldWillMessageLength, FieldWillMessage)
		c.payloadFormat(p.Will.Properties, p.Will.Payload, FieldWillMessage)
	}
	// In 3.1 the Remaining Length's word counts more than that of the flags.
	mayEnd := c.version == V31 && !c.cut
	p.HasUserName = p.HasUserName && !(mayEnd && c.left() == 0)
	if p.HasUserName {
		p.UserName = c.text(FieldUserNameLength, FieldUserName)
	}
	p.HasPassword = p.HasPassword && !(mayEnd && c.left() == 0)
	if p.HasPassword {
		p.Password = c.binary(FieldPasswordLength, FieldPassword)
	}
}

// BridgeLevel is the bit of the protocol level by which Mosquitto's bridges make themselves known (try_private).
const BridgeLevel = 0x80

// protocol reads the Protocol Name and level and sets the version under
// which the rest is read: that of the level, else that of the name.
func (c *cursor) protocol() (string, byte) {
	at := c.off
	name := c.text(FieldProtocolNameLength, FieldProtocolName)
	nameEnd := c.off
	if c.done {
		return name, 0
	}
	if name != "MQTT" && name != "MQIsdp" {
		c.violate(ProtocolName, FieldProtocolName, min(at+2, nameEnd), len(name))
	}
	level := c.u8(FieldProtocolLevel)
	if c.done {
		return name, level
	}
	switch {
	case level == byte(V5):
		c.version = V5
	case level == byte(V311):
		c.version = V311
	case level == byte(V31):
		c.version = V31
	default:
		c.version = V311
		if name == "MQIsdp" {
			c.version = V31
		}
		c.report(Fault{Violation: ProtocolLevel, Field: FieldProtocolLevel, Offset: c.off - 1, Length: 1, Hi: -1, Lo: -1, Want: int(level)})
		// What another protocol looks like from here on nobody knows; a bridge of Mosquitto's sets the highest bit.
		c.foreign = level&^BridgeLevel != byte(c.version)
		return name, level
	}
	if (name == "MQIsdp") != (level == byte(V31)) && (name == "MQTT" || name == "MQIsdp") {
		c.violate(ProtocolName, FieldProtocolName, at+2, len(name))
	}
	return name, level
}

func (p *Connect) checkFlags(c *cursor) {
	if p.Reserved && c.version != V31 { // 3.1 left the bit unused
		c.violateBits(ReservedConnectFlag, FieldConnectReserved, 0, 0)
	}
	if p.Will.QoS == 3 {
		c.violateBits(WillQoS3, FieldWillQoS, 4, 3)
	} else if !p.HasWill && p.Will.QoS != 0 && c.version != V31 {
		c.violateBits(WillQoSWithoutWill, FieldWillQoS, 4, 3)
	}
	if !p.HasWill && p.Will.Retain && c.version != V31 {
		c.violateBits(WillRetainWithoutWill, FieldWillRetain, 5, 5)
	}
	if p.HasPassword && !p.HasUserName && c.version != V5 {
		c.violateBits(PasswordWithoutUserName, FieldPasswordFlag, 6, 6)
	}
}

func (p *Connect) checkClientID(c *cursor) {
	if c.done {
		return
	}
	n := len(p.ClientID)
	switch {
	case c.version == V31:
		if characters := utf8.RuneCountInString(p.ClientID); characters == 0 || characters > 23 {
			c.report(Fault{Violation: ClientIDLength31, Field: FieldClientID, Offset: c.off - n, Length: n, Hi: -1, Lo: -1, Want: characters})
		}
	case c.version == V311 && n == 0 && !p.CleanSession:
		c.violate(EmptyClientIDNoClean, FieldClientID, c.off, 0)
	}
}

func (p *Connect) flags() byte { return 0 }

func (p *Connect) appendBody(dst []byte, _ Version) []byte {
	v5 := p.ProtocolLevel == byte(V5)
	dst = appendText(dst, p.ProtocolName)
	dst = append(dst, p.ProtocolLevel, p.connectFlags())
	dst = appendUint16(dst, p.KeepAlive)
	if v5 {
		dst = appendProperties(dst, p.Properties)
	}
	dst = appendText(dst, p.ClientID)
	if p.HasWill {
		if v5 {
			dst = appendProperties(dst, p.Will.Properties)
		}
		dst = appendText(dst, p.Will.Topic)
		dst = appendBinary(dst, p.Will.Payload)
	}
	if p.HasUserName {
		dst = appendText(dst, p.UserName)
	}
	if p.HasPassword {
		dst = appendBinary(dst, p.Password)
	}
	return dst
}

func (p *Connect) connectFlags() byte {
	return bit(p.HasUserName, 7) | bit(p.HasPassword, 6) | bit(p.Will.Retain, 5) |
		byte(p.Will.QoS&3)<<3 | bit(p.HasWill, 2) | bit(p.CleanSession, 1) | bit(p.Reserved, 0)
}

// bit returns a byte in which bit i is set if on.
func bit(on bool, i int) byte {
	if on {
		return 1 << i
	}
	return 0
}
