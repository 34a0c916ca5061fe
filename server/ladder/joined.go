package ladder

import (
	"strconv"
	"strings"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/capture"
)

// Render puts an event into words, with what the events before it say.
func (ix *Index) Render(l spec.Lang, e *capture.Event) Event {
	r, ok := ix.look(e.N)
	if !ok || e.Kind != capture.Packet {
		out := Render(l, e)
		out.Group, out.Parted = r.group, r.parted
		return out
	}
	out := Event{N: e.N, T: Seconds(e.At), Kind: kinds[e.Kind], Conn: e.Conn, Lane: e.Lane}
	out.packet(l, e, ix.result(e.N))
	out.Group, out.Original, out.KeepTime = r.group, r.original, r.keepAlive
	if r.first > 0 {
		out.Exchange = &Exchange{First: r.first, ID: r.id, By: r.by.String(), Again: r.again}
		if r.awaits != 0 {
			out.Exchange.Awaits = r.awaits.String()
		}
	}
	if r.original > 0 {
		// A line is short: what the rules are about comes first.
		changes := ix.Changes(e, r.original)
		for _, long := range []bool{false, true} {
			for _, c := range changes {
				if long == (c.Field == "mqtt.len" || c.Field == "mqtt.ver") {
					out.Diff = append(out.Diff, Chip(l, &c))
				}
			}
		}
	}
	return out
}

// Full is Render with the whole annotated packet.
func (ix *Index) Full(l spec.Lang, e *capture.Event) Event {
	out := ix.Render(l, e)
	if e.Kind == capture.Packet {
		p := ix.Annotate(l, e)
		out.Packet = &p
	}
	return out
}

// Annotate explains the bytes of a packet event, and what the packets before
// it on its connection say about it.
func (ix *Index) Annotate(l spec.Lang, e *capture.Event) annotate.Packet {
	ix.look(e.N)
	return followed(l, e, ix.result(e.N))
}

// Changes returns how a copy differs from its original; nothing if the
// original is no longer held.
func (ix *Index) Changes(e *capture.Event, original uint64) []flow.Change {
	events := ix.log.Range(nil, original, original+1)
	if len(events) == 0 || len(events[0].Bytes) > longPacket || len(e.Bytes) > longPacket {
		return nil
	}
	from, ok := messageOf(&events[0])
	to, ok2 := messageOf(e)
	if !ok || !ok2 {
		return nil
	}
	if from.Topic == "" { // an alias stood for it
		from.Topic = to.Topic
	}
	return flow.Changes(from, to)
}

func messageOf(e *capture.Event) (flow.Message, bool) {
	d := packet.Decoder{Version: e.Version}
	p, err := d.Decode(e.Bytes)
	if err != nil {
		return flow.Message{}, false
	}
	switch p := p.(type) {
	case *packet.Publish:
		v := e.Version
		if v == 0 {
			v = packet.V311
		}
		return flow.Message{Publish: p, Version: v, Topic: p.Topic, Size: len(e.Bytes)}, true
	case *packet.Connect:
		return flow.WillMessage(p), p.HasWill
	}
	return flow.Message{}, false
}

// Chip says in a few characters how a copy differs there.
func Chip(l spec.Lang, c *flow.Change) string {
	return spec.Message(l, c.Key+".chip", visible(c.Args)...)
}

// Why says in words why a copy differs there.
func Why(l spec.Lang, c *flow.Change) string {
	args := visible(c.Args)
	if len(c.Lengths) > 0 {
		var parts []string
		for _, p := range c.Lengths {
			parts = append(parts, spec.Message(l, p.Key, "n", signed(p.Bytes)))
		}
		args = append(args, "parts", strings.Join(parts, ", "))
	}
	return spec.Message(l, c.Key+".why", args...)
}

// signed writes a difference as "+3" or "−2".
func signed(n int) string {
	if n < 0 {
		return "−" + strconv.Itoa(-n)
	}
	return "+" + strconv.Itoa(n)
}

// visible makes the values of a message's arguments fit to be shown.
func visible(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		if out[i] = a; i%2 == 1 {
			out[i] = annotate.Visible(a)
		}
	}
	return out
}
