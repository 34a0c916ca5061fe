package bench_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"mqttlab/mqttcore/packet"
	"mqttlab/server/bench"
)

// elsewhere is a listener whose connections seem to come from other machines.
type elsewhere struct {
	net.Listener
	addresses chan string
}

type stranger struct {
	net.Conn
	address net.Addr
}

func (s stranger) RemoteAddr() net.Addr { return s.address }
func (s stranger) CloseWrite() error    { return s.Conn.(*net.TCPConn).CloseWrite() }

func (l elsewhere) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	address, _ := net.ResolveTCPAddr("tcp", <-l.addresses)
	return stranger{c, address}, nil
}

// One address may have so many connections, and another one its own; when one
// goes there is room again.
func TestPerAddress(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := elsewhere{inner, make(chan string, 1)}
	b := bench.New(bench.Config{MaxPerAddress: 2})
	b.Listen(l)
	t.Cleanup(b.Close)
	open := func(from string, room bool) peer {
		t.Helper()
		l.addresses <- from
		p := dial(t, inner.Addr().String())
		if !room {
			p.closed()
			return p
		}
		p.send("100c 0004 4d515454 04 02 0000 0000") // no client id: one is given
		p.expect("20020000")
		return p
	}
	first := open("192.0.2.1:1", true)
	open("192.0.2.1:2", true)
	open("192.0.2.1:3", false)
	open("[::ffff:192.0.2.1]:4", false) // the same, written otherwise
	open("192.0.2.2:1", true)
	open("[2001:db8::1]:1", true)
	open("[2001:db8::2]:1", true)
	open("[2001:db8::3]:1", false) // one customer has them all
	open("[2001:db8:0:1::1]:1", true)
	for i := range 5 { // this machine
		open(fmt.Sprintf("127.0.0.1:%d", i), true)
	}
	if n := b.Stats().Ended[bench.ReasonAddress]; n != 3 {
		t.Errorf("%d refused", n)
	}
	holds(t, transcript(b), "close t3 server address", "close t4 server address", "close t8 server address")
	first.send(disconnect)
	first.closed()
	eventually(t, "it has gone", func() bool { return b.Stats().Connections == 10 })
	open("192.0.2.1:9", true)
}

// When all queues together are too long, the client with the longest is let
// go, and those who have less to read get what they are owed.
func TestAllQueues(t *testing.T) {
	b, address := started(t, bench.Config{OutQueueBytes: 8 << 20, AllQueueBytes: 9 << 20, CaptureBytes: 1 << 20})
	subscriber := func(id byte, filter string) peer {
		p := dial(t, address)
		p.SetReadBuffer(64 << 10)
		p.Write(append(unhex(t, connectA)[:14], id))
		p.expect("20020000")
		p.Write(subscribe(0, filter))
		p.expect("9003000100")
		return p
	}
	steadily(t, address, func() {
		little, much, more := subscriber('1', "a"), subscriber('2', "b"), subscriber('3', "c")
		pub := dial(t, address)
		pub.send(connectA)
		pub.expect("20020000")
		payload := make([]byte, 256<<10)
		send := func(topic string, n int) {
			wire, _ := packet.Append(nil, &packet.Publish{Topic: topic, Payload: payload}, packet.V311)
			for range n {
				pub.exchange(wire)
			}
		}
		send("a", 8)  // 2 MiB
		send("b", 10) // 2.5 MiB
		send("c", 30) // 7.5 MiB: too much
		eventually(t, "the one with the most is let go", func() bool { return b.Stats().Ended[bench.ReasonCrowded] == 1 })
		for _, p := range []peer{little, much} { // still get everything
			n := 8
			if p == much {
				n = 10
			}
			p.SetDeadline(time.Now().Add(20 * time.Second))
			if _, err := io.CopyN(io.Discard, p, int64(n*(len(payload)+4+3))); err != nil {
				t.Error(err)
			}
		}
		for _, c := range b.Clients() {
			if c.ClientID == "3" && c.State != "closed" {
				t.Error("it was not the one with the most")
			}
		}
		more.SetDeadline(time.Now().Add(5 * time.Second))
		io.Copy(io.Discard, more)
	})
	eventually(t, "nothing is left in the queues", func() bool { return b.Stats().Unsent == 0 })
}

