package classroom

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"mqttlab/server/limits"
)

// meters bound what each student, and each address of strangers, asks of the
// machine.
type meters struct {
	now func() time.Time

	mu        sync.Mutex
	students  map[string]*meter
	addresses map[string]*rate.Limiter
}

// meter is what a student has asked for.
type meter struct {
	calls   *rate.Limiter
	mqtt    *rate.Limiter
	atOnce  int
	sockets int
}

// mostAddresses is how many addresses are told apart.
const mostAddresses = 10_000

func nothing() {}

// enter takes a request in, or refuses it; leave is called at its end.
func (m *meters) enter(req *http.Request, who Who) (leave func(), err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	if who.Student == nil {
		if req.Method != http.MethodGet && req.Method != http.MethodHead && !m.address(Remote(req)).AllowN(now, 1) {
			return nil, ErrFast
		}
		return nothing, nil
	}
	s := m.student(who.Student.ID())
	cost := 1 + int(min(max(req.ContentLength, 0), limits.BodyBytes)/limits.StudentBytes)
	if !s.calls.AllowN(now, cost) {
		return nil, ErrFast
	}
	count, most := &s.atOnce, limits.StudentAtOnce
	if strings.EqualFold(req.Header.Get("Upgrade"), "websocket") {
		count, most = &s.sockets, limits.StudentSockets
	}
	if *count >= most {
		return nil, ErrFast
	}
	*count++
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		*count--
	}, nil
}

// student returns a student's meter. It needs mu.
func (m *meters) student(id string) *meter {
	s := m.students[id]
	if s == nil {
		if m.students == nil {
			m.students = make(map[string]*meter)
		}
		s = &meter{calls: rate.NewLimiter(limits.StudentCalls, limits.StudentBurst), mqtt: rate.NewLimiter(limits.StudentMQTT, 4*limits.StudentMQTT)}
		m.students[id] = s
	}
	return s
}

// address returns the limiter of an address. It needs mu.
func (m *meters) address(from string) *rate.Limiter {
	l := m.addresses[from]
	if l == nil {
		if m.addresses == nil || len(m.addresses) >= mostAddresses {
			m.addresses = make(map[string]*rate.Limiter) // all begin anew, which costs less than to be right
		}
		l = rate.NewLimiter(limits.StrangerCalls, limits.StrangerBurst)
		m.addresses[from] = l
	}
	return l
}

func (m *meters) forget(student string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.students, student)
}

// Remote returns the address that a request came from, as guesses are counted
// by: of version 6 its network.
func Remote(req *http.Request) string {
	at, err := netip.ParseAddrPort(req.RemoteAddr)
	if err != nil {
		return req.RemoteAddr
	}
	return limits.Network(at.Addr()).String()
}

// slow lets what comes over the connection that a handler takes over come no
// faster than a student's MQTT clients may send.
func (m *meters) slow(w http.ResponseWriter, student string) http.ResponseWriter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slowWriter{w, m.student(student).mqtt}
}

type slowWriter struct {
	http.ResponseWriter
	limiter *rate.Limiter
}

// Hijack is what a WebSocket begins with.
func (w slowWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	return slowConn{conn, w.limiter}, rw, nil
}

// slowConn is a connection of bounded pace towards the server.
type slowConn struct {
	net.Conn
	limiter *rate.Limiter
}

// readAtOnce bounds what a pause is reckoned for.
const readAtOnce = 16 << 10

func (c slowConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p[:min(len(p), readAtOnce)])
	if n > 0 {
		_ = c.limiter.WaitN(context.Background(), n) // n is less than a burst
	}
	return n, err
}
