package pages

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"mqttlab/mqttcore/spec"
	"mqttlab/server/api"
	"mqttlab/server/class"
	"mqttlab/server/classroom"
	"mqttlab/server/limits"
	"mqttlab/web"
)

// Classes is what the pages of classes need. With a nil Room there are none.
type Classes struct {
	Room *classroom.Room
	// Addresses are those under which students reach the server.
	Addresses []string
}

func (p *pages) classRoutes(r chi.Router) {
	r.Get("/class", p.class)
	r.Post("/class/leave", p.leaveClass)
	r.Get("/class/new", p.newClass)
	r.Post("/class/new", p.makeClass)
	r.Get("/class/teach", p.teach)
	r.Get("/class/{class}", p.board)
	r.Get("/join/{code}", p.joinForm)
	r.Post("/join/{code}", p.join)
}

// ofClass tells a page of the class that its reader is in.
func (p *pages) ofClass(r *http.Request, page *web.Page) {
	if p.Classes.Room == nil {
		return
	}
	page.Classes = true
	who := p.Classes.Room.Who(r)
	if who.Student == nil {
		return
	}
	news := who.Class.News(who.Student.ID(), 0)
	page.Member = &web.Member{Class: news.State.Name, Nickname: who.Student.Nickname(), Since: news.Rev, Paused: news.State.Paused,
		Bench: classroom.StudentBench(who.Student.ID())}
	page.Modules = append(page.Modules, "js/class.js")
}

// looking tells the page of a student's bench that its reader is another.
func (p *pages) looking(r *http.Request, bench string, page *web.Page) {
	if p.Classes.Room == nil {
		return
	}
	if _, t := p.Classes.Room.Student(bench); t != nil && p.Classes.Room.Who(r).Student != t {
		page.Looking = t.Nickname()
	}
}

// key is what the student's own MQTT clients add to the address of a bench of
// the class; "" for other benches and people.
func (p *pages) key(r *http.Request, bench string) string {
	if p.Classes.Room == nil || !classroom.IsOfClass(bench) {
		return ""
	}
	if who := p.Classes.Room.Who(r); who.Student != nil {
		return "?key=" + url.QueryEscape(who.Key())
	}
	return ""
}

// class is the student's page, or the form that asks for a class's code.
func (p *pages) class(w http.ResponseWriter, r *http.Request) {
	if code := class.Normal(r.URL.Query().Get("code")); code != "" {
		http.Redirect(w, r, api.JoinPath(url.PathEscape(code)), http.StatusSeeOther)
		return
	}
	who := p.Classes.Room.Who(r)
	page := p.page(r, p.title(r, "nav.class"), "/class")
	if who.Student == nil {
		view := web.JoinView{}
		if left := r.URL.Query().Get("left"); left == "removed" || left == "ended" {
			view.Left = left
		}
		for _, c := range p.Classes.Room.Teaching(r) {
			view.Teaches = append(view.Teaches, web.ClassLink{ID: c.ID(), Name: c.State().Name})
		}
		p.render(w, r, http.StatusOK, web.ClassDoor(page, view))
		return
	}
	progress := who.Class.Progress(who.Student)
	view := web.StudentView{Class: who.Class.State().Name, Nickname: who.Student.Nickname(), Personal: p.Classes.Room.Personal(r),
		Bench: classroom.StudentBench(who.Student.ID()), Shared: classroom.ClassBench(who.Class.ID())}
	for i, l := range p.Labs.Shelf.Labs() {
		entry := web.LabEntry{ID: l.ID, Number: i + 1, Minutes: l.Minutes, Steps: len(l.Steps), Passed: progress.Passed[l.ID], Title: l.Words(page.Lang).Title}
		view.Labs = append(view.Labs, entry)
		if l.ID == progress.Lab {
			view.Now = &view.Labs[i]
		}
	}
	p.render(w, r, http.StatusOK, web.StudentPage(page, view))
}

// joinForm asks for a nickname, or a personal code.
func (p *pages) joinForm(w http.ResponseWriter, r *http.Request) { p.showJoin(w, r, nil, "") }

func (p *pages) showJoin(w http.ResponseWriter, r *http.Request, failed error, nickname string) {
	code := class.Normal(chi.URLParam(r, "code"))
	page := p.page(r, p.title(r, "class.join"), "/class")
	view := web.JoinView{Code: class.Spaced(code), Path: api.JoinPath(url.PathEscape(code)), Nickname: nickname}
	status := http.StatusOK
	c, err := p.Classes.Room.School.ByCode(code, classroom.Remote(r))
	if err != nil {
		failed = err
	} else {
		view.Class, view.Found = c.State().Name, true
	}
	if failed != nil {
		view.Problem, status = sayProblem(page.Lang, failed)
	}
	p.render(w, r, status, web.JoinPage(page, view))
}

