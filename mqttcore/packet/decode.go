package packet

import "errors"

// Decoder reads Control Packets. It is meant to live as long as a connection:
// Version is then that of its CONNECT. The packet that Decode returns lives
// in the Decoder and is overwritten by the next Decode; its strings and byte
// slices alias the input, which must not change while they are in use. Clone
// what is to be kept.
type Decoder struct {
	// Version under which packets other than CONNECT are read. A CONNECT is
	// read as what it says it is, and sets Version. Zero is taken as 3.1.1.
	Version Version
	// Trace, if not nil, is Reset and filled by each Decode.
	Trace *Trace

	connect     Connect
	connack     Connack
	publish     Publish
	ack         Ack
	subscribe   Subscribe
	suback      Suback
	unsubscribe Unsubscribe
	unsuback    Unsuback
	disconnect  Disconnect
	auth        Auth
	ping        Ping
}

// Decode reads the Control Packet at the start of b; what follows it in b is
// not looked at (Size says how long it is). The error, if any, is a *Fault:
// the first rule in wire order that the packet breaks. The packet is then nil.
func (d *Decoder) Decode(b []byte) (Packet, error) {
	// Field by field: a literal would be made elsewhere and then copied, and
	// the copy would wait for the single stores.
	var c cursor
	c.b, c.version, c.trace = b, d.Version, d.Trace
	if c.version == 0 {
		c.version = V311
	}
	if c.trace != nil {
		c.trace.Reset()
	}
	p := d.read(&c)
	if c.first != nil {
		return nil, c.first
	}
	return p, nil
}

// Begun looks at the beginning of a packet that is not whole yet: what can
// never become one is a fault at once. It returns nil while more bytes may
// still make a packet of it.
func (d *Decoder) Begun(b []byte) *Fault {
	header := b[:min(len(b), 5)] // which hold every fixed header
	for i := 1; i < len(header); i++ {
		if header[i] < 0x80 {
			header = header[:i+1]
			break
		}
	}
	_, err := d.Decode(header)
	var fault *Fault
	if errors.As(err, &fault) && fault.Violation != Incomplete {
		return fault
	}
	return nil
}

// read reads the fixed header (section 2.1; 3.1.1: section 2.2) and leaves
// the rest to the packet type.
func (d *Decoder) read(c *cursor) Packet {
	if len(c.b) == 0 {
		c.cut, c.total = true, 2
		c.short(FieldHeader, 1, 0, 0)
		return nil
	}
	length, n, state := variableByteInteger(c.b[1:])
	switch size := 1 + n + length; {
	case state == varintTooLong: // reported where the field is read
	case state == varintShort || size > len(c.b):
		c.cut, c.total = true, max(size, len(c.b)+1)
	default:
		c.total = size
		c.b = c.b[:size]
	}

	first := c.b[0]
	t := Type(first >> 4)
	c.kind = t
	if c.trace == nil && state == varintOK && n == varintSize(length) && plainFirst[c.version&7][first] {
		c.off, c.quick = 1+n, len(c.b)
	} else if c.fixedHeader(length, n, state); c.done {
		return nil
	}

	p := d.body(c, t, first)
	if c.more() {
		c.violate(TrailingBytes, FieldTrailing, c.off, c.left())
		if c.trace != nil {
			c.bytes(FieldTrailing, c.left())
		}
	}
	if c.cut {
		c.incomplete(FieldTrailing)
		return nil
	}
	return p
}

func (d *Decoder) body(c *cursor, t Type, first byte) Packet {
	switch t {
	case CONNECT:
		d.connect.read(c)
		if c.first == nil {
			d.Version = c.version
		}
		return &d.connect
	case CONNACK:
		d.connack.read(c)
		return &d.connack
	case PUBLISH:
		d.publish.read(c, first)
		return &d.publish
	case PUBACK, PUBREC, PUBREL, PUBCOMP:
		d.ack.read(c, t)
		return &d.ack
	case SUBSCRIBE:
		d.subscribe.read(c)
		return &d.subscribe
	case SUBACK:
		d.suback.read(c)
		return &d.suback
	case UNSUBSCRIBE:
		d.unsubscribe.read(c)
		return &d.unsubscribe
	case UNSUBACK:
		d.unsuback.read(c)
		return &d.unsuback
	case DISCONNECT:
		d.disconnect.read(c)
		return &d.disconnect
	case AUTH:
		d.auth.read(c)
		return &d.auth
	}
	d.ping.Kind = t
	return &d.ping
}

