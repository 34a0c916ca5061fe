package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"mqttlab/server/bench"
	"mqttlab/server/ladder"
	"mqttlab/server/limits"
	"mqttlab/server/live"
)

// Bench is a bench as the contract shows it.
type Bench struct {
	ID      string         `json:"id"`
	MQTT    string         `json:"mqtt"`               // address of its listener; "" if it has none
	MQTTS   string         `json:"mqtts,omitempty"`    // the same over TLS
	Path    string         `json:"websocket"`          // of MQTT over WebSocket, on this server
	Page    string         `json:"page"`               // the path of its page
	Up      string         `json:"upstream,omitempty"` // the broker elsewhere in front of which it stands, such as "tcp://localhost:1884"
	Clients []bench.Client `json:"clients"`
	First   uint64         `json:"first"`   // number of the oldest event held
	Next    uint64         `json:"next"`    // number of the next event
	Dropped uint64         `json:"dropped"` // events no longer held
}

// Events is a range of a bench's events.
type Events struct {
	First  uint64         `json:"first"` // number of the oldest event held
	Next   uint64         `json:"next"`  // number to go on from
	Events []ladder.Event `json:"events"`
}

// bench describes a bench: its address, its clients, and which events it holds.
func (a *API) bench(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	return reply(w, http.StatusOK, describe(b))
}

func describe(b *bench.Bench) Bench {
	clients, first, next := b.Snapshot()
	return Bench{ID: b.ID(), MQTT: b.Address(), MQTTS: b.AddressTLS(), Path: "/mqtt/" + b.ID(), Page: "/b/" + b.ID(), Up: b.Upstream(),
		Clients: clients, First: first, Next: next, Dropped: first - 1}
}

// packets returns a range of events, whole packets annotated:
//
//	?from=1&limit=50
//	?filter=mqtt.msgtype == PUBLISH
//
// "next" in the answer says where to go on. A filter searches a bounded stretch,
// so an answer may be empty before the end.
func (a *API) packets(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	first, next := b.Log().Bounds()
	from, err := number(r, "from", first)
	if err != nil {
		return err
	}
	limit, err := number(r, "limit", limits.PacketsDefault)
	if err != nil {
		return err
	}
	limit = min(limit, limits.PacketsPerGet)
	from = min(max(from, first), next)
	lang := Lang(r)
	if text := r.URL.Query().Get("filter"); text != "" {
		return a.filtered(w, r, b, text, from, limit)
	}
	index := a.Hub(b).Cache().Index()
	events := b.Log().Range(nil, from, min(from+limit, next))
	out := Events{First: first, Next: from, Events: make([]ladder.Event, 0, len(events))}
	// Packets of a mebibyte each take some tens of times that when annotated:
	// an answer is bounded by bytes as well as by number.
	budget := limits.BodyBytes
	for i := range events {
		budget -= len(events[i].Bytes)
		if i > 0 && budget < 0 {
			break
		}
		out.Events = append(out.Events, index.Full(lang, &events[i]))
		out.Next = events[i].N + 1
	}
	return reply(w, http.StatusOK, out)
}

// live is a WebSocket on which events come as they happen, from the number
// from= on: messages of the types "hello", "events" and "gap". A viewer may say
// {"type": "from", "from": N} to have them again from N.
func (a *API) live(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	from, err := number(r, "from", 1)
	if err != nil {
		return err
	}
	if err := upgrades(w, r); err != nil {
		return err
	}
	defer a.Benches.Hold(b)()
	err = a.Hub(b).Serve(w, r, a.Owner(r), Lang(r), from)
	if errors.Is(err, live.ErrFull) {
		w.Header().Set("Retry-After", "10")
	}
	return err
}

// upgrades says what is wrong with a request for a WebSocket of this server's
// own pages. Package websocket checks it again, but has no problem documents.
func upgrades(w http.ResponseWriter, r *http.Request) error {
	switch {
	case !strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		w.Header().Set("Upgrade", "websocket")
		return errNoUpgrade
	case !bench.Welcome(r, nil):
		return CrossOrigin()
	}
	return nil
}

// addClient adds a virtual client, which has no connection yet:
//
//	{"name": "A"}
func (a *API) addClient(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	var in struct {
		Name string `json:"name"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	c, err := b.AddClient(in.Name)
	if err != nil {
		return err
	}
	return reply(w, http.StatusCreated, c)
}

// removeClient closes a client's connection, if it has one, and takes it off the list.
func (a *API) removeClient(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	if err := b.RemoveClient(chi.URLParam(r, "cid")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// openClient opens a virtual client's connection. Nothing is sent on it.
func (a *API) openClient(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	return a.driven(w, r, b.OpenClient)
}

// closeClient closes a virtual client's connection in good order, as with FIN.
func (a *API) closeClient(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	return a.driven(w, r, b.CloseClient)
}

// abortClient breaks a virtual client's connection off, as with RST.
func (a *API) abortClient(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	return a.driven(w, r, b.AbortClient)
}

func (a *API) driven(w http.ResponseWriter, r *http.Request, do func(string) (bench.Client, error)) error {
	if err := decode(w, r, &struct{}{}); err != nil {
		return err
	}
	c, err := do(chi.URLParam(r, "cid"))
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, c)
}

// send sends bytes on a virtual client's connection, whatever they are:
//
//	{"hex": "10 0d 00 04 4d 51 54 54 04 02 00 3c 00 01 61"}
func (a *API) send(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	return sendBytes(w, r, b.Send)
}

// sendBytes hands on the bytes of a request, whatever they are, and says how
// many there were.
func sendBytes(w http.ResponseWriter, r *http.Request, send func(client string, data []byte) error) error {
	var in struct {
		Hex string `json:"hex"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	data, err := parseHex("hex", in.Hex)
	if err != nil {
		return err
	}
	if err := send(chi.URLParam(r, "cid"), data); err != nil {
		return err
	}
	return reply(w, http.StatusOK, struct {
		Bytes int `json:"bytes"`
	}{len(data)})
}
