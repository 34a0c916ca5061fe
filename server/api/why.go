package api

import (
	"net/http"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/spec"
	"mqttlab/mqttcore/topic"
	"mqttlab/server/bench"
	"mqttlab/server/ladder"
)

// Why is the answer of GET /api/benches/{id}/why?event=N&client=ID: why a
// client gets the message that event N published, or why not.
//
//	{"at": 11, "oldest": 0, "newest": 57, "t": 3.25, "now": …,     the moment right before; at is the event that published
//	 "publish": {"conn": 2, "client": "B", "topic": "t/1", "qos": 1, "retain": true, "will": true, "expiry": 60},
//	 "client": "A", "verdict": "delivered", "text": "…", "filters": 3,
//	 "reasons": [{"key": "why.matches", "side": "for", "text": "…", "rules": ["MQTT-4.7.1-2"], "filter": "t/+",
//	              "levels": [{"filter": "t", "name": "t", "verdict": "equal", "matches": true, "text": "…"},
//	                         {"filter": "+", "name": "1", "verdict": "single-wild", "matches": true, "text": "…"}]}]}
//
// event is a PUBLISH from a client, or anything that one led to: a delivered
// copy, an explanation; or the end of a connection with a Will. client is the
// id of a client of the bench, client_id a Client Identifier; for a delivered
// copy neither is needed. Verdicts are "delivered", "queued", "dropped",
// "withheld", "unmatched", "no-session", "refused", "repeated", "not-taken". A
// side is "for", "against" or "aside". The reasons stand in the order in which
// the server comes to them; those about filters begin with the ones that
// match, and are at most 200 of filters.
type Why struct {
	Moment
	Publish Publish        `json:"publish"`
	Client  string         `json:"client"` // Client Identifier
	Verdict broker.Verdict `json:"verdict"`
	Text    string         `json:"text"`
	Filters int            `json:"filters"` // subscriptions of the client
	Reasons []Reason       `json:"reasons"`
}

// Publish is the message that was published.
type Publish struct {
	Conn   broker.ConnID `json:"conn"`
	Client string        `json:"client"`
	Topic  string        `json:"topic"`
	QoS    int           `json:"qos"`
	Retain bool          `json:"retain"`
	Will   bool          `json:"will,omitempty"`
	Expiry *uint32       `json:"expiry,omitempty"` // Message Expiry Interval in seconds
}

// Reason is one thing that decides.
type Reason struct {
	Key    string      `json:"key"`
	Side   broker.Side `json:"side"`
	Text   string      `json:"text"`
	Rules  []string    `json:"rules"`
	Filter string      `json:"filter,omitempty"`
	Levels []Level     `json:"levels,omitempty"`
}

// Level is how one level of a filter meets one of the topic.
type Level struct {
	Filter  string `json:"filter"`
	Name    string `json:"name"`
	Verdict string `json:"verdict"`
	Matches bool   `json:"matches"`
	Text    string `json:"text"`
}

// why says why a client got what the PUBLISH of event=N led to, or why not.
// client= is the id of a client of the bench, client_id= a Client Identifier:
//
//	?event=13&client_id=a
func (a *API) why(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	query := r.URL.Query()
	if query.Get("event") == "" {
		return Say(http.StatusBadRequest, "query", "query.event").at("event")
	}
	event, err := number(r, "event", 0)
	if err != nil {
		return err
	}
	m, why, err := b.Why(r.Context(), event, bench.Asked{Lane: query.Get("client"), Client: query.Get("client_id")})
	if err != nil {
		return notHeld(m, "event", err)
	}
	return reply(w, http.StatusOK, WhyOf(Lang(r), m, &why))
}

// WhyOf puts a broker.Why into words. Values come from the wire: nothing in
// the texts acts, and long ones are cut.
func WhyOf(l spec.Lang, m bench.Moment, why *broker.Why) Why {
	p := &why.Published
	message := func(key string, args ...string) string {
		return ladder.Text(l, &broker.Explanation{Key: key, Args: args})
	}
	out := Why{
		Moment:  momentOf(m),
		Publish: Publish{Conn: p.Conn, Client: p.Client, Topic: p.Topic, QoS: int(p.QoS), Retain: p.Retain, Will: p.Will},
		Client:  why.Client, Verdict: why.Verdict, Filters: why.Filters, Reasons: []Reason{},
		Text: message("why.verdict."+string(why.Verdict), "client", why.Client, "topic", p.Topic),
	}
	if p.Ages {
		out.Publish.Expiry = &p.Expiry
	}
	for _, x := range why.Reasons {
		reason := Reason{Key: x.Key, Side: x.Side, Text: message(x.Key, x.Args...), Rules: x.Rules, Filter: x.Filter}
		if reason.Rules == nil {
			reason.Rules = []string{}
		}
		for _, level := range x.Levels {
			reason.Levels = append(reason.Levels, Level{level.Filter, level.Name, level.Verdict.String(), level.Verdict < topic.Differs,
				message("why.level."+level.Verdict.String(), "filter", level.Filter, "name", level.Name)})
		}
		out.Reasons = append(out.Reasons, reason)
	}
	return out
}
