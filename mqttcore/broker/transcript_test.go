package broker_test

import (
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

var update = flag.Bool("update", false, "rewrite the transcripts with what the Broker does")

// TestTranscripts replays testdata/broker/*.txt. A line that begins in the
// first column is a command or a comment; the indented lines below a command
// are what the Broker does about it. See testdata/broker/README.md.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("../../testdata/broker/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := replay(t, string(want), false)
			if again := replay(t, string(want), true); again != got {
				t.Errorf("the same events had other effects on clones:\n%s", cmp.Diff(got, again))
			}
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("transcript differs (-want +got):\n%s", diff)
			}
		})
	}
}

// replay plays a transcript; on clones, each event is heard by a clone of the
// Broker that heard the one before.
func replay(t *testing.T, text string, clones bool) string {
	s := &stage{t: t}
	s.begin(broker.Config{Explain: true})
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "    "):
			continue // an old answer
		case line == "", strings.HasPrefix(line, "#"):
			fmt.Fprintln(&s.out, line)
		default:
			fmt.Fprintln(&s.out, line)
			if !clones {
				s.run(line)
				continue
			}
			before := s.b
			want := before.State()
			s.b = before.Clone()
			if diff := cmp.Diff(want, s.b.State()); diff != "" {
				t.Errorf("before %q, the clone differs (-want +got):\n%s", line, diff)
			}
			s.run(line)
			if diff := cmp.Diff(want, before.State()); diff != "" {
				t.Errorf("%q, which a clone heard, changes the Broker it was made from (-want +got):\n%s", line, diff)
			}
			if err := s.b.CheckTotals(); err != nil {
				t.Error(line, err)
			}
		}
	}
	return s.out.String()
}

// stage is a Broker with connections that have names.
type stage struct {
	t      *testing.T
	out    strings.Builder
	b      *broker.Broker
	start  time.Time
	now    time.Time
	last   broker.ConnID
	conns  map[string]broker.ConnID
	names  map[broker.ConnID]string
	decode map[broker.ConnID]*packet.Decoder
	client map[broker.ConnID]*packet.Decoder // reads what the Broker sends
	closed map[broker.ConnID]bool
	quiet  bool
	cfg    broker.Config
	kept   map[string][]byte // what must outlive the Broker
}

func (s *stage) begin(cfg broker.Config) {
	cfg.Durable = true
	s.cfg, s.kept = cfg, map[string][]byte{}
	s.b = broker.New(cfg)
	s.start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s.now, s.last = s.start, 0
	s.conns = map[string]broker.ConnID{}
	s.names = map[broker.ConnID]string{}
	s.decode = map[broker.ConnID]*packet.Decoder{}
	s.client = map[broker.ConnID]*packet.Decoder{}
	s.closed = map[broker.ConnID]bool{0: true}
}

func (s *stage) say(format string, args ...any) {
	fmt.Fprintf(&s.out, "    "+format+"\n", args...)
}

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

func (s *stage) run(line string) {
	verb, tail, _ := strings.Cut(line, " ")
	switch verb {
	case "broker":
		s.begin(config(words(tail)))
		return
	case "explain":
		s.quiet = tail == "off"
		return
	case "tick":
		s.tick(tail)
		return
	case "restart":
		s.restart(tail)
		return
	case "state":
		s.state(tail)
		return
	case "why":
		s.why(tail)
		return
	}
	name, tail, _ := strings.Cut(tail, " ")
	o := words(tail)
	if verb == "open" || verb == "connect" && s.closed[s.conns[name]] {
		s.last++
		s.conns[name], s.names[s.last] = s.last, name
		s.decode[s.last] = &packet.Decoder{}
		s.effects(s.b.Open(s.now, s.last))
		if verb == "open" {
			return
		}
	}
	id := s.conns[name]
	switch verb {
	case "close":
		causes := map[string]broker.Cause{"": broker.CauseFIN, "fin": broker.CauseFIN, "rst": broker.CauseRST, "timeout": broker.CauseTimeout}
		s.closed[id] = true
		s.effects(s.b.Closed(s.now, id, causes[tail]))
	case "drop":
		causes := map[string]broker.Cause{"slow": broker.CauseSlow, "shutdown": broker.CauseShutdown, "administrative": broker.CauseAdmin}
		s.effects(s.b.Drop(s.now, id, causes[tail]))
	case "raw":
		b, err := hex.DecodeString(strings.ReplaceAll(tail, " ", ""))
		if err != nil {
			s.t.Fatal(line, err)
		}
		s.receive(id, b)
	default:
		p, v := s.packet(verb, id, o)
		b, err := packet.Append(nil, p, v)
		if err != nil {
			s.t.Fatal(line, err)
		}
		s.receive(id, b)
	}
}

