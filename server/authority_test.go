package server_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"mqttlab/server"
	"mqttlab/server/class"
)

// Whom the routes of a server with classes are for. A route that stands nowhere
// here fails TestWhoMayDoWhat: say whom it is for.
var routesFor = map[string]string{
	// What belongs to no bench and to no class.
	"everybody": `
		GET /
		GET /healthz
		GET /decode
		POST /decode
		POST /decode/file
		GET /reference
		GET /reference/{part}
		GET /labs
		GET /labs/{lab}
		POST /labs/{lab}
		GET /help
		GET /help/{part}
		GET /language
		GET /dev/gallery
		GET /illustrated
		GET /static/*
		POST /ui/file
		POST /ui/bytes
		POST /ui/draft
		POST /ui/copy
		POST /ui/versions
		POST /ui/decode
		POST /api/decode
		POST /api/encode
		POST /api/benches
		POST /api/benches/import
		GET /api/filter/complete
		GET /api/labs
		POST /api/join
		GET /class
		GET /class/new
		GET /class/teach
		GET /join/{code}
		POST /join/{code}
		POST /class/leave`,
	// The bench main under its short address.
	"main": `
		GET /mqtt`,
	// A bench: a student's own, to be looked at by the teacher; or a class's.
	"bench": `
		GET /b/{bench}
		GET /mqtt/{bench}
		GET /ui/benches/{bench}/packets/{n}
		GET /ui/benches/{bench}/settings
		GET /ui/benches/{bench}/grid
		GET /ui/benches/{bench}/state
		GET /ui/benches/{bench}/why?event=1
		GET /ui/benches/{bench}/lab
		GET /api/benches/{id}
		DELETE /api/benches/{id}
		GET /api/benches/{id}/broker
		PUT /api/benches/{id}/broker
		GET /api/benches/{id}/capture.pcapng
		GET /api/benches/{id}/capture.json
		GET /api/benches/{id}/scenario.json
		POST /api/benches/{id}/replay
		GET /api/benches/{id}/replay
		DELETE /api/benches/{id}/replay
		GET /api/benches/{id}/state
		GET /api/benches/{id}/why
		GET /api/benches/{id}/packets
		GET /api/benches/{id}/outline
		GET /api/benches/{id}/rows
		GET /api/benches/{id}/find
		GET /api/benches/{id}/live
		POST /api/benches/{id}/clients
		DELETE /api/benches/{id}/clients/{cid}
		POST /api/benches/{id}/clients/{cid}/open
		POST /api/benches/{id}/clients/{cid}/send
		POST /api/benches/{id}/clients/{cid}/close
		POST /api/benches/{id}/clients/{cid}/abort
		POST /api/benches/{id}/clients/{cid}/reply
		POST /api/benches/{id}/clients/{cid}/hangup
		PUT /api/benches/{id}/clients/{cid}/autopilot
		GET /api/benches/{id}/clients/{cid}/wire
		PUT /api/benches/{id}/clients/{cid}/wire
		GET /api/benches/{id}/clients/{cid}/wire/{direction}/{packet}
		POST /api/benches/{id}/clients/{cid}/wire/step
		POST /api/benches/{id}/clients/{cid}/wire/cut
		GET /api/benches/{id}/wire
		PUT /api/benches/{id}/wire
		POST /api/benches/{id}/presets/{name}
		GET /api/benches/{id}/lab
		PUT /api/benches/{id}/lab
		DELETE /api/benches/{id}/lab
		POST /api/benches/{id}/lab/answer
		POST /api/benches/{id}/lab/build
		POST /api/benches/{id}/lab/retry
		POST /api/benches/{id}/lab/undo
		POST /api/benches/{id}/lab/reset`,
	// A class, for its teacher.
	"teacher": `
		GET /class/{class}
		GET /api/classes/{class}
		PUT /api/classes/{class}
		DELETE /api/classes/{class}
		GET /api/classes/{class}/live
		POST /api/classes/{class}/push
		POST /api/classes/{class}/links
		DELETE /api/classes/{class}/students/{student}
		GET /api/classes/{class}/grades.json
		GET /api/classes/{class}/grades.csv`,
	// What a student is in a class.
	"student": `
		GET /api/class
		DELETE /api/class
		GET /api/class/live
		GET /api/class/record.json
		GET /api/class/record.csv`,
	// The server, for whoever runs it.
	"operator": `
		POST /api/classes
		POST /class/new
		GET /metrics
		GET /admin`,
}

// visitor is somebody on another machine.
type visitor struct {
	t      *testing.T
	h      http.Handler
	from   string
	header http.Header
}

func (v visitor) ask(method, path, body string) *httptest.ResponseRecorder {
	kind := "application/json"
	if method == http.MethodGet {
		kind = ""
	} else if strings.HasPrefix(path, "/class/") || strings.HasPrefix(path, "/join/") || strings.HasPrefix(path, "/labs/") {
		kind = "application/x-www-form-urlencoded"
	}
	return v.say(method, path, kind, body)
}

