package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// TestSoak has a class at work for as long as MQTTLAB_SOAK says, such as 10m,
// with 300 students: each has pages that watch and are loaded again, types,
// sends, goes through a lab, and has an MQTT client of its own with a
// persistent session, over WebSocket to the own bench or over TCP to the
// bench main, that loses its connection again and again. Nothing acknowledged
// is lost, no message of QoS 2 comes twice, no live event is missing that is
// not said to be, no request fails, nothing is wrong in the log; and memory,
// goroutines and files neither grow while they work nor stay when they have
// gone. Without MQTTLAB_SOAK a few students hurry through some turns.
func TestSoak(t *testing.T) {
	length, _ := time.ParseDuration(os.Getenv("MQTTLAB_SOAK"))
	students, turns := crowd, 1<<30
	if length == 0 {
		students, turns = 6, 14
	}
	c := openClass(t, t.TempDir(), "-pprof", "127.0.0.1:0", "-log-format", "json")
	s := &soak{bigClass: c, t: t, turns: turns, hurry: length == 0}

	// Everybody joins, fills the capture of the own bench, and goes: from here
	// on, nothing has a reason to grow.
	for i := range students {
		one := c.joins(i)
		if one == nil {
			t.Fatal(c.firstFailure)
		}
		s.students = append(s.students, &soaked{student: one, keeper: &keeper{t: t, id: fmt.Sprint("own", i), topic: fmt.Sprint("own/", i), filter: fmt.Sprint("own/", i)}, tcp: i%10 == 4})
		if !s.hurry {
			s.students[i].fill()
		}
	}
	s.work(t.Context(), min(3, turns))
	before := s.rest()

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if !s.hurry {
		ctx, cancel = context.WithTimeout(ctx, length)
		defer cancel()
	}
	var looks sync.WaitGroup
	looks.Go(func() { s.lookOn(ctx, length/60) })
	s.work(ctx, turns)
	cancel()
	looks.Wait()
	for _, one := range s.students {
		one.settle()
	}
	after := s.rest()
	t.Logf("before: %v", before)
	t.Logf("after:  %v", after)
	for what, grown := range map[string]float64{"goroutines": after.goroutines - before.goroutines, "files": after.files - before.files} {
		if grown > 5 { // what happens to end just now, such as a timer's
			t.Errorf("%.0f more %s are there than before the students worked", grown, what)
		}
	}
	s.flat()
	s.verify()
}

// soak is a class that is looked at.
type soak struct {
	*bigClass
	t        *testing.T
	students []*soaked
	turns    int
	hurry    bool // nobody waits between turns

	looks []look
}

// soaked is a student with an MQTT client.
type soaked struct {
	*student
	keeper *keeper
	tcp    bool // to the bench main, over TCP
	conns  int
	done   int // turns
}

// work has all students work for some turns, or until ctx ends. When it
// returns, all their streams and connections are closed.
func (s *soak) work(ctx context.Context, turns int) {
	var all, teacher sync.WaitGroup
	for _, one := range s.students {
		all.Go(func() { one.work(ctx, turns, s.hurry) })
	}
	if turns == s.turns { // the link to the board opens once
		lesson, end := context.WithCancel(ctx)
		defer teacher.Wait()
		defer end()
		teacher.Go(func() { s.watchBoard(lesson) })
	}
	all.Wait()
}

// work is a student's. A page is loaded again now and then, and takes up the
// stream where the last one left it; the MQTT client is cut off now and then.
func (one *soaked) work(ctx context.Context, turns int, hurry bool) {
	var client sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	defer client.Wait()
	defer cancel()
	client.Go(func() { one.talk(ctx, turns, hurry) })
	page, leave := context.WithCancel(ctx)
	var streams sync.WaitGroup
	one.watch(page, &streams)
	for range turns {
		if !hurry && !pause(ctx, time.Second, 3*time.Second) || ctx.Err() != nil {
			break
		}
		one.turn(one.done)
		if one.done++; one.done%12 == 0 {
			leave()
			streams.Wait()
			one.ask("bench page", "GET", "/b/"+one.bench, "")
			page, leave = context.WithCancel(ctx)
			one.watch(page, &streams)
		}
	}
	leave()
	streams.Wait()
}

// dial connects the MQTT client.
func (one *soaked) dial(ctx context.Context) (net.Conn, error) {
	one.conns++
	if one.tcp {
		return net.Dial("tcp", one.mqtt)
	}
	conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(one.url, "http")+"/mqtt/"+one.bench,
		&websocket.DialOptions{HTTPHeader: http.Header{"Cookie": {one.cookie}}, Subprotocols: []string{"mqtt"}})
	if err != nil {
		return nil, err
	}
	return websocket.NetConn(context.Background(), conn, websocket.MessageBinary), nil
}