// join lets somebody in, or says on the form why not.
func (p *pages) join(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, limits.HeaderBytes)
	if err := r.ParseForm(); err != nil {
		p.errorPage(w, r, tooLarge(err))
		return
	}
	nickname, personal := r.PostForm.Get("nickname"), r.PostForm.Get("personal")
	if _, _, err := p.Classes.Room.Join(w, r, chi.URLParam(r, "code"), nickname, personal); err != nil {
		p.showJoin(w, r, err, nickname)
		return
	}
	http.Redirect(w, r, "/class", http.StatusSeeOther)
}

// sayProblem is what a page says of an error of a class, and its status.
func sayProblem(l spec.Lang, err error) (string, int) {
	problem := api.ProblemOf(err)
	slug := problem.Type[strings.LastIndexByte(problem.Type, ':')+1:]
	if key := "page.class.error-" + slug; spec.HasMessage(key) {
		return spec.Message(l, key), problem.Status
	}
	return problem.In(l).Detail, problem.Status
}

// leaveClass forgets a student and all that is theirs.
func (p *pages) leaveClass(w http.ResponseWriter, r *http.Request) {
	if who := p.Classes.Room.Who(r); who.Student != nil {
		if err := who.Class.Remove(who.Student.ID()); err != nil && !errors.Is(err, class.ErrStudent) {
			p.errorPage(w, r, err)
			return
		}
	}
	p.Classes.Room.LetGo(w, r)
	http.Redirect(w, r, "/class", http.StatusSeeOther)
}

func (p *pages) newClass(w http.ResponseWriter, r *http.Request) {
	p.render(w, r, http.StatusOK, web.NewClassPage(p.page(r, p.title(r, "class.new"), "/class"), "", ""))
}

// makeClass makes a class for whoever has the operator's token, and lets the
// browser in as the teacher's.
func (p *pages) makeClass(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, limits.HeaderBytes)
	if err := r.ParseForm(); err != nil {
		p.errorPage(w, r, tooLarge(err))
		return
	}
	name := r.PostForm.Get("name")
	err := classroom.ErrOperator
	if p.Classes.Room.IsOperators(strings.TrimSpace(r.PostForm.Get("token"))) {
		var c *class.Class
		var token class.Token
		if c, token, err = p.Classes.Room.School.New(name); err == nil {
			p.Classes.Room.LetTeach(w, r, c, token)
			http.Redirect(w, r, "/class/"+c.ID(), http.StatusSeeOther)
			return
		}
	}
	page := p.page(r, p.title(r, "class.new"), "/class")
	problem, status := sayProblem(page.Lang, err)
	p.render(w, r, status, web.NewClassPage(page, name, problem))
}

// teach lets the browser in that opens a teacher's link. The link is gone from
// the address at once.
func (p *pages) teach(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch") { // nobody looks at it yet
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	c, token, err := p.Classes.Room.School.Enter(r.URL.Query().Get("once"), classroom.Remote(r))
	if err != nil {
		page := p.page(r, p.title(r, "nav.class"), "/class")
		page.Here = "/class" // not the link
		problem, status := sayProblem(page.Lang, err)
		p.render(w, r, status, web.ErrorPage(page, web.ErrorView{Status: status, Title: p.title(r, "class.no-link"), Detail: problem}))
		return
	}
	p.Classes.Room.LetTeach(w, r, c, token)
	http.Redirect(w, r, "/class/"+c.ID(), http.StatusSeeOther)
}

// board is the teacher's page. For everybody else there is no such page.
func (p *pages) board(w http.ResponseWriter, r *http.Request) {
	c := p.Classes.Room.School.Class(chi.URLParam(r, "class"))
	if !p.Classes.Room.Teaches(r, c) {
		p.status(w, r, http.StatusNotFound)
		return
	}
	page := p.page(r, c.State().Name, "/class", "js/board.js")
	page.Class = "is-board"
	view := web.BoardView{ID: c.ID(), Name: c.State().Name, Code: class.Spaced(c.Code()), Shared: classroom.ClassBench(c.ID()), Joins: p.joins(r)}
	for i, l := range p.Labs.Shelf.Labs() {
		words := l.Words(page.Lang)
		lab := web.BoardLab{ID: l.ID, Number: i + 1, Title: words.Title}
		for j, s := range l.Steps {
			lab.Steps = append(lab.Steps, web.BoardStep{ID: s.ID, Title: words.Steps[j].Title})
		}
		view.Labs = append(view.Labs, lab)
	}
	if len(view.Joins) > 0 {
		view.QR = classroom.QR(view.Joins[0] + api.JoinPath(c.Code()))
	}
	p.render(w, r, http.StatusOK, web.BoardPage(page, view))
}

// joins lists the addresses at which students find the class: the one that the
// teacher uses, unless it is this machine's own name for itself.
func (p *pages) joins(r *http.Request) []string {
	scheme := "http://"
	if classroom.Secure(r) {
		scheme = "https://"
	}
	here := scheme + r.Host
	if classroom.IsLoopback(r.Host) {
		if len(p.Classes.Addresses) > 0 {
			return p.Classes.Addresses
		}
		return []string{here}
	}
	all := []string{here}
	for _, a := range p.Classes.Addresses {
		if a != here {
			all = append(all, a)
		}
	}
	return all
}
