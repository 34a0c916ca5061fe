package web

import (
	"encoding/hex"
	"strconv"

	"mqttlab/mqttcore/lab"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// LabEntry is a lab in the list of labs.
type LabEntry struct {
	ID      string
	Number  int // its place in the list, from 1
	Minutes int
	Steps   int
	Passed  int // steps that the reader has passed
	Title   string
	Summary string
}

// LabsView is the list of labs.
type LabsView struct {
	Entries []LabEntry
	Class   string // name of the class that the reader is in; ""
}

// LabView is a lab at whatever step its learner is.
type LabView struct {
	ID      string
	Bench   string // id of the learner's bench; "": not begun
	Minutes int
	Version packet.Version
	Words   *lab.Words
	Steps   []lab.Step
	Reports []lab.StepReport // as many as Steps; nil: not begun
	Rev     uint64
	CanMake bool   // a bench can be made for it
	Next    string // id of the lab behind it; "": none
}

// at is the index of the step at hand; -1: all are passed.
func (v LabView) at() int {
	for i := range v.Reports {
		if v.Reports[i].Now {
			return i
		}
	}
	return -1
}

// score is what the passed steps took together.
func (v LabView) score() (packets, bytes, attempts int) {
	for _, r := range v.Reports {
		if r.Passed != nil {
			packets += r.Passed.Packets
			bytes += r.Passed.Bytes
			attempts += r.Passed.Attempts
		}
	}
	return packets, bytes, attempts
}

// difference is one of the bytes that a learner is shown when exact ones were
// asked for: around the first that differs.
type difference struct {
	Offset    int
	Want, Got string // hex; "" where there is none
	Differs   bool
	Hidden    bool // Want is not told
}

// around is how many bytes are shown before and behind the first that differs.
const around = 6

// differences lists them. Behind the first that differs, what should stand
// there is for the learner to find, unless all is to be revealed.
func differences(c lab.CheckReport, reveal bool) []difference {
	one := func(b []byte, i int) string {
		if i < len(b) {
			return hex.EncodeToString(b[i : i+1])
		}
		return ""
	}
	var all []difference
	for i := max(0, c.At-around); i < min(c.At+around, max(len(c.Want), len(c.Got))); i++ {
		want, got := one(c.Want, i), one(c.Got, i)
		all = append(all, difference{i, want, got, i == c.At, i > c.At && !reveal})
	}
	return all
}

// stateSign is how a check's state looks beside its colour.
func stateSign(s lab.State) string {
	switch s {
	case lab.Met:
		return "✓"
	case lab.Failed:
		return "✗"
	}
	return "○"
}

func minutes(l spec.Lang, n int) string { return say(l, "lab.minutes", "n", strconv.Itoa(n)) }
