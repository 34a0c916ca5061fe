package bench_test

import (
	"bufio"
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mqttlab/server/bench"
	"mqttlab/server/limits"
)

func TestTCP(t *testing.T) {
	b, address := started(t, bench.Config{})
	p := dial(t, address)
	for _, one := range unhex(t, connectA+subTest) { // byte by byte
		p.Write([]byte{one})
	}
	p.expect("20020000 9003000102")
	p.send(publish0 + pingreq)
	p.expect(publish0 + "d000")
	p.CloseWrite()
	p.closed()
	eventually(t, "the connection ends", func() bool { return b.Clients()[0].State == "closed" })
	numbered(t, b)
	holds(t, transcript(b), "open t1", "t1 > CONNECT A", "t1 < CONNACK", "t1 > SUBSCRIBE", "t1 < SUBACK",
		"t1 > PUBLISH", "t1 < PUBLISH", "t1 > PINGREQ", "t1 < PINGRESP", "close t1 fin")
}

func TestReset(t *testing.T) {
	b, address := started(t, bench.Config{})
	p := dial(t, address)
	p.send(connectA)
	p.expect("20020000")
	p.SetLinger(0)
	p.Close()
	eventually(t, "the connection ends", func() bool { return b.Clients()[0].How == "rst" })
}

// Rubbish ends its own connection, is told as it should be, and nothing else
// is disturbed.
func TestRubbish(t *testing.T) {
	b, address := started(t, bench.Config{})
	steady := dial(t, address)
	steady.send(connectB)
	steady.expect("20020000")

	http := dial(t, address)
	http.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	http.closed()
	holds(t, transcript(b), "t2 > broken, 35 bytes", ". ", "close t2 server")
	if !strings.Contains(transcript(b), "MQTT-2.2.2-2") {
		t.Error("the rule is not named in\n", transcript(b))
	}

	random := rand.New(rand.NewPCG(1, 2))
	var all sync.WaitGroup
	for range 50 {
		junk := make([]byte, random.IntN(2000))
		for i := range junk {
			junk[i] = byte(random.Uint32())
		}
		if random.IntN(2) == 0 {
			junk = append(unhex(t, connectA), junk...)
		}
		all.Go(func() {
			p := dial(t, address)
			p.Write(junk)
			p.CloseWrite()
			var answer bytes.Buffer
			answer.ReadFrom(p) // a reset is fine: the server need not read on
		})
	}
	all.Wait()
	steady.send(pingreq)
	steady.expect("d000")
	numbered(t, b)
}

// A packet of a mebibyte passes; what announces more is refused before it comes.
func TestLargePacket(t *testing.T) {
	b, address := started(t, bench.Config{})
	p := dial(t, address)
	p.send(connectA)
	p.send(subTest)
	p.expect("20020000 9003000102")
	body := append(unhex(t, "0006 746573742f61"), make([]byte, limits.PacketBytes-4-8)...)
	large := append([]byte{0x30, byte(len(body)) | 0x80, byte(len(body)>>7) | 0x80, byte(len(body) >> 14)}, body...)
	if len(large) != limits.PacketBytes {
		t.Fatal(len(large))
	}
	go p.Write(large)
	got := make([]byte, len(large))
	for n := 0; n < len(got); {
		k, err := p.Read(got[n:])
		if err != nil {
			t.Fatal(err)
		}
		n += k
	}
	if !bytes.Equal(got, large) {
		t.Error("another packet came back")
	}
	p.send("30ffffff7f")
	p.closed()
	holds(t, transcript(b), "t1 < PUBLISH test/a", "t1 > broken, 5 bytes", "close t1 server")
}

// A client of 5.0 is told in words of its version: 0x95, Packet too large.
func TestTooLarge5(t *testing.T) {
	b, address := started(t, bench.Config{})
	p := dial(t, address)
	p.send("100e 0004 4d515454 05 02 0000 00 0001 41")
	head := make([]byte, 2)
	io.ReadFull(p, head)
	io.CopyN(io.Discard, p, int64(head[1]))
	p.send("30ffffff7f")
	p.expect("e00195")
	p.closed()
	holds(t, transcript(b), "t1 > broken, 5 bytes", ". connection.dropped", "t1 < DISCONNECT", "close t1 server too-large")
}

