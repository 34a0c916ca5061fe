package spec

// labels translates the specification's names of fields, properties and codes.
// The English ones (packet's Field.Label and PropertyID.String, ReasonName) are
// the keys here.
var labels = file[map[string]map[Lang]string]{path: "data/labels.yaml"}

// Label returns the name of a field, property or code in a language, given the
// specification's English name as packet.Field.Label, PropertyID.String and
// ReasonName return it. A name that is not translated is returned as it is.
func Label(l Lang, name string) string {
	if l.known() == English {
		return name
	}
	if text, ok := labels.get()[name][l]; ok {
		return text
	}
	return name
}
