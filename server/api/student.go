package api

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"mqttlab/server/class"
	"mqttlab/server/classroom"
)

// Student is what a student's browser knows of its class.
type Student struct {
	Class    class.State    `json:"class"`
	ID       string         `json:"id"`
	Nickname string         `json:"nickname"`
	Bench    string         `json:"bench"`        // the student's own
	Shared   string         `json:"shared_bench"` // that of the class
	Progress class.Progress `json:"progress"`
	Personal string         `json:"personal,omitempty"` // the code to come back with; told once
}

func (a *API) studentRoutes(r chi.Router) {
	r.Method("POST", "/join", a.handle(a.join))
	r.Method("GET", "/class", a.asStudent(a.student))
	r.Method("DELETE", "/class", a.asStudent(a.leaveClass))
	r.Method("GET", "/class/live", a.asStudent(a.studentLive))
	r.Method("GET", "/class/record.json", a.asStudent(a.recordJSON))
	r.Method("GET", "/class/record.csv", a.asStudent(a.recordCSV))
}

// asStudent finds out which student asks.
func (a *API) asStudent(h func(w http.ResponseWriter, r *http.Request, who classroom.Who) error) http.Handler {
	return a.handle(func(w http.ResponseWriter, r *http.Request) error {
		who := a.Classes.Room.Who(r)
		if who.Student == nil {
			return classroom.ErrStudent
		}
		return h(w, r, who)
	})
}

// join lets somebody into a class:
//
//	{"code": "ABC DEF", "nickname": "Ada"}
//
// With "personal", the code that the answer tells, in the place of the nickname
// it lets back in. The answer brings a cookie.
func (a *API) join(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Code     string `json:"code"`
		Nickname string `json:"nickname"`
		Personal string `json:"personal"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	c, j, err := a.Classes.Room.Join(w, r, in.Code, in.Nickname, in.Personal)
	if err != nil {
		return err
	}
	out := describeStudent(classroom.Who{Class: c, Student: j.Student})
	out.Personal = class.Spaced(j.Personal)
	return reply(w, http.StatusCreated, out)
}

func describeStudent(who classroom.Who) Student {
	return Student{Class: who.Class.State(), ID: who.Student.ID(), Nickname: who.Student.Nickname(),
		Bench: classroom.StudentBench(who.Student.ID()), Shared: classroom.ClassBench(who.Class.ID()), Progress: who.Class.Progress(who.Student)}
}

// student says who the asking student is: the class, the nickname and the bench.
func (a *API) student(w http.ResponseWriter, _ *http.Request, who classroom.Who) error {
	return reply(w, http.StatusOK, describeStudent(who))
}

// leaveClass forgets a student and all that is theirs.
func (a *API) leaveClass(w http.ResponseWriter, r *http.Request, who classroom.Who) error {
	if err := who.Class.Remove(who.Student.ID()); err != nil {
		return err
	}
	a.Classes.Room.LetGo(w, r)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// recordJSON gives the asking student what they have passed, as JSON.
func (a *API) recordJSON(w http.ResponseWriter, _ *http.Request, who classroom.Who) error {
	attach(w, "record.json")
	return reply(w, http.StatusOK, Grades{who.Class.State().Name, who.Class.Record(who.Student, a.Classes.Room.Labs())})
}

// recordCSV gives the asking student what they have passed, for a spreadsheet.
func (a *API) recordCSV(w http.ResponseWriter, _ *http.Request, who classroom.Who) error {
	return writeCSV(w, "record.csv", who.Class.Record(who.Student, a.Classes.Room.Labs()))
}
