package flow_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
)

// TestMosquitto listens in on Mosquitto and its clients, which keep the rules:
// in what they say to each other, nothing may be found wrong.
func TestMosquitto(t *testing.T) {
	for _, tool := range []string{"mosquitto", "mosquitto_pub", "mosquitto_sub"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%v (make tools installs it)", err)
		}
	}
	broker := startMosquitto(t)
	for _, version := range []string{"mqttv31", "mqttv311", "mqttv5"} {
		for qos := range 3 {
			t.Run(fmt.Sprintf("%s/qos%d", version, qos), func(t *testing.T) {
				t.Parallel()
				tap := listenIn(t, broker)
				topic := "t/" + t.Name()
				q := fmt.Sprint(qos)
				sub := exec.Command("mosquitto_sub", tap.args(version, "-t", topic, "-q", q, "-C", "12", "-W", "20")...)
				if err := sub.Start(); err != nil {
					t.Fatal(err)
				}
				tap.wait(t, packet.SUBACK)
				pub := exec.Command("mosquitto_pub", tap.args(version, "-t", topic, "-q", q, "-m", "hello", "--repeat", "12")...)
				if out, err := pub.CombinedOutput(); err != nil {
					t.Errorf("%v: %s", err, out)
				}
				if err := sub.Wait(); err != nil {
					t.Error(err)
				}
				tap.check(t)
			})
		}
	}
}

func startMosquitto(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(address)
	config := filepath.Join(t.TempDir(), "mosquitto.conf")
	if err := os.WriteFile(config, []byte("listener "+port+" 127.0.0.1\nallow_anonymous true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("mosquitto", "-c", config)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	for range 100 {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return address
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("mosquitto does not listen")
	return ""
}

// tap passes connections on to a broker and follows each.
type tap struct {
	listener net.Listener
	mu       sync.Mutex
	log      []string
	faults   []string
	seen     map[packet.Type]int
	links    int
	open     sync.WaitGroup
}

func listenIn(t *testing.T, broker string) *tap {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tap := &tap{listener: l, seen: map[packet.Type]int{}}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", broker)
			if err != nil {
				client.Close()
				continue
			}
			w := &wire{tap: tap, conn: flow.New(flow.Options{Whole: true})}
			tap.open.Add(2)
			go w.pass(client, server, packet.Client)
			go w.pass(server, client, packet.Server)
		}
	}()
	return tap
}

func (tap *tap) args(version string, more ...string) []string {
	host, port, _ := net.SplitHostPort(tap.listener.Addr().String())
	return append([]string{"-h", host, "-p", port, "-V", version}, more...)
}

func (tap *tap) wait(t *testing.T, kind packet.Type) {
	for range 300 {
		tap.mu.Lock()
		n := tap.seen[kind]
		tap.mu.Unlock()
		if n > 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("no ", kind)
}

func (tap *tap) check(t *testing.T) {
	tap.open.Wait()
	tap.mu.Lock()
	defer tap.mu.Unlock()
	for _, f := range tap.faults {
		t.Error(f)
	}
	if tap.links < 5 || tap.seen[packet.PUBLISH] < 24 {
		t.Errorf("%d links, %v", tap.links, tap.seen)
	}
	if t.Failed() {
		for _, line := range tap.log {
			t.Log(line)
		}
	}
}

// wire is one connection through the tap.
type wire struct {
	tap     *tap
	conn    *flow.Conn
	version packet.Version
	index   int
	ends    int
}

// pass copies one direction packet by packet, each followed before it goes on,
// so that the order is that of cause and effect.
func (w *wire) pass(from, to net.Conn, party packet.Party) {
	defer w.tap.open.Done()
	defer to.Close()
	r := bufio.NewReader(from)
	for {
		b, err := readPacket(r)
		if err != nil {
			w.end()
			return
		}
		w.follow(b, party)
		if _, err := to.Write(b); err != nil {
			w.end()
			return
		}
	}
}

func readPacket(r *bufio.Reader) ([]byte, error) {
	for n := 2; ; n++ {
		head, err := r.Peek(n)
		if err != nil {
			return nil, err
		}
		if size, err := packet.Size(head); err != nil {
			return nil, err
		} else if size > 0 {
			b := make([]byte, size)
			_, err := io.ReadFull(r, b)
			return b, err
		}
	}
}

func (w *wire) follow(b []byte, party packet.Party) {
	w.tap.mu.Lock()
	defer w.tap.mu.Unlock()
	d := packet.Decoder{Version: w.version}
	p, err := d.Decode(b)
	if err != nil {
		w.tap.faults = append(w.tap.faults, fmt.Sprintf("%x: %v", b, err))
		return
	}
	w.version = d.Version
	r := w.conn.See(flow.Seen{Index: w.index, From: party, Packet: p, Size: len(b)})
	w.tap.log = append(w.tap.log, fmt.Sprintf("%p %d %s %s %x", w, w.index, party, p.Type(), b))
	w.index++
	w.tap.seen[p.Type()]++
	w.tap.links += len(r.Links)
	for _, f := range r.Findings {
		w.tap.faults = append(w.tap.faults, fmt.Sprintf("%p %s %s: %s %v", w, party, p.Type(), f.Code, f.Args))
	}
}

func (w *wire) end() {
	w.tap.mu.Lock()
	defer w.tap.mu.Unlock()
	if w.ends++; w.ends < 2 {
		return
	}
	for _, l := range w.conn.End() {
		w.tap.log = append(w.tap.log, fmt.Sprintf("%p late [%d] %s %v", w, l.Index, l.Finding.Code, l.Finding.Args))
	}
}
