package ladder

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
)

// stage is a bench whose clients a test drives.
type stage struct {
	t     *testing.T
	bench *bench.Bench
	ids   map[string]string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, bench: bench.New(bench.Config{ID: "main"}), ids: map[string]string{}}
	t.Cleanup(s.bench.Close)
	return s
}

// send lets a client send packets; it is made and opened first.
func (s *stage) send(name string, packets ...packet.Packet) {
	s.t.Helper()
	id, known := s.ids[name]
	if !known {
		c, err := s.bench.AddClient(name)
		if err != nil {
			s.t.Fatal(err)
		}
		id = c.ID
		s.ids[name] = id
	}
	if s.closed(id) {
		if _, err := s.bench.OpenClient(id); err != nil {
			s.t.Fatal(err)
		}
	}
	for _, p := range packets {
		b, err := packet.Append(nil, p, s.version(id, p))
		if err != nil {
			s.t.Fatal(err)
		}
		if err := s.bench.Send(id, b); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *stage) closed(id string) bool {
	for _, c := range s.bench.Clients() {
		if c.ID == id {
			return c.State != "open"
		}
	}
	return true
}

func (s *stage) version(id string, p packet.Packet) packet.Version {
	if c, ok := p.(*packet.Connect); ok {
		return packet.Version(c.ProtocolLevel)
	}
	for _, c := range s.bench.Clients() {
		if v, ok := packet.ParseVersion(c.Version); ok && c.ID == id {
			return v
		}
	}
	return packet.V311
}

func connect(v packet.Version, id string, clean bool) *packet.Connect {
	c := packet.NewConnect(v)
	c.ClientID, c.CleanSession, c.KeepAlive = id, clean, 60
	if v == packet.V5 && !clean {
		c.Properties = packet.Properties{{ID: packet.SessionExpiryInterval, Number: 100}}
	}
	return c
}

func subscribe(filter string, qos packet.QoS) *packet.Subscribe {
	return &packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: filter, QoS: qos}}}
}

// packets returns the rendered packet events whose summary begins so.
func (s *stage) packets(ix *Index, prefix string) []Event {
	var list []Event
	first, next := s.bench.Log().Bounds()
	for _, e := range s.bench.Log().Range(nil, first, next) {
		if e.Kind == capture.Packet {
			if r := ix.Render(spec.English, &e); strings.HasPrefix(r.From+" "+r.Summary, prefix) {
				list = append(list, r)
			}
		}
	}
	return list
}

func TestCopiesAreJoined(t *testing.T) {
	s := newStage(t)
	s.send("A", connect(packet.V311, "A", true), subscribe("test/#", 1))
	s.send("B", connect(packet.V5, "B", true))
	five := subscribe("test/+", 2)
	five.Properties = packet.Properties{{ID: packet.SubscriptionIdentifier, Number: 9}}
	s.send("B", five)
	s.send("P", connect(packet.V311, "P", true), &packet.Publish{Topic: "test/a", QoS: 2, PacketID: 7, Retain: true, Payload: []byte("hello")})
	ix := NewIndex(s.bench.Log())
	original := s.packets(ix, "client PUBLISH")[0]
	copies := s.packets(ix, "server PUBLISH")
	if len(copies) != 2 {
		t.Fatalf("%d copies", len(copies))
	}
	for i, want := range [][]string{
		{"QoS 2 → 1", "Retain 1 → 0", "id 7 → 1"},
		{"Retain 1 → 0", "id 7 → 1", "+ subscription id 9", "17 → 20 bytes", "MQTT 3.1.1 → 5.0"},
	} {
		c := copies[i]
		if c.Version == "5.0" != (i == 1) {
			copies[0], copies[1] = copies[1], copies[0]
			c = copies[i]
		}
		if c.Original != original.N || c.Group != original.N || !slices.Equal(c.Diff, want) {
			t.Errorf("%d: a copy of %d in group %d with %q, want of %d with %q", c.N, c.Original, c.Group, c.Diff, original.N, want)
		}
	}

	// Acknowledgements belong to their copy's exchange and to the same group.
	s.send("A", &packet.Ack{Kind: packet.PUBACK, PacketID: 1})
	ack := s.packets(ix, "client PUBACK")[0]
	if ack.Group != original.N || ack.Exchange == nil || ack.Exchange.First != copies[0].N || ack.Exchange.Awaits != "" {
		t.Errorf("PUBACK: group %d, exchange %+v", ack.Group, ack.Exchange)
	}
	_, next := s.bench.Log().Bounds()
	states := ix.States(1, next)
	for n, want := range map[uint64]State{
		original.N:  {Last: s.packets(ix, "server PUBREC")[0].N, Awaits: "PUBREL"},
		copies[0].N: {Last: ack.N},
		copies[1].N: {Last: copies[1].N, Awaits: "PUBREC"},
	} {
		if states[n] != want {
			t.Errorf("exchange of %d: %+v, want %+v", n, states[n], want)
		}
	}
	if g := ix.Grid(); g[2][1].Count != 1 || g[2][1].Copy != copies[0].N || g[2][2].Count != 1 || g[2][2].Original != original.N {
		t.Errorf("grid: %+v", g)
	}

	// A later subscriber gets the retained message: a copy of the same.
	s.send("C", connect(packet.V311, "C", true), subscribe("test/a", 0))
	late := s.packets(ix, "server PUBLISH")[2]
	if late.Original != original.N || !slices.Equal(late.Diff, []string{"QoS 2 → 0", "id 7 gone", "17 → 15 bytes"}) {
		t.Errorf("retained: of %d, %q", late.Original, late.Diff)
	}
}

