package pages

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"mqttlab/web"
)

// NoBench refuses what is asked of a bench that is not there.
func NoBench(id string) *Error { return refusal(http.StatusNotFound, "no-bench", "bench", id) }

func (p *pages) uiGrid(w http.ResponseWriter, r *http.Request) {
	id := chi.URLParam(r, "bench")
	var grid web.QoSGrid
	ok := false
	if p.Grid != nil {
		grid, ok = p.Grid(id, langOf(r))
	}
	if !ok {
		p.Problem(w, r, NoBench(id))
		return
	}
	p.render(w, r, http.StatusOK, grid.View())
}

func (p *pages) uiState(w http.ResponseWriter, r *http.Request) {
	at, live := uint64(0), r.URL.Query().Get("at") == ""
	if !live {
		n, err := strconv.ParseUint(r.URL.Query().Get("at"), 10, 63)
		if err != nil {
			p.Problem(w, r, refusal(http.StatusBadRequest, "event"))
			return
		}
		at = n
	}
	view, err := p.State(r.Context(), chi.URLParam(r, "bench"), at, live, langOf(r))
	if err != nil {
		p.Problem(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, view.View())
}

func (p *pages) uiWhy(w http.ResponseWriter, r *http.Request) {
	event, err := strconv.ParseUint(r.URL.Query().Get("event"), 10, 63)
	if err != nil {
		p.Problem(w, r, refusal(http.StatusBadRequest, "event"))
		return
	}
	view, err := p.Why(r.Context(), chi.URLParam(r, "bench"), event, r.URL.Query().Get("client"), langOf(r))
	if err != nil {
		p.Problem(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, view.View())
}
