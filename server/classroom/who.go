package classroom

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"mqttlab/server/class"
	"mqttlab/server/limits"
)

// The cookies. A proxy before several servers may go by the last of them.
const (
	studentCookie = "mqttlab-student"  // id.token
	teacherCookie = "mqttlab-teacher-" // and the class's id: token
	serverCookie  = "mqttlab_server"   // the prefix of the server's codes
	codeCookie    = "mqttlab-personal" // the student's code, to be shown to them again
)

// cookieLives is how long a browser keeps them, where the class is kept for ever.
const cookieLives = 365 * 24 * time.Hour

// Who is who sent a request, as far as classes go; the zero Who is a stranger.
type Who struct {
	Class   *class.Class
	Student *class.Student
}

// Key is what a student's own MQTT clients, which have no cookies, show in the
// query of the address: it opens what MQTT goes to, and nothing else.
func (w Who) Key() string { return w.Student.ID() + "." + w.Class.Key(w.Student) }

type whoKey struct{}

// Who returns the student who sent a request.
func (r *Room) Who(req *http.Request) Who {
	if who, ok := req.Context().Value(whoKey{}).(Who); ok {
		return who
	}
	return r.authenticate(req)
}

func (r *Room) authenticate(req *http.Request) Who {
	if key := req.URL.Query().Get("key"); key != "" && strings.HasPrefix(req.URL.Path, "/mqtt/") {
		id, key, _ := strings.Cut(key, ".")
		if c := r.School.OfStudent(id); c != nil {
			if t := c.Student(id); t != nil && c.IsKey(t, key) {
				return Who{c, t}
			}
		}
		return Who{}
	}
	cookie, err := req.Cookie(studentCookie)
	if err != nil {
		return Who{}
	}
	id, token, ok := strings.Cut(cookie.Value, ".")
	if !ok {
		return Who{}
	}
	c, t := r.School.ByStudent(id, class.Token(token))
	return Who{c, t}
}

// known is a request that carries who sent it.
func known(req *http.Request, who Who) *http.Request {
	return req.WithContext(context.WithValue(req.Context(), whoKey{}, who))
}

// bearer returns the token of the header Authorization.
func bearer(req *http.Request) string {
	kind, token, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// Teaches is whether a request shows a token of a class's teacher: in a cookie,
// or in the header Authorization.
func (r *Room) Teaches(req *http.Request, c *class.Class) bool {
	if c == nil {
		return false
	}
	if token := bearer(req); token != "" {
		return c.IsTeacher(class.Token(token))
	}
	cookie, err := req.Cookie(teacherCookie + c.ID())
	return err == nil && c.IsTeacher(class.Token(cookie.Value))
}

// Teaching returns the classes that the sender of a request teaches.
func (r *Room) Teaching(req *http.Request) []*class.Class {
	var all []*class.Class
	for _, cookie := range req.Cookies() {
		if id, ok := strings.CutPrefix(cookie.Name, teacherCookie); ok {
			if c := r.School.Class(id); c != nil && c.IsTeacher(class.Token(cookie.Value)) {
				all = append(all, c)
			}
		}
	}
	return all
}

// IsOperator is whether a request shows the operator's token.
func (r *Room) IsOperator(req *http.Request) bool { return r.IsOperators(bearer(req)) }

// IsOperators is whether this is the operator's token.
func (r *Room) IsOperators(token string) bool {
	a, b := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(r.cfg.Operator))
	return r.cfg.Operator != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// LetIn gives a student's browser what it shows from now on.
func (r *Room) LetIn(w http.ResponseWriter, req *http.Request, j class.Joined) {
	r.setCookie(w, req, studentCookie, j.Student.ID()+"."+string(j.Token), 1)
	r.setCookie(w, req, codeCookie, j.Personal, 1)
	r.mark(w, req)
}

// Personal returns the personal code that a student's browser keeps; "": none.
func (r *Room) Personal(req *http.Request) string {
	cookie, err := req.Cookie(codeCookie)
	if err != nil {
		return ""
	}
	return class.Spaced(class.Normal(cookie.Value))
}

// LetTeach gives a teacher's browser what it shows from now on.
func (r *Room) LetTeach(w http.ResponseWriter, req *http.Request, c *class.Class, token class.Token) {
	r.setCookie(w, req, teacherCookie+c.ID(), string(token), 1)
	r.mark(w, req)
}

// LetGo takes from a browser what it showed as a student.
func (r *Room) LetGo(w http.ResponseWriter, req *http.Request) {
	r.setCookie(w, req, studentCookie, "", -1)
	r.setCookie(w, req, codeCookie, "", -1)
}

// Forget takes from a browser what it showed as the teacher of a class.
func (r *Room) Forget(w http.ResponseWriter, req *http.Request, c *class.Class) {
	r.setCookie(w, req, teacherCookie+c.ID(), "", -1)
}

func (r *Room) mark(w http.ResponseWriter, req *http.Request) {
	if prefix := r.cfg.Class.Prefix; prefix != "" {
		r.setCookie(w, req, serverCookie, prefix, 1)
	}
}

func (r *Room) setCookie(w http.ResponseWriter, req *http.Request, name, value string, age int) {
	lives := cookieLives
	if keep := r.cfg.Class.Keep; keep > 0 {
		lives = min(lives, keep)
	}
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age * max(1, int(lives/time.Second)), HttpOnly: true,
		Secure: Secure(req), SameSite: http.SameSiteLaxMode})
}

// Secure is whether a request came over TLS, here or as a proxy says.
func Secure(req *http.Request) bool {
	return req.TLS != nil || strings.EqualFold(req.Header.Get("X-Forwarded-Proto"), "https")
}

// Join lets whoever sent a request into the class of a code: under a nickname,
// or, where a personal code is given, as the student who has it.
func (r *Room) Join(w http.ResponseWriter, req *http.Request, code, nickname, personal string) (*class.Class, class.Joined, error) {
	c, err := r.School.ByCode(code, Remote(req))
	if err != nil {
		return nil, class.Joined{}, err
	}
	var j class.Joined
	if strings.TrimSpace(personal) != "" {
		j, err = c.Return(personal, Remote(req))
	} else {
		j, err = c.Join(nickname, limits.From(req.RemoteAddr))
	}
	if err != nil {
		return nil, class.Joined{}, err
	}
	r.LetIn(w, req, j)
	return c, j, nil
}

// FromHere says whether a request comes from this machine's own user: from
// loopback, under a name of loopback, and through no proxy that says so. A
// proxy on this machine that says nothing is taken for this machine; it
// should pass on neither /admin and /metrics nor the bench main.
func FromHere(req *http.Request) bool {
	at, err := netip.ParseAddrPort(req.RemoteAddr)
	if err != nil || !at.Addr().Unmap().IsLoopback() || !IsLoopback(req.Host) {
		return false
	}
	return !slices.ContainsFunc([]string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip"},
		func(name string) bool { return req.Header.Get(name) != "" })
}
