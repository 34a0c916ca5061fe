package api

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"mqttlab/mqttcore/spec"
)

// The language is that of the query, else that of the cookie, else what the
// browser prefers; what mqttlab does not speak is passed over.
func TestLang(t *testing.T) {
	for _, test := range []struct {
		query, cookie, accept string
		want                  spec.Lang
	}{
		{"", "", "", "en"},
		{"", "", "fr, zh-CN;q=0.8, en;q=0.3", "zh"},
		{"", "", "zh;q=0, fr", "en"},
		{"", "zh", "en", "zh"},
		{"", "xx", "zh", "zh"},
		{"zh-Hans", "en", "en", "zh"},
		{"en", "zh", "zh", "en"},
		{"xx", "zh", "en", "zh"},
		{"xx", "", "zh", "zh"},
	} {
		r := httptest.NewRequest("GET", "/?lang="+test.query, nil)
		r.Header.Set("Accept-Language", test.accept)
		if test.cookie != "" {
			r.AddCookie(&http.Cookie{Name: LanguageCookie, Value: test.cookie})
		}
		if got := Lang(r); got != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
}
