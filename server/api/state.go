package api

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/server/bench"
	"mqttlab/server/ladder"
	"mqttlab/server/replay"
)

// stateBounds keeps the answer of a bench with a million of everything small
// enough for a page.
var stateBounds = broker.Bounds{Connections: 1000, Sessions: 1000, Subscriptions: 500, Inflight: 200, Shared: 500, Retained: 1000, Payload: 256}

// Moment says which moment of a bench an answer is about.
type Moment struct {
	At     uint64    `json:"at"`     // number of the event right after which it was so; 0: before the first one
	Oldest uint64    `json:"oldest"` // at may be from here …
	Newest uint64    `json:"newest"` // … to here
	T      float64   `json:"t"`      // seconds since the bench began, as in events
	Now    time.Time `json:"now"`    // the same moment as a date; what is due later than that is still to come
}

// State is the answer of GET /api/benches/{id}/state: a Moment, and the
// members of broker.State beside it. Lists are sorted, and cut at stateBounds;
// the counts beside them are those of all.
//
//	{"at": 41, "oldest": 0, "newest": 57, "t": 3.25, "now": "2026-11-22T10:00:03.25Z",
//	 "connections": [{"conn": 3, "client": "A", "version": "5.0", "keep_alive": 60, "heard": …, "deadline": …,
//	                  "quota": 65535, "receive_maximum": 65535, "maximum_packet_size": 0, "topic_alias_maximum": 10,
//	                  "aliases_in": [{"alias": 1, "topic": "t"}], "aliases_out": […]}], "connections_count": 1,
//	 "sessions": [{"client": "A", "conn": 3, "version": "5.0", "state": "connected", "clean": true, "expiry": 60,
//	               "ends": …, "left": …,                                   both only while the client is away
//	               "subscriptions": [{"filter": "t/#", "qos": 1, "no_local": true, "retain_as_published": true,
//	                                  "retain_handling": 1, "identifier": 7}], "subscriptions_count": 1,
//	               "inflight": [{"packet_id": 1, "qos": 2, "state": "awaiting PUBREC", "topic": "t", "retain": true,
//	                             "bytes": 5, "again": true}], "inflight_count": 1,       from the server to the client
//	               "held": [9], "held_count": 1,                                          from the client, until PUBREL
//	               "queued": [{"topic": "t", "qos": 1, "bytes": 5, "from": "B", "expires": …}], "queued_count": 1,
//	               "will": {"topic": "w", "payload": "base64", "bytes": 4, "qos": 0, "from": "A", "retain": true,
//	                        "state": "kept", "delay": 5, "due": …}}], "sessions_count": 1,
//	 "shared": [{"filter": "t", "share": "g", "members": ["A", "B"], "next": 1}],
//	 "retained": [{"topic": "t", "payload": "base64", "bytes": 4, "qos": 0, "from": "B", "expires": …}], "retained_count": 1,
//	 "next": …}                                                             when the broker next looks at its timers
//
// The words of "state" are those of broker.Machines. Payloads are base64, their first 256 bytes.
type State struct {
	Moment
	broker.State
}

// state answers with the broker as it is, or with ?at=N as it was right after
// event N:
//
//	?at=3
//
// An event that came about together with others, such as an
// explanation and what was sent, stands for the moment when all of that was
// done. A moment that can no longer be shown is the problem "not-held", whose
// detail names the oldest one that can.
func (a *API) state(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	if r.URL.Query().Get("at") == "" {
		m, st := b.Live(stateBounds)
		return reply(w, http.StatusOK, State{momentOf(m), st})
	}
	at, err := number(r, "at", 0)
	if err != nil {
		return err
	}
	m, err := b.At(r.Context(), at)
	if err != nil {
		return notHeld(m, "at", err)
	}
	return reply(w, http.StatusOK, State{momentOf(m), m.Broker.StateWithin(stateBounds)})
}

func momentOf(m bench.Moment) Moment {
	return Moment{At: m.Event, Oldest: m.Oldest, Newest: m.Newest, T: ladder.Seconds(m.Elapsed), Now: m.Now.UTC().Round(0)}
}

// notHeld says which moments can be shown.
func notHeld(m bench.Moment, field string, err error) error {
	if errors.Is(err, bench.ErrNotHeld) || errors.Is(err, replay.ErrForgotten) {
		key := "not-held.unknown"
		if errors.Is(err, replay.ErrForgotten) {
			key = "not-held.forgotten"
		}
		return Say(http.StatusNotFound, "not-held", key, "field", field, "oldest", strconv.FormatUint(m.Oldest, 10), "newest", strconv.FormatUint(m.Newest, 10)).
			at(field).by(wrapped{err, key})
	}
	return err
}
