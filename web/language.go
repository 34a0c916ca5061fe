package web

import (
	"net/url"

	"github.com/a-h/templ"

	"mqttlab/mqttcore/spec"
)

// say is a text of the interface, from data/LANG/messages/pages.yaml.
func say(l spec.Lang, key string, args ...string) string {
	return spec.Message(l, "page."+key, args...)
}

// languageLink is where the page is shown in another language, from now on.
func (p Page) languageLink(l spec.Lang) templ.SafeURL {
	here := p.Here
	if here == "" {
		here = p.Path
	}
	return templ.SafeURL("/language?" + url.Values{"to": {string(l)}, "back": {here}}.Encode())
}