// fixedHeader reads what read has looked at: the first byte and the Remaining
// Length. If it is done, nothing is known of what follows.
func (c *cursor) fixedHeader(length, n int, state varintState) {
	t := c.kind
	if t == CONNECT && state == varintOK {
		c.foretell(1 + n)
	}
	first := c.u8(FieldHeader)
	c.down()
	c.bits(first, FieldType, 7, 4)
	c.headerFlags(first, t)
	c.up()
	c.remainingLength(length, n, state)
	if t == 0 || (t == AUTH && c.version != V5) {
		c.abandon()
	}
}

// foretell sets the version from a CONNECT's Protocol Name and level before
// they are read, so that a fault of the fixed header is told under the rules
// that the Client lives by.
func (c *cursor) foretell(at int) {
	const v31, v5 = "\x00\x06MQIsdp\x03", "\x00\x04MQTT\x05"
	begins := func(protocol string) bool {
		return len(c.b) >= at+len(protocol) && string(c.b[at:at+len(protocol)]) == protocol
	}
	switch {
	case begins(v5):
		c.version = V5
	case begins(v31):
		c.version = V31
	default:
		c.version = V311
	}
}

// plainFirst says of every first byte whether it is without fault in a packet
// of a version. headerFlags judges. Of a CONNECT the packet says the version.
var plainFirst = func() (plain [8][256]bool) {
	for _, v := range Versions {
		for first := range 256 {
			c := cursor{b: []byte{byte(first)}, off: 1, version: v}
			c.headerFlags(byte(first), Type(first>>4))
			plain[v][first] = c.first == nil && (Type(first>>4) != CONNECT || first&15 == 0)
		}
	}
	return plain
}()

// headerFlags reads bits 3 to 0 of the first byte (section 2.1.3; 3.1.1:
// section 2.2.2).
func (c *cursor) headerFlags(first byte, t Type) {
	if t == PUBLISH {
		dup := c.bit(first, FieldDup, 3)
		qos := c.bits(first, FieldQoS, 2, 1)
		c.bit(first, FieldRetain, 0)
		if qos == 3 {
			c.violateBits(QoS3, FieldQoS, 2, 1)
		}
		if dup && qos == 0 {
			c.violateBits(DupWithQoS0, FieldDup, 3, 3)
		}
		return
	}
	want, _ := t.Flags()
	if c.version == V31 && want != 0 { // 3.1 let these be sent again with DUP set, at QoS 1
		c.bit(first, FieldDup, 3)
		c.bits(first, FieldQoS, 2, 1)
		c.bit(first, FieldRetainReserved, 0)
		if first&0b0110 != want {
			c.violateBits(ReservedFlags, FieldReservedFlags, 2, 1)
		}
		return
	}
	flags := c.bits(first, FieldReservedFlags, 3, 0)
	if t == 0 || (t == AUTH && c.version != V5) {
		c.violateBits(ReservedType, FieldType, 7, 4)
		return
	}
	if flags != want && c.version != V31 { // which did not use them
		c.violateBits(ReservedFlags, FieldReservedFlags, 3, 0)
	}
}

// remainingLength passes over the Remaining Length, which read has read.
func (c *cursor) remainingLength(length, n int, state varintState) {
	if c.done {
		return
	}
	switch state {
	case varintShort:
		c.short(FieldRemainingLength, c.left()+1, c.off, c.left())
		return
	case varintTooLong:
		if c.trace != nil {
			c.trace.cut(FieldRemainingLength, c.off, n)
		}
		c.violate(RemainingLengthTooLong, FieldRemainingLength, c.off, n)
		c.off += n
		c.abandon()
		return
	}
	if c.trace != nil {
		c.trace.add(FieldRemainingLength, c.off, n, uint32(length))
	}
	if n > varintSize(length) {
		c.violate(RemainingLengthNotMinimal, FieldRemainingLength, c.off, n)
	}
	c.off += n
}
