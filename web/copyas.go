package web

import (
	"encoding/hex"
	"net/url"

	"github.com/a-h/templ"
)

func (c CopyAs) hex() string { return hex.EncodeToString(c.Bytes) }

func (c CopyAs) version() string {
	if c.Version == 0 {
		return ""
	}
	return c.Version.String()
}

func (c CopyAs) linkable() bool { return 2*len(c.Bytes) <= maxLink }

// linkWith is an address of a page that takes bytes.
func linkWith(path, hex, version string) templ.SafeURL {
	q := url.Values{"hex": {hex}}
	if version != "" {
		q.Set("version", version)
	}
	return templ.SafeURL(path + "?" + q.Encode())
}

func builderLink(hex, version string) templ.SafeURL { return linkWith("/", hex, version) }
func illustratedLink(hex, version string) templ.SafeURL {
	return linkWith("/illustrated", hex, version)
}
