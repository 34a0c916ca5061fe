package server_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"mqttlab/server"
	"mqttlab/server/class"
)

// router is a proxy that chooses between servers as the map of nginx in the
// help does.
func router(t *testing.T, servers map[string]*url.URL) *httptest.Server {
	t.Helper()
	help, err := os.ReadFile("../web/help/en/class.md")
	if err != nil {
		t.Fatal(err)
	}
	rules := func(name string) (all [][2]string) {
		_, block, ok := strings.Cut(string(help), `$`+name+` {`)
		if !ok {
			t.Fatalf("the help has no map for $%s", name)
		}
		block, _, _ = strings.Cut(block, "}")
		for _, m := range regexp.MustCompile(`"~([^"]*)" ([^;]*);`).FindAllStringSubmatch(block, -1) {
			all = append(all, [2]string{m[1], m[2]})
		}
		return all
	}
	pick := func(rules [][2]string, text string) string {
		for _, rule := range rules {
			if regexp.MustCompile(rule[0]).MatchString(text) {
				return rule[1]
			}
		}
		return ""
	}
	byAddress, process := rules("by_address"), rules("process")
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		cookie := ""
		if c, err := r.In.Cookie("mqttlab_server"); err == nil {
			cookie = c.Value
		}
		to := servers[pick(process, pick(byAddress, r.In.URL.RequestURI())+cookie)]
		if to == nil {
			to = servers["127.0.0.1:8081"]
		}
		r.SetURL(to)
		r.SetXForwarded()
		r.Out.Host = r.In.Host
	}}
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	return front
}

// Two servers behind one address: whoever comes with a code, a link or a cookie
// comes to the server whose class it is, and stays there.
func TestTwoServersBehindAProxy(t *testing.T) {
	servers := make(map[string]*url.URL)
	schools := make(map[string]*school)
	var ended []chan error
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(func() {
		stop()
		http.DefaultClient.CloseIdleConnections()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		for _, e := range ended {
			<-e
		}
	})
	for prefix, at := range map[string]string{"A": "127.0.0.1:8081", "B": "127.0.0.1:8082"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		s, err := server.Open(server.Config{HTTP: l, Classes: &server.Classes{Dir: class.Memory, Operator: operator, Prefix: prefix}})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		ended = append(ended, done)
		go func() { done <- s.Run(ctx) }()
		servers[at] = &url.URL{Scheme: "http", Host: l.Addr().String()}
		schools[prefix] = &school{t: t, url: servers[at].String()}
	}
	front := router(t, servers)
	for prefix, c := range schools {
		made := c.as("Bearer "+operator).want(201, "POST", "/api/classes", `{"name":"class `+prefix+`"}`)
		c.id, c.code, c.token, c.link = made["id"].(string), made["code"].(string), made["token"].(string), made["link"].(string)
		c.url = front.URL // from here on there is only the proxy
		if got := c.teacher().send("GET", "/api/classes/"+c.id, ""); got.status != 200 {
			t.Errorf("%s: the teacher's program gets %d", prefix, got.status)
		}
		teacher := c.as("")
		entered := teacher.send("GET", c.link, "")
		if entered.status != http.StatusSeeOther {
			t.Fatalf("%s: the teacher's link answers %d", prefix, entered.status)
		}
		student := c.as("")
		joined := student.send("POST", "/join/"+strings.ToLower(c.code), "nickname=Ada")
		if joined.status != http.StatusSeeOther {
			t.Fatalf("%s: joining answers %d: %s", prefix, joined.status, joined.body)
		}
		for p, a := range map[*person]answer{teacher: entered, student: joined} {
			for _, cookie := range a.cookies {
				p.header.Add("Cookie", cookie.Name+"="+cookie.Value)
			}
		}
		me := student.want(200, "GET", "/api/class", "")
		if name := me["class"].(map[string]any)["name"]; name != "class "+prefix {
			t.Errorf("%s: the student is in %v", prefix, name)
		}
		bench := me["bench"].(string)
		student.want(201, "POST", "/api/benches/"+bench+"/clients", "{}")
		live, status := student.dial("/api/benches/" + bench + "/live")
		if live == nil {
			t.Fatalf("%s: the live stream answers %d", prefix, status)
		}
		read, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if _, _, err := live.Read(read); err != nil {
			t.Errorf("%s: the live stream is silent: %v", prefix, err)
		}
		cancel()
		live.CloseNow()
		if got := teacher.send("GET", "/b/"+bench, ""); got.status != 200 {
			t.Errorf("%s: over the shoulder: %d", prefix, got.status)
		}
		if got := student.send("GET", "/api/benches/main", ""); got.status != 404 {
			t.Errorf("%s: a student comes to the bench main through the proxy: %d", prefix, got.status)
		}
	}
}

// The bench main is this machine's; what a proxy passes on is not from here,
// whatever header says so, nor what comes under a public name.
func TestMainIsNotPassedOn(t *testing.T) {
	c := openSchool(t, func(cfg *server.Config) { cfg.Hosts = []string{"lab.example"} })
	stranger := c.as("")
	if got := stranger.send("GET", "/api/benches/main", ""); got.status != 200 {
		t.Errorf("from here: %d", got.status)
	}
	for _, header := range []string{"X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via", "X-Real-IP"} {
		if got := stranger.send("GET", "/api/benches/main", "", header, "192.0.2.1"); got.status != 404 {
			t.Errorf("by a proxy that sends %s: %d", header, got.status)
		}
	}
	if got := stranger.send("GET", "/api/benches/main", "", "Host", "lab.example"); got.status != 404 {
		t.Errorf("under a public name: %d", got.status)
	}
}
