package server_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"mqttlab/server"
	"mqttlab/server/class"
	"mqttlab/server/limits"
)

// TestBenchIsTheStudents tries every way to a student's bench: as another
// student, as a stranger, with the teacher's token and with the operator's.
// Whoever may not in gets what an id that was never given out gets.
func TestBenchIsTheStudents(t *testing.T) {
	c := openSchool(t)
	a, b := c.join("Ada"), c.join("Bob")
	other := c.as("Bearer "+operator).want(201, "POST", "/api/classes", `{"name":"other"}`)
	c.work(a)
	strangers := map[string]*person{"another student": b, "a stranger": c.as(""), "the operator": c.as("Bearer " + operator),
		"another teacher": c.as("Bearer " + other["token"].(string)), "a forged cookie": {school: c, header: http.Header{"Cookie": {"mqttlab-student=" + a.id + ".x"}}}}
	calls := []struct{ method, path, body string }{
		{"GET", "/b/%", ""}, {"GET", "/api/benches/%", ""}, {"GET", "/api/benches/%/packets", ""}, {"GET", "/api/benches/%/state", ""},
		{"GET", "/api/benches/%/capture.pcapng", ""}, {"GET", "/api/benches/%/capture.json", ""}, {"GET", "/api/benches/%/scenario.json", ""},
		{"GET", "/api/benches/%/outline", ""}, {"GET", "/api/benches/%/broker", ""}, {"GET", "/api/benches/%/lab", ""},
		{"GET", "/ui/benches/%/packets/1", ""}, {"GET", "/ui/benches/%/grid", ""}, {"GET", "/ui/benches/%/state", ""}, {"GET", "/ui/benches/%/lab", ""},
		{"POST", "/api/benches/%/clients", "{}"}, {"POST", "/api/benches/%/clients/v1/open", "{}"}, {"POST", "/api/benches/%/clients/v1/send", `{"hex":"c000"}`},
		{"PUT", "/api/benches/%/broker", `{"broker":{}}`}, {"PUT", "/api/benches/%/lab", `{"lab":"first-connect"}`}, {"POST", "/api/benches/%/replay", "{}"},
		{"DELETE", "/api/benches/%", ""}, {"DELETE", "/api/benches/%/clients/v1", ""},
	}
	never := "s-" + strings.Repeat("x", len(a.id))
	for who, p := range strangers {
		for _, call := range calls {
			got := p.send(call.method, strings.ReplaceAll(call.path, "%", a.bench), call.body)
			none := p.send(call.method, strings.ReplaceAll(call.path, "%", never), call.body)
			if got.status != 404 || got.status != none.status || strings.ReplaceAll(got.body, a.bench, never) != none.body {
				t.Errorf("%s: %s %s answers %d %.200s; no such bench: %d", who, call.method, call.path, got.status, got.body, none.status)
			}
		}
		for _, path := range []string{"/api/benches/" + a.bench + "/live", "/mqtt/" + a.bench} {
			if conn, status := p.dial(path, "mqtt"); conn != nil || status != 404 {
				t.Errorf("%s: %s is open, or answers %d", who, path, status)
			}
		}
	}
	// Neither a trick with the path nor with the method leads around the gate.
	for _, path := range []string{"/api/benches/s%2D" + a.id, "/api//benches/" + a.bench, "/api/benches/" + a.bench + "/", "/api/benches/main/../" + a.bench, "/b/" + a.bench + "?x"} {
		if got := b.send("GET", path, ""); got.status == 200 {
			t.Errorf("%s answers 200", path)
		}
	}
	if got := b.send("HEAD", "/api/benches/"+a.bench, ""); got.status != 404 {
		t.Errorf("HEAD answers %d", got.status)
	}

	// The teacher looks, and changes nothing.
	for _, call := range calls {
		want := 403
		if call.method == "GET" {
			want = 200
		}
		got := c.teacher().send(call.method, strings.ReplaceAll(call.path, "%", a.bench), call.body)
		if got.status != want && !(want == 200 && got.status == 404 && strings.Contains(call.path, "packets/1")) {
			t.Errorf("the teacher: %s %s answers %d %.200s", call.method, call.path, got.status, got.body)
		}
	}
	if conn, _ := c.teacher().dial("/api/benches/" + a.bench + "/live"); conn == nil {
		t.Error("the teacher cannot watch")
	}
	if conn, status := c.teacher().dial("/mqtt/"+a.bench, "mqtt"); conn != nil || status != 403 {
		t.Errorf("the teacher's MQTT client: %d", status)
	}
	if conn, _ := a.dial("/mqtt/"+a.bench, "mqtt"); conn == nil {
		t.Error("the student's own MQTT client is refused")
	}
	// Programs have no cookies: the page gives them an address with a key, which
	// opens the way for MQTT and no other.
	_, key, ok := strings.Cut(a.send("GET", "/b/"+a.bench, "").body, "/mqtt/"+a.bench+"?key=")
	if !ok {
		t.Fatal("the page tells no key")
	}
	key = key[:strings.IndexAny(key, "<\"& ")]
	for path, want := range map[string]bool{"/mqtt/" + a.bench + "?key=" + key: true, "/mqtt/c-" + c.id + "?key=" + key: true, "/mqtt/" + b.bench + "?key=" + key: false,
		"/mqtt/" + a.bench + "?key=" + key + "x": false, "/api/benches/" + a.bench + "/live?key=" + key: false} {
		if conn, _ := c.as("").dial(path, "mqtt"); (conn != nil) != want {
			t.Errorf("%s is open: %t", path, conn != nil)
		}
	}
	if body := c.teacher().send("GET", "/b/"+a.bench, "").body; strings.Contains(body, "?key=") {
		t.Error("the teacher is told the student's key")
	}
	if got := a.send("DELETE", "/api/benches/"+a.bench, ""); got.status != 403 {
		t.Errorf("a student removes the bench: %d", got.status)
	}
}

