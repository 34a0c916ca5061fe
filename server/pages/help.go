package pages

import (
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"mqttlab/web"
)

func (p *pages) help(w http.ResponseWriter, r *http.Request) {
	view := web.Help{Part: chi.URLParam(r, "part"), Lang: langOf(r), Commands: p.Commands(langOf(r)), Calls: p.Calls}
	if view.Part == "" {
		view.Part = web.HelpParts[0]
	}
	if !slices.Contains(web.HelpParts, view.Part) {
		p.status(w, r, http.StatusNotFound)
		return
	}
	p.render(w, r, http.StatusOK, web.HelpPage(p.page(r, p.title(r, "nav.help"), "/help"), view))
}