// Who does not read is closed when its queue is full; the others notice nothing.
func TestSlowReader(t *testing.T) {
	b, address := started(t, bench.Config{CaptureBytes: 1 << 30, OutQueueBytes: 4 << 20})
	slow := dial(t, address)
	slow.SetReadBuffer(4 << 10)
	slow.send(connectA + subTest)
	slow.expect("20020000 9003000102")
	fast := dial(t, address)
	fast.send(connectB + subTest)
	fast.expect("20020000 9003000102")

	const size = 64 << 10
	body := append(unhex(t, "0006 746573742f61"), make([]byte, size)...)
	message := append([]byte{0x30, byte(len(body)) | 0x80, byte(len(body)>>7) | 0x80, byte(len(body) >> 14)}, body...)
	got := make([]byte, len(message))
	for i := range (32 << 20) / size {
		fast.SetDeadline(time.Now().Add(10 * time.Second))
		began := time.Now()
		if _, err := fast.Write(message); err != nil {
			t.Fatal(i, err)
		}
		for n := 0; n < len(got); {
			k, err := fast.Read(got[n:])
			if err != nil {
				t.Fatal(i, err)
			}
			n += k
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Fatalf("message %d took %s", i, took)
		}
	}
	eventually(t, "the slow client is closed", func() bool { return b.Clients()[0].State == "closed" })
	holds(t, transcript(b), ". ", "close t1 server")
	fast.send(pingreq)
	fast.expect("d000")
}

// Who reads slowly, but reads, gets everything: the sender is slowed down.
func TestSteadyReader(t *testing.T) {
	b, address := started(t, bench.Config{CaptureEvents: 2000, OutQueueBytes: 1 << 20})
	reader := dial(t, address)
	reader.SetReadBuffer(16 << 10)
	reader.send(connectA + subTest)
	reader.expect("20020000 9003000102")
	sender := dial(t, address)
	sender.SetWriteDeadline(time.Now().Add(time.Minute))
	sender.send(connectB)
	sender.expect("20020000")
	const total = 8 << 20 / 15
	message := unhex(t, publish0)
	go func() {
		w := bufio.NewWriterSize(sender, 64<<10)
		for range total {
			w.Write(message)
		}
		w.Flush()
	}()
	buf := make([]byte, 256<<10)
	for n := 0; n < total*len(message); {
		reader.SetDeadline(time.Now().Add(10 * time.Second))
		k, err := reader.Read(buf)
		if err != nil {
			t.Fatalf("%v after %d of %d bytes\n%v", err, n, total*len(message), b.Clients())
		}
		n += k
		time.Sleep(time.Duration(k) * time.Second / (2 << 20)) // 2 MiB a second
	}
}

// A client that has been told to go gets the last word even if it is still sending.
func TestLastWord(t *testing.T) {
	_, address := started(t, bench.Config{})
	p := dial(t, address)
	p.send("100d 0004 4d515454 09 02 0000 0001 41" + strings.Repeat(pingreq, 1000)) // no such level
	p.expect("20020001")
	p.closed()
}

func TestClose(t *testing.T) {
	b, address := started(t, bench.Config{})
	reading, silent := dial(t, address), dial(t, address)
	reading.send(connectA)
	reading.expect("20020000")
	began := time.Now()
	done := make(chan bool)
	go func() { reading.closed(); reading.Close(); close(done) }()
	b.Close()
	<-done
	if took := time.Since(began); took > limits.LingerTimeout+time.Second {
		t.Errorf("took %s", took)
	}
	silent.closed()
}

func TestManyConnections(t *testing.T) {
	b, address := started(t, bench.Config{})
	for range limits.ClosedKept + limits.VirtualPerBench + 100 {
		p := dial(t, address)
		p.send(connectA + disconnect)
		p.expect("20020000")
		p.closed()
		p.Close()
	}
	eventually(t, "old clients are forgotten", func() bool { return len(b.Clients()) <= limits.ClosedKept+limits.VirtualPerBench+1 })
}

