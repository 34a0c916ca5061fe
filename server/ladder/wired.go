package ladder

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/pipe"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/capture"
)

// Note is one thing that a wire did to a packet, as the JSON contract has it.
type Note struct {
	Did    string  `json:"did"`              // "held", "delayed", "dropped" …
	Wait   float64 `json:"wait,omitempty"`   // delayed, delivered: seconds
	N      int     `json:"n,omitempty"`      // throttled: bytes a second; split, cut: bytes; lost: packets
	Offset *int    `json:"offset,omitempty"` // corrupted, spared
	From   string  `json:"from,omitempty"`   // corrupted: the byte before, hex
	To     string  `json:"to,omitempty"`     // … and after
	How    string  `json:"how,omitempty"`    // cut: "fin" or "rst"
}

// wired puts into words what a wire did with a packet.
func (out *Event) wired(l spec.Lang, e *capture.Event) {
	x := e.Detail.(*capture.Wired)
	out.Stage, out.Cause = x.Stage.String(), e.Cause
	if len(x.Bytes) > 0 {
		p := capture.Event{Kind: capture.Packet, From: x.From, Version: x.Version, Bytes: x.Bytes, Cause: e.Cause}
		out.packet(l, &p, flow.Result{})
	}
	out.From = x.From.String()
	if x.Sent != nil {
		out.SentHex = hex.EncodeToString(x.Sent[:min(len(x.Sent), hexBytes)])
	}
	var words []string
	for _, n := range x.Notes {
		out.Notes = append(out.Notes, noteOf(n))
		switch {
		case n.Did != pipe.Edited:
			words = append(words, say(l, n))
		case x.Sent == nil:
			words = append(words, spec.Message(l, "wire.edited-back"))
		default:
			words = append(words, spec.Message(l, "wire.edited", "was", lengthBefore(x.Sent, x.Bytes), "n", strconv.Itoa(len(x.Bytes)), "edits", edits(x.Sent, x.Bytes)))
		}
	}
	if x.Sent != nil && x.Stage == capture.Arrived {
		words = append(words, spec.Message(l, "wire.differs", "places", differences(x.Sent, x.Bytes)))
	}
	out.Text = strings.Join(words, " ")
}

func noteOf(n pipe.Note) Note {
	out := Note{Did: n.Did.String(), N: n.N, How: n.How.String(), Wait: Seconds(n.Wait)}
	switch n.Did {
	case pipe.Corrupted:
		out.From, out.To = fmt.Sprintf("%02x", n.From), fmt.Sprintf("%02x", n.To)
		fallthrough
	case pipe.Spared:
		out.Offset = &n.Offset
	}
	return out
}

func say(l spec.Lang, n pipe.Note) string {
	return spec.Message(l, "wire."+n.Did.String(),
		"ms", strconv.FormatFloat(float64(n.Wait.Microseconds())/1000, 'f', -1, 64), "n", strconv.Itoa(n.N), "offset", strconv.Itoa(n.Offset),
		"from", fmt.Sprintf("0x%02x", n.From), "to", fmt.Sprintf("0x%02x", n.To), "xor", fmt.Sprintf("0x%02x", n.From^n.To),
		"how", strings.ToUpper(n.How.String()))
}

// placesNamed is how many differing bytes are named one by one.
const placesNamed = 8

// differences names the places at which what has arrived is not what was sent.
func differences(sent, arrived []byte) string {
	var places []string
	for i := range max(len(sent), len(arrived)) {
		if i < len(sent) && i < len(arrived) && sent[i] == arrived[i] {
			continue
		}
		if len(places) == placesNamed {
			return strings.Join(append(places, "…"), ", ")
		}
		places = append(places, strconv.Itoa(i))
	}
	return strings.Join(places, ", ")
}