// talk has the MQTT client publish, take and acknowledge. Each connection ends
// without DISCONNECT, at any moment of an exchange.
func (one *soaked) talk(ctx context.Context, turns int, hurry bool) {
	k := one.keeper
	defer k.hangUp()
	for connection := 0; connection < turns && ctx.Err() == nil; connection++ {
		conn, err := one.dial(ctx)
		if err != nil {
			if ctx.Err() == nil {
				one.fail("MQTT: " + err.Error())
			}
			return
		}
		k.attach(conn)
		taken, most := 0, 20+rand.IntN(200)
		next := time.After(0)
		for alive := true; alive && taken < most; {
			select {
			case <-ctx.Done():
				alive = false
			case <-next:
				k.publish(3)
				if !hurry {
					next = time.After(time.Second/2 + rand.N(time.Second))
				}
			case p, ok := <-k.packets:
				if alive = k.take(p, ok); !alive {
					one.fail("the server ended an MQTT connection")
				}
				if taken++; hurry {
					k.publish(3)
				}
			}
		}
		k.hangUp()
	}
}

// settle has the MQTT client finish all that is under way.
func (one *soaked) settle() {
	conn, err := one.dial(context.Background())
	if err != nil {
		one.fail(err.Error())
		return
	}
	k := one.keeper
	k.attach(conn)
	k.until(func() bool { return k.connected && len(k.pending) == 0 && len(k.got) >= len(k.sent) })
	k.hangUp()
}

// fill works until captures drop their oldest events: that of the student's
// own bench and, if the MQTT client is to be there, that of main. It is work of
// the kind that follows, so that from then on captures change but do not grow.
func (one *soaked) fill() {
	client := *one
	client.tcp = false
	client.fillBench(one.bench)
	if one.tcp {
		one.fillBench("main")
	}
}

func (one *soaked) fillBench(bench string) {
	k := &keeper{t: one.keeper.t, id: "filler of " + one.bench, topic: "fill/" + one.bench, filter: "fill/" + one.bench}
	for !one.drops(bench) {
		conn, err := one.dial(context.Background())
		if err != nil {
			one.fail(err.Error())
			return
		}
		k.attach(conn)
		for enough := len(k.got) + 60; len(k.got) < enough; {
			k.publish(3)
			k.until(func() bool { return k.connected && len(k.pending) < 3 })
		}
		k.hangUp()
	}
}

// drops says whether the capture of a bench has dropped anything.
func (one *soaked) drops(bench string) bool {
	as := &pupil{bigClass: one.bigClass}
	if bench == one.bench {
		as.cookie = one.cookie
	}
	var held struct{ Dropped uint64 }
	if err := json.Unmarshal(as.ask("bench", "GET", "/api/benches/"+bench, ""), &held); err != nil {
		one.keeper.t.Fatal(err)
	}
	return held.Dropped > 0
}

// look is what the program takes at a moment.
type look struct{ heap, resident, goroutines, files float64 }

func (l look) String() string {
	return fmt.Sprintf("heap %.1f MiB, resident %.1f MiB, %.0f goroutines, %.0f files", l.heap/(1<<20), l.resident/(1<<20), l.goroutines, l.files)
}

var (
	collected  = regexp.MustCompile(`(?m)^# NumGC = (\d+)`)
	heapLive   = regexp.MustCompile(`(?m)^go_gc_heap_live_bytes (\S+)`)
	goroutines = regexp.MustCompile(`goroutine profile: total (\d+)`)
)

// look looks after a collection of garbage. The heap is what that has left: how
// much has been allocated since, on a busy machine, does not count.
func (s *soak) look() (l look, err error) {
	read := func(url string, find *regexp.Regexp) float64 {
		answer, e := http.Get(url)
		if e != nil {
			err = e
			return 0
		}
		defer answer.Body.Close()
		text, e := io.ReadAll(answer.Body)
		m := find.FindSubmatch(text)
		if e != nil || m == nil {
			err = errors.Join(e, fmt.Errorf("%s says no %v", url, find))
			return 0
		}
		n, _ := strconv.ParseFloat(string(m[1]), 64)
		return n
	}
	read(s.profiles+"heap?gc=1&debug=1", collected)
	l.heap = read(s.url+"/metrics", heapLive)
	l.goroutines = read(s.profiles+"goroutine?debug=1", goroutines)
	l.resident = float64(residentKB(s.t, s.pid)) * 1024
	files, e := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.pid))
	l.files = float64(len(files))
	return l, errors.Join(err, e)
}

// rest looks when everybody has gone: when no fewer goroutines and files are
// there than a moment ago, for a while.
func (s *soak) rest() look {
	s.t.Helper()
	s.client.CloseIdleConnections()
	var least look
	for same, tries := 0, 0; same < 10; tries++ {
		now, err := s.look()
		if err != nil || tries > 600 {
			s.t.Fatalf("it does not come to rest: %v, %v", now, err)
		}
		if same++; tries == 0 || now.goroutines < least.goroutines || now.files < least.files {
			same, least = 0, now
		}
		time.Sleep(20 * time.Millisecond)
	}
	return least
}

