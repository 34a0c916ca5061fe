package server

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"

	"mqttlab/server/pages"
	"mqttlab/static"
)

// compressFrom is the length, in bytes, of an answer that is worth it: a
// shorter one fits into a packet or two as it is.
const compressFrom = 1400

// Pages are packed better, and fragments, which come with every keystroke,
// faster: by a writer without a state of its own, whose tables stay in the
// processor's caches.
const (
	compressPages     = 5
	compressFragments = gzip.StatelessCompression
)

var packPage, packFragment = compressor(compressPages), compressor(compressFragments)

func compressor(level int) func(http.Handler) http.HandlerFunc {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(compressFrom), gzhttp.CompressionLevel(level), gzhttp.EnableZstd(false),
		gzhttp.ContentTypes([]string{"text/html", "application/json", "application/problem+json", "application/x-ndjson"}))
	if err != nil {
		panic(err) // the options are constants
	}
	return wrap
}

// compress packs answers for those who take gzip. Static files are packed
// already, and WebSockets are no answers.
func compress(next http.Handler) http.Handler {
	page, fragment := packPage(next), packFragment(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" || strings.HasPrefix(r.URL.Path, static.Prefix) {
			next.ServeHTTP(w, r)
			return
		}
		if strings.HasPrefix(r.URL.Path, pages.Fragments) {
			fragment(w, r)
			return
		}
		page(w, r)
	})
}
