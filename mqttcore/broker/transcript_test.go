package broker_test

import (
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
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
