package topic

import "strings"

// node is a node of a tree of topics whose edges hold one or more levels. A
// run of levels at which nothing branches and nothing is kept is one node, so
// that a tree has at most twice as many nodes as topics, however many levels
// they have. Nothing here recurses.
type node[T any] struct {
	label  string // the levels between the parent and this node, joined by /
	wild   bool   // label has a wildcard
	parent *node[T]
	kids   []*node[T]          // in no particular order, but always the same one for the same calls
	byName map[string]*node[T] // kids by the first level of their label, once they are many
	slot   int                 // the index in parent.kids
	value  T
	used   bool // value holds something
}

func (n *node[T]) name(label string) {
	n.label, n.wild = label, strings.ContainsAny(label, "+#")
}

// along follows the label along name as walk does.
func (n *node[T]) along(name string, at int) (next int, all bool) {
	if n.wild {
		return walk(n.label, name, at)
	}
	end := at + len(n.label)
	if end > len(name) || name[at:end] != n.label || end < len(name) && name[end] != '/' {
		return -1, false
	}
	return end + 1, false
}

// many is the number of children from which a map is faster than looking at each.
const many = 8

func first(label string) string {
	return label[:levelEnd(label, 0)]
}

// kid returns the child whose label begins with this level, or nil.
func (n *node[T]) kid(level string) *node[T] {
	if n.byName != nil {
		return n.byName[level]
	}
	for _, k := range n.kids {
		if l := k.label; len(l) >= len(level) && l[:len(level)] == level && (len(l) == len(level) || l[len(level)] == '/') {
			return k
		}
	}
	return nil
}

func (n *node[T]) adopt(k *node[T]) {
	k.parent, k.slot = n, len(n.kids)
	n.kids = append(n.kids, k)
	switch {
	case n.byName != nil:
		n.byName[first(k.label)] = k
	case len(n.kids) > many:
		n.byName = make(map[string]*node[T], 2*many)
		for _, k := range n.kids {
			n.byName[first(k.label)] = k
		}
	}
}

func (n *node[T]) abandon(k *node[T]) {
	last := len(n.kids) - 1
	n.kids[k.slot] = n.kids[last]
	n.kids[k.slot].slot = k.slot
	n.kids[last] = nil
	n.kids = n.kids[:last]
	if n.byName != nil {
		delete(n.byName, first(k.label))
	}
	if last == 0 {
		n.kids, n.byName = nil, nil
	}
}

// common returns how many bytes of a and b are the same whole levels,
// without the slash behind them.
func common(a, b string) int {
	end := -1
	for i := 0; ; i++ {
		aEnds, bEnds := i == len(a) || a[i] == '/', i == len(b) || b[i] == '/'
		if aEnds && bEnds {
			end = i
		}
		if i == len(a) || i == len(b) || a[i] != b[i] {
			return end
		}
	}
}

// find returns the node of a topic, or nil.
func (n *node[T]) find(topic string) *node[T] {
	for {
		k := n.kid(first(topic))
		if k == nil {
			return nil
		}
		if topic == k.label {
			return k
		}
		if len(topic) <= len(k.label) || topic[len(k.label)] != '/' || topic[:len(k.label)] != k.label {
			return nil
		}
		n, topic = k, topic[len(k.label)+1:]
	}
}

// make returns the node of a topic and makes it if need be.
func (n *node[T]) make(topic string) *node[T] {
	for {
		k := n.kid(first(topic))
		if k == nil {
			k = &node[T]{}
			k.name(topic)
			n.adopt(k)
			return k
		}
		c := common(topic, k.label)
		if c < len(k.label) {
			k = n.split(k, c)
		}
		if c == len(topic) {
			return k
		}
		n, topic = k, topic[c+1:]
	}
}

// split puts a new node into the edge to k, behind its first c bytes. Labels
// are cloned, so that a short prefix does not keep a long filter in memory.
func (n *node[T]) split(k *node[T], c int) *node[T] {
	upper := &node[T]{parent: n, slot: k.slot}
	upper.name(strings.Clone(k.label[:c]))
	n.kids[k.slot] = upper
	if n.byName != nil {
		n.byName[first(upper.label)] = upper
	}
	k.name(strings.Clone(k.label[c+1:]))
	upper.adopt(k)
	return upper
}

// prune removes a node whose value has gone, and joins what then no longer
// branches.
func (n *node[T]) prune() {
	for n.parent != nil && !n.used {
		parent := n.parent
		switch len(n.kids) {
		case 0:
			parent.abandon(n)
		case 1:
			k := n.kids[0]
			k.name(n.label + "/" + k.label)
			k.parent, k.slot = parent, n.slot
			parent.kids[k.slot] = k
			if parent.byName != nil {
				parent.byName[first(k.label)] = k
			}
			return
		default:
			return
		}
		n = parent
	}
}
