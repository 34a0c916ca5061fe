package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/scenario"
	"mqttlab/mqttcore/spec"
)

// tcpReplay plays a scenario over TCP.
type tcpReplay struct {
	address string
	player  *scenario.Player
	out     *ladderText
	began   time.Time
	clients map[string]*tcpClient
	heard   chan heard
	stop    chan struct{} // closed when nobody hears any more
}

// tcpClient is a client's connection.
type tcpClient struct {
	conn     *net.TCPConn
	version  packet.Version // that its CONNECT named
	sending  []byte         // the beginning of a packet of which the rest is not sent yet
	received []byte         // that is no whole packet yet
}

// heard is what came on a connection, or its end.
type heard struct {
	client string
	from   *tcpClient
	bytes  []byte
	err    error
}

// maxReceived is how long a packet of the broker may be, in bytes.
const maxReceived = 64 << 20

// replayTCP plays a scenario to a broker and prints what happens. It returns
// what failed of the scenario; an error, if there is no broker or ctx ended.
func replayTCP(ctx context.Context, s *scenario.Scenario, address string, speed float64, linger time.Duration, out *ladderText) (*scenario.Failure, error) {
	for i := range s.Steps {
		if s.Steps[i].Do == scenario.Reply {
			return nil, wrong("person")
		}
	}
	r := &tcpReplay{address: address, player: s.Play(speed), out: out, began: time.Now(), clients: make(map[string]*tcpClient),
		heard: make(chan heard), stop: make(chan struct{})}
	defer func() {
		close(r.stop)
		for _, c := range r.clients {
			c.conn.Close()
		}
	}()
	for {
		action := r.player.Next(time.Since(r.began))
		switch action.Kind {
		case scenario.Act:
			if err := r.do(ctx, action.Step); err != nil {
				return nil, err
			}
		case scenario.Wait:
			if err := r.listen(ctx, action.Until-time.Since(r.began)); err != nil {
				return nil, err
			}
		case scenario.End:
			for quiet := time.Now().Add(linger); len(r.clients) > 0 && time.Now().Before(quiet); {
				if err := r.listen(ctx, time.Until(quiet)); err != nil {
					return nil, err
				}
			}
			return r.player.Failure(), nil
		}
		if err := r.out.flush(); err != nil {
			return nil, err
		}
	}
}

// listen waits for something to come, for some time.
func (r *tcpReplay) listen(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case h := <-r.heard:
		r.hear(h)
		return r.out.flush()
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return wrong("stopped")
	}
}

func (r *tcpReplay) do(ctx context.Context, step *scenario.Step) error {
	at := time.Since(r.began)
	c := r.clients[step.Client]
	switch step.Do {
	case scenario.Open:
		dialer := net.Dialer{Timeout: 10 * time.Second}
		conn, err := dialer.DialContext(ctx, "tcp", r.address)
		if err != nil {
			return because(err, "no-broker", "address", r.address)
		}
		c = &tcpClient{conn: conn.(*net.TCPConn)}
		r.clients[step.Client] = c
		r.out.say(at, step.Client, "cli.opens")
		go r.read(step.Client, c)
	case scenario.Send:
		r.say(at, step.Client, c, step.Bytes)
		if _, err := c.conn.Write(step.Bytes); err != nil {
			r.ended(at, step.Client) // the reader says so soon, or has no chance to
		}
	case scenario.Close, scenario.Abort:
		if step.Do == scenario.Abort {
			_ = c.conn.SetLinger(0) // it is closed next, whatever comes of this
		}
		c.conn.Close()
		delete(r.clients, step.Client)
		r.out.closed(at, step.Client, packet.Client, step.Do == scenario.Abort)
	}
	return nil
}

// say prints what is sent: the packets that are whole with it, and how much
// there is of one that is not.
func (r *tcpReplay) say(at time.Duration, client string, c *tcpClient, b []byte) {
	c.sending = append(c.sending, b...)
	for len(c.sending) > 0 {
		size, err := packet.Size(c.sending)
		if err != nil {
			r.out.packet(at, client, packet.Client, c.version, true, c.sending)
			c.sending = nil
			return
		}
		if size == 0 || size > len(c.sending) {
			r.out.line(at, client, fmt.Sprintf("──▶  bytes of a packet that is not whole yet: %d", min(len(b), len(c.sending))))
			return
		}
		d := packet.Decoder{Version: c.version}
		_, err = d.Decode(c.sending[:size])
		c.version = d.Version // a CONNECT says it
		r.out.packet(at, client, packet.Client, c.version, err != nil, c.sending[:size])
		c.sending = c.sending[size:]
	}
}

// read hands on what comes, until the connection ends.
func (r *tcpReplay) read(client string, c *tcpClient) {
	for {
		b := make([]byte, 16<<10)
		n, err := c.conn.Read(b)
		select {
		case r.heard <- heard{client, c, b[:n], err}:
		case <-r.stop:
			return
		}
		if err != nil {
			return
		}
	}
}

// hear prints the whole packets that have come and tells the player.
func (r *tcpReplay) hear(h heard) {
	c := r.clients[h.client]
	if c == nil || c != h.from {
		return // it was closed here
	}
	at := time.Since(r.began)
	c.received = append(c.received, h.bytes...)
	for len(c.received) > 0 {
		size, err := packet.Size(c.received)
		if err != nil || size > maxReceived {
			r.out.packet(at, h.client, packet.Server, c.version, true, c.received)
			c.received = nil
			break
		}
		if size == 0 || size > len(c.received) {
			break
		}
		b := c.received[:size:size]
		c.received = c.received[size:]
		d := packet.Decoder{Version: c.version}
		_, err = d.Decode(b)
		r.out.packet(at, h.client, packet.Server, c.version, err != nil, b)
		r.player.Heard(h.client, b)
	}
	if h.err == nil {
		return
	}
	if len(c.received) > 0 {
		r.out.packet(at, h.client, packet.Server, c.version, true, c.received)
	}
	if !errors.Is(h.err, io.EOF) && !errors.Is(h.err, syscall.ECONNRESET) {
		r.out.line(at, h.client, spec.Message(r.out.lang, "cli.network", "error", errorText(r.out.lang, h.err)))
	}
	r.ended(at, h.client)
}

// ended notes that the broker has closed a connection.
func (r *tcpReplay) ended(at time.Duration, client string) {
	r.clients[client].conn.Close()
	delete(r.clients, client)
	r.out.closed(at, client, packet.Server, false)
	r.player.Ended(client)
}
