package export

import (
	"context"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/scenario"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
)

// Scenario writes what a bench's clients sent, and when, as a scenario. What
// of its broker's configuration is as in base is left out. With expect the
// broker's answers are in it, too, each to be waited for, so that it can be
// replayed at any speed and says where another broker differs.
func Scenario(ctx context.Context, w io.Writer, b *bench.Bench, base broker.Config, expect bool) error {
	r := &recorder{expect: expect, lanes: make(map[string]bool), open: make(map[broker.ConnID]bool), began: -1}
	names := b.Names()
	s := scenario.Scenario{HasBroker: true, Broker: b.BrokerConfig()}
	var last time.Duration
	err := each(ctx, b.Log(), func(e *capture.Event) error {
		last = e.At
		if e.Kind == capture.Open && !r.lanes[e.Lane] && len(r.lanes) < scenario.MaxClients {
			r.lanes[e.Lane] = true
			name := names[e.Lane]
			if name == "" {
				name = e.Detail.(capture.Opened).Name
			}
			s.Clients = append(s.Clients, scenario.Client{ID: e.Lane, Name: clipped(name, e.Lane)})
		}
		if e.Kind == capture.Open && r.began < 0 {
			r.began = e.At
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.Title = title(b)
	if first, _ := b.Log().Bounds(); first > 1 {
		s.Title += fmt.Sprintf("; the first %d events are no longer held", first-1)
	}
	s.Until = max(last-r.began, 0)
	r.w = scenario.NewWriter(w, &s, base)
	if err := each(ctx, b.Log(), r.event); err != nil {
		return err
	}
	return r.w.Close()
}

// clipped is a client's name as a scenario may have it.
func clipped(name, id string) string {
	if name == "" {
		return id
	}
	return cut(name, scenario.MaxName-len("…"))
}

// recorder turns events into steps.
type recorder struct {
	w      *scenario.Writer
	expect bool
	lanes  map[string]bool        // that take part
	open   map[broker.ConnID]bool // whose beginning is in the scenario
	began  time.Duration          // of the first step
}

func (r *recorder) event(e *capture.Event) error {
	if !r.lanes[e.Lane] {
		return nil
	}
	if e.Kind == capture.Open {
		r.open[e.Conn] = true
		r.step(e, scenario.Step{Do: scenario.Open})
	}
	if !r.open[e.Conn] {
		return nil // a connection that began before what is held
	}
	switch {
	case e.Kind == capture.Packet && e.From == packet.Client:
		r.step(e, scenario.Step{Do: scenario.Send, Bytes: e.Bytes, Note: note(e)})
	case e.Kind == capture.Packet && r.expect:
		f, err := filter.Parse(fmt.Sprintf("mqtt.msgtype == %d", e.Bytes[0]>>4))
		if err != nil {
			return err
		}
		r.w.Step(&scenario.Step{After: true, Client: e.Lane, Do: scenario.Expect, Filter: f, Within: scenario.Within, Note: note(e)})
	case e.Kind == capture.Close:
		delete(r.open, e.Conn)
		switch {
		case e.How == capture.FIN:
			r.step(e, scenario.Step{Do: scenario.Close})
		case e.How == capture.RST:
			r.step(e, scenario.Step{Do: scenario.Abort})
		case r.expect:
			r.w.Step(&scenario.Step{After: true, Client: e.Lane, Do: scenario.Expect, Closed: true, Within: scenario.Within})
		}
	}
	return nil
}

func (r *recorder) step(e *capture.Event, s scenario.Step) {
	s.At, s.Client = e.At-r.began, e.Lane
	r.w.Step(&s)
}

// note says in a line what the bytes are.
func note(e *capture.Event) string {
	const shown = 4 << 10 // of a packet; a longer one is named by its type
	if len(e.Bytes) > shown && packet.Type(e.Bytes[0]>>4) != packet.PUBLISH {
		return packet.Type(e.Bytes[0] >> 4).String()
	}
	text := annotate.Visible(annotate.Summary(e.Bytes, e.Version, spec.English))
	if e.Broken {
		text = spec.Message(spec.English, "ladder.no-packet", "bytes", fmt.Sprint(len(e.Bytes)), "summary", text)
	}
	return cut(text, 200)
}

// cut shortens a text to at most so many bytes and "…".
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}
