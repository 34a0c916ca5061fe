package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/settings"
	"mqttlab/mqttcore/strictjson"
	"mqttlab/server/bench"
	"mqttlab/server/benches"
	"mqttlab/server/limits"
)

// newBench makes a bench, which answers at the addresses in the answer:
//
//	{}
//	{"broker": {"users": {"ada": "secret"}, "max_qos": 1}}
//
// "broker" is what GET /api/benches/{id}/broker shows. "tcp": true asks for an
// address of its own for MQTT over TCP, for which the server needs -bench-ports;
// unlike the bench's id it can be guessed.
func (a *API) newBench(w http.ResponseWriter, r *http.Request) error {
	data, err := body(w, r)
	if err != nil {
		return err
	}
	q := benches.Request{From: a.Owner(r), Broker: a.Benches.Base()}
	if len(data) > 0 {
		doc := strictjson.Parse(data)
		in := doc.Root().Object()
		if v := in.Get("broker"); v.Given() {
			q.Broker = settings.Read(v, settings.Options{Base: a.Benches.Base()})
		}
		q.TCP = in.Get("tcp").Bool()
		in.Done()
		if err := doc.Err(); err != nil {
			return err
		}
	}
	b, err := a.Benches.Ask(q)
	if err != nil {
		return a.refused(w, err)
	}
	w.Header().Set("Location", "/api/benches/"+b.ID())
	return reply(w, http.StatusCreated, describe(b))
}

// refused tells when to ask again.
func (a *API) refused(w http.ResponseWriter, err error) error {
	if errors.Is(err, benches.ErrRate) {
		w.Header().Set("Retry-After", "60")
	}
	return err
}

// removeBench removes a bench, with its clients and its capture. The bench main stays.
func (a *API) removeBench(w http.ResponseWriter, _ *http.Request, b *bench.Bench) error {
	if err := a.Benches.Remove(b.ID()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// Broker is a bench's broker configuration as the contract shows it.
type Broker struct {
	Broker json.RawMessage `json:"broker"`
}

// broker returns the configuration of the bench's broker, every key of it but
// the passwords.
func (a *API) broker(w http.ResponseWriter, _ *http.Request, b *bench.Bench) error {
	return reply(w, http.StatusOK, Broker{settings.JSON(b.BrokerConfig(), broker.Config{}, true)})
}

// setBroker gives the bench a broker with this configuration:
//
//	{"broker": {"deny_subscribe": ["secret/#"]}}
//
// What is left out is as at the beginning, but for the passwords of users that
// stay. It is another broker: all connections are closed, sessions and retained
// messages are gone.
func (a *API) setBroker(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	data, err := body(w, r)
	if err != nil {
		return err
	}
	old := b.BrokerConfig()
	doc := strictjson.Parse(data)
	in := doc.Root().Object()
	cfg := settings.Read(in.Need("broker"), settings.Options{Old: &old, Base: a.Benches.BaseOf(b)})
	in.Done()
	if err := doc.Err(); err != nil {
		return err
	}
	if err := b.Reconfigure(cfg); err != nil {
		return err
	}
	return a.broker(w, r, b)
}

// Owner returns for whom it counts what a request takes.
func (a *API) Owner(r *http.Request) limits.Owner {
	if a.Classes.Room != nil {
		if who := a.Classes.Room.Who(r); who.Student != nil {
			return limits.Student(who.Student.ID())
		}
	}
	return limits.From(r.RemoteAddr)
}