// Board, grades and all powers are the teacher's.
func TestPowersAreTheTeachers(t *testing.T) {
	c := openSchool(t)
	a := c.join("Ada")
	other := c.as("Bearer "+operator).want(201, "POST", "/api/classes", `{}`)
	base := "/api/classes/" + c.id
	for who, p := range map[string]*person{"a student": a, "a stranger": c.as(""), "the operator": c.as("Bearer " + operator), "another teacher": c.as("Bearer " + other["token"].(string))} {
		for _, call := range []struct{ method, path, body string }{
			{"GET", base, ""}, {"PUT", base, `{"paused":true}`}, {"DELETE", base, ""}, {"GET", base + "/grades.csv", ""}, {"GET", base + "/grades.json", ""},
			{"POST", base + "/push", `{"kind":"text","text":"x"}`}, {"POST", base + "/links", "{}"}, {"DELETE", base + "/students/" + a.id, ""}, {"GET", "/class/" + c.id, ""},
		} {
			if got := p.send(call.method, call.path, call.body); got.status != 404 {
				t.Errorf("%s: %s %s answers %d %.200s", who, call.method, call.path, got.status, got.body)
			}
		}
		if conn, status := p.dial(base + "/live"); conn != nil || status != 404 {
			t.Errorf("%s: the board's stream answers %d", who, status)
		}
	}
	if got := a.send("POST", "/api/classes", `{"name":"mine"}`); got.status != 401 {
		t.Errorf("a student makes a class: %d", got.status)
	}
	if got := a.send("POST", "/class/new", "token=wrong&name=x"); got.status != 401 {
		t.Errorf("a form without the operator's token: %d", got.status)
	}
	if got := c.teacher().send("GET", base+"/grades.csv", ""); got.status != 200 || !strings.Contains(got.body, "Ada") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// Who is removed, and whose class has ended, is out at once, streams and all.
func TestRemovedIsOut(t *testing.T) {
	c := openSchool(t)
	a, b := c.join("Ada"), c.join("Bob")
	for _, p := range []*person{a, b} {
		p.want(200, "GET", "/api/benches/"+p.bench, "")
	}
	news, _ := a.dial("/api/class/live?since=999999")
	live, _ := a.dial("/api/benches/" + a.bench + "/live")
	mqtt, _ := a.dial("/mqtt/"+a.bench, "mqtt")
	if news == nil || live == nil || mqtt == nil {
		t.Fatal("a stream does not open")
	}
	c.teacher().want(204, "DELETE", "/api/classes/"+c.id+"/students/"+a.id, "")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	told := ""
	for name, conn := range map[string]*websocket.Conn{"news": news, "live": live, "mqtt": mqtt} {
		for {
			_, data, err := conn.Read(ctx)
			if err != nil {
				break
			}
			if name == "news" {
				told = string(data)
			}
		}
	}
	if ctx.Err() != nil || !strings.Contains(told, `"gone":true`) {
		t.Errorf("a stream goes on, or the student is not told: %s", told)
	}
	for _, path := range []string{"/api/class", "/api/benches/" + a.bench} {
		if got := a.send("GET", path, ""); got.status != 404 {
			t.Errorf("%s answers %d", path, got.status)
		}
	}
	c.teacher().want(204, "DELETE", "/api/classes/"+c.id, "")
	for _, path := range []string{"/api/class", "/api/benches/" + b.bench, "/api/benches/c-" + c.id} {
		if got := b.send("GET", path, ""); got.status != 404 {
			t.Errorf("after the class: %s answers %d", path, got.status)
		}
	}
}

// While a class is paused its students change nothing, and are told why.
func TestPause(t *testing.T) {
	c := openSchool(t)
	a := c.join("Ada")
	mqtt, _ := a.dial("/mqtt/"+a.bench, "mqtt")
	connect, _ := hex.DecodeString("100d00044d51545404020001000141")
	exchange := func(send []byte, want string) {
		t.Helper()
		if err := mqtt.Write(t.Context(), websocket.MessageBinary, send); err != nil {
			t.Fatal(err)
		}
		if _, got, err := mqtt.Read(t.Context()); err != nil || hex.EncodeToString(got) != want {
			t.Errorf("%x is answered by %x, %v", send, got, err)
		}
	}
	exchange(connect, "20020000")
	packets := func() string { return a.send("GET", "/api/benches/"+a.bench+"/packets", "").body }
	c.teacher().want(200, "PUT", "/api/classes/"+c.id, `{"paused":true}`)
	exchange([]byte{0x30, 5, 0, 1, 'a', 'n', 'o', 0xc0, 0}, "d000") // pings are answered; the rest waits
	if strings.Contains(packets(), "30050001616e6f") {
		t.Error("the broker hears a program while the class is paused")
	}
	if _, status := a.dial("/mqtt/"+a.bench, "mqtt"); status != 409 {
		t.Errorf("one more program connects: %d", status)
	}
	for _, path := range []string{"/api/benches/" + a.bench + "/clients", "/api/benches/c-" + c.id + "/clients"} {
		if got := a.send("POST", path, "{}"); got.status != 409 || !strings.Contains(got.body, "paused") {
			t.Errorf("%s answers %d %s", path, got.status, got.body)
		}
	}
	if got := a.send("POST", "/labs/first-connect", "x=1"); got.status != 409 {
		t.Errorf("a lab begins: %d", got.status)
	}
	a.want(200, "GET", "/api/benches/"+a.bench, "")
	c.teacher().want(201, "POST", "/api/benches/c-"+c.id+"/clients", "{}")
	b := c.join("Bob") // whose bench is made just now
	if late := b.want(200, "GET", "/api/benches/"+b.bench+"/packets", ""); !strings.Contains(fmt.Sprint(late), "Time stands still") {
		t.Errorf("a bench that is made meanwhile goes on: %v", late)
	}
	c.teacher().want(200, "PUT", "/api/classes/"+c.id, `{"paused":false}`)
	exchange([]byte{0xc0, 0}, "d000")
	if !strings.Contains(packets(), "30050001616e6f") {
		t.Error("what waited is lost")
	}
	a.want(201, "POST", "/api/benches/"+a.bench+"/clients", "{}")
}

// Guessing join codes and personal codes comes to an end.
func TestGuessing(t *testing.T) {
	c := openSchool(t)
	stranger := c.as("")
	last := 0
	for range 40 {
		last = stranger.send("POST", "/api/join", `{"code":"AAA AAA","nickname":"x"}`).status
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the fortieth wrong code answers %d", last)
	}
	for _, path := range []string{"/join/" + c.code, "/class/teach?once=x"} {
		if got := stranger.send("GET", path, ""); got.status != http.StatusTooManyRequests {
			t.Errorf("%s then answers %d", path, got.status)
		}
	}
}

// Nothing that opens a class is in the log, at any level, nor what students
// call themselves.
func TestLogKeepsSecrets(t *testing.T) {
	c := openSchool(t)
	a := c.join("Nick-of-Time")
	entered := c.as("").send("GET", c.link, "")
	if entered.status != http.StatusSeeOther || entered.header.Get("Location") != "/class/"+c.id {
		t.Fatalf("the link answers %d", entered.status)
	}
	if again := c.as("").send("GET", c.link, ""); again.status != http.StatusGone {
		t.Errorf("the link opens twice: %d", again.status)
	}
	teacher := c.as("")
	for _, cookie := range entered.cookies {
		teacher.header.Add("Cookie", cookie.Name+"="+cookie.Value)
	}
	if got := teacher.send("GET", "/class/"+c.id, ""); got.status != 200 || !strings.Contains(got.body, "class-board") {
		t.Errorf("the board answers %d", got.status)
	}
	teacher.want(200, "GET", "/api/benches/"+a.bench, "")
	secrets := []string{c.token, operator, strings.TrimPrefix(c.link, "/class/teach?once="), "Nick-of-Time"}
	for _, cookie := range append(entered.cookies, (&http.Response{Header: http.Header{"Set-Cookie": a.header.Values("Cookie")}}).Cookies()...) {
		secrets = append(secrets, cookie.Value)
	}
	log := c.log.String()
	if !strings.Contains(log, "path=/class/teach") {
		t.Fatal("nothing is logged")
	}
	for _, secret := range secrets {
		if secret != "" && strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// Nicknames are text, wherever they are shown.
func TestNicknames(t *testing.T) {
	c := openSchool(t)
	for _, nickname := range []string{`<img src=x onerror=x>`, `"><script>`, "=1+1", "{{7*7}}"} {
		p := c.join(nickname)
		if page := p.send("GET", "/class", ""); page.status != 200 || strings.Contains(page.body, nickname) && strings.ContainsAny(nickname, `<"`) {
			t.Errorf("%q stands on the page as it is", nickname)
		}
	}
	for _, nickname := range []string{"a\u202eb", "a\u200bb", "\x07"} {
		body, _ := json.Marshal(map[string]string{"code": c.code, "nickname": nickname})
		if got := c.as("").send("POST", "/api/join", string(body)); got.status != 422 {
			t.Errorf("%q joins: %d", nickname, got.status)
		}
	}
	csv := c.teacher().send("GET", "/api/classes/"+c.id+"/grades.csv", "")
	if strings.Contains(csv.body, ",=1+1") || !strings.Contains(csv.body, "'=1+1") {
		t.Errorf("a spreadsheet would run: %s", csv.body)
	}
}

// Another site's page can do nothing with a student's or teacher's cookies.
func TestOtherSites(t *testing.T) {
	c := openSchool(t)
	a := c.join("Ada")
	for _, path := range []string{"/class/leave", "/labs/first-connect", "/api/benches/" + a.bench + "/clients", "/join/" + c.code} {
		got := a.send("POST", path, "x=1", "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site")
		if got.status != http.StatusForbidden {
			t.Errorf("POST %s from another site answers %d", path, got.status)
		}
	}
	for _, path := range []string{"/api/class/live", "/api/benches/" + a.bench + "/live", "/mqtt/" + a.bench} {
		evil := &person{school: c, header: a.header.Clone()}
		evil.header.Set("Origin", "https://evil.example")
		if conn, status := evil.dial(path, "mqtt"); conn != nil || status != http.StatusForbidden {
			t.Errorf("%s from another site answers %d", path, status)
		}
	}
	if got := a.send("GET", "/api/class", ""); got.status != 200 {
		t.Errorf("the student is out: %d", got.status)
	}
}

// One student cannot spend what all share.
func TestStudentIsBounded(t *testing.T) {
	c := openSchool(t)
	a, b := c.join("Ada"), c.join("Bob")
	refused := 0
	for range limits.StudentBurst * 2 {
		if got := a.send("GET", "/api/class", ""); got.status == http.StatusTooManyRequests && got.header.Get("Retry-After") != "" {
			refused++
		}
	}
	if refused == 0 {
		t.Error("a student may ask without end")
	}
	b.want(200, "GET", "/api/class", "")
	open := 0
	for range limits.StudentSockets + 5 {
		if conn, _ := b.dial("/api/class/live"); conn != nil {
			open++
		}
	}
	if open != limits.StudentSockets {
		t.Errorf("%d WebSockets of one student", open)
	}
	third := c.join("Cid")
	for range limits.VirtualPerBench + 10 {
		third.send("POST", "/api/benches/"+third.bench+"/clients", "{}")
	}
	if n := len(third.want(200, "GET", "/api/benches/"+third.bench, "")["clients"].([]any)); n > limits.VirtualPerBench {
		t.Errorf("%d clients on a student's bench", n)
	}
	big := `{"broker":{"max_queued":1000000}}`
	if got := third.send("PUT", "/api/benches/"+third.bench+"/broker", big); got.status != 422 {
		t.Errorf("a broker beyond the bounds: %d %s", got.status, got.body)
	}
}

// What a student passed is there again on a bench that was made anew.
func TestProgressComesBack(t *testing.T) {
	c := openSchool(t)
	a := c.join("Ada")
	c.work(a)
	deadline := time.Now().Add(10 * time.Second)
	for {
		board := c.teacher().want(200, "GET", "/api/classes/"+c.id, "")
		row := board["rows"].([]any)[0].(map[string]any)
		if row["passed"].(map[string]any)["first-connect"] == 1.0 && row["lab"] == "first-connect" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the board does not see the step: %v", row)
		}
		time.Sleep(10 * time.Millisecond)
	}
	back := c.as("").send("POST", "/api/join", `{"code":"`+c.code+`","personal":"wrong"}`)
	if back.status != 404 {
		t.Errorf("a wrong personal code answers %d", back.status)
	}
	record := a.want(200, "GET", "/api/class/record.json", "")
	if grade := record["grades"].([]any)[0].(map[string]any); grade["score"] != 1.0 {
		t.Errorf("the record: %v", grade)
	}
	if got := a.send("POST", "/class/leave", "x=1"); got.status != http.StatusSeeOther {
		t.Errorf("leaving answers %d", got.status)
	}
	if board := c.teacher().want(200, "GET", "/api/classes/"+c.id, ""); board["students"] != 0.0 {
		t.Errorf("somebody who left is still there: %v", board)
	}
}

// A bench that nobody uses goes, and is there again, with its lab and what was
// passed, when its student comes back.
func TestIdleBenchComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := server.Open(server.Config{BenchIdle: time.Hour, Classes: &server.Classes{Dir: class.Memory, Operator: operator, Keep: 24 * time.Hour}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		c, _, err := s.Classes().School.New("9b")
		if err != nil {
			t.Fatal(err)
		}
		cookies := http.Header{}
		h := s.Handler()
		ask := func(method, path, body string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
			r.Header = cookies.Clone()
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w
		}
		joined := ask("POST", "/api/join", `{"code":"`+c.Code()+`","nickname":"Ada"}`)
		for _, cookie := range joined.Result().Cookies() {
			cookies.Add("Cookie", cookie.Name+"="+cookie.Value)
		}
		id := "s-" + c.Students()[0].ID()
		ask("PUT", "/api/benches/"+id+"/lab", `{"lab":"first-connect"}`)
		ask("POST", "/api/benches/"+id+"/clients/v1/open", "{}")
		synctest.Wait()
		before := ask("GET", "/api/benches/"+id+"/lab", "").Body.String()
		first := s.Bench(id)
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		if s.Bench(id) != nil {
			t.Error("a bench that nobody uses stays")
		}
		after := ask("GET", "/api/benches/"+id+"/lab", "").Body.String()
		if s.Bench(id) == nil || s.Bench(id) == first {
			t.Error("the bench is not made anew")
		}
		for _, state := range []string{before, after} {
			if strings.Count(state, `"passed":{`) != 1 {
				t.Errorf("not one step is passed: %s", state)
			}
		}
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if got := ask("GET", "/api/class", ""); got.Code != 404 {
			t.Errorf("a class that was kept long enough: %d", got.Code)
		}
	})
}
