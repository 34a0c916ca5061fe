package spec

// Term is an entry of the glossary.
type Term struct {
	Key  string // the same in every language, such as "keep-alive"
	Name string // in the language, with the specification's own term where it differs
	Text string
}

var glossaries = newTexts[[]Term]("glossary.yaml")

// Glossary lists the terms in an order in which they can be learned: no term
// is explained by one that comes much later. The caller must not change the
// list.
func Glossary(l Lang) []Term { return glossaries.get(l) }
