package broker

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"mqttlab/mqttcore/topic"
)

// Restore makes a new Broker what an earlier one was, whose Records are given
// in any order. It is the first event. No Client is connected: for those that
// were when the earlier Broker stopped, the connection counts as lost now, as
// nobody knows when it was. What ran out meanwhile is due at the next Tick.
//
// Records that this Broker cannot have written are an error, and the Broker
// is then of no use: half of a Session would break promises silently.
func (b *Broker) Restore(now time.Time, records []Record) ([]Effect, error) {
	b.begins()
	records = slices.SortedFunc(slices.Values(records), func(x, y Record) int { return strings.Compare(x.Key, y.Key) })
	r := restoration{b: b, moved: make(map[string]*delivery)}
	for _, of := range []string{"S", "FHDR", "M"} { // what others rest on comes first
		for _, record := range records {
			if record.Key == "" {
				return nil, fmt.Errorf("record without a key: %w", errRecord)
			}
			kind := record.Key[0]
			if strings.IndexByte(of, kind) >= 0 {
				if err := r.take(kind, record); err != nil {
					return nil, fmt.Errorf("record %q: %w", record.Key, err)
				}
			} else if of == "S" && strings.IndexByte("FHDRM", kind) < 0 {
				return nil, fmt.Errorf("record %q: its kind is not known", record.Key)
			}
		}
	}
	if err := r.release(); err != nil {
		return nil, err
	}
	r.retain()
	for _, id := range slices.Sorted(maps.Keys(b.sessions)) {
		b.wake(now, b.sessions[id])
	}
	b.sortAway()
	b.dropOldest(now)
	return b.said(), nil
}

// restoration is what is known while Records are taken in.
type restoration struct {
	b        *Broker
	moved    map[string]*delivery // by the key of its message: what recordDelivery says
	released []released
	retained []*retained
}

// released is a message past PUBREC.
type released struct {
	session *session
	order   uint64 // of PUBREC
	d       *delivery
}

func (r *restoration) take(kind byte, record Record) error {
	v := &value{b: record.Value}
	if kind == recordSession {
		r.session(record.Key[1:], v)
		return v.end()
	}
	if kind == recordRetained {
		order := v.number(math.MaxUint64)
		r.b.sequence = max(r.b.sequence, order)
		r.retained = append(r.retained, &retained{message: v.message(), order: order})
		return v.end()
	}
	s, rest, err := r.owner(record.Key)
	if err != nil {
		return err
	}
	switch kind {
	case recordSubscription:
		r.subscription(s, rest, v)
		return v.end()
	case recordHeld:
		if len(rest) != 2 || v.byte() != 1 {
			return errRecord
		}
		s.held.add(binary.BigEndian.Uint16([]byte(rest)))
		return v.end()
	}
	if len(rest) != 8 {
		return errRecord
	}
	order := binary.BigEndian.Uint64([]byte(rest))
	r.b.sequence = max(r.b.sequence, order)
	if kind == recordDelivery {
		return r.delivery(s, order, v)
	}
	return r.message(s, order, v)
}

// owner returns the Session that a Record belongs to, and the rest of its key.
func (r *restoration) owner(key string) (*session, string, error) {
	if len(key) < 3 {
		return nil, "", errRecord
	}
	n := 3 + int(binary.BigEndian.Uint16([]byte(key[1:3])))
	if len(key) < n {
		return nil, "", errRecord
	}
	s := r.b.sessions[key[3:n]]
	if s == nil || !s.kept {
		return nil, "", fmt.Errorf("the session of %q, to which it belongs, is missing", key[3:n])
	}
	return s, key[n:], nil
}

func (r *restoration) session(id string, v *value) {
	s := r.b.newSession(id)
	s.stored = true
	s.version, s.clean, s.kept = v.version(), v.bool(), v.bool()
	s.expiry = uint32(v.number(math.MaxUint32))
	s.left = v.time()
	if v.bool() {
		r.b.setWill(s, &will{delay: uint32(v.number(math.MaxUint32)), message: v.message()})
	}
}

func (r *restoration) subscription(s *session, filter string, v *value) {
	sub := &subscription{filter: filter, matching: filter, qos: v.qos(), retainHandling: v.byte(), noLocal: v.bool(), retainAsPublished: v.bool()}
	if v.bool() {
		sub.share, sub.matching, _ = topic.CutShare(filter)
	}
	sub.ids = v.numbers()
	if !v.bad {
		r.b.addSubscription(s, sub)
	}
}

