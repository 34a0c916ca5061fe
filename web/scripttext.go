package web

import (
	"strings"

	"mqttlab/mqttcore/spec"
)

// scriptTexts are the texts that the pages' modules show, by their key without
// "js.". Modules read them from the page (static/js/say.js), so that a page and
// its modules are never in two languages.
func scriptTexts(l spec.Lang) map[string]string {
	texts := make(map[string]string)
	for _, key := range spec.Keys() {
		if short, ok := strings.CutPrefix(key, "js."); ok {
			texts[short] = spec.Message(l, key)
		}
	}
	return texts
}
