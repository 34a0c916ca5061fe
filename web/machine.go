package web

import (
	"fmt"
	"strconv"
	"strings"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// machineState is a state of one of the broker's machines in the reader's language.
func machineState(l spec.Lang, machine, state string) string {
	for _, m := range broker.Machines() {
		if m.Name != machine {
			continue
		}
		for i, s := range m.States {
			if s == state {
				return machineText(l, m, "s", i)
			}
		}
	}
	return state
}

// machineText is a text of a machine's table: "s" a state, "e" an event, "r"
// what a row does.
func machineText(l spec.Lang, m *broker.Machine, what string, i int) string {
	return spec.Message(l, "machine."+m.Name+"."+what+strconv.Itoa(i))
}

// The measures of a diagram, in its own units: states stand side by side as
// lifelines, each transition is an arrow between two of them in a row of its own.
const (
	machineState0 = 108 // the middle of the first state
	machineStep   = 216 // to the next
	machineBox    = 204 // a state's width
	machineHead   = 46
	machineRow    = 74
)

// machineArrow is a transition as it is drawn.
type machineArrow struct {
	Y, X1, X2 int
	Self      bool
	Event, Do string
	Rules     string
	TextX     int
}

// machineWidth has room for the states and the longest text.
func machineWidth(l spec.Lang, m *broker.Machine) int {
	width := 2*machineState0 + (len(m.States)-1)*machineStep
	for _, a := range machineArrows(l, m) {
		width = max(width, a.TextX+max(textWidth(a.Event), textWidth(a.Do), textWidth(a.Rules))+20)
	}
	return width
}

// textWidth is how wide a text of a diagram is at most.
func textWidth(s string) int {
	width := 0
	for _, r := range s {
		if width += 7; r > 0x2E80 {
			width += 6 // ideographs are as wide as high
		}
	}
	return width
}

func machineHeight(m *broker.Machine) int { return machineHead + len(m.Rows)*machineRow + 16 }

func machineX(state int) int { return machineState0 + state*machineStep }

func machineTitle(l spec.Lang, m *broker.Machine) string {
	return spec.Message(l, "machine."+m.Name+".title")
}

func machineArrows(l spec.Lang, m *broker.Machine) []machineArrow {
	var list []machineArrow
	for i := range m.Rows {
		r := &m.Rows[i]
		a := machineArrow{
			Y: machineHead + 34 + i*machineRow, X1: machineX(int(r.From)), X2: machineX(int(r.To)), Self: r.From == r.To,
			Event: machineText(l, m, "e", int(r.Event)), Do: machineText(l, m, "r", i), Rules: machineRules(r),
		}
		a.TextX = min(a.X1, a.X2) + 12
		if a.Self {
			a.TextX = a.X1 + 44
		}
		list = append(list, a)
	}
	return list
}

// machineRules names the statements of a transition, by version where they differ.
func machineRules(r *broker.Row) string {
	old, new := strings.Join(r.Rules(packet.V311), ", "), strings.Join(r.Rules(packet.V5), ", ")
	switch {
	case old == new || old == "":
		return new
	case new == "":
		return "3.1.1: " + old
	}
	return "3.1.1: " + old + "; 5.0: " + new
}

func straight(a machineArrow) string {
	return fmt.Sprintf("M%d %d H%d", a.X1, a.Y, a.X2)
}

// selfLoop leaves a lifeline to the right and comes back to it.
func selfLoop(a machineArrow) string {
	return fmt.Sprintf("M%d %d h22 a8 8 0 0 1 8 8 v4 a8 8 0 0 1 -8 8 h-22", a.X1, a.Y-10)
}

// tip is the arrow's head.
func tip(a machineArrow) string {
	switch {
	case a.Self:
		return fmt.Sprintf("M%d %d l8 -5 v10 z", a.X2, a.Y+10)
	case a.X2 > a.X1:
		return fmt.Sprintf("M%d %d l-9 -5 v10 z", a.X2, a.Y)
	}
	return fmt.Sprintf("M%d %d l9 -5 v10 z", a.X2, a.Y)
}

// machines are the entries of the reference's part about state machines.
func (r Reference) machines() []entry {
	var list []entry
	for _, m := range broker.Machines() {
		var facts []string
		for i := range m.Rows {
			facts = append(facts, machineText(r.Lang, m, "e", int(m.Rows[i].Event)))
		}
		list = append(list, entry{ID: m.Name, Name: machineTitle(r.Lang, m), Machine: m, Also: strings.Join(facts, " ")})
	}
	return list
}
