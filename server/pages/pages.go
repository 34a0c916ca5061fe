// Package pages serves what people look at: the pages, and the HTML fragments
// under /ui that their modules put in place at each keystroke.
package pages

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/form"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/api"
	"mqttlab/server/classroom"
	"mqttlab/server/limits"
	"mqttlab/static"
	"mqttlab/web"
)

// Fragments is where the addresses of fragments begin.
const Fragments = "/ui/"

// Deps is what the pages need from the rest of the server.
type Deps struct {
	// Bench is the id of the bench that "/" shows.
	Bench string
	// Find returns what a bench's page shows of it; false if there is no such bench.
	Find func(bench string) (web.BenchView, bool)
	// Encode writes the packet that a form's JSON describes, as POST /api/encode
	// does; nil: as package form does.
	Encode func(form []byte) ([]byte, packet.Version, error)
	// Event returns a packet event of a bench; false if there is none (any more).
	Event func(bench string, n uint64, l spec.Lang) (web.EventView, bool)
	// Grid returns the grid of QoS of a bench; false if there is no such bench.
	Grid func(bench string, l spec.Lang) (web.QoSGrid, bool)
	// State returns a bench's broker as it was right after an event, or, with
	// live, as it is.
	State func(ctx context.Context, bench string, at uint64, live bool, l spec.Lang) (web.StateView, error)
	// Why returns why a client of a bench gets what an event published.
	Why func(ctx context.Context, bench string, event uint64, client string, l spec.Lang) (web.WhyView, error)
	// Settings returns the configuration of a bench's broker; false if there is no such bench.
	Settings func(bench string) (web.SettingsView, bool)
	// Problem writes an error in the form that the JSON API uses. It gets an
	// *Error, or what Encode returned.
	Problem func(w http.ResponseWriter, r *http.Request, err error)
	// Owner returns for whom it counts what a request takes; nil: for nobody known.
	Owner   func(r *http.Request) limits.Owner
	Labs    Labs
	Classes Classes
	// Admin returns how the server is doing; false if whoever asks may not know.
	Admin func(r *http.Request) (web.AdminView, bool)
	// Commands are those of the program's command line, Calls those of the JSON interface.
	Commands func(spec.Lang) []web.Command
	Calls    []web.Call
	// Log may be nil.
	Log *slog.Logger
}

type pages struct {
	Deps
	files limits.Places // of files that are being read
	turns chan struct{} // holds one for each that is worked at
}

// Routes mounts the pages, the fragments and the static files.
func Routes(r chi.Router, d Deps) {
	p := newPages(d)
	if p.Classes.Room != nil {
		p.classRoutes(r)
	}
	p.routes(r)
}

// Refuse returns what shows an *Error on a page of its own.
func Refuse(d Deps) func(w http.ResponseWriter, r *http.Request, err error) {
	return newPages(d).errorPage
}

func newPages(d Deps) *pages {
	p := &pages{Deps: d, files: limits.Places{Most: filesAtOnce}, turns: make(chan struct{}, fileTurns)}
	if p.Log == nil {
		p.Log = slog.Default()
	}
	if p.Commands == nil {
		p.Commands = func(spec.Lang) []web.Command { return nil }
	}
	if p.Owner == nil {
		p.Owner = func(*http.Request) limits.Owner { return limits.Owner{} }
	}
	p.Problem = inLanguage(p.Problem)
	if p.Encode == nil {
		p.Encode = form.Encode
	}
	if p.Bench == "" {
		p.Bench = "main"
	}
	if p.Find == nil {
		p.Find = func(bench string) (web.BenchView, bool) { return web.BenchView{ID: bench}, bench == p.Bench }
	}
	return p
}

