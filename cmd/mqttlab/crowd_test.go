package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"mqttlab/server/limits"
)

// crowd is how many students a class of the benchmark has, lesson how long
// they work.
const (
	crowd  = 300
	lesson = 30 * time.Second
)

// BenchmarkClass is a lesson of a class of 300 in a program of its own: every
// student has an own bench with a live stream and hears the class's news,
// loads a page, types, sends packets and passes steps at the pace of a class,
// while the teacher looks at the board. It reports how long each kind of request
// takes and the memory of the program.
func BenchmarkClass(b *testing.B) {
	for b.Loop() {
		c := openClass(b, b.TempDir())
		var all sync.WaitGroup
		ctx, cancel := context.WithTimeout(b.Context(), lesson)
		defer cancel()
		for i := range crowd {
			all.Go(func() { c.study(ctx, i) })
		}
		all.Go(func() { c.watchBoard(ctx) })
		time.Sleep(lesson - 2*time.Second)
		resident := residentKB(b, c.pid)
		all.Wait()
		c.report(b)
		b.ReportMetric(float64(resident)/1024, "MiB")
		b.ReportMetric(float64(c.passed.Load()), "steps")
		b.ReportMetric(float64(c.seen.Load()), "board-messages")
		if c.failed.Load() > 0 {
			b.Errorf("%d requests failed, the first: %s", c.failed.Load(), c.firstFailure)
		}
	}
}

// bigClass is a class in a program of its own.
type bigClass struct {
	url, code, board, mqtt, profiles string
	pid                              int
	client                           *http.Client
	log                              lockedBuffer // what the program writes to standard error

	passed, seen, failed atomic.Int64

	mu           sync.Mutex
	took         map[string][]time.Duration
	firstFailure string
}

// openClass starts the program with a class, and with further flags.
func openClass(t testing.TB, dir string, more ...string) *bigClass {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &bigClass{took: make(map[string][]time.Duration),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: crowd, IdleConnTimeout: limits.IdleTimeout / 4}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	cmd := exec.Command(self, append([]string{"-http", "127.0.0.1:0", "-mqtt", "127.0.0.1:0", "-class-data", dir, "-class=crowd"}, more...)...)
	cmd.Args[0] = "mqttlab" // as testscript.Main wants it
	cmd.Stderr = io.MultiWriter(os.Stderr, &c.log)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	c.pid = cmd.Process.Pid
	for lines := bufio.NewScanner(out); c.board == "" && lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ":")
		switch value = strings.TrimSpace(value); name {
		case "Workbench":
			c.url = strings.TrimSuffix(value, "/")
		case "MQTT":
			c.mqtt = value
		case "Profiles":
			c.profiles = value
		case "Class":
			_, c.code, _ = strings.Cut(value, "code ")
		case "Board":
			c.board, _, _ = strings.Cut(value, " ")
		}
	}
	if c.board == "" {
		t.Fatal("mqttlab does not say where the class is")
	}
	return c
}

// pupil is somebody with cookies.
type pupil struct {
	*bigClass
	cookie string
	bench  string
	buf    bytes.Buffer
}

// ask sends a request and notes how long the answer took to come, whole.
func (p *pupil) ask(kind, method, path, body string) []byte {
	req, err := http.NewRequest(method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.fail(err.Error())
		return nil
	}
	req.Header.Set("Cookie", p.cookie)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	began := time.Now()
	r, err := p.client.Do(req)
	if err != nil {
		p.fail(kind + ": " + err.Error())
		return nil
	}
	defer r.Body.Close()
	p.buf.Reset()
	if _, err := io.Copy(&p.buf, r.Body); err != nil || r.StatusCode >= 400 {
		p.fail(fmt.Sprintf("%s: %d %v %.200s", kind, r.StatusCode, err, p.buf.Bytes()))
	}
	p.note(kind, time.Since(began))
	for _, c := range r.Cookies() {
		p.cookie += "; " + c.Name + "=" + c.Value
	}
	if kind == "board link" {
		return []byte(r.Header.Get("Location"))
	}
	return p.buf.Bytes()
}

func (c *bigClass) note(kind string, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.took[kind] = append(c.took[kind], took)
}

