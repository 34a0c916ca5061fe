package web

import "mqttlab/mqttcore/annotate"

// maxStrip is how many bytes are written in a row; of a longer packet its start.
const maxStrip = 512

// stripRun is a run of bytes of one field.
type stripRun struct {
	owner *node // nil: of none
	parts []stripPart
}

// stripPart are bytes of a run that are all changed, or none of them.
type stripPart struct {
	hex     string
	changed bool
}

func (r stripRun) class() string {
	if r.owner == nil {
		return GroupClass(annotate.GroupUnread)
	}
	return GroupClass(r.owner.Group)
}

func (r stripRun) label() string {
	if r.owner == nil {
		return ""
	}
	return r.owner.Label
}

func (pv *packetView) cutAt() int { return min(len(pv.Raw), maxStrip) }

// runs cuts the packet's bytes into those of each field.
func (pv *packetView) runs() []stripRun {
	var runs []stripRun
	for i := range pv.cutAt() {
		if i == 0 || pv.Owner[i] != pv.Owner[i-1] {
			runs = append(runs, stripRun{owner: pv.Owner[i]})
		}
		run := &runs[len(runs)-1]
		changed := pv.Changed != nil && pv.Changed[i]
		if n := len(run.parts); n > 0 && run.parts[n-1].changed == changed {
			run.parts[n-1].hex += " " + hexByte(pv.Raw[i])
		} else {
			run.parts = append(run.parts, stripPart{hexByte(pv.Raw[i]), changed})
		}
	}
	return runs
}

func stripRole(links bool) string {
	if links {
		return "navigation"
	}
	return "group"
}

func stripLabel(pv *packetView) string { return say(pv.Lang, "hex.grid", "size", pv.size()) }
