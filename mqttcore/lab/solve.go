package lab

import (
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/scenario"
)

// Solve plays a solution on a broker of its own, in simulated time, with the
// lab's cast, if it has one, and returns how far it comes. The failure is nil if
// the solution went as it says. watch, which may be nil, is told of every event
// and what it led to.
func (l *Lab) Solve(solution, cast *scenario.Scenario, watch func(Event, Change)) (*Progress, *scenario.Failure) {
	if watch == nil {
		watch = func(Event, Change) {}
	}
	var others []*scenario.Scenario
	if cast != nil {
		others = append(others, cast)
	}
	var result *scenario.Result
	if l.Hand {
		result = scenario.RunHand(append([]*scenario.Scenario{solution}, others...)...)
	} else {
		result = scenario.Run(solution, l.Broker, others...)
	}
	p := l.Begin()
	name := func(id string) string {
		if cast != nil {
			if n := cast.Name(id); n != id {
				return n
			}
		}
		return solution.Name(id)
	}
	for i := range result.Events {
		e := &result.Events[i]
		event := Event{N: uint64(i + 1), At: e.At, Client: name(e.Client), From: e.From, Version: e.Version, Bytes: e.Bytes}
		switch e.Kind {
		case scenario.EventAnswer:
			change, _ := p.Answer(e.Text, e.At)
			watch(Event{Kind: Answered, At: e.At, Answer: e.Text}, change)
			continue
		case scenario.EventBuild:
			event.Kind = Handed
			watch(event, p.Build(e.Bytes, e.Version, e.At))
			continue
		case scenario.EventOpen:
			event.Kind = Opened
		case scenario.EventClose:
			event.Kind, event.How = Closed, ending(e)
		case scenario.EventExplain:
			continue
		}
		watch(event, p.Add(event))
	}
	return p, result.Failure
}

// ending says how a connection ended, as a check does.
func ending(e *scenario.Event) string {
	switch {
	case e.From == packet.Server && e.Cause < 0:
		return "timeout"
	case e.From == packet.Server:
		return "server"
	case e.Abort:
		return "rst"
	}
	return "fin"
}