func (c *bigClass) fail(why string) {
	if c.failed.Add(1) == 1 {
		c.mu.Lock()
		c.firstFailure = why
		c.mu.Unlock()
	}
}

// listen opens a stream and reads it until the end; each message is for take.
func (p *pupil) listen(ctx context.Context, kind, path string, take func([]byte)) {
	began := time.Now()
	conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(p.url, "http")+path, &websocket.DialOptions{HTTPHeader: http.Header{"Cookie": {p.cookie}}})
	if err != nil {
		if ctx.Err() == nil {
			p.fail(kind + ": " + err.Error())
		}
		return
	}
	defer conn.CloseNow()
	conn.SetReadLimit(1 << 20)
	for first := true; ; first = false {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return
		}
		if first {
			p.note(kind, time.Since(began))
		}
		take(data)
	}
}

// study is one student's lesson: the first lab, step by step, and typing and
// sending after it.
func (c *bigClass) study(ctx context.Context, number int) {
	ctx, cancel := context.WithCancel(ctx)
	var streams sync.WaitGroup
	defer streams.Wait()
	defer cancel()
	if !pause(ctx, 0, 6*time.Second) { // nobody joins at the same moment
		return
	}
	s := c.joins(number)
	if s == nil {
		return
	}
	s.watch(ctx, &streams)
	for turn := 0; pause(ctx, time.Second, 3*time.Second); turn++ {
		s.turn(turn)
	}
	if s.packet.Load() == 0 {
		c.fail("a bench's stream brings no packet")
	}
}

// pause waits for a time between the two. It returns false if ctx ends.
func pause(ctx context.Context, least, most time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(least + rand.N(most-least)):
		return true
	}
}

// student is a pupil who has joined and begun the first lab.
type student struct {
	*pupil
	api, client string
	next        uint64       // event that the bench's stream is to bring next
	packet      atomic.Int64 // number of the latest packet that it brought
	gaps        atomic.Int64 // how often it said that some are missing
}

// joins has one more student join; nil if that fails.
func (c *bigClass) joins(number int) *student {
	s := &student{pupil: &pupil{bigClass: c}, next: 1}
	var in struct{ Bench string }
	if err := json.Unmarshal(s.ask("join", "POST", "/api/join", fmt.Sprintf(`{"code":%q,"nickname":"Student %d"}`, c.code, number)), &in); err != nil {
		c.fail(err.Error())
		return nil
	}
	s.bench = in.Bench
	s.api = "/api/benches/" + s.bench
	s.ask("class page", "GET", "/class", "")
	s.ask("begin a lab", "PUT", s.api+"/lab", `{"lab":"first-connect"}`)
	s.ask("bench page", "GET", "/b/"+s.bench, "")
	var bench struct{ Clients []struct{ ID string } }
	if json.Unmarshal(s.ask("bench", "GET", s.api, ""), &bench) != nil || len(bench.Clients) == 0 {
		c.fail("the lab's bench has no clients")
		return nil
	}
	s.client = s.api + "/clients/" + bench.Clients[0].ID
	return s
}

// watch opens the streams of a page until ctx ends: the bench's from where the
// last one ended, and the class's.
func (s *student) watch(ctx context.Context, streams *sync.WaitGroup) {
	bench, news := *s.pupil, *s.pupil // each has an own buffer
	bench.buf, news.buf = bytes.Buffer{}, bytes.Buffer{}
	streams.Go(func() { bench.listen(ctx, "bench stream", fmt.Sprintf("%s/live?from=%d", s.api, s.next), s.follow) })
	streams.Go(func() { news.listen(ctx, "news stream", "/api/class/live", func([]byte) {}) })
}

// follow takes a message of the bench's stream: each event comes once, in
// order, or it is said that it does not.
func (s *student) follow(data []byte) {
	var said struct {
		Type     string
		From, To uint64
		Events   []struct {
			N    uint64
			Kind string
		}
	}
	if err := json.Unmarshal(data, &said); err != nil {
		s.fail("a message of the stream: " + err.Error())
		return
	}
	if said.Type == "gap" {
		if said.From != s.next || said.To <= said.From {
			s.fail(fmt.Sprintf("a gap from %d to %d is told where %d is next", said.From, said.To, s.next))
		}
		s.next = said.To
		s.gaps.Add(1)
	}
	for _, e := range said.Events {
		if e.N != s.next {
			s.fail(fmt.Sprintf("event %d comes where %d is next", e.N, s.next))
		}
		s.next = e.N + 1
		if e.Kind == "packet" {
			s.packet.Store(int64(e.N))
		}
	}
}

