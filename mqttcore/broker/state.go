package broker

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"mqttlab/mqttcore/packet"
)

// State is a snapshot of all that the Broker knows, sorted, with nothing in
// it that changes afterwards.
type State struct {
	Connections      []ConnectionState `json:"connections"` // by number
	ConnectionsCount int               `json:"connections_count"`
	Sessions         []SessionState    `json:"sessions"` // by Client Identifier
	SessionsCount    int               `json:"sessions_count"`
	Shared           []SharedState     `json:"shared"`   // by filter and ShareName
	Retained         []MessageState    `json:"retained"` // by topic
	RetainedCount    int               `json:"retained_count"`
	Next             *time.Time        `json:"next,omitempty"` // when something is next due
}

// Bounds says how much of everything a snapshot shows, always the first of its
// order. The counts beside the lists are those of all.
type Bounds struct {
	Connections   int
	Sessions      int
	Subscriptions int // of each Session
	Inflight      int // of each Session, and as many held Packet Identifiers
	Shared        int
	Retained      int
	Payload       int // bytes of each message
}

var noBounds = Bounds{math.MaxInt, math.MaxInt, math.MaxInt, math.MaxInt, math.MaxInt, math.MaxInt, math.MaxInt}

// Held returns how many Sessions and retained messages there are.
func (b *Broker) Held() (sessions, retained int) { return len(b.sessions), b.retained.Len() }

// ConnectionState is a network connection.
type ConnectionState struct {
	Conn      ConnID     `json:"conn"`
	Client    string     `json:"client,omitempty"` // none before CONNECT
	Version   string     `json:"version,omitempty"`
	KeepAlive uint16     `json:"keep_alive"`
	Heard     time.Time  `json:"heard"`              // when the last packet came
	Deadline  *time.Time `json:"deadline,omitempty"` // by when the next one must come
	Quota     int        `json:"quota"`              // QoS 1 and 2 messages that may still be sent

	// 5.0, as the Client set them in CONNECT.
	ReceiveMaximum    int          `json:"receive_maximum,omitempty"`     // what Quota began with
	MaximumPacketSize uint32       `json:"maximum_packet_size,omitempty"` // in bytes; 0: any
	TopicAliasMaximum int          `json:"topic_alias_maximum,omitempty"`
	AliasesIn         []AliasState `json:"aliases_in,omitempty"`  // that the Client has set
	AliasesOut        []AliasState `json:"aliases_out,omitempty"` // that the Server has set
}

// AliasState is a Topic Alias of a connection (5.0).
type AliasState struct {
	Alias int    `json:"alias"`
	Topic string `json:"topic"`
}

// SharedState is a Shared Subscription: the Clients that take turns (5.0, section 4.8.2).
type SharedState struct {
	Filter  string   `json:"filter"` // without $share and ShareName
	Share   string   `json:"share"`
	Members []string `json:"members"` // Client Identifiers in the order of joining
	Next    int      `json:"next"`    // the index of whose turn it is
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
	Left          *time.Time          `json:"left,omitempty"` // when the connection ended
	Subscriptions []SubscriptionState `json:"subscriptions"`  // by filter
	Inflight      []DeliveryState     `json:"inflight"`       // to the Client, in the order of sending; those past PUBREC first
	Held          []uint16            `json:"held"`           // from the Client: Packet Identifiers of QoS 2 awaiting PUBREL
	Queued        []QueuedState       `json:"queued"`         // in their order, at most StateQueueMax
	QueuedCount   int                 `json:"queued_count"`   // all of them
	Will          *WillState          `json:"will,omitempty"`

	SubscriptionsCount int `json:"subscriptions_count"`
	InflightCount      int `json:"inflight_count"`
	HeldCount          int `json:"held_count"`
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

	Expires *time.Time `json:"expires,omitempty"`
}

// MessageState is a message with its payload.
type MessageState struct {
	Topic   string     `json:"topic"`
	Payload []byte     `json:"payload"` // the beginning, where Bounds say so
	Bytes   int        `json:"bytes"`   // of payload
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
	Due    *time.Time `json:"due,omitempty"` // while it is delayed: at the latest
}

// State returns a snapshot of everything.
func (b *Broker) State() State { return b.StateWithin(noBounds) }

// StateWithin returns a snapshot within bounds.
func (b *Broker) StateWithin(max Bounds) State {
	st := State{ConnectionsCount: len(b.conns), SessionsCount: len(b.sessions), RetainedCount: b.retained.Len()}
	conns := slices.SortedFunc(maps.Values(b.conns), func(x, y *conn) int { return cmp.Compare(x.id, y.id) })
	st.Connections = describeEach(conns, max.Connections, func(c *conn) ConnectionState { return c.describe() })
	sessions := slices.SortedFunc(maps.Values(b.sessions), func(x, y *session) int { return cmp.Compare(x.id, y.id) })
	st.Sessions = describeEach(sessions, max.Sessions, func(s *session) SessionState { return s.describe(max) })
	kept := b.retained.All(nil)
	slices.SortFunc(kept, func(x, y *retained) int { return cmp.Compare(x.message.topic, y.message.topic) })
	st.Retained = describeEach(kept, max.Retained, func(r *retained) MessageState { return r.message.describe(max.Payload) })
	st.Shared = b.describeShared(sessions, max.Shared)
	if next, ok := b.Next(); ok {
		st.Next = &next
	}
	return st
}

