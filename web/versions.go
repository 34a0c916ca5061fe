package web

import (
	"bytes"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/form"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// column is a packet as one version writes it, beside the version before.
type column struct {
	version packet.Version
	view    *packetView
	same    bool         // byte for byte as the version before
	news    []versionNew // what is another than in the version before
}

// versionNew is a field that is new, gone, or says something else.
type versionNew struct {
	kind  string // "new", "gone", "changed", "renamed"
	node  *node
	old   string // the value, or the name, before
	about string // of a new field: what it is
}

// columns write a packet in every version that has it. 3.1 is left out where it
// writes what 3.1.1 does.
func columns(b []byte, v packet.Version, l spec.Lang) []column {
	var list []column
	for _, to := range packet.Versions {
		out, ok := form.In(to, b, v)
		if !ok {
			continue
		}
		pv := newPacketView(annotate.One(out, annotate.Options{Version: to, Lang: l}), View{Lang: l, Scope: "in" + to.String()})
		c := column{version: to, view: pv}
		if n := len(list); n > 0 {
			before := list[n-1].view
			if c.same = bytes.Equal(before.Raw, pv.Raw); c.same && list[n-1].version == packet.V31 {
				list, c.same = list[:n-1], false
			} else {
				pv.compare(before)
				c.news = versionNews(before, pv)
			}
		}
		list = append(list, c)
	}
	return list
}

// versionNews lists what now has another way than before.
func versionNews(before, now *packetView) []versionNew {
	old := map[string]*node{}
	for _, n := range before.All {
		old[n.Key] = n
	}
	var list []versionNew
	for _, n := range now.All {
		was, there := old[n.Key]
		delete(old, n.Key)
		switch {
		case !there && n.Parent != nil && old[n.Parent.Key] == nil && isNew(list, n.Parent):
			// its parent is new already
		case !there:
			list = append(list, versionNew{kind: "new", node: n, about: now.explain(n).What})
		case len(n.Kids) > 0 && n.Bits == nil && n.Kids[0].Bits != nil:
			// its bits say it
		case was.Label != n.Label:
			list = append(list, versionNew{kind: "renamed", node: n, old: was.Label})
		case was.shown() != n.shown():
			list = append(list, versionNew{kind: "changed", node: n, old: was.shown()})
		}
	}
	for _, n := range before.All {
		if old[n.Key] == n && (n.Parent == nil || old[n.Parent.Key] != n.Parent) {
			list = append(list, versionNew{kind: "gone", node: n})
		}
	}
	return list
}

func isNew(list []versionNew, n *node) bool {
	for ; n != nil; n = n.Parent {
		for i := range list {
			if list[i].kind == "new" && list[i].node == n {
				return true
			}
		}
	}
	return false
}
