package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/spec"
)

// StateView is the broker at one moment of a bench.
type StateView struct {
	Lang  spec.Lang
	Now   time.Time // of that moment
	State broker.State
}

// Timer is something that is due.
type Timer struct {
	At    time.Time
	What  string // in words
	About string // a value from the wire
}

// timers lists what is due, the soonest first.
func (v StateView) timers() []Timer {
	var list []Timer
	add := func(at *time.Time, key, about string) {
		if at != nil {
			list = append(list, Timer{*at, say(v.Lang, "state.due."+key), about})
		}
	}
	for _, c := range v.State.Connections {
		key := "keep-alive"
		if c.Client == "" {
			key = "connect"
		}
		add(c.Deadline, key, c.Client)
	}
	for i := range v.State.Sessions {
		s := &v.State.Sessions[i]
		add(s.Ends, "session", s.Client)
		if s.Will != nil {
			add(s.Will.Due, "will", s.Client)
		}
		for _, q := range s.Queued {
			add(q.Expires, "message", q.Topic)
		}
	}
	for _, m := range v.State.Retained {
		add(m.Expires, "retained", m.Topic)
	}
	slices.SortFunc(list, func(a, b Timer) int { return a.At.Compare(b.At) })
	return list[:min(len(list), 50)]
}

// in is how long it is until then, such as "42.0 s".
func (v StateView) in(at time.Time) string {
	return say(v.Lang, "state.in", "seconds", strconv.FormatFloat(max(at.Sub(v.Now).Seconds(), 0), 'f', 1, 64))
}

// branch is a level of the tree of subscriptions.
type branch struct {
	Level    string
	Here     []leaf
	Branches []*branch
}

// leaf is a subscription at the end of its filter.
type leaf struct {
	Client string
	QoS    int
	Share  string
}

// tree sorts all subscriptions by the levels of their filters.
func (v StateView) tree() *branch {
	root := &branch{}
	for i := range v.State.Sessions {
		s := &v.State.Sessions[i]
		for _, sub := range s.Subscriptions {
			filter, share := sub.Filter, ""
			if rest, ok := strings.CutPrefix(filter, "$share/"); ok {
				share, filter, _ = strings.Cut(rest, "/")
			}
			at := root
			for n, level := range strings.Split(filter, "/") {
				if n == maxDepth {
					level = "…"
				}
				at = at.child(level)
				if n == maxDepth {
					break
				}
			}
			at.Here = append(at.Here, leaf{s.Client, sub.QoS, share})
		}
	}
	return root
}

// maxDepth is how many levels of a filter are drawn as branches.
const maxDepth = 12

func (b *branch) child(level string) *branch {
	i, found := slices.BinarySearchFunc(b.Branches, level, func(c *branch, l string) int { return strings.Compare(c.Level, l) })
	if !found {
		b.Branches = slices.Insert(b.Branches, i, &branch{Level: level})
	}
	return b.Branches[i]
}

// levelName is a level as it is shown: the empty one has a name.
func levelName(l spec.Lang, level string) string {
	if level == "" {
		return say(l, "state.empty-level")
	}
	return annotate.Visible(level)
}

// options are those of a subscription that are not what they usually are.
func (v StateView) options(s *broker.SubscriptionState) string {
	var list []string
	if s.NoLocal {
		list = append(list, spec.Label(v.Lang, "No Local"))
	}
	if s.RetainAsPublished {
		list = append(list, spec.Label(v.Lang, "Retain As Published"))
	}
	if s.RetainHandling > 0 {
		list = append(list, spec.Label(v.Lang, "Retain Handling")+" "+strconv.Itoa(s.RetainHandling))
	}
	if s.Identifier > 0 {
		list = append(list, spec.Label(v.Lang, "Subscription Identifier")+" "+strconv.Itoa(int(s.Identifier)))
	}
	return strings.Join(list, ", ")
}

// expiry says how long a Session is kept.
func (v StateView) expiry(s *broker.SessionState) string {
	switch {
	case s.Expiry == 0:
		return say(v.Lang, "state.ends-with-connection")
	case s.Expiry == 1<<32-1:
		return say(v.Lang, "state.never-ends")
	}
	return say(v.Lang, "state.expiry", "seconds", strconv.Itoa(int(s.Expiry)))
}

func payloadPreview(b []byte) string {
	return annotate.Visible(string(b[:min(len(b), 64)]))
}

func sessionClass(s *broker.SessionState) string {
	if s.Conn == 0 {
		return "is-away"
	}
	return "is-here"
}

func heldIDs(ids []uint16) string {
	var list []string
	for _, id := range ids[:min(len(ids), 40)] {
		list = append(list, strconv.Itoa(int(id)))
	}
	return strings.Join(list, ", ")
}