// An exchange that a connection leaves open goes on in the next one of its
// Session, and shows until then that it was cut.
func TestExchangeOverReconnect(t *testing.T) {
	s := newStage(t)
	s.send("A", connect(packet.V311, "A", false), subscribe("x", 1))
	s.send("P", connect(packet.V5, "P", true), &packet.Publish{Topic: "x", QoS: 1, PacketID: 3, Payload: []byte("1")})
	ix := NewIndex(s.bench.Log())
	first := s.packets(ix, "server PUBLISH")[0]
	if _, err := s.bench.AbortClient(s.ids["A"]); err != nil {
		t.Fatal(err)
	}
	_, next := s.bench.Log().Bounds()
	if got := ix.States(first.N, first.N+1)[first.N]; got != (State{Last: first.N, Awaits: "PUBACK", Cut: true}) {
		t.Errorf("after RST: %+v (next %d)", got, next)
	}
	s.send("A", connect(packet.V311, "A", false))
	again := s.packets(ix, "server PUBLISH")[1]
	if again.Exchange == nil || again.Exchange.First != first.N || !again.Exchange.Again || again.Original != first.Original {
		t.Fatalf("again: %+v of %d", again.Exchange, again.Original)
	}
	s.send("A", &packet.Ack{Kind: packet.PUBACK, PacketID: 1})
	ack := s.packets(ix, "client PUBACK")[0]
	if got := ix.States(first.N, first.N+1)[first.N]; got != (State{Last: ack.N}) {
		t.Errorf("at the end: %+v", got)
	}
	if ack.Group != first.Original {
		t.Errorf("the PUBACK is in group %d, want %d", ack.Group, first.Original)
	}
}

func TestWillIsACopyOfItsConnect(t *testing.T) {
	s := newStage(t)
	s.send("A", connect(packet.V311, "A", true), subscribe("gone", 0))
	c := connect(packet.V311, "B", true)
	c.HasWill, c.Will = true, packet.Will{QoS: 1, Topic: "gone", Payload: []byte("B")}
	s.send("B", c)
	ix := NewIndex(s.bench.Log())
	if _, err := s.bench.AbortClient(s.ids["B"]); err != nil {
		t.Fatal(err)
	}
	will := s.packets(ix, "server PUBLISH")[0]
	if from := s.packets(ix, "client CONNECT B")[0]; will.Original != from.N || !slices.Equal(will.Diff, []string{"QoS 1 → 0"}) {
		t.Errorf("will: of %d, %q, want of %d", will.Original, will.Diff, from.N)
	}
}

