package bench_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/server/bench"
)

// TestAnyMomentIsReplayed lets clients do anything, in good order and not, and
// notes the broker's state after each event that was the latest for a while. A
// replay to that event must show just that state.
func TestAnyMomentIsReplayed(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg, steps := bench.Config{Broker: broker.Config{MaxInflight: 3, MaxExplained: 4}}, 600
				if seed%3 == 2 { // much is forgotten on the way
					cfg.CaptureEvents, steps = 2000, 2500
				}
				b := bench.New(cfg)
				defer b.Close()
				states := wander(t, b, rand.New(rand.NewPCG(seed, 7)), steps)
				first, next := b.Log().Bounds()
				if seed%3 == 2 && first < 2000 {
					t.Fatalf("%d to %d are held: nothing was forgotten", first, next)
				}
				shown := 0
				for n := range next {
					want, ok := states[n]
					if !ok {
						continue
					}
					m, err := b.At(t.Context(), n)
					if errors.Is(err, bench.ErrNotHeld) && n < m.Oldest {
						continue
					}
					if err != nil {
						t.Fatal(err)
					}
					shown++
					got := m.Broker.State()
					want.Next, got.Next = nil, nil // moves by itself, when the time for Keep Alive is looked at again
					if diff := cmp.Diff(want, got); diff != "" {
						t.Fatalf("after event %d of %d (-then +replayed):\n%s", n, next-1, diff)
					}
				}
				if shown < 100 {
					t.Errorf("%d moments could be shown", shown)
				}
			})
		})
	}
}

// wander lets clients of all versions do what they like and returns the state
// after each event that stayed the latest.
func wander(t *testing.T, b *bench.Bench, random *rand.Rand, steps int) map[uint64]broker.State {
	states := map[uint64]broker.State{}
	var ids []string
	versions := map[string]packet.Version{}
	for i := range 5 {
		c, err := b.AddClient("")
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, c.ID)
		versions[c.ID] = []packet.Version{packet.V311, packet.V5, packet.V5, packet.V31, packet.V5}[i]
	}
	number := func(n int) uint32 { return uint32(random.IntN(n)) }
	topics := []string{"t/1", "t/2", "u", "$x/1"}
	filters := []string{"t/+", "#", "u", "t/1", "$share/g/t/#", "$share/h/u", "+/1"}
	for range steps {
		id := ids[random.IntN(len(ids))]
		v := versions[id]
		five := func(list ...packet.Property) packet.Properties {
			if v != packet.V5 || random.IntN(2) == 0 {
				return nil
			}
			return list
		}
		var p packet.Packet
		switch random.IntN(16) {
		case 0, 1:
			if b.AbortClient(id); random.IntN(2) == 0 {
				b.CloseClient(id)
			}
		case 2, 3, 4:
			b.OpenClient(id)
			connect := packet.NewConnect(v)
			connect.ClientID, connect.CleanSession = fmt.Sprint("c", number(4)), random.IntN(3) == 0
			connect.KeepAlive = uint16(number(4) * 5)
			connect.Properties = five(packet.Property{ID: packet.SessionExpiryInterval, Number: number(40)}, packet.Property{ID: packet.ReceiveMaximum, Number: 1 + number(3)},
				packet.Property{ID: packet.TopicAliasMaximum, Number: number(3)}, packet.Property{ID: packet.MaximumPacketSize, Number: 20 + number(60)})
			if connect.HasWill = random.IntN(2) == 0; connect.HasWill {
				connect.Will = packet.Will{Topic: topics[number(3)], Payload: []byte("will"), QoS: packet.QoS(number(3)), Retain: random.IntN(4) == 0,
					Properties: five(packet.Property{ID: packet.WillDelayInterval, Number: number(20)})}
			}
			p = connect
		case 5, 6:
			p = &packet.Subscribe{PacketID: 1 + uint16(number(9)), Subscriptions: []packet.Subscription{{Filter: filters[number(len(filters))], QoS: packet.QoS(number(3))}},
				Properties: five(packet.Property{ID: packet.SubscriptionIdentifier, Number: 1 + number(5)})}
		case 7:
			p = &packet.Unsubscribe{PacketID: 1 + uint16(number(9)), Filters: []string{filters[number(len(filters))]}}
		case 8, 9, 10, 11:
			publish := &packet.Publish{Topic: topics[number(len(topics))], QoS: packet.QoS(number(3)), Retain: random.IntN(4) == 0, PacketID: 1 + uint16(number(9)),
				Payload: []byte(strings.Repeat("x", int(number(30)))), Properties: five(packet.Property{ID: packet.MessageExpiryInterval, Number: number(30)}, packet.Property{ID: packet.TopicAlias, Number: 1 + number(3)})}
			if publish.QoS == 0 {
				publish.PacketID = 0
			}
			if v == packet.V5 && random.IntN(5) == 0 {
				publish.Topic, publish.Properties = "", packet.Properties{{ID: packet.TopicAlias, Number: 1 + number(3)}}
			}
			p = publish
		case 12, 13:
			kinds := []packet.Type{packet.PUBACK, packet.PUBREC, packet.PUBCOMP, packet.PUBREL}
			p = &packet.Ack{Kind: kinds[number(4)], PacketID: 1 + uint16(number(9))}
		case 14:
			if random.IntN(3) == 0 {
				p = &packet.Disconnect{Properties: five(packet.Property{ID: packet.SessionExpiryInterval, Number: number(30)})}
			} else if random.IntN(3) == 0 {
				b.Send(id, []byte{0xff, 0xff, 0xff, 0xff, 0xff}) // no packet
			}
		default:
			time.Sleep(time.Duration(number(9)) * time.Second)
		}
		if p != nil {
			wire, err := packet.Append(nil, p, v)
			if err != nil {
				t.Fatal(err)
			}
			b.Send(id, wire)
			time.Sleep(time.Duration(number(3)) * time.Millisecond)
		}
		synctest.Wait()
		_, next := b.Log().Bounds()
		states[next-1] = b.State()
	}
	return states
}

