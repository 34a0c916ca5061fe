package web

import "strings"

// compare marks what is another than in old: each byte that changed, and the
// old value of each number. Fields are the same if they have the same key, so
// that bytes which only moved on are not marked.
func (pv *packetView) compare(old *packetView) {
	before := make(map[string]*node, len(old.All))
	for _, n := range old.All {
		before[n.Key] = n
	}
	pv.Changed = make([]bool, len(pv.Raw))
	for _, n := range pv.All {
		was := before[n.Key]
		if was != nil && n.Value != nil && was.Value != nil && !isString(n) && n.shown() != was.shown() {
			n.Was = was.shown()
		}
		if n.Bits != nil || n.Length == 0 || pv.Owner[min(n.Offset, len(pv.Owner)-1)] != n && len(n.Kids) > 0 {
			continue // its bytes are those of its parent, or of its children
		}
		now := pv.bytesOf(n)
		var then []byte
		if was != nil {
			then = old.bytesOf(was)
		}
		from, to := changedRange(then, now)
		for i := from; i < to; i++ {
			pv.Changed[n.Offset+i] = true
		}
	}
	for _, n := range pv.All {
		if n.Was != "" && (n.Name == "mqtt.len" || n.Name == "mqtt.property_len" || strings.HasSuffix(n.Name, "_len")) {
			pv.Ripple = append(pv.Ripple, n)
		}
	}
}

func (pv *packetView) bytesOf(n *node) []byte {
	from := min(max(n.Offset, 0), len(pv.Raw))
	return pv.Raw[from:min(from+n.Length, len(pv.Raw))]
}

// changedRange returns the bytes of now, [from, to), that are left when what
// it has in common with then at the start and at the end is taken off.
func changedRange(then, now []byte) (from, to int) {
	to = len(now)
	end := len(then)
	for from < to && from < end && now[from] == then[from] {
		from++
	}
	for to > from && end > from && now[to-1] == then[end-1] {
		to--
		end--
	}
	return from, to
}

func isString(n *node) bool {
	_, ok := n.Value.(string)
	return ok
}
