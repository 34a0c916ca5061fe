package api

import (
	"testing"

	"mqttlab/mqttcore/spec"
)

// What the interface tells of an error is what the error says, and each has a
// title and a mend.
func TestProblemsAreInTheCatalogue(t *testing.T) {
	for _, row := range problems {
		p := ProblemOf(row.is)
		if p.Detail != row.is.Error() || p.Title == "" || p.Mend == "" || p.Status != row.status {
			t.Errorf("%s: %+v", row.slug, p)
		}
		chinese := p.In(spec.Chinese)
		if chinese.Title == p.Title || chinese.Detail == p.Detail || chinese.Mend == p.Mend {
			t.Errorf("%s is not translated: %+v", row.slug, chinese)
		}
	}
}