func (p *pages) routes(r chi.Router) {
	r.Get("/", p.bench)
	r.Get("/b/{bench}", p.bench)
	r.Get("/decode", p.decode)
	r.Post("/decode", p.decode)
	r.Get("/reference", p.reference)
	r.Get("/reference/{part}", p.reference)
	p.labRoutes(r)
	r.Get("/admin", p.admin)
	r.Get("/help", p.help)
	r.Get("/help/{part}", p.help)
	r.Get("/language", p.language)
	r.Get("/dev/gallery", p.gallery)
	r.Post("/decode/file", p.decodeFile)
	r.Post("/ui/file", p.uiFile)
	r.Post("/ui/bytes", p.uiBytes)
	r.Post("/ui/draft", p.uiDraft)
	r.Post("/ui/copy", p.uiCopy)
	r.Post("/ui/versions", p.uiVersions)
	r.Get("/illustrated", p.illustrated)
	r.Post("/ui/decode", p.uiDecode)
	r.Get("/ui/benches/{bench}/packets/{n}", p.uiEvent)
	r.Get("/ui/benches/{bench}/settings", p.uiSettings)
	r.Get("/ui/benches/{bench}/grid", p.uiGrid)
	r.Get("/ui/benches/{bench}/state", p.uiState)
	r.Get("/ui/benches/{bench}/why", p.uiWhy)
	r.Handle("GET "+static.Prefix+"*", static.Handler())
	r.NotFound(func(w http.ResponseWriter, r *http.Request) { p.status(w, r, http.StatusNotFound) })
}

// title is a page's title in the request's language.
func (p *pages) title(r *http.Request, key string) string {
	return spec.Message(langOf(r), "page."+key)
}

func (p *pages) page(r *http.Request, title, path string, modules ...string) web.Page {
	page := web.Page{Title: title, Path: path, Lang: langOf(r), Asset: static.URL, Modules: modules}
	if r.Method == http.MethodGet {
		page.Here = r.URL.RequestURI()
	}
	p.ofClass(r, &page)
	return page
}

func (p *pages) bench(w http.ResponseWriter, r *http.Request) {
	id := chi.URLParam(r, "bench")
	if id == "" {
		id = p.Bench
	}
	view, ok := p.Find(id)
	if !ok {
		p.errorPage(w, r, refusal(http.StatusNotFound, "gone-bench"))
		return
	}
	view.Forms = web.Forms()
	scheme := "ws://"
	if classroom.Secure(r) {
		scheme = "wss://"
	}
	view.WebSocket = scheme + r.Host + "/mqtt/" + id + p.key(r, id)
	var err error
	if view.Draft, err = p.firstDraft(r); err != nil {
		p.errorPage(w, r, err)
		return
	}
	page := p.page(r, p.title(r, "nav.bench"), "/", "js/bench.js")
	if session, ok := p.sessionView(id, page.Lang); ok {
		view.Lab = &session
		page.Path, page.Modules = "/labs", append(page.Modules, "js/lab.js")
	}
	page.Class = "is-bench"
	p.looking(r, id, &page)
	p.render(w, r, http.StatusOK, web.BenchPage(page, view))
}

func (p *pages) decode(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, limits.BodyBytes)
	if err := r.ParseForm(); err != nil {
		p.errorPage(w, r, tooLarge(err))
		return
	}
	asked := web.DecodeForm{Text: r.Form.Get("text"), Version: r.Form.Get("version")}
	if asked.Text == "" {
		asked.Text = r.Form.Get("hex")
	}
	if asked.Version == "" {
		asked.Version = "auto"
	}
	options, err := optionsOf(asked.Version)
	if err != nil {
		p.errorPage(w, r, err)
		return
	}
	var doc *annotate.Document
	if asked.Text != "" || r.Method == http.MethodPost {
		asked.Reading, _ = strconv.Atoi(r.Form.Get("reading")) // none: the likeliest
		options.Lang, options.Reading = langOf(r), asked.Reading
		d := annotate.Text(asked.Text, options)
		doc = &d
	}
	p.render(w, r, http.StatusOK, web.DecodePage(p.page(r, p.title(r, "nav.decode"), "/decode", "js/decode.js"), asked, doc))
}

