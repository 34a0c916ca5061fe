package bench_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/pipe"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
	"mqttlab/server/limits"
)

// inFront starts a bench in front of a mosquitto.
func inFront(t *testing.T) (*bench.Bench, string) {
	t.Helper()
	peer := startMosquitto(t)
	if peer == nil {
		t.Fatal("mosquitto is missing (make tools installs it)")
	}
	return started(t, bench.Config{Upstream: &bench.Upstream{Address: peer.address}})
}

// shows waits until lines stand in the transcript in this order.
func shows(t *testing.T, b *bench.Bench, lines ...string) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		rest := "\n" + transcript(b)
		ok := true
		for _, line := range lines {
			i := strings.Index(rest, "\n"+line)
			if i < 0 {
				ok = false
				break
			}
			rest = rest[i+1:]
		}
		if ok {
			return
		}
		if time.Now().After(deadline) {
			holds(t, transcript(b), lines...)
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// All that passes is told as with the bench's own broker: QoS 2 both ways, and
// a session that the real broker keeps.
func TestUpstream(t *testing.T) {
	b, _ := inFront(t)
	subscriber := virtual(t, b, "")
	subscriber(connectKept)
	shows(t, b, "v1 < CONNACK Connection Accepted")
	subscriber("820b 0001 0006 746573742f23 02")
	shows(t, b, "v1 < SUBACK")
	publisher := virtual(t, b, "")
	publisher(connectA)
	shows(t, b, "v2 < CONNACK")
	publisher(publish2)
	shows(t, b, "v2 < PUBREC")
	publisher(pubrel1)
	shows(t, b, "v2 < PUBCOMP")
	shows(t, b, "v1 < PUBLISH test/a, QoS 2")
	if _, err := b.AbortClient("v1"); err != nil { // without PUBREC
		t.Fatal(err)
	}
	if _, err := b.OpenClient("v1"); err != nil {
		t.Fatal(err)
	}
	subscriber(connectKept)
	shows(t, b, "close v1 rst", "open v1", "v1 < CONNACK Connection Accepted, session present", "v1 < PUBLISH test/a, QoS 2, DUP")
	numbered(t, b)
	for _, c := range b.Clients() {
		if c.ClientID == "" || c.Version != "3.1.1" {
			t.Error("the list does not say who is there:", c)
		}
	}
}

// Wire controls and the autopilot work in front of a real broker, in 5.0 too.
func TestUpstreamWires(t *testing.T) {
	b, _ := inFront(t)
	send := virtual(t, b, "")
	fly(t, b, "v1", true, false)
	setWire(t, b, "v1", pipe.Settings{Segment: 1, Rules: []pipe.Rule{{Do: pipe.Duplicate, Type: packet.PUBREL, Times: 1}}}, pipe.Settings{Segment: 2})
	send(connect5)
	shows(t, b, "v1 < CONNACK")
	send(subscribe5)
	shows(t, b, "v1 < SUBACK")
	send(publish5)
	shows(t, b, "v1 < PUBREC", "v1 > PUBREL", "v1 > PUBREL")
	shows(t, b, "v1 < PUBREC", "v1 < PUBCOMP", "v1 < PUBCOMP")
	shows(t, b, "v1 < PUBLISH test/a, QoS 2", "v1 > PUBREC", "v1 < PUBREL", "v1 > PUBCOMP")
}

// What is no packet goes to the real broker as it is, which closes; and will
// is published for a wire that is cut.
func TestUpstreamCloses(t *testing.T) {
	b, _ := inFront(t)
	watch := virtual(t, b, "")
	watch(connectB)
	shows(t, b, "v1 < CONNACK")
	watch("8206 0001 0001 77 00") // w
	shows(t, b, "v1 < SUBACK")
	doomed := virtual(t, b, "")
	doomed(willA)
	shows(t, b, "v2 < CONNACK")
	if _, err := b.CutWire("v2", pipe.RST); err != nil {
		t.Fatal(err)
	}
	shows(t, b, "close v2 rst cut", "v1 < PUBLISH w")
	virtual(t, b, "")("0000")
	shows(t, b, "v3 > broken", "close v3 server upstream-")
}

func TestUpstreamDown(t *testing.T) {
	b, address := started(t, bench.Config{Upstream: &bench.Upstream{Address: freeAddress(t)}})
	p := dial(t, address)
	p.send(connectA)
	p.closed()
	shows(t, b, "open t1", "close t1 server unreachable")
	for _, e := range b.Log().Range(nil, 1, 1<<62) {
		if e.Kind == capture.Close && !strings.Contains(e.Detail.(bench.Reason).Error, "refused") {
			t.Error("it is not said why:", e.Detail)
		}
	}
}

// A broker that ends tells its clients so.
func TestUpstreamEnds(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	b, address := started(t, bench.Config{Upstream: &bench.Upstream{Address: l.Addr().String()}})
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		c.Read(make([]byte, 100))
		c.Write([]byte{0x20, 2, 0, 0, 0xd0}) // a CONNACK, and half a PINGRESP
		c.Close()
	}()
	p := dial(t, address)
	p.send(connectA)
	p.expect("20020000d0")
	p.closed()
	shows(t, b, "t1 < CONNACK", "t1 < broken, 1 bytes", "close t1 server upstream-closed")
}

