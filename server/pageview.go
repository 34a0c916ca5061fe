package server

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/settings"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/api"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
	"mqttlab/server/classroom"
	"mqttlab/server/ladder"
	"mqttlab/server/pages"
	"mqttlab/web"
)

// pageDeps gives the pages what they show.
func (s *Server) pageDeps(service *api.API) pages.Deps {
	return pages.Deps{
		Bench:    MainBench,
		Find:     s.benchView,
		Settings: s.settingsView,
		Encode:   api.Write,
		Event:    s.event,
		Grid:     s.grid,
		State:    s.stateView,
		Why:      s.why,
		Problem:  s.pageProblem(service),
		Owner:    service.Owner,
		Labs:     s.labPages(),
		Classes:  s.classPages(),
		Admin:    s.adminView,
		Commands: s.cfg.Commands,
		Calls:    helpCalls(),
		Log:      s.logger,
	}
}

// benchView is what a bench's page shows of it.
func (s *Server) benchView(id string) (web.BenchView, bool) {
	b := s.Bench(id)
	if b == nil {
		return web.BenchView{}, false
	}
	view := web.BenchView{ID: id, MQTTAddr: b.Address(), ReadOnly: b.ReadOnly(), Own: id != MainBench && !classroom.IsOfClass(id), Presets: bench.Presets(), Upstream: b.Upstream(), Hand: errors.Is(b.Apart(), bench.ErrHand)}
	view.CanMake, view.CanMakeTCP = s.benches.Offers()
	return view, true
}

// settingsView is the configuration of a bench's broker, without passwords.
func (s *Server) settingsView(id string) (web.SettingsView, bool) {
	b := s.Bench(id)
	if b == nil {
		return web.SettingsView{}, false
	}
	view := web.SettingsView{Values: settings.Values(b.BrokerConfig())}
	view.CanMake, _ = s.benches.Offers()
	switch {
	case b.Upstream() != "":
		view.Kept = web.KeptUpstream
	case b.ReadOnly():
		view.Kept = web.KeptCapture
	case b.Durable():
		view.Kept = web.KeptFile
	}
	return view, true
}

// pageProblem tells an error of a page's fragment as the JSON interface does.
func (s *Server) pageProblem(service *api.API) func(http.ResponseWriter, *http.Request, error) {
	return func(w http.ResponseWriter, r *http.Request, err error) {
		var refused *pages.Error
		if errors.As(err, &refused) {
			err = &api.Problem{Type: "urn:mqttlab:problem:request", Title: refused.Title, Status: refused.Status,
				Detail: refused.Detail, Mend: refused.Mend}
		}
		service.Fail(w, r, err)
	}
}

// event is a packet of a bench with the explanations that it caused, in a language.
func (s *Server) event(id string, n uint64, l spec.Lang) (web.EventView, bool) {
	b := s.Bench(id)
	if b == nil {
		return web.EventView{}, false
	}
	events := b.Log().Range(nil, n, n+explainedWithin)
	if len(events) == 0 || events[0].N != n || events[0].Kind != capture.Packet {
		return web.EventView{}, false
	}
	e := &events[0]
	view := web.EventView{
		N: n, Lang: l, Lane: cmp.Or(b.Names()[e.Lane], e.Lane), From: e.From.String(),
		Time:   fmt.Sprintf("%.6f s", ladder.Seconds(e.At)),
		Packet: s.hub(b).Cache().Index().Annotate(l, e),
		Joined: s.joined(b, e, l), Bench: id,
	}
	view.Clients = whyClients(b, e, view.Joined)
	for i := range events[1:] {
		later := &events[1+i]
		if later.Kind == capture.Packet && later.Cause != n {
			break // the next packet that came; all explanations of e stand before it
		}
		if later.Kind != capture.Explain || later.Cause != n {
			continue
		}
		x := later.Detail.(*broker.Explanation)
		view.Explained = append(view.Explained, web.Explanation{Text: ladder.Text(l, x), Rules: x.Rules})
	}
	return view, true
}

// explainedWithin is how far behind a packet its explanations are looked for.
const explainedWithin = 500

// helpCalls are the calls of the JSON interface for the pages of help.
func helpCalls() []web.Call {
	var calls []web.Call
	for _, c := range api.Calls() {
		calls = append(calls, web.Call{Method: c.Method, Path: c.Path, Doc: c.Doc, Name: c.Name})
	}
	return calls
}
