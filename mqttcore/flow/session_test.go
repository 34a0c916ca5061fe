package flow_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
)

// TestLegalSessions plays random sessions in which both sides keep every
// rule: nothing may be held against them.
func TestLegalSessions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &model{t: t, conn: flow.New(flow.Options{Whole: true}), version: rapid.SampledFrom(packet.Versions).Draw(t, "version")}
		m.open()
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			m.step()
		}
		m.drain()
		if late := m.conn.End(); len(late) > 0 {
			t.Fatalf("unanswered: %v\n%s", late, m.log)
		}
	})
}

// model is a tiny client and server.
type model struct {
	t       *rapid.T
	conn    *flow.Conn
	version packet.Version
	index   int
	log     string
	queue   [3][]due // by Party that owes them: answers, in order
	used    [3][]uint16
	filters []string
	aliases [3]map[uint32]string
	most    [3]int // Receive Maximum of the receiver of what the Party sends
}

// due is an answer that a side still has to send, and what follows from it.
type due struct {
	p    packet.Packet
	from packet.Party
	then *due
	free uint16 // the identifier that is free once this is sent
	of   packet.Party
}

func (m *model) send(from packet.Party, p packet.Packet) {
	m.log += fmt.Sprintf("%d %s %s %+v\n", m.index, from, p.Type(), p)
	r := m.conn.Add(m.index, from, p)
	m.index++
	for _, f := range r.Findings {
		m.t.Fatalf("held against a legal %s: %s %v\n%s", p.Type(), f.Code, f.Args, m.log)
	}
	if p.Type() != packet.PUBLISH {
		return
	}
	if publish := p.(*packet.Publish); publish.Topic == "" {
		n, _ := publish.Properties.Number(packet.TopicAlias)
		if want := m.aliases[from][n]; r.Topic != want {
			m.t.Fatalf("alias %d is %q, want %q", n, r.Topic, want)
		}
	}
}

func (m *model) open() {
	c := packet.NewConnect(m.version)
	c.ClientID, c.CleanSession = "a", true
	k := &packet.Connack{}
	m.most = [3]int{0, 65535, 65535}
	if m.version == packet.V5 {
		m.most = [3]int{0, rapid.IntRange(1, 3).Draw(m.t, "server's"), rapid.IntRange(1, 3).Draw(m.t, "client's")}
		c.Properties = packet.Properties{{ID: packet.ReceiveMaximum, Number: uint32(m.most[packet.Server])}, {ID: packet.TopicAliasMaximum, Number: 2}}
		k.Properties = packet.Properties{{ID: packet.ReceiveMaximum, Number: uint32(m.most[packet.Client])}, {ID: packet.TopicAliasMaximum, Number: 2}}
	}
	m.aliases = [3]map[uint32]string{nil, {}, {}}
	m.send(packet.Client, c)
	m.send(packet.Server, k)
}

func (m *model) step() {
	switch rapid.IntRange(0, 7).Draw(m.t, "what") {
	case 0:
		m.subscribe()
	case 1:
		m.send(packet.Client, &packet.Ping{Kind: packet.PINGREQ})
		m.owe(due{p: &packet.Ping{Kind: packet.PINGRESP}, from: packet.Server})
	case 2:
		m.publish(packet.Client, rapid.SampledFrom([]string{"x", "y/z"}).Draw(m.t, "topic"))
	case 3:
		if len(m.filters) > 0 {
			m.publish(packet.Server, rapid.SampledFrom(m.filters).Draw(m.t, "filter"))
		}
	default:
		m.answer(rapid.SampledFrom([]packet.Party{packet.Client, packet.Server}).Draw(m.t, "who"))
	}
}

func (m *model) owe(d due) { m.queue[d.from] = append(m.queue[d.from], d) }

// take returns a free Packet Identifier of a side.
func (m *model) take(by packet.Party) uint16 {
	id := uint16(1)
	for slices.Contains(m.used[by], id) {
		id++
	}
	m.used[by] = append(m.used[by], id)
	return id
}

func (m *model) subscribe() {
	filter := rapid.SampledFrom([]string{"a", "a/b", "c"}).Draw(m.t, "filter")
	id := m.take(packet.Client)
	m.send(packet.Client, &packet.Subscribe{PacketID: id, Subscriptions: []packet.Subscription{{Filter: filter, QoS: 2}}})
	m.filters = append(m.filters, filter)
	m.owe(due{p: &packet.Suback{PacketID: id, Codes: []packet.ReasonCode{2}}, from: packet.Server, free: id, of: packet.Client})
}

func (m *model) publish(by packet.Party, topic string) {
	p := &packet.Publish{Topic: topic, QoS: packet.QoS(rapid.IntRange(0, 2).Draw(m.t, "qos")), Payload: []byte{byte(m.index)}}
	if p.QoS > 0 && len(m.used[by]) >= m.most[by] {
		return
	}
	if m.version == packet.V5 {
		alias := rapid.Uint32Range(0, 2).Draw(m.t, "alias")
		if alias > 0 {
			p.Properties = packet.Properties{{ID: packet.TopicAlias, Number: alias}}
			if m.aliases[by][alias] == topic {
				p.Topic = ""
			}
			m.aliases[by][alias] = topic
		}
	}
	to := packet.Party(3 - by)
	switch p.QoS {
	case 1:
		p.PacketID = m.take(by)
		m.owe(due{p: &packet.Ack{Kind: packet.PUBACK, PacketID: p.PacketID}, from: to, free: p.PacketID, of: by})
	case 2:
		p.PacketID = m.take(by)
		comp := &due{p: &packet.Ack{Kind: packet.PUBCOMP, PacketID: p.PacketID}, from: to, free: p.PacketID, of: by}
		rel := &due{p: &packet.Ack{Kind: packet.PUBREL, PacketID: p.PacketID}, from: by, then: comp}
		m.owe(due{p: &packet.Ack{Kind: packet.PUBREC, PacketID: p.PacketID}, from: to, then: rel})
	}
	m.send(by, p)
	if p.QoS > 0 && m.version < packet.V5 && rapid.Bool().Draw(m.t, "again") {
		p.Dup = true
		m.send(by, p)
	}
}

// answer lets a side send the first answer that it owes.
func (m *model) answer(by packet.Party) {
	if len(m.queue[by]) == 0 {
		return
	}
	d := m.queue[by][0]
	m.queue[by] = m.queue[by][1:]
	m.send(by, d.p)
	if d.free > 0 {
		i := slices.Index(m.used[d.of], d.free)
		m.used[d.of] = slices.Delete(m.used[d.of], i, i+1)
	}
	if d.then != nil {
		m.owe(*d.then)
	}
}

func (m *model) drain() {
	for len(m.queue[packet.Client])+len(m.queue[packet.Server]) > 0 {
		m.answer(packet.Client)
		m.answer(packet.Server)
	}
}
