package topic

import "strings"

// Near returns a Subscription that may have been meant for name, which none
// matches: one whose filter goes along with it for some levels, is written in
// other letters, has or lacks a slash in front, or begins with a wildcard that
// does not see name. It looks at the nodes along name, not at the rest.
func (x *Index[K, V]) Near(name string) (key K, value V, ok bool) {
	n := x.near(name)
	if n == nil {
		return key, value, false
	}
	m := &n.value.list[0]
	return m.key, m.value, true
}

func (x *Index[K, V]) near(name string) *node[members[K, V]] {
	if n := x.slashed(name); n != nil {
		return n
	}
	var ended *node[members[K, V]] // a filter of fewer levels
	n := &x.root
	for at := 0; at <= len(name); {
		if n.used {
			ended = n
		}
		k := n.like(name[at:levelEnd(name, at)])
		if k == nil {
			break
		}
		next, _ := k.along(name, at)
		if next < 0 {
			return k.lead()
		}
		n, at = k, next
	}
	switch {
	case ended != nil:
		return ended
	case n != &x.root:
		return n.lead()
	case strings.HasPrefix(name, "$"):
		for _, wild := range [...]string{"#", "+"} {
			if k := n.kid(wild); k != nil {
				return k.lead()
			}
		}
	}
	return nil
}

// slashed returns the node of the filter that is name with a slash more or
// less in front.
func (x *Index[K, V]) slashed(name string) *node[members[K, V]] {
	other, slash := strings.CutPrefix(name, "/")
	if !slash {
		if x.root.kid("") == nil {
			return nil
		}
		other = "/" + name
	}
	if n := x.root.find(other); n != nil && n.used {
		return n
	}
	return nil
}

// like returns the child for a level: that of its name, of +, or of its name
// in other letters, as far as the children are few.
func (n *node[T]) like(level string) *node[T] {
	if k := n.kid(level); k != nil {
		return k
	}
	if k := n.kid("+"); k != nil && (n.parent != nil || !strings.HasPrefix(level, "$")) {
		return k
	}
	for _, k := range n.kids[:min(len(n.kids), many)] {
		if strings.EqualFold(first(k.label), level) {
			return k
		}
	}
	return nil
}

// lead returns the first node from here on that holds something.
func (n *node[T]) lead() *node[T] {
	for !n.used {
		n = n.kids[0]
	}
	return n
}
