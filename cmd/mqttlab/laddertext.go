package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/scenario"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/ladder"
)

// ladderText prints what happens between clients and a broker, a line each.
type ladderText struct {
	w     *bufio.Writer
	lang  spec.Lang
	paint func(code, s string) string
	why   bool
	names map[string]string // by id, all of one width
	blank string            // of that width
}

func newLadderText(w io.Writer, s *scenario.Scenario, l spec.Lang) *ladderText {
	out := &ladderText{w: bufio.NewWriter(w), lang: l, paint: painter(w), names: make(map[string]string)}
	width := 1
	for _, c := range s.Clients {
		out.names[c.ID] = annotate.Visible(c.Name)
		width = max(width, min(utf8.RuneCountInString(out.names[c.ID]), 16))
	}
	for id, name := range out.names {
		out.names[id] = fmt.Sprintf("%-*s", width, name)
	}
	out.blank = strings.Repeat(" ", width)
	return out
}

func (t *ladderText) flush() error { return t.w.Flush() }

// event prints an event of a scenario that was played in simulated time.
func (t *ladderText) event(e *scenario.Event) {
	switch e.Kind {
	case scenario.EventOpen:
		t.say(e.At, e.Client, "cli.opens")
	case scenario.EventPacket:
		t.packet(e.At, e.Client, e.From, e.Version, e.Broken, e.Bytes)
	case scenario.EventClose:
		t.closed(e.At, e.Client, e.From, e.Abort)
	case scenario.EventExplain:
		if t.why {
			t.explained(e.Why)
		}
	case scenario.EventAnswer, scenario.EventBuild: // a lab's, and not on the wire
	}
}

func (t *ladderText) packet(at time.Duration, client string, from packet.Party, v packet.Version, broken bool, b []byte) {
	arrow := "──▶"
	if from == packet.Server {
		arrow = "◀──"
	}
	text := annotate.Visible(annotate.Summary(b, v, t.lang))
	if broken {
		text = spec.Message(t.lang, "ladder.no-packet", "bytes", fmt.Sprint(len(b)), "summary", text)
	}
	t.line(at, client, arrow+"  "+text)
}

func (t *ladderText) closed(at time.Duration, client string, by packet.Party, abort bool) {
	switch {
	case by == packet.Server:
		t.say(at, client, "cli.closed-by-broker")
	case abort:
		t.say(at, client, "cli.aborts")
	default:
		t.say(at, client, "cli.closes")
	}
}

func (t *ladderText) say(at time.Duration, client, key string) {
	t.line(at, client, spec.Message(t.lang, key))
}

func (t *ladderText) line(at time.Duration, client, text string) {
	fmt.Fprintf(t.w, "%10.3f  %s  %s\n", at.Seconds(), t.paint(bold, t.names[client]), text)
}

func (t *ladderText) explained(x *broker.Explanation) {
	text := ladder.Text(t.lang, x)
	if len(x.Rules) > 0 {
		text += " [" + strings.Join(x.Rules, ", ") + "]"
	}
	fmt.Fprintf(t.w, "%10s  %s  %s\n", "", t.blank, t.paint(dim, "· "+text))
}
