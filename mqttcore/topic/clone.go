package topic

import (
	"maps"
	"slices"
)

// Copy makes x, which is empty, hold the same Subscriptions as another Index
// and yield them in the same order. each says what stands here for a key and
// its value.
func (x *Index[K, V]) Copy(from *Index[K, V], each func(K, V) (K, V)) {
	x.count = from.count
	copyTree(&x.root, &from.root, func(m members[K, V]) members[K, V] {
		list := make([]member[K, V], len(m.list))
		var place map[K]int
		if m.place != nil {
			place = make(map[K]int, len(m.place))
		}
		for i := range m.list {
			list[i].key, list[i].value = each(m.list[i].key, m.list[i].value)
			if place != nil {
				place[list[i].key] = i
			}
		}
		return members[K, V]{list, place}
	})
}

// Copy makes s, which is empty, hold the same names as another Store, in the
// same order. each says what stands here for a value.
func (s *Store[V]) Copy(from *Store[V], each func(V) V) {
	s.count, s.steps = from.count, from.steps
	copyTree(&s.root, &from.root, each)
}

// copyTree makes to, which is empty, a copy of the tree at from.
func copyTree[T any](to, from *node[T], each func(T) T) {
	type pair struct{ to, from *node[T] }
	stack := []pair{{to, from}}
	for len(stack) > 0 {
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		to, from := p.to, p.from
		to.label, to.wild, to.slot, to.used = from.label, from.wild, from.slot, from.used
		if from.used {
			to.value = each(from.value)
		}
		to.kids = slices.Clone(from.kids)
		to.byName = maps.Clone(from.byName)
		for i, kid := range from.kids {
			to.kids[i] = &node[T]{parent: to}
			if to.byName != nil {
				to.byName[first(kid.label)] = to.kids[i]
			}
			stack = append(stack, pair{to.kids[i], kid})
		}
	}
}
