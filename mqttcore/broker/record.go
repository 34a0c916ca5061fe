package broker

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"mqttlab/mqttcore/packet"
)

// Record is a piece of what must outlive the Server: Session state
// [MQTT-4.1.0-1], in which it must not discard what is kept for a Client that
// is away, and retained messages. A Value replaces the one of the same Key;
// none, nil, removes it.
//
// The caller keeps Records as they are and need not understand them. All that
// an event changes belongs together: it is kept as a whole or not at all.
type Record struct {
	Key   string
	Value []byte
}

// RecordFormat numbers the form of the Records. Those of another number
// cannot be restored.
const RecordFormat = 1

// The kinds of Record, each the first byte of its Keys. What belongs to a
// Session has the Client Identifier behind it, with its length before it in
// two bytes.
const (
	recordSession      = 'S' // Client Identifier
	recordSubscription = 'F' // Session, Topic Filter
	recordHeld         = 'H' // Session, Packet Identifier: a QoS 2 message from the Client, until PUBREL
	recordMessage      = 'M' // Session, order of coming: a message to the Client, with its Packet Identifier if it was sent at once
	recordDelivery     = 'D' // Session, order of coming: what has become of that message since
	recordRetained     = 'R' // Topic Name
)

func key(kind byte, of string) string { return string(kind) + of }

func keyOf(kind byte, s *session, rest []byte) string {
	k := make([]byte, 0, 3+len(s.id)+len(rest))
	k = append(k, kind)
	k = binary.BigEndian.AppendUint16(k, uint16(len(s.id)))
	k = append(k, s.id...)
	return string(append(k, rest...))
}

func subscriptionKey(s *session, filter string) string {
	return keyOf(recordSubscription, s, []byte(filter))
}

func heldKey(s *session, id uint16) string {
	return keyOf(recordHeld, s, []byte{byte(id >> 8), byte(id)})
}

func messageKey(s *session, order uint64) string {
	var rest [8]byte
	binary.BigEndian.PutUint64(rest[:], order)
	return keyOf(recordMessage, s, rest[:])
}

func deliveryKey(s *session, order uint64) string {
	var rest [8]byte
	binary.BigEndian.PutUint64(rest[:], order)
	return keyOf(recordDelivery, s, rest[:])
}

// The values. Numbers are varints; a text has its length before it.

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return binary.AppendVarint(b, math.MinInt64)
	}
	return binary.AppendVarint(b, t.UnixNano())
}

func appendBool(b []byte, on bool) []byte {
	if on {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendNumbers(b []byte, list []uint32) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, n := range list {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

// appendMessage ends a value with a message: its topic, properties and payload
// as the PUBLISH with QoS 0 that they make.
func appendMessage(b []byte, m *message) []byte {
	b = append(b, byte(m.version), byte(m.qos))
	b = appendBool(b, m.retain)
	b = appendTime(b, m.expires)
	b = appendText(b, m.client)
	b, _ = packet.Append(b, &packet.Publish{Topic: m.topic, Properties: m.properties, Payload: m.payload}, m.version) // not longer than what it came in
	return b
}

func sessionValue(s *session) []byte {
	b := []byte{byte(s.version)}
	b = appendBool(b, s.clean)
	b = appendBool(b, s.kept)
	b = binary.AppendUvarint(b, uint64(s.expiry))
	b = appendTime(b, s.left)
	b = appendBool(b, s.will != nil)
	if w := s.will; w != nil {
		b = binary.AppendUvarint(b, uint64(w.delay))
		b = appendMessage(b, w.message)
	}
	return b
}

func subscriptionValue(sub *subscription) []byte {
	b := []byte{byte(sub.qos), sub.retainHandling}
	b = appendBool(b, sub.noLocal)
	b = appendBool(b, sub.retainAsPublished)
	b = appendBool(b, sub.share != "")
	return appendNumbers(b, sub.ids)
}

func messageValue(q *queued, id uint16) []byte {
	b := make([]byte, 0, 64+len(q.message.topic)+len(q.message.payload)+len(q.message.client))
	b = append(b, byte(q.qos))
	b = appendBool(b, q.retain)
	b = binary.AppendUvarint(b, uint64(id))
	b = appendNumbers(b, q.ids)
	by := ""
	if q.shared != nil {
		by = q.shared.filter
	}
	b = appendText(b, by)
	return appendMessage(b, q.message)
}

func deliveryValue(d *delivery, released uint64) []byte {
	b := []byte{d.state, byte(d.qos)}
	b = binary.AppendUvarint(b, uint64(d.id))
	return binary.AppendUvarint(b, released)
}

func retainedValue(r *retained) []byte {
	return appendMessage(binary.AppendUvarint(nil, r.order), r.message)
}

var errRecord = errors.New("its bytes are damaged")

// value reads the value of a Record. After a fault, bad is true and all that
// is read is zero.
type value struct {
	b   []byte
	bad bool
}

func (v *value) fail() {
	v.b, v.bad = nil, true
}

func (v *value) byte() byte {
	if len(v.b) == 0 {
		v.fail()
		return 0
	}
	n := v.b[0]
	v.b = v.b[1:]
	return n
}

func (v *value) bool() bool { return v.byte() == 1 }

func (v *value) number(limit uint64) uint64 {
	n, size := binary.Uvarint(v.b)
	if size <= 0 || n > limit {
		v.fail()
		return 0
	}
	v.b = v.b[size:]
	return n
}

func (v *value) numbers() []uint32 {
	n := v.number(uint64(len(v.b)))
	var list []uint32
	for range n {
		list = append(list, uint32(v.number(math.MaxUint32)))
	}
	return list
}

func (v *value) time() time.Time {
	n, size := binary.Varint(v.b)
	if size <= 0 {
		v.fail()
		return time.Time{}
	}
	v.b = v.b[size:]
	if n == math.MinInt64 {
		return time.Time{}
	}
	return time.Unix(0, n)
}

func (v *value) text() string {
	n := v.number(uint64(len(v.b)))
	if n > uint64(len(v.b)) {
		v.fail()
		return ""
	}
	s := string(v.b[:n])
	v.b = v.b[n:]
	return s
}

func (v *value) version() packet.Version {
	n := packet.Version(v.byte())
	if n < packet.V31 || n > packet.V5 {
		v.fail()
		return packet.V311
	}
	return n
}

func (v *value) qos() packet.QoS {
	n := packet.QoS(v.byte())
	if n > 2 {
		v.fail()
		return 0
	}
	return n
}

// message reads the message that ends a value.
func (v *value) message() *message {
	m := &message{version: v.version(), qos: v.qos(), retain: v.bool(), expires: v.time(), client: v.text()}
	if v.bad {
		return m
	}
	d := packet.Decoder{Version: m.version}
	p, err := d.Decode(v.b)
	publish, ok := p.(*packet.Publish)
	if size, _ := packet.Size(v.b); err != nil || !ok || size != len(v.b) {
		v.fail()
		return m
	}
	v.b = nil
	m.topic, m.payload, m.properties = publish.Topic, publish.Payload, forwarded(publish.Properties)
	return m
}

// end reports whether the value was sound and is read to its end.
func (v *value) end() error {
	if v.bad || len(v.b) > 0 {
		return errRecord
	}
	return nil
}