// describeEach describes the first of a list.
func describeEach[X, Y any](list []X, most int, describe func(X) Y) []Y {
	out := make([]Y, 0, min(len(list), most))
	for i := range cap(out) {
		out = append(out, describe(list[i]))
	}
	return out
}

func (b *Broker) describeShared(sessions []*session, most int) []SharedState {
	list := []SharedState{}
	if b.shared.Len() == 0 {
		return list
	}
	seen := make(map[*group]bool, b.shared.Len())
	for _, s := range sessions {
		for _, sub := range s.subs {
			g, ok := b.shared.Get(sub.matching, sub.share)
			if sub.share == "" || !ok || seen[g] {
				continue
			}
			seen[g] = true
			st := SharedState{Filter: sub.matching, Share: sub.share, Next: g.next}
			for _, m := range g.members {
				st.Members = append(st.Members, m.session.id)
			}
			list = append(list, st)
		}
	}
	slices.SortFunc(list, func(x, y SharedState) int {
		return cmp.Or(cmp.Compare(x.Filter, y.Filter), cmp.Compare(x.Share, y.Share))
	})
	return list[:min(len(list), most)]
}

func (c *conn) describe() ConnectionState {
	st := ConnectionState{Conn: c.id, KeepAlive: c.keepAlive, Heard: c.heard, Quota: c.quota,
		MaximumPacketSize: c.maxPacket, TopicAliasMaximum: c.aliasMax}
	for alias, name := range c.aliases {
		if name != "" {
			st.AliasesIn = append(st.AliasesIn, AliasState{alias, name})
		}
	}
	for name, alias := range c.aliasOf {
		st.AliasesOut = append(st.AliasesOut, AliasState{int(alias), name})
	}
	slices.SortFunc(st.AliasesOut, func(x, y AliasState) int { return cmp.Compare(x.Alias, y.Alias) })
	if c.session != nil {
		if c.version == packet.V5 {
			st.ReceiveMaximum = c.window
		}
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

func (s *session) describe(max Bounds) SessionState {
	inflight := s.out.published.n + s.out.released.n
	st := SessionState{
		Client: s.id, Version: s.version.String(), State: sessionMachine.States[s.state],
		Clean: s.clean, Expiry: s.expiry, Ends: s.expiryTimer.when(),
		SubscriptionsCount: len(s.subs),
		Inflight:           make([]DeliveryState, 0, min(inflight, max.Inflight)), InflightCount: inflight,
		Held: s.held.list(max.Inflight), HeldCount: s.held.n,
		Queued: make([]QueuedState, 0, min(s.out.queue.len(), StateQueueMax)), QueuedCount: s.out.queue.len(),
	}
	if s.conn != nil {
		st.Conn = s.conn.id
	} else if left := s.left; !left.IsZero() {
		st.Left = &left
	}
	subs := slices.SortedFunc(maps.Values(s.subs), func(x, y *subscription) int { return cmp.Compare(x.filter, y.filter) })
	st.Subscriptions = describeEach(subs, max.Subscriptions, (*subscription).describe)
	for d := s.out.released.first; d != nil && len(st.Inflight) < cap(st.Inflight); d = d.next {
		st.Inflight = append(st.Inflight, d.describe(false))
	}
	again := false
	for d := s.out.published.first; d != nil && len(st.Inflight) < cap(st.Inflight); d = d.next {
		again = again || d == s.out.resume
		st.Inflight = append(st.Inflight, d.describe(again))
	}
	for i := range cap(st.Queued) {
		q := s.out.queue.list[s.out.queue.head+i]
		st.Queued = append(st.Queued, q.describe())
	}
	if w := s.will; w != nil {
		st.Will = &WillState{MessageState: w.message.describe(max.Payload), Retain: w.message.retain, State: willMachine.States[w.state], Delay: w.delay, Due: s.willTimer.when()}
		if w.state == willDelayed && st.Will.Due == nil {
			st.Will.Due = st.Ends
		}
	}
	return st
}

func (q *queued) describe() QueuedState {
	st := QueuedState{Topic: q.message.topic, QoS: int(q.qos), Retain: q.retain, Bytes: len(q.message.payload), From: q.message.client}
	if expires := q.message.expires; !expires.IsZero() {
		st.Expires = &expires
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

func (m *message) describe(payload int) MessageState {
	st := MessageState{Topic: m.topic, Payload: slices.Clone(m.payload[:min(len(m.payload), payload)]), Bytes: len(m.payload), QoS: int(m.qos), From: m.client}
	if !m.expires.IsZero() {
		expires := m.expires
		st.Expires = &expires
	}
	return st
}

// list returns the identifiers, at most that many, in rising order.
func (s *idSet) list(most int) []uint16 {
	ids := make([]uint16, 0, min(s.n, most))
	if s.n == 0 {
		return ids
	}
	for i, p := range s.pages {
		if p == nil {
			continue
		}
		for id := range 4096 {
			if len(ids) == cap(ids) {
				return ids
			}
			if p.words[id>>6]&(1<<(id&63)) != 0 {
				ids = append(ids, uint16(i<<12|id))
			}
		}
	}
	return ids
}
