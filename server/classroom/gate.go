package classroom

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"mqttlab/server/class"
)

// nobodys is an id that no bench has.
const nobodys = "-"

// Gate is passed by every request. Where any part of its path names a bench of
// a class, it goes on for those whom the bench is for. For all others the part
// is replaced, before routes are looked for, by the id of a bench that there is
// not: whatever call there is or will be, it answers as it does for any id that
// was guessed wrong.
//
//	a student's bench  the student does everything; the teacher looks
//	the class's bench  students and teacher do everything
//	main               this machine's own browser, and teachers
//
// fail answers with an error.
func (r *Room) Gate(fail func(http.ResponseWriter, *http.Request, error)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			who := r.authenticate(req)
			leave, err := r.limits.enter(req, who)
			if err != nil {
				w.Header().Set("Retry-After", "2")
				fail(w, req, err)
				return
			}
			defer leave()
			if req.URL.Path == "/" && r.elsewhere(w, req, who) {
				return
			}
			path, err := r.door(req, who)
			if err != nil {
				fail(w, req, err)
				return
			}
			if path != "" {
				chi.RouteContext(req.Context()).RoutePath = path
			}
			if who.Student != nil && strings.HasPrefix(req.URL.Path, "/mqtt/") {
				w = r.limits.slow(w, who.Student.ID())
			}
			next.ServeHTTP(w, known(req, who))
		})
	}
}

// elsewhere sends students from the bench main to their own, and strangers to
// the page on which they join.
func (r *Room) elsewhere(w http.ResponseWriter, req *http.Request, who Who) bool {
	to := "/class"
	switch {
	case req.Method != http.MethodGet && req.Method != http.MethodHead:
		return false
	case who.Student != nil:
		to = "/b/" + StudentBench(who.Student.ID())
		if req.URL.RawQuery != "" {
			to += "?" + req.URL.RawQuery
		}
	case r.mayMain(req):
		return false
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, req, to, http.StatusSeeOther)
	return true
}

// door returns the path to go on with, "" for the one that was asked for.
func (r *Room) door(req *http.Request, who Who) (string, error) {
	parts := strings.Split(req.URL.Path, "/")
	changed := false
	for i, part := range parts {
		var open bool
		var err error
		switch {
		case part == "main" && i >= 2 && (parts[i-1] == "benches" || parts[i-1] == "b" || parts[i-1] == "mqtt"):
			open = r.mayMain(req)
		case IsOfClass(part):
			open, err = r.opens(req, who, part)
		default:
			continue
		}
		if err != nil {
			return "", err
		}
		// What is escaped in a way that it need not be is somebody's trick.
		if !open || req.URL.RawPath != "" {
			parts[i], changed = nobodys, true
		}
	}
	switch {
	case req.URL.Path == "/mqtt" && !r.mayMain(req):
		return "/mqtt/" + nobodys, nil
	case changed:
		return strings.Join(parts, "/"), nil
	}
	return "", nil
}

// opens is whether a request may go to a bench, which is then there.
func (r *Room) opens(req *http.Request, who Who, bench string) (bool, error) {
	changes := req.Method != http.MethodGet && req.Method != http.MethodHead || strings.HasPrefix(req.URL.Path, "/mqtt/")
	var c *class.Class
	var t *class.Student
	if id, ok := strings.CutPrefix(bench, ofClass); ok {
		c = r.School.Class(id)
	} else {
		c, t = r.Student(bench)
		if t == nil {
			return false, nil
		}
	}
	if c == nil {
		return false, nil
	}
	mine := who.Class == c && (t == nil || t == who.Student)
	switch teaches := r.Teaches(req, c); {
	case mine && changes && c.State().Paused && !(teaches && t == nil):
		return false, ErrPaused
	case mine, teaches && t == nil, teaches && !changes:
	case teaches:
		return false, ErrLookOnly
	default:
		return false, nil
	}
	_, err := r.bench(c, t)
	return err == nil, err
}

// mayMain is whether a request may go to the bench main, which belongs to
// whoever runs the server, and to teachers.
func (r *Room) mayMain(req *http.Request) bool {
	return r.IsOperator(req) || len(r.Teaching(req)) > 0 || FromHere(req)
}
