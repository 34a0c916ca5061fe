package settings

import (
	"math"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
)

// Kind says what a field's value is.
type Kind string

// The kinds of fields.
const (
	Flag     Kind = "flag"     // true or false
	Number   Kind = "number"   // a whole number from Min to Max
	Decimal  Kind = "decimal"  // a number from Min to Max
	Names    Kind = "names"    // a list of Client Identifiers
	Filters  Kind = "filters"  // a list of Topic Filters
	Users    Kind = "users"    // an object: passwords by User Name
	Versions Kind = "versions" // a list of "3.1", "3.1.1" and "5.0"
)

// Group says what a field is about.
type Group string

// The groups of fields, in their order.
const (
	Connecting   Group = "connecting"   // who may connect
	Topics       Group = "topics"       // who may say and hear what
	Capabilities Group = "capabilities" // what the Server can do
	Times        Group = "times"
	Bounds       Group = "bounds" // of sessions and queues
)

// Groups lists the groups in their order.
func Groups() []Group { return []Group{Connecting, Topics, Capabilities, Times, Bounds} }

// Field is one key of the settings.
type Field struct {
	Key      string
	Kind     Kind
	Group    Group
	Min, Max int64 // of a Number or Decimal

	// The one of these that fits Kind gives the field's place in a Config.
	flag     func(*broker.Config) *bool
	inverse  bool // the Config's flag says the contrary
	number   func(*broker.Config) (get int64, set func(int64))
	decimal  func(*broker.Config) *float64
	list     func(*broker.Config) *[]string
	versions func(*broker.Config) *[]packet.Version
	users    func(*broker.Config) *map[string]string
}

// Fields lists all fields, by group.
func Fields() []Field { return fields }

// At most so many entries, of at most so many bytes each, in a list.
const (
	maxEntries    = 1000
	maxEntryBytes = 65535 // a UTF-8 string of the protocol
)

func integer[T int | uint16 | uint32](place func(*broker.Config) *T) func(*broker.Config) (int64, func(int64)) {
	return func(cfg *broker.Config) (int64, func(int64)) {
		p := place(cfg)
		return int64(*p), func(n int64) { *p = T(n) }
	}
}

func aliases(cfg *broker.Config) (int64, func(int64)) {
	return int64(max(cfg.TopicAliasMaximum, 0)), func(n int64) {
		if cfg.TopicAliasMaximum = int(n); n == 0 {
			cfg.TopicAliasMaximum = -1 // 0 is the default there
		}
	}
}

func maxQoS(cfg *broker.Config) (int64, func(int64)) {
	get := int64(2)
	if cfg.MaxQoS != nil {
		get = int64(*cfg.MaxQoS)
	}
	return get, func(n int64) {
		q := packet.QoS(n)
		cfg.MaxQoS = &q
	}
}

// packetSize is 1 MiB where the Config names no bound: more is never read.
func packetSize(cfg *broker.Config) (int64, func(int64)) {
	get := int64(cfg.MaxPacketSize)
	if get == 0 {
		get = 1 << 20
	}
	return get, func(n int64) { cfg.MaxPacketSize = uint32(n) }
}

func connectTimeout(cfg *broker.Config) (int64, func(int64)) {
	return int64(cfg.ConnectTimeout / time.Second), func(n int64) { cfg.ConnectTimeout = time.Duration(n) * time.Second }
}

var fields = []Field{
	{Key: "versions", Kind: Versions, Group: Connecting, versions: func(c *broker.Config) *[]packet.Version { return &c.Versions }},
	{Key: "users", Kind: Users, Group: Connecting, users: func(c *broker.Config) *map[string]string { return &c.Users }},
	{Key: "anonymous", Kind: Flag, Group: Connecting, flag: func(c *broker.Config) *bool { return &c.Anonymous }},
	{Key: "reject_client_ids", Kind: Names, Group: Connecting, list: func(c *broker.Config) *[]string { return &c.RejectClientIDs }},
	{Key: "deny_client_ids", Kind: Names, Group: Connecting, list: func(c *broker.Config) *[]string { return &c.DenyClientIDs }},
	{Key: "max_client_id_length", Kind: Number, Group: Connecting, Max: 65535, number: integer(func(c *broker.Config) *int { return &c.MaxClientIDLength })},
	{Key: "unavailable", Kind: Flag, Group: Connecting, flag: func(c *broker.Config) *bool { return &c.Unavailable }},

	{Key: "allow_publish", Kind: Filters, Group: Topics, list: func(c *broker.Config) *[]string { return &c.AllowPublish }},
	{Key: "deny_publish", Kind: Filters, Group: Topics, list: func(c *broker.Config) *[]string { return &c.DenyPublish }},
	{Key: "allow_subscribe", Kind: Filters, Group: Topics, list: func(c *broker.Config) *[]string { return &c.AllowSubscribe }},
	{Key: "deny_subscribe", Kind: Filters, Group: Topics, list: func(c *broker.Config) *[]string { return &c.DenySubscribe }},

	{Key: "max_qos", Kind: Number, Group: Capabilities, Max: 2, number: maxQoS},
	{Key: "retain_available", Kind: Flag, Group: Capabilities, inverse: true, flag: func(c *broker.Config) *bool { return &c.NoRetain }},
	{Key: "wildcard_available", Kind: Flag, Group: Capabilities, inverse: true, flag: func(c *broker.Config) *bool { return &c.NoWildcards }},
	{Key: "shared_available", Kind: Flag, Group: Capabilities, inverse: true, flag: func(c *broker.Config) *bool { return &c.NoShared }},
	{Key: "subscription_ids_available", Kind: Flag, Group: Capabilities, inverse: true, flag: func(c *broker.Config) *bool { return &c.NoSubscriptionIDs }},
	{Key: "receive_maximum", Kind: Number, Group: Capabilities, Min: 1, Max: 65535, number: integer(func(c *broker.Config) *uint16 { return &c.ReceiveMaximum })},
	{Key: "max_packet_size", Kind: Number, Group: Capabilities, Min: 64, Max: 1 << 20, number: packetSize},
	{Key: "reason_strings", Kind: Flag, Group: Capabilities, flag: func(c *broker.Config) *bool { return &c.ReasonStrings }},
	{Key: "response_information", Kind: Flag, Group: Capabilities, flag: func(c *broker.Config) *bool { return &c.ResponseInformation }},
	{Key: "topic_alias_maximum", Kind: Number, Group: Capabilities, Max: 65535, number: aliases},

	{Key: "server_keep_alive", Kind: Number, Group: Times, Max: 65535, number: integer(func(c *broker.Config) *uint16 { return &c.ServerKeepAlive })},
	{Key: "keep_alive_grace", Kind: Decimal, Group: Times, Min: 1, Max: 10, decimal: func(c *broker.Config) *float64 { return &c.KeepAliveGrace }},
	{Key: "connect_timeout", Kind: Number, Group: Times, Min: 1, Max: 3600, number: connectTimeout},
	{Key: "max_session_expiry", Kind: Number, Group: Times, Max: math.MaxUint32, number: integer(func(c *broker.Config) *uint32 { return &c.MaxSessionExpiry })},

	{Key: "max_inflight", Kind: Number, Group: Bounds, Min: 1, Max: 65535, number: integer(func(c *broker.Config) *int { return &c.MaxInflight })},
	{Key: "max_queued", Kind: Number, Group: Bounds, Min: 1, Max: 10_000_000, number: integer(func(c *broker.Config) *int { return &c.MaxQueued })},
	{Key: "max_pending_bytes", Kind: Number, Group: Bounds, Min: 1 << 10, Max: 1 << 30, number: integer(func(c *broker.Config) *int { return &c.MaxPendingBytes })},
	{Key: "max_sessions", Kind: Number, Group: Bounds, Min: 1, Max: 1_000_000, number: integer(func(c *broker.Config) *int { return &c.MaxSessions })},
	{Key: "max_away", Kind: Number, Group: Bounds, Min: 1, Max: 1_000_000, number: integer(func(c *broker.Config) *int { return &c.MaxAway })},
	{Key: "max_subscriptions", Kind: Number, Group: Bounds, Min: 1, Max: 1_000_000, number: integer(func(c *broker.Config) *int { return &c.MaxSubscriptions })},
	{Key: "max_filter_bytes", Kind: Number, Group: Bounds, Min: 1 << 10, Max: 1 << 30, number: integer(func(c *broker.Config) *int { return &c.MaxFilterBytes })},
	{Key: "max_all_pending_bytes", Kind: Number, Group: Bounds, Min: 1 << 10, Max: 1 << 34, number: integer(func(c *broker.Config) *int { return &c.MaxAllPendingBytes })},
	{Key: "max_all_filter_bytes", Kind: Number, Group: Bounds, Min: 1 << 10, Max: 1 << 34, number: integer(func(c *broker.Config) *int { return &c.MaxAllFilterBytes })},
	{Key: "max_retained", Kind: Number, Group: Bounds, Min: 1, Max: 10_000_000, number: integer(func(c *broker.Config) *int { return &c.MaxRetained })},
	{Key: "max_retained_bytes", Kind: Number, Group: Bounds, Min: 1 << 10, Max: 1 << 34, number: integer(func(c *broker.Config) *int { return &c.MaxRetainedBytes })},
}
