package api

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"mqttlab/server/bench"
)

// replyByHand sends bytes to a client where a person is the broker, as in some
// labs:
//
//	{"hex": "20 02 00 00"}
func (a *API) replyByHand(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	return sendBytes(w, r, b.Reply)
}

// hangUp closes a client's connection where a person is the broker.
func (a *API) hangUp(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	if err := decode(w, r, &struct{}{}); err != nil {
		return err
	}
	if err := b.HangUp(chi.URLParam(r, "cid")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
