package scenario

import (
	"fmt"
	"strconv"
	"time"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Player says what is to be done next, and when. Whoever plays does it, and
// tells the Player what the broker says; the Player itself does nothing and
// reads no clock. All times are since the scenario began.
type Player struct {
	s         *Scenario
	speed     float64 // 0: without waiting
	next      int     // index of the step
	since     time.Duration
	expecting bool
	deadline  time.Duration // if expecting
	peers     map[string]*peer
	failure   *Failure
}

// peer is a client as the Player knows it.
type peer struct {
	open    bool
	ended   bool // by the broker
	version packet.Version
	heard   [][]byte // packets on this connection that no expect has looked at
	number  int      // of packets heard
	expects int      // steps that are yet to look at what is heard
}

// maxHeard is how many packets wait for an expect; older ones are passed over.
const maxHeard = 10_000

// Play returns a Player. With speed 2 a scenario takes half its time; with
// speed 0 nothing is waited for but what an expect names. (How long that waits
// does not depend on the speed.)
func (s *Scenario) Play(speed float64) *Player {
	p := &Player{s: s, speed: speed, peers: make(map[string]*peer)}
	for _, c := range s.Clients {
		p.peers[c.ID] = &peer{}
	}
	for i := range s.Steps {
		if step := &s.Steps[i]; step.Do == Expect && !step.Closed {
			p.peers[step.Client].expects++
		}
	}
	return p
}

// ActionKind says what an Action wants.
type ActionKind uint8

// The kinds of Action.
const (
	Act  ActionKind = iota + 1 // do Step, and then ask again
	Wait                       // ask again at Until, or as soon as anything was Heard or has Ended
	End                        // all is done, or has failed
)

// Action is what is to be done.
type Action struct {
	Kind  ActionKind
	Step  *Step         // of an Act; never an Expect
	Until time.Duration // of a Wait
}

// Next says what is to be done at a time that is not before any it was given.
func (p *Player) Next(now time.Duration) Action {
	for p.failure == nil && p.next < len(p.s.Steps) {
		step := &p.s.Steps[p.next]
		if due := p.due(step); now < due && !p.expecting {
			return Action{Kind: Wait, Until: due}
		}
		if step.Do != Expect {
			act := p.act(step)
			if p.failure == nil {
				p.done(now)
			}
			if act {
				return Action{Kind: Act, Step: step}
			}
			continue
		}
		if !p.expecting {
			p.expecting, p.deadline = true, now+step.Within
		}
		switch {
		case p.met(step, now):
			p.done(now)
		case !step.Closed && !p.peers[step.Client].open:
			p.fail(NotOpen) // nothing can come any more
		case now < p.deadline:
			return Action{Kind: Wait, Until: p.deadline}
		case step.Closed:
			p.fail(StillOpen)
		default:
			p.fail(NotHeard)
		}
	}
	if p.failure == nil {
		if until := p.scaled(p.s.Until); now < until {
			return Action{Kind: Wait, Until: until}
		}
	}
	return Action{Kind: End}
}

// Steps says how many steps are done, of how many.
func (p *Player) Steps() (done, all int) { return p.next, len(p.s.Steps) }

// Failure returns what has failed, or nil.
func (p *Player) Failure() *Failure { return p.failure }

// Heard tells that a client was sent a whole Control Packet, whose bytes must
// not change afterwards.
func (p *Player) Heard(client string, b []byte) {
	c := p.peers[client]
	if c == nil || c.expects == 0 {
		return
	}
	if len(c.heard) == maxHeard {
		c.heard = c.heard[1:]
	}
	c.heard = append(c.heard, b)
}

// Ended tells that the broker, or the network, has ended a client's connection.
func (p *Player) Ended(client string) {
	if c := p.peers[client]; c != nil && c.open {
		c.open, c.ended = false, true
	}
}

func (p *Player) due(step *Step) time.Duration {
	if step.After {
		return p.since + p.scaled(step.At)
	}
	return p.scaled(step.At)
}

func (p *Player) scaled(d time.Duration) time.Duration {
	if p.speed == 0 {
		return 0
	}
	return time.Duration(float64(d) / p.speed)
}

func (p *Player) done(now time.Duration) {
	p.next++
	p.since, p.expecting = now, false
}

// act notes what a step does to its client, and says whether there is
// anything to do: a connection that the broker has closed meanwhile need not
// be closed.
func (p *Player) act(step *Step) bool {
	if !step.ofClient() || step.Do == Reply { // who replies need not have opened
		return true
	}
	c := p.peers[step.Client]
	switch step.Do {
	case Open:
		if c.open {
			p.fail(OpenAlready)
			return false
		}
		*c = peer{open: true, expects: c.expects}
	case Send:
		if !c.open {
			p.fail(NotOpen)
			return false
		}
		if len(step.Bytes) > 0 && packet.Type(step.Bytes[0]>>4) == packet.CONNECT && c.version == 0 {
			var d packet.Decoder
			_, _ = d.Decode(step.Bytes) // broken or not, it may say its version
			c.version = d.Version
		}
	case Close, Abort:
		if !c.open && !c.ended {
			p.fail(NotOpen)
			return false
		}
		was := c.open
		c.open, c.ended = false, false
		return was
	}
	return true
}

// unheard takes back the step that was just to be done: there was no open
// connection to reply on.
func (p *Player) unheard() {
	p.next--
	p.fail(NotOpen)
}

// met says whether what a step expects has come.
func (p *Player) met(step *Step, now time.Duration) bool {
	c := p.peers[step.Client]
	if step.Closed {
		return c.ended
	}
	for len(c.heard) > 0 {
		b := c.heard[0]
		c.heard = c.heard[1:]
		c.number++
		explained := annotate.One(b, annotate.Options{Version: c.version, Sender: packet.Server})
		if step.Filter.Match(filter.View{Packet: &explained, Bytes: b, Number: uint64(c.number), Time: now.Seconds(),
			Sender: packet.Server, Name: p.s.Name(step.Client)}) {
			if c.expects--; c.expects == 0 {
				c.heard = nil
			}
			return true
		}
	}
	return false
}

func (p *Player) fail(code Code) {
	p.failure = &Failure{Code: code, Number: p.next + 1, Step: &p.s.Steps[p.next], Name: p.s.Name(p.s.Steps[p.next].Client)}
}

// Code says what failed; the message "replay." + Code says it in words.
type Code string

// The codes.
const (
	OpenAlready Code = "open-already" // an open on an open connection
	NotOpen     Code = "not-open"     // the broker has closed the connection, or nobody has opened it
	NotHeard    Code = "not-heard"    // what was expected did not come
	StillOpen   Code = "still-open"   // the broker did not close the connection
)

// Failure is why a scenario could not go on.
type Failure struct {
	Code   Code
	Number int // of the step, from 1
	Step   *Step
	Name   string // of its client
}

// Args are the placeholders of the message, alternating with their values.
func (f *Failure) Args() []string {
	expression := ""
	if f.Step.Filter != nil {
		expression = f.Step.Filter.String()
	}
	return []string{"step", fmt.Sprint(f.Number), "line", fmt.Sprint(f.Step.Line), "client", f.Name, "do", string(f.Step.Do),
		"filter", expression, "seconds", fmt.Sprintf("%g", f.Step.Within.Seconds())}
}

// Error says it in English.
func (f *Failure) Error() string { return f.Text(spec.English) }

// Text says in a language which step failed, and why.
func (f *Failure) Text(l spec.Lang) string {
	where := spec.Message(l, "failed.step", "step", strconv.Itoa(f.Number))
	if f.Step.Line > 0 {
		where = spec.Message(l, "failed.step-line", "step", strconv.Itoa(f.Number), "line", strconv.Itoa(f.Step.Line))
	}
	return spec.Message(l, "failed."+string(f.Code), append(f.Args(), "where", where)...)
}
