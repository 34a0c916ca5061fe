package web

import (
	"encoding/json"
	"testing"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/form"
	"mqttlab/mqttcore/spec"
)

// TestPresets: each preset is a packet with names in every language; those of
// the group "broken" break a rule, and no other does.
func TestPresets(t *testing.T) {
	for _, g := range presets {
		for _, p := range g.list {
			b, v, err := form.Encode([]byte(p.Form))
			if err != nil {
				t.Errorf("%s: %v", p.Key, err)
				continue
			}
			var head struct{ Version string }
			if err := json.Unmarshal([]byte(p.Form), &head); err != nil || v.String() != head.Version {
				t.Errorf("%s: version %s, and says %q, %v", p.Key, v, head.Version, err)
			}
			broken := worst(annotate.One(b, annotate.Options{Version: v}).Findings) == annotate.Error
			if broken != (g.group == "broken") {
				t.Errorf("%s: breaks a rule: %t", p.Key, broken)
			}
			for _, key := range []string{"example." + p.Key, "example-group." + g.group} {
				if !spec.HasMessage("page." + key) {
					t.Errorf("%s has no message page.%s", p.Key, key)
				}
			}
		}
	}
}
