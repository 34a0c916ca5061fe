package topic

// Index holds Subscriptions: for each Topic Filter, values by key (who
// subscribed). It finds what matches a Topic Name without looking at the
// rest. The same calls always yield the same order. The zero Index is ready.
type Index[K comparable, V any] struct {
	root  node[members[K, V]]
	count int
	stack []step[members[K, V]]
}

type step[T any] struct {
	n  *node[T]
	at int // where the next level of the name, or of the filter, begins
}

// members are the subscribers of one filter.
type members[K comparable, V any] struct {
	list  []member[K, V]
	place map[K]int // index in list, once they are many
}

type member[K comparable, V any] struct {
	key   K
	value V
}

func (m *members[K, V]) find(key K) int {
	if m.place != nil {
		if i, ok := m.place[key]; ok {
			return i
		}
		return -1
	}
	for i := range m.list {
		if m.list[i].key == key {
			return i
		}
	}
	return -1
}

// Len returns the number of Subscriptions.
func (x *Index[K, V]) Len() int { return x.count }

// Set keeps a value for a filter and key, in place of an earlier one
// [MQTT-3.8.4-3], which is returned.
func (x *Index[K, V]) Set(filter string, key K, value V) (old V, replaced bool) {
	n := x.root.make(filter)
	m := &n.value
	if i := m.find(key); i >= 0 {
		old, m.list[i].value = m.list[i].value, value
		return old, true
	}
	n.used = true
	m.list = append(m.list, member[K, V]{key, value})
	switch {
	case m.place != nil:
		m.place[key] = len(m.list) - 1
	case len(m.list) > many:
		m.place = make(map[K]int, 2*many)
		for i := range m.list {
			m.place[m.list[i].key] = i
		}
	}
	x.count++
	return old, false
}

// Get returns the value for a filter and key.
func (x *Index[K, V]) Get(filter string, key K) (value V, ok bool) {
	if n := x.root.find(filter); n != nil {
		if i := n.value.find(key); i >= 0 {
			return n.value.list[i].value, true
		}
	}
	return value, false
}

// Delete forgets the value for a filter and key and says whether there was
// one. Filters are compared character by character [MQTT-3.10.4-1].
func (x *Index[K, V]) Delete(filter string, key K) bool {
	n := x.root.find(filter)
	if n == nil {
		return false
	}
	m := &n.value
	i := m.find(key)
	if i < 0 {
		return false
	}
	last := len(m.list) - 1
	if m.place != nil {
		m.place[m.list[last].key] = i
		delete(m.place, key)
	}
	m.list[i] = m.list[last]
	m.list[last] = member[K, V]{}
	m.list = m.list[:last]
	x.count--
	if last == 0 {
		n.value, n.used = members[K, V]{}, false
		n.prune()
	}
	return true
}

// Match calls yield for every Subscription whose filter matches name. The
// Index must not be changed meanwhile. Match allocates nothing once its
// scratch space has grown; an Index serves one caller at a time.
func (x *Index[K, V]) Match(name string, yield func(K, V) bool) {
	visible := name == "" || name[0] != '$' // to leading wildcards [MQTT-4.7.2-1]
	x.stack = append(x.stack[:0], step[members[K, V]]{&x.root, 0})
	for len(x.stack) > 0 {
		s := x.stack[len(x.stack)-1]
		x.stack = x.stack[:len(x.stack)-1]
		if s.at > len(name) && !each(s.n, yield) {
			return
		}
		wild := visible || s.n != &x.root
		if wild {
			if k := s.n.kid("#"); k != nil && !each(k, yield) {
				return
			}
		}
		if s.at > len(name) {
			continue
		}
		level := name[s.at:levelEnd(name, s.at)]
		if wild && level != "+" {
			if k := s.n.kid("+"); k != nil && !x.visit(k, name, s.at, yield) {
				return
			}
		}
		if k := s.n.kid(level); k != nil && !x.visit(k, name, s.at, yield) {
			return
		}
	}
}

// visit follows the edge to k along name. It returns false when yield does.
func (x *Index[K, V]) visit(k *node[members[K, V]], name string, at int, yield func(K, V) bool) bool {
	next, all := k.along(name, at)
	switch {
	case all:
		return each(k, yield)
	case next >= 0:
		x.stack = append(x.stack, step[members[K, V]]{k, next})
	}
	return true
}

func each[K comparable, V any](n *node[members[K, V]], yield func(K, V) bool) bool {
	for i := range n.value.list {
		if m := &n.value.list[i]; !yield(m.key, m.value) {
			return false
		}
	}
	return true
}
