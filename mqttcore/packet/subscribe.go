package packet

import (
	"strings"

	"mqttlab/mqttcore/topic"
)

// Subscribe asks for one or more Subscriptions (section 3.8).
type Subscribe struct {
	PacketID      uint16
	Properties    Properties
	Subscriptions []Subscription
}

// Subscription is one Topic Filter of a SUBSCRIBE with its options.
type Subscription struct {
	Filter            string
	QoS               QoS  // the maximum QoS at which the client wants to receive
	NoLocal           bool // 5.0
	RetainAsPublished bool // 5.0
	RetainHandling    byte // 5.0: 0 to 2
	Reserved          byte // bits 7 and 6; before 5.0 bits 7 to 2
}

// Type returns SUBSCRIBE.
func (*Subscribe) Type() Type { return SUBSCRIBE }

func (p *Subscribe) read(c *cursor) {
	*p = Subscribe{Properties: p.Properties[:0], Subscriptions: p.Subscriptions[:0]}
	p.PacketID = c.packetID()
	if c.version == V5 {
		p.Properties = c.properties(FieldProperties, SUBSCRIBE, p.Properties)
	}
	if !c.announced() {
		c.violate(NoFilters, FieldFilter, c.off, 0)
		return
	}
	for c.announced() {
		var s Subscription
		s.Filter = c.filter()
		if c.version == V5 {
			s.readOptions(c)
		} else {
			s.readQoS(c)
		}
		p.Subscriptions = append(p.Subscriptions, s)
	}
}

func (s *Subscription) readQoS(c *cursor) {
	b := c.u8(FieldRequestedQoS)
	c.down()
	s.Reserved = c.bits(b, FieldRequestedReserved, 7, 2)
	s.QoS = QoS(c.bits(b, FieldRequestedQoSBits, 1, 0))
	if s.Reserved != 0 && c.version != V31 {
		c.violateBits(SubscribeReserved, FieldRequestedReserved, 7, 2)
	}
	if s.QoS == 3 {
		c.violateBits(SubscribeQoS3, FieldRequestedQoSBits, 1, 0)
	}
	c.up()
}

func (s *Subscription) readOptions(c *cursor) {
	b := c.u8(FieldSubscriptionOptions)
	c.down()
	s.Reserved = c.bits(b, FieldOptionsReserved, 7, 6)
	s.RetainHandling = c.bits(b, FieldRetainHandling, 5, 4)
	s.RetainAsPublished = c.bit(b, FieldRetainAsPublished, 3)
	s.NoLocal = c.bit(b, FieldNoLocal, 2)
	s.QoS = QoS(c.bits(b, FieldOptionsQoS, 1, 0))
	if s.Reserved != 0 {
		c.violateBits(SubscribeReserved, FieldOptionsReserved, 7, 6)
	}
	if s.RetainHandling == 3 {
		c.violateBits(RetainHandling3, FieldRetainHandling, 5, 4)
	}
	if s.NoLocal && strings.HasPrefix(s.Filter, "$share/") {
		c.violateBits(NoLocalShared, FieldNoLocal, 2, 2)
	}
	if s.QoS == 3 {
		c.violateBits(SubscribeQoS3, FieldOptionsQoS, 1, 0)
	}
	c.up()
}

// filter reads a Topic Filter.
func (c *cursor) filter() string {
	f := c.text(FieldFilterLength, FieldFilter)
	if c.done {
		return f
	}
	check := topic.CheckFilter
	if c.version == V5 {
		check = topic.CheckSharedFilter
	}
	start := c.off - len(f)
	fault := check(f)
	switch fault.Problem {
	case topic.Empty:
		c.violate(FilterEmpty, FieldFilter, start-2, 2)
	case topic.HashNotAlone, topic.HashNotLast:
		c.violate(FilterHash, FieldFilter, start+fault.Offset, fault.Length)
	case topic.PlusNotAlone:
		c.violate(FilterPlus, FieldFilter, start+fault.Offset, fault.Length)
	case topic.NoShareName:
		c.violate(ShareNameMissing, FieldFilter, start+fault.Offset, fault.Length)
	case topic.BadShareName, topic.NoSharedFilter:
		c.violate(ShareName, FieldFilter, start+fault.Offset, fault.Length)
	}
	return f
}

func (p *Subscribe) flags() byte { return 0b0010 }

func (p *Subscribe) appendBody(dst []byte, v Version) []byte {
	dst = appendUint16(dst, p.PacketID)
	if v == V5 {
		dst = appendProperties(dst, p.Properties)
	}
	for i := range p.Subscriptions {
		s := &p.Subscriptions[i]
		dst = appendText(dst, s.Filter)
		if v == V5 {
			dst = append(dst, s.Reserved<<6|s.RetainHandling&3<<4|bit(s.RetainAsPublished, 3)|bit(s.NoLocal, 2)|byte(s.QoS&3))
		} else {
			dst = append(dst, s.Reserved<<2|byte(s.QoS&3))
		}
	}
	return dst
}
