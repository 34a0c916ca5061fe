package broker

import (
	"cmp"
	"slices"
	"time"
)

// State is a snapshot of all that the Broker knows, sorted, with nothing in
// it that changes afterwards.
type State struct {
	Connections []ConnectionState `json:"connections"`
	Sessions    []SessionState    `json:"sessions"`
	Retained    []MessageState    `json:"retained"`
	Next        *time.Time        `json:"next,omitempty"` // when something is next due
}

// ConnectionState is a network connection.
type ConnectionState struct {
	Conn      ConnID     `json:"conn"`
	Client    string     `json:"client,omitempty"` // none before CONNECT
	Version   string     `json:"version,omitempty"`
	KeepAlive uint16     `json:"keep_alive"`
	Heard     time.Time  `json:"heard"`              // when the last packet came
	Deadline  *time.Time `json:"deadline,omitempty"` // by when the next one must come
	Quota     int        `json:"quota"`              // QoS 1 and 2 messages that may still be sent
}

// SessionState is a Session.
type SessionState struct {
	Client        string              `json:"client"`
	Conn          ConnID              `json:"conn,omitempty"` // 0 while the Client is away
	Version       string              `json:"version"`
	State         string              `json:"state"`          // of the machine "session"
	Clean         bool                `json:"clean"`          // Clean Session (5.0: Clean Start)
	Expiry        uint32              `json:"expiry"`         // in seconds; 4294967295: never
	Ends          *time.Time          `json:"ends,omitempty"` // while the Client is away
	Subscriptions []SubscriptionState `json:"subscriptions"`  // by filter
	Inflight      []DeliveryState     `json:"inflight"`       // to the Client, in the order of sending; those past PUBREC first
	Held          []uint16            `json:"held"`           // from the Client: Packet Identifiers of QoS 2 awaiting PUBREL
	Queued        []QueuedState       `json:"queued"`         // in their order, at most StateQueueMax
	QueuedCount   int                 `json:"queued_count"`   // all of them
	Will          *WillState          `json:"will,omitempty"`
}

// StateQueueMax is how many queued messages of a Session a snapshot shows.
const StateQueueMax = 100

// SubscriptionState is a Subscription.
type SubscriptionState struct {
	Filter            string `json:"filter"`
	QoS               int    `json:"qos"`
	NoLocal           bool   `json:"no_local,omitempty"`
	RetainAsPublished bool   `json:"retain_as_published,omitempty"`
	RetainHandling    int    `json:"retain_handling,omitempty"`
	Identifier        uint32 `json:"identifier,omitempty"`
}

// DeliveryState is a message that the Client has not acknowledged to the end.
type DeliveryState struct {
	PacketID uint16 `json:"packet_id"`
	QoS      int    `json:"qos"`
	State    string `json:"state"`           // of the machine "qos-out"
	Topic    string `json:"topic,omitempty"` // no longer known after PUBREC
	Retain   bool   `json:"retain,omitempty"`
	Bytes    int    `json:"bytes"`           // of payload
	Again    bool   `json:"again,omitempty"` // still to be sent again on this connection
}

// QueuedState is a message that waits.
type QueuedState struct {
	Topic  string `json:"topic"`
	QoS    int    `json:"qos"`
	Retain bool   `json:"retain,omitempty"`
	Bytes  int    `json:"bytes"`
	From   string `json:"from"` // Client Identifier of the publisher
}

// MessageState is a message with its payload.
type MessageState struct {
	Topic   string     `json:"topic"`
	Payload []byte     `json:"payload"`
	QoS     int        `json:"qos"`
	From    string     `json:"from"`
	Expires *time.Time `json:"expires,omitempty"`
}

// WillState is a Will that the Server keeps.
type WillState struct {
	MessageState
	Retain bool       `json:"retain,omitempty"`
	State  string     `json:"state"`         // of the machine "will"
	Delay  uint32     `json:"delay"`         // Will Delay Interval in seconds
	Due    *time.Time `json:"due,omitempty"` // while it is delayed
}

