package api

import (
	"io"
	"net/http"
	"strconv"

	"mqttlab/mqttcore/scenario"
	"mqttlab/server/bench"
)

// replay begins to play the scenario that is the request's body:
//
//	{"mqttlab": "scenario/1", "clients": [{"id": "a"}], "steps": [{"client": "a", "do": "open"}, {"client": "a", "do": "send", "hex": "c0 00"}]}
//
// In the query "speed" is a number, or "max" to wait for nothing but what the
// scenario expects. With "broker=keep" the broker stays as it is; else it begins
// anew as the scenario says, if it says anything.
func (a *API) replay(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	q := r.URL.Query()
	speed, err := speedOf(q.Get("speed"))
	if err != nil {
		return err
	}
	fresh := q.Get("broker") != "keep"
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, scenario.MaxBytes))
	if err != nil {
		return unread(err)
	}
	old := b.BrokerConfig()
	s, err := scenario.Parse(data, scenario.Options{Old: &old, Base: a.Benches.BaseOf(b)})
	if err != nil {
		return err
	}
	status, err := a.Stage.Start(b, s, speed, fresh)
	if err != nil {
		return err
	}
	return reply(w, http.StatusAccepted, status)
}

func speedOf(text string) (float64, error) {
	switch text {
	case "":
		return 1, nil
	case "max":
		return 0, nil
	}
	speed, err := strconv.ParseFloat(text, 64)
	if err != nil || !(speed >= 0.01 && speed <= 1000) {
		return 0, Say(http.StatusBadRequest, "query", "query.speed").at("speed")
	}
	return speed, nil
}

// replayed says how far the scenario is that was played last.
func (a *API) replayed(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	return reply(w, http.StatusOK, a.Stage.Status(b).In(Lang(r)))
}

// stopReplay ends the scenario that is being played.
func (a *API) stopReplay(w http.ResponseWriter, _ *http.Request, b *bench.Bench) error {
	a.Stage.Stop(b)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