func (s *stage) receive(id broker.ConnID, b []byte) {
	p, err := s.decode[id].Decode(b)
	if err != nil {
		var f *packet.Fault
		errors.As(err, &f)
		if s.client[id] == nil {
			s.client[id] = &packet.Decoder{Version: f.Version}
		}
		s.effects(s.b.Fault(s.now, id, f))
		return
	}
	if p.Type() == packet.CONNECT && s.client[id] == nil {
		s.client[id] = &packet.Decoder{Version: s.decode[id].Version}
	}
	s.effects(s.b.Receive(s.now, id, p, b))
}

func (s *stage) tick(tail string) {
	d, err := time.ParseDuration(tail)
	if err != nil {
		s.t.Fatal(err)
	}
	until := s.now.Add(d)
	for {
		next, ok := s.b.Next()
		if !ok || next.After(until) {
			break
		}
		s.now = next
		effects := s.b.Tick(s.now)
		if len(effects) > 0 {
			s.say("at %v", s.now.Sub(s.start))
		}
		s.effects(effects)
	}
	s.now = until
	s.effects(s.b.Tick(s.now))
}

func (s *stage) effects(effects []broker.Effect) {
	for _, c := range s.b.Changes() {
		if s.kept[c.Key] = c.Value; c.Value == nil {
			delete(s.kept, c.Key)
		}
	}
	for _, e := range effects {
		name := s.names[e.Conn]
		if name == "" {
			name = "-"
		}
		switch e.Kind {
		case broker.EffectSend:
			d := s.client[e.Conn]
			if d == nil {
				d = &packet.Decoder{}
			}
			p, err := d.Decode(e.Wire)
			if err != nil {
				s.t.Errorf("the Broker sends % x, which breaks a rule: %v", e.Wire, err)
				continue
			}
			if p.Type() != e.Type {
				s.t.Errorf("effect says %v, bytes say %v", e.Type, p.Type())
			}
			s.say("%s <- %s", name, describe(p, d.Version))
		case broker.EffectClose:
			s.say("%s closed", name)
			s.closed[e.Conn] = true
		case broker.EffectExplain:
			x := e.Said()
			fillsPlaceholders(s.t, x)
			if s.quiet {
				continue
			}
			args := ""
			for i := 0; i < len(x.Args); i += 2 {
				args += fmt.Sprintf(" %s=%s", x.Args[i], x.Args[i+1])
			}
			rules := ""
			if len(x.Rules) > 0 {
				rules = " [" + strings.Join(x.Rules, " ") + "]"
			}
			s.say("%s ! %s%s%s", name, x.Key, args, rules)
		}
	}
}

// restart stops the Broker without a word. Some time later there is a new one,
// which knows what was kept.
func (s *stage) restart(tail string) {
	d, err := time.ParseDuration(tail)
	if err != nil {
		s.t.Fatal(err)
	}
	s.now = s.now.Add(d)
	for id := range s.names {
		s.closed[id] = true
	}
	var records []broker.Record
	for key, value := range s.kept {
		records = append(records, broker.Record{Key: key, Value: value})
	}
	s.b = broker.New(s.cfg)
	effects, err := s.b.Restore(s.now, records)
	if err != nil {
		s.t.Fatal(err)
	}
	s.effects(effects)
	s.effects(s.b.Tick(s.now))
}

