package bench

import (
	"errors"
	"strconv"

	"mqttlab/mqttcore/packet"
)

// ErrNoPreset says that no preset has that name.
var ErrNoPreset = errors.New("there is no preset of that name")

// preset is a scene of the tutorials: clients that are made, opened, and send
// their first packets.
type preset struct {
	name    string
	clients []string // their names are the messages "preset.client." + these
	script  func(v packet.Version, id func(string) string) []cue
}

// cue is what one client of a preset sends.
type cue struct {
	client int // index
	packet packet.Packet
}

// The identifiers and texts of the tutorials.
const (
	firstID   = "123456789"
	secondID  = "223456789"
	longID    = "111111111111111111111111111111" // 30 characters; servers need to take 23 [MQTT-3.1.3-5]
	keptID    = "keeper"
	keepAlive = 60 // seconds
)

var presets = []preset{
	{"publisher", []string{"publisher"}, func(v packet.Version, id func(string) string) []cue {
		return []cue{{0, hello(v, id(firstID))}}
	}},
	{"subscriber", []string{"subscriber"}, func(v packet.Version, id func(string) string) []cue {
		return []cue{{0, hello(v, id(secondID))}, {0, subscribe("test", 0)}}
	}},
	{"will", []string{"watcher", "will"}, func(v packet.Version, id func(string) string) []cue {
		doomed := hello(v, id(longID))
		doomed.HasWill = true
		doomed.Will = packet.Will{QoS: 1, Retain: true, Topic: "lwt", Payload: []byte("gone offline")}
		return []cue{{0, hello(v, id(secondID))}, {0, subscribe("lwt", 1)}, {1, doomed}}
	}},
	{"same-id", []string{"older", "newer"}, func(v packet.Version, id func(string) string) []cue {
		same := id(firstID)
		return []cue{{0, hello(v, same)}, {1, hello(v, same)}}
	}},
	{"session", []string{"session"}, func(v packet.Version, id func(string) string) []cue {
		kept := hello(v, id(keptID))
		kept.CleanSession = false
		if v == packet.V5 {
			kept.Properties = packet.Properties{{ID: packet.SessionExpiryInterval, Number: 3600}}
		}
		return []cue{{0, kept}, {0, subscribe("test/#", 1)}}
	}},
}

// hello is the CONNECT of the tutorials, with their user name and password.
func hello(v packet.Version, id string) *packet.Connect {
	c := packet.NewConnect(v)
	c.CleanSession, c.KeepAlive, c.ClientID = true, keepAlive, id
	c.HasUserName, c.UserName, c.HasPassword, c.Password = true, "admin", true, []byte("password")
	return c
}

func subscribe(filter string, qos packet.QoS) *packet.Subscribe {
	return &packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: filter, QoS: qos}}}
}

// Presets lists the names of all presets.
func Presets() []string {
	names := make([]string, len(presets))
	for i, p := range presets {
		names[i] = p.name
	}
	return names
}

// Preset makes the clients of a preset, opens their connections and lets them
// send what it says, in a version of MQTT. They ping by themselves, so that
// they are still there when somebody has read what they said. named gives clients their names.
// Identifiers that are in use get a number behind them.
func (b *Bench) Preset(name string, v packet.Version, named func(key string) string) ([]Client, error) {
	for _, p := range presets {
		if p.name == name {
			return b.stage(p, v, named)
		}
	}
	return nil, ErrNoPreset
}

func (b *Bench) stage(p preset, v packet.Version, named func(key string) string) (made []Client, err error) {
	defer func() {
		if err != nil {
			for _, c := range made {
				b.RemoveClient(c.ID)
			}
			made = nil
		}
	}()
	inUse := map[string]bool{}
	for _, c := range b.Clients() {
		if c.State == "open" {
			inUse[c.ClientID] = true
		}
	}
	free := func(id string) string {
		for n := 2; ; n++ {
			if !inUse[id] {
				return id
			}
			if next := id + "-" + strconv.Itoa(n); !inUse[next] {
				return next
			}
		}
	}
	for _, key := range p.clients {
		c, err := b.AddClient(named(key))
		if err != nil {
			return made, err
		}
		made = append(made, c)
		ping := true
		if _, err := b.SetAutopilot(c.ID, nil, &ping, nil); err != nil {
			return made, err
		}
		if _, err := b.OpenClient(c.ID); err != nil {
			return made, err
		}
	}
	for _, says := range p.script(v, free) {
		data, err := packet.Append(nil, says.packet, v)
		if err != nil {
			return made, err
		}
		if err := b.Send(made[says.client].ID, data); err != nil {
			return made, err
		}
	}
	now := b.Clients()
	for i := range made {
		for _, c := range now {
			if c.ID == made[i].ID {
				made[i] = c
			}
		}
	}
	return made, nil
}
