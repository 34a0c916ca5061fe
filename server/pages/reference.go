package pages

import (
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"mqttlab/web"
)

const maxQuery = 200 // bytes of the reference's filter

func (p *pages) reference(w http.ResponseWriter, r *http.Request) {
	view := web.Reference{Part: chi.URLParam(r, "part"), Query: r.URL.Query().Get("q"), Lang: langOf(r)}
	if view.Part == "" {
		view.Part = web.ReferenceParts[0]
	}
	if !slices.Contains(web.ReferenceParts, view.Part) {
		p.status(w, r, http.StatusNotFound)
		return
	}
	view.Query = view.Query[:min(len(view.Query), maxQuery)]
	title := p.title(r, "nav.reference")
	if part := view.PartTitle(); part != "" {
		title = part + " · " + title
	}
	page := p.page(r, title, "/reference", "js/reference.js")
	p.render(w, r, http.StatusOK, web.ReferencePage(page, view))
}
