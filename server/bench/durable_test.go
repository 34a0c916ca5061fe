package bench_test

import (
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/server/bench"
)

// inMemory is a Store that commits when it is let.
type inMemory struct {
	let     chan struct{} // nil: at once
	err     error
	mu      sync.Mutex
	commits int
	kept    map[string][]byte
}

func (m *inMemory) Commit(changes []broker.Record) error {
	if m.let != nil {
		<-m.let
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.commits++
	if m.kept == nil {
		m.kept = map[string][]byte{}
	}
	for _, c := range changes {
		if m.kept[c.Key] = c.Value; c.Value == nil {
			delete(m.kept, c.Key)
		}
	}
	return m.err
}

func (m *inMemory) records() (list []broker.Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, value := range m.kept {
		list = append(list, broker.Record{Key: key, Value: value})
	}
	return list
}

const publish1 = "320f 0006 746573742f61 0001 68656c6c6f" // test/a hello, QoS 1, id 1

// answers reads n bytes, or what comes until the connection ends or time is up.
func answers(conn net.Conn, n int, wait time.Duration) int {
	conn.SetReadDeadline(time.Now().Add(wait))
	got, buf := 0, make([]byte, 256)
	for got < n {
		k, err := conn.Read(buf)
		got += k
		if err != nil {
			break
		}
	}
	return got
}

func TestNothingIsAcknowledgedBeforeItIsKept(t *testing.T) {
	m := &inMemory{let: make(chan struct{})}
	_, address := started(t, bench.Config{Store: m})
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Write(unhex(t, connectTwo+subTest))
	if n := answers(conn, 4, 50*time.Millisecond); n != 0 {
		t.Errorf("%d bytes were sent before anything was kept", n)
	}
	m.let <- struct{}{}
	if n := answers(conn, 9, 5*time.Second); n != 9 { // CONNACK and SUBACK
		t.Errorf("%d bytes", n)
	}
	conn.Write(unhex(t, publish1))
	if n := answers(conn, 1, 50*time.Millisecond); n != 0 {
		t.Errorf("%d bytes were sent before the message was kept", n)
	}
	close(m.let)
	if n := answers(conn, 17+4, 5*time.Second); n != 17+4 { // PUBLISH and PUBACK
		t.Errorf("%d bytes", n)
	}
	conn.Write(unhex(t, pingreq)) // changes nothing
	if n := answers(conn, 2, 5*time.Second); n != 2 {
		t.Errorf("%d bytes", n)
	}
	m.mu.Lock()
	commits := m.commits
	m.mu.Unlock()
	if commits != 2 {
		t.Errorf("%d commits for two reads that changed something", commits)
	}

	again := bench.New(bench.Config{Store: &inMemory{}})
	defer again.Close()
	if err := again.Restore(m.records()); err != nil {
		t.Fatal(err)
	}
	s := again.State().Sessions
	if len(s) != 1 || len(s[0].Subscriptions) != 1 || len(s[0].Inflight) != 1 {
		t.Errorf("restored %+v", s)
	}
}

func TestABrokenStoreStopsTheBench(t *testing.T) {
	failed := make(chan error, 1)
	m := &inMemory{err: errors.New("disk full")}
	_, address := started(t, bench.Config{Store: m, Failed: func(err error) { failed <- err }})
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Write(unhex(t, connectTwo+publish1))
	if n := answers(conn, 8, 5*time.Second); n != 0 {
		t.Errorf("%d bytes were sent though nothing is kept", n)
	}
	select {
	case err := <-failed:
		if err.Error() != "disk full" {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Error("nobody is told")
	}
	if conn, err := net.Dial("tcp", address); err == nil {
		conn.Close()
		t.Error("the bench still listens")
	}
}

// A client that is taken off the list while its connection is open stays off
// it, though the end of its session has to be kept first.
func TestRemovedIsNotListedAgain(t *testing.T) {
	b, address := started(t, bench.Config{Store: &inMemory{}})
	p := dial(t, address)
	p.send(connectTwo)
	p.expect("20020000")
	if err := b.RemoveClient("t1"); err != nil {
		t.Fatal(err)
	}
	p.closed()
	var last bench.Client
	for _, e := range b.Log().Range(nil, 1, 1<<62) {
		if c, ok := e.Detail.(bench.Client); ok {
			last = c
		}
	}
	if !last.Removed {
		t.Errorf("the last word on the client: %+v", last)
	}
}
