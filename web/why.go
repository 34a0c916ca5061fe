package web

import (
	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// WhyClient is a client that may be asked about: whether and why it gets a
// message.
type WhyClient struct {
	ID, Name string
	Copy     uint64 // the copy that it was sent; 0: none
}

// WhyView says why a client gets a message, or why not.
type WhyView struct {
	Lang    spec.Lang
	Version packet.Version // of which rules are cited
	Verdict broker.Verdict
	Text    string
	Reasons []WhyReason
}

// WhyReason is one thing that decides.
type WhyReason struct {
	Side   broker.Side
	Text   string
	Rules  []string
	Levels []WhyLevel
}

// WhyLevel is how one level of a filter meets one of the topic. An empty level
// that is there is not the same as none.
type WhyLevel struct {
	Filter, Name string
	Verdict      string
	Matches      bool
	Text         string
}

func sideSign(side broker.Side) string {
	switch side {
	case broker.For:
		return "✓"
	case broker.Against:
		return "✖"
	}
	return "·"
}

// sign stands between a level of the filter and one of the topic.
func (l WhyLevel) sign() string {
	switch l.Verdict {
	case "equal":
		return "="
	case "single-wild":
		return "+"
	case "multi-wild":
		return "#"
	}
	return "≠"
}

func (l WhyLevel) filterCell() string {
	if l.Verdict == "filter-ends" {
		return "–"
	}
	return cell(l.Filter)
}

func (l WhyLevel) nameCell() string {
	if l.Verdict == "name-ends" || l.Verdict == "multi-wild" && l.Name == "" {
		return "–"
	}
	return cell(l.Name)
}

func cell(level string) string {
	if level == "" {
		return "␣"
	}
	return visible(clip(level, 40))
}
