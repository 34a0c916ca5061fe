package broker

import (
	"time"

	"mqttlab/mqttcore/packet"
)

// Config holds what the specification leaves to the Server. The zero Config
// is an open Server with generous bounds.
type Config struct {
	Explain      bool // yield EffectExplain
	MaxExplained int  // explanations of one event, then only how many more there were; 0: 100
	Durable      bool // yield Changes

	// Who may connect.
	Versions          []packet.Version  // those served; nil: all
	Users             map[string]string // passwords by User Name; nil: anyone may connect
	Anonymous         bool              // with Users: also admit who names no user
	RejectClientIDs   []string          // CONNACK 0x02 (5.0: 0x85)
	DenyClientIDs     []string          // CONNACK 0x05 (5.0: 0x87)
	MaxClientIDLength int               // in bytes; longer ones: CONNACK 0x02 (5.0: 0x85); 0: no bound
	Unavailable       bool              // CONNACK 0x03 (5.0: 0x88) for everyone

	// Who may say and hear what. A denial wins over an allowance.
	AllowPublish   []string // Topic Filters; nil: all
	DenyPublish    []string
	AllowSubscribe []string // Topic Filters that must cover the one asked for; nil: all
	DenySubscribe  []string

	// What the Server can do.
	MaxQoS            *packet.QoS // highest QoS granted; nil: 2
	NoRetain          bool
	NoWildcards       bool
	NoShared          bool
	NoSubscriptionIDs bool
	ServerKeepAlive   uint16 // 5.0: overrides the Client's Keep Alive, in seconds; 0: does not
	ReceiveMaximum    uint16 // 5.0: QoS 2 messages accepted at a time; 0: 1024
	MaxPacketSize     uint32 // 5.0: announced, in bytes; 0: no bound. The caller, who reads, enforces it.
	TopicAliasMaximum int    // 5.0: aliases a Client may use; 0: 64; negative: none
	MaxSessionExpiry  uint32 // 5.0: in seconds; 0: no bound

	// What 5.0 lets the Server add.
	ReasonStrings       bool                      // to what says no, where Explain is on and Reason there
	Reason              func(*Explanation) string // an explanation as a Reason String; it must always return the same for the same one
	ResponseInformation bool                      // a topic of its own, for Clients that ask

	// Time.
	KeepAliveGrace float64       // times Keep Alive; 0: 1.5 [MQTT-3.1.2-24]
	ConnectTimeout time.Duration // until CONNECT must have come; 0: 10 s; negative: for ever

	// Bounds, so that no Client costs the others. 0 is the default named.
	MaxInflight        int // unacknowledged messages to one Client; 65,535
	MaxQueued          int // messages waiting for one Session; 100,000
	MaxPendingBytes    int // of all messages to one Session that are waiting or unacknowledged; 64 MiB
	MaxSessions        int // 100,000; for one more the one is dropped whose Client left first, or else it is refused
	MaxAway            int // Sessions whose Clients are away; 20,000; for one more the one is dropped whose Client left first
	MaxSubscriptions   int // of one Session; 100,000
	MaxFilterBytes     int // of one Session's Topic Filters together; 4 MiB
	MaxAllPendingBytes int // the same of all Sessions together; 256 MiB; a connected Client has 16 KiB in any case; and as much again of Client Identifiers, Wills and the topics of aliases, of which each has 1 KiB
	MaxAllFilterBytes  int // of all Subscriptions together, with 400 for each; 512 MiB
	MaxRetained        int // messages; 1,000,000
	MaxRetainedBytes   int // of all of them; 256 MiB
}

// withDefaults fills in what is zero.
func (cfg Config) withDefaults() Config {
	set := func(n *int, value int) {
		if *n == 0 {
			*n = value
		}
	}
	set(&cfg.MaxExplained, 100)
	set(&cfg.MaxInflight, maxPacketID)
	cfg.MaxInflight = min(cfg.MaxInflight, maxPacketID)
	set(&cfg.MaxQueued, 100_000)
	set(&cfg.MaxSessions, 100_000)
	set(&cfg.MaxAway, 20_000)
	set(&cfg.MaxAllPendingBytes, 256<<20)
	set(&cfg.MaxAllFilterBytes, 512<<20)
	set(&cfg.MaxSubscriptions, 100_000)
	set(&cfg.MaxRetained, 1_000_000)
	set(&cfg.MaxPendingBytes, 64<<20)
	set(&cfg.MaxFilterBytes, 4<<20)
	set(&cfg.MaxRetainedBytes, 256<<20)
	set(&cfg.TopicAliasMaximum, 64)
	cfg.TopicAliasMaximum = min(max(cfg.TopicAliasMaximum, 0), 1<<16-1)
	if cfg.Versions == nil {
		cfg.Versions = packet.Versions
	}
	if cfg.MaxQoS == nil {
		two := packet.QoS(2)
		cfg.MaxQoS = &two
	}
	if cfg.KeepAliveGrace == 0 {
		cfg.KeepAliveGrace = 1.5
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 10 * time.Second
	}
	if cfg.ReceiveMaximum == 0 {
		cfg.ReceiveMaximum = 1024
	}
	return cfg
}
