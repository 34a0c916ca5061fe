package web

import (
	"slices"
	"strings"

	"mqttlab/mqttcore/spec"
)

// scriptTexts are the texts that the pages' modules show, by their key without
// "js.". Modules read them from the page (static/js/say.js), so that a page and
// its modules are never in two languages. Those of a module that few pages have
// are on these only.
func scriptTexts(l spec.Lang, modules []string) map[string]string {
	texts := make(map[string]string)
	for _, key := range spec.Keys() {
		short, ok := strings.CutPrefix(key, "js.")
		owner, _, _ := strings.Cut(short, ".")
		if !ok || (owner == "board" || owner == "lab") && !slices.Contains(modules, "js/"+owner+".js") {
			continue
		}
		texts[short] = spec.Message(l, key)
	}
	return texts
}