// mosquitto's own clients, through the bench, to a mosquitto.
func TestUpstreamMosquittoClients(t *testing.T) {
	b, address := inFront(t)
	host, port, _ := net.SplitHostPort(address)
	for _, version := range []string{"311", "5"} {
		sub := exec.CommandContext(t.Context(), "mosquitto_sub", "-h", host, "-p", port, "-V", version, "-t", "up/#", "-q", "2", "-C", "2", "-W", "10", "-i", "sub"+version)
		var out strings.Builder
		sub.Stdout = &out
		if err := sub.Start(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "subscribed", func() bool {
			for _, c := range b.Clients() {
				if c.ClientID == "sub"+version {
					return strings.Contains(transcript(b), c.ID+" < SUBACK")
				}
			}
			return false
		})
		for _, text := range []string{"one", "two"} {
			pub := exec.CommandContext(t.Context(), "mosquitto_pub", "-h", host, "-p", port, "-V", version, "-t", "up/x", "-m", text, "-q", "2")
			if said, err := pub.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
		}
		if err := sub.Wait(); err != nil || out.String() != "one\ntwo\n" {
			t.Errorf("version %s: %v, and got %q", version, err, out.String())
		}
	}
	numbered(t, b)
	if strings.Contains(transcript(b), "broken") {
		t.Error(transcript(b))
	}
}

// Over TLS, and with another bench as the broker.
func TestUpstreamTLS(t *testing.T) {
	https := httptest.NewTLSServer(nil) // for its certificate
	defer https.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	broker := bench.New(bench.Config{})
	defer broker.Close()
	broker.ListenTLS(l, &tls.Config{Certificates: https.TLS.Certificates})
	roots := x509.NewCertPool()
	roots.AddCert(https.Certificate())
	b, address := started(t, bench.Config{Upstream: &bench.Upstream{Address: l.Addr().String(), TLS: &tls.Config{ServerName: "example.com", RootCAs: roots}}})
	p := dial(t, address)
	p.send(connectA + subTest + publish0)
	p.expect("20020000 9003000102" + publish0)
	p.send(disconnect)
	p.closed()
	shows(t, b, "t1 > DISCONNECT", "close t1")
	if got := b.Upstream(); got != "tls://"+l.Addr().String() {
		t.Error("the upstream is named", got)
	}
	stranger, address := started(t, bench.Config{Upstream: &bench.Upstream{Address: l.Addr().String(), TLS: &tls.Config{ServerName: "example.com"}}})
	dial(t, address).closed()
	shows(t, stranger, "close t1 server unreachable") // a certificate that nobody knows
}

// A client that floods is slowed down to what the broker reads, and nothing is lost.
func TestUpstreamFlood(t *testing.T) {
	broker, there := started(t, bench.Config{})
	b, address := started(t, bench.Config{Upstream: &bench.Upstream{Address: there}})
	p := dial(t, address)
	p.SetDeadline(time.Now().Add(60 * time.Second))
	p.send(connectA)
	p.expect("20020000")
	const many = 200_000
	go p.Write([]byte(strings.Repeat("\xc0\x00", many)))
	if n, err := io.CopyN(io.Discard, p, 2*many); err != nil {
		t.Fatal("after", n, "bytes:", err)
	}
	if c := broker.Clients(); len(c) != 1 || c[0].State != "open" || b.Clients()[0].State != "open" {
		t.Error("closed:", c)
	}
}

// A broker elsewhere that takes connections and never reads, or never ends the
// handshake of TLS, does not have the memory filled with what clients send it.
func TestUpstreamNeverReads(t *testing.T) {
	for name, secured := range map[string]*tls.Config{"TCP": nil, "TLS": {ServerName: "example.com"}} {
		t.Run(name, func(t *testing.T) {
			there, err := net.Listen("tcp", "127.0.0.1:0") // whose queue of connections the system accepts
			if err != nil {
				t.Fatal(err)
			}
			defer there.Close()
			const queues, clients = 8 << 20, 20
			b, address := started(t, bench.Config{Upstream: &bench.Upstream{Address: there.Addr().String(), TLS: secured}, AllQueueBytes: queues, CaptureBytes: 1 << 20})
			batch := bytes.Repeat(publish64K(t), 2)
			var all sync.WaitGroup
			for range clients {
				p := dial(t, address)
				all.Go(func() {
					for sent := 0; sent < 10<<20; sent += len(batch) {
						if _, err := p.Write(batch); err != nil {
							return
						}
					}
				})
			}
			most := 0
			eventually(t, "some are let go", func() bool {
				s := b.Stats()
				most = max(most, s.Unsent)
				return s.Ended[bench.ReasonUpstreamSlow] > clients/4
			})
			if most > queues+queues/8 {
				t.Errorf("%d KiB wait, where %d may", most>>10, queues>>10)
			}
			b.Close()
			all.Wait()
		})
	}
}

// A broker elsewhere that sends rubbish without end, announces packets that it
// does not send, or sends them a byte at a time, costs the client of that
// connection and no other. What it says is shown for what it is.
func TestUpstreamRubbish(t *testing.T) {
	_, sound := started(t, bench.Config{})
	there, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() { there.Close(); all.Wait() })
	over := make(chan struct{})
	endless := func(hex string) func(net.Conn) {
		batch := bytes.Repeat(unhex(t, hex), 4096)
		return func(c net.Conn) {
			for {
				if _, err := c.Write(batch); err != nil {
					return
				}
				select {
				case <-over:
					return
				default:
				}
			}
		}
	}
	slowly := func(c net.Conn, bytes []byte) {
		for _, one := range bytes {
			if _, err := c.Write([]byte{one}); err != nil {
				return
			}
		}
		<-over
	}
	hostile := map[byte]func(net.Conn){
		'0': endless("00"), '1': endless("ff"), '2': endless(publish0), '3': endless("d000"),
		'4': func(c net.Conn) { slowly(c, unhex(t, "30ffffff7f"+publish0)) },
		'5': func(c net.Conn) { slowly(c, publish64K(t)[:60<<10]) },
		'6': func(c net.Conn) { slowly(c, unhex(t, "20")) },
		'7': func(c net.Conn) { c.Write(unhex(t, "2080")); c.(*net.TCPConn).SetLinger(0) },
	}
	all.Go(func() {
		for {
			c, err := there.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer c.Close()
				hello := make([]byte, 15)
				if _, err := io.ReadFull(c, hello); err != nil {
					return
				}
				if act := hostile[hello[14]]; act != nil {
					act(c)
					return
				}
				broker, err := net.Dial("tcp", sound)
				if err != nil {
					t.Error(err)
					return
				}
				defer broker.Close()
				broker.Write(hello)
				all.Go(func() { io.Copy(c, broker) })
				io.Copy(broker, c)
			})
		}
	})
	b, address := started(t, bench.Config{Upstream: &bench.Upstream{Address: there.Addr().String()}, CaptureBytes: 8 << 20})
	defer close(over)
	for name := range hostile {
		connect := append(unhex(t, connectA)[:14], name)
		switch name % 3 {
		case 0: // reads
			p := dial(t, address)
			p.Write(connect)
			go io.Copy(io.Discard, p)
		case 1: // does not
			dial(t, address).Write(connect)
		default:
			virtual(t, b, "")(fmt.Sprintf("%x", connect))
		}
	}
	steady := dial(t, address)
	steady.send(connectB + subTest)
	steady.expect("20020000 9003000102")
	eventually(t, "much has come, and who announced too much is let go", func() bool {
		steady.SetDeadline(time.Now().Add(10 * time.Second))
		steady.send(publish0) // meanwhile another is answered
		steady.expect(publish0)
		s := b.Stats()
		return s.Out.Total() > 500_000 && s.Ended[bench.ReasonTooLarge] == 1 && s.Ended[bench.ReasonUpstreamLost] == 1
	})
	if n := longestStretch(b); n > 10_000 {
		t.Errorf("%d events of one broker come in one stretch", n)
	}
	if s := b.Stats(); s.Captured > 9<<20 || s.Unsent > limits.AllQueueBytes {
		t.Errorf("%+v", s)
	}
	numbered(t, b)
}

// MQTT over WebSocket in front of a broker that speaks TCP.
func TestUpstreamWebSocket(t *testing.T) {
	_, there := started(t, bench.Config{})
	_, address := webSockets(t, bench.Config{Upstream: &bench.Upstream{Address: there}})
	p := dialWS(t, address, "mqtt")
	p.send(websocket.MessageBinary, unhex(t, connectA+pingreq))
	p.expect("20020000 d000")
	p.send(websocket.MessageBinary, unhex(t, disconnect))
	p.closed(websocket.StatusNormalClosure)
}
