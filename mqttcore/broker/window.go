package broker

import (
	"bytes"
	"math/bits"
	"strings"
	"time"

	"mqttlab/mqttcore/packet"
)

const maxPacketID = 1<<16 - 1

// idSet is a set of Packet Identifiers. It costs a pointer while empty, and
// finds a free identifier without looking at each.
type idSet struct {
	pages *[16]*idPage
	n     int
	last  uint16 // handed out last
}

// idPage holds 4,096 identifiers.
type idPage struct {
	words [64]uint64
	full  uint64 // bit i: words[i] has no zero bit
	n     int
}

func (s *idSet) has(id uint16) bool {
	return s.n > 0 && s.pages[id>>12] != nil && s.pages[id>>12].words[id>>6&63]&(1<<(id&63)) != 0
}

func (s *idSet) add(id uint16) {
	if s.has(id) {
		return
	}
	if s.pages == nil {
		s.pages = new([16]*idPage)
	}
	p := s.pages[id>>12]
	if p == nil {
		p = new(idPage)
		s.pages[id>>12] = p
	}
	w := id >> 6 & 63
	p.words[w] |= 1 << (id & 63)
	if p.words[w] == ^uint64(0) {
		p.full |= 1 << w
	}
	p.n++
	s.n++
}

func (s *idSet) remove(id uint16) {
	if !s.has(id) {
		return
	}
	p := s.pages[id>>12]
	w := id >> 6 & 63
	p.words[w] &^= 1 << (id & 63)
	p.full &^= 1 << w
	p.n--
	s.n--
	if p.n == 0 && id>>12 != s.last>>12 { // the page in use is likely to be needed again
		s.pages[id>>12] = nil
	}
}

// take adds the next free identifier behind the one taken last, so that a
// number is not soon seen again, and returns it; 0 when none is free.
func (s *idSet) take() uint16 {
	if s.n >= maxPacketID {
		return 0
	}
	id := s.next(s.last + 1)
	s.add(id)
	if left := s.pages[s.last>>12]; s.last>>12 != id>>12 && left != nil && left.n == 0 {
		s.pages[s.last>>12] = nil
	}
	s.last = id
	return id
}

// next returns the first free identifier from id on, after 65,535 from 1 on.
func (s *idSet) next(id uint16) uint16 {
	if s.n == 0 {
		return max(id, 1)
	}
	id = max(id, 1)
	for range 18 { // each page once, the first one perhaps twice
		p := s.pages[id>>12]
		if p == nil {
			return id
		}
		w := id >> 6 & 63
		if free := ^p.words[w] &^ (1<<(id&63) - 1); free != 0 {
			return id&^63 | uint16(bits.TrailingZeros64(free))
		}
		if w < 63 {
			if open := ^p.full &^ (1<<(w+1) - 1); open != 0 {
				w = uint16(bits.TrailingZeros64(open))
				free := ^p.words[w]
				return id&^4095 | w<<6 | uint16(bits.TrailingZeros64(free))
			}
		}
		if id = (id>>12 + 1) << 12; id == 0 {
			id = 1
		}
	}
	return 0
}

// delivery is a message under a Packet Identifier, until the Client has
// acknowledged it to the end.
type delivery struct {
	id         uint16
	state      uint8 // of outMachine
	qos        packet.QoS
	retain     bool
	message    *message      // nil once PUBREC came
	ids        []uint32      // Subscription Identifiers
	shared     *subscription // the Shared Subscription it goes by, or nil
	order      uint64        // of coming; 0: in no Record
	moved      bool          // its state lies in a Record of its own
	lent       bool          // its message may lie in the bytes that it came in
	conn       ConnID        // that it was sent on last; 0: on none of this Broker
	next, prev *delivery
}

// deliveries is a list in the order of sending.
type deliveries struct {
	first, last *delivery
	n           int
}

