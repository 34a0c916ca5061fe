package topic

// Nodes counts the nodes below the root.
func (x *Index[K, V]) Nodes() int {
	n := 0
	stack := []*node[members[K, V]]{&x.root}
	for len(stack) > 0 {
		top := stack[len(stack)-1]
		stack = append(stack[:len(stack)-1], top.kids...)
		n += len(top.kids)
	}
	return n
}
