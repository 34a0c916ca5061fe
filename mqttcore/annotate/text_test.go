package annotate_test

import (
	"strings"
	"testing"

	"mqttlab/mqttcore/annotate"
)

// TestTextIsExplainedInTheReadersLanguage: skipped stretches and problems speak Chinese, too.
func TestTextIsExplainedInTheReadersLanguage(t *testing.T) {
	d := annotate.Text("send: 10 26 2g 00 04", annotate.Options{Lang: "zh"})
	if len(d.Source.Skipped) == 0 || len(d.Source.Problems) == 0 {
		t.Fatalf("nothing to say: %+v", d.Source)
	}
	for _, s := range d.Source.Skipped {
		if !strings.Contains(s.Why, "。") {
			t.Errorf("%q is not Chinese", s.Why)
		}
	}
	for _, p := range d.Source.Problems {
		if !strings.Contains(p.Text, "。") {
			t.Errorf("%q is not Chinese", p.Text)
		}
	}
}