// say is ask with a body of any type.
func (v visitor) say(method, path, kind, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
	r.Header, r.RemoteAddr = v.header.Clone(), v.from
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	w := httptest.NewRecorder()
	v.h.ServeHTTP(w, r)
	guarded(v.t, r, w.Result())
	return w
}

// guarded checks what every answer says to browsers, and proxies on the way: that
// no other site shows it in a frame, loads it or is told its address, and that
// nobody keeps what may be somebody's own.
func guarded(t *testing.T, r *http.Request, answer *http.Response) {
	t.Helper()
	for name, want := range map[string]string{"Content-Security-Policy": "frame-ancestors 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store"} {
		if name == "Cache-Control" && strings.HasPrefix(r.URL.Path, "/static/") {
			continue
		}
		if got := answer.Header.Get(name); !strings.Contains(got, want) {
			t.Errorf("%s %s: %s is %q", r.Method, r.URL.Path, name, got)
		}
	}
	for _, c := range answer.Cookies() {
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure != (r.Header.Get("X-Forwarded-Proto") == "https") {
			t.Errorf("%s %s: the cookie %s", r.Method, r.URL.Path, c.Raw)
		}
	}
}

func (v visitor) json(method, path, body string) (out map[string]any) {
	json.Unmarshal(v.ask(method, path, body).Body.Bytes(), &out)
	return out
}

// visitors come one after the other, each from a machine of its own.
type visitors struct {
	t *testing.T
	h http.Handler
	n int
}

func (v *visitors) with(header http.Header) visitor {
	v.n++
	return visitor{v.t, v.h, fmt.Sprintf("192.0.2.%d:%d", v.n%250+1, 1000+v.n), header}
}

func (v *visitors) bearer(token string) visitor {
	return v.with(http.Header{"Authorization": {"Bearer " + token}})
}

// joined is a new student of a class.
func (v *visitors) joined(code, nickname string) (visitor, map[string]any) {
	v.t.Helper()
	p := v.with(http.Header{})
	if v.n%2 == 0 { // comes through a proxy that speaks TLS
		p.header.Set("X-Forwarded-Proto", "https")
	}
	w := p.ask("POST", "/api/join", fmt.Sprintf(`{"code":%q,"nickname":%q}`, code, nickname))
	for _, c := range w.Result().Cookies() {
		p.header.Add("Cookie", c.Name+"="+c.Value)
	}
	var in map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &in); err != nil || w.Code != 201 {
		v.t.Fatalf("%s does not join: %d %s", nickname, w.Code, w.Body)
	}
	return p, in
}