func TestFind(t *testing.T) {
	s := newStage(t)
	s.send("A", connect(packet.V311, "A", true), subscribe("test/#", 0))
	for i := range 300 {
		s.send("A", &packet.Publish{Topic: fmt.Sprintf("test/%d", i%3), Payload: []byte("Hello World")})
	}
	ix := NewIndex(s.bench.Log())
	all := func(text string, notes bool) (packets, numbers int) {
		q, err := ParseQuery(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for from := uint64(1); ; {
			found := ix.Find(q, from, 50, notes, map[string]string{s.ids["A"]: "kitchen"})
			packets += found.Packets
			numbers += len(found.Numbers)
			if found.Packets > 50 || found.Next <= from && found.Next < found.End {
				t.Fatalf("%s: %d packets from %d to %d", text, found.Packets, from, found.Next)
			}
			if from = found.Next; from >= found.End {
				return packets, numbers
			}
		}
	}
	for _, test := range []struct {
		text    string
		packets int
	}{
		{`mqtt.msgtype == PUBLISH && mqttlab.direction == "client"`, 300},
		{`mqtt.topic == "test/1"`, 200},
		{`test/1`, 200},
		{`Hello World`, 600},
		{`subscribe`, 1},
		{`Kitchen suback`, 1},
		{`frame.number < 3`, 0},
		{`nowhere to be found`, 0},
	} {
		if got, _ := all(test.text, false); got != test.packets {
			t.Errorf("%s: %d packets, want %d", test.text, got, test.packets)
		}
	}
	if packets, numbers := all("subscribe", true); packets != 1 || numbers < 2 {
		t.Errorf("with notes: %d packets of %d", packets, numbers)
	}
	for _, text := range []string{`mqtt.topik == "a"`, `mqtt.topic ==`, `"open`, `a && `} {
		if q, err := ParseQuery(text); err == nil {
			t.Errorf("%s is %s", text, q.Expression)
		}
	}
}

func TestOutline(t *testing.T) {
	s := newStage(t)
	s.send("A", connect(packet.V311, "A", true), &packet.Disconnect{})
	ix := NewIndex(s.bench.Log())
	out := ix.Outline(0)
	first, next := s.bench.Log().Bounds()
	if out.From != first || out.Next != next || len(out.Kinds) != int(next-first) {
		t.Errorf("outline of %d to %d with %d letters, log %d to %d", out.From, out.Next, len(out.Kinds), first, next)
	}
	for i, e := range s.bench.Log().Range(nil, first, next) {
		if want := letters[e.Kind]; out.Kinds[i] != want {
			t.Errorf("event %d is %c, want %c", e.N, out.Kinds[i], want)
		}
	}
	var lanes []string
	for _, l := range out.Lanes {
		lanes = append(lanes, l.What)
	}
	if !slices.Equal(lanes, []string{"name", "open", "close"}) {
		t.Errorf("lanes: %v", lanes)
	}
	if part := ix.Outline(out.Next - 2); len(part.Kinds) != 2 || part.Kinds != out.Kinds[len(out.Kinds)-2:] {
		t.Errorf("the end alone: %+v", part)
	}
	if clocks := ix.Clocks(); len(clocks) != 0 {
		t.Errorf("clocks of a closed connection: %v", clocks)
	}
	s.send("B", connect(packet.V311, "B", true))
	if clocks := ix.Clocks(); len(clocks) != 1 || clocks[0].KeepAlive != 60 || clocks[0].Lane != s.ids["B"] {
		t.Errorf("clocks: %v", clocks)
	}
}

// An index that reads late, when the log has dropped what came first, says
// nothing wrong.
func TestIndexAfterLoss(t *testing.T) {
	log := capture.New(2000, 1<<30)
	ix := NewIndex(log)
	publish, _ := packet.Append(nil, &packet.Publish{Topic: "a", QoS: 1, PacketID: 1}, packet.V311)
	for range 3 {
		for range 5000 {
			log.Append(capture.Event{Kind: capture.Packet, From: packet.Client, Conn: 1, Version: packet.V311, Bytes: publish})
		}
		first, next := log.Bounds()
		for _, e := range log.Range(nil, first, next) {
			if r := ix.Render(spec.English, &e); r.Group != 0 && r.Group > e.N {
				t.Fatalf("event %d is in group %d", e.N, r.Group)
			}
		}
		if held := len(ix.pages) * pageEvents; held > int(next-first)+2*pageEvents {
			t.Errorf("the index holds %d records for %d events", held, next-first)
		}
	}
}
