package spec

import (
	"testing"

	"mqttlab/mqttcore/packet"
)

func TestEveryLabelIsTranslated(t *testing.T) {
	used := map[string]bool{}
	check := func(name string) {
		used[name] = true
		if got := Label(English, name); got != name {
			t.Errorf("English %q became %q", name, got)
		}
		for _, l := range Languages()[1:] {
			if labels.get()[name][l] == "" {
				t.Errorf("%s has no name for %q", l, name)
			}
		}
	}
	for _, f := range packet.Fields() {
		for _, v := range packet.Versions {
			check(f.Label(v))
		}
	}
	for _, id := range append(packet.AllProperties(), 0) { // 0: no property has it
		check(id.String())
	}
	for _, name := range reasonNames.get() {
		check(name)
	}
	for name := range labels.get() {
		if !used[name] {
			t.Errorf("%q is translated, but no field, property or code has that name", name)
		}
	}
}
