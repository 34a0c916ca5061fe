package annotate_test

import (
	"encoding/json"
	"testing"
	"time"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
)

// TestFollow pins what a connection's packets say about each other in JSON.
func TestFollow(t *testing.T) {
	connect := "> 100d00044d5154540402003c000161\n< 20020000\n"
	for _, test := range []struct {
		name, text string
		o          annotate.Options
		index      int
		want       string
	}{
		{"link", connect, annotate.Options{}, 1,
			`{"direction":"server","links":[{"to":0,"kind":"answers","text":"answers the CONNECT of packet 0","offset":0,"length":1}],"findings":[]}`},
		{"doubted", connect + "< 40020007\n", annotate.Options{}, 2,
			`{"direction":"server","links":null,"findings":[["warning","MQTT-2.3.1-6",2,2]]}`},
		{"whole", connect + "< 40020007\n", annotate.Options{Whole: true}, 2,
			`{"direction":"server","links":null,"findings":[["error","MQTT-2.3.1-6",2,2]]}`},
		{"one code too few", connect + "> 820a00010001610000016200\n< 9003000100\n", annotate.Options{}, 3,
			`{"direction":"server","links":[{"to":2,"kind":"answers","text":"answers the SUBSCRIBE of packet 2","offset":0,"length":1},` +
				`{"to":2,"kind":"grants","text":"a: granted QoS 0, as asked for in packet 2","offset":4,"length":1}],"findings":[["error","MQTT-3.8.4-5",5,0]]}`},
		{"sender deduced", "100d00044d5154540402003c000161\n20020000\n32050001610007\n", annotate.Options{}, 2,
			`{"direction":"client","links":null,"findings":[["note","MQTT-3.3.4-1",0,1]]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := annotate.Text(test.text, test.o)
			p := d.Packets[test.index]
			findings := [][]any{}
			for _, f := range p.Findings {
				findings = append(findings, []any{f.Severity, f.Rule, f.Offset, f.Length})
			}
			got, err := json.Marshal(struct {
				Direction string          `json:"direction"`
				Links     []annotate.Link `json:"links"`
				Findings  [][]any         `json:"findings"`
			}{p.Direction, p.Links, findings})
			if err != nil || string(got) != test.want {
				t.Errorf("got  %s\nwant %s (%v)", got, test.want, err)
			}
		})
	}
}

// TestFollowManyFilters: time grows with the input, not with its square.
func TestFollowManyFilters(t *testing.T) {
	connect := packet.NewConnect(packet.V5)
	connect.ClientID, connect.CleanSession = "a", true
	subscribe := &packet.Subscribe{PacketID: 1}
	suback := &packet.Suback{PacketID: 1}
	for range 60_000 {
		subscribe.Subscriptions = append(subscribe.Subscriptions, packet.Subscription{Filter: "+"})
		suback.Codes = append(suback.Codes, packet.WildcardSubscriptionsNotSupported)
	}
	var b []byte
	for _, p := range []packet.Packet{connect, &packet.Connack{Properties: packet.Properties{{ID: packet.WildcardSubscriptionAvailable}}}, subscribe, suback} {
		var err error
		if b, err = packet.Append(b, p, packet.V5); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Now()
	d := annotate.Bytes(b, annotate.Options{})
	if len(d.Packets) != 4 || len(d.Packets[2].Findings) != 60_000 {
		t.Errorf("%d packets, %d findings", len(d.Packets), len(d.Packets[2].Findings))
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}
