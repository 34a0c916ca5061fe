package server

import (
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
	"mqttlab/server/ladder"
	"mqttlab/web"
)

// joined is what belongs together with a captured packet.
func (s *Server) joined(b *bench.Bench, e *capture.Event, l spec.Lang) web.Joined {
	index := s.hub(b).Cache().Index()
	members, more := index.Group(e.N)
	out := web.Joined{More: more}
	names := make(map[string]string)
	for _, c := range b.Clients() {
		names[c.ID] = c.Name
	}
	for _, m := range members {
		events := b.Log().Range(nil, m.N, m.N+1)
		if len(events) == 0 {
			continue
		}
		line := index.Render(l, &events[0])
		name := names[line.Lane]
		if name == "" {
			name = line.Lane
		}
		out.Members = append(out.Members, web.JoinedPacket{N: m.N, From: line.From, Lane: name, Type: line.Type, Summary: line.Summary, Diff: line.Diff, Again: m.Again})
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
