// Package ladder turns captured events into what people and pages read: the
// events of the JSON contract, with summaries and explanations in words.
//
// It is made when somebody looks, not when it happens, so that a broker at
// full speed pays nothing for it; and once for all who look ([Cache]).
package ladder

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"time"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
)

// Event is a captured event as the JSON contract has it. Which members are
// set depends on Kind.
type Event struct {
	N    uint64        `json:"n"`
	T    float64       `json:"t"`    // seconds since the bench began
	Kind string        `json:"kind"` // "open", "packet", "explain", "close", "client" or "wire"
	Conn broker.ConnID `json:"conn"`
	Lane string        `json:"lane"` // id of the client

	// open
	Name    string `json:"name,omitempty"`
	Remote  string `json:"remote,omitempty"`
	Virtual bool   `json:"virtual,omitempty"`

	// packet
	From     string           `json:"from,omitempty"` // "client" or "server"
	Version  string           `json:"version,omitempty"`
	Type     string           `json:"type,omitempty"` // that the first byte names, of a broken packet, too; "" if it names none
	Summary  string           `json:"summary,omitempty"`
	Length   int              `json:"length,omitempty"` // in bytes
	Hex      string           `json:"hex,omitempty"`    // of the first hexBytes
	Severity string           `json:"severity,omitempty"`
	Packet   *annotate.Packet `json:"packet,omitempty"` // only where it was asked for

	// What it belongs to; see Index.
	Group    uint64    `json:"group,omitempty"`     // number of the packet with which it all began
	Original uint64    `json:"original,omitempty"`  // of a delivery: number of the PUBLISH that it is a copy of
	Diff     []string  `json:"diff,omitempty"`      // how it differs from its original, in a few characters each
	Exchange *Exchange `json:"exchange,omitempty"`  // of packets with a Packet Identifier
	KeepTime uint16    `json:"keep_time,omitempty"` // of CONNACK: Keep Alive as agreed, in seconds

	// explain, wire and packets; of a packet of a client: the wire event that told of its sending
	Cause uint64   `json:"cause,omitempty"` // number of the event that led to it
	Text  string   `json:"text,omitempty"`  // also of close
	Rules []string `json:"rules,omitempty"`
	Key   string   `json:"key,omitempty"`

	// close
	How    string `json:"how,omitempty"`    // "fin", "rst", "server" or "timeout"
	Parted bool   `json:"parted,omitempty"` // the client had said DISCONNECT

	// wire, which also has what a packet has, and Text
	Stage   string `json:"stage,omitempty"`    // "sent", "changed", "arrived" or "lost"
	SentHex string `json:"sent_hex,omitempty"` // as it was sent, where hex is not that
	Notes   []Note `json:"notes,omitempty"`    // what the wire did

	// explain: the client's identifier, a string; client: a bench.Client
	Client any `json:"client,omitempty"`

	Topic        string        `json:"topic,omitempty"`
	Filter       string        `json:"filter,omitempty"`
	Target       broker.ConnID `json:"target,omitempty"`
	TargetClient string        `json:"target_client,omitempty"`
}

// Exchange is a packet's place in what goes on under one Packet Identifier.
type Exchange struct {
	First  uint64 `json:"first"` // number of the packet that began it
	ID     uint16 `json:"id"`
	By     string `json:"by"`               // "client" or "server": who began it
	Awaits string `json:"awaits,omitempty"` // the packet that comes next; "": it is complete
	Again  bool   `json:"again,omitempty"`  // the packet was sent before
}

// hexBytes is how much of a packet an event shows.
const hexBytes = 64

// A line about a packet must stay cheap whatever the packet: one of a
// mebibyte can have hundreds of thousands of fields. Up to shortPacket bytes
// it is searched for findings, up to longPacket its fields are summed up. The
// payload of a PUBLISH is one field, however long.
const (
	shortPacket = 2 << 10
	longPacket  = 16 << 10
)

var kinds = [...]string{capture.Open: "open", capture.Packet: "packet", capture.Explain: "explain", capture.Close: "close", capture.Client: "client", capture.Wire: "wire"}

