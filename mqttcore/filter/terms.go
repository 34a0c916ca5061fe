package filter

// Terms returns the terms that must all hold: those that "and" joins at the
// top, or the filter itself. Whoever asks why a packet does not pass asks each.
func (f *Filter) Terms() []*Filter {
	joined, ok := f.root.(*logic)
	if !ok || joined.level != levelAnd {
		return []*Filter{f}
	}
	terms := make([]*Filter, len(joined.terms))
	for i, t := range joined.terms {
		terms[i] = &Filter{root: t}
	}
	return terms
}

// Names returns the names of the fields that a filter asks for, in its order.
func (f *Filter) Names() []string {
	var names []string
	var look func(t test)
	var of func(o operand)
	of = func(o operand) {
		switch o := o.(type) {
		case *field:
			names = append(names, o.Name)
		case *slice:
			of(o.of)
		case *negative:
			of(o.of)
		case *call:
			for _, a := range o.of {
				of(a)
			}
		case *arithmetic:
			of(o.left)
			of(o.right)
		}
	}
	look = func(t test) {
		switch t := t.(type) {
		case *logic:
			for _, term := range t.terms {
				look(term)
			}
		case *negation:
			look(t.term)
		case *present:
			of(t.of)
		case *comparison:
			of(t.left)
			of(t.right)
		case *membership:
			of(t.left)
		}
	}
	look(f.root)
	return names
}
