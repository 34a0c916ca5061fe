package server

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/api"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
	"mqttlab/server/ladder"
	"mqttlab/server/pages"
	"mqttlab/server/replay"
	"mqttlab/web"
)

// joined is what belongs together with a captured packet.
func (s *Server) joined(b *bench.Bench, e *capture.Event, l spec.Lang) web.Joined {
	index := s.hub(b).Cache().Index()
	members, more := index.Group(e.N)
	out := web.Joined{More: more}
	names := b.Names()
	for _, m := range members {
		events := b.Log().Range(nil, m.N, m.N+1)
		if len(events) == 0 {
			continue
		}
		line := index.Render(l, &events[0])
		out.Members = append(out.Members, web.JoinedPacket{N: m.N, From: line.From, Lane: cmp.Or(names[line.Lane], line.Lane), LaneID: line.Lane, Type: line.Type, Summary: line.Summary, Diff: line.Diff, Again: m.Again})
		if m.N != e.N {
			continue
		}
		if m.First > 0 {
			out.Exchange = exchangeView(l, m.ID, index.ExchangeState(m.First))
		}
		out.Original = m.Original
	}
	if out.Original > 0 {
		out.Will, out.Held, out.Changes = changes(b, index, e, out.Original, l)
	}
	return out
}

func exchangeView(l spec.Lang, id uint16, state ladder.State) *web.ExchangeView {
	x := &web.ExchangeView{ID: id, Done: state.Awaits == "", Cut: state.Cut}
	switch {
	case x.Done:
		x.State = spec.Message(l, "exchange.complete")
	case x.Cut:
		x.State = spec.Message(l, "exchange.cut", "type", state.Awaits)
	default:
		x.State = spec.Message(l, "exchange.awaits", "type", state.Awaits)
	}
	return x
}

func changes(b *bench.Bench, index *ladder.Index, e *capture.Event, original uint64, l spec.Lang) (will, held bool, list []web.CopyChange) {
	events := b.Log().Range(nil, original, original+1)
	if len(events) == 0 {
		return false, false, nil
	}
	will = len(events[0].Bytes) > 0 && packet.Type(events[0].Bytes[0]>>4) == packet.CONNECT
	for _, c := range index.Changes(e, original) {
		list = append(list, web.CopyChange{Chip: ladder.Chip(l, &c), From: c.From, To: c.To, Why: ladder.Why(l, &c), Rule: c.Rule})
	}
	return will, true, list
}

// grid counts the deliveries of a bench by QoS.
func (s *Server) grid(id string, l spec.Lang) (web.QoSGrid, bool) {
	b := s.Bench(id)
	if b == nil {
		return web.QoSGrid{}, false
	}
	out := web.QoSGrid{Lang: l}
	for p, row := range s.hub(b).Cache().Index().Grid() {
		for g, c := range row {
			out.Cells[p][g] = web.QoSCell{Count: c.Count, Original: c.Original, Copy: c.Copy}
		}
	}
	return out, true
}

// pageBounds keep a page's panel readable.
var pageBounds = broker.Bounds{Connections: 200, Sessions: 100, Subscriptions: 100, Inflight: 50, Shared: 50, Retained: 100, Payload: 64}

// stateView is a bench's broker at a moment.
func (s *Server) stateView(ctx context.Context, id string, at uint64, live bool, l spec.Lang) (web.StateView, error) {
	b := s.Bench(id)
	if b == nil {
		return web.StateView{}, pages.NoBench(id)
	}
	if b.Upstream() != "" {
		return web.StateView{}, bench.ErrUpstream
	}
	if live {
		m, state := b.Live(pageBounds)
		return web.StateView{Lang: l, Now: m.Now, State: state}, nil
	}
	m, err := b.At(ctx, at)
	if err != nil {
		return web.StateView{}, notHeld(l, err)
	}
	return web.StateView{Lang: l, Now: m.Now, State: m.Broker.StateWithin(pageBounds)}, nil
}

// why is why a client gets what an event published, or why not.
func (s *Server) why(ctx context.Context, id string, event uint64, client string, l spec.Lang) (web.WhyView, error) {
	b := s.Bench(id)
	if b == nil {
		return web.WhyView{}, pages.NoBench(id)
	}
	if b.Upstream() != "" {
		return web.WhyView{}, bench.ErrUpstream
	}
	m, why, err := b.Why(ctx, event, bench.Asked{Lane: client})
	if err != nil {
		return web.WhyView{}, notHeld(l, err)
	}
	told := api.WhyOf(l, m, &why)
	view := web.WhyView{Lang: l, Version: packet.V311, Verdict: told.Verdict, Text: told.Text}
	for _, c := range b.Clients() {
		if v, ok := packet.ParseVersion(c.Version); ok && c.ID == client {
			view.Version = v
		}
	}
	for _, r := range told.Reasons {
		reason := web.WhyReason{Side: r.Side, Text: r.Text, Rules: r.Rules}
		for _, level := range r.Levels {
			reason.Levels = append(reason.Levels, web.WhyLevel{Filter: level.Filter, Name: level.Name, Verdict: level.Verdict, Matches: level.Matches, Text: level.Text})
		}
		view.Reasons = append(view.Reasons, reason)
	}
	return view, nil
}

// notHeld says that a moment cannot be shown any more.
func notHeld(l spec.Lang, err error) error {
	switch {
	case errors.Is(err, bench.ErrNotHeld), errors.Is(err, replay.ErrForgotten), errors.Is(err, bench.ErrNoReplay):
		detail := "not-held.unknown"
		switch {
		case errors.Is(err, replay.ErrForgotten):
			detail = "not-held.forgotten"
		case errors.Is(err, bench.ErrNoReplay):
			detail = "no-replay"
		}
		return &pages.Error{Status: http.StatusNotFound, Title: spec.Message(l, "page.state.not-held"), Detail: spec.Message(l, "problem."+detail+".detail"),
			Mend: spec.Message(l, "page.state.not-held-mend")}
	case errors.Is(err, bench.ErrNoPublish), errors.Is(err, bench.ErrWhichOne):
		return &pages.Error{Status: http.StatusUnprocessableEntity, Title: spec.Message(l, "page.why.cannot"), Detail: api.ProblemOf(err).In(l).Detail}
	}
	return err
}

// maxAsked is how many clients of a PUBLISH are listed.
const maxAsked = 60

// whyClients lists who may be asked about at a PUBLISH from a client.
func whyClients(b *bench.Bench, e *capture.Event, joined web.Joined) []web.WhyClient {
	if b.Upstream() != "" || e.From != packet.Client || e.Broken || packet.Type(e.Bytes[0]>>4) != packet.PUBLISH {
		return nil
	}
	copies := make(map[string]uint64) // by lane
	for _, m := range joined.Members {
		if m.From == "server" && m.Type == packet.PUBLISH.String() && copies[m.LaneID] == 0 {
			copies[m.LaneID] = m.N
		}
	}
	var got, others []web.WhyClient
	for _, c := range b.Clients() {
		if c.ClientID == "" && copies[c.ID] == 0 {
			continue // it never connected
		}
		w := web.WhyClient{ID: c.ID, Name: c.Name, Copy: copies[c.ID]}
		if w.Copy > 0 {
			got = append(got, w)
		} else {
			others = append(others, w)
		}
	}
	list := append(got, others...)
	return list[:min(len(list), maxAsked)]
}