// delivery remembers what became of a message, until that is read.
func (r *restoration) delivery(s *session, order uint64, v *value) error {
	d := &delivery{state: v.byte(), qos: v.qos(), id: uint16(v.number(maxPacketID)), order: order, moved: true}
	at := v.number(math.MaxUint64)
	if err := v.end(); err != nil || d.id == 0 || d.qos == 0 || d.state == outFree || d.state > outAwaitPubcomp || (d.qos == 1) != (d.state == outAwaitPuback) {
		return errRecord
	}
	r.b.sequence = max(r.b.sequence, at)
	if d.state == outAwaitPubcomp {
		r.released = append(r.released, released{s, at, d})
		return nil
	}
	r.moved[messageKey(s, order)] = d
	return nil
}

func (r *restoration) message(s *session, order uint64, v *value) error {
	q := queued{qos: v.qos(), retain: v.bool(), order: order}
	id := uint16(v.number(maxPacketID))
	q.ids = v.numbers()
	if by := v.text(); by != "" {
		if q.shared = s.subs[by]; q.shared == nil { // unsubscribed since
			share, matching, _ := topic.CutShare(by)
			q.shared = &subscription{filter: by, matching: matching, share: share}
		}
	}
	q.message = v.message()
	if err := v.end(); err != nil || q.qos == 0 {
		return errRecord
	}
	r.b.pends(s, q.cost())
	d := r.moved[messageKey(s, order)]
	switch {
	case d != nil:
	case id == 0:
		s.out.queue.push(q)
		return nil
	default:
		d = &delivery{id: id, qos: q.qos, order: order, state: outAwaitPuback}
		if q.qos == 2 {
			d.state = outAwaitPubrec
		}
	}
	delete(r.moved, messageKey(s, order))
	d.retain, d.message, d.ids, d.shared = q.retain, q.message, q.ids, q.shared
	s.out.published.add(d)
	return s.out.know(d)
}

// know takes up a delivery that an earlier Broker began.
func (out *outbound) know(d *delivery) error {
	if out.ids.has(d.id) {
		return fmt.Errorf("packet identifier %d is in use twice", d.id)
	}
	if out.byID == nil {
		out.byID = make(map[uint16]*delivery)
	}
	out.byID[d.id] = d
	out.ids.add(d.id)
	out.ids.last = d.id
	return nil
}

// release takes up what is past PUBREC, in that order [MQTT-4.6.0-4].
func (r *restoration) release() error {
	for key := range r.moved {
		return fmt.Errorf("record %q, a message that was sent, is missing", key)
	}
	slices.SortFunc(r.released, func(x, y released) int { return cmp.Compare(x.order, y.order) })
	for _, x := range r.released {
		last := x.session.out.ids.last
		x.session.out.released.add(x.d)
		if err := x.session.out.know(x.d); err != nil {
			return err
		}
		if last != 0 { // the newest number is that of the newest PUBLISH
			x.session.out.ids.last = last
		}
	}
	return nil
}

// retain takes up the retained messages in the order in which they were stored.
func (r *restoration) retain() {
	b := r.b
	slices.SortFunc(r.retained, func(x, y *retained) int { return cmp.Compare(x.order, y.order) })
	for _, x := range r.retained {
		b.retainedBytes += x.message.size()
		b.retained.Set(strings.Clone(x.message.topic), x)
		if !x.message.expires.IsZero() {
			x.timer = timer{kind: timerRetained, retained: x}
			b.schedule(&x.timer, x.message.expires)
		}
	}
}

// wake lets time go on for a restored Session.
func (b *Broker) wake(now time.Time, s *session) {
	s.out.resume = s.out.published.first
	if s.left.IsZero() {
		c := &conn{session: s, version: s.version}
		s.state = sessionConnected
		if s.will != nil {
			s.will.state = willArmed
		}
		if b.cfg.Explain {
			b.explain(c.version, about(c, keyConnectionLost), "cause", CauseRestart.String())
		}
		b.ended(now, c)
		return
	}
	s.state = sessionAway
	if s.expiry != never {
		b.schedule(&s.expiryTimer, s.left.Add(time.Duration(s.expiry)*time.Second))
	}
	if w := s.will; w != nil {
		w.state = willDelayed
		if w.delay < s.expiry {
			b.schedule(&s.willTimer, s.left.Add(time.Duration(w.delay)*time.Second))
		}
	}
}
