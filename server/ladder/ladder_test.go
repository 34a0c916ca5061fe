package ladder

import (
	"encoding/json"
	"strings"
	"testing"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
)

func TestRender(t *testing.T) {
	connect := []byte("\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01A")
	large := append([]byte{0x82, 0xd3, 0x86, 0x03}, make([]byte, 50_003)...)
	tests := []struct {
		name string
		e    capture.Event
		want []string // in the JSON
	}{
		{"open", capture.Event{Kind: capture.Open, Conn: 3, Lane: "v1", Detail: capture.Opened{Name: "A", Virtual: true}},
			[]string{`"kind":"open","conn":3,"lane":"v1","name":"A","virtual":true`}},
		{"packet", capture.Event{Kind: capture.Packet, From: packet.Client, Version: packet.V311, Bytes: connect, At: 1234567890},
			[]string{`"t":1.234568,"kind":"packet"`, `"from":"client","version":"3.1.1","type":"CONNECT","summary":"CONNECT A, `, `"length":15,"hex":"100d`}},
		{"no packet", capture.Event{Kind: capture.Packet, From: packet.Client, Broken: true, Bytes: []byte("GET")},
			[]string{`"length":3,"hex":"474554","severity":"error"`, `"summary":"`}},
		{"broken CONNECT", capture.Event{Kind: capture.Packet, From: packet.Client, Broken: true, Version: packet.V311, Bytes: []byte("\x10\x0d\x00\x04MQTT\x04\x03\x00\x00\x00\x01A")},
			[]string{`"version":"3.1.1","type":"CONNECT","summary":"CONNECT A`, `"severity":"error"`}},
		{"no such type", capture.Event{Kind: capture.Packet, From: packet.Client, Broken: true, Version: packet.V311, Bytes: []byte{0xf0, 0}},
			[]string{`"version":"3.1.1","summary":`}},
		{"one byte", capture.Event{Kind: capture.Packet, From: packet.Client, Broken: true, Bytes: []byte{0}},
			[]string{`"severity":"error"`}},
		{"large", capture.Event{Kind: capture.Packet, From: packet.Client, Version: packet.V311, Bytes: large},
			[]string{`"summary":"SUBSCRIBE; bytes: 50007"`, `"length":50007`}},
		{"explanation", capture.Event{Kind: capture.Explain, Cause: 7, Detail: &broker.Explanation{Key: "session.ended", Args: []string{"subscriptions", "1"}, Rules: []string{"MQTT-3.1.2-6"}, Client: "A"}},
			[]string{`"cause":7,"text":"`, `"rules":["MQTT-3.1.2-6"],"key":"session.ended","client":"A"`}},
		{"close", capture.Event{Kind: capture.Close, How: capture.Server, Detail: bench.Reason{Code: bench.ReasonSlow, Bytes: 17}},
			[]string{`"text":"`, `never left: 17`, `"how":"server"`}},
		{"close, too large", capture.Event{Kind: capture.Close, How: capture.Server, Detail: bench.Reason{Code: bench.ReasonTooLarge, Bytes: 5, Max: 4}},
			[]string{`in bytes: 5; most that is taken: 4`}},
		{"close, full", capture.Event{Kind: capture.Close, How: capture.Server, Detail: bench.Reason{Code: bench.ReasonFull, Max: 9}}, []string{`(9)`}},
		{"close, network", capture.Event{Kind: capture.Close, How: capture.Timeout, Detail: bench.Reason{Code: bench.ReasonNetwork, Error: "lost"}}, []string{`lost`}},
		{"close, text frame", capture.Event{Kind: capture.Close, How: capture.Server, Detail: bench.Reason{Code: bench.ReasonTextFrame}}, []string{`binary`}},
		{"close without a word", capture.Event{Kind: capture.Close, How: capture.FIN, Detail: bench.Reason{}},
			[]string{`"how":"fin"`}},
		{"client", capture.Event{Kind: capture.Client, Detail: bench.Client{ID: "v1", Removed: true}},
			[]string{`"client":{"id":"v1"`, `"removed":true`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, l := range spec.Languages() {
				got := string(encode(Render(l, &test.e)))
				if !json.Valid([]byte(got)) || strings.Contains(got, "⟦") || strings.ContainsAny(strings.TrimSpace(text(got)), "{}") {
					t.Errorf("%s: %s", l, got)
				}
				for _, want := range test.want {
					if l == spec.English && !strings.Contains(got, want) {
						t.Errorf("%s is not in %s", want, got)
					}
				}
			}
		})
	}
}

// What the cache returns is what the index makes, however it is asked.
func TestCache(t *testing.T) {
	log := capture.New(3000, 1<<30)
	c, index := NewCache(log), NewIndex(log)
	for range 20_000 {
		log.Append(capture.Event{Kind: capture.Packet, From: packet.Client, Bytes: []byte{0xc0, 0}})
	}
	first, next := log.Bounds()
	for _, ask := range [][2]uint64{{1, 10}, {0, first + 1}, {first, next}, {next - 300, next + 5}, {next - 300, next - 1}, {next, next + 1}, {first + 255, first + 258}} {
		from, events := c.Range(spec.English, ask[0], ask[1])
		want := log.Range(nil, ask[0], ask[1])
		if len(events) != len(want) {
			t.Fatalf("%v: %d events, want %d", ask, len(events), len(want))
		}
		for i := range want {
			if i == 0 && from != want[0].N {
				t.Errorf("%v begins with %d", ask, from)
			}
			if got := string(events[i]); got != string(encode(index.Render(spec.English, &want[i]))) {
				t.Errorf("event %d is %s", want[i].N, got)
			}
		}
	}
	// The page that is not full yet grows.
	log.Append(capture.Event{Kind: capture.Open, Detail: capture.Opened{Name: "new"}})
	if _, events := c.Range(spec.English, next, next+1); len(events) != 1 || !strings.Contains(string(events[0]), "new") {
		t.Errorf("%s", events)
	}
}

// A cache that is asked for what is new, again and again, holds nothing of
// events that have gone, and no more than a quarter of the capture's bytes or
// a page.
func TestCacheForgets(t *testing.T) {
	const events = 4000
	for _, most := range []int{1 << 30, 100 << 10} {
		log := capture.New(events, most)
		c := NewCache(log)
		for n := range uint64(5 * events) {
			log.Append(capture.Event{Kind: capture.Packet, From: packet.Client, Bytes: []byte{0xc0, 0}})
			if n%50 == 0 {
				c.Range(spec.English, n, n+2)
			}
		}
		low, next := log.Bounds()
		_, all := c.Range(spec.English, low, next)
		size := 0
		for _, e := range all {
			size += len(e)
		}
		held := 0
		for key, element := range c.pages {
			held += element.Value.(*page).bytes
			if (key.page+1)*pageEvents <= low {
				t.Errorf("page %d is held, and event %d is the first there is", key.page, low)
			}
		}
		if held != c.bytes || held == 0 || held > max(most/4, pageEvents*len(all[0])*2) || held > size+pageEvents*len(all[0])*2 {
			t.Errorf("%d bytes are held, and counted %d; all events have %d", held, c.bytes, size)
		}
	}
}

// text is the member of that name of an event.
func text(event string) string {
	var e struct{ Text string }
	json.Unmarshal([]byte(event), &e)
	return e.Text
}
