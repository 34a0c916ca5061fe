package pages

import (
	"net/http"

	"mqttlab/web"
)

// admin shows the operator how the server is doing.
func (p *pages) admin(w http.ResponseWriter, r *http.Request) {
	if p.Admin == nil {
		p.status(w, r, http.StatusNotFound)
		return
	}
	view, ok := p.Admin(r)
	if !ok {
		p.errorPage(w, r, refusal(http.StatusForbidden, "admin"))
		return
	}
	p.render(w, r, http.StatusOK, web.AdminPage(p.page(r, p.title(r, "admin.title"), "/admin"), view))
}