// A subscriber that reads far more slowly than another costs it a few seconds,
// and then its own connection.
func TestSlowBesideFast(t *testing.T) {
	b, address := started(t, bench.Config{CaptureEvents: 2000, CaptureBytes: 1 << 20})
	subscriber := func(id byte) peer {
		p := dial(t, address)
		p.Write(append(unhex(t, connectA)[:14], id))
		p.expect("20020000")
		p.Write(subscribe(0, "flood"))
		p.expect("9003000100")
		p.SetDeadline(time.Now().Add(time.Minute))
		return p
	}
	slow, fast := subscriber('1'), subscriber('2')
	slow.SetReadBuffer(64 << 10)
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	go func() { // a megabyte a second
		buf := make([]byte, 50<<10)
		for {
			if _, err := slow.Read(buf); err != nil {
				return
			}
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	const total = 200 << 20
	message, _ := packet.Append(nil, &packet.Publish{Topic: "flood", Payload: make([]byte, 1000)}, packet.V311)
	go func() {
		pub, err := net.Dial("tcp", address)
		if err != nil {
			t.Error(err)
			return
		}
		defer pub.Close()
		pub.Write(append(unhex(t, connectA)[:14], 'p'))
		batch := bytes.Repeat(message, 64)
		for n := 0; n < total; n += len(batch) {
			if _, err := pub.Write(batch); err != nil {
				t.Error(err)
				return
			}
		}
		<-stop
	}()
	began := time.Now()
	if _, err := io.CopyN(io.Discard, fast, total); err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	t.Logf("%d MiB in %s beside a reader of 1 MB a second", total>>20, took)
	if took > 30*time.Second { // at the slow one's pace it would be 200
		t.Errorf("took %s", took)
	}
	if b.Stats().Ended[bench.ReasonSlow] != 1 {
		t.Errorf("the slow one is still there: %v", b.Stats())
	}
}

// The figures are those of what went over the wire.
func TestStats(t *testing.T) {
	b, address := started(t, bench.Config{CaptureEvents: 64})
	p := dial(t, address)
	p.send(connectTwo)
	p.expect("20020000")
	p.send(subTest)
	p.expect("9003000102")
	for range 300 {
		p.send(publish0)
		p.expect(publish0)
	}
	p.send("310900047374617968656c") // retained
	eventually(t, "it is kept", func() bool { return b.Stats().Retained == 1 })
	s := b.Stats()
	if s.In.Of(packet.PUBLISH) != 301 || s.Out.Of(packet.PUBLISH) != 300 || s.In.Of(packet.CONNECT) != 1 || s.Out.Of(packet.SUBACK) != 1 ||
		s.In.Total() != 303 || s.Out.Bytes != 4+5+300*15 || s.Connections != 1 || s.Opened != 1 || s.Sessions != 1 || s.Unsent != 0 {
		t.Errorf("%+v", s)
	}
	if first, next := b.Log().Bounds(); s.Events != next-1 || s.Dropped != first-1 || s.Dropped == 0 {
		t.Errorf("%d events, %d dropped; held are %d to %d", s.Events, s.Dropped, first, next)
	}
	p.send("f0")
	p.closed()
	if s := b.Stats(); s.In.Packets[0] != 1 || s.Connections != 0 || s.Opened != 1 {
		t.Errorf("%+v", s)
	}
}

// A bench takes so many connections, over sockets, too, and says to those beyond
// why they end.
func TestMaxConnections(t *testing.T) {
	b, address := started(t, bench.Config{MaxClients: 3})
	var in []peer
	for i := range 3 {
		p := dial(t, address)
		p.send(connectA[:len(connectA)-2] + fmt.Sprintf("%02x", 0x41+i))
		p.expect("20020000")
		in = append(in, p)
	}
	for range 20 {
		dial(t, address).closed()
	}
	for _, p := range in {
		p.send(pingreq)
		p.expect("d000")
	}
	if n := strings.Count(transcript(b), "server "+bench.ReasonFull); n != 20 {
		t.Errorf("%d connections ended for want of room", n)
	}
	in[0].Close()
	eventually(t, "there is room again", func() bool {
		p := dial(t, address)
		defer p.Close()
		p.send(connectB)
		answer := make([]byte, 4)
		_, err := io.ReadFull(p, answer)
		return err == nil
	})
}
