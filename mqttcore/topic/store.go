package topic

// Store holds one value per Topic Name, as a Server holds retained messages,
// and finds all names that a filter matches. The zero Store is ready.
type Store[V any] struct {
	root  node[V]
	count int
	steps int
}

// Len returns the number of names.
func (s *Store[V]) Len() int { return s.count }

// Set keeps a value under a name, in place of an earlier one, which is returned.
func (s *Store[V]) Set(name string, value V) (old V, replaced bool) {
	n := s.root.make(name)
	old, replaced = n.value, n.used
	n.value, n.used = value, true
	if !replaced {
		s.count++
	}
	return old, replaced
}

// Get returns the value under a name.
func (s *Store[V]) Get(name string) (value V, ok bool) {
	if n := s.root.find(name); n != nil && n.used {
		return n.value, true
	}
	return value, false
}

// Delete forgets a name and returns what it held.
func (s *Store[V]) Delete(name string) (old V, ok bool) {
	n := s.root.find(name)
	if n == nil || !n.used {
		return old, false
	}
	var none V
	old = n.value
	n.value, n.used = none, false
	s.count--
	n.prune()
	return old, true
}

// Steps returns how many steps all calls of AppendMatches together have taken,
// as a measure of their cost.
func (s *Store[V]) Steps() int { return s.steps }

// AppendMatches appends the values of all names that filter matches, in an
// order that depends only on the calls made before.
func (s *Store[V]) AppendMatches(dst []V, filter string) []V {
	before := len(dst)
	defer func() { s.steps += len(dst) - before }()
	stack := []step[V]{{&s.root, 0}}
	for len(stack) > 0 {
		s.steps++
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		n, at := top.n, top.at
		root := n == &s.root
		if at > len(filter) { // the filter is used up
			if n.used {
				dst = append(dst, n.value)
			}
			continue
		}
		level := filter[at:levelEnd(filter, at)]
		switch level {
		case "#":
			dst = appendAll(dst, n, root)
		case "+":
			s.steps += len(n.kids)
			for _, k := range n.kids {
				if root && k.label != "" && k.label[0] == '$' {
					continue // [MQTT-4.7.2-1]
				}
				dst, stack = follow(dst, stack, k, filter, at)
			}
		default:
			if k := n.kid(level); k != nil {
				dst, stack = follow(dst, stack, k, filter, at)
			}
		}
	}
	return dst
}

// follow goes along the edge to k, as far as filter from byte at allows.
func follow[V any](dst []V, stack []step[V], k *node[V], filter string, at int) ([]V, []step[V]) {
	for i := 0; i <= len(k.label); {
		if at > len(filter) {
			return dst, stack
		}
		want := filter[at:levelEnd(filter, at)]
		if want == "#" {
			return appendAll(dst, k, false), stack
		}
		end := levelEnd(k.label, i)
		if want != "+" && want != k.label[i:end] {
			return dst, stack
		}
		i, at = end+1, at+len(want)+1
	}
	return dst, append(stack, step[V]{k, at})
}

// appendAll appends the values at and below n; below the root without the
// names that begin with $.
func appendAll[V any](dst []V, n *node[V], root bool) []V {
	stack := []*node[V]{n}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if n.used {
			dst = append(dst, n.value)
		}
		for _, k := range n.kids {
			if root && k.label != "" && k.label[0] == '$' {
				continue
			}
			stack = append(stack, k)
		}
		root = false
	}
	return dst
}

// All appends every value.
func (s *Store[V]) All(dst []V) []V { return appendAll(dst, &s.root, false) }
