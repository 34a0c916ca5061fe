package broker_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
)

// connects has a Client of 5.0 connect and returns its link, and the Reason
// Code of CONNACK.
func connects(t *testing.T, b *broker.Broker, conn broker.ConnID, id string, change func(*packet.Connect)) (*link, packet.ReasonCode) {
	t.Helper()
	l := &link{tb: t, b: b, id: conn}
	b.Open(time.Time{}, conn)
	p := packet.NewConnect(packet.V5)
	p.ClientID = id
	p.Properties = packet.Properties{{ID: packet.SessionExpiryInterval, Number: 1 << 20}}
	if change != nil {
		change(p)
	}
	for _, e := range l.say(p) {
		if e.Kind == broker.EffectSend && e.Conn == conn && e.Type == packet.CONNACK {
			return l, packet.ReasonCode(e.Wire[3])
		}
	}
	t.Fatalf("%s is not answered", id)
	return nil, 0
}

// largeWill has a Will of some hundred kilobytes, most of it User Properties,
// that waits for long.
func largeWill(p *packet.Connect) {
	p.HasWill, p.Will.Topic, p.Will.Payload = true, "will", make([]byte, 60_000)
	p.Will.Properties = packet.Properties{{ID: packet.WillDelayInterval, Number: 1 << 19}}
	for range 4 {
		p.Will.Properties = append(p.Will.Properties, packet.Property{ID: packet.UserProperty, Key: strings.Repeat("k", 10_000), Text: strings.Repeat("v", 10_000)})
	}
}

// TestWhatIsKeptHasABound holds the memory of Wills, Client Identifiers and
// Topic Aliases against a bound, whether their Clients are there or away; and
// whoever needs little is let in all the same, and keeps its Session.
func TestWhatIsKeptHasABound(t *testing.T) {
	const bound, many = 8 << 20, 400
	long := func(n broker.ConnID) string { return strings.Repeat("x", 60_000) + fmt.Sprint(n) }
	for name, test := range map[string]struct {
		attack func(t *testing.T, b *broker.Broker, n broker.ConnID) packet.ReasonCode
		code   packet.ReasonCode // what the last of the attackers is told
	}{
		"Wills of Clients that are away": {func(t *testing.T, b *broker.Broker, n broker.ConnID) packet.ReasonCode {
			_, code := connects(t, b, n, fmt.Sprint("a", n), largeWill)
			b.Closed(time.Time{}, n, broker.CauseRST)
			return code
		}, packet.Success},
		"Wills of Clients that are there": {func(t *testing.T, b *broker.Broker, n broker.ConnID) packet.ReasonCode {
			_, code := connects(t, b, n, fmt.Sprint("a", n), largeWill)
			return code
		}, packet.QuotaExceeded},
		"a Will that is replaced": {func(t *testing.T, b *broker.Broker, n broker.ConnID) packet.ReasonCode {
			_, code := connects(t, b, n, "the same", largeWill)
			return code
		}, packet.Success},
		"long Client Identifiers": {func(t *testing.T, b *broker.Broker, n broker.ConnID) packet.ReasonCode {
			_, code := connects(t, b, n, long(n), nil)
			b.Closed(time.Time{}, n, broker.CauseFIN)
			return code
		}, packet.Success},
		"aliases of the Client": {func(t *testing.T, b *broker.Broker, n broker.ConnID) packet.ReasonCode {
			l, _ := connects(t, b, n, fmt.Sprint("a", n), nil)
			for alias := range uint32(64) {
				for _, e := range l.say(&packet.Publish{Topic: long(n), Properties: packet.Properties{{ID: packet.TopicAlias, Number: alias + 1}}}) {
					if e.Kind == broker.EffectSend && e.Type == packet.DISCONNECT {
						return packet.ReasonCode(e.Wire[2])
					}
				}
			}
			return packet.Success
		}, packet.QuotaExceeded},
		"aliases of the Server": {func(t *testing.T, b *broker.Broker, n broker.ConnID) packet.ReasonCode {
			if n == 100 {
				l, _ := connects(t, b, n, "hears", func(p *packet.Connect) {
					p.Properties = append(p.Properties, packet.Property{ID: packet.TopicAliasMaximum, Number: 65535})
				})
				l.say(&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: "#"}}})
			}
			l, code := connects(t, b, n+many, "says", nil)
			for _, e := range l.say(&packet.Publish{Topic: long(n)}) {
				if e.Kind == broker.EffectSend && e.Conn == 100 && len(e.Wire) < 60_000 {
					t.Error("a topic is not sent whole, nor ever was")
				}
			}
			return code
		}, packet.Success},
	} {
		t.Run(name, func(t *testing.T) {
			b := broker.New(broker.Config{Explain: true, MaxAllPendingBytes: bound})
			if _, code := connects(t, b, 1, "small", func(p *packet.Connect) { p.HasWill, p.Will.Topic = true, "w" }); code != 0 {
				t.Fatal(code)
			}
			b.Closed(time.Time{}, 1, broker.CauseFIN)
			before, code := heap(), packet.ReasonCode(0)
			for n := range broker.ConnID(many) {
				code = test.attack(t, b, 100+n)
				if n%50 == 0 {
					if err := b.CheckTotals(); err != nil {
						t.Fatal(err)
					}
				}
			}
			if code != test.code {
				t.Errorf("the last is told %#x", code)
			}
			if grown := heap() - before; grown > 2*bound {
				t.Errorf("%d MiB are kept", grown>>20)
			}
			l := &link{tb: t, b: b, id: 2}
			b.Open(time.Time{}, 2)
			p := packet.NewConnect(packet.V5)
			p.ClientID, p.CleanSession, p.HasWill, p.Will.Topic = "small", false, true, "w"
			answered := false
			for _, e := range l.say(p) {
				if e.Type == packet.CONNACK {
					answered = true
					if e.Wire[2] != 1 || e.Wire[3] != 0 {
						t.Errorf("who was there before is told % x", e.Wire[2:4])
					}
				}
			}
			if !answered {
				t.Error("who was there before is not answered")
			}
			if _, code := connects(t, b, 3, "new", nil); code != 0 {
				t.Errorf("who comes new is told %#x", code)
			}
			if err := b.CheckTotals(); err != nil {
				t.Error(err)
			}
		})
	}
}