// turn is what a student does in some seconds: types, and either goes on in
// the lab or, after its end, sends and looks.
func (s *student) turn(turn int) {
	letter := string(rune('a' + turn%26))
	s.ask("type", "POST", "/ui/draft", `{"form":{"type":"PUBLISH","version":"3.1.1","topic":"room/`+letter+`","qos":1,"packet_id":7,"payload":"21.5"},"was":"3009000461"}`)
	steps := []func(){
		func() { s.ask("open", "POST", s.client+"/open", "{}") },
		func() { s.ask("hand in", "POST", s.api+"/lab/build", `{"hex":"100e00044d5154540402003c00026162"}`) }, // a mistake
		func() {
			s.ask("hand in", "POST", s.api+"/lab/build", `{"hex":"100f00044d5154540402003c0003616461"}`)
		},
		func() { s.ask("answer", "POST", s.api+"/lab/answer", `{"answer":"20"}`) },
		func() { s.ask("send", "POST", s.client+"/send", `{"hex":"100f00044d5154540402003c0003616461"}`) },
	}
	switch {
	case turn%2 == 1:
	case turn/2 < len(steps):
		steps[turn/2]()
		if turn/2 != 1 {
			s.passed.Add(1)
		}
		s.ask("steps", "GET", "/ui/benches/"+s.bench+"/lab?rev=0", "")
	default:
		s.ask("send", "POST", s.client+"/send", `{"hex":"320e0006726f6f6d2f61000732312e35"}`)
		s.ask("packet", "GET", fmt.Sprintf("/ui/benches/%s/packets/%d", s.bench, s.packet.Load()), "")
		s.ask("rows", "GET", s.api+"/rows?from=1&limit=50", "")
	}
}

// watchBoard looks at the board as a teacher does.
func (c *bigClass) watchBoard(ctx context.Context) {
	p := &pupil{bigClass: c}
	_, path, _ := strings.Cut(c.board, "/class/teach")
	at := string(p.ask("board link", "GET", "/class/teach"+path, ""))
	id := strings.TrimPrefix(at, "/class/")
	p.ask("board page", "GET", at, "")
	var all sync.WaitGroup
	defer all.Wait()
	looking := *p
	looking.buf = bytes.Buffer{}
	all.Go(func() {
		for first := true; first || pause(ctx, 2*time.Second, 2*time.Second+1); first = false {
			looking.ask("whole board", "GET", "/api/classes/"+id, "")
			looking.ask("grades", "GET", "/api/classes/"+id+"/grades.csv", "")
		}
	})
	p.listen(ctx, "board stream", "/api/classes/"+id+"/live", func([]byte) { c.seen.Add(1) })
}

// report logs how long the requests of each kind took, and the worst of them.
func (c *bigClass) report(b *testing.B) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kinds := make([]string, 0, len(c.took))
	for kind := range c.took {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	worst := time.Duration(0)
	var lines strings.Builder
	total := 0
	for _, kind := range kinds {
		took := c.took[kind]
		slices.Sort(took)
		p99 := took[(len(took)-1)*99/100]
		worst = max(worst, p99)
		total += len(took)
		fmt.Fprintf(&lines, "%-14s %6d  p50 %8s  p99 %8s  max %8s\n", kind, len(took), took[len(took)/2].Round(10*time.Microsecond), p99.Round(10*time.Microsecond), took[len(took)-1].Round(10*time.Microsecond))
	}
	b.Logf("\n%s", lines.String())
	b.ReportMetric(float64(worst)/float64(time.Millisecond), "worst-p99-ms")
	b.ReportMetric(float64(total)/lesson.Seconds(), "requests/s")
}

// residentKB is the memory of a process, in KiB.
func residentKB(t testing.TB, pid int) (kb int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("the memory of another process can be read on Linux only")
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	fmt.Sscan(after, &kb)
	return kb
}

// lockedBuffer is a buffer that is read while it is written to.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
