package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"testing"
	"time"

	"mqttlab/mqttcore/packet"
)

// keeper is a client that keeps its side of a persistent session: what it has
// sent until it is acknowledged, and the QoS 2 messages it has taken until
// PUBREL.
type keeper struct {
	t          testing.TB
	id, filter string
	topic      string // of what it publishes
	retains    bool   // every tenth message, under a topic of its own

	conn       net.Conn
	packets    chan packet.Packet // closed at the connection's end; nil: no connection
	connected  bool
	present    bool // Session Present of the latest CONNACK
	subscribed bool

	sent    map[int]packet.QoS // by number
	pending []*unacknowledged
	nextID  uint16
	held    map[uint16]bool
	got     map[int]int // how often each number came
	again   int
}

type unacknowledged struct {
	packet.Publish
	released bool // PUBREC came
}

func (k *keeper) connect(address string) {
	k.hangUp()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		k.t.Fatal(err)
	}
	k.attach(conn)
}

// attach begins a connection: CONNECT, SUBSCRIBE, and what was not finished.
func (k *keeper) attach(conn net.Conn) {
	k.conn, k.connected = conn, false
	k.packets = make(chan packet.Packet, 100)
	go read(conn, k.packets)
	c := packet.NewConnect(packet.V311)
	c.ClientID = k.id
	k.send(c)
	if k.filter != "" && !k.subscribed { // a second SUBSCRIBE would have what is retained sent again
		k.send(&packet.Subscribe{PacketID: 9, Subscriptions: []packet.Subscription{{Filter: k.filter, QoS: 2}}})
	}
	for _, u := range k.pending { // [MQTT-4.4.0-1]
		if u.released {
			k.send(&packet.Ack{Kind: packet.PUBREL, PacketID: u.PacketID})
			continue
		}
		u.Dup = true
		k.send(&u.Publish)
	}
}

func (k *keeper) hangUp() {
	if k.conn != nil {
		k.conn.Close()
		for range k.packets { // what came after the test stopped looking was never taken
		}
		k.conn, k.packets = nil, nil
	}
}

// read hands on the packets of a connection until its end.
func read(conn net.Conn, packets chan<- packet.Packet) {
	defer close(packets)
	in := bufio.NewReader(conn)
	for n := 2; ; n++ {
		head, err := in.Peek(n)
		if err != nil {
			return
		}
		size, err := packet.Size(head)
		if err != nil {
			return
		}
		if size == 0 {
			continue
		}
		frame := make([]byte, size)
		if _, err := io.ReadFull(in, frame); err != nil {
			return
		}
		p, err := (&packet.Decoder{Version: packet.V311}).Decode(frame)
		if err != nil {
			return
		}
		packets <- p
		n = 1
	}
}

func (k *keeper) send(p packet.Packet) {
	b, err := packet.Append(nil, p, packet.V311)
	if err != nil {
		k.t.Fatal(err)
	}
	k.conn.Write(b) // a failure shows where it is read
}

// publish fills the window.
func (k *keeper) publish(window int) {
	if k.sent == nil {
		k.sent = map[int]packet.QoS{}
	}
	for len(k.pending) < window {
		number := len(k.sent)
		k.nextID = k.nextID%60_000 + 1
		u := &unacknowledged{Publish: packet.Publish{Topic: k.topic, QoS: packet.QoS(1 + number%2), PacketID: k.nextID, Payload: fmt.Append(nil, number)}}
		if k.retains && number%10 == 9 {
			u.Retain, u.Topic = true, fmt.Sprint("k/retained/", number)
		}
		k.sent[number] = u.QoS
		k.pending = append(k.pending, u)
		k.send(&u.Publish)
	}
}

// take does what a client does about a packet. It returns false at the end of
// the connection.
func (k *keeper) take(p packet.Packet, ok bool) bool {
	switch p := p.(type) {
	case *packet.Connack:
		k.connected, k.present = p.Code == 0, p.SessionPresent
	case *packet.Suback:
		k.subscribed = true
	case *packet.Publish:
		k.message(p)
	case *packet.Ack:
		k.acknowledged(p)
	}
	return ok
}

func (k *keeper) message(p *packet.Publish) {
	if p.QoS < 2 || !k.held[p.PacketID] {
		number, err := strconv.Atoi(string(p.Payload))
		if err != nil {
			k.t.Error(err)
		}
		if k.got == nil {
			k.got, k.held = map[int]int{}, map[uint16]bool{}
		}
		if k.got[number]++; k.got[number] == 2 {
			k.again++
		}
	}
	switch p.QoS {
	case 1:
		k.send(&packet.Ack{Kind: packet.PUBACK, PacketID: p.PacketID})
	case 2:
		k.held[p.PacketID] = true
		k.send(&packet.Ack{Kind: packet.PUBREC, PacketID: p.PacketID})
	}
}

func (k *keeper) acknowledged(p *packet.Ack) {
	i := slices.IndexFunc(k.pending, func(u *unacknowledged) bool { return u.PacketID == p.PacketID })
	switch {
	case p.Kind == packet.PUBREL:
		delete(k.held, p.PacketID)
		k.send(&packet.Ack{Kind: packet.PUBCOMP, PacketID: p.PacketID})
	case i < 0:
	case p.Kind == packet.PUBREC:
		k.pending[i].released = true
		k.send(&packet.Ack{Kind: packet.PUBREL, PacketID: p.PacketID})
	default:
		k.pending = slices.Delete(k.pending, i, i+1)
	}
}

// until takes packets until something is so.
func (k *keeper) until(so func() bool) {
	k.t.Helper()
	limit := time.After(10 * time.Second)
	for !so() {
		select {
		case p, ok := <-k.packets:
			if !k.take(p, ok) {
				k.t.Fatalf("%s: the connection ended", k.id)
			}
		case <-limit:
			k.t.Fatalf("%s: it does not come: %d pending, %d numbers, connected %v, subscribed %v", k.id, len(k.pending), len(k.got), k.connected, k.subscribed)
		}
	}
}
