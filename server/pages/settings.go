package pages

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"mqttlab/web"
)

// uiSettings is the form of the configuration of a bench's broker.
func (p *pages) uiSettings(w http.ResponseWriter, r *http.Request) {
	view, ok := p.Settings(chi.URLParam(r, "bench"))
	if !ok {
		p.Problem(w, r, NoBench(chi.URLParam(r, "bench")))
		return
	}
	view.Lang = langOf(r)
	p.render(w, r, http.StatusOK, web.SettingsForm(view))
}