// why says what would become of a PUBLISH for a Client: "A publish p topic=t".
func (s *stage) why(tail string) {
	f := strings.SplitN(tail, " ", 4)
	id := s.conns[f[2]]
	p, v := s.packet(f[1], id, words(strings.Join(f[3:], " ")))
	wire, err := packet.Append(nil, p, v)
	if err != nil {
		s.t.Fatal(tail, err)
	}
	b := s.b.Clone()
	w := b.Why(b.PublishedBy(id, p.(*packet.Publish)), f[0], func(b *broker.Broker) []broker.Effect { return b.Receive(s.now, id, p, wire) })
	s.say("%s", w.Verdict)
	for _, r := range w.Reasons {
		line := map[broker.Side]string{broker.For: "+ ", broker.Against: "- ", broker.Aside: "  "}[r.Side] + r.Key
		for i := 0; i < len(r.Args); i += 2 {
			line += fmt.Sprintf(" %s=%s", r.Args[i], r.Args[i+1])
		}
		if len(r.Rules) > 0 {
			line += " [" + strings.Join(r.Rules, " ") + "]"
		}
		for _, l := range r.Levels {
			line += fmt.Sprintf(" %s|%s:%s", l.Filter, l.Name, l.Verdict)
		}
		if !spec.HasMessage(r.Key) {
			s.t.Errorf("there is no text for %s", r.Key)
		}
		s.say("%s", line)
	}
}

func describe(p packet.Packet, v packet.Version) string {
	var w strings.Builder
	fmt.Fprint(&w, p.Type())
	put := func(format string, args ...any) { fmt.Fprintf(&w, " "+format, args...) }
	var ps packet.Properties
	bit := map[bool]int{true: 1}
	switch p := p.(type) {
	case *packet.Connack:
		ps = p.Properties
		put("sp=%d code=%#02x", bit[p.SessionPresent], byte(p.Code))
	case *packet.Publish:
		ps = p.Properties
		put("topic=%s qos=%d dup=%d retain=%d", p.Topic, p.QoS, bit[p.Dup], bit[p.Retain])
		if p.QoS > 0 {
			put("id=%d", p.PacketID)
		}
		put("payload=%s", strings.ReplaceAll(string(p.Payload), " ", "_"))
	case *packet.Ack:
		ps = p.Properties
		put("id=%d", p.PacketID)
		if v == packet.V5 {
			put("code=%#02x", byte(p.Code))
		}
	case *packet.Suback:
		ps = p.Properties
		put("id=%d codes=%#02x", p.PacketID, p.Codes)
	case *packet.Unsuback:
		ps = p.Properties
		put("id=%d", p.PacketID)
		if v == packet.V5 {
			put("codes=%#02x", p.Codes)
		}
	case *packet.Disconnect:
		ps = p.Properties
		if v == packet.V5 {
			put("code=%#02x", byte(p.Code))
		}
	}
	for _, p := range ps {
		switch p.ID.Kind() {
		case packet.TextProperty:
			put("%s=%s", p.ID.Name(), p.Text)
		case packet.DataProperty:
			put("%s=%s", p.ID.Name(), p.Data)
		case packet.PairProperty:
			put("%s=%s:%s", p.ID.Name(), p.Key, p.Text)
		default:
			put("%s=%d", p.ID.Name(), p.Number)
		}
	}
	return w.String()
}

func (s *stage) state(which string) {
	st := s.b.State()
	for _, x := range st.Sessions {
		if which != "" && which != x.Client {
			continue
		}
		line := fmt.Sprintf("%s: %s, %s, expiry %d", x.Client, x.Version, x.State, x.Expiry)
		for _, sub := range x.Subscriptions {
			line += fmt.Sprintf("; sub %s:%d", sub.Filter, sub.QoS)
		}
		for _, d := range x.Inflight {
			line += fmt.Sprintf("; %d QoS %d %s", d.PacketID, d.QoS, d.State)
		}
		for _, id := range x.Held {
			line += fmt.Sprintf("; holds %d", id)
		}
		for _, q := range x.Queued {
			line += fmt.Sprintf("; queued %s:%d", q.Topic, q.QoS)
		}
		if x.Will != nil {
			line += "; will " + x.Will.Topic + " " + x.Will.State
		}
		s.say("%s", line)
	}
	if which == "" {
		for _, r := range st.Retained {
			s.say("retained %s qos=%d payload=%s", r.Topic, r.QoS, r.Payload)
		}
	}
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
