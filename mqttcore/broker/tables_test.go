package broker

import "testing"

// missingSteps makes every step that a table lacks an error.
func missingSteps(report func(machine, state, event string)) {
	for _, m := range Machines() {
		m.missing = func(state, event string) { report(m.Name, state, event) }
	}
}

func init() {
	missingSteps(func(machine, state, event string) {
		panic("the table of " + machine + " has no " + event + " when " + state)
	})
}

func TestTablesAreWhole(t *testing.T) {
	for _, m := range Machines() {
		seen := map[[2]uint8]bool{}
		states, events := map[uint8]bool{}, map[uint8]bool{}
		for _, r := range m.Rows {
			if int(r.From) >= len(m.States) || int(r.To) >= len(m.States) || int(r.Event) >= len(m.Events) {
				t.Errorf("%s: row %+v points nowhere", m.Name, r)
				continue
			}
			if seen[[2]uint8{r.From, r.Event}] {
				t.Errorf("%s: %s at %s twice", m.Name, m.Events[r.Event], m.States[r.From])
			}
			seen[[2]uint8{r.From, r.Event}] = true
			states[r.From], states[r.To], events[r.Event] = true, true, true
			if r.Do == "" || len(r.V311)+len(r.V5) == 0 {
				t.Errorf("%s: %s at %s does nothing or rests on nothing", m.Name, m.Events[r.Event], m.States[r.From])
			}
		}
		if len(states) != len(m.States) || len(events) != len(m.Events) {
			t.Errorf("%s: a state or an event is never met", m.Name)
		}
	}
}
