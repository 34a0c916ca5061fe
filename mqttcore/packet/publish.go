package packet

import (
	"unicode/utf8"

	"mqttlab/mqttcore/topic"
)

// Publish carries an Application Message in either direction (section 3.3).
type Publish struct {
	Dup        bool
	QoS        QoS
	Retain     bool
	Topic      string
	PacketID   uint16 // only on the wire if QoS is not 0
	Properties Properties
	Payload    []byte
}

// Type returns PUBLISH.
func (*Publish) Type() Type { return PUBLISH }

func (p *Publish) read(c *cursor, first byte) {
	p.Dup = first&8 != 0
	p.QoS = QoS(first >> 1 & 3)
	p.Retain = first&1 != 0

	p.Topic = c.text(FieldTopicLength, FieldTopic)
	topicEnd := c.off
	if c.version != V5 || p.Topic != "" {
		c.topicName(p.Topic, FieldTopic)
	}
	p.PacketID = 0
	if p.QoS > 0 {
		p.PacketID = c.packetID()
	}
	p.Properties = p.Properties[:0]
	if c.version == V5 {
		p.Properties = c.properties(FieldProperties, PUBLISH, p.Properties)
		if p.Topic == "" && !c.done {
			if _, ok := p.Properties.Number(TopicAlias); !ok {
				c.violate(TopicEmptyNoAlias, FieldTopic, topicEnd-2, 2)
			}
		}
	}
	p.Payload = c.rest(FieldPayload)
	c.payloadFormat(p.Properties, p.Payload, FieldPayload)
}

func (p *Publish) flags() byte {
	return bit(p.Dup, 3) | byte(p.QoS&3)<<1 | bit(p.Retain, 0)
}

func (p *Publish) appendBody(dst []byte, v Version) []byte {
	dst = appendText(dst, p.Topic)
	if p.QoS > 0 {
		dst = appendUint16(dst, p.PacketID)
	}
	if v == V5 {
		dst = appendProperties(dst, p.Properties)
	}
	return append(dst, p.Payload...)
}

// packetID reads a Packet Identifier, which is never 0.
func (c *cursor) packetID() uint16 {
	id := c.u16(FieldPacketID)
	if id == 0 {
		c.violate(PacketIDZero, FieldPacketID, c.off-2, 2)
	}
	return id
}

// topicName checks the Topic Name just read.
func (c *cursor) topicName(name string, f Field) {
	if c.done {
		return
	}
	start := c.off - len(name)
	switch fault := topic.CheckName(name); fault.Problem {
	case topic.Empty:
		c.violate(TopicEmpty, f, start-2, 2)
	case topic.WildcardInName:
		c.violate(TopicWildcard, f, start+fault.Offset, fault.Length)
	}
}

// payloadFormat checks the payload just read against Payload Format Indicator.
func (c *cursor) payloadFormat(ps Properties, payload []byte, f Field) {
	if c.done || len(ps) == 0 {
		return
	}
	if text, _ := ps.Number(PayloadFormatIndicator); text == 1 && !utf8.Valid(payload) {
		c.violate(PayloadNotUTF8, f, c.off-len(payload), len(payload))
	}
}