func (l *deliveries) add(d *delivery) {
	d.prev, d.next = l.last, nil
	if l.last == nil {
		l.first = d
	} else {
		l.last.next = d
	}
	l.last = d
	l.n++
}

func (l *deliveries) remove(d *delivery) {
	if d.prev == nil {
		l.first = d.next
	} else {
		d.prev.next = d.next
	}
	if d.next == nil {
		l.last = d.prev
	} else {
		d.next.prev = d.prev
	}
	d.prev, d.next = nil, nil
	l.n--
}

// outbound is what a Session sends with QoS 1 and 2.
type outbound struct {
	ids       idSet
	byID      map[uint16]*delivery
	published deliveries // awaiting PUBACK or PUBREC, in the order of PUBLISH [MQTT-4.6.0-1]
	released  deliveries // awaiting PUBCOMP, in the order of PUBREC [MQTT-4.6.0-4]
	resume    *delivery  // the first of published that must still be sent again
	queue     queue
	bytes     int // the cost of the messages in published and queue
}

// queued is a message that waits for its turn, without a Packet Identifier.
type queued struct {
	message *message
	qos     packet.QoS
	retain  bool
	ids     []uint32
	shared  *subscription // the Shared Subscription it goes by, or nil
	order   uint64        // of coming; 0: in no Record
}

// queue is first in, first out.
type queue struct {
	list []queued
	head int
}

func (q *queue) len() int { return len(q.list) - q.head }

func (q *queue) push(m queued) { q.list = append(q.list, m) }

func (q *queue) pop() queued {
	m := q.list[q.head]
	q.list[q.head] = queued{}
	q.head++
	switch {
	case q.head == len(q.list):
		q.head = 0
		if q.list = q.list[:0]; cap(q.list) > 64 {
			q.list = nil
		}
	case q.head > 64 && q.head > len(q.list)/2:
		n := copy(q.list, q.list[q.head:])
		clear(q.list[n:])
		q.list, q.head = q.list[:n], 0
	}
	return m
}

// message is an Application Message. What it says is not changed once others hold it.
type message struct {
	topic      string
	payload    []byte
	qos        packet.QoS
	retain     bool              // RETAIN as published
	properties packet.Properties // those of 5.0 that are handed on, in their order; nil: none
	expires    time.Time         // Message Expiry Interval (5.0); zero: never
	conn       ConnID            // of the publisher
	client     string
	version    packet.Version // of the publisher
	own        bool           // nothing of it lies in the bytes that it came in
}

// keep copies what lies in the bytes that the message came in: a message may
// be a small part of them, and none that stays long may keep them in memory.
func (m *message) keep() {
	if m.own {
		return
	}
	m.own = true
	m.topic, m.payload = strings.Clone(m.topic), bytes.Clone(m.payload)
	for i := range m.properties { // the slice is its own
		p := &m.properties[i]
		p.Key, p.Text, p.Data = strings.Clone(p.Key), strings.Clone(p.Text), bytes.Clone(p.Data)
	}
}

// size is about what m costs in memory.
func (m *message) size() int {
	n := len(m.topic) + len(m.payload) + 128
	if m.properties != nil {
		n += propertiesSize(m.properties)
	}
	return n
}

func propertiesSize(list packet.Properties) int {
	n := 0
	for i := range list {
		p := &list[i]
		n += len(p.Key) + len(p.Text) + len(p.Data) + 80
	}
	return n
}

// cost is size with what a place in a queue, or a Packet Identifier, costs.
// Sessions may share the message; each counts it whole.
func (m *message) cost() int { return m.size() + 200 }

// cost is that of the message, with the Subscription Identifiers that go with
// it: there may be thousands of them.
func (q *queued) cost() int   { return q.message.cost() + 4*len(q.ids) }
func (d *delivery) cost() int { return d.message.cost() + 4*len(d.ids) }

func (m *message) expired(now time.Time) bool {
	return !m.expires.IsZero() && !m.expires.After(now)
}
