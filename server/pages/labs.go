package pages

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"mqttlab/mqttcore/spec"
	"mqttlab/server/shelf"
	"mqttlab/server/study"
	"mqttlab/web"
)

// Labs is what the pages of labs need. With a nil Shelf there are none.
type Labs struct {
	Shelf *shelf.Shelf
	// Session is what is worked on on a bench, or nil.
	Session func(bench string) *study.Session
	// CanMake says whether Make makes benches.
	CanMake func(r *http.Request) bool
	// Make makes a bench for whoever asks, begins the lab on it and returns the
	// bench's id.
	Make func(w http.ResponseWriter, r *http.Request, l *shelf.Lab) (string, error)
	// Reader returns what is known of whoever asks: the class they are in, ""
	// for none, and how many steps of a lab they have passed.
	Reader func(r *http.Request) (class string, passed func(lab string) int)
}

func (p *pages) labRoutes(r chi.Router) {
	if p.Labs.Shelf == nil {
		return
	}
	r.Get("/labs", p.labs)
	r.Get("/labs/{lab}", p.lab)
	r.Post("/labs/{lab}", p.beginLab)
	r.Get("/ui/benches/{bench}/lab", p.uiLab)
}

func (p *pages) labs(w http.ResponseWriter, r *http.Request) {
	page := p.page(r, p.title(r, "nav.labs"), "/labs")
	class, passed := p.Labs.Reader(r)
	view := web.LabsView{Class: class}
	for i, l := range p.Labs.Shelf.Labs() {
		words := l.Words(page.Lang)
		view.Entries = append(view.Entries, web.LabEntry{ID: l.ID, Number: i + 1, Minutes: l.Minutes, Steps: len(l.Steps),
			Passed: passed(l.ID), Title: words.Title, Summary: words.Summary})
	}
	p.render(w, r, http.StatusOK, web.LabsPage(page, view))
}

func (p *pages) lab(w http.ResponseWriter, r *http.Request) {
	l := p.Labs.Shelf.Lab(chi.URLParam(r, "lab"))
	if l == nil {
		p.status(w, r, http.StatusNotFound)
		return
	}
	page := p.page(r, "", "/labs")
	view := p.labView(l, page.Lang)
	page.Title, view.CanMake = view.Words.Title, p.Labs.CanMake(r)
	p.render(w, r, http.StatusOK, web.LabPage(page, view))
}

// beginLab makes a bench for the lab and shows it.
func (p *pages) beginLab(w http.ResponseWriter, r *http.Request) {
	l := p.Labs.Shelf.Lab(chi.URLParam(r, "lab"))
	if l == nil {
		p.status(w, r, http.StatusNotFound)
		return
	}
	id, err := p.Labs.Make(w, r, l)
	if err != nil {
		p.errorPage(w, r, err)
		return
	}
	http.Redirect(w, r, "/b/"+id, http.StatusSeeOther)
}

// labView is a lab without anybody who works on it.
func (p *pages) labView(l *shelf.Lab, lang spec.Lang) web.LabView {
	view := web.LabView{ID: l.ID, Minutes: l.Minutes, Version: l.Version, Words: l.Words(lang), Steps: l.Steps}
	all := p.Labs.Shelf.Labs()
	for i := range all {
		if all[i] == l && i+1 < len(all) {
			view.Next = all[i+1].ID
		}
	}
	return view
}

// sessionView is the lab that is worked on on a bench; false if there is none.
func (p *pages) sessionView(bench string, lang spec.Lang) (web.LabView, bool) {
	if p.Labs.Shelf == nil {
		return web.LabView{}, false
	}
	s := p.Labs.Session(bench)
	if s == nil {
		return web.LabView{}, false
	}
	view := p.labView(s.Lab(), lang)
	view.Bench = bench
	view.Reports, view.Rev = s.Report(lang)
	return view, true
}

// uiLab is the steps as they stand; nothing, if the asker has them already.
func (p *pages) uiLab(w http.ResponseWriter, r *http.Request) {
	lang := langOf(r)
	view, ok := p.sessionView(chi.URLParam(r, "bench"), lang)
	if !ok {
		p.Problem(w, r, refusal(http.StatusNotFound, "no-lab"))
		return
	}
	if r.URL.Query().Get("rev") == strconv.FormatUint(view.Rev, 10) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	p.render(w, r, http.StatusOK, web.LabSteps(view, lang))
}
