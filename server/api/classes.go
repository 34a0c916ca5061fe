package api

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"mqttlab/server/class"
	"mqttlab/server/classroom"
)

// Classes is what the calls about classes need. With a nil Room there are none.
type Classes struct {
	Room *classroom.Room
	// Addresses are those under which students reach the server.
	Addresses []string
}

// NewClass is a class that was made. Token and Link are told this once.
type NewClass struct {
	ID    string      `json:"id"`
	Name  string      `json:"name"`
	Code  string      `json:"code"`
	Join  []string    `json:"join"`  // addresses at which the code is typed already
	Token class.Token `json:"token"` // the teacher's, for programs
	Link  string      `json:"link"`  // path that lets one browser in as the teacher's
}

func (a *API) classRoutes(r chi.Router) {
	r.Method("POST", "/classes", a.handle(a.newClass))
	r.Method("GET", "/classes/{class}", a.onClass(a.board))
	r.Method("PUT", "/classes/{class}", a.onClass(a.setClass))
	r.Method("DELETE", "/classes/{class}", a.onClass(a.deleteClass))
	r.Method("GET", "/classes/{class}/live", a.onClass(a.boardLive))
	r.Method("POST", "/classes/{class}/push", a.onClass(a.push))
	r.Method("POST", "/classes/{class}/links", a.onClass(a.newLink))
	r.Method("DELETE", "/classes/{class}/students/{student}", a.onClass(a.removeStudent))
	r.Method("GET", "/classes/{class}/grades.json", a.onClass(a.gradesJSON))
	r.Method("GET", "/classes/{class}/grades.csv", a.onClass(a.gradesCSV))
}

// onClass finds the class that the path names, for its teacher. For everybody
// else there is no such class.
func (a *API) onClass(h func(w http.ResponseWriter, r *http.Request, c *class.Class) error) http.Handler {
	return a.handle(func(w http.ResponseWriter, r *http.Request) error {
		c := a.Classes.Room.School.Class(chi.URLParam(r, "class"))
		if !a.Classes.Room.Teaches(r, c) {
			return classroom.ErrTeacher
		}
		return h(w, r, c)
	})
}

// newClass makes a class; the request has the operator's token as
// "Authorization: Bearer", and the answer that of the class:
//
//	{"name": "9b"}
func (a *API) newClass(w http.ResponseWriter, r *http.Request) error {
	if !a.Classes.Room.IsOperator(r) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="mqttlab classes"`)
		return classroom.ErrOperator
	}
	var in struct {
		Name string `json:"name"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	c, token, err := a.Classes.Room.School.New(in.Name)
	if err != nil {
		return err
	}
	link, err := c.Link()
	if err != nil {
		return err
	}
	out := NewClass{ID: c.ID(), Name: c.State().Name, Code: c.Code(), Join: []string{}, Token: token, Link: TeachPath(link)}
	for _, base := range a.Classes.Addresses {
		out.Join = append(out.Join, base+JoinPath(c.Code()))
	}
	w.Header().Set("Location", "/api/classes/"+c.ID())
	return reply(w, http.StatusCreated, out)
}

// TeachPath is where a teacher's link leads. What opens it stands in the query,
// which is written into no log.
func TeachPath(link string) string { return "/class/teach?once=" + link }

// JoinPath is where a class's code leads.
func JoinPath(code string) string { return "/join/" + code }

// board is the class as its teacher sees it, or what has changed since a rev:
//
//	?since=0
func (a *API) board(w http.ResponseWriter, r *http.Request, c *class.Class) error {
	since, err := number(r, "since", 0)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, c.Board(since))
}

