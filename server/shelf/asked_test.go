package shelf_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"mqttlab/mqttcore/lab"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/scenario"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/shelf"
)

// builderBegins gives a packet of a solution the values that the builder's form
// begins with where a step may ask for others, one at a time, with what the step
// then says.
func builderBegins(p packet.Packet) map[*regexp.Regexp]packet.Packet {
	variants := map[*regexp.Regexp]packet.Packet{}
	asks := func(pattern string, value any) *regexp.Regexp {
		return regexp.MustCompile(fmt.Sprintf(pattern, value))
	}
	switch p := p.(type) {
	case *packet.Connect:
		if p.KeepAlive != 60 {
			q := *p
			q.KeepAlive = 60
			variants[asks(`Keep Alive( of)? \**%d\b`, p.KeepAlive)] = &q
		}
		if !p.CleanSession {
			q := *p
			q.CleanSession = true
			variants[asks(`Clean Session \**%d\b|Clean Start cleared`, 0)] = &q
		}
	case *packet.Publish:
		if p.QoS != 1 {
			q := *p
			q.QoS, q.PacketID = 1, 1000
			variants[asks(`QoS \**%d\b`, p.QoS)] = &q
		}
		if p.Retain {
			q := *p
			q.Retain = false
			variants[asks(`[Rr]etained\b|RETAIN%s`, "")] = &q
		}
	case *packet.Subscribe:
		for i := range p.Subscriptions {
			if p.Subscriptions[i].QoS != 1 {
				q := *p
				q.Subscriptions = slices.Clone(p.Subscriptions)
				q.Subscriptions[i].QoS = 1
				variants[asks(`QoS \**%d\b`, p.Subscriptions[i].QoS)] = &q
			}
		}
	}
	return variants
}

// spared are clients of steps whose text names a value that they need not have.
var spared = map[string]bool{
	"nine-cells listen P":  true, // "leaves you time" is advice
	"nine-cells listen S0": true,
	"nine-cells listen S1": true,
	"nine-cells listen S2": true,
	"takeover second B":    true, // it is asked of A
}

// What a step asks for in words it also checks: whoever sends the packet as the
// builder begins with it does not pass.
func TestWhatIsAskedIsChecked(t *testing.T) {
	s, err := shelf.Open()
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, l := range s.Labs() {
		if l.Hand {
			continue // the learner sends no packet of these types
		}
		versions := map[string]packet.Version{}
		for i, step := range l.Solution.Steps {
			if step.Do != scenario.Send {
				continue
			}
			d := packet.Decoder{Version: versions[step.Client]}
			p, err := d.Decode(step.Bytes)
			if err != nil {
				continue // broken on purpose
			}
			if c, ok := p.(*packet.Connect); ok {
				d.Version = packet.Version(c.ProtocolLevel)
				versions[step.Client] = d.Version
			}
			at := stepOf(l, i)
			for asks, variant := range builderBegins(p) {
				if !asks.MatchString(l.Words(spec.English).Steps[at].Text) || spared[fmt.Sprintf("%s %s %s", l.ID, l.Steps[at].ID, step.Client)] {
					continue
				}
				tried++
				b, err := packet.Append(nil, variant, d.Version)
				if err != nil {
					t.Fatal(err)
				}
				other := *l.Solution
				other.Steps = slices.Clone(l.Solution.Steps)
				other.Steps[i].Bytes = b
				other.Steps = slices.DeleteFunc(other.Steps, func(s scenario.Step) bool { return s.Do == scenario.Expect })
				if p, failure := l.Solve(&other, l.Cast, nil); failure == nil {
					if _, open := p.Step(); !open {
						t.Errorf("%s, step %s, asks for %q, and is passed with % x (line %d)", l.ID, l.Steps[at].ID, asks, b, step.Line)
					}
				}
			}
		}
	}
	if tried < 40 {
		t.Errorf("only %d packets were tried", tried)
	}
}

// stepOf returns the index of the lab's step at which a step of the solution is played.
func stepOf(l *shelf.Lab, i int) int {
	before := *l.Solution
	before.Steps = l.Solution.Steps[:i]
	passed := 0
	l.Solve(&before, l.Cast, func(_ lab.Event, c lab.Change) { passed += len(c.Passed) })
	return min(passed, len(l.Steps)-1)
}
