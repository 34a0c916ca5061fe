package broker_test

import (
	"slices"
	"strconv"
	"strings"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// options are the words behind a command: key=value pairs, and the others.
type options struct {
	pairs map[string]string
	rest  []string
}

func (o options) number(key string, otherwise int) int {
	if text, ok := o.pairs[key]; ok {
		n, err := strconv.ParseInt(text, 0, 64)
		if err != nil {
			panic(err)
		}
		return int(n)
	}
	return otherwise
}

func (o options) flag(key string, otherwise bool) bool {
	if text, ok := o.pairs[key]; ok {
		return text == "true" || text == "1"
	}
	return otherwise
}

func words(line string) options {
	o := options{pairs: map[string]string{}}
	for _, word := range strings.Fields(line) {
		if key, value, ok := strings.Cut(word, "="); ok {
			o.pairs[key] = strings.ReplaceAll(value, "_", " ")
			if strings.Contains(key, "id") || key == "topic" {
				o.pairs[key] = value
			}
		} else {
			o.rest = append(o.rest, word)
		}
	}
	return o
}

func config(o options) broker.Config {
	cfg := broker.Config{Explain: true}
	list := func(key string) []string {
		if o.pairs[key] == "" {
			return nil
		}
		return strings.Split(o.pairs[key], ",")
	}
	for _, user := range list("users") {
		name, password, _ := strings.Cut(user, ":")
		if cfg.Users == nil {
			cfg.Users = map[string]string{}
		}
		cfg.Users[name] = password
	}
	for _, v := range list("versions") {
		version, _ := packet.ParseVersion(v)
		cfg.Versions = append(cfg.Versions, version)
	}
	cfg.Anonymous = o.flag("anonymous", false)
	cfg.RejectClientIDs, cfg.DenyClientIDs = list("reject_ids"), list("deny_ids")
	cfg.MaxClientIDLength = o.number("max_id_length", 0)
	cfg.Unavailable = slices.Contains(o.rest, "unavailable")
	cfg.DenyPublish, cfg.AllowPublish = list("deny_publish"), list("allow_publish")
	cfg.DenySubscribe, cfg.AllowSubscribe = list("deny_subscribe"), list("allow_subscribe")
	cfg.NoRetain, cfg.NoWildcards = slices.Contains(o.rest, "no_retain"), slices.Contains(o.rest, "no_wildcards")
	cfg.NoShared, cfg.NoSubscriptionIDs = slices.Contains(o.rest, "no_shared"), slices.Contains(o.rest, "no_identifiers")
	if n := o.number("max_qos", 2); n < 2 {
		q := packet.QoS(n)
		cfg.MaxQoS = &q
	}
	cfg.ServerKeepAlive = uint16(o.number("server_keep_alive", 0))
	cfg.ReceiveMaximum = uint16(o.number("receive_maximum", 0))
	cfg.MaxInflight, cfg.MaxQueued = o.number("max_inflight", 0), o.number("max_queued", 0)
	cfg.MaxSessions, cfg.MaxSubscriptions = o.number("max_sessions", 0), o.number("max_subscriptions", 0)
	cfg.MaxAway, cfg.MaxAllPendingBytes, cfg.MaxAllFilterBytes = o.number("max_away", 0), o.number("max_all_pending_bytes", 0), o.number("max_all_filter_bytes", 0)
	cfg.MaxRetained = o.number("max_retained", 0)
	cfg.ReasonStrings, cfg.ResponseInformation = slices.Contains(o.rest, "reason_strings"), slices.Contains(o.rest, "response_information")
	cfg.Reason = func(x *broker.Explanation) string { return spec.Message(spec.English, x.Key, x.Args...) }
	return cfg
}

// packet builds the packet of a command, and says in which version to write it.
func (s *stage) packet(verb string, conn broker.ConnID, o options) (packet.Packet, packet.Version) {
	v := packet.V311
	if d := s.decode[conn]; d != nil && d.Version != 0 {
		v = d.Version
	}
	t, ok := packet.ParseType(strings.ToUpper(verb))
	if !ok {
		s.t.Fatalf("no such command: %s", verb)
	}
	code := packet.ReasonCode(o.number("code", 0))
	id := uint16(0)
	if t != packet.CONNECT {
		id = uint16(o.number("id", 0))
	}
	ps := properties(o, "")
	switch t {
	case packet.CONNECT:
		if text, ok := o.pairs["v"]; ok {
			v, _ = packet.ParseVersion(text)
		} else if v == 0 {
			v = packet.V311
		}
		p := packet.NewConnect(v)
		p.ClientID, p.CleanSession = o.pairs["id"], o.flag("clean", true)
		p.KeepAlive = uint16(o.number("keepalive", 0))
		p.Properties = ps
		p.UserName, p.HasUserName = pair(o, "user")
		var password string
		password, p.HasPassword = pair(o, "password")
		p.Password = []byte(password)
		if will, ok := o.pairs["will"]; ok {
			topic, payload, _ := strings.Cut(will, ":")
			p.HasWill = true
			p.Will = packet.Will{Topic: topic, Payload: []byte(payload), QoS: packet.QoS(o.number("willqos", 0)), Retain: o.flag("willretain", false)}
			p.Will.Properties = properties(o, "will.")
		}
		return p, v
	case packet.PUBLISH:
		return &packet.Publish{Topic: o.pairs["topic"], Payload: []byte(o.pairs["payload"]), QoS: packet.QoS(o.number("qos", 0)),
			Dup: o.flag("dup", false), Retain: o.flag("retain", false), PacketID: id, Properties: ps}, v
	case packet.PUBACK, packet.PUBREC, packet.PUBREL, packet.PUBCOMP:
		return &packet.Ack{Kind: t, PacketID: id, Code: code, Properties: ps}, v
	case packet.SUBSCRIBE:
		p := &packet.Subscribe{PacketID: id, Properties: ps}
		for _, word := range o.rest {
			p.Subscriptions = append(p.Subscriptions, subscription(word))
		}
		return p, v
	case packet.UNSUBSCRIBE:
		return &packet.Unsubscribe{PacketID: id, Filters: o.rest, Properties: ps}, v
	case packet.PINGREQ, packet.PINGRESP:
		return &packet.Ping{Kind: t}, v
	case packet.DISCONNECT:
		return &packet.Disconnect{Code: code, Properties: ps}, v
	case packet.CONNACK:
		return &packet.Connack{}, v
	case packet.SUBACK:
		return &packet.Suback{PacketID: id, Codes: []packet.ReasonCode{0}}, v
	case packet.UNSUBACK:
		return &packet.Unsuback{PacketID: id, Codes: []packet.ReasonCode{0}}, v
	}
	return &packet.Auth{Code: code, Properties: ps}, v
}

// subscription reads "a/+:1" with, for 5.0, the options nl, rap and rh1 or
// rh2 behind it: "a/+:1:nl:rh2".
func subscription(word string) packet.Subscription {
	parts := strings.Split(word, ":")
	s := packet.Subscription{Filter: parts[0]}
	for _, option := range parts[1:] {
		switch option {
		case "nl":
			s.NoLocal = true
		case "rap":
			s.RetainAsPublished = true
		case "rh1", "rh2":
			s.RetainHandling = option[2] - '0'
		default:
			s.QoS = packet.QoS(option[0] - '0')
		}
	}
	return s
}

func pair(o options, key string) (string, bool) {
	value, ok := o.pairs[key]
	return value, ok
}

func properties(o options, prefix string) packet.Properties {
	var ps packet.Properties
	for _, id := range packet.AllProperties() {
		value, ok := o.pairs[prefix+id.Name()]
		if !ok {
			continue
		}
		p := packet.Property{ID: id}
		switch id.Kind() {
		case packet.TextProperty:
			p.Text = value
		case packet.DataProperty:
			p.Data = []byte(value)
		case packet.PairProperty:
			p.Key, p.Text, _ = strings.Cut(value, ":")
		default:
			n, err := strconv.ParseUint(value, 10, 32)
			if err != nil {
				panic(err)
			}
			p.Number = uint32(n)
		}
		ps = append(ps, p)
	}
	return ps
}