// Render puts an event into words.
func Render(l spec.Lang, e *capture.Event) Event {
	out := Event{N: e.N, T: Seconds(e.At), Kind: kinds[e.Kind], Conn: e.Conn, Lane: e.Lane}
	switch e.Kind {
	case capture.Open:
		o := e.Detail.(capture.Opened)
		out.Name, out.Remote, out.Virtual = o.Name, o.Remote, o.Virtual
	case capture.Packet:
		out.packet(l, e, flow.Result{})
	case capture.Explain:
		x := e.Detail.(*broker.Explanation)
		out.Cause, out.Key, out.Rules = e.Cause, x.Key, x.Rules
		out.Text = Text(l, x)
		out.Topic, out.Filter = clip(x.Topic), clip(x.Filter)
		out.Target, out.TargetClient = x.Target, clip(x.TargetClient)
		if x.Client != "" {
			out.Client = clip(x.Client)
		}
	case capture.Close:
		out.How = e.How.String()
		out.Text = reason(l, e.Detail)
		if r, ok := e.Detail.(bench.Reason); ok {
			out.Rules = reasonRules[r.Code]
		}
	case capture.Client:
		out.Client = e.Detail
	case capture.Wire:
		out.wired(l, e)
	}
	return out
}

// Text is what an explanation says. The values in it come from the wire:
// nothing in them acts, and long ones are cut.
func Text(l spec.Lang, x *broker.Explanation) string {
	return spec.Message(l, x.Key, visible(x.Args)...)
}

// clip cuts a string from the wire that is far longer than anybody's.
func clip(s string) string {
	if len(s) > 256 {
		return annotate.Visible(s)
	}
	return s
}

func followed(l spec.Lang, e *capture.Event, result flow.Result) annotate.Packet {
	return annotate.Followed(e.Bytes, result, annotate.Options{Version: e.Version, Sender: e.From, Lang: l})
}

func (out *Event) packet(l spec.Lang, e *capture.Event, result flow.Result) {
	out.From, out.Cause = e.From.String(), e.Cause
	if e.Version != 0 {
		out.Version = e.Version.String()
	}
	out.Length = len(e.Bytes)
	out.Hex = hex.EncodeToString(e.Bytes[:min(len(e.Bytes), hexBytes)])
	t := packet.Type(e.Bytes[0] >> 4)
	switch size := len(e.Bytes); {
	case size <= shortPacket || t == packet.PUBLISH && size <= longPacket:
		p := followed(l, e, result)
		out.Summary, out.Severity = p.Summary, worst(p.Findings)
	case size <= longPacket || t == packet.PUBLISH:
		out.Summary = annotate.Summary(e.Bytes, e.Version, l)
	default:
		out.Summary = spec.Message(l, "ladder.long", "type", t.String(), "bytes", strconv.Itoa(size))
	}
	out.Type = typeName(t, e.Version)
	if e.Broken {
		out.Severity = string(annotate.Error)
		if whole, err := packet.Size(e.Bytes); err != nil || whole != len(e.Bytes) {
			out.Summary = spec.Message(l, "ladder.no-packet", "bytes", strconv.Itoa(len(e.Bytes)), "summary", out.Summary)
		}
	}
}

// typeName returns the name of a type that there is in a version, in any if
// that is not known, and "" for others.
func typeName(t packet.Type, v packet.Version) string {
	if v == 0 {
		v = packet.V5
	}
	if !slices.Contains(packet.Types(v), t) {
		return ""
	}
	return t.String()
}

func worst(findings []annotate.Finding) string {
	if len(findings) == 0 {
		return ""
	}
	return string(findings[0].Severity) // errors first
}

// reasonRules are the statements behind the reasons for a close.
var reasonRules = map[string][]string{
	bench.ReasonTextFrame: {"MQTT-6.0.0-1"},
	bench.ReasonPilot:     {"MQTT-4.8.0-1"},
}

// reason says in words why a connection ended, where there is more to say
// than how.
func reason(l spec.Lang, detail any) string {
	r, ok := detail.(bench.Reason)
	if !ok || r.Code == "" {
		return ""
	}
	return spec.Message(l, "close."+r.Code, "bytes", strconv.Itoa(r.Bytes), "max", strconv.Itoa(r.Max), "error", r.Error, "broker", r.Far)
}

// Seconds is the time scale of the contract: seconds with microseconds.
func Seconds(d time.Duration) float64 {
	return math.Round(float64(d)/1e3) / 1e6
}

// encode returns an event as JSON.
func encode(e Event) []byte {
	b, err := json.Marshal(e)
	if err != nil { // no value in an Event can fail; a viewer must still see a number
		return []byte(`{"n":` + strconv.FormatUint(e.N, 10) + `,"kind":"unknown"}`)
	}
	return b
}