// TestWhoMayDoWhat walks all routes there are as everybody there is. Whoever may
// not in is answered as if there were nothing.
func TestWhoMayDoWhat(t *testing.T) {
	s, err := server.Open(server.Config{Classes: &server.Classes{Dir: class.Memory, Operator: operator}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	people := &visitors{t: t, h: s.Handler()}
	kinds, asks := make(map[string]string), make(map[string]string)
	for kind, list := range routesFor {
		for line := range strings.Lines(strings.TrimSpace(list)) {
			route, query, _ := strings.Cut(strings.TrimSpace(line), "?")
			kinds[route], asks[route] = kind, query
		}
	}
	var routes []string
	if err := chi.Walk(people.h.(chi.Routes), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		route = method + " " + strings.ReplaceAll(route, "/*/", "/")
		routes = append(routes, route)
		if kinds[route] == "" {
			t.Errorf("whom is %s for?", route)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for route := range kinds {
		if !slices.Contains(routes, route) {
			t.Errorf("there is no %s", route)
		}
	}

	boss := people.bearer(operator)
	made := boss.json("POST", "/api/classes", `{"name":"9b"}`)
	other := boss.json("POST", "/api/classes", `{"name":"other"}`)
	over := boss.json("POST", "/api/classes", `{"name":"over"}`)
	code, id := made["code"].(string), made["id"].(string)
	ada, in := people.joined(code, "Ada")
	own, shared := in["bench"].(string), in["shared_bench"].(string)
	ada.ask("PUT", "/api/benches/"+own+"/lab", `{"lab":"first-connect"}`)
	ada.ask("POST", "/api/benches/"+own+"/clients/v1/open", "{}")

	// Everybody whom neither bench is for, anew for each use: who asks much is slowed.
	outsiders := func() map[string]visitor {
		elsewhere, _ := people.joined(other["code"].(string), fmt.Sprint("Eve", people.n))
		removed, was := people.joined(code, fmt.Sprint("Rob", people.n))
		people.bearer(made["token"].(string)).ask("DELETE", "/api/classes/"+id+"/students/"+was["id"].(string), "")
		forged := ada.header.Clone()
		forged.Set("Cookie", strings.SplitAfter(ada.header.Get("Cookie"), ".")[0]+"AAAA")
		return map[string]visitor{"a stranger": people.with(http.Header{}), "a student of another class": elsewhere, "a student who was removed": removed,
			"the teacher of another class": people.bearer(other["token"].(string)), "the operator": people.bearer(operator), "a forged cookie": people.with(forged)}
	}
	gone, _ := people.joined(over["code"].(string), "Old")
	people.bearer(over["token"].(string)).ask("DELETE", "/api/classes/"+over["id"].(string), "")

	call := func(p visitor, route, bench string) *httptest.ResponseRecorder {
		method, path, _ := strings.Cut(route, " ")
		path = strings.NewReplacer("{id}", bench, "{bench}", bench, "{class}", id, "{student}", in["id"].(string), "{cid}", "v1", "{n}", "1", "{code}", "AAA AAA",
			"{lab}", "first-connect", "{direction}", "to_broker", "{packet}", "1", "{part}", "api", "{name}", "ping", "*", "x").Replace(path)
		return p.ask(method, strings.ReplaceAll(path, " ", "%20")+"?"+asks[route], map[bool]string{true: "", false: "{}"}[method == "GET"])
	}
	never := "s-" + strings.Repeat("x", len(own)-2)
	for _, target := range []string{own, shared, "main"} {
		shut := outsiders()
		shut["a student of a class that is over"] = gone
		if target != shared {
			shut["another student"], _ = people.joined(code, fmt.Sprint("Eve", people.n))
		}
		if target == "main" {
			delete(shut, "the operator")
			delete(shut, "the teacher of another class") // is a teacher only by a cookie there
		}
		for _, route := range routes {
			if kinds[route] != "bench" {
				continue
			}
			for who, p := range shut {
				got, none := call(p, route, target), call(p, route, never)
				if got.Code != 404 || strings.ReplaceAll(got.Body.String(), target, never) != strings.ReplaceAll(none.Body.String(), target, never) {
					t.Errorf("%s: %s at %s answers %d %.300s; where there is nothing %d", who, route, target, got.Code, got.Body, none.Code)
				}
			}
		}
	}
	shut := outsiders()
	shut["a student of a class that is over"], shut["a student"] = gone, ada
	for _, route := range routes {
		for who, p := range shut {
			got := 0
			switch kinds[route] {
			case "teacher":
				got = call(p, route, "").Code
			case "student":
				if who != "a student" && who != "a student of another class" {
					got = call(p, route, "").Code
				}
			case "operator":
				if got = call(p, route, "").Code; got == 401 || got == 403 || who == "the operator" {
					continue
				}
			case "main":
				if who != "the operator" {
					got = call(p, route, "").Code
				}
			}
			if got != 0 && got != 404 {
				t.Errorf("%s: %s answers %d", who, route, got)
			}
		}
	}

	// The teacher looks at a student's bench and changes nothing; at the shared
	// one teacher and students do everything; the student does, at both.
	teacher, second := people.bearer(made["token"].(string)), people.bearer(made["token"].(string))
	bob, _ := people.joined(code, "Bob")
	slices.SortStableFunc(routes, func(a, b string) int { return strings.Compare(a[:3], b[:3]) * -1 }) // what deletes comes last
	for _, route := range routes {
		if kinds[route] == "bench" {
			got := call(teacher, route, own)
			if looks := strings.HasPrefix(route, "GET ") && !strings.Contains(route, "/mqtt"); looks == (got.Code == 403) || looks && strings.Contains(got.Body.String(), "no-bench") {
				t.Errorf("the teacher: %s answers %d %.200s", route, got.Code, got.Body)
			}
			for who, got := range map[string]*httptest.ResponseRecorder{"the student": call(ada, route, own), "a student at the shared bench": call(bob, route, shared), "the teacher at the shared bench": call(second, route, shared)} {
				if got.Code == 403 && !strings.Contains(got.Body.String(), "problem:fixed") || strings.Contains(got.Body.String(), "no-bench") {
					t.Errorf("%s: %s answers %d %.200s", who, route, got.Code, got.Body)
				}
			}
		}
	}
	for _, route := range routes {
		method, _, _ := strings.Cut(route, " ")
		switch {
		case kinds[route] == "teacher" && method == "GET":
			if got := call(teacher, route, ""); got.Code == 404 || got.Code == 401 || got.Code == 403 {
				t.Errorf("the teacher: %s answers %d", route, got.Code)
			}
		case kinds[route] == "student" && method == "GET":
			if got := call(ada, route, ""); got.Code == 404 {
				t.Errorf("the student: %s answers %d", route, got.Code)
			}
		}
	}
	if n := len(slices.Collect(maps.Keys(kinds))); n < 80 {
		t.Errorf("only %d routes", n)
	}
}