// TestMomentsOutOfReach says which moments can be shown where one cannot.
func TestMomentsOutOfReach(t *testing.T) {
	b := bench.New(bench.Config{CaptureEvents: 100})
	defer b.Close()
	c, _ := b.AddClient("A")
	b.OpenClient(c.ID)
	b.Send(c.ID, unhex(t, connectA))
	if m, err := b.At(t.Context(), 0); err != nil || len(m.Broker.State().Connections) != 0 || m.Event != 0 {
		t.Errorf("before the first event: %+v, %v", m, err)
	}
	if _, err := b.At(t.Context(), 1000); !errors.Is(err, bench.ErrNotHeld) || !strings.Contains(err.Error(), "the oldest is 0") {
		t.Error(err)
	}
	for range 2000 {
		b.Send(c.ID, unhex(t, pingreq))
	}
	m, err := b.At(t.Context(), 5)
	if !errors.Is(err, bench.ErrNotHeld) || m.Oldest < 1000 || !strings.Contains(err.Error(), fmt.Sprint("the oldest is ", m.Oldest, ",")) {
		t.Error(m, err)
	}
	for n := m.Oldest; n <= m.Newest; n++ {
		if m, err := b.At(t.Context(), n); err != nil || len(m.Broker.State().Sessions) != 1 {
			t.Fatal(n, err)
		}
	}
	if first, next := b.Log().Bounds(); m.Oldest > (first+next)/2+16 {
		t.Errorf("the oldest is %d; %d to %d are held", m.Oldest, first, next)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.At(ended, m.Newest); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	silent := bench.New(bench.Config{NoCapture: true})
	defer silent.Close()
	if _, err := silent.At(t.Context(), 0); !errors.Is(err, bench.ErrNoReplay) {
		t.Error(err)
	}
}

// TestMomentsOfAnEarlierBroker goes back to before the bench got another one.
func TestMomentsOfAnEarlierBroker(t *testing.T) {
	b := bench.New(bench.Config{})
	defer b.Close()
	c, _ := b.AddClient("A")
	b.OpenClient(c.ID)
	b.Send(c.ID, unhex(t, connectTwo))
	_, before := b.Log().Bounds()
	if err := b.Reconfigure(broker.Config{}); err != nil {
		t.Fatal(err)
	}
	_, after := b.Log().Bounds()
	for event, sessions := range map[uint64]int{0: 0, before - 1: 1, after - 2: 1, after - 1: 0} {
		if m, err := b.At(t.Context(), event); err != nil || len(m.Broker.State().Sessions) != sessions {
			t.Errorf("event %d: %v", event, err)
		}
	}
}
