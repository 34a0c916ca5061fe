package server_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"mqttlab/server"
	"mqttlab/server/class"
)

const operator = "the-operators-token"

// school is a running server with a class.
type school struct {
	t     *testing.T
	url   string
	id    string // of the class
	code  string
	token string // the teacher's
	link  string
	log   *logged
}

// logged is a log that many may write to.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func openSchool(t *testing.T, settings ...func(*server.Config)) *school {
	t.Helper()
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	log := &logged{}
	cfg := server.Config{HTTP: listen(), MQTT: listen(), Classes: &server.Classes{Dir: class.Memory, Operator: operator},
		Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, set := range settings {
		set(&cfg)
	}
	s, err := server.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Run(t.Context()) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	c := &school{t: t, url: "http://" + cfg.HTTP.Addr().String(), log: log}
	made := c.as("Bearer "+operator).want(201, "POST", "/api/classes", `{"name":"9b"}`)
	c.id, c.code, c.token, c.link = made["id"].(string), made["code"].(string), made["token"].(string), made["link"].(string)
	return c
}

// person is somebody who sends requests.
type person struct {
	*school
	header http.Header
	bench  string
	id     string
}

// as is somebody with an Authorization header, or "" for a stranger.
func (c *school) as(authorization string) *person {
	h := http.Header{}
	if authorization != "" {
		h.Set("Authorization", authorization)
	}
	return &person{school: c, header: h}
}

func (c *school) teacher() *person { return c.as("Bearer " + c.token) }

// join is a new student.
func (c *school) join(nickname string) *person {
	c.t.Helper()
	body, _ := json.Marshal(map[string]string{"code": c.code, "nickname": nickname})
	p := c.as("")
	answer := p.send("POST", "/api/join", string(body))
	if answer.status != 201 {
		c.t.Fatalf("%q does not join: %d %s", nickname, answer.status, answer.body)
	}
	for _, cookie := range answer.cookies {
		if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode {
			c.t.Errorf("the cookie %s is open to scripts or other sites", cookie.Name)
		}
		p.header.Add("Cookie", cookie.Name+"="+cookie.Value)
	}
	var in map[string]any
	json.Unmarshal([]byte(answer.body), &in)
	p.bench, p.id = in["bench"].(string), in["id"].(string)
	return p
}

type answer struct {
	status  int
	body    string
	header  http.Header
	cookies []*http.Cookie
}

func (p *person) send(method, path, body string, headers ...string) answer {
	p.t.Helper()
	req, err := http.NewRequest(method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header = p.header.Clone()
	if strings.HasPrefix(body, "{") {
		req.Header.Set("Content-Type", "application/json")
	} else if body != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	req.Host = req.Header.Get("Host") // "": the URL's
	r, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer{r.StatusCode, string(data), r.Header, r.Cookies()}
}

// want sends a request, wants a status, and returns the JSON of the answer.
func (p *person) want(status int, method, path, body string) map[string]any {
	p.t.Helper()
	got := p.send(method, path, body)
	if got.status != status {
		p.t.Fatalf("%s %s answers %d, want %d: %s", method, path, got.status, status, got.body)
	}
	var out map[string]any
	json.Unmarshal([]byte(got.body), &out)
	return out
}

// dial opens a WebSocket.
func (p *person) dial(path string, protocols ...string) (*websocket.Conn, int) {
	p.t.Helper()
	conn, r, err := websocket.Dial(p.t.Context(), "ws"+strings.TrimPrefix(p.url, "http")+path,
		&websocket.DialOptions{HTTPHeader: p.header.Clone(), Subprotocols: protocols})
	status := 0
	if r != nil {
		status = r.StatusCode
	}
	if err == nil {
		p.t.Cleanup(func() { conn.CloseNow() })
	}
	return conn, status
}

// work gives a student's bench a lab and some packets, so that there is
// something to see.
func (c *school) work(a *person) {
	c.t.Helper()
	a.want(200, "PUT", "/api/benches/"+a.bench+"/lab", `{"lab":"first-connect"}`)
	a.want(200, "POST", "/api/benches/"+a.bench+"/clients/"+a.client()+"/open", "{}")
}

// client is the id of the first client on a student's bench.
func (a *person) client() string {
	a.t.Helper()
	clients := a.want(200, "GET", "/api/benches/"+a.bench, "")["clients"].([]any)
	return clients[0].(map[string]any)["id"].(string)
}
