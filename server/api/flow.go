package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/ladder"
	"mqttlab/server/limits"
)

// outline says of which kind the events are, without their contents:
//
//	?from=1
func (a *API) outline(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	from, err := number(r, "from", 1)
	if err != nil {
		return err
	}
	hub := a.Hub(b)
	out := struct {
		Instance string `json:"instance"`
		ladder.Outline
	}{hub.Instance(), hub.Cache().Index().Outline(from)}
	out.Clocks = hub.Cache().Index().Clocks()
	return reply(w, http.StatusOK, out)
}

// rows returns the lines of the ladder for a range of events, or for those
// with the numbers asked for, and how the exchanges stand that begin there:
//
//	?from=1&limit=100
//	?numbers=1,2,5
func (a *API) rows(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	hub, lang := a.Hub(b), Lang(r)
	first, next := b.Log().Bounds()
	out := struct {
		Instance string                  `json:"instance"`
		First    uint64                  `json:"first"`
		Next     uint64                  `json:"next"`
		Events   []json.RawMessage       `json:"events"`
		States   map[uint64]ladder.State `json:"states"`
	}{Instance: hub.Instance(), First: first, Next: next, Events: []json.RawMessage{}, States: map[uint64]ladder.State{}}
	add := func(from, to uint64) {
		_, events := hub.Cache().Range(lang, from, to)
		for _, e := range events {
			out.Events = append(out.Events, e)
		}
		for n, s := range hub.Cache().Index().States(from, to) {
			out.States[n] = s
		}
	}
	if list := r.URL.Query().Get("numbers"); list != "" {
		for i, s := range strings.Split(list, ",") {
			n, err := strconv.ParseUint(s, 10, 63)
			if err != nil || i >= limits.PacketsPerGet {
				return Say(http.StatusBadRequest, "query", "query.numbers", "most", strconv.Itoa(limits.PacketsPerGet)).at("numbers")
			}
			add(n, n+1)
		}
		return reply(w, http.StatusOK, out)
	}
	from, err := number(r, "from", first)
	if err != nil {
		return err
	}
	limit, err := number(r, "limit", limits.PacketsDefault)
	if err != nil {
		return err
	}
	from = min(max(from, first), next)
	add(from, min(from+min(limit, limits.PacketsPerGet), next))
	return reply(w, http.StatusOK, out)
}

// find returns the numbers of the packets that pass a filter or hold plain
// words:
//
//	?filter=mqtt.qos > 0&from=1
//	?filter=hello&notes=1
//
// It is asked while somebody types: a mistake is an answer like others. "next"
// says where to go on; notes=1 looks through the broker's reasons, too.
func (a *API) find(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	from, err := number(r, "from", 1)
	if err != nil {
		return err
	}
	limit, err := number(r, "limit", limits.FoundPerGet)
	if err != nil {
		return err
	}
	text := r.URL.Query().Get("filter")
	hub := a.Hub(b)
	q, err := ladder.ParseQuery(text)
	if err != nil {
		var p *Problem
		if err = filterProblem(err, text, Lang(r)); !errors.As(err, &p) {
			return err
		}
		return reply(w, http.StatusOK, map[string]any{"instance": hub.Instance(), "mistake": p})
	}
	found := hub.Cache().Index().Find(q, from, int(min(limit, limits.FoundPerGet)), r.URL.Query().Get("notes") == "1", b.Names())
	return reply(w, http.StatusOK, struct {
		Instance   string   `json:"instance"`
		Expression string   `json:"expression"`
		Plain      bool     `json:"plain"` // the expression was made of plain words
		First      uint64   `json:"first"`
		Next       uint64   `json:"next"`
		End        uint64   `json:"end"`
		Packets    int      `json:"packets"`
		Numbers    []uint64 `json:"numbers"`
	}{hub.Instance(), q.Expression, q.Plain, found.First, found.Next, found.End, found.Packets, found.Numbers})
}

// filtered answers GET …/packets?filter=: the packets that pass, whole. Next
// says where to go on, with or without any found.
func (a *API) filtered(w http.ResponseWriter, r *http.Request, b *bench.Bench, text string, from, limit uint64) error {
	q, err := ladder.ParseQuery(text)
	if err != nil {
		return filterProblem(err, text, Lang(r))
	}
	index, lang := a.Hub(b).Cache().Index(), Lang(r)
	found := index.Find(q, from, int(limit), false, b.Names())
	out := Events{First: found.First, Next: found.Next, Events: []ladder.Event{}}
	budget := limits.BodyBytes
	for i, n := range found.Numbers {
		for _, e := range b.Log().Range(nil, n, n+1) {
			if budget -= len(e.Bytes); i > 0 && budget < 0 {
				out.Next = n
				return reply(w, http.StatusOK, out)
			}
			out.Events = append(out.Events, index.Full(lang, &e))
		}
	}
	return reply(w, http.StatusOK, out)
}

// filterProblem says what is wrong with a filter, and where.
func filterProblem(err error, text string, l spec.Lang) error {
	var mistake *filter.Error
	if !errors.As(err, &mistake) {
		return err
	}
	from := min(max(mistake.Offset, 0), len(text))
	to := min(from+max(mistake.Length, 0), len(text))
	at := utf8.RuneCountInString(text[:from])
	p := &Problem{Type: typeOf("filter"), Title: spec.Message(l, "find.mistake"), Status: http.StatusUnprocessableEntity, Field: "filter",
		Detail: mistake.Text(l), Line: 1, Column: at + 1, Offset: &at, Length: utf8.RuneCountInString(text[from:to]), Mend: spec.Message(l, "find.mend")}
	if mistake.Suggested {
		p.Mended = mistake.Mended(text)
		p.Mend = spec.Message(l, "find.try", "text", p.Mended)
	}
	return p
}

// completions is how many are offered.
const completions = 40

// complete lists what may stand at the cursor of a filter:
//
//	?filter=mqtt.ms&cursor=7
//
// Places are counted in characters.
func (a *API) complete(w http.ResponseWriter, r *http.Request) error {
	text := r.URL.Query().Get("filter")
	cursor, err := number(r, "cursor", uint64(utf8.RuneCountInString(text)))
	if err != nil {
		return err
	}
	l := Lang(r)
	at := len(text)
	for i := range text {
		if cursor == 0 {
			at = i
			break
		}
		cursor--
	}
	type item struct {
		Text  string `json:"text"`
		Label string `json:"label"`
		Kind  string `json:"kind"`
		From  int    `json:"from"`
		To    int    `json:"to"`
	}
	list := []item{}
	for _, c := range filter.Complete(text, at) {
		if len(list) == completions {
			break
		}
		list = append(list, item{c.Text, c.Describe(l), c.Kind, utf8.RuneCountInString(text[:c.From]), utf8.RuneCountInString(text[:c.To])})
	}
	return reply(w, http.StatusOK, map[string]any{"items": list})
}