// State returns a snapshot.
func (b *Broker) State() State {
	st := State{
		Connections: make([]ConnectionState, 0, len(b.conns)),
		Sessions:    make([]SessionState, 0, len(b.sessions)),
		Retained:    make([]MessageState, 0, b.retained.Len()),
	}
	for _, c := range b.conns {
		st.Connections = append(st.Connections, c.describe())
	}
	slices.SortFunc(st.Connections, func(x, y ConnectionState) int { return cmp.Compare(x.Conn, y.Conn) })
	for _, s := range b.sessions {
		st.Sessions = append(st.Sessions, s.describe())
	}
	slices.SortFunc(st.Sessions, func(x, y SessionState) int { return cmp.Compare(x.Client, y.Client) })
	for _, r := range b.retained.All(nil) {
		st.Retained = append(st.Retained, r.message.describe())
	}
	slices.SortFunc(st.Retained, func(x, y MessageState) int { return cmp.Compare(x.Topic, y.Topic) })
	if next, ok := b.Next(); ok {
		st.Next = &next
	}
	return st
}

func (c *conn) describe() ConnectionState {
	st := ConnectionState{Conn: c.id, KeepAlive: c.keepAlive, Heard: c.heard, Quota: c.quota}
	if c.session != nil {
		st.Client, st.Version = c.session.id, c.version.String()
		if c.patience > 0 {
			deadline := c.heard.Add(c.patience)
			st.Deadline = &deadline
		}
	} else if c.timer.place > 0 {
		st.Deadline = c.timer.when()
	}
	return st
}

// when returns when the timer is due, nil if it does not run.
func (t *timer) when() *time.Time {
	if t.place == 0 {
		return nil
	}
	due := t.due
	return &due
}

func (s *session) describe() SessionState {
	st := SessionState{
		Client: s.id, Version: s.version.String(), State: sessionMachine.States[s.state],
		Clean: s.clean, Expiry: s.expiry, Ends: s.expiryTimer.when(),
		Subscriptions: make([]SubscriptionState, 0, len(s.subs)),
		Inflight:      make([]DeliveryState, 0, s.out.published.n+s.out.released.n),
		Held:          s.held.list(),
		Queued:        make([]QueuedState, 0, min(s.out.queue.len(), StateQueueMax)),
		QueuedCount:   s.out.queue.len(),
	}
	if s.conn != nil {
		st.Conn = s.conn.id
	}
	for _, sub := range s.subs {
		st.Subscriptions = append(st.Subscriptions, sub.describe())
	}
	slices.SortFunc(st.Subscriptions, func(x, y SubscriptionState) int { return cmp.Compare(x.Filter, y.Filter) })
	for d := s.out.released.first; d != nil; d = d.next {
		st.Inflight = append(st.Inflight, d.describe(false))
	}
	again := false
	for d := s.out.published.first; d != nil; d = d.next {
		again = again || d == s.out.resume
		st.Inflight = append(st.Inflight, d.describe(again))
	}
	for i := range cap(st.Queued) {
		q := s.out.queue.list[s.out.queue.head+i]
		st.Queued = append(st.Queued, QueuedState{Topic: q.message.topic, QoS: int(q.qos), Retain: q.retain, Bytes: len(q.message.payload), From: q.message.client})
	}
	if w := s.will; w != nil {
		st.Will = &WillState{MessageState: w.message.describe(), Retain: w.message.retain, State: willMachine.States[w.state], Delay: w.delay, Due: s.willTimer.when()}
	}
	return st
}

func (sub *subscription) describe() SubscriptionState {
	st := SubscriptionState{
		Filter: sub.filter, QoS: int(sub.qos), NoLocal: sub.noLocal,
		RetainAsPublished: sub.retainAsPublished, RetainHandling: int(sub.retainHandling),
	}
	if len(sub.ids) > 0 {
		st.Identifier = sub.ids[0]
	}
	return st
}

func (d *delivery) describe(again bool) DeliveryState {
	st := DeliveryState{PacketID: d.id, QoS: int(d.qos), State: outMachine.States[d.state], Retain: d.retain, Again: again}
	if d.message != nil {
		st.Topic, st.Bytes = d.message.topic, len(d.message.payload)
	}
	return st
}

func (m *message) describe() MessageState {
	st := MessageState{Topic: m.topic, Payload: slices.Clone(m.payload), QoS: int(m.qos), From: m.client}
	if !m.expires.IsZero() {
		expires := m.expires
		st.Expires = &expires
	}
	return st
}

// list returns the identifiers in rising order.
func (s *idSet) list() []uint16 {
	ids := make([]uint16, 0, s.n)
	if s.n == 0 {
		return ids
	}
	for i, p := range s.pages {
		if p == nil {
			continue
		}
		for id := range 4096 {
			if p.words[id>>6]&(1<<(id&63)) != 0 {
				ids = append(ids, uint16(i<<12|id))
			}
		}
	}
	return ids
}