// setClass locks and pauses:
//
//	{"locked": false, "paused": false}
func (a *API) setClass(w http.ResponseWriter, r *http.Request, c *class.Class) error {
	var in struct {
		Locked *bool `json:"locked"`
		Paused *bool `json:"paused"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	if in.Locked != nil {
		if err := c.Lock(*in.Locked); err != nil {
			return err
		}
	}
	if in.Paused != nil {
		if err := a.Classes.Room.Pause(c, *in.Paused); err != nil {
			return err
		}
	}
	return reply(w, http.StatusOK, c.State())
}

// deleteClass deletes a class, its students, and all that was kept of them.
func (a *API) deleteClass(w http.ResponseWriter, r *http.Request, c *class.Class) error {
	if err := a.Classes.Room.School.Delete(c); err != nil {
		return err
	}
	a.Classes.Room.Forget(w, r, c)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// mostPushed bounds what a teacher shows everybody: bytes of a packet, and
// characters of a text.
const mostPushed = 4096

// push shows everybody a packet, a lab or a text:
//
//	{"kind": "packet", "hex": "c0 00", "version": "3.1.1"}
//	{"kind": "lab", "lab": "first-connect"}
//	{"kind": "text", "text": "Ten minutes left"}
func (a *API) push(w http.ResponseWriter, r *http.Request, c *class.Class) error {
	var in struct {
		Kind    string `json:"kind"`
		Hex     string `json:"hex"`
		Version string `json:"version"`
		Lab     string `json:"lab"`
		Text    string `json:"text"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	wrong := func(field string, args ...string) error {
		return Say(http.StatusUnprocessableEntity, "push", "push."+field, args...).at(field)
	}
	p := class.Push{Kind: in.Kind}
	switch in.Kind {
	case "packet":
		data, err := parseHex("hex", in.Hex)
		if err != nil {
			return err
		}
		if len(data) == 0 || len(data) > mostPushed {
			return wrong("hex")
		}
		if _, ok := ParseVersion(in.Version); !ok {
			return Say(http.StatusUnprocessableEntity, "push", "version", "version", in.Version).at("version")
		}
		p.Hex, p.Version = strings.Join(strings.Fields(strings.ToLower(in.Hex)), ""), in.Version
	case "lab":
		if !a.Classes.Room.HasLab(in.Lab) {
			return errNoLab
		}
		p.Lab = in.Lab
	case "text":
		p.Text = strings.TrimSpace(in.Text)
		if p.Text == "" || utf8.RuneCountInString(p.Text) > mostPushed {
			return wrong("text")
		}
	default:
		return wrong("kind", "kind", in.Kind)
	}
	p.N = c.Push(p)
	return reply(w, http.StatusCreated, p)
}

// newLink makes a link that lets another browser of the teacher's in.
func (a *API) newLink(w http.ResponseWriter, r *http.Request, c *class.Class) error {
	if err := decode(w, r, &struct{}{}); err != nil {
		return err
	}
	link, err := c.Link()
	if err != nil {
		return err
	}
	return reply(w, http.StatusCreated, struct {
		Link string `json:"link"`
	}{TeachPath(link)})
}

// removeStudent removes a student from the class, with all that was kept of them.
func (a *API) removeStudent(w http.ResponseWriter, r *http.Request, c *class.Class) error {
	if err := c.Remove(chi.URLParam(r, "student")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// Grades is what students have reached, for other programs.
type Grades struct {
	Class  string        `json:"class"`
	Grades []class.Grade `json:"grades"`
}

// gradesJSON gives which steps each student has passed, as JSON.
func (a *API) gradesJSON(w http.ResponseWriter, _ *http.Request, c *class.Class) error {
	attach(w, "grades.json")
	return reply(w, http.StatusOK, Grades{c.State().Name, c.Grades(a.Classes.Room.Labs())})
}

// gradesCSV gives which steps each student has passed, for a spreadsheet.
func (a *API) gradesCSV(w http.ResponseWriter, _ *http.Request, c *class.Class) error {
	return writeCSV(w, "grades.csv", c.Grades(a.Classes.Room.Labs()))
}

func writeCSV(w http.ResponseWriter, name string, grades []class.Grade) error {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	attach(w, name)
	return class.WriteCSV(w, grades)
}

func attach(w http.ResponseWriter, name string) {
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
}
