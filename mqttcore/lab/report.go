package lab

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// State is how a check or step stands.
type State string

const (
	Open   State = "open"
	Met    State = "met"
	Failed State = "failed" // cannot be met any more without a new try
)

// StepReport says how a step stands, in words.
type StepReport struct {
	ID     string
	Passed *Passed // nil: not yet
	Now    bool    // it is at hand
	Checks []CheckReport
	// Answered is whether the question is answered rightly, Foretold whether
	// a prediction waits for the event it is about.
	Answered, Foretold bool
	// Missed is the latest prediction beside what came instead; nil: none was
	// wrong.
	Missed *CheckReport
}

// CheckReport says how a check stands.
type CheckReport struct {
	State State
	Text  string // what is asked
	// Note says what came nearest, and the first thing about it that differs;
	// "" if there is nothing to say.
	Note  string
	Event uint64 // number of the event that Note is about; 0: none
	// Want and Got are shown where exact bytes are asked and Got is not them;
	// they first differ at offset At.
	Want, Got []byte
	At        int
}

// Report says how every step stands, in a language.
func (p *Progress) Report(l spec.Lang) []StepReport {
	words := p.lab.Words(l)
	reports := make([]StepReport, len(p.steps))
	for i := range p.steps {
		step, state := &p.lab.Steps[i], &p.steps[i]
		r := &reports[i]
		r.ID, r.Now, r.Answered, r.Foretold = step.ID, i == p.at, state.answered || i < p.at, state.forecast != nil
		if i < p.at {
			r.Passed = &state.passed
		}
		if m := state.missed; m != nil && r.Now {
			r.Missed = &CheckReport{State: Open, Note: Difference(l, m.Want, m.Got), Event: m.Event, Want: m.Want, Got: m.Got, At: m.At}
		}
		for c := range step.Checks {
			r.Checks = append(r.Checks, state.checks[c].report(l, &step.Checks[c], words.Steps[i].Checks[c], i < p.at))
		}
	}
	return reports
}

func (c *checkState) report(l spec.Lang, check *Check, says string, passed bool) CheckReport {
	r := CheckReport{State: Open, Text: says}
	if says == "" {
		r.Text = check.text(l)
	}
	switch {
	case passed || c.met(check):
		r.State = Met
		return r
	case c.failed(check):
		r.State = Failed
	}
	switch {
	case check.Kind == Never:
		r.Note, r.Event = spec.Message(l, "lab.broken", "event", number(c.broken)), c.broken
	case check.Kind == Order && c.reached() == len(check.Order) && check.Over > 0:
		r.Note = spec.Message(l, "lab.soon", "over", check.Over.String())
	case check.Kind == Order && c.reached() == len(check.Order):
		r.Note = spec.Message(l, "lab.late", "within", check.Within.String())
	case check.Kind == Order && c.reached() == 0 && c.broken > 0:
		r.Note, r.Event = spec.Message(l, "lab.interrupted", "event", number(c.broken)), c.broken
	case check.Kind == Order && c.reached() > 0:
		n := c.reached()
		r.Note = spec.Message(l, "lab.reached", "n", strconv.Itoa(n), "all", strconv.Itoa(len(check.Order)), "next", check.Order[n].text(l))
	case check.Kind == Saw && (check.Min > 1 || check.Max >= 0) && c.count > 0:
		r.Note = spec.Message(l, "lab.counted", "n", strconv.Itoa(c.count))
	case c.near.seen != nil:
		c.differs(l, &check.Match, &r)
	}
	return r
}

// differs says what is the first thing that differs in the nearest event.
func (c *checkState) differs(l spec.Lang, m *Match, r *CheckReport) {
	s := c.near.seen
	r.Event = s.N
	if m.Bytes != nil {
		r.Want, r.Got, r.At = m.Bytes, s.Bytes, Differ(m.Bytes, s.Bytes)
		r.Note = Difference(l, r.Want, r.Got)
		return
	}
	v := s.view()
	for _, term := range m.terms {
		if term.Match(v) {
			continue
		}
		var have []string
		for _, name := range term.Names() {
			if value, ok := fieldText(v.Packet.Fields, name); ok {
				have = append(have, name+" = "+value)
			}
		}
		if len(have) == 0 {
			r.Note = spec.Message(l, "lab.near-lacks", "summary", v.Packet.Summary, "term", term.String())
		} else {
			r.Note = spec.Message(l, "lab.near", "summary", v.Packet.Summary, "term", term.String(), "have", strings.Join(have, ", "))
		}
		return
	}
}

// fieldText returns the value of the first field of a name, as it is shown.
func fieldText(fields []annotate.Field, name string) (string, bool) {
	for i := range fields {
		f := &fields[i]
		if f.Name == name {
			if s, ok := f.Value.(string); ok {
				return strconv.Quote(annotate.Visible(s)), true
			}
			return fmt.Sprint(f.Value), true
		}
		if text, ok := fieldText(f.Fields, name); ok {
			return text, true
		}
	}
	return "", false
}

// Difference says in words where two byte strings first differ; "" if they do
// not.
func Difference(l spec.Lang, want, got []byte) string {
	at := Differ(want, got)
	switch {
	case at == len(want) && at == len(got):
		return ""
	case at == len(got):
		return spec.Message(l, "lab.differ-short", "n", strconv.Itoa(len(got)), "missing", strconv.Itoa(len(want)-at))
	case at == len(want):
		return spec.Message(l, "lab.differ-long", "n", strconv.Itoa(len(want)), "more", strconv.Itoa(len(got)-at))
	}
	return spec.Message(l, "lab.differ", "byte", strconv.Itoa(at+1), "got", hex.EncodeToString(got[at:at+1]), "want", hex.EncodeToString(want[at:at+1]))
}

// text says what a check asks for, where its author does not.
func (c *Check) text(l spec.Lang) string {
	switch c.Kind {
	case Never:
		return spec.Message(l, "lab.asks-never", "what", c.Match.text(l))
	case Built:
		return spec.Message(l, "lab.asks-built", "what", c.Match.text(l))
	case Order:
		all := make([]string, len(c.Order))
		for i := range c.Order {
			all[i] = c.Order[i].text(l)
		}
		return spec.Message(l, "lab.asks-order", "what", strings.Join(all, " → "))
	}
	return spec.Message(l, "lab.asks-saw", "what", c.Match.text(l))
}

func (m *Match) text(l spec.Lang) string {
	what := ""
	switch {
	case m.Kind != Packet:
		key := map[EventKind]string{Opened: "lab.match-opened", Closed: "lab.match-closed"}[m.Kind]
		what = spec.Message(l, key, "how", m.How)
	case m.Bytes != nil: // which ones is for the learner to find
		what = spec.Message(l, "lab.match-bytes", "type", packet.Type(m.Bytes[0]>>4).String(), "n", strconv.Itoa(len(m.Bytes)))
	case m.Filter != nil:
		what = m.Filter.String()
	}
	switch {
	case m.By != "":
		what = annotate.Visible(m.By) + ": " + what
	case m.From == packet.Server:
		what = spec.Message(l, "lab.match-server", "what", what)
	}
	return what
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }
