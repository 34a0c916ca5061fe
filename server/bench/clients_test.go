package bench_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"
	mqtt "github.com/eclipse/paho.mqtt.golang"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
	"mqttlab/server/ladder"
)

// Real clients, in every version they speak, QoS, and session mode, over TCP
// and WebSocket. All go through the same story: a subscriber hears "one", goes,
// misses "two" or has it kept, comes back and hears "three".

// carriers returns a bench and its addresses by scheme.
func carriers(t *testing.T) (*bench.Bench, map[string]string) {
	t.Helper()
	b, address := started(t, bench.Config{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.ServeWebSocket(w, r, nil) }))
	t.Cleanup(s.Close)
	return b, map[string]string{"tcp": address, "ws": strings.TrimPrefix(s.URL, "http://")}
}

// client is a real one.
type client interface {
	connect(t *testing.T, carrier, address, id string, clean bool, heard func(qos byte, payload string)) (present bool)
	subscribe(t *testing.T, filter string, qos byte)
	publish(t *testing.T, topic string, qos byte, payload string)
	disconnect()
}

// wantStory is what the subscriber hears. CONNACK of 3.1 does not say whether
// there was a session.
func wantStory(version string, qos byte, clean bool) string {
	story := fmt.Sprintf("%d one", qos)
	if !clean && version != "3.1" {
		story += ", session"
	}
	if !clean && qos > 0 {
		story += fmt.Sprintf(", %d two", qos)
	}
	return story + fmt.Sprintf(", %d three", qos)
}

func story(t *testing.T, b *bench.Bench, fresh func() client, carrier, address string, qos byte, clean bool) string {
	var mu sync.Mutex
	var got []string
	add := func(line string) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, line)
	}
	all := func() string {
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(got, ", ")
	}
	heard := func(qos byte, payload string) { add(fmt.Sprintf("%d %s", qos, payload)) }
	publisher, subscriber := fresh(), fresh()
	publisher.connect(t, carrier, address, "p", true, nil)
	subscriber.connect(t, carrier, address, "s", clean, heard)
	subscriber.subscribe(t, "test/#", qos)
	publisher.publish(t, "test/a", qos, "one")
	eventually(t, "one", func() bool { return strings.HasSuffix(all(), "one") })
	acknowledged := func() bool { // or a client acknowledges after its DISCONNECT
		return !slices.ContainsFunc(b.State().Sessions, func(s broker.SessionState) bool { return len(s.Inflight) > 0 })
	}
	eventually(t, "it is acknowledged", acknowledged)
	subscriber.disconnect()
	eventually(t, "the subscriber has gone", func() bool { return len(b.State().Connections) == 1 })
	publisher.publish(t, "test/a", qos, "two")
	publisher.publish(t, "sync", 1, "") // acknowledged: the broker has had the one before
	subscriber = fresh()
	mu.Lock() // what was kept may come at once, and stands behind the session
	connecting := func(qos byte, payload string) { heard(qos, payload) }
	done := make(chan bool, 1)
	go func() { done <- subscriber.connect(t, carrier, address, "s", clean, connecting) }()
	if <-done {
		got = append(got, "session")
	}
	mu.Unlock()
	if clean {
		subscriber.subscribe(t, "test/#", qos)
	}
	publisher.publish(t, "test/a", qos, "three")
	eventually(t, "three", func() bool { return strings.HasSuffix(all(), "three") })
	eventually(t, "all is acknowledged", acknowledged)
	subscriber.disconnect()
	publisher.disconnect()
	return all()
}

// flawless waits until all have gone, and checks that nothing that was said on
// the wire breaks a rule.
func flawless(t *testing.T, b *bench.Bench) {
	t.Helper()
	eventually(t, "all have gone", func() bool {
		return !slices.ContainsFunc(b.Clients(), func(c bench.Client) bool { return c.State != "closed" })
	})
	numbered(t, b)
	index := ladder.NewIndex(b.Log())
	for _, e := range b.Log().Range(nil, 0, 1<<62) {
		if e.Kind == capture.Packet {
			if r := index.Full(spec.English, &e); r.Severity == "error" {
				t.Errorf("%s says % x: %v", r.From, e.Bytes, r.Packet.Findings)
			}
		}
	}
}

func TestPaho(t *testing.T) {
	kinds := map[string]func() client{
		"paho.mqtt.golang/3.1":   func() client { return &paho3{version: 3} },
		"paho.mqtt.golang/3.1.1": func() client { return &paho3{version: 4} },
		"paho.golang/5.0":        func() client { return &paho5{} },
	}
	for name, fresh := range kinds {
		for _, carrier := range []string{"tcp", "ws"} {
			for qos := range byte(3) {
				for _, clean := range []bool{true, false} {
					t.Run(fmt.Sprintf("%s/%s/qos=%d/clean=%t", name, carrier, qos, clean), func(t *testing.T) {
						b, addresses := carriers(t)
						version := name[strings.LastIndex(name, "/")+1:]
						if got, want := story(t, b, fresh, carrier, addresses[carrier], qos, clean), wantStory(version, qos, clean); got != want {
							t.Errorf("heard %s\nwant  %s\n%s", got, want, transcript(b))
						}
						flawless(t, b)
						for _, c := range b.Clients() {
							if c.Version != version || strings.Contains(c.Remote, "WebSocket") != (carrier == "ws") {
								t.Errorf("not what was meant: %+v", c)
							}
						}
					})
				}
			}
		}
	}
}

// paho3 is paho.mqtt.golang, for 3.1 and 3.1.1.
type paho3 struct {
	version uint
	client  mqtt.Client
}

func (p *paho3) connect(t *testing.T, carrier, address, id string, clean bool, heard func(byte, string)) bool {
	o := mqtt.NewClientOptions().AddBroker(carrier + "://" + address).SetClientID(id).SetProtocolVersion(p.version).
		SetCleanSession(clean).SetAutoReconnect(false).SetConnectTimeout(10 * time.Second)
	o.SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) {
		if heard != nil {
			heard(m.Qos(), string(m.Payload()))
		}
	})
	p.client = mqtt.NewClient(o)
	token := p.client.Connect()
	done(t, token)
	return token.(*mqtt.ConnectToken).SessionPresent()
}

func done(t *testing.T, token mqtt.Token) {
	t.Helper()
	if !token.WaitTimeout(10*time.Second) || token.Error() != nil {
		t.Errorf("not done: %v", token.Error())
	}
}

func (p *paho3) subscribe(t *testing.T, filter string, qos byte) {
	done(t, p.client.Subscribe(filter, qos, nil))
}

func (p *paho3) publish(t *testing.T, topic string, qos byte, payload string) {
	done(t, p.client.Publish(topic, qos, false, payload))
}

func (p *paho3) disconnect() { p.client.Disconnect(250) }

// paho5 is paho.golang, for 5.0.
type paho5 struct{ client *paho.Client }

func (p *paho5) connect(t *testing.T, carrier, address, id string, clean bool, heard func(byte, string)) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var conn net.Conn
	var err error
	if carrier == "ws" {
		var ws *websocket.Conn
		if ws, _, err = websocket.Dial(ctx, "ws://"+address, &websocket.DialOptions{Subprotocols: []string{"mqtt"}}); err == nil {
			conn = packets.NewThreadSafeConn(websocket.NetConn(context.Background(), ws, websocket.MessageBinary))
		}
	} else {
		conn, err = net.Dial("tcp", address)
	}
	if err != nil {
		t.Error(err)
		return false
	}
	p.client = paho.NewClient(paho.ClientConfig{Conn: conn, OnPublishReceived: []func(paho.PublishReceived) (bool, error){
		func(r paho.PublishReceived) (bool, error) {
			if heard != nil {
				heard(r.Packet.QoS, string(r.Packet.Payload))
			}
			return true, nil
		}}})
	connect := &paho.Connect{ClientID: id, CleanStart: clean, KeepAlive: 60}
	if !clean {
		expiry := uint32(60)
		connect.Properties = &paho.ConnectProperties{SessionExpiryInterval: &expiry}
	}
	answer, err := p.client.Connect(ctx, connect)
	if err != nil {
		t.Error(err)
		return false
	}
	return answer.SessionPresent
}

func (p *paho5) subscribe(t *testing.T, filter string, qos byte) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := p.client.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: filter, QoS: qos}}}); err != nil {
		t.Error(err)
	}
}

func (p *paho5) publish(t *testing.T, topic string, qos byte, payload string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := p.client.Publish(ctx, &paho.Publish{Topic: topic, QoS: qos, Payload: []byte(payload)}); err != nil {
		t.Error(err)
	}
}

func (p *paho5) disconnect() {
	p.client.Disconnect(&paho.Disconnect{})
	<-p.client.Done()
}

// TestMQTTjs has MQTT.js in Node go through the story in its three versions.
func TestMQTTjs(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatalf("%v (make tools installs it)", err)
	}
	modules, _ := filepath.Abs("../../node_modules/mqtt")
	sessions, _ := filepath.Abs("testdata/sessions.cjs")
	for carrier, scheme := range map[string]string{"tcp": "mqtt", "ws": "ws"} {
		t.Run(carrier, func(t *testing.T) {
			b, addresses := carriers(t)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			script := fmt.Sprintf("require(%q).every(require(%q), %q, [3, 4, 5]).then(console.log, (e) => { console.log(String(e)); process.exit(1); })",
				sessions, modules, scheme+"://"+addresses[carrier])
			out, err := exec.CommandContext(ctx, node, "-e", script).CombinedOutput()
			if want := wantSessions; err != nil || string(out) != want {
				t.Errorf("%v (make tools installs MQTT.js)\ngot:\n%swant:\n%s%s", err, out, want, transcript(b))
			}
			flawless(t, b)
		})
	}
}

// wantSessions is what testdata/sessions.cjs should say.
const wantSessions = `3 0 clean: 0 one, 0 three
3 0 kept: 0 one, 0 three
3 1 clean: 1 one, 1 three
3 1 kept: 1 one, 1 two, 1 three
3 2 clean: 2 one, 2 three
3 2 kept: 2 one, 2 two, 2 three
4 0 clean: 0 one, 0 three
4 0 kept: 0 one, session, 0 three
4 1 clean: 1 one, 1 three
4 1 kept: 1 one, session, 1 two, 1 three
4 2 clean: 2 one, 2 three
4 2 kept: 2 one, session, 2 two, 2 three
5 0 clean: 0 one, 0 three
5 0 kept: 0 one, session, 0 three
5 1 clean: 1 one, 1 three
5 1 kept: 1 one, session, 1 two, 1 three
5 2 clean: 2 one, 2 three
5 2 kept: 2 one, session, 2 two, 2 three
`

// TestMosquittoSession has mosquitto's clients leave a session and come back to it.
func TestMosquittoSession(t *testing.T) {
	for _, version := range []string{"mqttv31", "mqttv311", "mqttv5"} {
		for qos := range 3 {
			t.Run(fmt.Sprintf("%s/%d", version, qos), func(t *testing.T) {
				b, address := started(t, bench.Config{})
				host, port, _ := strings.Cut(address, ":")
				run := func(program string, args ...string) string {
					args = append([]string{"-h", host, "-p", port, "-V", version, "-q", fmt.Sprint(qos), "-t", "test/a"}, args...)
					out, err := exec.Command(program, args...).CombinedOutput()
					if err != nil {
						t.Fatalf("%s: %v\n%s", program, err, out)
					}
					return string(out)
				}
				subscriber := []string{"-i", "s", "-c"}
				if version == "mqttv5" {
					subscriber = append(subscriber, "-x", "60")
				}
				run("mosquitto_sub", append(subscriber, "-E")...) // subscribes and goes
				run("mosquitto_pub", "-i", "p", "-m", "two")
				eventually(t, "the broker has had it", func() bool { return strings.Contains(transcript(b), "close t2") })
				last := exec.Command("mosquitto_sub", append(subscriber, "-h", host, "-p", port, "-V", version, "-q", fmt.Sprint(qos), "-t", "test/a",
					"-C", fmt.Sprint(min(qos, 1)+1), "-W", "10")...)
				var out bytes.Buffer
				last.Stdout, last.Stderr = &out, &out
				if err := last.Start(); err != nil {
					t.Fatal(err)
				}
				eventually(t, "it is back and has subscribed again", func() bool { return strings.Count(transcript(b), "< SUBACK") == 2 })
				run("mosquitto_pub", "-i", "p", "-m", "three")
				want := "two\nthree\n"
				if qos == 0 {
					want = "three\n"
				}
				if err := last.Wait(); err != nil || out.String() != want {
					t.Errorf("%v: heard %q, want %q\n%s", err, out.String(), want, transcript(b))
				}
				flawless(t, b)
			})
		}
	}
}
