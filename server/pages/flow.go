package pages

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"mqttlab/web"
)

// noBench refuses a fragment of a bench that is not there.
func noBench(l string) *Error {
	return &Error{Status: http.StatusNotFound, Title: "No such bench", Detail: "This server has no bench " + l + ".", Mend: "Reload the page."}
}

func (p *pages) uiGrid(w http.ResponseWriter, r *http.Request) {
	id := chi.URLParam(r, "bench")
	var grid web.QoSGrid
	ok := false
	if p.Grid != nil {
		grid, ok = p.Grid(id, langOf(r))
	}
	if !ok {
		p.Problem(w, r, noBench(id))
		return
	}
	p.render(w, r, http.StatusOK, grid.View())
}
