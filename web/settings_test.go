package web

import (
	"strings"
	"testing"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/settings"
	"mqttlab/mqttcore/spec"
)

// Every key of the settings has a control with a label and an explanation, in
// every language, and no password is in the form.
func TestSettingsForm(t *testing.T) {
	cfg := broker.Config{Users: map[string]string{"ada": "sesame"}, DenySubscribe: []string{"<b>/#"}}
	for _, l := range spec.Languages() {
		var out strings.Builder
		if err := SettingsForm(SettingsView{Lang: l, Values: settings.Values(cfg)}).Render(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		html := out.String()
		for _, f := range settings.Fields() {
			if !strings.Contains(html, `data-key="`+f.Key+`"`) || !strings.Contains(html, `id="setting-`+f.Key+`"`) {
				t.Errorf("%s: no control for %s", l, f.Key)
			}
		}
		if strings.Contains(html, "⟦") || strings.Contains(html, "sesame") || strings.Contains(html, "<b>") {
			t.Errorf("%s: %s", l, html)
		}
		if !strings.Contains(html, ">ada</textarea>") {
			t.Errorf("%s: the user is not there", l)
		}
	}
}