func (p *pages) gallery(w http.ResponseWriter, r *http.Request) {
	p.render(w, r, http.StatusOK, web.GalleryPage(p.page(r, "Gallery", "/dev/gallery")))
}

func (p *pages) uiDecode(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Text      string `json:"text"`
		Version   string `json:"version"`
		Reading   int    `json:"reading"`   // which way to read the text, 0 for the likeliest
		Builder   bool   `json:"builder"`   // the page has one
		Connected *bool  `json:"connected"` // as a draft has it
	}
	if err := readJSON(w, r, &asked); err != nil {
		p.Problem(w, r, err)
		return
	}
	options, err := optionsOf(asked.Version)
	if err != nil {
		p.Problem(w, r, err)
		return
	}
	options.Lang, options.Reading, options.Connected = langOf(r), asked.Reading, asked.Connected
	view := web.View{Lang: options.Lang, Builder: asked.Builder, Reading: asked.Reading}
	p.render(w, r, http.StatusOK, web.Document(asked.Text, annotate.Text(asked.Text, options), view))
}

func (p *pages) uiEvent(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.ParseUint(chi.URLParam(r, "n"), 10, 64)
	if err != nil {
		p.Problem(w, r, refusal(http.StatusBadRequest, "event"))
		return
	}
	view, ok := p.Event(chi.URLParam(r, "bench"), n, langOf(r))
	if !ok {
		p.Problem(w, r, refusal(http.StatusNotFound, "gone"))
		return
	}
	view.Packet.VersionWhy = "" // the connection says it
	p.render(w, r, http.StatusOK, web.Event(view))
}

// optionsOf reads a version as the decode page and the API name it.
func optionsOf(version string) (annotate.Options, error) {
	v, ok := api.ParseVersion(version)
	if !ok {
		return annotate.Options{}, refusal(http.StatusUnprocessableEntity, "version", "version", strconv.Quote(version))
	}
	return annotate.Options{Version: v}, nil
}

func tooLarge(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return refusal(http.StatusRequestEntityTooLarge, "too-much")
	}
	return refusal(http.StatusBadRequest, "unreadable", "error", err.Error())
}

// errorPage shows an error on a page of its own.
func (p *pages) errorPage(w http.ResponseWriter, r *http.Request, err error) {
	view := web.StatusView(http.StatusInternalServerError, langOf(r))
	var e *Error
	var problem *api.Problem
	switch {
	case errors.As(err, &e):
		e = e.in(langOf(r))
		view = web.ErrorView{Status: e.Status, Title: e.Title, Detail: e.Detail, Mend: e.Mend}
	case errors.As(err, &problem):
		problem = problem.In(langOf(r))
		view = web.ErrorView{Status: problem.Status, Title: problem.Title, Detail: problem.Detail, Mend: problem.Mend}
	default:
		p.Log.Error("page", "path", r.URL.Path, "err", err)
	}
	p.render(w, r, view.Status, web.ErrorPage(p.page(r, view.Title, ""), view))
}

func (p *pages) status(w http.ResponseWriter, r *http.Request, status int) {
	view := web.StatusView(status, langOf(r))
	p.render(w, r, status, web.ErrorPage(p.page(r, view.Title, ""), view))
}

func (p *pages) render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	w.Header().Set("Cache-Control", "no-store")
	templ.Handler(c, templ.WithStatus(status), templ.WithErrorHandler(func(_ *http.Request, err error) http.Handler {
		failed := http.StatusInternalServerError
		switch r.Context().Err() {
		case context.Canceled: // nobody waits for it any more: that is no failure of ours
			panic(http.ErrAbortHandler)
		case context.DeadlineExceeded:
			failed = http.StatusServiceUnavailable
		default:
			p.Log.Error("page", "path", r.URL.Path, "err", err)
		}
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, spec.Message(langOf(r), "page.unmade"), failed)
		})
	})).ServeHTTP(w, r)
}