// lookOn looks from time to time, until ctx ends.
func (s *soak) lookOn(ctx context.Context, every time.Duration) {
	if every == 0 {
		return
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		l, err := s.look()
		if err != nil {
			s.t.Error(err)
			return
		}
		if ctx.Err() != nil { // they are leaving
			return
		}
		s.looks = append(s.looks, l)
		s.t.Log(l)
	}
}

// flat looks whether anything grew in the second half of the time. Growth is
// that of the straight line that fits best, so that one look does not decide.
// What is allowed is what a class at work varies by: the garbage collector
// keeps a tenth of memory this way or that, and of 300 students some are just
// connecting. Anything kept for each of some ten thousand connections and
// hundred thousand requests is far more than that.
func (s *soak) flat() {
	steady := s.looks[len(s.looks)/2:]
	if len(steady) < 10 {
		return // too short to say
	}
	for _, one := range []struct {
		what    string
		of      func(look) float64
		allowed float64
	}{
		{"heap", func(l look) float64 { return l.heap }, 0.05},
		{"resident memory", func(l look) float64 { return l.resident }, 0.10},
		{"goroutines", func(l look) float64 { return l.goroutines }, 0.03},
		{"files", func(l look) float64 { return l.files }, 0.03},
	} {
		grown, mean := growth(steady, one.of)
		s.t.Logf("%s: %.0f on average, %+.2f %% from the middle to the end", one.what, mean, 100*grown/mean)
		if grown > one.allowed*mean {
			s.t.Errorf("%s grew by %.1f %%", one.what, 100*grown/mean)
		}
	}
}

// growth is by how much the straight line rises that fits best, and the mean.
func growth(looks []look, of func(look) float64) (grown, mean float64) {
	n := float64(len(looks))
	middle := (n - 1) / 2
	var up, across float64
	for _, l := range looks {
		mean += of(l) / n
	}
	for i, l := range looks {
		x := float64(i) - middle
		up += x * (of(l) - mean)
		across += x * x
	}
	return up / across * (n - 1), mean
}

// verify looks whether anything was lost, and whether anything went wrong.
func (s *soak) verify() {
	messages, connections, again, gaps := 0, 0, 0, int64(0)
	for _, one := range s.students {
		k := one.keeper
		for number, qos := range k.sent {
			if n := k.got[number]; n == 0 || qos == 2 && n != 1 {
				s.t.Errorf("%s: message %d, QoS %d, was delivered %d times", k.id, number, qos, n)
			}
		}
		if len(k.got) > len(k.sent) {
			s.t.Errorf("%s: messages came that nobody sent", k.id)
		}
		if one.packet.Load() == 0 {
			s.t.Errorf("%s: no packet was seen on the page", k.id)
		}
		messages, connections, again, gaps = messages+len(k.sent), connections+one.conns, again+k.again, gaps+one.gaps.Load()
	}
	s.mu.Lock()
	requests := 0
	for _, took := range s.took {
		requests += len(took)
	}
	s.mu.Unlock()
	s.t.Logf("%d students: %d requests and streams, %d MQTT connections, %d messages of QoS 1 and 2 (%d more than once, QoS 1), %d gaps in streams, told", len(s.students), requests, connections, messages, again, gaps)
	if messages < len(s.students)*3 {
		s.t.Error("the MQTT clients have hardly sent anything")
	}
	if s.failed.Load() > 0 {
		s.t.Errorf("%d requests failed, the first: %s", s.failed.Load(), s.firstFailure)
	}
	answer, err := http.Get(s.url + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	figures, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		s.t.Fatal(answer.Status, err)
	}
	if bad := regexp.MustCompile(`(?m)^mqttlab_http_requests_total\{.*status="5.*$`).Find(figures); bad != nil {
		s.t.Errorf("the server has failed: %s", bad)
	}
	if log := s.log.String(); strings.Contains(log, "panic") || strings.Contains(log, `"level":"ERROR"`) || strings.Contains(log, `"level":"WARN"`) {
		s.t.Errorf("the log has: %.2000s", log)
	}
}

// TestGrowth shows that what grows is seen, and what only varies is not.
func TestGrowth(t *testing.T) {
	var leaks, varies []look
	for i := range 30 {
		wobble := 10 * math.Sin(float64(i)*2.4)
		leaks = append(leaks, look{heap: 500 + wobble + float64(i)})
		varies = append(varies, look{heap: 500 + wobble})
	}
	if grown, mean := growth(leaks, func(l look) float64 { return l.heap }); grown < 0.05*mean {
		t.Errorf("a growth of 29 in %.0f is taken for %.1f", mean, grown)
	}
	if grown, mean := growth(varies, func(l look) float64 { return l.heap }); grown > 0.01*mean {
		t.Errorf("what does not grow is said to by %.1f in %.0f", grown, mean)
	}
}