// The real clients, every QoS, checked packet by packet.
func TestMosquitto(t *testing.T) {
	if _, err := exec.LookPath("mosquitto_sub"); err != nil {
		t.Fatalf("%v (make tools installs it)", err)
	}
	tests := map[string]string{
		"0": "t2 > PUBLISH test/a, QoS 0|t1 < PUBLISH test/a, QoS 0",
		"1": "t2 > PUBLISH test/a, QoS 1|t1 < PUBLISH test/a, QoS 1|t2 < PUBACK",
		"2": "t2 > PUBLISH test/a, QoS 2|t1 < PUBLISH test/a, QoS 2|t2 < PUBREC|t2 > PUBREL|t2 < PUBCOMP",
	}
	for qos, want := range tests {
		for _, version := range []string{"mqttv31", "mqttv311", "mqttv5"} {
			t.Run(version+"/"+qos, func(t *testing.T) {
				b, address := started(t, bench.Config{})
				host, port, _ := strings.Cut(address, ":")
				sub := exec.Command("mosquitto_sub", "-h", host, "-p", port, "-V", version, "-i", "s", "-t", "test/#", "-q", qos, "-C", "1", "-W", "10")
				var out bytes.Buffer
				sub.Stdout, sub.Stderr = &out, &out
				if err := sub.Start(); err != nil {
					t.Fatal(err)
				}
				eventually(t, "SUBACK", func() bool { return strings.Contains(transcript(b), "t1 < SUBACK") })
				pub, err := exec.Command("mosquitto_pub", "-h", host, "-p", port, "-V", version, "-i", "p", "-t", "test/a", "-m", "hello", "-q", qos).CombinedOutput()
				if err != nil {
					t.Fatal(err, string(pub))
				}
				if err := sub.Wait(); err != nil || out.String() != "hello\n" {
					t.Errorf("mosquitto_sub: %v %q\n%s", err, out.String(), transcript(b))
				}
				eventually(t, "both have gone", func() bool {
					clients := b.Clients()
					return clients[0].State == "closed" && clients[1].State == "closed"
				})
				numbered(t, b)
				text := transcript(b)
				holds(t, text, append([]string{"open t1", "t1 > CONNECT s", "t1 < CONNACK", "t1 > SUBSCRIBE test/#", "t1 < SUBACK",
					"open t2", "t2 > CONNECT p", "t2 < CONNACK"}, strings.Split(want, "|")...)...)
				if qos == "2" {
					holds(t, text, "t1 < PUBLISH", "t1 > PUBREC", "t1 < PUBREL", "t1 > PUBCOMP")
				}
				if strings.Contains(text, "broken") {
					t.Errorf("broken bytes:\n%s", text)
				}
			})
		}
	}
}

// TestFloodSlowsOnlyItself has a client read slowly what another one floods it
// with; the round trips of a third, which the slow one receives as well, go on
// as before.
func TestFloodSlowsOnlyItself(t *testing.T) {
	_, address := started(t, bench.Config{})
	slow := dial(t, address)
	slow.SetReadBuffer(64 << 10)
	slow.send("100d00044d51545404020000000173")
	slow.expect("20020000")
	slow.send("8206000100012300")
	slow.expect("9003000100")
	flooding := make(chan struct{})
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	go func() {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return
		}
		defer conn.Close()
		conn.Write([]byte("\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01f"))
		packet := append([]byte("\x30\xff\x1f\x00\x05flood"), make([]byte, 4095-7)...)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := conn.Write(packet); err != nil {
				return
			}
			if i == 1000 { // more than the sockets hold
				close(flooding)
			}
		}
	}()
	go func() { // reads, but ever so slowly
		buf := make([]byte, 16<<10)
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				if _, err := slow.Read(buf); err != nil {
					return
				}
			}
		}
	}()
	<-flooding
	third := dial(t, address)
	third.send("100d00044d51545404020000000174")
	third.expect("20020000")
	third.send("8206000100016200")
	third.expect("9003000100")
	var trips []time.Duration
	for range 21 {
		began := time.Now()
		third.send("30040001627a")
		third.expect("30040001627a")
		trips = append(trips, time.Since(began))
	}
	slices.Sort(trips)
	if usual := trips[len(trips)/2]; usual > 50*time.Millisecond { // being slowed down takes 100 ms
		t.Errorf("beside a flood a round trip usually takes %v", usual)
	}
}
