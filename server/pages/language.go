package pages

import (
	"net/http"
	"strings"
	"time"

	"mqttlab/mqttcore/spec"
	"mqttlab/server/api"
	"mqttlab/server/classroom"
)

// langOf is the language in which to answer.
func langOf(r *http.Request) spec.Lang { return api.Lang(r) }

// language keeps the language that was chosen and goes back to the page.
func (p *pages) language(w http.ResponseWriter, r *http.Request) {
	chosen := r.URL.Query().Get("to")
	for _, l := range spec.Languages() {
		if chosen == string(l) {
			http.SetCookie(w, &http.Cookie{
				Name: api.LanguageCookie, Value: chosen, Path: "/", MaxAge: int(365 * 24 * time.Hour / time.Second),
				HttpOnly: true, Secure: classroom.Secure(r), SameSite: http.SameSiteLaxMode,
			})
		}
	}
	back := r.URL.Query().Get("back")
	if !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\r\n\t") {
		back = "/" // only to a page of this server
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, back, http.StatusSeeOther)
}
