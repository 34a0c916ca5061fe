package web

import (
	"time"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// galleryJoined are captured packets with what belongs to them: a copy with
// every kind of change, one that is the same, one whose original is gone.
func galleryJoined(l spec.Lang) []EventView {
	view := func(n uint64, j Joined) EventView {
		p := annotate.One([]byte("\x32\x0f\x00\x06test/a\x00\x07hello"), annotate.Options{Version: packet.V311, Lang: l})
		return EventView{Lang: l, N: n, Bench: "main", Lane: "B", From: "server", Time: "2.5 s", Packet: p, Joined: j}
	}
	members := []JoinedPacket{
		{N: 41, From: "client", Lane: "A", Type: "PUBLISH"},
		{N: 44, From: "server", Lane: "<b>B</b>\u202e", Type: "PUBLISH", Diff: []string{spec.Message(l, "copy.qos.chip", "from", "2", "to", "1"), spec.Message(l, "copy.id.chip", "from", "7", "to", "1")}, Again: true},
		{N: 46, From: "client", Lane: "B", Type: "PUBACK"},
	}
	changed := view(44, Joined{Members: members, More: 12, Original: 41, Held: true, Exchange: &ExchangeView{ID: 1, State: spec.Message(l, "exchange.awaits", "type", "PUBACK")}, Changes: []CopyChange{
		{Chip: spec.Message(l, "copy.qos.chip", "from", "2", "to", "1"), Why: spec.Message(l, "copy.qos.why", "from", "2", "to", "1"), Rule: "MQTT-3.8.4-6"},
		{Chip: spec.Message(l, "copy.length.chip", "from", "21", "to", "19"), Why: spec.Message(l, "copy.length.why", "from", "21", "to", "19", "parts", "−2")},
	}})
	same := view(45, Joined{Members: members, Original: 41, Held: true, Exchange: &ExchangeView{ID: 1, State: spec.Message(l, "exchange.complete"), Done: true}})
	gone := view(46, Joined{Members: members[:1], Original: 41, Will: true, Exchange: &ExchangeView{ID: 1, State: spec.Message(l, "exchange.cut", "type", "PUBACK"), Cut: true}})
	asked := view(47, Joined{})
	asked.Clients = []WhyClient{{ID: "v1", Name: "B", Copy: 44}, {ID: "t2", Name: "C"}}
	return []EventView{changed, same, gone, asked}
}

func galleryWhy(l spec.Lang) WhyView {
	return WhyView{Lang: l, Version: packet.V311, Verdict: broker.Unmatched, Text: spec.Message(l, "why.verdict.unmatched", "client", "C", "topic", "test/a"), Reasons: []WhyReason{
		{Side: broker.Aside, Text: spec.Message(l, "why.connected", "client", "C")},
		{Side: broker.For, Text: spec.Message(l, "why.matches", "filter", "test/+", "topic", "test/a"), Rules: []string{"MQTT-4.7.1-3"}, Levels: []WhyLevel{{"test", "test", "equal", true, ""}, {"+", "a", "single-wild", true, ""}}},
		{Side: broker.Against, Text: spec.Message(l, "why.differs", "filter", "test//a", "topic", "test/a"), Rules: []string{"MQTT-4.7.3-4"}, Levels: []WhyLevel{
			{"test", "test", "equal", true, ""}, {"", "a", "differs", false, spec.Message(l, "why.level.differs", "filter", "", "name", "a")}, {"a", "", "name-ends", false, spec.Message(l, "why.level.name-ends", "filter", "a")}}},
	}}
}

// galleryBroker is a broker with something of everything, and an empty one.
func galleryBroker(l spec.Lang) []StateView {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	later := now.Add(42 * time.Second)
	full := broker.State{
		Connections:   []broker.ConnectionState{{Conn: 1, Client: "A", Version: "5.0", KeepAlive: 60, Heard: now, Deadline: &later}},
		SessionsCount: 120, RetainedCount: 1,
		Sessions: []broker.SessionState{
			{Client: "A", Conn: 1, Version: "5.0", State: "connected", Expiry: 60, SubscriptionsCount: 2, InflightCount: 1, HeldCount: 1, QueuedCount: 1,
				Subscriptions: []broker.SubscriptionState{{Filter: "test/#", QoS: 2, NoLocal: true, RetainHandling: 1, Identifier: 9}, {Filter: "$share/g//x", QoS: 1}},
				Inflight:      []broker.DeliveryState{{PacketID: 3, QoS: 2, State: "awaiting PUBREC", Topic: "test/a", Bytes: 5}},
				Held:          []uint16{7}, Queued: []broker.QueuedState{{Topic: "test/b", QoS: 1, Bytes: 5, From: "B", Expires: &later}}},
			{Client: "<b>away</b>\u202e", Version: "3.1.1", State: "kept while the Client is away", Expiry: 1<<32 - 1, Ends: &later,
				Will: &broker.WillState{MessageState: broker.MessageState{Topic: "gone", Payload: []byte("\x00gone")}, State: "waiting for its delay (5.0)", Due: &later}},
		},
		Retained: []broker.MessageState{{Topic: "test/r", Payload: []byte("kept"), Bytes: 4, QoS: 1, From: "A", Expires: &later}},
	}
	return []StateView{{Lang: l, Now: now, State: full}, {Lang: l, Now: now}}
}

func galleryGrid(l spec.Lang) QoSGrid {
	g := QoSGrid{Lang: l}
	g.Cells[0][2] = QoSCell{Count: 1, Original: 3, Copy: 5}
	g.Cells[2][1] = QoSCell{Count: 4711, Original: 30, Copy: 35}
	g.Cells[2][2] = QoSCell{Count: 2, Original: 30, Copy: 36}
	return g
}
